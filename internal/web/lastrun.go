package web

import (
	"slices"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// progress tells how far the run is, and nothing of the one before it.
func (s situation) progress() words.Line {
	p := s.user.Progress(s.now)
	if p.Stage != archive.StageLooking {
		_, zone := inOwnZone(s.user)
		p.Until = p.Until.In(zone)
		return words.Say("progress."+string(p.Stage), p)
	}
	switch s.user.Choice {
	case archive.ChoiceDiscover:
		return words.Say("progress.looking.discover")
	case archive.ChoiceInbox:
		return words.Say("progress.looking.inbox")
	default:
		return words.Say("progress.looking")
	}
}

// result tells how the last run ended.
func (s situation) result() []words.Line {
	last := s.user.Last
	switch {
	case s.user.Answered(last.Kind):
		return []words.Line{words.Say("status.untried")}
	case last.Kind == outcome.Paused && s.now.Before(last.Until) && !s.waits():
		return []words.Line{words.Say("status.unpaused")}
	}
	last.Failed = slices.DeleteFunc(slices.Clone(last.Failed), func(f outcome.Failure) bool { return s.user.Answered(f.Kind) })
	lines := words.Outcome(last, s.now)
	if s.user.WeekOf(last.At) == s.user.WeekOf(s.now) {
		return lines
	}
	for i, line := range lines { // what speaks of "this week" means another one
		if line.Key == "outcome.already_done" || line.Key == "outcome.not_refreshed" {
			lines[i] = words.Say("status.coming")
		}
	}
	return lines
}

// waits reports whether the app still keeps away from Spotify as the last run
// found: whoever runs this copy may have let it go on.
func (s situation) waits() bool {
	return s.user.Last.Kind == outcome.Paused && s.now.Before(s.user.Last.Until) && (s.pauseUnknown || !s.pause.Until.IsZero())
}

// late reports that the run after a sign-up has not come in time.
func (s situation) late() bool { return s.now.Sub(s.user.Grant.AuthorizedAt) >= archive.AskedFor }
