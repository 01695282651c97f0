package simtest

import (
	"context"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
)

// pauses is what the world knows of the app's pause. A clock that is days ahead
// may store one that ends later than a pause can. Nobody obeys it then, and whoever
// reads it by a right clock removes it; but if nobody does for as long as it cannot
// be, it looks like any other afterwards, and is obeyed until its end, two days
// later at most.
type pauses struct {
	until time.Time // how long the app keeps away from Spotify, at most
	stray time.Time // the end of one that cannot be, and that nobody has had to remove
}

// paused is until when the app keeps away from Spotify, at most.
func (w *world) paused() time.Time {
	if stray := w.pauses.stray; !beyond(stray, 0) && stray.After(w.pauses.until) {
		return stray
	}
	return w.pauses.until
}

// beyond reports whether a pause ends later than one can, and by how much.
func beyond(until time.Time, by time.Duration) bool {
	return until.After(time.Now().Add(app.MaxPause + calendar.MaxSkew + by))
}

// storedPause notes which pause is stored.
func (w *world) storedPause(ctx context.Context) {
	stored, err := w.store.Pause(ctx)
	if err != nil {
		return
	}
	w.pauses.stray = time.Time{}
	switch {
	case beyond(stored.Until, 0):
		w.pauses.stray = stored.Until
	case stored.Until.After(w.pauses.until):
		w.pauses.until = stored.Until
	}
}

// shown notes that a machine has read a pause. By a right clock it is one that
// has to be removed.
func (m *machine) shown(pause app.Pause) {
	if m.ahead == 0 && beyond(pause.Until, maxSkew) {
		m.w.pauses.stray = time.Time{}
	}
}
