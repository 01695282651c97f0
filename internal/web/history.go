package web

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// week is one edition of the history, all its batches together.
type week struct {
	Monday   time.Time
	Added    int
	Already  int
	Unusable int
	Queued   int // of Added, what was lined up and not played
	From     []from
	Batches  int
	DoneAt   time.Time // of the newest batch
}

// weekRow is a week as a table shows it.
type weekRow struct {
	week
	Bar     []segment
	Nothing bool // nothing was saved
	Missed  bool // nor copied, by a person who copies
}

// segment is a part of a week's bar. From and Width are hundredths of the
// longest one.
type segment struct {
	Kind        string // "new", "already" or "unusable"
	From, Width int
}

// longestGap is for how many weeks in a row a table says that nothing was
// saved. History is kept for two years, so more is a date that is wrong.
const longestGap = 110

// rows are the weeks with those between them in which nothing was saved, down
// from the one named last, which may be none of them. The person missed those
// of missed; with whole set, also those before the oldest of the weeks.
func rows(weeks []week, last time.Time, missed []calendar.Edition, whole bool) []weekRow {
	longest := 1
	for _, w := range weeks {
		longest = max(longest, w.Added+w.Already+w.Unusable)
	}
	nothing := func(monday time.Time) weekRow {
		return weekRow{week: week{Monday: monday}, Nothing: true, Missed: slices.Contains(missed, editionOf(monday))}
	}
	table := make([]weekRow, 0, len(weeks))
	for _, w := range weeks {
		if last.Sub(w.Monday) < longestGap*7*24*time.Hour {
			for ; last.After(w.Monday); last = last.AddDate(0, 0, -7) {
				table = append(table, nothing(last))
			}
		}
		table = append(table, weekRow{week: w, Bar: bar(w, longest)})
		last = w.Monday.AddDate(0, 0, -7)
	}
	for _, edition := range slices.Backward(missed) {
		if whole && !edition.Monday().After(last) {
			table = append(table, nothing(edition.Monday()))
		}
	}
	return table
}

// editionOf names the week of that Monday.
func editionOf(monday time.Time) calendar.Edition {
	return calendar.Edition(monday.Format(time.DateOnly))
}

func bar(w week, longest int) []segment {
	var segments []segment
	var before int
	for _, part := range []struct {
		kind  string
		songs int
	}{{"new", w.Added}, {"already", w.Already}, {"unusable", w.Unusable}} {
		if part.songs > 0 {
			from, to := 100*before/longest, 100*(before+part.songs)/longest
			segments = append(segments, segment{Kind: part.kind, From: from, Width: max(to-from, 1)})
		}
		before += part.songs
	}
	return segments
}

// history groups the entries by edition, newest edition first.
func history(entries []ledger.Entry) []week {
	byEdition := map[calendar.Edition][]ledger.Entry{}
	for _, e := range entries {
		byEdition[e.Key.Edition] = append(byEdition[e.Key.Edition], e)
	}
	weeks := make([]week, 0, len(byEdition))
	for edition, batches := range byEdition {
		w := week{Monday: edition.Monday(), Batches: len(batches), From: sources(batches)}
		for _, b := range batches {
			w.Added += b.Added
			w.Already += b.Already
			w.Unusable += b.Unusable
			w.Queued += min(b.Queued, b.Added)
			if b.DoneAt.After(w.DoneAt) {
				w.DoneAt = b.DoneAt
			}
		}
		weeks = append(weeks, w)
	}
	slices.SortFunc(weeks, func(a, b week) int { return b.Monday.Compare(a.Monday) })
	return weeks
}

// from is a source of a week's songs.
type from struct {
	Name   ledger.SourceName
	Source words.Line
	Added  int
	Alone  bool // a single source needs no number
}

// sources names where the batches of one edition came from, most songs first.
func sources(batches []ledger.Entry) []from {
	added := map[ledger.SourceName]int{}
	for _, b := range batches {
		added[b.Key.Source] += b.Added
	}
	names := slices.SortedFunc(maps.Keys(added), func(a, b ledger.SourceName) int {
		return cmp.Or(cmp.Compare(added[b], added[a]), cmp.Compare(a, b))
	})
	list := make([]from, len(names))
	for i, name := range names {
		list[i] = from{Name: name, Source: words.Source(name), Added: added[name], Alone: len(names) == 1}
	}
	return list
}
