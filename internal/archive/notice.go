package archive

import (
	"fmt"
	"slices"
	"time"
)

// NoticeKind says what a message is about.
type NoticeKind string

// The kinds of notices.
const (
	NoticeTurn      NoticeKind = "turn"      // this week's list waits to be copied
	NoticeLast      NoticeKind = "last"      // the same, on the last evening
	NoticeKept      NoticeKind = "kept"      // what was copied is in the archive
	NoticeEnds      NoticeKind = "ends"      // the consent ends soon
	NoticeReconnect NoticeKind = "reconnect" // the consent is over
	NoticeStopped   NoticeKind = "stopped"   // something else is in the way, and the person can help
	NoticeTest      NoticeKind = "test"      // the person asked whether it works
)

// NoticeKinds lists every kind.
func NoticeKinds() []NoticeKind {
	return []NoticeKind{NoticeTurn, NoticeLast, NoticeKept, NoticeEnds, NoticeReconnect, NoticeStopped, NoticeTest}
}

// A Notice is something that a person is told, once on each of its channels,
// between two times.
type Notice struct {
	Kind     NoticeKind
	Key      string // names the event
	From     time.Time
	Until    time.Time // it means nothing any more
	Channels []string  // ids

	Edition  Edition     // turn, last, kept
	DaysLeft int         // turn, last: until the list is replaced; ends: until the consent ends
	Missed   bool        // turn, last: nothing came in the week before
	Unlooked bool        // turn, last: we could not look just now whether it is done
	Songs    int         // kept
	Trouble  OutcomeKind // stopped
	Ends     time.Time   // ends
}

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
func (u User) Notices(now time.Time) []Notice {
	u.Messages = u.Messages.believable(now)
	if !u.awake(now).Equal(now) || now.Before(u.Messages.RetryAt) {
		return nil
	}
	return slices.DeleteFunc(u.planned(now), func(n Notice) bool {
		return now.Before(n.From) || !now.Before(n.Until)
	})
}

