package web

import (
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
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

func (s situation) standing() standing {
	u := s.user
	last := u.Last
	ofOne := func(f archive.Failure) bool { return s.asks(f.Kind) }
	switch {
	case s.revoked():
		return standsRevoked
	case u.Status == archive.StatusReconnect || u.Grant.Ended(s.now):
		return standsEnded
	case u.Status == archive.StatusPaused:
		return standsStopped
	case s.appPaused():
		return standsApp
	case s.running():
		return standsRunning
	case s.unrun() && u.Last.Kind == archive.OutcomeNone:
		return standsFirst
	case s.unrun():
		return standsAgain
	case s.lacksScope(), s.asks(last.Kind), slices.ContainsFunc(last.Failed, ofOne):
		return standsNeeds
	case s.failed():
		return standsWaiting
	case s.turn():
		return standsTurn
	default:
		return standsWell
	}
}

// revoked reports that Spotify stopped accepting the consent before its six
// months were over.
func (s situation) revoked() bool {
	u := s.user
	if u.Status != archive.StatusReconnect {
		return false
	}
	if u.Last.Kind == archive.OutcomeReconnect {
		return u.Last.At.Before(u.Grant.EndsAt())
	}
	return !u.Grant.Ended(s.now)
}

func (s situation) appPaused() bool { return s.now.Before(s.pause.Until) }

// running reports that a run is under way, or that one was asked for. The one
// that a sign-up asks for is told as the first until it begins.
func (s situation) running() bool {
	stage := s.user.Progress(s.now).Stage
	return stage != archive.StageNone && (stage != archive.StageAsked || !s.unrun())
}

// watched reports whether something is about to change by itself.
func (s situation) watched() bool {
	switch s.standing() {
	case standsRunning, standsFirst, standsAgain:
		return s.user.Progress(s.now).Stage != archive.StageNone
	default:
		return false
	}
}

// unrun reports that there was no run since the consent.
func (s situation) unrun() bool { return s.user.Last.At.Before(s.user.Grant.AuthorizedAt) }

// answered reports that the person has done what an outcome asks of them, and
// that no run has tried it yet.
func (s situation) answered(kind archive.OutcomeKind) bool {
	u := s.user
	direct := u.Choice == archive.ChoiceAuto || u.Choice == archive.ChoiceDiscover
	switch kind {
	case archive.OutcomeNotReadable:
		return !direct
	case archive.OutcomeChoose:
		return !direct || len(u.Discover.Candidates) == 0
	case archive.OutcomeInboxGone:
		return u.Choice != archive.ChoiceAuto
	default:
		return false
	}
}

// asks reports that an outcome asks something of the person. What Spotify
// refuses to show or to change concerns them, but is not theirs to mend.
func (s situation) asks(kind archive.OutcomeKind) bool {
	theirs := kind != archive.OutcomeUnreadable && kind != archive.OutcomeNotWritable
	return kind.Verdict().Severity == archive.Attention && theirs && !s.answered(kind)
}

// failed reports that the last run did not get to the end of its sources.
func (s situation) failed() bool {
	last := s.user.Last
	return last.Kind.Verdict().Severity != archive.Routine || len(last.Failed) > 0 ||
		slices.Contains([]archive.OutcomeKind{
			archive.OutcomeUnavailable, archive.OutcomeUnsure, archive.OutcomeGrantRefused, archive.OutcomeMissing,
		}, last.Kind)
}

// copies reports that the person's week comes by way of the inbox.
func (s situation) copies() bool {
	u := s.user
	return u.Choice == archive.ChoiceInbox || u.Choice == archive.ChoiceAuto && u.Discover.Access == archive.AccessDenied
}

// readsInbox reports that what lies in an inbox is archived: one that an outage
// made is read in good weeks, too.
func (s situation) readsInbox() bool {
	return s.copies() || s.user.Choice == archive.ChoiceAuto && s.user.Inbox.PlaylistID != ""
}

// lacksScope reports that nothing can be read before the person agrees to more.
func (s situation) lacksScope() bool {
	u := s.user
	return u.Last.Kind == archive.OutcomeScope && !s.unrun() || u.Choice == archive.ChoiceListening && !u.Grant.Listens()
}

// turn reports that this week comes by way of the inbox, and that nothing of
// it has come yet. A person whose plays are saved too has done their part by
// listening.
func (s situation) turn() bool {
	if !s.copies() || s.user.Grant.Listens() && s.user.Choice != archive.ChoiceInbox || s.user.Inbox.PlaylistID == "" {
		return false
	}
	due := archive.DueEdition(s.now)
	return !slices.ContainsFunc(s.entries, func(e archive.Entry) bool {
		return e.Key.Source == archive.SourceInbox && e.Key.Edition >= due
	})
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
		case !s.unrun() && s.user.Last.Kind != archive.OutcomePaused:
			return append(last, why, words.Say("status.app_paused", until))
		case !s.unrun():
			return []words.Line{why, words.Say("status.app_paused", until)}
		case s.user.Last.Kind == archive.OutcomeNone:
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
	case standsTurn:
		if s.user.Last.Kind == archive.OutcomeNothingNew {
			return []words.Line{words.Say("status.turn")}
		}
		return append(last, words.Say("status.turn"))
	case standsNeeds:
		if s.lacksScope() {
			return []words.Line{words.Say("status.scope")}
		}
		return last
	default:
		return last
	}
}

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
	if s.answered(last.Kind) {
		return []words.Line{words.Say("status.untried")}
	}
	last.Failed = slices.DeleteFunc(slices.Clone(last.Failed), func(f archive.Failure) bool { return s.answered(f.Kind) })
	return words.Outcome(last, s.now)
}

// late reports that the run after a sign-up has not come in time.
func (s situation) late() bool { return s.now.Sub(s.user.Grant.AuthorizedAt) >= archive.AskedFor }

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
	case standsFirst, standsAgain, standsRunning, standsWell:
		v.Class = "good"
	}
	v.Pause, v.Scheduled = true, stands != standsApp
	v.Run = s.runHelps(stands)
	v.RunMain = v.Run && (stands == standsWaiting || s.late() && s.unrun())
	return v
}

// runHelps reports whether a run that somebody asks for now can do anything.
func (s situation) runHelps(stands standing) bool {
	switch {
	case stands == standsRunning, stands == standsApp, s.user.Last.Kind == archive.OutcomePaused && s.now.Before(s.user.Last.Until):
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
	Bad      bool       // it cannot wait
	Calendar bool       // the end may still be put into a calendar
	deaf     bool       // what is played was read before, and no longer may be
}

func (s situation) banner() banner {
	u := s.user
	reminder, soon := u.Grant.EndsSoon(s.now)
	switch {
	case s.until() == "reconnect":
		return banner{} // the card says it
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
