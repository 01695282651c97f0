package archive

import (
	"fmt"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
)

const (
	// keptDelay is how long a copy of fewer songs than a list has is
	// watched: more may be on their way.
	keptDelay = 20 * time.Minute

	// keptUse is for how long it is news that a week is kept.
	keptUse = 36 * time.Hour

	// reconnectAgain is after how long a person is asked once more to
	// reconnect; later, they are not.
	reconnectAgain = 14 * 24 * time.Hour

	// troubleClear is for how long something stands in the way before the
	// person is told, if it may pass by itself.
	troubleClear = 24 * time.Hour

	// troubleUse is how long a person is still told of it.
	troubleUse = 7 * 24 * time.Hour

	// noLastAfter and monthlyAfter are after how many unanswered weeks in a row
	// the message of the last evening stops, and all but one a month.
	noLastAfter  = 2
	monthlyAfter = 4
	month        = 4 * 7 * 24 * time.Hour
)

// Notices returns what the person has to be told now.
func (u User) Notices(now time.Time) []notice.Notice {
	u.Messages = u.Messages.Believable(now)
	if !u.awake(now).Equal(now) || now.Before(u.Messages.RetryAt) {
		return nil
	}
	return slices.DeleteFunc(u.planned(now), func(n notice.Notice) bool {
		return now.Before(n.From) || !now.Before(n.Until)
	})
}

