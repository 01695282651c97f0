package archive

import (
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

// A person who copies is looked at on Monday, with everybody, and on three more
// days: two days apart, so that no copy waits longer than that; or, for a person
// who keeps to a day, on the first daily time after their usual one, and on two
// days around it. Looks end when a whole list was copied: what comes later in the
// week is found on Monday. Nothing is lost by waiting, for nobody but the person
// takes songs out of an inbox (internal/docs/decisions/0018-looks-at-an-inbox.md).

const (
	// copyGap is the longest time between two looks, from Sunday to Tuesday or
	// around a person's own day.
	copyGap = 3 * 24 * time.Hour

	// newTime is how long somebody is new: until their second Monday, and is looked at daily.
	newTime = 6 * 24 * time.Hour
)

// copyDays are the days of the looks, besides Monday's: first those of a person
// who keeps to no day, then by the day of the look after their usual copy.
var copyDays = map[time.Weekday][]time.Weekday{
	time.Monday:    {time.Wednesday, time.Friday, time.Sunday},
	time.Tuesday:   {time.Tuesday, time.Friday, time.Sunday},
	time.Wednesday: {time.Wednesday, time.Friday, time.Sunday},
	time.Thursday:  {time.Tuesday, time.Thursday, time.Sunday},
	time.Friday:    {time.Wednesday, time.Friday, time.Sunday},
	time.Saturday:  {time.Wednesday, time.Saturday, time.Sunday},
	time.Sunday:    {time.Wednesday, time.Friday, time.Sunday},
}

// waitsForCopy reports whether this week waits for nothing but the person's hand:
// nothing is half done, in doubt, or in trouble.
func (u User) waitsForCopy(now time.Time) bool {
	if u.Status != StatusActive || u.Waiting || u.Open != nil || !u.TroubledAt.IsZero() || !Looked(u.Last) || u.Last.At.IsZero() {
		return false
	}
	if !u.Inbox.Confirmed || u.Inbox.Gone || u.Inbox.Absence != (Absence{}) || now.Sub(u.CreatedAt) < newTime {
		return false
	}
	if u.Choice == ChoiceAuto {
		return u.Copies() && u.Discover.Unreadable(u.Discover.Denials)
	}
	return u.Choice.Has(ledger.SourceInbox) && !u.Choice.Has(ledger.SourceDiscover)
}

// nextCopy is the next look at an inbox.
func (u User) nextCopy(now time.Time) Due {
	if u.Inbox.Week == u.WeekOf(now) && u.Inbox.Songs >= calendar.DiscoverSongs {
		return Due{At: u.dailyAfter(weeklyAfter(now)), Why: DueMissed}
	}
	days := copyDays[time.Monday]
	if !u.Inbox.CopiedAt.IsZero() {
		days = copyDays[u.dailyAfter(u.Inbox.CopiedAt).Weekday()]
	}
	at := u.dailyAfter(now.Add(soonestDue))
	for !slices.Contains(days, at.Weekday()) && at.Before(weeklyAfter(now)) {
		at = u.dailyAfter(at)
	}
	return Due{At: at, Why: DueWeek}
}
