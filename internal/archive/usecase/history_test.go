package usecase_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
)

// keptHistory is an account whose weeks have so many entries each, newest
// first, one an hour from the week's Monday on.
func keptHistory(t *testing.T, perWeek ...int) (*usecase.Accounts, archive.UserID) {
	t.Helper()
	signUp, store, _, queue := newSignUp()
	user, err := signUp.Complete(t.Context(), profile, consent("refresh"), usecase.Wishes{})
	if err != nil {
		t.Fatal(err)
	}
	monday := calendar.DueEdition(archivetest.WeekTime()).Monday()
	for i, n := range perWeek {
		week := monday.AddDate(0, 0, -7*i)
		for batch := range n {
			user = archivetest.MustCommit(t, store, user, archive.Changes{Entry: &ledger.Entry{
				Key:   ledger.EntryKey{Edition: calendar.WeekOf(week), Source: ledger.SourcePaste, Batch: batch + 1},
				Added: 1, Found: 1, DoneAt: week.Add(time.Duration(batch) * time.Hour),
			}})
		}
	}
	return &usecase.Accounts{Store: store, Jobs: queue, Clock: archivetest.WeekTime, Log: slog.New(slog.DiscardHandler)}, user.ID
}

func TestHistoryIsOfWholeWeeks(t *testing.T) {
	t.Parallel()
	const newest, second, third = calendar.Edition("2026-11-16"), calendar.Edition("2026-11-09"), calendar.Edition("2026-11-02")
	for name, test := range map[string]struct {
		perWeek []int
		before  calendar.Edition
		weeks   int
		want    map[calendar.Edition]int
		more    bool
	}{
		"none":                  {nil, "", 12, map[calendar.Edition]int{}, false},
		"all_of_them":           {[]int{1, 2}, "", 12, map[calendar.Edition]int{newest: 1, second: 2}, false},
		"exactly":               {[]int{1, 2}, "", 2, map[calendar.Edition]int{newest: 1, second: 2}, false},
		"some":                  {[]int{1, 2, 3}, "", 2, map[calendar.Edition]int{newest: 1, second: 2}, true},
		"before":                {[]int{1, 2, 3}, second, 2, map[calendar.Edition]int{third: 3}, false},
		"many_in_a_week":        {[]int{70, 90, 1}, "", 2, map[calendar.Edition]int{newest: 70, second: 90}, true},
		"many_in_the_last_week": {[]int{1, 1, 100}, "", 12, map[calendar.Edition]int{newest: 1, second: 1, third: 100}, false},
		"without_a_limit":       {[]int{40, 40, 40}, "", 0, map[calendar.Edition]int{newest: 40, second: 40, third: 40}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			accounts, id := keptHistory(t, test.perWeek...)
			got, err := accounts.History(t.Context(), id, test.before, test.weeks)
			if err != nil {
				t.Fatal(err)
			}
			counts := map[calendar.Edition]int{}
			for _, e := range got.Entries {
				counts[e.Key.Edition]++
			}
			if len(counts) != len(test.want) || got.More != test.more {
				t.Errorf("got weeks %v, more %t; want %v, %t", counts, got.More, test.want, test.more)
			}
			for edition, want := range test.want {
				if counts[edition] != want {
					t.Errorf("%s: got %d entries, want %d", edition, counts[edition], want)
				}
			}
		})
	}
}

// A week that was archived late stands before others, of which not all may be
// read yet.
func TestHistoryWithAWeekThatWasLate(t *testing.T) {
	t.Parallel()
	accounts, id := keptHistory(t, 1, 100, 1)
	user, err := accounts.Store.User(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	archivetest.MustCommit(t, accounts.Store, user, archive.Changes{Entry: &ledger.Entry{
		Key:   ledger.EntryKey{Edition: "2026-11-02", Source: ledger.SourceDiscover, Batch: 1},
		Added: 30, Found: 30, DoneAt: archivetest.WeekTime(),
	}})
	got, err := accounts.History(t.Context(), id, "", 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Entries) != 101 || !got.More {
		t.Errorf("got %d entries, more %t; want the 101 of two weeks, and more", len(got.Entries), got.More)
	}
}
