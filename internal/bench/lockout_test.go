package bench_test

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// lockedFor is as long as lock-outs of an app have been reported to be.
const lockedFor = 20 * time.Hour

// lockout is how a week goes whose Monday begins with Spotify refusing
// everything for lockedFor. The JSON form is what is kept of one of many users.
type lockout struct {
	Users      int           `json:"users"`
	Asked      int           `json:"asked"` // while it was locked
	Deliveries int           `json:"deliveries"`
	Most       int           `json:"most"` // to one user
	Dead       int           `json:"dead"`
	Saved      int           `json:"saved"`
	After      time.Duration `json:"after_ns"` // until everybody's week was in, from the end of the lock-out
	Floor      time.Duration `json:"floor_ns"`
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
			result.Deliveries += n
		}
		result.Users, result.Asked, result.Most, result.Dead, result.Saved = users, way.inLock, p.most, p.dead, p.saved
		result.After = p.last.Sub(way.locked)
		result.Floor = time.Duration(float64(users*3) / float64(way.fits) * float64(window))
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
	kind := app.RunWeekly
	for range hours {
		if _, err := fanOut.Run(w.tb.Context(), archive.FanOutJob{Run: app.Run{Kind: kind, At: w.clock.Now()}}); err != nil {
			w.tb.Fatal(err)
		}
		kind = app.RunHourly
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
	if got.Dead > 0 || got.Most > 4 || got.Saved != got.Users || got.After > 2*time.Hour+got.Floor*13/10 {
		t.Errorf("got %+v, want no dead letters, at most 4 deliveries, everybody's week within two hours and 1.3 of the floor", got)
	}
}
