package web

import (
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// Standing names how things stand with a user, as their account page tells it:
// one of Standings. entries are those of the newest weeks, and pause is the
// app's, zero when there is none. Without entries nobody has a turn that is over.
func Standing(user archive.User, entries []archive.Entry, pause archive.Pause, now time.Time) string {
	return string(situation{user: user, entries: entries, pause: pause, now: now}.standing())
}

// Standings are the names that Standing returns, in the order in which they go
// before each other.
func Standings() []string {
	var names []string
	for _, s := range []standing{
		standsRevoked, standsEnded, standsStopped, standsApp, standsFirst, standsAgain, standsNeeds, standsWaiting, standsTurn, standsWell,
	} {
		names = append(names, string(s))
	}
	return names
}
