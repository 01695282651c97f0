package archive

import (
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
)

// lookAgain is how long after a person was reminded, or tapped on a message, it
// is looked whether they have copied: four times in half an hour. The songs of
// whoever copies at once are saved, and told to be, within ten minutes.
func lookAgain() []time.Duration {
	return []time.Duration{4 * time.Minute, 10 * time.Minute, 18 * time.Minute, 30 * time.Minute}
}

// LookAgain is when the user is looked at again because they are about to copy,
// or are just doing so; the zero time if they are not. It may have passed. It is
// no time of the schedule, whose hourly message would come too late: the
// message of the run comes again.
func (u User) LookAgain(now time.Time) time.Time {
	m := u.Messages.Believable(now)
	if _, reached := m.WeekChannel(); !reached || u.Status != StatusActive || !u.Copies() {
		return time.Time{}
	}
	week := u.WeekOf(now)
	if m.Copied.Edition == week {
		return u.keptSoon(now)
	}
	if m.Copied.Edition > week || u.weekIn(u.tally(week)) {
		return time.Time{}
	}
	since := m.AboutToCopy(week)
	for _, after := range lookAgain() {
		if at := since.Add(after); at.After(u.Last.At) && !calendar.Ahead(since, now) && now.Sub(at) < time.Hour {
			return at
		}
	}
	return time.Time{}
}

// keptSoon is when a copy of fewer songs than a list has counts as all of them,
// and is told.
func (u User) keptSoon(now time.Time) time.Time {
	for _, n := range u.kept() {
		if _, open := u.Messages.WeekChannelFor(n.Key); open && n.From.After(u.Last.At) && n.From.Sub(now) <= keptDelay {
			return n.From
		}
	}
	return time.Time{}
}
