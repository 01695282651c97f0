package usecase

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

const (
	// accountWeeks is how many weeks the account page shows.
	accountWeeks = 12

	// historyMost bounds how many entries are read at once: more than an
	// entry an hour makes in EntryLife.
	historyMost = 20_000

	// historyFirst is how many are read at first: the weeks of the account
	// page, for most people.
	historyFirst = 64

	// beforeMonday is longer before its Monday than any entry of an edition
	// is done: the earliest Monday on earth begins 14 hours before UTC's, and
	// clocks may be a day wrong.
	beforeMonday = 38 * time.Hour
)

// History is the entries of some weeks. Each of the weeks is there as a whole.
type History struct {
	Entries []ledger.Entry // newest first
	More    bool           // weeks before these are kept, too
}

// History returns the newest weeks before an edition ("" for the newest of
// all), at most so many; zero for all.
func (a *Accounts) History(ctx context.Context, id archive.UserID, before calendar.Edition, weeks int) (History, error) {
	for limit := historyFirst; ; limit = min(4*limit, historyMost) {
		entries, err := a.Store.Entries(ctx, id, limit)
		if err != nil {
			return History{}, fmt.Errorf("reading the history of user %s: %w", id, err)
		}
		all := len(entries) < limit || limit == historyMost
		if !all {
			entries = wholeWeeks(entries)
		}
		if before != "" {
			entries = slices.DeleteFunc(entries, func(e ledger.Entry) bool { return e.Key.Edition >= before })
		}
		history := newestWeeks(entries, weeks)
		if all || history.More {
			return history, nil
		}
	}
}

// wholeWeeks leaves out the editions of which entries may be missing behind
// the oldest one.
func wholeWeeks(entries []ledger.Entry) []ledger.Entry {
	oldest := entries[len(entries)-1].DoneAt
	return slices.DeleteFunc(entries, func(e ledger.Entry) bool {
		return !e.Key.Edition.Monday().Add(-beforeMonday).After(oldest)
	})
}

func newestWeeks(entries []ledger.Entry, weeks int) History {
	var editions []calendar.Edition
	for _, e := range entries {
		editions = append(editions, e.Key.Edition)
	}
	slices.Sort(editions)
	editions = slices.Compact(editions)
	if weeks == 0 || len(editions) <= weeks {
		return History{Entries: entries}
	}
	first := editions[len(editions)-weeks]
	return History{
		Entries: slices.DeleteFunc(entries, func(e ledger.Entry) bool { return e.Key.Edition < first }),
		More:    true,
	}
}
