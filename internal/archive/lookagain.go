package archive

import (
	"errors"
	"fmt"
	"time"
)

// ErrLookAgain is why a message comes again whose run went well: its person is
// about to copy.
var ErrLookAgain = errors.New("the person is about to copy: looking again")

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
	m := u.Messages.believable(now)
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
	since := m.aboutToCopy(week)
	for _, after := range lookAgain() {
		if at := since.Add(after); at.After(u.Last.At) && !Ahead(since, now) && now.Sub(at) < time.Hour {
			return at
		}
	}
	return time.Time{}
}

// aboutToCopy is when the person was last reminded of a week, or tapped on a
// message.
func (m Messages) aboutToCopy(week Edition) time.Time {
	since := m.TappedAt
	for _, t := range m.Told {
		if (t.Key == weekKey(NoticeTurn, week) || t.Key == weekKey(NoticeLast, week)) && t.At.After(since) {
			since = t.At
		}
	}
	return since
}

// keptSoon is when a copy of fewer songs than a list has counts as all of them,
// and is told.
func (u User) keptSoon(now time.Time) time.Time {
	for _, n := range u.kept() {
		if channel, reached := u.Messages.WeekChannel(); reached && !u.Messages.told(n.Key, channel.ID) &&
			n.From.After(u.Last.At) && n.From.Sub(now) <= keptDelay {
			return n.From
		}
	}
	return time.Time{}
}

// weekKey names a message of a week.
func weekKey(kind NoticeKind, week Edition) string { return fmt.Sprintf("%s-%s", kind, week) }
