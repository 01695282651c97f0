package archivetest

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

func commitChecks() []check[archive.Ledger] {
	return []check[archive.Ledger]{
		{"commit_writes_everything", func(t *testing.T, s archive.Ledger) {
			user := MustPut(t, s, NewUser(t, "ada"))
			user.LastEdition = Week
			stored := MustCommit(t, s, user, history())
			user.Revision = stored.Revision
			if d := diff(stored, user); d != "" {
				t.Errorf("Commit returned another user (-got +want):\n%s", d)
			}
			wantUser(t, s, user)
			wantEntries(t, s, user.ID, *history().Entry)
			wantSeen(t, s, user.ID, *history().Seen)
			wantPending(t, s, user.ID, history().AddPending...)
		}},
		{"commit_of_no_changes_keeps_the_history", func(t *testing.T, s archive.Ledger) {
			user := MustCommit(t, s, NewUser(t, "ada"), history())
			MustPut(t, s, MustCommit(t, s, user, archive.Changes{}))
			wantEntries(t, s, user.ID, *history().Entry)
			wantSeen(t, s, user.ID, *history().Seen)
			wantPending(t, s, user.ID, history().AddPending...)
		}},
		{"conflicting_commit_writes_nothing", func(t *testing.T, s archive.Ledger) {
			stale := MustCommit(t, s, NewUser(t, "ada"), history())
			stored := MustPut(t, s, stale)
			unborn := stale
			unborn.Revision = ""
			for name, user := range map[string]archive.User{"stale": stale, "create": unborn} {
				entry, seen := NewEntry(2, WeekTime().Add(time.Hour)), seenOf(Tracks(50, 1)...)
				_, err := s.Commit(t.Context(), user, archive.Changes{
					Entry: &entry, Seen: &seen,
					AddPending:    []ledger.Batch{NewPending("paste-2", WeekTime())},
					RemovePending: []string{"paste-1"},
				})
				wantErrorIs(t, "Commit, "+name, err, fault.ErrConflict)
			}
			wantUser(t, s, stored)
			wantEntries(t, s, stored.ID, *history().Entry)
			wantSeen(t, s, stored.ID, *history().Seen)
			wantPending(t, s, stored.ID, history().AddPending...)
		}},
		{"seen_of_10000_songs_is_kept", func(t *testing.T, s archive.Ledger) {
			seen := seenOf(Tracks(0, 10_000)...)
			user := MustCommit(t, s, NewUser(t, "ada"), archive.Changes{Seen: &seen})
			wantSeen(t, s, user.ID, seen)
			got, err := s.Seen(t.Context(), user.ID)
			noError(t, "Seen", err)
			if unknown := Tracks(10_000, 1)[0]; got.Has(unknown) || !got.Has(Tracks(9_999, 1)[0]) {
				t.Error("the set that came back answers Has wrongly")
			}
		}},
		{"seen_is_replaced", func(t *testing.T, s archive.Ledger) {
			many, few, none := seenOf(Tracks(0, 1_000)...), seenOf(Tracks(2_000, 2)...), ledger.Seen{}
			user := MustCommit(t, s, NewUser(t, "ada"), archive.Changes{Seen: &many})
			user = MustCommit(t, s, user, archive.Changes{Seen: &few})
			wantSeen(t, s, user.ID, few)
			user = MustCommit(t, s, user, archive.Changes{Seen: &none})
			wantSeen(t, s, user.ID, none)
		}},
	}
}

func entryChecks() []check[archive.Ledger] {
	return []check[archive.Ledger]{
		{"every_field_of_an_entry_is_kept", func(t *testing.T, s archive.Ledger) {
			full, bare := NewEntry(1, WeekTime().Add(time.Microsecond)), ledger.Entry{DoneAt: WeekTime()}
			bare.Key = ledger.EntryKey{Edition: WeekBefore, Source: ledger.SourceDiscover, Batch: 1}
			for _, path := range zeroFields("Entry", reflect.ValueOf(full)) {
				t.Errorf("the fixture leaves %s zero: set it in NewEntry", path)
			}
			user := MustCommit(t, s, NewUser(t, "ada"), archive.Changes{Entry: &full})
			user = MustCommit(t, s, user, archive.Changes{Entry: &bare})
			wantEntries(t, s, user.ID, full, bare)
		}},
		{"entries_come_newest_first_and_limited", func(t *testing.T, s archive.Ledger) {
			user := NewUser(t, "ada")
			var newestFirst []ledger.Entry
			for i, done := range []time.Duration{
				10 * time.Minute, 2 * time.Second, 1_500 * time.Millisecond, 1_000_001 * time.Microsecond, time.Second, time.Second,
			} {
				newestFirst = append(newestFirst, NewEntry(9-i, WeekTime().Add(done)))
			}
			for _, i := range []int{3, 0, 5, 1, 4, 2} {
				user = MustCommit(t, s, user, archive.Changes{Entry: &newestFirst[i]})
			}
			for limit := 1; limit <= len(newestFirst)+1; limit++ {
				got, err := s.Entries(t.Context(), user.ID, limit)
				noError(t, "Entries", err)
				if d := diff(got, newestFirst[:min(limit, len(newestFirst))]); d != "" {
					t.Errorf("at most %d entries (-got +want):\n%s", limit, d)
				}
			}
		}},
		{"entry_is_replaced_by_key", func(t *testing.T, s archive.Ledger) {
			first, other := NewEntry(1, WeekTime()), NewEntry(2, WeekTime().Add(time.Minute))
			again := ledger.Entry{Key: first.Key, Found: 31, DoneAt: WeekTime().Add(time.Hour)}
			user := MustCommit(t, s, NewUser(t, "ada"), archive.Changes{Entry: &first})
			user = MustCommit(t, s, user, archive.Changes{Entry: &other})
			user = MustCommit(t, s, user, archive.Changes{Entry: &again})
			wantEntries(t, s, user.ID, again, other)
		}},
		{"entries_of_one_week_differ_by_source_and_batch", func(t *testing.T, s archive.Ledger) {
			user := NewUser(t, "ada")
			var want []ledger.Entry
			for i, key := range []ledger.EntryKey{
				{Edition: Week, Source: ledger.SourcePaste, Batch: 11},
				{Edition: Week, Source: ledger.SourcePaste, Batch: 1},
				{Edition: Week, Source: ledger.SourceListening, Batch: 1},
				{Edition: WeekBefore, Source: ledger.SourceListening, Batch: 1},
			} {
				entry := ledger.Entry{Key: key, Found: i, DoneAt: WeekTime().Add(-time.Duration(i) * time.Minute)}
				want = append(want, entry)
				user = MustCommit(t, s, user, archive.Changes{Entry: &entry})
			}
			wantEntries(t, s, user.ID, want...)
		}},
	}
}

