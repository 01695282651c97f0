package sqlitestore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// Commit implements archive.Ledger. It also drops the user's entries that are
// older than archive.EntryLife.
func (s *Store) Commit(ctx context.Context, u archive.User, c archive.Changes) (archive.User, error) {
	var stored archive.User
	err := s.transact(ctx, func(tx *sql.Tx) (err error) {
		if stored, err = writeUser(ctx, tx, u); err != nil {
			return err
		}
		return s.writeChanges(ctx, tx, u.ID, c)
	})
	if err != nil {
		return archive.User{}, fmt.Errorf("writing user %s: %w", u.ID, err)
	}
	return stored, nil
}

func (s *Store) writeChanges(ctx context.Context, tx *sql.Tx, id archive.UserID, c archive.Changes) error {
	if c.Entry != nil {
		if err := s.writeEntry(ctx, tx, id, *c.Entry); err != nil {
			return fmt.Errorf("entry %s: %w", c.Entry.Key, err)
		}
	}
	if c.Seen != nil {
		ids, isrcs := c.Seen.Pack()
		_, err := tx.ExecContext(ctx,
			"INSERT INTO seen (user_id, ids, isrcs) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET ids = excluded.ids, isrcs = excluded.isrcs",
			id, ids, isrcs)
		if err != nil {
			return fmt.Errorf("seen set: %w", err)
		}
	}
	for _, p := range c.AddPending {
		document, err := json.Marshal(p)
		if err != nil {
			return fmt.Errorf("pending batch: %w", err)
		}
		_, err = tx.ExecContext(ctx,
			"INSERT INTO pending (user_id, id, at, document) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
			id, p.ID, p.At.UnixMicro(), string(document))
		if err != nil {
			return fmt.Errorf("pending batch: %w", err)
		}
	}
	for _, p := range c.RemovePending {
		if _, err := tx.ExecContext(ctx, "DELETE FROM pending WHERE user_id = ? AND id = ?", id, p); err != nil {
			return fmt.Errorf("pending batch: %w", err)
		}
	}
	return nil
}

func (s *Store) writeEntry(ctx context.Context, tx *sql.Tx, id archive.UserID, e archive.Entry) error {
	document, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx,
		"INSERT INTO entries (user_id, key, done_at, document) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET done_at = excluded.done_at, document = excluded.document",
		id, e.Key.String(), e.DoneAt.UnixMicro(), string(document))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM entries WHERE user_id = ? AND done_at < ?", id, s.oldest())
	return err
}

// oldest is when an entry that still counts was done.
func (s *Store) oldest() int64 { return s.clock().Add(-archive.EntryLife).UnixMicro() }

// Entries implements archive.Users.
func (s *Store) Entries(ctx context.Context, id archive.UserID, limit int) ([]archive.Entry, error) {
	entries, err := documents[archive.Entry](ctx, s.db,
		"SELECT document FROM entries WHERE user_id = ? AND done_at >= ? ORDER BY done_at DESC, key DESC LIMIT ?",
		id, s.oldest(), limit)
	if err != nil {
		return nil, fmt.Errorf("reading the entries of user %s: %w", id, err)
	}
	return entries, nil
}

// Pending implements archive.Ledger.
func (s *Store) Pending(ctx context.Context, id archive.UserID) ([]archive.Pending, error) {
	pending, err := documents[archive.Pending](ctx, s.db,
		"SELECT document FROM pending WHERE user_id = ? ORDER BY at, id", id)
	if err != nil {
		return nil, fmt.Errorf("reading the pending batches of user %s: %w", id, err)
	}
	return pending, nil
}

// Seen implements archive.Ledger.
func (s *Store) Seen(ctx context.Context, id archive.UserID) (archive.Seen, error) {
	var ids, isrcs []byte
	err := s.db.QueryRowContext(ctx, "SELECT ids, isrcs FROM seen WHERE user_id = ?", id).Scan(&ids, &isrcs)
	if errors.Is(err, sql.ErrNoRows) {
		return archive.Seen{}, nil
	}
	if err != nil {
		return archive.Seen{}, fmt.Errorf("reading the seen set of user %s: %w", id, err)
	}
	seen, err := archive.UnpackSeen(ids, isrcs)
	if err != nil {
		return archive.Seen{}, fmt.Errorf("reading the seen set of user %s: %w", id, err)
	}
	return seen, nil
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// documents decodes the one column of every row.
func documents[T any](ctx context.Context, db querier, query string, args ...any) (list []T, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var document string
		if err := rows.Scan(&document); err != nil {
			return nil, err
		}
		var one T
		if err := json.Unmarshal([]byte(document), &one); err != nil {
			return nil, fmt.Errorf("decoding: %w", archive.ErrMalformed)
		}
		list = append(list, one)
	}
	return list, rows.Err()
}
