package app

import (
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
)

// Pause keeps every user away from Spotify until a time.
type Pause struct {
	Until  time.Time   `json:"until"`
	Reason PauseReason `json:"reason"`
}

// PauseReason says why the app is paused.
type PauseReason string

// The reasons.
const (
	PauseRateLimit   PauseReason = "rate_limit"
	PauseQuota       PauseReason = "quota"
	PauseBudget      PauseReason = "budget" // our own cap of a day's requests
	PauseMassRefusal PauseReason = "refusal_wave"
	PausePremium     PauseReason = "premium_lapsed"
	PauseClient      PauseReason = "invalid_client"
	PauseOperator    PauseReason = "operator" // by whoever runs the service
)

// MaxPause is the longest pause that is believed. The longest that Spotify
// was seen to ask for is a day.
const MaxPause = 48 * time.Hour

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
func (p Pause) Impossible(now time.Time) bool {
	return p.Until.After(now.Add(MaxPause + calendar.MaxSkew))
}

// Replaces reports whether the pause takes the place of a stored one: unless
// that ends later, by no more than a pause can.
func (p Pause) Replaces(stored Pause) bool {
	return !stored.Until.After(p.Until) || stored.Until.After(p.Until.Add(MaxPause))
}
