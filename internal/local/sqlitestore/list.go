package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// page selects users in order of id; the zero page is everybody.
type page struct {
	after  archive.UserID
	prefix string
	limit  int // of documents; 0 for no limit
}

// DueUsers implements archive.DueUsers.
func (s *Store) DueUsers(ctx context.Context, q archive.DueQuery) (archive.DuePage, error) {
	if q.Limit < 1 {
		return archive.DuePage{}, errors.New("listing due users: the limit is below 1")
	}
	users, looked, err := listUsers(ctx, s.db, page{after: q.After, prefix: q.Prefix, limit: q.Limit})
	if err != nil {
		return archive.DuePage{}, fmt.Errorf("listing due users: %w", err)
	}
	due := archive.DuePage{Bad: looked.bad, Next: looked.next}
	for _, u := range users {
		due.Consider(u, q)
	}
	return due, nil
}

// List returns every user in order of id, and how many documents cannot be
// read.
func (s *Store) List(ctx context.Context) ([]archive.User, int, error) {
	users, looked, err := listUsers(ctx, s.db, page{})
	if err != nil {
		return nil, 0, fmt.Errorf("listing users: %w", err)
	}
	return users, len(looked.bad), nil
}

// looked is what else a listing found.
type looked struct {
	bad  []archive.UserID // documents that cannot be read
	next archive.UserID   // continue after this one; empty at the end
}

func listUsers(ctx context.Context, db querier, p page) (users []archive.User, found looked, err error) {
	limit := -1
	if p.limit > 0 {
		limit = p.limit + 1 // one more tells whether there is a next page
	}
	rows, err := db.QueryContext(ctx,
		"SELECT id, revision, document FROM users WHERE id > ? AND id >= ? AND id < ? || char(0x10ffff) ORDER BY id LIMIT ?",
		p.after, p.prefix, p.prefix, limit)
	if err != nil {
		return nil, looked{}, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	last := archive.UserID("")
	for n := 0; rows.Next(); n++ {
		if p.limit > 0 && n == p.limit {
			found.next = last
			break
		}
		u, err := scanUser(rows)
		last = u.ID
		switch {
		case errors.Is(err, archive.ErrMalformed):
			found.bad = append(found.bad, u.ID)
		case err != nil:
			return nil, looked{}, err
		default:
			users = append(users, u)
		}
	}
	return users, found, rows.Err()
}

// scanUser returns at least the id of a document that cannot be read.
func scanUser(rows *sql.Rows) (archive.User, error) {
	var id archive.UserID
	var revision, document string
	if err := rows.Scan(&id, &revision, &document); err != nil {
		return archive.User{}, err
	}
	u, err := decodeUser(id, revision, document)
	u.ID = id
	return u, err
}
