package firestorestore

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"cloud.google.com/go/firestore"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// User implements archive.Users.
func (s *Store) User(ctx context.Context, id archive.UserID) (archive.User, error) {
	if !id.Valid() {
		return archive.User{}, fmt.Errorf("reading a user with an impossible id: %w", archive.ErrNotFound)
	}
	snapshot, fields, err := read(ctx, s.userRef(id))
	if err != nil {
		return archive.User{}, fmt.Errorf("reading user %s: %w", id, err)
	}
	user, err := decodeUser(fields)
	if err != nil {
		return archive.User{}, fmt.Errorf("reading user %s: %w", id, err)
	}
	user.ID = id
	user.Revision = revision(snapshot.UpdateTime)
	return user, nil
}

func decodeUser(fields map[string]any) (archive.User, error) {
	var user archive.User
	if err := require(fields, "status", "choice", "shape", "grant", "created_at", "last_edition"); err != nil {
		return user, err
	}
	if err := decode(fields, &user); err != nil {
		return user, err
	}
	return user, checkUser(user)
}

// checkUser wants the words that decide about a user to be ones that this
// version knows.
func checkUser(user archive.User) error {
	statuses := []archive.Status{
		"", archive.StatusActive, archive.StatusPaused, archive.StatusReconnect, archive.StatusLeaving,
	}
	if !slices.Contains(statuses, user.Status) {
		return fmt.Errorf("status %q: %w", user.Status, archive.ErrMalformed)
	}
	if user.Choice != "" && !slices.Contains(archive.Choices(), user.Choice) {
		return fmt.Errorf("choice %q: %w", user.Choice, archive.ErrMalformed)
	}
	if user.Shape != "" && !slices.Contains(archive.Shapes(), user.Shape) {
		return fmt.Errorf("shape %q: %w", user.Shape, archive.ErrMalformed)
	}
	return nil
}

// Put implements archive.Users.
func (s *Store) Put(ctx context.Context, u archive.User) (archive.User, error) {
	return s.Commit(ctx, u, archive.Changes{})
}

// writeUser adds the user's write to tx. It names every field of archive.User,
// those to be removed included, and leaves fields alone that a newer version
// may have added.
//
// A write that changes nothing would leave the update time as it is, and two
// writers could both believe that they came first. Field write differs
// every time.
func (s *Store) writeUser(tx *firestore.Transaction, u archive.User) error {
	ref := s.userRef(u.ID)
	fields := encode(u)
	fields[schemaField] = schemaVersion
	fields[writeField] = rand.Text()
	if u.Revision == "" {
		return tx.Create(ref, fields)
	}
	updatedAt, err := time.Parse(time.RFC3339Nano, u.Revision)
	if err != nil {
		return fmt.Errorf("revision of another store: %w", archive.ErrConflict)
	}
	for name := range structFieldNames[archive.User]() {
		if _, ok := fields[name]; !ok {
			fields[name] = firestore.Delete
		}
	}
	updates := make([]firestore.Update, 0, len(fields))
	for name, value := range fields {
		updates = append(updates, firestore.Update{FieldPath: firestore.FieldPath{name}, Value: value})
	}
	return tx.Update(ref, updates, firestore.LastUpdateTime(updatedAt))
}

func revision(updatedAt time.Time) string { return updatedAt.UTC().Format(time.RFC3339Nano) }
