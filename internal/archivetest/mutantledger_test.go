package archivetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// twisted is a Store with something done wrong at one place.
type twisted struct {
	*plain
	write   func(u *archive.User, c *archive.Changes, stored *record)
	refused func(r *record, c archive.Changes)
	read    func(u *archive.User, err *error)
	entries func([]archive.Entry) []archive.Entry
	pending func([]archive.Pending) []archive.Pending
	seen    func(archive.UserID, archive.Seen) archive.Seen
	deleted func(s *plain)
	context func(context.Context) context.Context
}

func (s *twisted) User(ctx context.Context, id archive.UserID) (archive.User, error) {
	u, err := s.plain.User(s.ctx(ctx), id)
	if s.read != nil {
		s.read(&u, &err)
	}
	return u, err
}

func (s *twisted) Put(ctx context.Context, u archive.User) (archive.User, error) {
	return s.Commit(ctx, u, archive.Changes{})
}

func (s *twisted) Commit(ctx context.Context, u archive.User, c archive.Changes) (archive.User, error) {
	s.mu.Lock()
	if r, ok := s.users[u.ID]; ok && s.write != nil {
		s.write(&u, &c, r)
	} else if s.write != nil {
		s.write(&u, &c, &record{})
	}
	s.mu.Unlock()
	stored, err := s.plain.Commit(s.ctx(ctx), u, c)
	if errors.Is(err, archive.ErrConflict) && s.refused != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if r, ok := s.users[u.ID]; ok {
			s.refused(r, c)
		}
	}
	return stored, err
}

func (s *twisted) Entries(ctx context.Context, id archive.UserID, limit int) ([]archive.Entry, error) {
	if s.entries == nil {
		return s.plain.Entries(s.ctx(ctx), id, limit)
	}
	entries, err := s.plain.Entries(ctx, id, 1000)
	return s.entries(entries)[:min(limit, len(entries))], err
}

func (s *twisted) Pending(ctx context.Context, id archive.UserID) ([]archive.Pending, error) {
	pending, err := s.plain.Pending(s.ctx(ctx), id)
	if s.pending != nil {
		pending = s.pending(pending)
	}
	return pending, err
}

func (s *twisted) Seen(ctx context.Context, id archive.UserID) (archive.Seen, error) {
	seen, err := s.plain.Seen(s.ctx(ctx), id)
	if s.seen != nil {
		seen = s.seen(id, seen)
	}
	return seen, err
}

func (s *twisted) Delete(ctx context.Context, id archive.UserID) error {
	err := s.plain.Delete(s.ctx(ctx), id)
	if s.deleted != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.deleted(s.plain)
	}
	return err
}

func (s *twisted) ctx(ctx context.Context) context.Context {
	if s.context != nil {
		return s.context(ctx)
	}
	return ctx
}

