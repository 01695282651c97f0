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

// A queue that looks at all its jobs for each of them is as slow as a plain scan,
// which runs beside it on the same machine under the same load; this one is a
// hundred times as fast. Of several attempts the quickest counts.
func TestTheCostOfAJobDoesNotGrowWithTheQueue(t *testing.T) {
	const jobs = 10_000
	scan := scanned(t, jobs)
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
			quickest := time.Hour
			for range 5 {
				quickest = min(quickest, drain(t, jobs, fill))
			}
			t.Logf("%s, a scan %s", quickest, scan)
			if quickest > scan/4 {
				t.Errorf("got %s for %d jobs, want far less than the %s of a scan of all for each", quickest, jobs, scan)
			}
		})
	}
}

// scanned is how long it takes to look at every job for each of n that are left.
func scanned(t *testing.T, n int) time.Duration {
	t.Helper()
	items := make([]*item, n)
	for i := range items {
		items[i] = itemOf("ada", time.Time{})
	}
	began, late := time.Now(), 0
	for left := range items {
		for _, it := range items[left:] {
			if it.due.After(began) {
				late++
			}
		}
	}
	if late > 0 {
		t.Fatalf("%d items are late, want none", late)
	}
	return time.Since(began)
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
