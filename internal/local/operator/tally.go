package operator

import (
	"maps"
	"slices"
	"sync"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
)

// runsKept is how many runs a Tally remembers.
const runsKept = 20

// Tally remembers how the latest runs ended for each user. It is safe for
// concurrent use; the zero Tally is empty.
type Tally struct {
	mu   sync.Mutex
	runs map[string]map[archive.UserID]outcome.Kind
	seen []string // names of runs, oldest first
}

// Add notes the outcome of a job's attempt; the last attempt counts.
func (t *Tally) Add(job archive.ArchiveJob, result outcome.Kind) {
	t.mu.Lock()
	defer t.mu.Unlock()
	name := job.Run.Name()
	if t.runs[name] == nil {
		if t.runs == nil {
			t.runs = map[string]map[archive.UserID]outcome.Kind{}
		}
		t.runs[name] = map[archive.UserID]outcome.Kind{}
		t.seen = append(t.seen, name)
		for len(t.seen) > runsKept {
			delete(t.runs, t.seen[0])
			t.seen = slices.Delete(t.seen, 0, 1)
		}
	}
	t.runs[name][job.User] = result
}

// Of counts a run's users by outcome.
func (t *Tally) Of(run app.Run) map[outcome.Kind]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	counts := map[outcome.Kind]int{}
	for result := range maps.Values(t.runs[run.Name()]) {
		counts[result]++
	}
	return counts
}
