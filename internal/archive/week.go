package archive

import (
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
)

const (
	// talliesKept: this week's, and the one before, of which songs turn up late.
	talliesKept = 2

	// missedKept bounds User.Missed to what the history keeps.
	missedKept = int(ledger.EntryLife / (7 * 24 * time.Hour))

	// fairStart is how long before its end a person must have been with us for
	// a week to count as missed.
	fairStart = 72 * time.Hour
)

// Week tells how the person's own week that contains now stands.
func (u User) Week(now time.Time) calendar.Week {
	edition := u.WeekOf(now)
	tally := u.tally(edition)
	week := calendar.Week{Edition: edition, Songs: tally.Songs, Until: u.weekEnds(edition)}
	switch {
	case u.weekIn(tally):
		week.State = calendar.WeekIn
	case u.Last.Kind == outcome.None && tally.Songs == 0:
		week.State = calendar.WeekFirst
	case tally.Songs > 0:
		week.State, week.Turn = calendar.WeekPartly, u.Copies()
	case u.Copies():
		week.State, week.Turn = calendar.WeekTurn, true
	default:
		week.State = calendar.WeekComing
	}
	return week
}

// Copies reports whether the week comes by the person's hand. A person whose
// plays are saved too copies if they said so, or did so lately.
func (u User) Copies() bool {
	switch {
	case u.Choice.Has(ledger.SourceInbox), u.Choice.Has(ledger.SourcePaste):
		return true
	case u.Choice == ChoiceAuto:
		if u.Discover.Access != AccessDenied || u.Inbox.PlaylistID == "" {
			return false
		}
		return !u.Grant.Listens() || u.Copier || u.hasCopied()
	default:
		return false
	}
}

func (u User) hasCopied() bool {
	return slices.ContainsFunc(u.Weeks, func(t calendar.WeekTally) bool { return t.Copied > 0 })
}

// weekIn reports whether a week is done: all of Discover Weekly was read, or
// the person copied. A copy of any size is a copy.
func (u User) weekIn(t calendar.WeekTally) bool {
	byHand := func(source ledger.SourceName) bool { // also told by an earlier program, which had no tallies
		return u.Batches[ledger.EntryKey{Edition: t.Edition, Source: source}.Name()] > 0
	}
	direct := u.Choice.Direct() && u.Discover.Done >= t.Edition
	return direct || t.Copied > 0 || t.Songs >= calendar.DiscoverSongs || byHand(ledger.SourceInbox) || byHand(ledger.SourcePaste)
}

// weekEnds is when the person's week is over.
func (u User) weekEnds(e calendar.Edition) time.Time {
	year, month, day := e.Next().Monday().Date()
	return time.Date(year, month, day, 0, 0, 0, 0, u.Location())
}

func (u User) tally(e calendar.Edition) calendar.WeekTally {
	for _, t := range u.Weeks {
		if t.Edition == e {
			return t
		}
	}
	return calendar.WeekTally{Edition: e}
}

// note changes the tally of a week, if it is among those that are kept. What
// came late ends a miss.
func (u *User) note(e calendar.Edition, change func(*calendar.WeekTally)) {
	weeks := slices.Clone(u.Weeks)
	i := slices.IndexFunc(weeks, func(t calendar.WeekTally) bool { return t.Edition == e })
	if i < 0 {
		weeks = append(weeks, calendar.WeekTally{Edition: e})
		i = len(weeks) - 1
	}
	change(&weeks[i])
	if u.weekIn(weeks[i]) {
		u.Missed = slices.DeleteFunc(slices.Clone(u.Missed), func(missed calendar.Edition) bool { return missed == e })
	}
	slices.SortFunc(weeks, func(a, b calendar.WeekTally) int { return a.Edition.Monday().Compare(b.Edition.Monday()) })
	u.Weeks = weeks[max(0, len(weeks)-talliesKept):]
}

// NoteEntry notes what an entry brought. Songs that were taken back are of any
// week.
func (u *User) NoteEntry(e ledger.Entry) {
	if e.Key.Source == ledger.SourceBack {
		return
	}
	u.note(e.Key.Edition, func(t *calendar.WeekTally) {
		t.Songs += e.Added + e.Already
		if e.Key.Source == ledger.SourcePaste {
			t.Copied += e.Found
		}
	})
}

// NoteCopies notes how many songs of a week the inbox shows. They are in the
// archive, or were.
func (u *User) NoteCopies(e calendar.Edition, songs int) {
	u.note(e, func(t *calendar.WeekTally) { t.Copied, t.Songs = max(t.Copied, songs), max(t.Songs, songs) })
}

// NotePut notes songs that the person put into the archive by hand.
func (u *User) NotePut(e calendar.Edition, songs int) {
	u.note(e, func(t *calendar.WeekTally) { t.Copied, t.Songs = t.Copied+songs, t.Songs+songs })
}

// BeginWeek ends the tally of last week, once all sources were read after it,
// and notes whether the person missed it.
func (u *User) BeginWeek(now time.Time) {
	current := u.WeekOf(now)
	u.Weeks = slices.DeleteFunc(slices.Clone(u.Weeks), func(t calendar.WeekTally) bool { return t.Edition > current }) // a clock was wrong
	last := u.tally(current.Previous())
	begun := slices.ContainsFunc(u.Weeks, func(t calendar.WeekTally) bool { return t.Edition == current })
	known := slices.Contains(u.Weeks, last)
	u.note(current, func(*calendar.WeekTally) {})
	if begun || !known || !u.Copies() || u.weekIn(last) || u.weekEnds(last.Edition).Sub(u.CreatedAt) < fairStart {
		return
	}
	missed := append(slices.Clone(u.Missed), last.Edition)
	u.Missed = missed[max(0, len(missed)-missedKept):]
}
