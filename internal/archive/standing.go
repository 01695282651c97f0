package archive

import (
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
)

// Obstacle says what keeps a person's weeks from being archived.
type Obstacle string

// The obstacles, in the order in which they go before each other.
const (
	ObstacleNone    Obstacle = ""
	ObstacleRevoked Obstacle = "revoked" // Spotify stopped accepting the consent before its six months were over
	ObstacleEnded   Obstacle = "ended"   // the six months of the consent are over
	ObstacleStopped Obstacle = "stopped" // paused by the person, or leaving
	ObstacleApp     Obstacle = "app"     // the app keeps away from Spotify
	ObstacleNeeds   Obstacle = "needs"   // the person has to do something about the last run
	ObstacleTrouble Obstacle = "trouble" // the last run failed; it comes again by itself
)

// InTheWay tells what is in the way of a user, given the app's pause.
func (u User) InTheWay(pause app.Pause, now time.Time) Obstacle {
	switch {
	case u.revoked(now):
		return ObstacleRevoked
	case u.Status == StatusReconnect || u.Grant.Ended(now):
		return ObstacleEnded
	case u.Status != StatusActive:
		return ObstacleStopped
	case now.Before(pause.Current(now).Until):
		return ObstacleApp
	case u.Unrun():
		return ObstacleNone
	case u.asked(u.Last.Kind), slices.ContainsFunc(u.Last.Failed, func(f outcome.Failure) bool { return u.asked(f.Kind) }):
		return ObstacleNeeds
	case u.troubled():
		return ObstacleTrouble
	default:
		return ObstacleNone
	}
}

func (u User) revoked(now time.Time) bool {
	if u.Status != StatusReconnect {
		return false
	}
	if u.Last.Kind == outcome.Reconnect {
		return u.Last.At.Before(u.Grant.EndsAt())
	}
	return !u.Grant.Ended(now)
}

// Unrun reports that there was no run since the consent.
func (u User) Unrun() bool { return u.Last.At.Before(u.Grant.AuthorizedAt) }

// Answered reports that the person has done what an outcome asks of them, and
// that no run has tried it yet.
func (u User) Answered(kind outcome.Kind) bool {
	direct := u.Choice.Direct()
	switch kind {
	case outcome.NotReadable:
		return !direct
	case outcome.Choose:
		return !direct || len(u.Discover.Candidates) == 0
	case outcome.InboxGone:
		return u.Choice != ChoiceAuto
	default:
		return false
	}
}

// asked reports that an outcome asks something of the person. What Spotify
// refuses to show or to change concerns them, but is not theirs to mend.
func (u User) asked(kind outcome.Kind) bool {
	theirs := kind != outcome.Unreadable && kind != outcome.NotWritable
	return kind.Verdict().Severity == outcome.Attention && theirs && !u.Answered(kind)
}

// troubled reports that the last run did not get to the end of its sources.
func (u User) troubled() bool {
	return u.Last.Kind.Verdict().Severity != outcome.Routine || len(u.Last.Failed) > 0 ||
		slices.Contains([]outcome.Kind{outcome.Unavailable, outcome.Unsure, outcome.GrantRefused, outcome.Missing, outcome.PutOff}, u.Last.Kind)
}
