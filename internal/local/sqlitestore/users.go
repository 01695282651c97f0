package sqlitestore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// User implements archive.Users.
func (s *Store) User(ctx context.Context, id archive.UserID) (archive.User, error) {
	var revision, document string
	err := s.db.QueryRowContext(ctx, "SELECT revision, document FROM users WHERE id = ?", id).Scan(&revision, &document)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return archive.User{}, fmt.Errorf("reading user %s: %w", id, archive.ErrNotFound)
	case err != nil:
		return archive.User{}, fmt.Errorf("reading user %s: %w", id, err)
	}
	return decodeUser(id, revision, document)
}

// Put implements archive.Users.
func (s *Store) Put(ctx context.Context, u archive.User) (archive.User, error) {
	return s.Commit(ctx, u, archive.Changes{})
}

// Delete implements archive.Users, in one transaction. What was deleted is
// zeroed in the file, and the log that still held it is emptied.
func (s *Store) Delete(ctx context.Context, id archive.UserID) error {
	err := s.transact(ctx, func(tx *sql.Tx) error {
		for _, statement := range []string{
			"DELETE FROM entries WHERE user_id = ?",
			"DELETE FROM seen WHERE user_id = ?",
			"DELETE FROM pending WHERE user_id = ?",
			"DELETE FROM refusals WHERE user_id = ?",
			"DELETE FROM users WHERE id = ?",
		} {
			if _, err := tx.ExecContext(ctx, statement, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("deleting user %s: %w", id, err)
	}
	var busy, frames, moved int
	if err := s.db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved); err != nil {
		return fmt.Errorf("deleting user %s: emptying the log: %w", id, err)
	}
	if busy != 0 {
		return fmt.Errorf("deleting user %s: emptying the log: another program reads the database", id)
	}
	return nil
}

// shortenLeases ends every lease at the latest at a time and returns how many
// it shortened. Documents that cannot be read are left as they are.
func (s *Store) shortenLeases(ctx context.Context, until time.Time) (int, error) {
	shortened := 0
	err := s.transact(ctx, func(tx *sql.Tx) error {
		users, _, err := listUsers(ctx, tx, page{})
		if err != nil {
			return err
		}
		for _, u := range users {
			if !u.Lease.Until.After(until) {
				continue
			}
			u.Lease.Until = until
			if _, err := writeUser(ctx, tx, u); err != nil {
				return err
			}
			shortened++
		}
		return nil
	})
	return shortened, err
}

// writeUser writes the document if its revision is still the stored one.
func writeUser(ctx context.Context, tx *sql.Tx, u archive.User) (archive.User, error) {
	document, err := json.Marshal(u)
	if err != nil {
		return archive.User{}, fmt.Errorf("encoding user %s: %w", u.ID, err)
	}
	// A random revision is never used again, also not after a delete.
	revision := rand.Text()
	var result sql.Result
	if u.Revision == "" {
		result, err = tx.ExecContext(ctx,
			"INSERT INTO users (id, revision, document) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
			u.ID, revision, string(document))
	} else {
		result, err = tx.ExecContext(ctx,
			"UPDATE users SET revision = ?, document = ? WHERE id = ? AND revision = ?",
			revision, string(document), u.ID, u.Revision)
	}
	if err != nil {
		return archive.User{}, err
	}
	written, err := result.RowsAffected()
	if err != nil {
		return archive.User{}, err
	}
	if written == 0 {
		return archive.User{}, archive.ErrConflict
	}
	return decodeUser(u.ID, revision, string(document))
}

func decodeUser(id archive.UserID, revision, document string) (archive.User, error) {
	var u archive.User
	if err := json.Unmarshal([]byte(document), &u); err != nil {
		return archive.User{}, fmt.Errorf("decoding user %s: %w", id, archive.ErrMalformed)
	}
	u.ID, u.Revision = id, revision
	return u, nil
}
