package webapi

import (
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

// Traffic is what the processes of an app tell each other of its requests to
// Spotify's Web API. The JSON form is the stored form.
type Traffic struct {
	Day      time.Time `json:"day"`      // a day in UTC
	Requests int       `json:"requests"` // made on that day
	Rate     float64   `json:"rate"`     // requests a second that Spotify was found to take from one process; 0: not known

	// Extended is when the app last read a list that Spotify makes, which only
	// an app with extended quota may. Limited is when Spotify last named a quota.
	Extended time.Time `json:"extended"`
	Limited  time.Time `json:"limited"`
}

// Add is the stored traffic with what one process has to add to it: requests
// of a day, and whatever else it has learned. A later day begins anew. What is
// late for a day that is over counts nowhere; a stored day that no clock can
// have reached was written by a wrong one, and is replaced.
func (t Traffic) Add(more Traffic) Traffic {
	day := more.Day.UTC().Truncate(24 * time.Hour)
	switch behind := t.Day.Sub(day); {
	case behind == 0:
		t.Requests += more.Requests
	case behind < 0, behind > 24*time.Hour:
		t.Day, t.Requests = day, more.Requests
	}
	if more.Rate > 0 {
		t.Rate = more.Rate
	}
	if !more.Extended.IsZero() {
		t.Extended = calendar.NewestRun(t.Extended, more.Extended)
	}
	if !more.Limited.IsZero() {
		t.Limited = calendar.NewestRun(t.Limited, more.Limited)
	}
	return t
}

// On returns how many requests were made on the day of now.
func (t Traffic) On(now time.Time) int {
	if !t.Day.Equal(now.UTC().Truncate(24 * time.Hour)) {
		return 0
	}
	return t.Requests
}

// AutoDailyRequests is DefaultDailyRequests for an app in development mode, and
// no cap for one that has shown that its quota is extended: that has no quota of
// a day (https://developer.spotify.com/documentation/web-api/concepts/quota-modes).
const AutoDailyRequests = -1

// DefaultDailyRequests is how many requests an app in development mode makes in
// a day, of its five users together. Spotify names no number. Lock-outs of a day
// were reported after thirty to a hundred requests.
const DefaultDailyRequests = 100

// Cap is how many requests the app may make in a day, by a setting and what its
// traffic has shown; 0: as many as it needs.
func (t Traffic) Cap(setting int) int {
	switch {
	case setting != AutoDailyRequests:
		return setting
	case t.Extended.After(t.Limited):
		return 0
	default:
		return DefaultDailyRequests
	}
}

// RunRequests is what a run is expected to cost. A run begins only where so
// many requests are left, and is then finished: cut off, it would have cost
// them for nothing.
const RunRequests = 4

// Budget is how many requests the app may make on a day, and has made or
// promised to runs that have begun.
type Budget struct {
	Cap  int // 0: no cap
	Used int

	// Assumed means that nothing has shown yet whether the app's quota has a cap.
	Assumed bool
}

// The parts of the cap from which the sources may take. What is needed
// for the archive itself goes first, then what people copied, which stays in
// its playlist, then what they play, which is looked for many times a day.
const (
	inboxShare          = 0.8
	listeningShare      = 0.5
	listeningFirstShare = 0.1 // of the cap, at the beginning of the day
)

// Leaves reports whether there is room for one more run.
func (b Budget) Leaves() bool { return b.within(1) }

// Asked is the budget of a run that a person has asked for: the part beyond the
// inbox's is kept for the runs of the clock. One person who presses the button
// all day would otherwise pause the app for the week of everybody else.
func (b Budget) Asked() Budget {
	b.Used += int(float64(b.Cap) * (1 - inboxShare))
	return b
}

// LeavesFor reports whether there is room to read a source. The part of
// listening grows with the day, so that its looks are spread over it.
func (b Budget) LeavesFor(source ledger.SourceName, now time.Time) bool {
	switch source {
	case ledger.SourceInbox:
		return b.within(inboxShare)
	case ledger.SourceListening:
		passed := now.Sub(now.UTC().Truncate(24*time.Hour)).Hours() / 24
		return b.within(listeningFirstShare + (listeningShare-listeningFirstShare)*passed)
	case ledger.SourceDiscover:
		return b.Assumed || b.within(1)
	default:
		return b.within(1)
	}
}

func (b Budget) within(share float64) bool {
	return b.Cap == 0 || float64(b.Used+RunRequests) <= share*float64(b.Cap)
}

// NextDay is when the requests of a day begin anew.
func NextDay(now time.Time) time.Time { return now.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1) }
