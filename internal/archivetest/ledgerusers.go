package archivetest

import (
	"context"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
)

func userChecks() []check[archive.Ledger] {
	return []check[archive.Ledger]{
		{"absent_user_has_nothing", func(t *testing.T, s archive.Ledger) {
			wantNothing(t, s, NewUser(t, "nobody").ID)
		}},
		{"put_creates", func(t *testing.T, s archive.Ledger) {
			if stored := MustPut(t, s, NewUser(t, "ada")); stored.Revision == "" {
				t.Error("got an empty revision after Put")
			}
			wantKept(t, s, NewUser(t, "bob"))
		}},
		{"second_create_conflicts", func(t *testing.T, s archive.Ledger) {
			stored := MustPut(t, s, NewUser(t, "ada"))
			again := NewUser(t, "ada")
			again.DisplayName = "somebody else"
			_, err := s.Put(t.Context(), again)
			wantErrorIs(t, "second create", err, fault.ErrConflict)
			wantUser(t, s, stored)
		}},
		{"stale_revision_conflicts", func(t *testing.T, s archive.Ledger) {
			first := MustPut(t, s, NewUser(t, "ada"))
			changed := first
			changed.Waiting = true
			second := MustPut(t, s, changed)
			first.DisplayName = "late"
			_, err := s.Put(t.Context(), first)
			wantErrorIs(t, "Put with a stale revision", err, fault.ErrConflict)
			wantUser(t, s, second)
		}},
		{"revision_changes_with_every_write", func(t *testing.T, s archive.Ledger) {
			had := map[string]bool{}
			user := NewUser(t, "ada")
			for i := range 5 {
				user = MustPut(t, s, user)
				if had[user.Revision] {
					t.Fatalf("write %d of the same content: got revision %q again", i, user.Revision)
				}
				had[user.Revision] = true
			}
			user = MustCommit(t, s, user, archive.Changes{})
			if had[user.Revision] {
				t.Errorf("commit of the same content: got revision %q again", user.Revision)
			}
			wantUser(t, s, user)
		}},
		{"users_do_not_leak_into_each_other", func(t *testing.T, s archive.Ledger) {
			ada := MustCommit(t, s, NewUser(t, "ada"), history())
			bob := MustPut(t, s, NewUser(t, "bob"))
			wantUser(t, s, ada)
			wantUser(t, s, bob)
			wantNoHistory(t, s, bob.ID)

			noError(t, "Delete", s.Delete(t.Context(), bob.ID))
			wantUser(t, s, ada)
			wantEntries(t, s, ada.ID, *history().Entry)
			wantSeen(t, s, ada.ID, *history().Seen)
			wantPending(t, s, ada.ID, history().AddPending...)
		}},
		{"unreadable_document_is_malformed", func(t *testing.T, s archive.Ledger) {
			corrupter, ok := s.(Corrupter)
			if !ok {
				t.Log("not tried: the store is no Corrupter")
				return
			}
			user := MustPut(t, s, NewUser(t, "ada"))
			corrupter.Corrupt(t, user.ID)
			_, err := s.User(t.Context(), user.ID)
			wantErrorIs(t, "User", err, fault.ErrMalformed)
			_, err = s.Put(t.Context(), NewUser(t, "ada"))
			wantErrorIs(t, "create over an unreadable document", err, fault.ErrConflict)
			noError(t, "Delete", s.Delete(t.Context(), user.ID))
			wantNothing(t, s, user.ID)
		}},
		{"cancelled_context_is_an_error", func(t *testing.T, s archive.Ledger) {
			user := MustPut(t, s, NewUser(t, "ada"))
			for name, call := range map[string]func(ctx context.Context) error{
				"User":    func(ctx context.Context) error { _, err := s.User(ctx, user.ID); return err },
				"Put":     func(ctx context.Context) error { _, err := s.Put(ctx, user); return err },
				"Entries": func(ctx context.Context) error { _, err := s.Entries(ctx, user.ID, 1); return err },
				"Seen":    func(ctx context.Context) error { _, err := s.Seen(ctx, user.ID); return err },
				"Commit":  func(ctx context.Context) error { _, err := s.Commit(ctx, user, history()); return err },
				"Pending": func(ctx context.Context) error { _, err := s.Pending(ctx, user.ID); return err },
				"Delete":  func(ctx context.Context) error { return s.Delete(ctx, user.ID) },
			} {
				wantPromptError(t, name, call)
			}
		}},
	}
}

func deleteChecks() []check[archive.Ledger] {
	return []check[archive.Ledger]{
		{"delete_removes_everything", func(t *testing.T, s archive.Ledger) {
			user := MustCommit(t, s, NewUser(t, "ada"), history())
			noError(t, "Delete", s.Delete(t.Context(), user.ID))
			wantNothing(t, s, user.ID)
		}},
		{"delete_is_idempotent", func(t *testing.T, s archive.Ledger) {
			user := MustPut(t, s, NewUser(t, "ada"))
			noError(t, "first Delete", s.Delete(t.Context(), user.ID))
			noError(t, "second Delete", s.Delete(t.Context(), user.ID))
			noError(t, "Delete of a user who never was", s.Delete(t.Context(), NewUser(t, "nobody").ID))
		}},
		{"put_after_delete_conflicts", func(t *testing.T, s archive.Ledger) {
			user := MustPut(t, s, NewUser(t, "ada"))
			noError(t, "Delete", s.Delete(t.Context(), user.ID))
			_, err := s.Put(t.Context(), user)
			wantErrorIs(t, "Put after Delete", err, fault.ErrConflict)
			_, err = s.Commit(t.Context(), user, history())
			wantErrorIs(t, "Commit after Delete", err, fault.ErrConflict)
			wantNothing(t, s, user.ID)
		}},
		{"recreated_user_starts_empty", func(t *testing.T, s archive.Ledger) {
			old := MustCommit(t, s, NewUser(t, "ada"), history())
			noError(t, "Delete", s.Delete(t.Context(), old.ID))
			stored := MustPut(t, s, NewUser(t, "ada"))
			wantUser(t, s, stored)
			wantNoHistory(t, s, stored.ID)
		}},
		{"revision_of_a_deleted_user_stays_stale", func(t *testing.T, s archive.Ledger) {
			old := MustPut(t, s, NewUser(t, "ada"))
			noError(t, "Delete", s.Delete(t.Context(), old.ID))
			stored := MustPut(t, s, NewUser(t, "ada"))
			_, err := s.Put(t.Context(), old)
			wantErrorIs(t, "Put with a revision from before the Delete", err, fault.ErrConflict)
			_, err = s.Commit(t.Context(), old, history())
			wantErrorIs(t, "Commit with a revision from before the Delete", err, fault.ErrConflict)
			wantUser(t, s, stored)
			wantNoHistory(t, s, stored.ID)
		}},
	}
}