// NextNotice returns when the person has to be told something next: now, if it
// is due; zero for nothing. What they are told of a later week than the next is
// not known yet, so it is asked again at least once a week.
func (u User) NextNotice(now time.Time) time.Time {
	u.Messages = u.Messages.believable(now)
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
func (u User) planned(now time.Time) []Notice {
	week, reached := u.Messages.WeekChannel()
	if !reached || u.Messages.Stopped || u.Status == StatusLeaving || u.Status == StatusPaused {
		return nil
	}
	this := u.WeekOf(now)
	list := slices.Concat(u.reminders(this, now), u.reminders(this.next(), now), u.kept())
	for i := range list {
		list[i].Channels = []string{week.ID}
	}
	important := slices.Concat(u.endings(now), u.troubles())
	for i := range important {
		for _, c := range u.Messages.Channels {
			important[i].Channels = append(important[i].Channels, c.ID)
		}
	}
	var open []Notice
	for _, n := range append(important, list...) {
		n.From = u.awake(n.From)
		n.Channels = slices.DeleteFunc(n.Channels, func(id string) bool {
			c, _ := u.Messages.Channel(id)
			return u.Messages.told(n.Key, id) || n.From.Before(c.AddedAt)
		})
		if len(n.Channels) > 0 {
			open = append(open, n)
		}
	}
	return open
}

// reminders returns the messages of a week that waits to be copied: on the
// person's day, and on the last evening. A person who does not answer gets fewer.
func (u User) reminders(week Edition, now time.Time) []Notice {
	m := u.Messages
	if u.Status != StatusActive || !u.Copies() || m.Copied.Edition >= week || u.weekIn(u.tally(week)) || m.Trouble.Kind != "" {
		return nil
	}
	before := m.unansweredBefore(week)
	if before >= monthlyAfter && m.Reminded != week && week.Monday().Before(m.Reminded.Monday().Add(month)) {
		return nil
	}
	over := u.localTime(week, lastDay, LastHour+1)
	turn := Notice{
		Kind: NoticeTurn, Key: weekKey(NoticeTurn, week), Edition: week,
		From: u.localTime(week, m.ReminderDay(), m.ReminderHour()), Until: over,
		Missed: slices.Contains(u.Missed, week.Previous()),
	}
	last := turn
	last.Kind, last.Key = NoticeLast, weekKey(NoticeLast, week)
	last.From = u.localTime(week, lastDay, lastEvening)
	list := []Notice{turn}
	if before < noLastAfter && m.ReminderDay() != lastDay {
		list[0].Until = last.From
		list = append(list, last)
	}
	for i := range list {
		list[i].DaysLeft = u.daysUntil(week.next(), now)
	}
	return slices.DeleteFunc(list, func(n Notice) bool { return m.Away(n.From) })
}

// unansweredBefore counts the weeks in a row, before this one, of which the
// person was reminded in vain.
func (m Messages) unansweredBefore(week Edition) int {
	switch {
	case m.Reminded == "" || m.Copied.Edition >= m.Reminded:
		return 0
	case m.Reminded == week:
		return m.Unanswered - 1
	default:
		return m.Unanswered
	}
}

// kept returns that what was copied is in the archive.
func (u User) kept() []Notice {
	c := u.Messages.Copied
	if u.Messages.KeptOff || c.Edition == "" || c.Songs == 0 {
		return nil
	}
	from := c.At
	if c.Songs < DiscoverSongs {
		from = from.Add(keptDelay)
	}
	return []Notice{{
		Kind: NoticeKept, Key: weekKey(NoticeKept, c.Edition), Edition: c.Edition, Songs: c.Songs,
		From: from, Until: c.At.Add(keptUse),
	}}
}

// endings returns that the consent ends soon, once for each of Reminders.
func (u User) endings(now time.Time) []Notice {
	if u.Status != StatusActive {
		return nil
	}
	ends := u.Grant.EndsAt()
	var list []Notice
	for i, before := range Reminders() {
		until := ends
		if later := Reminders()[i+1:]; len(later) > 0 {
			until = ends.Add(-later[0])
		}
		list = append(list, Notice{
			Kind: NoticeEnds, Key: fmt.Sprintf("ends-%s-%d", ends.UTC().Format(time.DateOnly), int(before/(24*time.Hour))),
			From: ends.Add(-before), Until: until, Ends: ends, DaysLeft: max(0, int(ends.Sub(now)/(24*time.Hour))),
		})
	}
	return list
}

// troubles returns what is in the way.
func (u User) troubles() []Notice {
	t := u.Messages.Trouble
	since := t.Since.UTC().Format(time.DateOnly)
	switch {
	case t.Kind == "" || u.Status != StatusActive && u.Status != StatusReconnect:
		return nil
	case t.Kind == OutcomeReconnect:
		return []Notice{
			{Kind: NoticeReconnect, Key: "reconnect-" + since + "-1", From: t.Since, Until: t.Since.Add(reconnectAgain)},
			{Kind: NoticeReconnect, Key: "reconnect-" + since + "-2", From: t.Since.Add(reconnectAgain), Until: t.Since.Add(2 * reconnectAgain)},
		}
	default:
		from := t.Since
		if passing(t.Kind) {
			from = from.Add(troubleClear)
		}
		return []Notice{{
			Kind: NoticeStopped, Key: fmt.Sprintf("stopped-%s-%s", t.Kind, since), Trouble: t.Kind,
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
	case hour > LastHour:
		day++
	case hour >= FirstHour:
		return t
	}
	return time.Date(local.Year(), local.Month(), day, FirstHour, 0, 0, 0, u.Location()).UTC()
}

// localTime returns an hour of a day, Monday 1 to Sunday 7, of the person's week.
func (u User) localTime(week Edition, day, hour int) time.Time {
	monday := week.Monday()
	return time.Date(monday.Year(), monday.Month(), monday.Day()+day-1, hour, 0, 0, 0, u.Location()).UTC()
}

// daysUntil counts the days until a week begins, the one of now included.
func (u User) daysUntil(week Edition, now time.Time) int {
	local := now.In(u.Location())
	today := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
	return max(0, int(week.Monday().Sub(today)/(24*time.Hour)))
}

// Tag names what the notice is about. Of one week a later message takes the place
// of an earlier one.
func (n Notice) Tag() string {
	switch n.Kind {
	case NoticeTurn, NoticeLast, NoticeKept:
		return "week-" + string(n.Edition)
	case NoticeTest:
		return "test"
	default:
		return "account"
	}
}

// Urgency says whether it may wake a device.
func (n Notice) Urgency() Urgency {
	switch n.Kind {
	case NoticeKept:
		return UrgencyLow
	case NoticeLast, NoticeTest:
		return UrgencyHigh
	default:
		return UrgencyNormal
	}
}
