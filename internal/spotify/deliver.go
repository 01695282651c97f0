package spotify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
)

const (
	// repeatDelay comes before the one repetition of a repeatable request.
	repeatDelay = 500 * time.Millisecond

	// What a call waits for 429 in all. A longer wait is the caller's.
	maxWait      = 10 * time.Second // one Retry-After
	maxWaits     = 3
	maxWaitTotal = 20 * time.Second
)

// patience is what is left of a call's waits and repetitions.
type patience struct {
	waits    int
	waited   time.Duration
	repeated bool
}

// deliver sends the request until there is an answer that is neither 429 nor
// a sign of trouble at Spotify (5xx, 408, a redirect), or patience ends. Its
// errors are ready for the caller; with the one for trouble comes the answer.
func (c *Client) deliver(ctx context.Context, r request, p *patience) (answer, error) {
	for {
		sentAt, err := r.pace.turn(ctx)
		if err != nil {
			return answer{}, r.unturned(err)
		}
		ans, err := c.attempt(ctx, r)
		r.note(sentAt, ans, err)
		switch {
		case err == nil && ans.status == http.StatusTooManyRequests:
			if err := c.wait(ctx, r, ans, sentAt, p); err != nil {
				return answer{}, r.wrap(err)
			}
			continue
		case err == nil && !troubled(ans.status):
			return ans, nil
		case err == nil:
			err = fmt.Errorf("status %d", ans.status)
		}
		if !r.repeatable || p.repeated || !passing(ans.status, err) {
			return ans, r.unclear(err)
		}
		p.repeated = true
		if c.sleep(ctx, repeatDelay) != nil {
			return ans, r.unclear(err)
		}
	}
}

// troubled reports whether a status says nothing about the request itself.
func troubled(status int) bool {
	return status >= 500 || status == http.StatusRequestTimeout || status < 200 || status >= 300 && status < 400
}

// passing reports whether the trouble may be over in a moment.
func passing(status int, err error) bool {
	var f *failure
	if errors.As(err, &f) {
		return !f.ended
	}
	return status == http.StatusBadGateway || status == http.StatusServiceUnavailable
}

// note counts an attempt.
func (r request) note(sentAt time.Time, ans answer, err error) {
	var f *failure
	if errors.As(err, &f) && f.unsent {
		return
	}
	if r.meter != nil {
		r.meter.count()
	}
	if ans.status != http.StatusTooManyRequests {
		r.pace.admitted(sentAt)
	}
}

// wait lets everybody wait as a 429 asks, or returns the *fault.PausedError
// for the caller.
func (c *Client) wait(ctx context.Context, r request, ans answer, sentAt time.Time, p *patience) error {
	now := c.clock()
	d, quota := pause(ans, now)
	r.pace.refuse(sentAt, d, quota)
	if quota && r.meter != nil {
		r.meter.limited()
	}
	paused := &fault.PausedError{Until: now.Add(d), Reason: reasonOf(quota)}
	if quota || d > maxWait || p.waits == maxWaits || p.waited+d > maxWaitTotal {
		return paused
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return paused
	}
	p.waits++
	p.waited += d
	if c.sleep(ctx, d) != nil {
		return paused
	}
	return nil
}

// unturned is the error for a request that did not get its turn.
func (r request) unturned(err error) error {
	if _, paused := errors.AsType[*fault.PausedError](err); paused {
		return r.wrap(err)
	}
	return r.unclear(err)
}

// wrap names the request in an error.
func (r request) wrap(err error) error { return fmt.Errorf("calling %s: %w", r.name, err) }

// refused is the error for an answer that had no effect.
func (r request) refused(ans answer, sentinel error) error {
	return r.wrap(fmt.Errorf("status %d: %w", ans.status, sentinel))
}

// unclear is the error for a request whose answer is missing or makes no
// sense. cause must be safe to show.
func (r request) unclear(cause error) error {
	sentinel := r.lost
	var f *failure
	if errors.As(cause, &f) && f.unsent {
		sentinel = fault.ErrUnavailable
	}
	return r.wrap(fmt.Errorf("%w: %w", sentinel, cause))
}