func pendingChecks() []check[archive.Ledger] {
	return []check[archive.Ledger]{
		{"every_field_of_a_pending_batch_is_kept", func(t *testing.T, s archive.Ledger) {
			full, bare := NewPending("paste-1", WeekTime()), ledger.Batch{ID: "bare", At: WeekTime().Add(time.Microsecond)}
			for _, path := range zeroFields("Pending", reflect.ValueOf(full)) {
				t.Errorf("the fixture leaves %s zero: set it in NewPending", path)
			}
			user := MustCommit(t, s, NewUser(t, "ada"), archive.Changes{AddPending: []ledger.Batch{full, bare}})
			wantPending(t, s, user.ID, full, bare)
		}},
		{"pending_comes_oldest_first", func(t *testing.T, s archive.Ledger) {
			at := func(d time.Duration) time.Time { return WeekTime().Add(d) }
			want := []ledger.Batch{
				NewPending("z", at(0)), NewPending("Listening.2026-11-16:é~1", at(time.Second)), NewPending("a", at(time.Second)),
				NewPending("b", at(1_500*time.Millisecond)), NewPending("9", at(2*time.Second)), NewPending("10", at(time.Hour)),
			}
			user := NewUser(t, "ada")
			for _, i := range []int{4, 2, 0, 5, 1, 3} {
				user = MustCommit(t, s, user, archive.Changes{AddPending: want[i : i+1]})
			}
			wantPending(t, s, user.ID, want...)
		}},
		{"pending_batch_that_is_there_stays_as_it_is", func(t *testing.T, s archive.Ledger) {
			first, second := NewPending("paste-1", WeekTime()), NewPending("paste-1", WeekTime().Add(time.Hour))
			second.Tracks = Tracks(700, 5)
			user := MustCommit(t, s, NewUser(t, "ada"), archive.Changes{AddPending: []ledger.Batch{first}})
			user = MustCommit(t, s, user, archive.Changes{AddPending: []ledger.Batch{second}})
			wantPending(t, s, user.ID, first)
		}},
		{"pending_batches_are_removed_by_id", func(t *testing.T, s archive.Ledger) {
			a, b, c := NewPending("a", WeekTime()), NewPending("b", WeekTime()), NewPending("c", WeekTime())
			user := MustCommit(t, s, NewUser(t, "ada"), archive.Changes{AddPending: []ledger.Batch{a, b}})
			user = MustCommit(t, s, user, archive.Changes{AddPending: []ledger.Batch{c}, RemovePending: []string{"absent", "a"}})
			wantPending(t, s, user.ID, b, c)
			user = MustCommit(t, s, user, archive.Changes{RemovePending: []string{"a", "b", "c"}})
			wantPending(t, s, user.ID)
			user = MustCommit(t, s, user, archive.Changes{AddPending: []ledger.Batch{a}})
			wantPending(t, s, user.ID, a)
		}},
		{"many_pending_batches_in_one_commit", func(t *testing.T, s archive.Ledger) {
			var batches []ledger.Batch
			var ids []string
			for i := range 100 {
				batch := NewPending(fmt.Sprintf("paste-%03d", i), WeekTime())
				batch.Tracks = Tracks(i*50, 50)
				batches, ids = append(batches, batch), append(ids, batch.ID)
			}
			user := MustCommit(t, s, NewUser(t, "ada"), archive.Changes{AddPending: batches})
			wantPending(t, s, user.ID, batches...)
			user = MustCommit(t, s, user, archive.Changes{RemovePending: ids})
			wantPending(t, s, user.ID)
		}},
	}
}