func ledgerMutants() []mutant {
	var mutants []mutant
	add := func(name string, twist func(s *twisted), fails ...string) {
		mutants = append(mutants, mutant{name, func(t *testing.T) {
			Ledger(t, func(*testing.T) archive.Ledger {
				s := &twisted{plain: newPlain(WeekTime)}
				twist(s)
				return s
			})
		}, fails})
	}
	type (
		user    = archive.User
		changes = archive.Changes
	)
	add("ignores_revisions", func(s *twisted) {
		s.write = func(u *user, _ *changes, stored *record) { u.Revision = stored.user.Revision }
	}, "stale_revision_conflicts", "second_create_conflicts", "put_after_delete_conflicts",
		"one_of_two_creates_wins", "one_of_two_commits_of_an_entry_wins", "concurrent_changes_lose_no_update")
	add("keeps_the_revision", func(s *twisted) {
		s.write = func(u *user, _ *changes, stored *record) {
			if u.Revision == stored.user.Revision {
				s.revisions = 0
			}
		}
	}, "revision_changes_with_every_write")
	add("counts_revisions_anew_after_delete", func(s *twisted) {
		s.deleted = func(store *plain) { store.revisions = 0 }
	}, "revision_of_a_deleted_user_stays_stale")
	add("forgets_pending", func(s *twisted) {
		s.write = func(_ *user, c *changes, _ *record) { c.AddPending = nil }
	}, "commit_writes_everything", "every_field_of_a_pending_batch_is_kept")
	add("overwrites_pending", func(s *twisted) {
		s.write = func(_ *user, c *changes, stored *record) {
			for _, p := range c.AddPending {
				delete(stored.pending, p.ID)
			}
		}
	}, "pending_batch_that_is_there_stays_as_it_is")
	add("sorts_pending_by_id", func(s *twisted) {
		s.pending = func(pending []archive.Pending) []archive.Pending {
			slices.SortFunc(pending, func(a, b archive.Pending) int { return strings.Compare(a.ID, b.ID) })
			return pending
		}
	}, "pending_comes_oldest_first")
	add("commits_half_of_a_conflict", func(s *twisted) {
		s.refused = func(r *record, c changes) {
			if c.Entry != nil {
				r.entries[c.Entry.Key] = *c.Entry
			}
		}
	}, "conflicting_commit_writes_nothing", "one_of_two_commits_of_an_entry_wins")
	add("merges_documents", func(s *twisted) {
		s.write = func(u *user, _ *changes, stored *record) {
			if u.Shelves == nil {
				u.Shelves = stored.user.Shelves
			}
		}
	}, "put_replaces_the_whole_user")
	add("forgets_a_field", func(s *twisted) {
		s.write = func(u *user, _ *changes, _ *record) { u.Inbox.Declined = false }
	}, "every_field_of_a_user_is_kept")
	add("keeps_milliseconds", func(s *twisted) {
		s.read = func(u *user, _ *error) { u.Lease.Until = u.Lease.Until.Truncate(time.Millisecond) }
	}, "every_field_of_a_user_is_kept")
	add("oldest_entries_first", func(s *twisted) {
		s.entries = func(entries []archive.Entry) []archive.Entry {
			slices.Reverse(entries)
			return entries
		}
	}, "entries_come_newest_first_and_limited", "every_field_of_an_entry_is_kept")
	add("sorts_times_as_text", func(s *twisted) {
		s.entries = func(entries []archive.Entry) []archive.Entry {
			slices.SortStableFunc(entries, func(a, b archive.Entry) int {
				return strings.Compare(b.DoneAt.Format(time.RFC3339Nano), a.DoneAt.Format(time.RFC3339Nano))
			})
			return entries
		}
	}, "entries_come_newest_first_and_limited")
	add("shares_memory", func(s *twisted) {
		s.read = func(u *user, _ *error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			if r, ok := s.users[u.ID]; ok {
				*u = r.user
			}
		}
	}, "callers_and_store_share_no_memory")
	add("keeps_seen_after_delete", func(s *twisted) {
		var mu sync.Mutex
		kept := map[archive.UserID]archive.Seen{}
		s.seen = func(id archive.UserID, _ archive.Seen) archive.Seen {
			mu.Lock()
			defer mu.Unlock()
			return kept[id]
		}
		s.write = func(u *user, c *changes, _ *record) {
			mu.Lock()
			defer mu.Unlock()
			if c.Seen != nil {
				kept[u.ID] = *c.Seen
			}
		}
	}, "delete_removes_everything", "recreated_user_starts_empty", "commit_beside_a_delete_leaves_nothing")
	add("mixes_users", func(s *twisted) {
		s.seen = func(_ archive.UserID, seen archive.Seen) archive.Seen {
			s.mu.Lock()
			defer s.mu.Unlock()
			for _, r := range s.users {
				if len(r.seen[0]) > 0 {
					seen, _ = archive.UnpackSeen(r.seen[0], r.seen[1])
				}
			}
			return seen
		}
	}, "users_do_not_leak_into_each_other")
	add("invents_absent_users", func(s *twisted) {
		s.read = func(_ *user, err *error) { *err = nil }
	}, "absent_user_has_nothing", "put_after_delete_conflicts")
	add("ignores_the_context", func(s *twisted) { s.context = context.WithoutCancel }, "cancelled_context_is_an_error")
	return mutants
}
