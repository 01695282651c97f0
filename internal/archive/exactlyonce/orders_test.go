package exactlyonce

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

const (
	// depth is how many things go wrong in one order.
	depth = 3

	// deliveries is how often a message comes while things go wrong; quiet, how
	// often afterwards. The engine may need one to wait and one to look.
	deliveries = 3
	quiet      = 4
)

// live plays one order and returns what is wrong at its end.
func live(o *order, next func(State, Evidence) (State, Action), unsafe bool) []string {
	w := newWorld(o, next)
	w.unsafe = unsafe
	for range deliveries {
		w.deliver()
		w.edit()
		w.now = w.now.Add([]time.Duration{time.Second, 2 * time.Minute, time.Hour}[w.wait()])
	}
	w.faults = 0
	for range quiet {
		w.now = w.now.Add(archive.LeaseTime + delay)
		w.deliver()
	}
	return w.wrong()
}

// wait is how long the next delivery takes to come.
func (w *world) wait() int {
	return slices.Index([]string{"soon", "later", "much later"}, w.choose("later", "soon", "much later"))
}

// edit may let the person change the archive between two deliveries.
func (w *world) edit() {
	switch w.choose("nothing", "a song is added", "the last song is taken out", "a song of the batch is added") {
	case "a song is added":
		other := song(100 + len(w.byHand))
		w.put([]ledger.Track{other})
		w.byHand = append(w.byHand, other)
	case "the last song is taken out":
		last := len(w.items) - 1
		if last < 0 {
			return
		}
		w.taken = append(w.taken, w.items[last].Track)
		w.items = w.items[:last]
		w.changes++
	case "a song of the batch is added":
		if w.user.Open == nil && len(w.late) == 0 && !w.seen.Has(song(4)) && len(w.free) == 0 {
			w.put([]ledger.Track{song(4)})
			w.free = append(w.free, song(4))
		}
	}
}

// wrong holds the end of an order to the promise.
func (w *world) wrong() (problems []string) {
	count := make(map[string]int)
	var places []string
	for _, item := range w.items {
		count[item.Track.ID]++
		places = append(places, strings.TrimLeft(item.Track.ID, "song0"))
	}
	for _, t := range append(batch().Tracks, song(1)) {
		taken := slices.Contains(w.taken, t)
		switch n := count[t.ID]; {
		case n > 1:
			problems = append(problems, fmt.Sprintf("song %s is there %d times", t.ID, n))
		case n <= 1 && slices.Contains(w.free, t):
		case n == 0 && !taken:
			problems = append(problems, fmt.Sprintf("song %s is lost", t.ID))
		case n == 1 && taken && w.mostStayed():
			problems = append(problems, fmt.Sprintf("song %s came back", t.ID))
		case !w.seen.Has(t):
			problems = append(problems, fmt.Sprintf("song %s is not known as archived", t.ID))
		}
	}
	for _, t := range w.byHand {
		if count[t.ID] != 1 && !slices.Contains(w.taken, t) {
			problems = append(problems, "a song that the person added is there "+fmt.Sprint(count[t.ID])+" times")
		}
	}
	if w.user.Open != nil || len(w.pending) > 0 {
		problems = append(problems, "a batch is still under way")
	}
	keys := make(map[ledger.EntryKey]bool)
	for _, e := range w.entries {
		if keys[e.Key] {
			problems = append(problems, "entry "+e.Key.String()+" is there twice")
		}
		keys[e.Key] = true
	}
	if len(problems) > 0 {
		problems = append(problems, "the archive: "+strings.Join(places, " "))
	}
	return problems
}

// mostStayed reports whether the person left most of every append where it was. An
// append of which most is not there never happened, as far as anybody can tell.
func (w *world) mostStayed() bool { return !w.halved && 2*len(w.taken) < len(batch().Tracks) }

// orders plays every order, and returns how many there were and the first in
// which something was wrong.
func orders(faults int, next func(State, Evidence) (State, Action), unsafe bool) (visited int, found string) {
	o, more := &order{faults: faults}, true
	for more {
		problems := live(o, next, unsafe)
		visited++
		if len(problems) > 0 {
			return visited, strings.Join(o.names, "; ") + ": " + strings.Join(problems, "; ")
		}
		o, more = o.following(faults)
	}
	return visited, ""
}

// Every order of kill and stop before and after each step, lost answer, late
// effect, refusal, second delivery and edited archive, up to a depth.
func TestEveryOrder(t *testing.T) {
	t.Parallel()
	began := time.Now()
	visited, found := orders(depth, Next, false)
	if found != "" {
		t.Fatalf("after %d orders: %s", visited, found)
	}
	t.Logf("visited %d orders with up to %d faults each in %s", visited, depth, time.Since(began).Round(time.Millisecond))
}