// NextNotice returns when the person has to be told something next: now, if it
// is due; zero for nothing. What they are told of a later week than the next is
// not known yet, so it is asked again at least once a week.
func (u User) NextNotice(now time.Time) time.Time {
	u.Messages = u.Messages.Believable(now)
	var next time.Time
	for _, n := range u.planned(now) {
		at := n.From
		for _, later := range []time.Time{now, u.Messages.RetryAt} {
			if later.After(at) {
				at = later
			}
		}
		if at = u.awake(at); at.Before(n.Until) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}

// planned returns what the person is, or will be, told as far as that can be
// said now, each with the channels that do not have it yet.
func (u User) planned(now time.Time) []notice.Notice {
	if len(u.Messages.Channels) == 0 || u.Messages.Stopped || u.Status == StatusLeaving || u.Status == StatusPaused {
		return nil
	}
	this := u.WeekOf(now)
	list := slices.Concat(u.reminders(this, now), u.reminders(this.Next(), now), u.kept())
	for i := range list {
		if channel, open := u.Messages.WeekChannelFor(list[i].Key); open {
			list[i].Channels = []string{channel}
		}
	}
	important := slices.Concat(u.endings(now), u.troubles())
	for i := range important {
		for _, c := range u.Messages.Channels {
			important[i].Channels = append(important[i].Channels, c.ID)
		}
	}
	var open []notice.Notice
	for _, n := range append(important, list...) {
		n.From = u.awake(n.From)
		n.Channels = slices.DeleteFunc(n.Channels, func(id string) bool {
			c, _ := u.Messages.Channel(id)
			return u.Messages.WasTold(n.Key, id) || n.From.Before(c.AddedAt)
		})
		if len(n.Channels) > 0 {
			open = append(open, n)
		}
	}
	return open
}

// reminders returns the messages of a week that waits to be copied: on the
// person's day, and on the last evening. A person who does not answer gets fewer.
func (u User) reminders(week calendar.Edition, now time.Time) []notice.Notice {
	m := u.Messages
	if u.Status != StatusActive || !u.Copies() || m.Copied.Edition >= week || u.weekIn(u.tally(week)) || m.Trouble.Kind != "" {
		return nil
	}
	before := m.UnansweredBefore(week)
	if before >= monthlyAfter && m.Reminded != week && week.Monday().Before(m.Reminded.Monday().Add(month)) {
		return nil
	}
	over := u.localTime(week, notice.LastDay, notice.LastHour+1)
	turn := notice.Notice{
		Kind: notice.Turn, Key: notice.KeyOfWeek(notice.Turn, week), Edition: week,
		From: u.localTime(week, m.ReminderDay(), m.ReminderHour()), Until: over,
		Missed: slices.Contains(u.Missed, week.Previous()),
	}
	last := turn
	last.Kind, last.Key = notice.Last, notice.KeyOfWeek(notice.Last, week)
	last.From = u.localTime(week, notice.LastDay, notice.LastEvening)
	list := []notice.Notice{turn}
	if before < noLastAfter && m.ReminderDay() != notice.LastDay {
		list[0].Until = last.From
		list = append(list, last)
	}
	for i := range list {
		list[i].DaysLeft = u.daysUntil(week.Next(), now)
	}
	return slices.DeleteFunc(list, func(n notice.Notice) bool { return m.Away(n.From) })
}

// kept returns that what was copied is in the archive.
func (u User) kept() []notice.Notice {
	c := u.Messages.Copied
	if u.Messages.KeptOff || c.Edition == "" || c.Songs == 0 {
		return nil
	}
	from := c.At
	if c.Songs < calendar.DiscoverSongs {
		from = from.Add(keptDelay)
	}
	return []notice.Notice{{
		Kind: notice.Kept, Key: notice.KeyOfWeek(notice.Kept, c.Edition), Edition: c.Edition, Songs: c.Songs,
		From: from, Until: c.At.Add(keptUse),
	}}
}

// endings returns that the consent ends soon, once for each of Reminders.
func (u User) endings(now time.Time) []notice.Notice {
	if u.Status != StatusActive {
		return nil
	}
	ends := u.Grant.EndsAt()
	var list []notice.Notice
	for i, before := range Reminders() {
		until := ends
		if later := Reminders()[i+1:]; len(later) > 0 {
			until = ends.Add(-later[0])
		}
		list = append(list, notice.Notice{
			Kind: notice.Ends, Key: fmt.Sprintf("ends-%s-%d", ends.UTC().Format(time.DateOnly), int(before/(24*time.Hour))),
			From: ends.Add(-before), Until: until, Ends: ends, DaysLeft: max(0, int(ends.Sub(now)/(24*time.Hour))),
		})
	}
	return list
}

// troubles returns what is in the way.
func (u User) troubles() []notice.Notice {
	t := u.Messages.Trouble
	since := t.Since.UTC().Format(time.DateOnly)
	switch {
	case t.Kind == "" || u.Status != StatusActive && u.Status != StatusReconnect:
		return nil
	case t.Kind == outcome.Reconnect:
		return []notice.Notice{
			{Kind: notice.Reconnect, Key: "reconnect-" + since + "-1", From: t.Since, Until: t.Since.Add(reconnectAgain)},
			{Kind: notice.Reconnect, Key: "reconnect-" + since + "-2", From: t.Since.Add(reconnectAgain), Until: t.Since.Add(2 * reconnectAgain)},
		}
	default:
		from := t.Since
		if passing(t.Kind) {
			from = from.Add(troubleClear)
		}
		return []notice.Notice{{
			Kind: notice.Stopped, Key: fmt.Sprintf("stopped-%s-%s", t.Kind, since), Trouble: t.Kind,
			From: from, Until: from.Add(troubleUse),
		}}
	}
}

// awake returns the first time from t on at which the person may be told
// something.
func (u User) awake(t time.Time) time.Time {
	local := t.In(u.Location())
	day := local.Day()
	switch hour := local.Hour(); {
	case hour > notice.LastHour:
		day++
	case hour >= notice.FirstHour:
		return t
	}
	return time.Date(local.Year(), local.Month(), day, notice.FirstHour, 0, 0, 0, u.Location()).UTC()
}

// localTime returns an hour of a day, Monday 1 to Sunday 7, of the person's week.
func (u User) localTime(week calendar.Edition, day, hour int) time.Time {
	monday := week.Monday()
	return time.Date(monday.Year(), monday.Month(), monday.Day()+day-1, hour, 0, 0, 0, u.Location()).UTC()
}

// daysUntil counts the days until a week begins, the one of now included.
func (u User) daysUntil(week calendar.Edition, now time.Time) int {
	local := now.In(u.Location())
	today := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
	return max(0, int(week.Monday().Sub(today)/(24*time.Hour)))
}
