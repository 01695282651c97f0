package spotify

import (
	"context"
	"sync"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
)

// Spotify counts an app's requests in a rolling window of 30 seconds and does
// not say how many fit
// (https://developer.spotify.com/documentation/web-api/concepts/rate-limits).
const (
	window   = 30 * time.Second
	tickTime = 100 * time.Millisecond // how finely it is looked at

	// What is tried before anything is known. Nobody who archives for a
	// handful of people notices it.
	firstRate  = 4  // requests a second, twice as many each second until one is refused
	firstBurst = 20 // at once

	// What stays after whatever refusal: a run of three requests passes at once.
	leastRate  = 0.5
	leastBurst = 3

	keptShare  = 0.95             // of the rate that was refused
	burstShare = 1.5              // seconds of the rate that may be sent at once after a silence
	probe      = 0.01             // of the rate, added in each step
	firstStep  = time.Second      // before the first refusal
	step       = 10 * time.Second // after it
	calm       = 2 * time.Minute  // without a refusal, after which steps double again
)

// pace is when the requests of one process to one host may be sent. It learns:
// as long as callers wait for their turn and nobody is refused, the rate grows
// a little; a refusal measures how many fit into the window, and holds
// everybody back until the time that Spotify named.
type pace struct {
	clock archive.Clock
	sleep func(ctx context.Context, d time.Duration) error

	mu       sync.Mutex
	seen     time.Time // the latest time that was read: a clock that goes back starts anew
	rate     float64   // requests a second
	burst    float64
	found    float64   // the rate that the last refusal showed, less a margin; 0: none was refused
	next     time.Time // when the next request would come if all before it had kept the rate
	stepped  time.Time
	waited   bool // somebody had to wait for their turn since
	refused  time.Time
	opens    time.Time // not before, for everybody
	quota    bool
	refusals int
	sent     [window / tickTime]bucket // what was not refused, by the tick in which it was sent
}

type bucket struct {
	tick int64
	n    int
}

func newPace(clock archive.Clock, sleep func(context.Context, time.Duration) error) *pace {
	return &pace{clock: clock, sleep: sleep, rate: firstRate, burst: firstBurst}
}

// turn waits until a request may be sent, and returns the time. Its error is an
// *fault.PausedError, or a *failure where the caller's time ends before.
func (p *pace) turn(ctx context.Context) (time.Time, error) {
	for {
		now, at, refusals, paused := p.reserve()
		if paused != nil {
			return time.Time{}, paused
		}
		d := at.Sub(now)
		if d <= 0 {
			return now, nil
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
			return time.Time{}, &failure{reason: "too many requests wait", unsent: true, ended: true}
		}
		if err := p.sleep(ctx, d); err != nil {
			return time.Time{}, &failure{reason: "not sent", unsent: true, ended: true, cause: err}
		}
		if p.holds(refusals) {
			return p.clock(), nil
		}
	}
}

// reserve takes the next turn. Turns are spaced as in the generic cell rate
// algorithm (ITU-T I.371).
func (p *pace) reserve() (now, at time.Time, refusals int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now = p.now()
	if p.opens.Sub(now) > maxWait {
		return now, now, 0, &fault.PausedError{Until: p.opens, Reason: reasonOf(p.quota)}
	}
	p.grow(now)
	if p.next.Before(now) {
		p.next = now
	}
	if room := p.room(now); room.After(now) && p.next.Before(room.Add(p.slack())) {
		p.next = room.Add(p.slack())
	}
	at = p.next.Add(-p.slack())
	if at.Before(p.opens) {
		at = p.opens
	}
	p.next = p.next.Add(seconds(1 / p.rate))
	if at.After(now) {
		p.waited = true
	}
	return now, at, p.refusals, nil
}

// holds reports whether a turn that was reserved may still be taken: not
// after somebody was refused.
func (p *pace) holds(refusals int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refusals == refusals
}

func (p *pace) slack() time.Duration { return seconds((p.burst - 1) / p.rate) }

