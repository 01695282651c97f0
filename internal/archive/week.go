package archive

import (
	"slices"
	"time"
)

// WeekState says how one week of a person stands.
type WeekState string

// The states of a week.
const (
	WeekFirst  WeekState = "first"  // nothing was looked at yet
	WeekComing WeekState = "coming" // it comes by itself, and has not yet
	WeekTurn   WeekState = "turn"   // the person copies, and has not yet
	WeekPartly WeekState = "partly" // some songs are in
	WeekIn     WeekState = "in"     // it is done
	WeekMissed WeekState = "missed" // it is over, and a person who copies copied nothing
)

// A Week is one week as a person sees it, beside what is in the way
// (User.InTheWay).
type Week struct {
	Edition Edition
	State   WeekState
	Songs   int       // of this week that are in the archive
	Turn    bool      // more comes if the person copies it: true in WeekTurn, and may be in WeekPartly
	Until   time.Time // when the person's next week begins: their Monday 00:00
}

// A WeekTally is what came of one week.
type WeekTally struct {
	Edition Edition `json:"edition"`
	Songs   int     `json:"songs"`  // in the archive: new there, or known
	Copied  int     `json:"copied"` // by the person's hand: copied, pasted, or put into the archive
}

const (
	// talliesKept: this week's, and the one before, of which songs turn up late.
	talliesKept = 2

	// missedKept bounds User.Missed to what the history keeps.
	missedKept = int(EntryLife / (7 * 24 * time.Hour))

	// fairStart is how long before its end a person must have been with us for
	// a week to count as missed.
	fairStart = 72 * time.Hour
)

// Week tells how the person's own week that contains now stands.
func (u User) Week(now time.Time) Week {
	edition := u.WeekOf(now)
	tally := u.tally(edition)
	week := Week{Edition: edition, Songs: tally.Songs, Until: u.weekEnds(edition)}
	switch {
	case u.weekIn(tally):
		week.State = WeekIn
	case u.Last.Kind == OutcomeNone && tally.Songs == 0:
		week.State = WeekFirst
	case tally.Songs > 0:
		week.State, week.Turn = WeekPartly, u.Copies()
	case u.Copies():
		week.State, week.Turn = WeekTurn, true
	default:
		week.State = WeekComing
	}
	return week
}

// Copies reports whether the week comes by the person's hand. A person whose
// plays are saved too copies if they said so, or did so lately.
func (u User) Copies() bool {
	switch {
	case u.Choice.Has(SourceInbox), u.Choice.Has(SourcePaste):
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
	return slices.ContainsFunc(u.Weeks, func(t WeekTally) bool { return t.Copied > 0 })
}

// weekIn reports whether a week is done: all of Discover Weekly was read, or
// the person copied. A copy of any size is a copy.
func (u User) weekIn(t WeekTally) bool {
	byHand := func(source SourceName) bool { // also told by an earlier program, which had no tallies
		return u.Batches[EntryKey{Edition: t.Edition, Source: source}.Name()] > 0
	}
	direct := (u.Choice == ChoiceAuto || u.Choice == ChoiceDiscover) && u.Discover.Done >= t.Edition
	return direct || t.Copied > 0 || t.Songs >= DiscoverSongs || byHand(SourceInbox) || byHand(SourcePaste)
}

// weekEnds is when the person's week is over.
func (u User) weekEnds(e Edition) time.Time {
	year, month, day := e.next().Monday().Date()
	return time.Date(year, month, day, 0, 0, 0, 0, u.Location())
}

func (u User) tally(e Edition) WeekTally {
	for _, t := range u.Weeks {
		if t.Edition == e {
			return t
		}
	}
	return WeekTally{Edition: e}
}

// note changes the tally of a week, if it is among those that are kept. What
// came late ends a miss.
func (u *User) note(e Edition, change func(*WeekTally)) {
	weeks := slices.Clone(u.Weeks)
	i := slices.IndexFunc(weeks, func(t WeekTally) bool { return t.Edition == e })
	if i < 0 {
		weeks = append(weeks, WeekTally{Edition: e})
		i = len(weeks) - 1
	}
	change(&weeks[i])
	if u.weekIn(weeks[i]) {
		u.Missed = slices.DeleteFunc(slices.Clone(u.Missed), func(missed Edition) bool { return missed == e })
	}
	slices.SortFunc(weeks, func(a, b WeekTally) int { return a.Edition.Monday().Compare(b.Edition.Monday()) })
	u.Weeks = weeks[max(0, len(weeks)-talliesKept):]
}

// NoteEntry notes what an entry brought. Songs that were taken back are of any
// week.
func (u *User) NoteEntry(e Entry) {
	if e.Key.Source == SourceBack {
		return
	}
	u.note(e.Key.Edition, func(t *WeekTally) {
		t.Songs += e.Added + e.Already
		if e.Key.Source == SourcePaste {
			t.Copied += e.Found
		}
	})
}

// NoteCopies notes how many songs of a week the inbox shows. They are in the
// archive, or were.
func (u *User) NoteCopies(e Edition, songs int) {
	u.note(e, func(t *WeekTally) { t.Copied, t.Songs = max(t.Copied, songs), max(t.Songs, songs) })
}

// NotePut notes songs that the person put into the archive by hand.
func (u *User) NotePut(e Edition, songs int) {
	u.note(e, func(t *WeekTally) { t.Copied, t.Songs = t.Copied+songs, t.Songs+songs })
}

// BeginWeek ends the tally of last week, once all sources were read after it,
// and notes whether the person missed it.
func (u *User) BeginWeek(now time.Time) {
	current := u.WeekOf(now)
	u.Weeks = slices.DeleteFunc(slices.Clone(u.Weeks), func(t WeekTally) bool { return t.Edition > current }) // a clock was wrong
	last := u.tally(current.Previous())
	begun := slices.ContainsFunc(u.Weeks, func(t WeekTally) bool { return t.Edition == current })
	known := slices.Contains(u.Weeks, last)
	u.note(current, func(*WeekTally) {})
	if begun || !known || !u.Copies() || u.weekIn(last) || u.weekEnds(last.Edition).Sub(u.CreatedAt) < fairStart {
		return
	}
	missed := append(slices.Clone(u.Missed), last.Edition)
	u.Missed = missed[max(0, len(missed)-missedKept):]
}
