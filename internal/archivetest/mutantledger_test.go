package archivetest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

// twisted is a Store with something done wrong at one place.
type twisted struct {
	*Store
	write   func(u *archive.User, c *archive.Changes)
	refused func(id archive.UserID, c archive.Changes)
	read    func(u *archive.User, err *error)
	entries func([]ledger.Entry) []ledger.Entry
	pending func([]ledger.Batch) []ledger.Batch
	seen    func(archive.UserID, ledger.Seen) ledger.Seen
	deleted func()
	context func(context.Context) context.Context
}

// stored is the user as the store has it.
func (s *twisted) stored(id archive.UserID) archive.User {
	u, _ := s.Store.User(context.Background(), id)
	return u
}

func (s *twisted) User(ctx context.Context, id archive.UserID) (archive.User, error) {
	u, err := s.Store.User(s.ctx(ctx), id)
	if s.read != nil {
		s.read(&u, &err)
	}
	return u, err
}

func (s *twisted) Put(ctx context.Context, u archive.User) (archive.User, error) {
	return s.Commit(ctx, u, archive.Changes{})
}

func (s *twisted) Commit(ctx context.Context, u archive.User, c archive.Changes) (archive.User, error) {
	if s.write != nil {
		s.write(&u, &c)
	}
	stored, err := s.Store.Commit(s.ctx(ctx), u, c)
	if errors.Is(err, fault.ErrConflict) && s.refused != nil {
		s.refused(u.ID, c)
	}
	return stored, err
}

func (s *twisted) Entries(ctx context.Context, id archive.UserID, limit int) ([]ledger.Entry, error) {
	if s.entries == nil {
		return s.Store.Entries(s.ctx(ctx), id, limit)
	}
	entries, err := s.Store.Entries(ctx, id, 1000)
	return s.entries(entries)[:min(limit, len(entries))], err
}

func (s *twisted) Pending(ctx context.Context, id archive.UserID) ([]ledger.Batch, error) {
	pending, err := s.Store.Pending(s.ctx(ctx), id)
	if s.pending != nil {
		pending = s.pending(pending)
	}
	return pending, err
}

func (s *twisted) Seen(ctx context.Context, id archive.UserID) (ledger.Seen, error) {
	seen, err := s.Store.Seen(s.ctx(ctx), id)
	if s.seen != nil {
		seen = s.seen(id, seen)
	}
	return seen, err
}

func (s *twisted) Delete(ctx context.Context, id archive.UserID) error {
	err := s.Store.Delete(s.ctx(ctx), id)
	if s.deleted != nil {
		s.deleted()
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
				s := &twisted{Store: NewStore(WeekTime)}
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
		s.write = func(u *user, _ *changes) { u.Revision = s.stored(u.ID).Revision }
	}, "stale_revision_conflicts", "second_create_conflicts", "put_after_delete_conflicts",
		"one_of_two_creates_wins", "one_of_two_commits_of_an_entry_wins", "concurrent_changes_lose_no_update")
	add("keeps_the_revision", func(s *twisted) {
		s.write = func(u *user, _ *changes) {
			if u.Revision == s.stored(u.ID).Revision {
				s.documents.countAnew()
			}
		}
	}, "revision_changes_with_every_write")
	add("counts_revisions_anew_after_delete", func(s *twisted) {
		s.deleted = s.documents.countAnew
	}, "revision_of_a_deleted_user_stays_stale")
	add("forgets_pending", func(s *twisted) {
		s.write = func(_ *user, c *changes) { c.AddPending = nil }
	}, "commit_writes_everything", "every_field_of_a_pending_batch_is_kept")
	add("overwrites_pending", func(s *twisted) {
		s.write = func(u *user, c *changes) {
			for _, p := range c.AddPending {
				s.documents.drop(userPath(u.ID)+"/pending/", `"id":"`+p.ID+`"`)
			}
		}
	}, "pending_batch_that_is_there_stays_as_it_is")
	add("sorts_pending_by_id", func(s *twisted) {
		s.pending = func(pending []ledger.Batch) []ledger.Batch {
			slices.SortFunc(pending, func(a, b ledger.Batch) int { return strings.Compare(a.ID, b.ID) })
			return pending
		}
	}, "pending_comes_oldest_first")
	add("commits_half_of_a_conflict", func(s *twisted) {
		s.refused = func(id archive.UserID, c changes) {
			_, _ = s.Store.Commit(context.Background(), s.stored(id), changes{Entry: c.Entry})
		}
	}, "conflicting_commit_writes_nothing", "one_of_two_commits_of_an_entry_wins")
	add("merges_documents", func(s *twisted) {
		s.write = func(u *user, _ *changes) {
			if u.Archives == nil {
				u.Archives = s.stored(u.ID).Archives
			}
		}
	}, "put_replaces_the_whole_user")
	add("forgets_a_field", func(s *twisted) {
		s.write = func(u *user, _ *changes) { u.Inbox.Declined = false }
	}, "every_field_of_a_user_is_kept")
	add("keeps_milliseconds", func(s *twisted) {
		s.read = func(u *user, _ *error) { u.Lease.Until = u.Lease.Until.Truncate(time.Millisecond) }
	}, "every_field_of_a_user_is_kept")
	add("oldest_entries_first", func(s *twisted) {
		s.entries = func(entries []ledger.Entry) []ledger.Entry {
			slices.Reverse(entries)
			return entries
		}
	}, "entries_come_newest_first_and_limited", "every_field_of_an_entry_is_kept")
	add("sorts_times_as_text", func(s *twisted) {
		s.entries = func(entries []ledger.Entry) []ledger.Entry {
			slices.SortStableFunc(entries, func(a, b ledger.Entry) int {
				return strings.Compare(b.DoneAt.Format(time.RFC3339Nano), a.DoneAt.Format(time.RFC3339Nano))
			})
			return entries
		}
	}, "entries_come_newest_first_and_limited")
	add("shares_memory", func(s *twisted) {
		var first *user
		s.read = func(u *user, _ *error) {
			if first == nil {
				first = u
			}
			*u = *first
		}
	}, "callers_and_store_share_no_memory")
	add("keeps_seen_after_delete", func(s *twisted) {
		var mu sync.Mutex
		kept := map[archive.UserID]ledger.Seen{}
		s.seen = func(id archive.UserID, _ ledger.Seen) ledger.Seen {
			mu.Lock()
			defer mu.Unlock()
			return kept[id]
		}
		s.write = func(u *user, c *changes) {
			mu.Lock()
			defer mu.Unlock()
			if c.Seen != nil {
				kept[u.ID] = *c.Seen
			}
		}
	}, "delete_removes_everything", "recreated_user_starts_empty", "commit_beside_a_delete_leaves_nothing")
	add("mixes_users", func(s *twisted) {
		s.seen = func(_ archive.UserID, seen ledger.Seen) ledger.Seen {
			for key := range s.documents.all() {
				if owner, _, ok := strings.Cut(strings.TrimPrefix(key, "users/"), "/seen/"); ok {
					seen, _ = s.Store.Seen(context.Background(), archive.UserID(owner))
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

func userPath(id archive.UserID) string { return "users/" + string(id) }

// countAnew makes the next revision the first.
func (s *Documents) countAnew() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revisions = 0
}

// drop removes the documents whose key begins with prefix and whose body holds
// a text, and returns how many there were.
func (s *Documents) drop(prefix, text string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.stored)
	maps.DeleteFunc(s.stored, func(key string, d document.Document) bool {
		return strings.HasPrefix(key, prefix) && strings.Contains(string(d.Body), text)
	})
	return before - len(s.stored)
}
