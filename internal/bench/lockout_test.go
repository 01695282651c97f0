package bench_test

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// lockedFor is as long as lock-outs of an app have been reported to be.
const lockedFor = 20 * time.Hour

// lockout is how a week goes whose Monday begins with Spotify refusing
// everything for lockedFor.
type lockout struct {
	users, asked, deliveries, most, dead, saved int
	after, floor                                time.Duration // until everybody's week was in, from the end of the lock-out
}

// lockedOut lets users sign up, and runs that week with the clock's messages.
func lockedOut(t *testing.T, users int) (result lockout) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(start))
		w := newWorld(t, fakespotify.Config{Mode: fakespotify.Extended, Clock: time.Now, Accounts: crowd(users)})
		w.clock = time.Now
		ids := w.signUpAll(users, nil)
		time.Sleep(time.Until(nextMonday(time.Now())))

		way := &gate{inner: w.spotify.RoundTripper(), latency: spotifyLatency, fits: 1000, locked: time.Now().Add(lockedFor)}
		p := w.push(monday{processes: 1, slots: 8}, way, 4*users)
		w.schedule(p, 48, func() bool { return p.savedBy() >= users })
		p.stop()
		for _, n := range p.deliveries {
			result.deliveries += n
		}
		result.users, result.asked, result.most, result.dead, result.saved = users, way.inLock, p.most, p.dead, p.saved
		result.after = p.last.Sub(way.locked)
		result.floor = time.Duration(float64(users*3) / float64(way.fits) * float64(window))
		for _, id := range ids[:min(len(ids), 200)] {
			w.wantArchived(id, 60)
		}
	})
	return result
}

func (p *push) savedBy() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.saved
}

// schedule sends the weekly message, and then the hourly ones, until done.
func (w *world) schedule(jobs archive.Jobs, hours int, done func() bool) {
	w.tb.Helper()
	fanOut := &usecase.FanOut{
		Users: w.store, App: w.store, Jobs: jobs, More: w.queue, Clock: w.clock, Log: slog.New(slog.DiscardHandler), PageSize: 5000,
	}
	kind := archive.RunWeekly
	for range hours {
		if _, err := fanOut.Run(w.tb.Context(), archive.FanOutJob{Run: archive.Run{Kind: kind, At: w.clock.Now()}}); err != nil {
			w.tb.Fatal(err)
		}
		kind = archive.RunHourly
		time.Sleep(time.Hour)
		if done() {
			return
		}
	}
}

// A lock-out of a day ends without a dead letter, and soon.
func TestLockOut(t *testing.T) {
	t.Parallel()
	got := lockedOut(t, 200)
	t.Logf("%+v", got)
	if got.dead > 0 || got.most > 4 || got.saved != got.users || got.after > 2*time.Hour+got.floor*13/10 {
		t.Errorf("got %+v, want no dead letters, at most 4 deliveries, everybody's week within two hours and 1.3 of the floor", got)
	}
}
