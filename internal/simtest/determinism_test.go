package simtest_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/simtest"
)

func TestSameSeedSameWorld(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		t.Run(fmt.Sprintf("seed_%d", seed), func(t *testing.T) {
			t.Parallel()
			first := simtest.Live(t, seed, simtest.Cuts{}, true)
			second := simtest.Live(t, seed, simtest.Cuts{}, true)
			if first.Hash() == second.Hash() {
				return
			}
			for i, line := range first.Trace {
				if i >= len(second.Trace) || second.Trace[i] != line {
					t.Fatalf("line %d of the trace: got %q at the second run, want %q", i, second.Trace[min(i, len(second.Trace)-1)], line)
				}
			}
			t.Fatalf("got %d lines at the second run, want %d", len(second.Trace), len(first.Trace))
		})
	}
}

func TestOtherSeedOtherWorld(t *testing.T) {
	t.Parallel()
	one := simtest.Live(t, 1, simtest.Cuts{}, true)
	other := simtest.Live(t, 2, simtest.Cuts{}, true)
	if one.Hash() == other.Hash() {
		t.Errorf("seeds 1 and 2 have the same trace %s", one.Hash())
	}
}

// TestShrinkKeepsWhatMatters shrinks a world that fails for as long as two of
// its parts are there.
func TestShrinkKeepsWhatMatters(t *testing.T) {
	t.Parallel()
	names := []string{"a", "b", "c", "d", "e", "f", "g"}
	run := func(_ uint64, cuts simtest.Cuts) simtest.Result {
		result := simtest.Result{Finding: &simtest.Finding{Promise: "some promise"}}
		for _, name := range names {
			if !slices.Contains(cuts.Names, name) {
				result.Strikes = append(result.Strikes, simtest.Strike{Name: name})
			}
		}
		if slices.Contains(cuts.Names, "b") || slices.Contains(cuts.Names, "f") {
			result.Finding = nil
		}
		return result
	}
	_, short := simtest.Shrink(1, run(1, simtest.Cuts{}), 100, run)
	if got := fmt.Sprint(short.Strikes); got != "[{b } {f }]" {
		t.Errorf("got %s, want the faults b and f", got)
	}
}