// grow takes a step, if it is time and somebody waited for their turn.
func (p *pace) grow(now time.Time) {
	if p.rate < p.found && now.Sub(p.refused) >= window {
		p.change(now, p.found) // what was too much has left the window
	}
	pause := step
	if p.found == 0 {
		pause = firstStep
	}
	if now.Sub(p.stepped) < pause {
		return
	}
	if p.waited {
		if p.found == 0 || now.Sub(p.refused) > calm {
			p.change(now, 2*p.rate)
		} else if now.Sub(p.refused) >= window {
			p.change(now, p.rate+probe*p.found)
		}
	}
	p.stepped, p.waited = now, false
}

// change takes another rate. Whoever asked before counts as many requests as
// before, and not as much time.
func (p *pace) change(now time.Time, rate float64) {
	if ahead := p.next.Sub(now); ahead > 0 {
		p.next = now.Add(time.Duration(float64(ahead) * p.rate / rate))
	}
	p.rate = rate
}

// admitted notes that a request was not refused.
func (p *pace) admitted(sentAt time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	tick := tickOf(sentAt)
	b := &p.sent[tick%int64(len(p.sent))]
	if b.tick != tick {
		*b = bucket{tick: tick}
	}
	b.n++
}

// refuse notes a 429 and holds everybody back for d.
func (p *pace) refuse(sentAt time.Time, d time.Duration, quota bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if opens := now.Add(d); opens.After(p.opens) {
		p.opens, p.quota = opens, quota
	}
	under := sentAt.Before(p.refused) // it was on its way when another was refused
	again := now.Sub(p.refused) < window
	switch {
	case quota || d > window || under:
		// It says nothing about the window, or nothing new.
	case again:
		p.rate = max(p.rate/2, leastRate)
		p.refused = now
	default:
		p.found = max(keptShare*float64(p.count(now))/window.Seconds(), leastRate)
		p.rate, p.burst = p.found, max(burstShare*p.found, leastBurst)
		p.refused = now
	}
	p.refusals++
	p.next = p.opens.Add(p.slack() - seconds((leastBurst-1)/p.rate))
}

// room is when the window has room for one more. Where the rate was not kept,
// because it was not known or nothing was sent for a while, its requests leave
// the window as unevenly as they came.
func (p *pace) room(now time.Time) time.Time {
	if p.found == 0 {
		return now
	}
	fits := int(max(p.rate, p.found) / keptShare * window.Seconds())
	over := p.count(now) - fits
	for tick := tickOf(now) - int64(len(p.sent)) + 1; over >= 0; tick++ {
		if b := p.sent[tick%int64(len(p.sent))]; b.tick == tick {
			over -= b.n
		}
		now = now.Add(tickTime)
	}
	return now
}

// count is how many of the requests of the last window were not refused.
func (p *pace) count(now time.Time) (n int) {
	tick := tickOf(now)
	for _, b := range p.sent {
		if age := tick - b.tick; age >= 0 && age < int64(len(p.sent)) {
			n += b.n
		}
	}
	return n
}

// learned is the rate that Spotify takes, as far as refusals have shown it; 0
// where none did.
func (p *pace) learned() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found == 0 {
		return 0
	}
	return max(p.rate, p.found)
}

// begin takes a rate that another process has learned, if this one knows none.
func (p *pace) begin(rate float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found > 0 || rate <= 0 {
		return
	}
	p.found = max(rate, leastRate)
	p.rate, p.burst = p.found, max(burstShare*p.found, leastBurst)
	p.refused = p.now().Add(-window)
}

// now is the time. Where the clock went back, whatever was noted by the one
// before means nothing.
func (p *pace) now() time.Time {
	now := p.clock()
	if now.Before(p.seen.Add(-calendar.MaxSkew)) {
		p.next, p.opens, p.stepped, p.refused = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	}
	p.seen = now
	return now
}

func tickOf(t time.Time) int64 { return t.UnixMilli() / tickTime.Milliseconds() }

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func reasonOf(quota bool) app.PauseReason {
	if quota {
		return app.PauseQuota
	}
	return app.PauseRateLimit
}
