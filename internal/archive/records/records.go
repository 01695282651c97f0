// Package records keeps users, their history and the app's state as documents
// in any store.
//
//	users/{userID}                          archive.User; label due
//	users/{userID}/entries/{key}            ledger.Entry; expires
//	users/{userID}/seen/{page}              a page of ledger.Seen, as bytes
//	users/{userID}/pending/{hash of the id} ledger.Batch
//	users/{userID}/probes/latest            the answer to an operator's probe, as bytes; expires
//	app/spotify                             pause, last_wave, push_key
//	app/last-{kind}                         when a run of a kind was last sent out
//	app/traffic                             webapi.Traffic
//	runs/{name}/pages/{hash of the page}    users sent out; expires
//	runs/{name}/refusals/{hash of the user} expires
//
// Bodies are the JSON form of the core's types and carry a version, v. What
// older programs have written is brought up to date as it is read (upgrade.go);
// what a newer one has written is refused.
package records

import (
	"context"
	"errors"
	"strings"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
)

var (
	_ archive.Ledger   = (*Store)(nil)
	_ archive.DueUsers = (*Store)(nil)
	_ archive.App      = (*Store)(nil)

	_ notice.PushKeyStore = (*Store)(nil)
)

// The collections.
const (
	users    = "users"
	entries  = "entries"
	seen     = "seen"
	pending  = "pending"
	probes   = "probes"
	pages    = "pages"
	refusals = "refusals"
	runs     = "runs"

	appKey     = "app/spotify"
	trafficKey = "app/traffic"
)

// Store implements the core's ports on documents.
type Store struct {
	documents document.Store
}

// New returns the records in a store of documents.
func New(documents document.Store) *Store { return &Store{documents: documents} }

func userKey(id archive.UserID) string { return users + "/" + string(id) }

func below(id archive.UserID, collection string) string { return userKey(id) + "/" + collection }

// listed is how many documents are asked for at once.
const listed = 300

// all returns every document of a collection.
func (s *Store) all(ctx context.Context, collection string) ([]document.Document, error) {
	var all []document.Document
	q := document.Query{Collection: collection, Limit: listed}
	for {
		page, err := s.documents.List(ctx, q)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < q.Limit {
			return all, nil
		}
		_, q.After.ID = document.Split(page[len(page)-1].Key)
	}
}

// read returns the body of a document and its revision: the zero T and
// document.Absent where there is none.
func read[T any](ctx context.Context, s *Store, key string) (value T, revision string, err error) {
	d, err := s.documents.Get(ctx, key)
	if errors.Is(err, document.ErrNotFound) {
		return value, document.Absent, nil
	}
	if err != nil {
		return value, "", err
	}
	_, err = decode(kindOf(key), d, &value)
	return value, d.Revision, err
}

// changeTries bounds how often a change is tried that lost against others.
const changeTries = 16

// change applies a change to the body of a document, of which d tells the rest,
// until nobody comes between. apply reports whether there is anything to write.
func change[T any](ctx context.Context, s *Store, d document.Document, apply func(*T) bool) error {
	var err error
	for range changeTries {
		value, revision, readErr := read[T](ctx, s, d.Key)
		if readErr != nil {
			return readErr
		}
		if !apply(&value) {
			return nil
		}
		if d.Body, err = encode(value); err != nil {
			return err
		}
		_, err = s.documents.Commit(ctx, document.Write{Document: d, Expect: revision})
		if !errors.Is(err, document.ErrConflict) {
			break
		}
	}
	return answer(err)
}

// kindOf is what a document is one of: the last part of its collection.
func kindOf(key string) string {
	collection, _ := document.Split(key)
	return collection[strings.LastIndexByte(collection, '/')+1:]
}

// answer turns what a store of documents answers into what the core knows.
func answer(err error) error {
	switch {
	case errors.Is(err, document.ErrNotFound):
		return fault.ErrNotFound
	case errors.Is(err, document.ErrConflict):
		return fault.ErrConflict
	default:
		return err
	}
}
