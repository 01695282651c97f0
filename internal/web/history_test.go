package web

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

func TestHistory(t *testing.T) {
	t.Parallel()
	entry := func(edition calendar.Edition, source ledger.SourceName, batch, added, already, unusable int, done time.Time) ledger.Entry {
		return ledger.Entry{
			Key:   ledger.EntryKey{Edition: edition, Source: source, Batch: batch},
			Added: added, Already: already, Unusable: unusable, DoneAt: done,
		}
	}
	got := history([]ledger.Entry{
		entry("2026-11-16", ledger.SourcePaste, 1, 3, 1, 0, testNow.Add(time.Hour)),
		entry("2026-11-09", ledger.SourceDiscover, 1, 27, 3, 0, testNow.Add(-7*24*time.Hour)),
		entry("2026-11-16", ledger.SourceInbox, 2, 4, 0, 0, testNow),
		entry("2026-11-16", ledger.SourceInbox, 1, 20, 0, 2, testNow.Add(-time.Hour)),
	})
	want := []week{
		{Monday: calendar.Edition("2026-11-16").Monday(), Added: 27, Already: 1, Unusable: 2, From: []from{{Name: ledger.SourceInbox, Source: words.Say("source.inbox"), Added: 24}, {Name: ledger.SourcePaste, Source: words.Say("source.paste"), Added: 3}},
			Batches: 3, DoneAt: testNow.Add(time.Hour)},
		{Monday: calendar.Edition("2026-11-09").Monday(), Added: 27, Already: 3, From: []from{{Name: ledger.SourceDiscover, Source: words.Say("source.discover"), Added: 27, Alone: true}},
			Batches: 1, DoneAt: testNow.Add(-7 * 24 * time.Hour)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("history (-want +got):\n%s", diff)
	}
}

func TestHistoryOfASourceThatIsNotKnown(t *testing.T) {
	t.Parallel()
	got := sources([]ledger.Entry{{Key: ledger.EntryKey{Edition: "2026-11-16", Source: "radar", Batch: 1}, Added: 3}})
	if want := (from{Name: "radar", Source: words.Say("source.unknown"), Added: 3, Alone: true}); len(got) != 1 || got[0] != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestHistoryCountsWhatCameFromTheQueue(t *testing.T) {
	t.Parallel()
	entry := func(batch, added, queued int) ledger.Entry {
		return ledger.Entry{
			Key:   ledger.EntryKey{Edition: "2026-11-16", Source: ledger.SourceListening, Batch: batch},
			Added: added, Queued: queued,
		}
	}
	for _, test := range []struct {
		name    string
		entries []ledger.Entry
		want    int
	}{
		{"played_only", []ledger.Entry{entry(1, 5, 0)}, 0},
		{"two_batches", []ledger.Entry{entry(1, 5, 3), entry(2, 4, 1)}, 4},
		{"some_were_there_after_all", []ledger.Entry{entry(1, 2, 3)}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := history(test.entries)[0].Queued; got != test.want {
				t.Errorf("got %d songs from the queue, want %d", got, test.want)
			}
		})
	}
}

func TestHistoryShowsWeeksWithoutSongs(t *testing.T) {
	t.Parallel()
	monday := calendar.Edition("2026-11-16").Monday()
	ago := func(weeks int) time.Time { return monday.AddDate(0, 0, -7*weeks) }
	for _, test := range []struct {
		name  string
		weeks []int // ago, of those with songs
		last  time.Time
		want  string // one letter a week: songs or nothing
	}{
		{"none", nil, ago(1), ""},
		{"every_week", []int{0, 1, 2}, ago(1), "sss"},
		{"this_week_is_not_over", []int{1, 2}, ago(1), "ss"},
		{"one_missed", []int{0, 1, 3}, ago(1), "ssns"},
		{"the_last_ones_missed", []int{4}, ago(1), "nnns"},
		{"nothing_before_the_first", []int{0}, ago(1), "s"},
		{"a_date_that_is_wrong", []int{0, 3000}, ago(1), "ss"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var weeks []week
			for _, n := range test.weeks {
				weeks = append(weeks, week{Monday: ago(n), Added: 1})
			}
			var got string
			for _, row := range rows(weeks, test.last, nil, true) {
				if row.Nothing {
					got += "n"
				} else {
					got += "s"
				}
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestHistoryBars(t *testing.T) {
	t.Parallel()
	got := rows([]week{{Added: 30, Already: 8, Unusable: 2}, {Already: 20}, {}}, time.Time{}, nil, true)
	want := [][]segment{
		{{"new", 0, 75}, {"already", 75, 20}, {"unusable", 95, 5}},
		{{"already", 0, 50}},
		nil,
	}
	for i, row := range got {
		if diff := cmp.Diff(want[i], row.Bar); diff != "" {
			t.Errorf("bar %d (-want +got):\n%s", i, diff)
		}
	}
}

// A week that a person missed is a row, said as such, also before their first
// saved one.
func TestMissedWeeksAreRows(t *testing.T) {
	t.Parallel()
	monday := func(e calendar.Edition) time.Time { return e.Monday() }
	weeks := []week{{Monday: monday("2026-11-02"), Added: 30}}
	missed := []calendar.Edition{"2026-10-19", "2026-11-09"}
	for _, test := range []struct {
		name  string
		weeks []week
		whole bool
		want  string
	}{
		{"around_a_saved_one", weeks, true, "m s m"},
		{"older_ones_are_on_the_next_page", weeks, false, "m s"},
		{"nothing_saved_ever", nil, true, "m m"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, row := range rows(test.weeks, monday("2026-11-09"), missed, test.whole) {
				letter := "s"
				if row.Missed {
					letter = "m"
				}
				got = append(got, letter)
			}
			if text := strings.Join(got, " "); text != test.want {
				t.Errorf("got %q, want %q", text, test.want)
			}
		})
	}
}
