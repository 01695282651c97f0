package archive

import (
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
)

// stops lists what a person is told about when it stops their weeks.
var stops = []outcome.Kind{
	outcome.Reconnect, outcome.Scope, outcome.Choose, outcome.NotAllowed, outcome.InboxGone, outcome.Unreadable, outcome.NotWritable,
}

// passing reports whether it was seen to pass by itself.
func passing(kind outcome.Kind) bool {
	return kind == outcome.NotAllowed || kind == outcome.InboxGone || kind == outcome.Unreadable || kind == outcome.NotWritable
}

// Stops reports whether a person is told of that outcome as of something that
// stops their weeks.
func Stops(kind outcome.Kind) bool { return kind != outcome.Reconnect && slices.Contains(stops, kind) }

// Looked reports whether a run that ended so has seen what the person copied.
func Looked(result outcome.Outcome) bool {
	switch result.Kind {
	case outcome.Saved, outcome.NothingNew, outcome.NotRefreshed, outcome.NotReadable:
		unread := slices.ContainsFunc(result.Failed, func(f outcome.Failure) bool { return f.Source == ledger.SourceInbox })
		return !result.Plays && !unread
	default:
		return false
	}
}

// LooksInVain reports whether all that the person did for their week is stored, so that
// no look can show more: they only paste, and nothing that they pasted waits.
func (u User) LooksInVain() bool { return u.pastesOnly() && !u.Waiting }

// Learned is what a run that ended so has shown that messages depend on.
func (u User) Learned(result outcome.Outcome, now time.Time) notice.Messages {
	u.Messages = u.Messages.Believable(now)
	m := u.Messages
	copied := u.newestCopy(m.Copied, now)
	if copied.Edition > m.Copied.Edition {
		m.Unanswered = 0
	}
	m.Copied, m.Trouble = copied, u.trouble(result, now)
	return m
}

// newestCopy returns the newest week into which the person put songs by hand,
// with all songs of it: some may have been heard before.
func (u User) newestCopy(known notice.Copied, now time.Time) notice.Copied {
	for _, week := range slices.Backward(u.Weeks) {
		if !u.byHand(week) || week.Edition < known.Edition || week.Edition == known.Edition && week.Songs <= known.Songs {
			continue
		}
		return notice.Copied{Edition: week.Edition, Songs: week.Songs, At: now}
	}
	return known
}

// byHand reports whether the person copied into that week.
func (u User) byHand(week calendar.WeekTally) bool { return week.Copied > 0 && u.Copies() }

// trouble returns what is in the person's way after a run that ended so.
func (u User) trouble(result outcome.Outcome, now time.Time) notice.Trouble {
	known := u.Messages.Trouble
	kind, looked := outcome.None, Looked(result)
	if u.Status == StatusReconnect {
		kind = outcome.Reconnect
	} else {
		for _, f := range append([]outcome.Failure{{Kind: result.Kind}}, result.Failed...) {
			if slices.Contains(stops, f.Kind) && !u.Answered(f.Kind) {
				kind = f.Kind
				break
			}
		}
	}
	switch {
	case kind == known.Kind, kind == outcome.None && !looked:
		return known
	case kind == outcome.None:
		return notice.Trouble{}
	default:
		return notice.Trouble{Kind: kind, Since: now}
	}
}
