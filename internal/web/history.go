package web

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// week is one edition of the history, all its batches together.
type week struct {
	Monday   time.Time
	Added    int
	Already  int
	Unusable int
	Queued   int    // of Added, what was lined up and not played
	From     string // the sources, in words
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

// sources names where the batches of one edition came from, most songs first:
// "Inbox 12, Paste 3". A single source needs no number.
func sources(batches []archive.Entry) string {
	added := map[archive.SourceName]int{}
	for _, b := range batches {
		added[b.Key.Source] += b.Added
	}
	names := make([]archive.SourceName, 0, len(added))
	for name := range added {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b archive.SourceName) int {
		return cmp.Or(cmp.Compare(added[b], added[a]), cmp.Compare(a, b))
	})
	if len(names) == 1 {
		return sourceWord(names[0])
	}
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = fmt.Sprintf("%s %d", sourceWord(name), added[name])
	}
	return strings.Join(words, ", ")
}

func sourceWord(name archive.SourceName) string {
	switch name {
	case archive.SourceDiscover:
		return "Discover Weekly"
	case archive.SourceInbox:
		return "Inbox"
	case archive.SourceListening:
		return "Listening"
	case archive.SourcePaste:
		return "Pasted"
	default:
		return string(name)
	}
}
