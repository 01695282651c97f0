package archive

import (
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
)

// A clock that was wrong once has written times that cannot be: they lie
// further ahead than anything that we store. None of them is believed, so
// putting the clock right costs a delay and no more.

// Believable is the user with every stored time that cannot be replaced by
// the safest one that can. What was open or done "in the future" is looked at
// again.
func (u User) Believable(now time.Time) User {
	if u.Lease.Until.After(now.Add(LeaseTime + calendar.MaxSkew)) {
		u.Lease = Lease{}
	}
	if u.Open != nil && calendar.Ahead(u.Open.At, now) {
		open := *u.Open
		open.At = now
		u.Open = &open
	}
	if before := calendar.DueEdition(now).Previous(); u.mistold(now) {
		u.LastEdition, u.Discover.Done = min(u.LastEdition, before), min(u.Discover.Done, before)
	}
	if u.Inbox.Week.Impossible(now) {
		u.Inbox.Week, u.Inbox.Songs = "", 0
	}
	if u.Discover.Partial.Impossible(now) {
		u.Discover.Partial = ""
	}
	for _, t := range []*time.Time{
		&u.Discover.CheckedAt, &u.Discover.PartialAt, &u.Discover.DoubtedAt, &u.Inbox.SnapshotAt, &u.Inbox.ReadAt, &u.Inbox.Newest, &u.Inbox.CopiedAt, &u.Inbox.MadeAt,
		&u.Inbox.Absence.Since, &u.Inbox.Absence.Doubted, &u.Listening.Cursor, &u.Listening.QueueAt,
		&u.Playlists.RefusedAt, &u.Playlists.Since, &u.TroubledAt, &u.Failing,
	} {
		if calendar.Ahead(*t, now) {
			*t = time.Time{}
		}
	}
	if calendar.Ahead(u.Grant.Refusals.Last, now) {
		u.Grant.Refusals = Refusals{}
	}
	if calendar.Ahead(u.Grant.EndSeen, now) {
		u.Grant.EndSeen = time.Time{}
	}
	if u.Status == StatusReconnect && !u.Grant.Ended(now) && u.Grant.Refusals.Count == 0 {
		u.Status = StatusActive // a clock had said that the consent was over
	}
	u.Weeks = slices.DeleteFunc(slices.Clone(u.Weeks), func(t calendar.WeekTally) bool { return t.Edition.Impossible(now) })
	u.Manual, u.Messages = u.Manual.believable(now), u.Messages.Believable(now)
	u.Due = u.Due.believable(u, now)
	for key, target := range u.Archives {
		u.Archives[key] = target.believable(now)
	}
	return u
}

// mistold reports whether a clock that was ahead may have told which week is done. Of
// a list without dates nothing else tells it, and from Monday on it is a week that can be.
func (u User) mistold(now time.Time) bool {
	return u.LastEdition.Impossible(now) || u.Discover.Done.Impossible(now) || calendar.Ahead(u.Last.At, now)
}

func (s ArchivePlaylist) believable(now time.Time) ArchivePlaylist {
	for _, t := range []*time.Time{&s.MadeAt, &s.ReadAt, &s.UnreadSince, &s.Absence.Since, &s.Absence.Doubted} {
		if calendar.Ahead(*t, now) {
			*t = time.Time{}
		}
	}
	return s
}

const (
	// RunTime bounds a run; a run that takes longer is stopped and resumed by
	// the next delivery.
	RunTime = 4 * time.Minute

	// LookTime bounds a look at what was played. It writes nothing at Spotify,
	// so whoever comes after it need not wait for another machine's clock; its
	// lease is not given back, because that would be one more write.
	LookTime = time.Minute

	// LeaseTime outlives RunTime on every machine's clock.
	LeaseTime = RunTime + calendar.MaxSkew + time.Minute
)

// LooksApart is how far two looks at Spotify are apart that count as two: what
// an outage shows for half a day is one answer.
const LooksApart = 20 * time.Hour

// VisibilityDelay is how long a write to Spotify is given to take effect and to
// show in reads before anybody looks whether it did: writes without an answer
// have taken effect 40 s after they were sent. By another machine's clock it is
// calendar.MaxSkew longer.
const VisibilityDelay = 90 * time.Second
