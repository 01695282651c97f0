package web

import (
	"context"
	"sync"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

const (
	// rememberWeekly bounds what anybody can make us read: the address that
	// tells of the weekly run is public, and asked without a cookie.
	rememberWeekly = time.Minute

	askWeekly = 10 * time.Second // the longest wait for the store
)

// weekly knows when the weekly run was last sent out. It asks the store once a
// minute at most, however many ask it.
type weekly struct {
	ask   func(ctx context.Context) (time.Time, error)
	since time.Time // when the service was set up; counts as a run, so that nobody is called before the first Monday
	clock archive.Clock

	mu    sync.Mutex
	known time.Time
	err   error
	until time.Time // what is known holds so long
}

func (w *weekly) last(ctx context.Context) (time.Time, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.clock().Before(w.until) {
		return w.known, w.err
	}
	// The answer is for the others too, whatever becomes of this request.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askWeekly)
	defer cancel()
	w.known, w.err = w.ask(ctx)
	if w.err == nil && w.known.Before(w.since) {
		w.known = w.since
	}
	w.until = w.clock().Add(rememberWeekly)
	return w.known, w.err
}
