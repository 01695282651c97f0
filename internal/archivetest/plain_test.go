package archivetest

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

var (
	_ archive.Ledger   = (*plain)(nil)
	_ archive.DueUsers = (*plain)(nil)
	_ archive.App      = (*plain)(nil)
)

// plain implements the ports without documents, one field for each thing that
// is stored, so that a mutant can do one of them wrong.
type plain struct {
	Faults Faults

	clock archive.Clock

	mu        sync.Mutex
	revisions int
	users     map[archive.UserID]*record
	app       app
}

// record is everything under one user; seen holds what Seen.Pack returns.
type record struct {
	user    archive.User
	corrupt bool
	seen    [2][]byte
	entries map[archive.EntryKey]archive.Entry
	pending map[string]archive.Pending
}

// newPlain returns an empty store. The clock tells which entries are older
// than archive.EntryLife and therefore gone.
func newPlain(clock archive.Clock) *plain {
	return &plain{clock: clock, users: map[archive.UserID]*record{}, app: newApp()}
}

// User implements archive.Users.
func (s *plain) User(ctx context.Context, id archive.UserID) (archive.User, error) {
	return callPlain(ctx, s, "User", func() (archive.User, error) {
		r, ok := s.users[id]
		if !ok {
			return archive.User{}, fmt.Errorf("reading user %s: %w", id, archive.ErrNotFound)
		}
		if r.corrupt {
			return archive.User{}, fmt.Errorf("reading user %s: %w", id, archive.ErrMalformed)
		}
		return cloneUser(r.user), nil
	})
}

// Put implements archive.Users.
func (s *plain) Put(ctx context.Context, u archive.User) (archive.User, error) {
	return callPlain(ctx, s, "Put", func() (archive.User, error) { return s.write(u, archive.Changes{}) })
}

// Commit implements archive.Ledger.
func (s *plain) Commit(ctx context.Context, u archive.User, c archive.Changes) (archive.User, error) {
	return callPlain(ctx, s, "Commit", func() (archive.User, error) { return s.write(u, c) })
}

func (s *plain) write(u archive.User, c archive.Changes) (archive.User, error) {
	r, ok := s.users[u.ID]
	switch {
	case !ok && u.Revision != "", ok && r.user.Revision != u.Revision, ok && r.corrupt:
		return archive.User{}, fmt.Errorf("writing user %s: %w", u.ID, archive.ErrConflict)
	case !ok:
		r = &record{entries: map[archive.EntryKey]archive.Entry{}, pending: map[string]archive.Pending{}}
		s.users[u.ID] = r
	}
	s.revisions++
	r.user = cloneUser(u)
	r.user.Revision = strconv.Itoa(s.revisions)
	if c.Entry != nil {
		r.entries[c.Entry.Key] = *c.Entry
	}
	if c.Seen != nil {
		r.seen[0], r.seen[1] = c.Seen.Pack()
	}
	for _, p := range c.AddPending {
		if _, ok := r.pending[p.ID]; !ok {
			r.pending[p.ID] = clonePending(p)
		}
	}
	for _, id := range c.RemovePending {
		delete(r.pending, id)
	}
	return cloneUser(r.user), nil
}

// Entries implements archive.Users.
func (s *plain) Entries(ctx context.Context, id archive.UserID, limit int) ([]archive.Entry, error) {
	return callPlain(ctx, s, "Entries", func() ([]archive.Entry, error) {
		r, ok := s.users[id]
		if !ok {
			return nil, nil
		}
		oldest := s.clock().Add(-archive.EntryLife)
		entries := slices.Collect(maps.Values(r.entries))
		entries = slices.DeleteFunc(entries, func(e archive.Entry) bool { return e.DoneAt.Before(oldest) })
		slices.SortFunc(entries, func(a, b archive.Entry) int {
			return cmp.Or(b.DoneAt.Compare(a.DoneAt), strings.Compare(b.Key.String(), a.Key.String()))
		})
		return entries[:min(limit, len(entries))], nil
	})
}

// Seen implements archive.Ledger.
func (s *plain) Seen(ctx context.Context, id archive.UserID) (archive.Seen, error) {
	return callPlain(ctx, s, "Seen", func() (archive.Seen, error) {
		r, ok := s.users[id]
		if !ok {
			return archive.Seen{}, nil
		}
		return archive.UnpackSeen(r.seen[0], r.seen[1])
	})
}

// Pending implements archive.Ledger.
func (s *plain) Pending(ctx context.Context, id archive.UserID) ([]archive.Pending, error) {
	return callPlain(ctx, s, "Pending", func() ([]archive.Pending, error) {
		r, ok := s.users[id]
		if !ok {
			return nil, nil
		}
		pending := make([]archive.Pending, 0, len(r.pending))
		for _, p := range r.pending {
			pending = append(pending, clonePending(p))
		}
		slices.SortFunc(pending, func(a, b archive.Pending) int {
			return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID))
		})
		return pending, nil
	})
}

// Delete implements archive.Users.
func (s *plain) Delete(ctx context.Context, id archive.UserID) error {
	_, err := callPlain(ctx, s, "Delete", func() (struct{}, error) {
		if r, ok := s.users[id]; ok {
			r.seen = [2][]byte{}
			clear(r.entries)
			clear(r.pending)
		}
		return struct{}{}, nil
	})
	if err != nil {
		return err
	}
	if err := s.Faults.before(ctx, "Delete.user"); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.users, id)
	return nil
}

// Corrupt makes the user's document unreadable.
func (s *plain) Corrupt(tb testing.TB, id archive.UserID) {
	tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.users[id]
	if !ok {
		tb.Fatalf("corrupting user %s: %v", id, archive.ErrNotFound)
	}
	r.corrupt = true
}

// call does one operation between the hooks.
func callPlain[R any](ctx context.Context, s *plain, op string, effect func() (R, error)) (R, error) {
	var none R
	if err := s.Faults.before(ctx, op); err != nil {
		return none, err
	}
	s.mu.Lock()
	result, err := effect()
	s.mu.Unlock()
	if lost := s.Faults.after(ctx, op); lost != nil {
		return none, lost
	}
	return result, err
}

func cloneUser(u archive.User) archive.User {
	body, err := json.Marshal(u)
	if err != nil {
		panic(err)
	}
	c := archive.User{ID: u.ID, Revision: u.Revision}
	if err := json.Unmarshal(body, &c); err != nil {
		panic(err)
	}
	return c
}

func clonePending(p archive.Pending) archive.Pending {
	p.Tracks = slices.Clone(p.Tracks)
	return p
}
