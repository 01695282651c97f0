package simtest_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/simtest"
)

var (
	seeds = flag.Int("seeds", numberOr(os.Getenv("SEEDS"), 60), "how many seeds TestProve runs; default is $SEEDS, or 60")
	first = flag.Uint64("first", 1, "the first of them")
	one   = flag.String("seed", os.Getenv("SEED"), "replay this seed with its trace; default is $SEED")
	shown = flag.Int("shown", 5, "how many failing seeds are shrunk and printed")
	tries = flag.Int("shrink", 300, "how many replays may be spent on shrinking a seed that fails")
)

func numberOr(text string, fallback int) int {
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		return n
	}
	return fallback
}

// shrinkTime bounds the search for a shorter trace of one seed.
const shrinkTime = time.Minute

// report adds up what the seeds did.
type report struct {
	mu       sync.Mutex
	started  time.Time
	seeds    int
	steps    int
	counts   map[simtest.Kind]int
	failures []uint64
	seed     uint64           // the first of them
	caught   *simtest.Finding // and what it found
}

func (r *report) failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.failures) > 0
}

func (r *report) printCaught() {
	if r.caught != nil {
		fmt.Printf("CAUGHT by seed %d: %s\n%s\n", r.seed, r.caught.Promise, r.caught.Words)
	}
}

// add reports whether the seed is one of the first that failed.
func (r *report) add(seed uint64, result simtest.Result) (show bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seeds++
	r.steps += result.Steps
	for kind, n := range result.Counts {
		r.counts[kind] += n
	}
	if result.Finding != nil {
		r.failures = append(r.failures, seed)
		show = len(r.failures) <= *shown && !*until
		if r.caught == nil || seed < r.seed {
			r.seed, r.caught = seed, result.Finding
		}
	}
	if r.seeds%1000 == 0 {
		fmt.Printf("%6d seeds, %s, %d violations\n", r.seeds, time.Since(r.started).Round(time.Second), len(r.failures))
	}
	return show
}

func (r *report) print() {
	total := 0
	for _, n := range r.counts {
		total += n
	}
	fmt.Printf("%d seeds, %d steps, %d faults, %d violations in %s\n",
		r.seeds, r.steps, total, len(r.failures), time.Since(r.started).Round(time.Second))
	for _, kind := range slices.Sorted(maps.Keys(r.counts)) {
		fmt.Printf("%9d  %s\n", r.counts[kind], kind)
	}
}

func TestProve(t *testing.T) {
	if *one != "" {
		seed, err := strconv.ParseUint(*one, 10, 64)
		if err != nil {
			t.Fatalf("seed %q is no number", *one)
		}
		result := simtest.Live(t, seed, simtest.Cuts{}, true)
		t.Log("\n" + strings.Join(result.Trace, "\n"))
		if result.Finding != nil {
			t.Errorf("seed %d broke promise %s: %s", seed, result.Finding.Promise, result.Finding.Words)
		}
		return
	}
	defer debug.SetGCPercent(debug.SetGCPercent(2000))
	sum := &report{started: time.Now(), counts: make(map[simtest.Kind]int)}
	next := make(chan uint64)
	go func() {
		defer close(next)
		for i := range uint64(*seeds) {
			if *until && sum.failed() {
				return
			}
			next <- *first + i
		}
	}()
	t.Run("worlds", func(t *testing.T) {
		for range 2 {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				for seed := range next {
					result := simtest.Live(t, seed, simtest.Cuts{}, false)
					if sum.add(seed, result) {
						explain(t, seed, result)
					}
				}
			})
		}
	})
	if *until {
		sum.printCaught()
	} else {
		sum.print()
	}
	if n := len(sum.failures); n > 0 {
		t.Errorf("%d of %d seeds broke a promise: %v", n, *seeds, sum.failures[:min(n, 50)])
	}
}

// explain prints the shortest trace of a failing seed.
func explain(t *testing.T, seed uint64, result simtest.Result) {
	t.Helper()
	deadline := time.Now().Add(shrinkTime)
	cuts, short := simtest.Shrink(seed, result, *tries, func(seed uint64, cuts simtest.Cuts) simtest.Result {
		if time.Now().After(deadline) {
			return simtest.Result{}
		}
		return simtest.Live(t, seed, cuts, true)
	})
	trace := short.Trace
	if len(trace) > 150 {
		trace = append([]string{fmt.Sprintf("… %d earlier lines", len(trace)-150)}, trace[len(trace)-150:]...)
	}
	t.Errorf("seed %d broke promise %s\n%s\n\nmake prove SEED=%d replays it; shrunk by leaving out %d people, storms, faults and acts\n\n%s",
		seed, result.Finding.Promise, short.Finding.Words, seed, len(cuts.Names), strings.Join(trace, "\n"))
}
