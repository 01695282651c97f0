package archive

import (
	"context"
	"hash/fnv"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
)

// Due is when a user is looked at next besides the weekly message, and why.
// Every active user has such a time, except those whom a program stored that
// knew none.
type Due struct {
	At  time.Time `json:"at"`
	Why DueReason `json:"why"`
}

// DueReason says why a user is looked at.
type DueReason string

// The reasons.
const (
	DueWeek    DueReason = "week"    // the week is not in, or songs wait
	DueMissed  DueReason = "missed"  // the weekly message has not reached the user
	DuePlays   DueReason = "plays"   // the next look at what was played
	DuePause   DueReason = "pause"   // Spotify asked the app to wait until shortly before
	DueConsent DueReason = "consent" // the consent ends soon, and no week has to be archived before
	DueMessage DueReason = "message" // the person has to be told something
	DueLeaving DueReason = "leaving" // what is left of somebody who disconnected has to be deleted
)

const (
	// weeklyHour is the hour (UTC) of the weekly message on Mondays: one hour
	// after the last time zone has reached Monday.
	weeklyHour = 13

	// dailySpread is over how many hours after weeklyHour the users of a day
	// are spread: four of the hourly messages.
	dailySpread = 4 * time.Hour

	// pauseSpread is over how long users are spread who waited for the end of a
	// pause; not longer than the pause is.
	pauseSpread = time.Hour

	// soonestDue is the least time to the next look.
	soonestDue = 30 * time.Minute

	// lateMessage is how late a message comes at most, usually. After a later one
	// the next look may be too soon.
	lateMessage = 3 * time.Hour
)

// NextLook gives when the user is looked at next after a run that ended at now, or
// a change of theirs, and why: whatever comes first. It is the one place that
// decides so. Paused is until when Spotify asks the app to wait; zero if it
// does not.
func (u User) NextLook(now, paused time.Time) Due {
	switch u.Status {
	case StatusLeaving:
		return Due{At: now.Add(soonestDue), Why: DueLeaving}
	case StatusActive:
	case StatusReconnect: // runs nothing, and may have to be told so
		return u.nextMessage(now)
	default:
		return Due{}
	}
	message := u.nextMessage(now)
	if paused.After(now) {
		next := Due{At: paused.Add(u.spread(min(pauseSpread, paused.Sub(now)))), Why: DuePause}
		if !message.At.IsZero() && message.At.Before(next.At) {
			next = message
		}
		return next
	}
	next := u.nextWeek(now)
	if !message.At.IsZero() && message.At.Before(next.At) {
		next = message
	}
	if plays := u.nextPlays(now); !plays.At.IsZero() && plays.At.Before(next.At) {
		next = plays
	}
	next.At = next.At.UTC().Truncate(time.Second)
	return next
}

// nextWeek is the next look of a user at their week: tomorrow while it is not
// in, on the days of a person who copies if only their hand is waited for, else
// after the next weekly message, which usually makes it needless.
func (u User) nextWeek(now time.Time) Due {
	switch {
	case u.waitsForCopy(now):
		return u.nextCopy(now)
	case u.waitsForWord(now):
		return Due{At: u.dailyAfter(weeklyAfter(now)), Why: DueMissed}
	case u.WeekOpen(now):
		at := u.dailyAfter(now.Add(soonestDue))
		if again := u.afterFailing(now); !u.Failing.IsZero() && again.Before(at) {
			at = again
		}
		return Due{At: at, Why: DueWeek}
	case u.pastesOnly() && !u.Grant.endsSoon(now):
		return Due{At: u.Grant.EndsAt().Add(-Reminders()[0]).Add(u.spread(dailySpread)), Why: DueConsent}
	default:
		return Due{At: u.dailyAfter(weeklyAfter(now)), Why: DueMissed}
	}
}

// waitsForWord reports whether this week waits for nothing but the person's word which
// Discover Weekly is theirs: all songs of each that shows wait already.
func (u User) waitsForWord(now time.Time) bool {
	unread := func(c Candidate) bool { return c.Held < calendar.DueEdition(now) }
	switch {
	case u.Waiting, u.Open != nil, !u.Failing.IsZero(), !u.TroubledAt.IsZero():
		return false
	case u.Choice != ChoiceDiscover && (u.Choice != ChoiceAuto || u.Inbox.PlaylistID != ""):
		return false
	default:
		list := u.Discover.Candidates
		return len(list) > 0 && !u.Discover.Chosen && !slices.ContainsFunc(list, unread)
	}
}

// afterFailing is when a user whose runs have been failing is tried again: after
// as long as they have.
func (u User) afterFailing(now time.Time) time.Time {
	wait := max(soonestDue, now.Sub(u.Failing))
	return now.Add(wait + u.spread(min(pauseSpread, wait)))
}

