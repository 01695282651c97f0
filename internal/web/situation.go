package web

import (
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// standing is how things stand with a user: what is in the way, or else how
// the week goes. It is the last part of the keys of its word and sentence.
type standing string

// The standings, in the order in which they go before each other.
const (
	standsEnded   standing = "ended"      // the six months of the consent are over
	standsRevoked standing = "revoked"    // Spotify does not accept the consent any more
	standsStopped standing = "stopped"    // paused by the person
	standsApp     standing = "app_paused" // the app keeps away from Spotify
	standsRunning standing = "running"    // a run is under way, or asked for
	standsFirst   standing = "first"      // no run since the first sign-up
	standsAgain   standing = "again"      // no run since the person connected again
	standsNeeds   standing = "needs_you"  // the person has to do something
	standsWaiting standing = "waiting"    // something failed, and comes again by itself
	standsTurn    standing = "turn"       // the person copies, and nothing of this week has come
	standsPartly  standing = "partly"     // some of this week is in
	standsIn      standing = "in"         // this week is in
	standsWell    standing = "well"       // this week comes by itself
)

// situation is what every sentence about a user's state has to be true of.
type situation struct {
	user    archive.User
	entries []ledger.Entry // newest first
	pause   app.Pause      // of the app; zero when there is none, or none is known
	now     time.Time

	pauseUnknown bool // whether there is one
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

// inTheWay is the standing of what keeps the weeks from being archived.
func (s situation) inTheWay() (stands standing, blocked bool) {
	obstacle := s.user.InTheWay(s.pause, s.now)
	if obstacle == archive.ObstacleNone && s.lacksScope() && !s.user.Unrun() {
		obstacle = archive.ObstacleNeeds
	}
	stands, blocked = obstacles[obstacle]
	return stands, blocked
}

// standing is what is in the way, or else the run that is under way, or else
// the week. What the last run had to say is not told of the one under way.
func (s situation) standing() standing {
	stands, blocked := s.inTheWay()
	passing := stands == standsNeeds || stands == standsWaiting
	switch {
	case blocked && !passing:
		return stands
	case s.running():
		return standsRunning
	case blocked:
		return stands
	case s.user.Unrun() && s.user.Last.Kind == outcome.None:
		return standsFirst
	case s.user.Unrun():
		return standsAgain
	case s.week().State == calendar.WeekTurn && !s.theirs():
		return standsWell
	default:
		return weeks[s.week().State]
	}
}

// theirs reports that more of this week comes by the person's hand, and that
// it has where to go: the inbox is made by a run.
func (s situation) theirs() bool {
	return s.week().Turn && (s.user.Choice == archive.ChoicePaste || s.user.Inbox.PlaylistID != "")
}

// weeks are the standings of a week with nothing in its way.
var weeks = map[calendar.WeekState]standing{
	calendar.WeekFirst:  standsWell,
	calendar.WeekComing: standsWell,
	calendar.WeekTurn:   standsTurn,
	calendar.WeekPartly: standsPartly,
	calendar.WeekIn:     standsIn,
}

func (s situation) week() calendar.Week { return s.user.Week(s.now) }

func (s situation) revoked() bool { return s.user.InTheWay(s.pause, s.now) == archive.ObstacleRevoked }

// running reports that a run is under way, or that one was asked for. The one
// that a sign-up asks for is told as the first until it begins, and one that
// only looks leaves it to a person what they have to do.
func (s situation) running() bool {
	switch s.user.Progress(s.now).Stage {
	case archive.StageNone:
		return false
	case archive.StageAsked:
		return !s.user.Unrun() && !s.looking()
	case archive.StageLooking:
		return !s.looking()
	default:
		return true
	}
}

// looking reports that a run looks for songs that the person may have copied.
func (s situation) looking() bool {
	_, blocked := s.inTheWay()
	stage := s.user.Progress(s.now).Stage
	state := s.week().State
	return !blocked && !s.user.Unrun() && s.theirs() && (stage == archive.StageAsked || stage == archive.StageLooking) &&
		(state == calendar.WeekTurn || state == calendar.WeekPartly)
}

// nextRun says whether the run that takes what waits is under way: "now" or
// "next".
func (s situation) nextRun() string {
	switch s.user.Progress(s.now).Stage {
	case archive.StageAsked, archive.StageLooking, archive.StageAdding:
		return "now"
	default:
		return "next"
	}
}

// putOff is when a look at what the person plays was put off to spare the
// requests of the day; zero if there was one since, or another day has begun.
func (s situation) putOff() time.Time {
	l := s.user.Listening
	if !s.user.Listens() || s.until() != "" || !l.PutOff.After(l.AskedAt) || !s.now.Before(webapi.NextDay(l.PutOff)) {
		return time.Time{}
	}
	return l.PutOff
}

// watched reports whether something is about to change by itself.
func (s situation) watched() bool {
	switch s.standing() {
	case standsRunning, standsFirst, standsAgain:
		return s.user.Progress(s.now).Stage != archive.StageNone
	default:
		return s.looking()
	}
}

// readsInbox reports that what lies in an inbox is archived: one that an outage
// made is read in good weeks, too.
func (s situation) readsInbox() bool {
	u := s.user
	return u.Choice.Has(ledger.SourceInbox) ||
		u.Choice == archive.ChoiceAuto && (u.Discover.Access == archive.AccessDenied || u.Inbox.PlaylistID != "")
}

// lacksScope reports that nothing can be read before the person agrees to more: so
// their choice has it, or so Spotify says, which may be wrong.
func (s situation) lacksScope() bool {
	return s.user.Last.Kind == outcome.Scope && !s.user.Unrun() || s.unasked()
}

// unasked reports that the person never gave what their choice needs.
func (s situation) unasked() bool {
	return s.user.Choice == archive.ChoiceListening && !s.user.Grant.Listens()
}

// sentence says how things stand: the result of the last run, unless
// something happened since that goes before it.
func (s situation) sentence() []words.Line {
	last := s.result()
	stands := s.standing()
	switch stands {
	case standsApp:
		until := struct{ Until time.Time }{s.pause.Until}
		why := words.PauseReason(s.pause.Reason)
		switch {
		case !s.user.Unrun():
			return []words.Line{why, words.Say("status.app_paused", until)}
		case s.user.Last.Kind == outcome.None:
			return []words.Line{why, words.Say("status.first_waits", until)}
		default:
			return []words.Line{why, words.Say("status.again_waits", until)}
		}
	case standsRunning:
		return []words.Line{s.progress()}
	case standsFirst, standsAgain:
		if s.late() {
			return []words.Line{words.Say("status." + string(stands) + "_late")}
		}
		return []words.Line{words.Say("status." + string(stands))}
	case standsEnded, standsRevoked, standsStopped:
		return []words.Line{words.Say("status." + string(stands))}
	case standsTurn, standsPartly, standsIn:
		return []words.Line{s.ofWeek(stands)}
	case standsNeeds:
		if s.unasked() {
			return []words.Line{words.Say("status.scope")}
		}
		return last
	default:
		return last
	}
}

// ofWeek tells how the week stands that has nothing in its way.
func (s situation) ofWeek(stands standing) words.Line {
	week := s.week()
	by := "" // whose hand more of it comes by
	switch {
	case stands == standsIn || !s.theirs():
	case s.user.Choice == archive.ChoicePaste:
		by = ".paste"
	default:
		by = ".copy"
	}
	return words.Say("week."+string(stands)+by, struct{ Songs, Days int }{week.Songs, days(s.now, week.Until)})
}

// missed returns the Monday of last week, if the person copies and copied
// nothing in it; zero otherwise.
func (s situation) missed() time.Time {
	last := s.week().Edition.Monday().AddDate(0, 0, -7)
	if !slices.Contains(s.user.Missed, editionOf(last)) {
		return time.Time{}
	}
	return last
}

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
	case standsTurn:
		v.Class = "turn"
	case standsPartly:
		if s.theirs() {
			v.Class = "turn"
		}
	case standsFirst, standsAgain, standsRunning, standsIn, standsWell:
		v.Class = "good"
	}
	v.Pause, v.Scheduled = true, stands != standsApp && s.user.Choice != archive.ChoicePaste
	v.Run = s.runHelps(stands)
	v.RunMain = v.Run && (stands == standsWaiting && !s.operators() || s.late() && s.user.Unrun())
	return v
}

// operators reports whether the last run ended by what only whoever runs this copy
// can put right.
func (s situation) operators() bool {
	return slices.Contains([]outcome.Kind{outcome.Key, outcome.App, outcome.Malformed}, s.user.Last.Kind)
}

// runHelps reports whether a run that somebody asks for now can do anything.
func (s situation) runHelps(stands standing) bool {
	switch {
	case stands == standsRunning, stands == standsApp, s.waits():
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
