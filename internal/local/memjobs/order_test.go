package memjobs

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

func itemOf(user archive.UserID, due time.Time) *item {
	return &item{archive: &archive.ArchiveJob{User: user}, due: due}
}

// Sixteen times the jobs cost sixteen times the time and a little more; a scan
// of all of them for each costs 256 times. Of several short measurements the
// least is the one that a busy machine has not disturbed.
func TestTheCostOfAJobDoesNotGrowWithTheQueue(t *testing.T) {
	for name, fill := range map[string]func(o *order, i int, now time.Time){
		"could_run_at_once": func(o *order, i int, now time.Time) {
			o.put(itemOf(archive.UserID(strconv.Itoa(i)), time.Time{}), now)
		},
		"wait_for_another_attempt": func(o *order, i int, now time.Time) {
			o.put(itemOf(archive.UserID(strconv.Itoa(i)), now.Add(time.Duration(i*7919%1000))), now.Add(-time.Hour))
		},
		"are_all_of_one_user": func(o *order, _ int, now time.Time) { o.put(itemOf("ada", time.Time{}), now) },
	} {
		t.Run(name, func(t *testing.T) {
			cost := func(n int) time.Duration {
				least := time.Hour
				for range 7 {
					least = min(least, drain(t, n, fill))
				}
				return least
			}
			if ratio := float64(cost(64_000)) / float64(cost(4_000)); ratio > 80 {
				t.Errorf("16 times the jobs cost %.0f times the time, want about 16", ratio)
			}
		})
	}
}

// drain fills an order with n items and takes them all out again.
func drain(t *testing.T, n int, fill func(o *order, i int, now time.Time)) time.Duration {
	t.Helper()
	now := time.Date(2026, 11, 30, 13, 0, 0, 0, time.UTC)
	began := time.Now()
	o := newOrder()
	for i := range n {
		fill(&o, i, now)
	}
	taken := 0
	for it := o.take(now.Add(time.Second)); it != nil; it = o.take(now.Add(time.Second)) {
		taken++
		o.done(it.archive.User)
	}
	if taken != n || o.len() != 0 {
		t.Fatalf("got %d items out and %d left, want %d and none", taken, o.len(), n)
	}
	return time.Since(began)
}

func TestOrder(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 30, 13, 0, 0, 0, time.UTC)
	o := newOrder()
	o.put(itemOf("late", now.Add(2*time.Second)), now)
	o.put(itemOf("soon", now.Add(time.Second)), now)
	o.put(itemOf("ada", time.Time{}), now)
	o.put(itemOf("ada", time.Time{}), now)
	o.put(itemOf("bob", time.Time{}), now)
	var got []archive.UserID
	take := func(now time.Time) {
		for it := o.take(now); it != nil; it = o.take(now) {
			got = append(got, it.archive.User)
		}
	}
	take(now)
	if got, want := o.queued(), 1; got != want {
		t.Errorf("behind ada's running job: got %d queued, want %d", got, want)
	}
	o.done("ada")
	take(now)
	take(now.Add(time.Minute))
	if want := []archive.UserID{"ada", "bob", "ada", "soon", "late"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
