package operator

import (
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// row is one person as the list shows them.
type row struct {
	ID      archive.UserID
	Name    string
	Class   string // of the badge: "good", "bad" or "idle"
	State   words.Line
	Week    words.Line
	Strip   strip
	Step    words.Line // what comes next, and who has to do it
	Consent words.Line
	Run     bool
	Pause   bool
	Resume  bool
	Alone   bool // on the page of this person, to which buttons lead back
}

// strip is a person's last weeks as a drawing, the oldest first.
type strip struct {
	Cells     []cell
	Width     int
	Saved, Of int // weeks
}

type cell struct {
	Class string // "saved" or "none"
	X     int
}

// cellWidth is how far the cells of a strip are apart.
const cellWidth = 11

// row tells a person's story in a line.
func (p personWeeks) row(pic *picture) row {
	r := row{
		ID: p.ID, Name: nameOf(p.User), Class: "idle", State: words.Say("operator.state." + p.Standing),
		Week: p.week(pic.now), Strip: p.strip(pic.now), Step: p.step(pic.pause), Consent: p.consent(pic.now),
	}
	switch {
	case slices.ContainsFunc(p.concerns(pic.now), func(c Concern) bool { return c != ConcernSoon }):
		r.Class = "bad"
	case p.Standing == "well" || p.Standing == "first" || p.Standing == "again":
		r.Class = "good"
	}
	r.Pause, r.Resume = p.Status == archive.StatusActive, p.Status == archive.StatusPaused
	r.Run = r.Pause && p.Standing != "app_paused" && p.Standing != "ended"
	return r
}

// week says what was saved of the newest week.
func (p personWeeks) week(now time.Time) words.Line {
	due := archive.DueEdition(now)
	added, there := 0, false
	for _, e := range p.entries {
		if e.Key.Edition >= due {
			added, there = added+e.Added, true
		}
	}
	data := struct {
		Monday time.Time
		Added  int
	}{due.Monday(), added}
	if !there {
		return words.Say("operator.week.nothing", data)
	}
	return words.Say("operator.week.saved", data)
}

// strip draws the last weeks, none of them before the person connected.
func (p personWeeks) strip(now time.Time) strip {
	var s strip
	saved := map[archive.Edition]bool{}
	for _, e := range p.entries {
		saved[e.Key.Edition] = saved[e.Key.Edition] || e.Added > 0
	}
	newest := archive.DueEdition(now).Monday()
	for back := weeksShown - 1; back >= 0; back-- {
		week := archive.WeekOf(newest.AddDate(0, 0, -7*back))
		if week < archive.DueEdition(p.CreatedAt) {
			continue
		}
		c := cell{Class: "none", X: len(s.Cells) * cellWidth}
		if s.Of++; saved[week] {
			c.Class = "saved"
			s.Saved++
		}
		s.Cells = append(s.Cells, c)
	}
	s.Width = max(len(s.Cells)*cellWidth-3, 0)
	return s
}

// consent says how many days are left.
func (p personWeeks) consent(now time.Time) words.Line {
	switch {
	case p.Standing == "ended" || p.Standing == "revoked":
		return words.Say("operator.consent.over")
	case p.Grant.AuthorizedAt.IsZero():
		return words.Say("operator.consent.none")
	default:
		return words.Say("operator.consent.days", int(p.Grant.EndsAt().Sub(now)/(24*time.Hour)))
	}
}

// step says what comes next for a person, and whose it is.
func (p personWeeks) step(pause archive.Pause) words.Line {
	switch p.Standing {
	case "needs_you":
		return words.Say("operator.step." + asked(p.Last))
	case "waiting":
		if p.OtherKey {
			return words.Say("operator.step.other_key")
		}
		if concern, is := ofOutcome[p.Last.Kind]; is {
			return words.Say("operator.step." + string(concern))
		}
		return words.Say("operator.step.itself")
	case "app_paused":
		return words.Say("operator.step.app_paused", pause.Until)
	default:
		return words.Say("operator.step." + p.Standing)
	}
}

// asked names what the end of a run asks of a person.
func asked(o archive.Outcome) string {
	kinds := []archive.OutcomeKind{archive.OutcomeScope, archive.OutcomeChoose, archive.OutcomeInboxGone, archive.OutcomeNotReadable}
	for _, kind := range kinds {
		if o.Kind == kind || slices.ContainsFunc(o.Failed, func(f archive.Failure) bool { return f.Kind == kind }) {
			return string(kind)
		}
	}
	return "asks"
}
