package notice

import (
	"fmt"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
)

// Kind says what a message is about.
type Kind string

// The kinds of notices.
const (
	Turn      Kind = "turn"      // this week's list waits to be copied
	Last      Kind = "last"      // the same, on the last evening
	Kept      Kind = "kept"      // what was copied is in the archive
	Ends      Kind = "ends"      // the consent ends soon
	Reconnect Kind = "reconnect" // the consent is over
	Stopped   Kind = "stopped"   // something else is in the way, and the person can help
	Test      Kind = "test"      // the person asked whether it works
)

// Kinds lists every kind.
func Kinds() []Kind {
	return []Kind{Turn, Last, Kept, Ends, Reconnect, Stopped, Test}
}

// A Notice is something that a person is told, once on each of its channels,
// between two times.
type Notice struct {
	Kind     Kind
	Key      string // names the event
	From     time.Time
	Until    time.Time // it means nothing any more
	Channels []string  // ids

	Edition  calendar.Edition // turn, last, kept
	DaysLeft int              // turn, last: until the list is replaced; ends: until the consent ends
	Missed   bool             // turn, last: nothing came in the week before
	Unlooked bool             // turn, last: we could not look just now whether it is done
	Songs    int              // kept
	Trouble  outcome.Kind     // stopped
	Ends     time.Time        // ends
}

// Tag names what the notice is about. Of one week a later message takes the place
// of an earlier one.
func (n Notice) Tag() string {
	switch n.Kind {
	case Turn, Last, Kept:
		return "week-" + string(n.Edition)
	case Test:
		return "test"
	default:
		return "account"
	}
}

// Urgency says whether it may wake a device.
func (n Notice) Urgency() Urgency {
	switch n.Kind {
	case Kept:
		return UrgencyLow
	case Last, Test:
		return UrgencyHigh
	default:
		return UrgencyNormal
	}
}

// KeyOfWeek names a message of a week.
func KeyOfWeek(kind Kind, week calendar.Edition) string { return fmt.Sprintf("%s-%s", kind, week) }
