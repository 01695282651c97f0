package archivetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

func raceChecks() []check[archive.Ledger] {
	return []check[archive.Ledger]{
		{"concurrent_changes_lose_no_update", updatesAreKept},
		{"one_of_two_creates_wins", func(t *testing.T, s archive.Ledger) {
			for round := range 10 {
				user := NewUser(t, fmt.Sprint(round))
				stored := make([]archive.User, 2)
				winner := wantOneWinner(t, func(i int) (err error) {
					mine := user
					mine.Grant.Refusals.Count = i + 1
					stored[i], err = s.Put(t.Context(), mine)
					return err
				})
				wantUser(t, s, stored[winner])
			}
		}},
		{"one_of_two_commits_of_an_entry_wins", func(t *testing.T, s archive.Ledger) {
			for round := range 10 {
				user := MustPut(t, s, NewUser(t, fmt.Sprint(round)))
				stored := make([]archive.User, 2)
				changes := make([]archive.Changes, 2)
				for i := range changes {
					entry, seen := NewEntry(1, WeekTime()), seenOf(Tracks(i, 1)...)
					entry.Added = i
					batch := NewPending(fmt.Sprintf("paste-%d", i), WeekTime())
					changes[i] = archive.Changes{Entry: &entry, Seen: &seen, AddPending: []ledger.Batch{batch}}
				}
				winner := wantOneWinner(t, func(i int) (err error) {
					mine := user
					mine.Grant.Refusals.Count = i + 1
					stored[i], err = s.Commit(t.Context(), mine, changes[i])
					return err
				})
				wantUser(t, s, stored[winner])
				wantEntries(t, s, user.ID, *changes[winner].Entry)
				wantSeen(t, s, user.ID, *changes[winner].Seen)
				wantPending(t, s, user.ID, changes[winner].AddPending...)
			}
		}},
		{"commit_beside_a_delete_leaves_nothing", func(t *testing.T, s archive.Ledger) {
			for round := range 20 {
				user := MustCommit(t, s, NewUser(t, fmt.Sprint(round)), history())
				errs := together(2, func(i int) error {
					if i == 0 {
						return s.Delete(t.Context(), user.ID)
					}
					return commitUntilConflict(t, s, user)
				})
				noError(t, "Delete beside a Commit", errs[0])
				noError(t, "Commit beside a Delete", errs[1])
				wantNothing(t, s, user.ID)
			}
		}},
	}
}

// updatesAreKept lets eight writers count the same user up. All of them have
// read the user before the first one writes.
func updatesAreKept(t *testing.T, s archive.Ledger) {
	const writers, each = 8, 5
	id := MustPut(t, s, NewUser(t, "ada")).ID
	var first sync.WaitGroup
	first.Add(writers)
	errs := together(writers, func(int) error {
		wait := sync.OnceFunc(func() {
			first.Done()
			first.Wait()
		})
		for done := 0; done < each; {
			user, err := s.User(t.Context(), id)
			wait()
			if err != nil {
				return fmt.Errorf("reading: %w", err)
			}
			user.Grant.Refusals.Count++
			switch _, err = s.Put(t.Context(), user); {
			case err == nil:
				done++
			case !errors.Is(err, fault.ErrConflict):
				return fmt.Errorf("writing: %w", err)
			}
		}
		return nil
	})
	noError(t, "counting up", errors.Join(errs...))
	user, err := s.User(t.Context(), id)
	noError(t, "User", err)
	if got, want := user.Grant.Refusals.Count, writers*each; got != want {
		t.Errorf("got a count of %d, want %d", got, want)
	}
}

// wantOneWinner calls write(0) and write(1) at once, expects one to be nil and
// the other ErrConflict, and returns which one won.
func wantOneWinner(t *testing.T, write func(i int) error) int {
	t.Helper()
	return wantOneWinnerOf(t, fault.ErrConflict, write)
}

func wantOneWinnerOf(t *testing.T, conflict error, write func(i int) error) int {
	t.Helper()
	errs := together(2, write)
	winner := slices.Index(errs, nil)
	if winner < 0 || !errors.Is(errs[1-winner], conflict) {
		t.Fatalf("two writes at once: got %v and %v, want one nil and one %v", errs[0], errs[1], conflict)
	}
	return winner
}

// commitUntilConflict writes history until somebody deletes the user.
func commitUntilConflict(t *testing.T, s archive.Ledger, user archive.User) error {
	for batch := 2; batch < 12; batch++ {
		changes := history()
		entry := NewEntry(batch, WeekTime().Add(time.Duration(batch)*time.Minute))
		changes.Entry = &entry
		changes.AddPending[0].ID = fmt.Sprintf("paste-%d", batch)
		stored, err := s.Commit(t.Context(), user, changes)
		if errors.Is(err, fault.ErrConflict) {
			return nil
		}
		if err != nil {
			return err
		}
		user = stored
	}
	return nil
}
