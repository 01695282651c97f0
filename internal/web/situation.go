package web

import (
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// startsWithin is how long after a sign-up the run that it asked for may be
// called about to start.
const startsWithin = 10 * time.Minute

// standing is how things stand with a user: what is in the way, or else how
// the week goes. It is the last part of the keys of its word and sentence.
type standing string

// The standings, in the order in which they go before each other.
const (
	standsEnded   standing = "ended"      // the six months of the consent are over
	standsRevoked standing = "revoked"    // Spotify does not accept the consent any more
	standsStopped standing = "stopped"    // paused by the person
	standsApp     standing = "app_paused" // the app keeps away from Spotify
	standsFirst   standing = "first"      // no run since the first sign-up
	standsAgain   standing = "again"      // no run since the person connected again
	standsNeeds   standing = "needs_you"  // the person has to do something
	standsWaiting standing = "waiting"    // something failed, and comes again by itself
	standsTurn    standing = "turn"       // the person's part of this week is open
	standsWell    standing = "well"
)

// situation is what every sentence about a user's state has to be true of.
type situation struct {
	user    archive.User
	entries []archive.Entry // newest first
	pause   archive.Pause   // of the app; zero when there is none, or none is known
	now     time.Time
}

// obstacles are the standings that go before the week.
var obstacles = map[archive.Obstacle]standing{
	archive.ObstacleRevoked: standsRevoked,
	archive.ObstacleEnded:   standsEnded,
	archive.ObstacleStopped: standsStopped,
	archive.ObstacleApp:     standsApp,
	archive.ObstacleNeeds:   standsNeeds,
	archive.ObstacleTrouble: standsWaiting,
}

func (s situation) standing() standing {
	u := s.user
	if stands, ok := obstacles[u.InTheWay(s.pause, s.now)]; ok {
		return stands
	}
	switch {
	case u.Unrun() && u.Last.Kind == archive.OutcomeNone:
		return standsFirst
	case u.Unrun():
		return standsAgain
	case u.Week(s.now).Turn && u.Choice != archive.ChoicePaste: // the sentence speaks of the inbox
		return standsTurn
	default:
		return standsWell
	}
}

func (s situation) revoked() bool { return s.user.InTheWay(s.pause, s.now) == archive.ObstacleRevoked }

func (s situation) appPaused() bool { return s.now.Before(s.pause.Until) }

// sentence says how things stand: the result of the last run, unless
// something happened since that goes before it.
func (s situation) sentence() []words.Line {
	last := s.result()
	stands := s.standing()
	switch stands {
	case standsApp:
		until := struct{ Until time.Time }{s.pause.Until}
		switch {
		case !s.user.Unrun() && s.user.Last.Kind != archive.OutcomePaused:
			return append(last, words.Say("status.app_paused", until))
		case !s.user.Unrun():
			return []words.Line{words.Say("status.app_paused", until)}
		case s.user.Last.Kind == archive.OutcomeNone:
			return []words.Line{words.Say("status.first_waits", until)}
		default:
			return []words.Line{words.Say("status.again_waits", until)}
		}
	case standsFirst, standsAgain:
		if s.late() {
			return []words.Line{words.Say("status." + string(stands) + "_late")}
		}
		return []words.Line{words.Say("status." + string(stands))}
	case standsEnded, standsRevoked, standsStopped:
		return []words.Line{words.Say("status." + string(stands))}
	case standsTurn:
		if s.user.Last.Kind == archive.OutcomeNothingNew {
			return []words.Line{words.Say("status.turn")}
		}
		return append(last, words.Say("status.turn"))
	default:
		return last
	}
}

// result tells how the last run ended.
func (s situation) result() []words.Line {
	last := s.user.Last
	if s.user.Answered(last.Kind) {
		return []words.Line{words.Say("status.untried")}
	}
	last.Failed = slices.DeleteFunc(slices.Clone(last.Failed), func(f archive.Failure) bool { return s.user.Answered(f.Kind) })
	return words.Outcome(last, s.now)
}

// late reports that the run after a sign-up has not come in time.
func (s situation) late() bool { return s.now.Sub(s.user.Grant.AuthorizedAt) >= startsWithin }

// state is the standing in a word, and which buttons go with it.
type state struct {
	Word    words.Line
	Class   string
	Run     bool
	RunMain bool // a run is the next thing to do
	Pause   bool
	Resume  bool

	Scheduled bool // runs come by themselves
}

func (s situation) state() state {
	stands := s.standing()
	v := state{Word: words.Say("state." + string(stands)), Class: "idle"}
	switch stands {
	case standsEnded, standsRevoked:
		v.Class = "bad"
		return v
	case standsStopped:
		v.Resume = true
		return v
	case standsNeeds:
		v.Class = "bad"
	case standsFirst, standsAgain, standsWell:
		v.Class = "good"
	}
	v.Pause, v.Scheduled = true, stands != standsApp
	v.Run = s.runHelps(stands)
	v.RunMain = v.Run && (stands == standsWaiting || s.late() && s.user.Unrun())
	return v
}

// runHelps reports whether a run that somebody asks for now can do anything.
func (s situation) runHelps(stands standing) bool {
	switch {
	case stands == standsApp, s.user.Last.Kind == archive.OutcomePaused && s.now.Before(s.user.Last.Until):
		return false
	case stands == standsFirst, stands == standsAgain:
		return s.late()
	default: // without the player's scopes there is nothing to ask for
		return s.user.Choice != archive.ChoiceListening || s.user.Grant.Listens()
	}
}

// until is what has to happen before anything runs: "reconnect", "resume",
// "app", or nothing.
func (s situation) until() string {
	switch s.standing() {
	case standsEnded, standsRevoked:
		return "reconnect"
	case standsStopped:
		return "resume"
	case standsApp:
		return "app"
	default:
		return ""
	}
}

// appNotice tells of the app's pause, if there is one.
func (s situation) appNotice() []words.Line {
	if !s.appPaused() {
		return nil
	}
	return []words.Line{words.PauseReason(s.pause.Reason), words.Say("pause.everybody", s.pause)}
}

// consent says until when the consent lasts; lasts is false when it is over.
func (s situation) consent() (line words.Line, lasts bool) {
	switch {
	case s.revoked() && s.user.Last.Kind == archive.OutcomeReconnect:
		return words.Say("consent.revoked", s.user.Last.At), false
	case s.revoked():
		return words.Say("consent.revoked_undated"), false
	case s.standing() == standsEnded:
		return words.Say("consent.ended", s.user.Grant.EndsAt()), false
	default:
		return words.Say("consent.lasts", s.user.Grant.EndsAt()), true
	}
}

// banner reminds of the end of the consent, or of what it lacks.
type banner struct {
	Line     words.Line // without a key: there is none
	Bad      bool
	Calendar bool // the end may still be put into a calendar
	deaf     bool // what is played was read before, and no longer may be
}

func (s situation) banner() banner {
	u := s.user
	reminder, soon := u.Grant.EndsSoon(s.now)
	switch stands := s.standing(); {
	case stands == standsEnded, stands == standsRevoked:
		return banner{Line: words.Say("banner." + string(stands)), Bad: true}
	case u.Last.Kind == archive.OutcomeScope && !s.user.Unrun(),
		u.Choice == archive.ChoiceListening && !u.Grant.Listens():
		return banner{Line: words.Say("banner.scope"), Bad: true}
	case u.Choice == archive.ChoiceAuto && !u.Grant.Listens() &&
		u.Discover.Access != archive.AccessReadable && !u.Listening.Cursor.IsZero():
		return banner{Line: words.Say("banner.deaf"), deaf: true}
	case soon:
		ends := u.Grant.EndsAt()
		return banner{
			Line: words.Say("banner.soon", struct {
				Days int
				Ends time.Time
			}{days(s.now, ends), ends}),
			Bad: reminder == slices.Min(archive.Reminders()), Calendar: true,
		}
	default:
		return banner{}
	}
}

// days counts the calendar days between two times in the zone of the second,
// as the date beside the number does.
func days(from, to time.Time) int {
	day := func(t time.Time) time.Time {
		year, month, day := t.In(to.Location()).Date()
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	}
	return int(day(to).Sub(day(from)) / (24 * time.Hour))
}