// earlyMessage is how long before its time a message is due, so that the hourly
// message of that time finds it.
const earlyMessage = time.Second

// nextMessage is when the person has to be told something next. What has to be
// told now, and was not, is tried again by the next hourly message: a time so
// near may lie before the hourly message that is just being sent, on its clock,
// and then no later one would ask for it.
func (u User) nextMessage(now time.Time) Due {
	at := u.NextNotice(now)
	if at.IsZero() {
		return Due{}
	}
	at = at.Add(-earlyMessage)
	if soonest := now.Add(calendar.MaxSkew); at.Before(soonest) {
		at = soonest
	}
	return Due{At: at.Truncate(time.Second), Why: DueMessage}
}

// dailyAfter is the user's next daily time after t. On Mondays the weekly
// message comes instead.
func (u User) dailyAfter(t time.Time) time.Time {
	t = t.UTC()
	at := time.Date(t.Year(), t.Month(), t.Day(), weeklyHour, 0, 0, 0, time.UTC).Add(u.spread(dailySpread))
	for !at.After(t) || at.Weekday() == time.Monday {
		at = at.AddDate(0, 0, 1)
	}
	return at
}

// weeklyAfter is when the next weekly message comes.
func weeklyAfter(t time.Time) time.Time {
	at := calendar.WeekOf(t).Monday().Add(weeklyHour * time.Hour)
	if !at.After(t) {
		at = at.AddDate(0, 0, 7)
	}
	return at
}

// spread is the user's own part of a stretch of time: always the same one, and
// those of many users fill it evenly.
func (u User) spread(over time.Duration) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(u.ID)) // never fails
	return time.Duration(float64(over) * float64(h.Sum32()) / (1 << 32)).Truncate(time.Second)
}

// Reschedule notes the next look after a change of the user's. It puts nothing
// off: one that is sooner stays, also one that has come, whose message may be on
// its way.
func (u *User) Reschedule(now time.Time) {
	next := u.NextLook(now, time.Time{})
	if u.Due.At.IsZero() || !next.At.IsZero() && next.At.Before(u.Due.At) {
		u.Due = next
	}
}

// Told notes the next look after something was told, or could not be.
func (u *User) Told(now time.Time) {
	if u.Due.Why == DueMessage {
		u.Due = u.NextLook(now, time.Time{})
		return
	}
	u.Reschedule(now)
}

// latest is the latest time that a look can be at which was noted at now: a
// clock that was wrong may have noted a later one. No look is later than the next
// message: one of a week that was too far ahead to be planned may have come nearer.
func (d Due) latest(u User, now time.Time) time.Time {
	latest := d.longest(u, now)
	if message := u.nextMessage(now); !message.At.IsZero() && message.At.Before(latest) {
		return message.At
	}
	return latest
}

// longest is how long a look may be waited for that was noted at now, and why.
func (d Due) longest(u User, now time.Time) time.Time {
	const day = 24 * time.Hour
	switch d.Why {
	case DueWeek:
		return now.Add(copyGap + dailySpread + soonestDue)
	case DuePlays:
		return now.Add(silentLook + (nightEnds-nightBegins+1)*time.Hour)
	case DuePause:
		return now.Add(app.MaxPause + pauseSpread + calendar.MaxSkew)
	case DueLeaving:
		return now.Add(soonestDue)
	case DueMessage:
		return u.Grant.EndsAt().Add(2 * reconnectAgain)
	case DueConsent:
		return u.Grant.EndsAt()
	default:
		return now.Add(9 * day) // to the Tuesday or Wednesday of the week after this one
	}
}

// believable is the time, or none if it is further ahead than it can be.
func (d Due) believable(u User, now time.Time) Due {
	if d.At.After(d.latest(u, now.Add(calendar.MaxSkew))) {
		return Due{}
	}
	return d
}

// Within is the time as a run may note it that was asked for at a time: not so
// late as a clock would have it that is days ahead.
func (d Due) Within(u User, asked time.Time) Due {
	if latest := d.latest(u, asked.Add(lateMessage)).Truncate(time.Second); d.At.After(latest) {
		d.At = latest
	}
	return d
}

// Idle reports whether a user whose time has come needs no run: they were run
// meanwhile, or have nothing to be run for.
func (u User) Idle(now time.Time) bool {
	return u.Status == StatusActive && !u.WeekOpen(now) && !u.Listens() && !u.Grant.Ended(now)
}

// OnlyPlays reports whether a user whose time has come is only due for a look
// at their plays: their week is done, or its daily time has not come since
// their last run. It does not where they are about to copy.
func (u User) OnlyPlays(now time.Time) bool {
	if !u.Listens() || u.Grant.Ended(now) || !u.LookAgain(now).IsZero() {
		return false
	}
	return !u.WeekOpen(now) || u.Due.Why == DuePlays && u.dailyAfter(u.Last.At).After(now)
}

