package calendar

import "time"

// Ahead reports whether t lies further ahead of now than two machines' clocks
// differ.
func Ahead(t, now time.Time) bool { return t.After(now.Add(MaxSkew)) }

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

// MaxSkew is how far the clocks of two machines may differ.
const MaxSkew = 5 * time.Minute

// serviceBegan is when Discover Weekly began. Lists that Spotify makes have
// carried dates of 1970 (https://github.com/nokazn/ravyd/issues/49).
var serviceBegan = time.Date(2015, time.July, 1, 0, 0, 0, 0, time.UTC)

// Plausible reports whether a date of Spotify's can be one.
func Plausible(t, now time.Time) bool {
	return t.After(serviceBegan) && !t.After(now.Add(24*time.Hour))
}
