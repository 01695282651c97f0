package web

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
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

// history groups the entries by edition, newest edition first.
func history(entries []archive.Entry) []week {
	byEdition := map[archive.Edition][]archive.Entry{}
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
	Source words.Line
	Added  int
	Alone  bool // a single source needs no number
}

// sources names where the batches of one edition came from, most songs first.
func sources(batches []archive.Entry) []from {
	added := map[archive.SourceName]int{}
	for _, b := range batches {
		added[b.Key.Source] += b.Added
	}
	names := slices.SortedFunc(maps.Keys(added), func(a, b archive.SourceName) int {
		return cmp.Or(cmp.Compare(added[b], added[a]), cmp.Compare(a, b))
	})
	list := make([]from, len(names))
	for i, name := range names {
		list[i] = from{Source: words.Source(name), Added: added[name], Alone: len(names) == 1}
	}
	return list
}
