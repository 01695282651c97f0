package simtest

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"testing/synctest"
)

// Result is what became of a world.
type Result struct {
	Plan    Plan
	Finding *Finding // the first promise that was broken; nil if none was
	Steps   int      // calls, deliveries and acts
	Counts  map[Kind]int
	Strikes []Strike // in order
	Acts    []string // what people did, in order
	Trace   []string // if it was asked for
}

// Hash names the trace.
func (r Result) Hash() string {
	sum := sha256.Sum256([]byte(strings.Join(r.Trace, "\n")))
	return hex.EncodeToString(sum[:8])
}

// Live runs the world of a seed to its end, or to the first broken promise.
func Live(t *testing.T, seed uint64, cuts Cuts, tracing bool) Result {
	t.Helper()
	result := Result{Plan: NewPlan(seed, cuts)}
	synctest.Test(t, func(*testing.T) {
		w := newWorld(result.Plan, tracing)
		w.live()
		result.Finding, result.Steps = w.finding, w.steps
		result.Counts, result.Strikes, result.Acts = w.counts, w.injected, w.acts
		if w.trace != nil {
			result.Trace = w.trace.lines
		}
	})
	return result
}
