package firestorestore

import (
	"context"
	"fmt"

	"cloud.google.com/go/firestore"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

var (
	_ archive.Ledger   = (*Store)(nil)
	_ archive.DueUsers = (*Store)(nil)
	_ archive.App      = (*Store)(nil)
)

// Store is a Firestore database.
type Store struct {
	client *firestore.Client
	clock  archive.Clock
}

// New returns the store behind the client, which stays the caller's to close.
// The clock tells which history is too old to be shown.
func New(client *firestore.Client, clock archive.Clock) *Store {
	return &Store{client: client, clock: clock}
}

// Open returns a client of a database, "(default)" or an id. The library
// reads FIRESTORE_EMULATOR_HOST.
func Open(ctx context.Context, project, database string) (*firestore.Client, error) {
	client, err := firestore.NewClientWithDatabase(ctx, project, database)
	if err != nil {
		return nil, fmt.Errorf("opening Firestore: %w", err)
	}
	return client, nil
}

// The names in the database; see the package comment.
const (
	usersCollection    = "users"
	entriesCollection  = "entries"
	seenCollection     = "seen"
	pendingCollection  = "pending"
	appCollection      = "app"
	runsCollection     = "runs"
	pagesCollection    = "pages"
	refusalsCollection = "refusals"

	seenDocument = "index"
	appDocument  = "spotify"

	schemaField  = "schema"
	writeField   = "write"
	expiresField = "expires_at"
)

// schemaVersion is in every document. A document of a newer version is not
// ours to read: an older instance may still run while a new one is rolled out.
const schemaVersion = 1

func (s *Store) userRef(id archive.UserID) *firestore.DocumentRef {
	return s.client.Collection(usersCollection).Doc(string(id))
}

// read returns the snapshot and the fields of a document. ErrNotFound means
// that this document is absent: Firestore also says NotFound of a database
// that does not exist, which is no reason to believe that a user left.
func read(ctx context.Context, ref *firestore.DocumentRef) (*firestore.DocumentSnapshot, map[string]any, error) {
	snapshot, err := ref.Get(ctx)
	if snapshot != nil && !snapshot.Exists() {
		return nil, nil, archive.ErrNotFound
	}
	if err != nil {
		return nil, nil, err
	}
	fields := snapshot.Data()
	return snapshot, fields, checkSchema(fields)
}

func checkSchema(fields map[string]any) error {
	if version, ok := fields[schemaField].(int64); !ok || version != schemaVersion {
		return fmt.Errorf("schema %v, not %d: %w", fields[schemaField], schemaVersion, archive.ErrMalformed)
	}
	return nil
}

// require wants the fields to be there, whatever their value.
func require(fields map[string]any, names ...string) error {
	for _, name := range names {
		if _, ok := fields[name]; !ok {
			return fmt.Errorf("field %s is missing: %w", name, archive.ErrMalformed)
		}
	}
	return nil
}

// conflict turns the answer to a commit into archive.ErrConflict where a
// precondition did not hold: FailedPrecondition or, of an update, NotFound;
// AlreadyExists of a create. Aborted is a transaction that lost against
// another one, as often as the client tried.
func conflict(err error) error {
	switch code := status.Code(err); code {
	case codes.FailedPrecondition, codes.NotFound, codes.AlreadyExists, codes.Aborted:
		return fmt.Errorf("%w (%s)", archive.ErrConflict, code)
	default:
		return err
	}
}
