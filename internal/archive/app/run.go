package app

import (
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
)

// Tally is how a run goes.
type Tally struct {
	Users   int // sent out so far
	Refused int // different users with invalid_grant
}

// RunKind says why users are sent out.
type RunKind string

// The kinds of runs of one user. Signing up and a person's own wish lead to
// one, and so does the clock.
const (
	RunWeekly  RunKind = "weekly" // of the weekly message, to everybody whose week is open
	RunSignUp  RunKind = "signup"
	RunManual  RunKind = "manual"
	RunMessage RunKind = "message" // no run: a test message that a person asked for

	// RunDue is of a user whose time has come. It has the name of the daily run
	// of earlier programs, which understand it.
	RunDue RunKind = "catchup"
)

// The kinds of runs that send out users, besides RunWeekly. Each of their users
// has a RunDue.
const (
	RunHourly RunKind = "hourly" // whose time fell between the one before and this one
	RunSweep  RunKind = "sweep"  // once a day: whose time passed long ago
)

// No runs, but tallies over several: of all runs of a day, and of the weekly
// runs of a week.
const (
	tallyDay  RunKind = "day"
	tallyWeek RunKind = "week"
)

// OfOneUser reports whether the kind is of one user's run.
func (k RunKind) OfOneUser() bool {
	switch k {
	case RunWeekly, RunDue, RunSignUp, RunManual, RunMessage:
		return true
	default:
		return false
	}
}

// SendsOut reports whether the kind is of a run that sends out users.
func (k RunKind) SendsOut() bool { return k == RunWeekly || k == RunHourly || k == RunSweep }

// Run names one sending out of users. At is when its first message was made.
type Run struct {
	Kind RunKind
	At   time.Time
}

// Name returns a name that is safe in documents: "weekly-20261116T130000Z".
func (r Run) Name() string {
	return string(r.Kind) + "-" + r.At.UTC().Format("20060102T150405Z")
}

// TallyOfDay names the tally of the day that t lies in. It begins at noon UTC,
// before the weekly run and the daily looks, so that these and what follows them
// are in one.
func TallyOfDay(t time.Time) Run {
	const noon = 12 * time.Hour
	return Run{Kind: tallyDay, At: t.UTC().Add(-noon).Truncate(24 * time.Hour).Add(noon)}
}

// TallyOfWeek names the tally of the week that t lies in. It begins at Monday noon.
func TallyOfWeek(t time.Time) Run {
	return Run{Kind: tallyWeek, At: calendar.DueEdition(t).Monday().Add(calendar.LatestMonday)}
}
