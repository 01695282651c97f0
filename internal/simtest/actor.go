package simtest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

// actor is one piece of work in one process: a delivery of a message, or a
// visit to a page. Its outside calls are numbered; faults strike by number.
type actor struct {
	w       *world
	name    string
	account string // whose work it is; empty when it is everybody's
	began   time.Time
	asking  time.Time // Spotify, since
	visitor bool      // a page, not a delivery
	calls   int
	struck  bool // by any fault
	lied    bool // Spotify lied to it
	late    bool // on a machine whose clock is days ahead
	failed  bool // a call to the store or the key service was struck

	waitUntil time.Time // Spotify asked for it

	alters func(body []byte) []byte // the answer that comes now

	shared   sharing // of the codes in one answer
	sharedAt int     // which call it answers

	saw []string // songs of Discover Weekly and the inbox that Spotify showed

	accepted bool // Spotify took the refresh token

	tokens, api, reads, writes, opens int                     // calls that were made
	recorded                          map[ledger.EntryKey]int // songs of the entries that it wrote
}

// errFault is what a failing store, key service or queue answers.
var errFault = errors.New("simulated failure")

// draw decides what goes wrong at the next boundary, if anything.
func (a *actor) draw(boundary string, allowed []Kind) Kind {
	a.calls++
	return a.w.draw(fmt.Sprintf("%s, call %d", a.name, a.calls), a.account, boundary, allowed)
}

// draw decides by the weather. What is in the plan's cuts does not happen.
func (w *world) draw(name, account, boundary string, allowed []Kind) Kind {
	now := time.Now()
	for _, weather := range w.plan.Weather {
		if !weather.strikes(now, account, boundary) {
			continue
		}
		r := dice(w.plan.Seed, weather.Name+" "+name)
		if !chance(r, weather.Rate) {
			continue
		}
		kinds := slices.DeleteFunc(slices.Clone(weather.Kinds), func(k Kind) bool { return !slices.Contains(allowed, k) })
		if len(kinds) == 0 {
			continue
		}
		kind := pick(r, kinds)
		if w.plan.cuts.drops(name) || w.plan.cuts.drops(string(kind)) {
			continue
		}
		w.strike(name, kind)
		w.note(name, "%s: %s", boundary, kind)
		return kind
	}
	return ""
}

// harm draws for one of the actor's calls, and notes whose trouble it is.
func (a *actor) harm(boundary string, allowed []Kind) Kind {
	kind := a.draw(boundary, allowed)
	if kind != "" {
		a.hurt()
	}
	return kind
}

func (a *actor) hurt() {
	a.struck = true
	a.w.trouble(a.account)
}

// crash ends the process.
func (a *actor) crash() {
	a.w.note(a.name, "crashed")
	runtime.Goexit()
}

// latency is how long a call takes, and how far two of them drift apart.
func (a *actor) latency() time.Duration {
	return between(dice(a.w.plan.Seed, fmt.Sprintf("latency %s %d", a.name, a.calls)), 200*time.Microsecond, 40*time.Millisecond)
}

// slowness is how long a delayed call takes: some give up on it, some do not.
func (a *actor) slowness() time.Duration {
	return between(dice(a.w.plan.Seed, fmt.Sprintf("slowness %s %d", a.name, a.calls)), time.Second, 90*time.Second)
}

// cross makes one call to the store, the key service or the queue.
func cross[R any](ctx context.Context, a *actor, boundary string, call func() (R, error)) (R, error) {
	var none R
	kind := a.harm(boundary, callKinds)
	a.failed = a.failed || kind != ""
	if err := a.w.sleep(ctx, a.latency()); err != nil {
		return none, err
	}
	switch kind {
	case ErrorBefore:
		return none, fmt.Errorf("%s: %w", boundary, errFault)
	case CrashBefore:
		a.crash()
	case SlowBefore:
		if err := a.w.sleep(ctx, a.slowness()); err != nil {
			a.hurt()
			return none, err
		}
		a.hurt()
	}
	result, err := call()
	a.w.note(a.name, "%s%s", boundary, failing(err))
	switch kind {
	case ErrorAfter:
		return none, fmt.Errorf("%s: answer lost: %w", boundary, errFault)
	case CrashAfter:
		a.crash()
	case SlowAfter:
		if err := a.w.sleep(ctx, a.slowness()); err != nil {
			a.hurt()
			return none, err
		}
		a.hurt()
	}
	return result, err
}

func failing(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, fault.ErrConflict):
		return ": conflict"
	case errors.Is(err, fault.ErrNotFound):
		return ": not found"
	default:
		return ": " + err.Error()
	}
}
