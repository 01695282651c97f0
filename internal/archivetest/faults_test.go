package archivetest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

var errInjected = errors.New("injected")

// failAt fails the n-th call of op, counted from 1.
func failAt(op string, n int) func(string) error {
	return func(got string) error {
		if got == op {
			if n--; n == 0 {
				return errInjected
			}
		}
		return nil
	}
}

func TestStore_failsBeforeAnEffect(t *testing.T) {
	t.Parallel()
	s := NewStore(WeekTime)
	user := MustPut(t, s, NewUser(t, "ada"))
	s.Faults.Before = failAt("Commit", 1)
	_, err := s.Commit(t.Context(), user, history())
	wantErrorIs(t, "Commit", err, errInjected)
	wantUser(t, s, user)
	wantNoHistory(t, s, user.ID)
}

func TestStore_losesAnAnswer(t *testing.T) {
	t.Parallel()
	s := NewStore(WeekTime)
	user := MustPut(t, s, NewUser(t, "ada"))
	s.Faults.After = failAt("Commit", 1)
	_, err := s.Commit(t.Context(), user, history())
	wantErrorIs(t, "Commit", err, errInjected)
	wantEntries(t, s, user.ID, *history().Entry)
	_, err = s.Commit(t.Context(), user, history())
	wantErrorIs(t, "Commit after the lost answer", err, fault.ErrConflict)
}

func TestStore_deleteCanBeCutOff(t *testing.T) {
	t.Parallel()
	s := NewStore(WeekTime)
	user := MustCommit(t, s, NewUser(t, "ada"), history())
	s.Faults.Before = failAt("Delete.user", 1)
	wantErrorIs(t, "Delete", s.Delete(t.Context(), user.ID), errInjected)
	wantUser(t, s, user)
	wantNoHistory(t, s, user.ID)
	noError(t, "second Delete", s.Delete(t.Context(), user.ID))
	wantNothing(t, s, user.ID)
}

func TestStore_contextEndsInAHook(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := NewStore(time.Now)
		user := MustPut(t, s, NewUser(t, "ada"))
		slow := func(string) error {
			time.Sleep(time.Minute)
			return nil
		}
		put := func() error {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := s.Put(ctx, user)
			return err
		}
		s.Faults.Before = slow
		wantErrorIs(t, "late Put", put(), context.DeadlineExceeded)
		s.Faults.Before = nil
		wantUser(t, s, user)
		s.Faults.After = slow
		wantErrorIs(t, "Put with a late answer", put(), context.DeadlineExceeded)
		s.Faults.After = nil
		if _, err := s.Put(t.Context(), user); !errors.Is(err, fault.ErrConflict) {
			t.Errorf("Put after the late answer: got %v, want %v", err, fault.ErrConflict)
		}
	})
}

func TestStore_oldEntriesAreGone(t *testing.T) {
	t.Parallel()
	s := NewStore(WeekTime)
	kept, old := NewEntry(1, WeekTime().Add(-ledger.EntryLife)), NewEntry(2, WeekTime().Add(-ledger.EntryLife-time.Second))
	user := MustCommit(t, s, NewUser(t, "ada"), archive.Changes{Entry: &kept})
	user = MustCommit(t, s, user, archive.Changes{Entry: &old})
	wantEntries(t, s, user.ID, kept)
}

func TestStore_dumpShowsEverything(t *testing.T) {
	t.Parallel()
	s := NewStore(WeekTime)
	user := FullUser(t, "needle-user")
	changes := history()
	changes.AddPending[0].ID = "needle-pending"
	changes.Entry.Key.Source = "needle-entry"
	MustCommit(t, s, user, changes)
	noError(t, "SetPause", s.SetPause(t.Context(), app.Pause{Until: WeekTime(), Reason: "needle-pause"}))
	noError(t, "CountUsers", s.CountUsers(t.Context(), "", 1, app.Run{Kind: "needle-run", At: WeekTime()}))
	dump, err := s.Dump()
	noError(t, "Dump", err)
	for _, needle := range []string{"needle-user", "needle-pending", "needle-entry", "needle-pause", "needle-run", string(user.ID)} {
		if !bytes.Contains(dump, []byte(needle)) {
			t.Errorf("%s is not in the dump", needle)
		}
	}
}

func TestKeyRing_rotates(t *testing.T) {
	t.Parallel()
	k := NewKeyRing()
	first, err := k.Seal(t.Context(), secret.New("token"), "ada")
	noError(t, "Seal", err)
	version := k.Rotate()
	second, err := k.Seal(t.Context(), secret.New("token"), "ada")
	noError(t, "Seal", err)
	if second.KeyVersion != version || first.KeyVersion == version {
		t.Errorf("got versions %q and %q, want the second to be %q", first.KeyVersion, second.KeyVersion, version)
	}
	for _, sealed := range []secret.Sealed{first, second} {
		text, err := k.Open(t.Context(), sealed, "ada")
		noError(t, "Open", err)
		if !text.Equal(secret.New("token")) {
			t.Errorf("another text came back from key %s", sealed.KeyVersion)
		}
	}
	k.Destroy(first.KeyVersion)
	_, err = k.Open(t.Context(), first, "ada")
	wantErrorIs(t, "Open with a destroyed key", err, fault.ErrCannotOpen)
	if again := k.Rotate(); again == version || again == first.KeyVersion {
		t.Errorf("got version %q twice", again)
	}
}

func TestKeyRing_fails(t *testing.T) {
	t.Parallel()
	k := NewKeyRing()
	sealed, err := k.Seal(t.Context(), secret.New("token"), "ada")
	noError(t, "Seal", err)
	k.Faults = Faults{Before: failAt("Seal", 1), After: failAt("Open", 1)}
	_, err = k.Seal(t.Context(), secret.New("token"), "ada")
	wantErrorIs(t, "Seal", err, errInjected)
	_, err = k.Open(t.Context(), sealed, "ada")
	wantErrorIs(t, "Open", err, errInjected)
}

func TestQueue_failsInTheMiddle(t *testing.T) {
	t.Parallel()
	q := NewQueue()
	jobs := []archive.ArchiveJob{{User: "a"}, {User: "b"}, {User: "c"}}
	q.Faults.Before = failAt("EnqueueArchive", 3)
	wantErrorIs(t, "EnqueueArchive", q.EnqueueArchive(t.Context(), jobs...), errInjected)
	if d := diff(q.Archive.Waiting(), jobs[:2]); d != "" {
		t.Errorf("waiting jobs differ (-got +want):\n%s", d)
	}
	q.Faults.After = failAt("EnqueueFanOut", 1)
	wantErrorIs(t, "EnqueueFanOut", q.EnqueueFanOut(t.Context(), archive.FanOutJob{}), errInjected)
	if got := len(q.FanOut.Waiting()); got != 1 {
		t.Errorf("got %d fan-out jobs after a lost answer, want 1", got)
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	var m Messages[string]
	m.Add("a", "b", "c")
	job, ok := m.Take(1)
	if job != "b" || !ok {
		t.Errorf("got job %q, %t, want b", job, ok)
	}
	for _, i := range []int{-1, 2} {
		if _, ok := m.Take(i); ok {
			t.Errorf("got a job at %d of 2", i)
		}
	}
	m.Add("b", "b")
	if got, want := m.TakeAll(), []string{"a", "c", "b", "b"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := m.Waiting(); len(got) != 0 {
		t.Errorf("got %q after everything was taken", got)
	}
}
