package archivetest

import (
	"slices"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

// Corrupter is a store whose documents a test can spoil. The suites Ledger and
// DueUsers test unreadable documents only with such a store; an adapter's test
// adds the method to its adapter.
type Corrupter interface {
	// Corrupt makes the stored document of a user unreadable.
	Corrupt(tb testing.TB, id archive.UserID)
}

// Ledger checks archive.Users and archive.Ledger. It calls open once per
// subtest, for an empty store; subtests run in parallel. Entries are of
// WeekTime: a store that drops old ones needs that clock.
func Ledger(t *testing.T, open func(t *testing.T) archive.Ledger) {
	t.Helper()
	runChecks(t, open, slices.Concat(
		userChecks(), roundTripChecks(), deleteChecks(),
		commitChecks(), entryChecks(), pendingChecks(), raceChecks(),
	))
}

// wantUser expects the stored user to be want, Revision included.
func wantUser(t *testing.T, s archive.Users, want archive.User) {
	t.Helper()
	got, err := s.User(t.Context(), want.ID)
	noError(t, "User", err)
	if d := diff(got, want); d != "" {
		t.Errorf("stored user differs (-got +want):\n%s", d)
	}
}

// wantNothing expects that no user document, entry, song or pending batch of
// this user is left.
func wantNothing(t *testing.T, s archive.Ledger, id archive.UserID) {
	t.Helper()
	_, err := s.User(t.Context(), id)
	wantErrorIs(t, "User of an absent user", err, fault.ErrNotFound)
	wantNoHistory(t, s, id)
}

func wantNoHistory(t *testing.T, s archive.Ledger, id archive.UserID) {
	t.Helper()
	wantEntries(t, s, id)
	wantSeen(t, s, id, ledger.Seen{})
	wantPending(t, s, id)
}

func wantEntries(t *testing.T, s archive.Ledger, id archive.UserID, want ...ledger.Entry) {
	t.Helper()
	got, err := s.Entries(t.Context(), id, 100)
	noError(t, "Entries", err)
	if d := diff(got, want); d != "" {
		t.Errorf("entries differ (-got +want):\n%s", d)
	}
}

func wantSeen(t *testing.T, s archive.Ledger, id archive.UserID, want ledger.Seen) {
	t.Helper()
	got, err := s.Seen(t.Context(), id)
	noError(t, "Seen", err)
	if !sameSeen(got, want) {
		t.Errorf("got a seen set of %d songs that differs from the stored one of %d", got.Len(), want.Len())
	}
}

func wantPending(t *testing.T, s archive.Ledger, id archive.UserID, want ...ledger.Batch) {
	t.Helper()
	got, err := s.Pending(t.Context(), id)
	noError(t, "Pending", err)
	if d := diff(got, want); d != "" {
		t.Errorf("pending batches differ (-got +want):\n%s", d)
	}
}

// history is a change that writes one of everything.
func history() archive.Changes {
	entry := NewEntry(1, WeekTime())
	seen := seenOf(Tracks(0, 30)...)
	return archive.Changes{Entry: &entry, Seen: &seen, AddPending: []ledger.Batch{NewPending("paste-1", WeekTime())}}
}

func seenOf(tracks ...ledger.Track) ledger.Seen {
	var seen ledger.Seen
	seen.Add(tracks...)
	return seen
}
