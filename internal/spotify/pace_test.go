package spotify

import (
	"context"
	"errors"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
)

// gate is Spotify's rolling window: so many requests in 30 seconds.
type gate struct {
	mu       sync.Mutex
	fits     int
	admitted []time.Time
	refused  int
}

// ask reports whether a request fits, and after which time one may.
func (g *gate) ask() (time.Duration, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	for len(g.admitted) > 0 && now.Sub(g.admitted[0]) >= window {
		g.admitted = g.admitted[1:]
	}
	if len(g.admitted) < g.fits {
		g.admitted = append(g.admitted, now)
		return 0, true
	}
	g.refused++
	left := g.admitted[0].Add(window).Sub(now)
	return time.Duration(math.Ceil(left.Seconds())) * time.Second, false
}

// send sends one request until it passes, as deliver does, and waits out what
// pauses the app.
func send(ctx context.Context, p *pace, g *gate) {
	for {
		sentAt, err := p.turn(ctx)
		if paused, ok := errors.AsType[*fault.PausedError](err); ok {
			time.Sleep(time.Until(paused.Until))
			continue
		}
		time.Sleep(50 * time.Millisecond)
		wait, passed := g.ask()
		time.Sleep(50 * time.Millisecond)
		if passed {
			p.admitted(sentAt)
			return
		}
		p.refuse(sentAt, wait, false)
	}
}

// TestPaceLearns: whatever the limit, nearly all of it is used and nearly
// nothing is refused, also where several processes share it.
func TestPaceLearns(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fits, processes, callers, requests int
		longest                            float64 // of what the limit allows
		refused                            float64
	}{
		"little_fits":            {fits: 100, processes: 1, callers: 8, requests: 6000, longest: 1.15, refused: 0.03},
		"much_fits":              {fits: 1000, processes: 1, callers: 16, requests: 30_000, longest: 1.15, refused: 0.02},
		"ten_processes":          {fits: 1000, processes: 10, callers: 80, requests: 30_000, longest: 1.3, refused: 0.04},
		"more_fits_than_is_sent": {fits: 100_000, processes: 1, callers: 8, requests: 3000, longest: math.Inf(1), refused: 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				g := &gate{fits: tt.fits}
				start := time.Now()
				work := make(chan struct{}, tt.requests)
				for range tt.requests {
					work <- struct{}{}
				}
				close(work)
				var group sync.WaitGroup
				for range tt.processes {
					p := newPace(time.Now, sleep)
					for range tt.callers {
						group.Go(func() {
							for range work {
								send(t.Context(), p, g)
							}
						})
					}
				}
				group.Wait()
				floor := time.Duration(float64(tt.requests) / float64(tt.fits) * float64(window))
				took := float64(time.Since(start)) / float64(floor)
				refused := float64(g.refused) / float64(g.refused+tt.requests)
				t.Logf("%.2f of the floor, %.2f %% refused", took, 100*refused)
				if took > tt.longest {
					t.Errorf("got %.2f of the floor, want at most %.2f", took, tt.longest)
				}
				if refused > tt.refused {
					t.Errorf("got %.2f %% refused, want at most %.2f %%", 100*refused, 100*tt.refused)
				}
			})
		})
	}
}

// TestPaceHoldsEverybodyBack: a refusal is a refusal of all.
func TestPaceHoldsEverybodyBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPace(time.Now, sleep)
		sentAt, err := p.turn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		p.refuse(sentAt, 5*time.Second, false)
		start := time.Now()
		if _, err := p.turn(t.Context()); err != nil || time.Since(start) != 5*time.Second {
			t.Errorf("after a short refusal: got a turn after %s and %v, want it after 5s", time.Since(start), err)
		}
		p.refuse(time.Now(), time.Hour, true)
		want := fault.PausedError{Until: time.Now().Add(time.Hour), Reason: app.PauseQuota}
		_, err = p.turn(t.Context())
		if paused, ok := errors.AsType[*fault.PausedError](err); !ok || *paused != want {
			t.Errorf("after a long refusal: got %v, want %v", err, &want)
		}
		time.Sleep(time.Hour)
		if _, err := p.turn(t.Context()); err != nil {
			t.Errorf("when it is over: got %v, want a turn", err)
		}
	})
}

// TestPaceOfAFew: who archives for a handful of people is not slowed down,
// also not by a refusal.
func TestPaceOfAFew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPace(time.Now, sleep)
		run := func(requests int) time.Duration {
			start := time.Now()
			for range requests {
				sentAt, err := p.turn(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				p.admitted(sentAt)
			}
			return time.Since(start)
		}
		if got := run(5 * 4); got > 0 {
			t.Errorf("five runs at once: got %s, want no wait", got)
		}
		time.Sleep(time.Hour)
		p.refuse(time.Now(), time.Second, false)
		if got := run(3); got > time.Second {
			t.Errorf("the run after a refusal: got %s, want no more than Spotify asked for", got)
		}
		if got := run(200); got > archive.RunTime {
			t.Errorf("all of an archive after a refusal: got %s, want less than a run has", got)
		}
	})
}

func TestPaceEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPace(time.Now, sleep)
		p.refuse(time.Now(), 5*time.Second, false)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := p.turn(ctx)
		if f, ok := errors.AsType[*failure](err); !ok || !f.unsent || time.Since(start) > 0 {
			t.Errorf("got %v after %s, want at once that nothing was sent", err, time.Since(start))
		}
	})
}

// TestPaceOfAWrongClock: a clock that was ahead is not waited for.
func TestPaceOfAWrongClock(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC)
	p := newPace(func() time.Time { return now }, func(_ context.Context, d time.Duration) error {
		t.Errorf("waited %s", d)
		return nil
	})
	p.refuse(now, time.Minute, false)
	now = now.AddDate(0, 0, -7)
	if _, err := p.turn(t.Context()); err != nil {
		t.Errorf("got %v, want a turn", err)
	}
}

// TestPaceBegins: a new process takes up where another one is.
func TestPaceBegins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPace(time.Now, sleep)
		if got := p.learned(); got != 0 {
			t.Errorf("knows %v before anything was refused, want 0", got)
		}
		p.begin(10)
		if got := p.learned(); got != 10 {
			t.Errorf("got %v, want the rate that was found", got)
		}
		start := time.Now()
		for range 115 {
			if _, err := p.turn(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if got := time.Since(start); got < 9*time.Second || got > 11*time.Second {
			t.Errorf("115 requests at ten a second: got %s, want ten seconds after the first fifteen", got)
		}
	})
}