// DueAt is the user's time as stores list it; ok is false for a user who has
// none, or whom nobody looks at.
func (u User) DueAt() (at time.Time, ok bool) { return u.Due.At, u.looksAt() && !u.Due.At.IsZero() }

// looksAt reports whether there may be anything to do for a user but for them.
func (u User) looksAt() bool {
	told := u.Status == StatusReconnect && u.Due.Why == DueMessage
	return u.Status == StatusActive || u.Status == StatusLeaving || told
}

// pastesOnly reports whether all that a user brings is what they paste.
func (u User) pastesOnly() bool { return u.Choice == ChoicePaste }

// WeekOpen reports whether a weekly message at now has work with this user: the
// week is not in, songs wait, a batch is half done, or an inbox was not read. A
// week in which nothing was pasted needs no work of a user who only pastes; as long
// as their consent does not end soon, which has to be told.
func (u User) WeekOpen(now time.Time) bool {
	switch u.Status {
	case StatusLeaving:
		return true
	case StatusActive:
	default:
		return false
	}
	if u.Waiting || u.Open != nil {
		return true
	}
	if u.pastesOnly() && !u.Grant.endsSoon(now) {
		return false
	}
	return u.awaitsInbox() || !u.weekDone(now)
}

func (u User) weekDone(now time.Time) bool {
	return u.LastEdition >= calendar.DueEdition(now) && !u.mistold(now)
}

// misscheduled reports whether the time at which somebody looks at the user is
// further ahead than it can be: a clock that was wrong has noted it, or something
// to tell has come nearer since. The weekly message takes them, too.
func (u User) misscheduled(now time.Time) bool {
	return u.looksAt() && !u.Due.At.IsZero() && u.Due.believable(u, now).At.IsZero()
}

// DueUsers finds users for fan-out.
type DueUsers interface {
	// DueUsers returns one page of the users that a query asks for: by their
	// time and then their id, with Open or Everybody by their id. A document
	// that cannot be read is named in Bad and skipped. Users that are created or
	// change while paging may or may not be seen.
	DueUsers(ctx context.Context, q DueQuery) (DuePage, error)
}

// DueQuery asks for one page.
type DueQuery struct {
	// Open, if not zero, asks for the users whose WeekOpen is true at that time,
	// whatever their own time is, and for those whose time cannot be.
	Open time.Time

	// From and Before ask for the users whose time is at From or later, and
	// before Before. Both count to the second.
	From, Before time.Time

	// Everybody asks every user, and not the stored times: it also finds those
	// who have none. With it, From is passed over.
	Everybody bool

	Prefix string // with Open or Everybody: only ids that begin so
	After  Place  // where the page before ended
	Limit  int    // how many documents are looked at, not how many are returned; at least 1
}

// Place is a place in the order of a DueQuery.
type Place struct {
	Due  time.Time // only where the order is by time
	User UserID
}

// ByTime reports whether the query asks for stored times, and is in their
// order.
func (q DueQuery) ByTime() bool { return q.Open.IsZero() && !q.Everybody }

// DuePage is one page of due users. After a Next that is not empty the next
// page may still be.
type DuePage struct {
	Users   []UserID
	Looks   int      // how many of them are only due for a look at their plays
	Overdue int      // how many of them missed an earlier edition; with Open only
	Bad     []UserID // documents that could not be read
	Next    Place    // continue after this; zero when there are no more
}

// Consider takes the user into the page if the query asks for them.
func (p *DuePage) Consider(u User, q DueQuery) {
	if !q.Open.IsZero() {
		if !u.WeekOpen(q.Open) && !u.misscheduled(q.Open) {
			return
		}
		if u.missed(calendar.DueEdition(q.Open).Previous()) {
			p.Overdue++
		}
		p.Users = append(p.Users, u.ID)
		return
	}
	if q.Everybody {
		if u.Due = u.Due.believable(u, q.Before); u.mistold(q.Before) {
			u.Due = Due{}
		}
	}
	at, ok := u.DueAt()
	untimed := q.Everybody && u.looksAt() && at.IsZero()
	if !ok && !untimed || !at.Before(q.Before) {
		return
	}
	if u.Due.Why == DuePlays {
		p.Looks++
	}
	p.Users = append(p.Users, u.ID)
}

// missed reports whether a Discover Weekly of that edition, or of an earlier
// one, was not archived though this app may read it: Spotify has overwritten
// it. Other sources keep their songs, and who copies, plays or pastes nothing
// has missed nothing. Nor has a new user, who has no LastEdition.
func (u User) missed(edition calendar.Edition) bool {
	return u.Status == StatusActive && u.Choice.Direct() && u.Discover.Access != AccessDenied &&
		u.LastEdition != "" && u.LastEdition < edition
}
