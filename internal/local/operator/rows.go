package operator

import (
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
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
	Cells             []cell
	Width             int
	Saved, Missed, Of int // weeks
}

type cell struct {
	Class string // "saved", "missed" or "none"
	X     int
}

const (
	cellWidth = 11 // how far the cells of a strip are apart
	cellGap   = 3  // of it, what is empty
)

// row tells a person's story in a line.
func (p personWeeks) row(pic *picture) row {
	stands := p.stands(pic.now)
	r := row{
		ID: p.ID, Name: nameOf(p.User), Class: "idle", State: words.Say("operator.state." + stands),
		Week: p.week(pic.now), Strip: p.strip(pic.now), Step: p.step(pic), Consent: p.consent(pic.now),
	}
	switch {
	case slices.ContainsFunc(p.concerns(pic.now), func(c Concern) bool { return c != ConcernSoon }):
		r.Class = "bad"
	case p.Obstacle == archive.ObstacleNone && stands != string(calendar.WeekTurn):
		r.Class = "good"
	}
	r.Pause, r.Resume = p.Status == archive.StatusActive, p.Status == archive.StatusPaused
	r.Run = r.Pause && p.Obstacle != archive.ObstacleApp && p.Obstacle != archive.ObstacleEnded
	return r
}

// stands names what is in a person's way, or else how their week goes: the last
// part of keys of words.
func (p person) stands(now time.Time) string {
	switch {
	case p.Obstacle != archive.ObstacleNone:
		return string(p.Obstacle)
	case p.Unrun():
		return "unrun"
	default:
		return string(p.Week(now).State)
	}
}

// week says what of a person's own week is saved.
func (p person) week(now time.Time) words.Line {
	week := p.Week(now)
	data := struct {
		Monday time.Time
		Songs  int
	}{week.Edition.Monday(), week.Songs}
	switch {
	case week.Songs > 0:
		return words.Say("operator.week.saved", data)
	case week.State == calendar.WeekIn: // by a program that did not count them
		return words.Say("operator.week.in", data)
	default:
		return words.Say("operator.week.nothing", data)
	}
}

// strip draws the weeks of the strip, none of them before the person
// connected.
func (p personWeeks) strip(now time.Time) strip {
	var s strip
	saved := map[calendar.Edition]bool{}
	for _, e := range p.entries {
		saved[e.Key.Edition] = saved[e.Key.Edition] || e.Added > 0
	}
	newest := p.Week(now).Edition.Monday()
	for back := weeksShown - 1; back >= 0; back-- {
		week := calendar.WeekOf(newest.AddDate(0, 0, -7*back))
		if week < calendar.DueEdition(p.CreatedAt) {
			continue
		}
		c := cell{Class: "none", X: len(s.Cells) * cellWidth}
		s.Of++
		switch {
		case saved[week]:
			c.Class = "saved"
			s.Saved++
		case slices.Contains(p.Missed, week):
			c.Class = "missed"
			s.Missed++
		}
		s.Cells = append(s.Cells, c)
	}
	s.Width = max(len(s.Cells)*cellWidth-cellGap, 0)
	return s
}

// consent says how many days are left.
func (p person) consent(now time.Time) words.Line {
	switch {
	case p.Obstacle == archive.ObstacleEnded || p.Obstacle == archive.ObstacleRevoked:
		return words.Say("operator.consent.over")
	case p.Grant.AuthorizedAt.IsZero():
		return words.Say("operator.consent.none")
	default:
		return words.Say("operator.consent.days", int(p.Grant.EndsAt().Sub(now)/(24*time.Hour)))
	}
}

// step says what comes next for a person, and whose it is.
func (p person) step(pic *picture) words.Line {
	switch p.Obstacle {
	case archive.ObstacleNeeds:
		return words.Say("operator.step." + asked(p.Last))
	case archive.ObstacleTrouble:
		if p.OtherKey {
			return words.Say("operator.step.other_key")
		}
		if concern, is := ofOutcome[p.Last.Kind]; is {
			return words.Say("operator.step." + string(concern))
		}
		return words.Say("operator.step.itself")
	case archive.ObstacleApp:
		return words.Say("operator.step.app", pic.pause.Until)
	default:
		return words.Say("operator.step." + p.stands(pic.now))
	}
}

// asked names what the end of a run asks of a person.
func asked(o outcome.Outcome) string {
	kinds := []outcome.Kind{outcome.Scope, outcome.Choose, outcome.InboxGone, outcome.NotReadable}
	for _, kind := range kinds {
		if o.Kind == kind || slices.ContainsFunc(o.Failed, func(f outcome.Failure) bool { return f.Kind == kind }) {
			return string(kind)
		}
	}
	return "asks"
}
