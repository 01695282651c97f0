package archive

import (
	"slices"
	"time"
)

// stops lists what a person is told about when it stops their weeks.
var stops = []OutcomeKind{
	OutcomeReconnect, OutcomeScope, OutcomeChoose, OutcomeNotAllowed, OutcomeInboxGone, OutcomeUnreadable, OutcomeNotWritable,
}

// passing reports whether it was seen to pass by itself.
func passing(kind OutcomeKind) bool {
	return kind == OutcomeNotAllowed || kind == OutcomeInboxGone || kind == OutcomeUnreadable || kind == OutcomeNotWritable
}

// Stops reports whether a person is told of that outcome as of something that
// stops their weeks.
func Stops(kind OutcomeKind) bool { return kind != OutcomeReconnect && slices.Contains(stops, kind) }

// Looked reports whether a run that ended so has seen what the person copied.
func Looked(outcome Outcome) bool {
	switch outcome.Kind {
	case OutcomeSaved, OutcomeNothingNew, OutcomeNotRefreshed, OutcomeNotReadable:
		unread := slices.ContainsFunc(outcome.Failed, func(f Failure) bool { return f.Source == SourceInbox })
		return !outcome.Plays && !unread
	default:
		return false
	}
}

// LooksInVain reports whether all that the person did for their week is stored, so that
// no look can show more: they only paste, and nothing that they pasted waits.
func (u User) LooksInVain() bool { return u.pastesOnly() && !u.Waiting }

// Learned is what a run that ended so has shown that messages depend on.
func (u User) Learned(outcome Outcome, now time.Time) Messages {
	u.Messages = u.Messages.believable(now)
	m := u.Messages
	copied := u.newestCopy(m.Copied, now)
	if copied.Edition > m.Copied.Edition {
		m.Unanswered = 0
	}
	m.Copied, m.Trouble = copied, u.trouble(outcome, now)
	return m
}

// newestCopy returns the newest week into which the person put songs by hand,
// with all songs of it: some may have been heard before.
func (u User) newestCopy(known Copied, now time.Time) Copied {
	for _, week := range slices.Backward(u.Weeks) {
		if !u.byHand(week) || week.Edition < known.Edition || week.Edition == known.Edition && week.Songs <= known.Songs {
			continue
		}
		return Copied{Edition: week.Edition, Songs: week.Songs, At: now}
	}
	return known
}

// byHand reports whether the person copied into that week.
func (u User) byHand(week WeekTally) bool { return week.Copied > 0 && u.Copies() }

// trouble returns what is in the person's way after a run that ended so.
func (u User) trouble(outcome Outcome, now time.Time) Trouble {
	known := u.Messages.Trouble
	kind, looked := OutcomeNone, Looked(outcome)
	if u.Status == StatusReconnect {
		kind = OutcomeReconnect
	} else {
		for _, f := range append([]Failure{{Kind: outcome.Kind}}, outcome.Failed...) {
			if slices.Contains(stops, f.Kind) && !u.Answered(f.Kind) {
				kind = f.Kind
				break
			}
		}
	}
	switch {
	case kind == known.Kind, kind == OutcomeNone && !looked:
		return known
	case kind == OutcomeNone:
		return Trouble{}
	default:
		return Trouble{Kind: kind, Since: now}
	}
}
