package archive

import (
	"slices"
	"time"
)

// A clock that was wrong once has written times that cannot be: they lie
// further ahead than anything that we store. None of them is believed, so
// putting the clock right costs a delay and no more.

// MaxPause is the longest pause that is believed. The longest that Spotify
// was seen to ask for is a day.
const MaxPause = 48 * time.Hour

// Ahead reports whether t lies further ahead of now than two machines' clocks
// differ.
func Ahead(t, now time.Time) bool { return t.After(now.Add(MaxSkew)) }

// Believable is the user with every stored time that cannot be replaced by
// the safest one that can. What was open or done "in the future" is looked at
// again.
func (u User) Believable(now time.Time) User {
	if u.Lease.Until.After(now.Add(LeaseTime + MaxSkew)) {
		u.Lease = Lease{}
	}
	if u.Open != nil && Ahead(u.Open.At, now) {
		open := *u.Open
		open.At = now
		u.Open = &open
	}
	due := DueEdition(now)
	if u.LastEdition.impossible(due) {
		u.LastEdition = due.Previous()
	}
	if u.Discover.Done.impossible(due) {
		u.Discover.Done = due.Previous()
	}
	if u.Inbox.Week.impossible(due) {
		u.Inbox.Week, u.Inbox.Songs = "", 0
	}
	if u.Discover.Partial.impossible(due) {
		u.Discover.Partial = ""
	}
	for _, t := range []*time.Time{
		&u.Discover.CheckedAt, &u.Discover.PartialAt, &u.Discover.DoubtedAt, &u.Inbox.SnapshotAt, &u.Inbox.ReadAt, &u.Inbox.Newest, &u.Inbox.CopiedAt, &u.Inbox.MadeAt,
		&u.Inbox.Absence.Since, &u.Inbox.Absence.Doubted, &u.Listening.Cursor, &u.Listening.QueueAt,
		&u.Playlists.RefusedAt, &u.Playlists.Since, &u.TroubledAt,
	} {
		if Ahead(*t, now) {
			*t = time.Time{}
		}
	}
	if Ahead(u.Grant.Refusals.Last, now) {
		u.Grant.Refusals = Refusals{}
	}
	if Ahead(u.Grant.EndSeen, now) {
		u.Grant.EndSeen = time.Time{}
	}
	if u.Status == StatusReconnect && !u.Grant.Ended(now) && u.Grant.Refusals.Count == 0 {
		u.Status = StatusActive // a clock had said that the consent was over
	}
	u.Weeks = slices.DeleteFunc(slices.Clone(u.Weeks), func(t WeekTally) bool { return t.Edition.impossible(due) })
	u.Manual, u.Messages = u.Manual.believable(now), u.Messages.believable(now)
	u.Due = u.Due.believable(u, now)
	for key, target := range u.Archives {
		u.Archives[key] = target.believable(now)
	}
	return u
}

func (s ArchivePlaylist) believable(now time.Time) ArchivePlaylist {
	for _, t := range []*time.Time{&s.MadeAt, &s.ReadAt, &s.UnreadSince, &s.Absence.Since, &s.Absence.Doubted} {
		if Ahead(*t, now) {
			*t = time.Time{}
		}
	}
	return s
}

// impossible reports whether the edition is later than any list on earth can
// show while due is the newest that is out everywhere.
func (e Edition) impossible(due Edition) bool { return e > due.next() }

// Current returns the pause as it is believed at now: the zero Pause if it
// is over, or ends later than a pause can.
func (p Pause) Current(now time.Time) Pause {
	if !now.Before(p.Until) || p.Impossible(now) {
		return Pause{}
	}
	return p
}

// Impossible reports whether the pause ends later than one can. A clock that was
// days ahead has stored it, and it would be believed when those days have passed.
func (p Pause) Impossible(now time.Time) bool { return p.Until.After(now.Add(MaxPause + MaxSkew)) }

// Replaces reports whether the pause takes the place of a stored one: unless
// that ends later, by no more than a pause can.
func (p Pause) Replaces(stored Pause) bool {
	return !stored.Until.After(p.Until) || stored.Until.After(p.Until.Add(MaxPause))
}

// maxRunGap is longer than any two runs of one kind are apart that a late
// delivery brings out of order.
const maxRunGap = 8 * 24 * time.Hour

// NewestRun returns which of two times a store keeps for LastRun, and for
// LastMassRefusal: the later, unless the stored one lies so far ahead that it cannot be.
func NewestRun(stored, at time.Time) time.Time {
	if stored.After(at) && !stored.After(at.Add(maxRunGap)) {
		return stored
	}
	return at
}

const (
	// RunTime bounds a run; a run that takes longer is stopped and resumed by
	// the next delivery.
	RunTime = 4 * time.Minute

	// MaxSkew is how far the clocks of two machines may differ.
	MaxSkew = 5 * time.Minute

	// LookTime bounds a look at what was played. It writes nothing at Spotify,
	// so whoever comes after it need not wait for another machine's clock; its
	// lease is not given back, because that would be one more write.
	LookTime = time.Minute

	// LeaseTime outlives RunTime on every machine's clock.
	LeaseTime = RunTime + MaxSkew + time.Minute
)

// LooksApart is how far two looks at Spotify are apart that count as two: what
// an outage shows for half a day is one answer.
const LooksApart = 20 * time.Hour

// serviceBegan is when Discover Weekly began. Lists that Spotify makes have
// carried dates of 1970 (https://github.com/nokazn/ravyd/issues/49).
var serviceBegan = time.Date(2015, time.July, 1, 0, 0, 0, 0, time.UTC)

// Plausible reports whether a date of Spotify's can be one.
func Plausible(t, now time.Time) bool {
	return t.After(serviceBegan) && !t.After(now.Add(24*time.Hour))
}
