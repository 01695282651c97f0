package firestorestore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	firestore "cloud.google.com/go/firestore/apiv1"
	"cloud.google.com/go/firestore/apiv1/firestorepb"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/dial"
)

var _ document.Store = (*Store)(nil)

// Store is a Firestore database.
type Store struct {
	client   *firestore.Client
	database string
	clock    func() time.Time
}

// New returns the store in a database, see Database. The client stays the
// caller's to close. The clock tells what has expired.
func New(client *firestore.Client, database string, clock func() time.Time) *Store {
	return &Store{client: client, database: database, clock: clock}
}

// Open returns a client of Firestore, or of an emulator at host:port.
func Open(ctx context.Context, emulator string) (*firestore.Client, error) {
	client, err := firestore.NewClient(ctx, dial.FirestoreOptions(emulator)...)
	if err != nil {
		return nil, fmt.Errorf("opening Firestore: %w", err)
	}
	return client, nil
}

// Database names a database of a project: "(default)" or an id.
func Database(project, id string) string { return "projects/" + project + "/databases/" + id }

func (s *Store) root() string { return s.database + "/documents" }

// name is the full name of a document or a collection.
func (s *Store) name(key string) string { return s.root() + "/" + key }

// Get implements document.Store. ErrNotFound means that this document is
// absent: Firestore also says NotFound of a database that does not exist, which
// is no reason to believe that a user left.
func (s *Store) Get(ctx context.Context, key string) (document.Document, error) {
	stream, err := s.client.BatchGetDocuments(ctx, &firestorepb.BatchGetDocumentsRequest{
		Database: s.database, Documents: []string{s.name(key)},
	})
	if err != nil {
		return document.Document{}, fmt.Errorf("reading %s: %w", key, err)
	}
	answers, err := receive(stream.Recv)
	if err != nil {
		return document.Document{}, fmt.Errorf("reading %s: %w", key, err)
	}
	for _, answer := range answers {
		if answer.GetMissing() != "" {
			return document.Document{}, fmt.Errorf("reading %s: %w", key, document.ErrNotFound)
		}
		if found := answer.GetFound(); found != nil {
			d, err := s.decode(found)
			if err == nil && s.expired(d) {
				err = document.ErrNotFound
			}
			if err != nil {
				return document.Document{}, fmt.Errorf("reading %s: %w", key, err)
			}
			return d, nil
		}
	}
	return document.Document{}, fmt.Errorf("reading %s: empty answer", key)
}

func (s *Store) expired(d document.Document) bool {
	return !d.Expires.IsZero() && d.Expires.Before(s.clock())
}

// keyOf is the inverse of name.
func (s *Store) keyOf(name string) string { return strings.TrimPrefix(name, s.root()+"/") }

// receive reads a stream to its end.
func receive[R any](next func() (R, error)) ([]R, error) {
	var all []R
	for {
		one, err := next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
}
