package memjobs

import (
	"container/heap"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// order holds the jobs that do not run. Everything it does takes the same time
// whatever it holds, but for the logarithm that the waiting ones cost.
type order struct {
	later  byDue                       // not before their time
	ready  []*item                     // could run now; from next on, in order of arrival
	next   int                         // of ready
	parked map[archive.UserID][]*item  // behind a running job of the same user
	behind int                         // how many are parked
	busy   map[archive.UserID]struct{} // has a running job
}

func newOrder() order {
	return order{parked: map[archive.UserID][]*item{}, busy: map[archive.UserID]struct{}{}}
}

func (o *order) len() int { return o.queued() + len(o.later) }

// queued is how many could run if there were enough workers.
func (o *order) queued() int { return len(o.ready) - o.next + o.behind }

// put adds an item.
func (o *order) put(it *item, now time.Time) {
	if it.due.After(now) {
		heap.Push(&o.later, it)
		return
	}
	o.ready = append(o.ready, it)
}

// promote makes ready what is due.
func (o *order) promote(now time.Time) {
	for len(o.later) > 0 && !o.later[0].due.After(now) {
		o.ready = append(o.ready, heap.Pop(&o.later).(*item))
	}
}

// take removes the first item that may run; nil if there is none. Its user is
// busy until done.
func (o *order) take(now time.Time) *item {
	o.promote(now)
	for o.next < len(o.ready) {
		it := o.ready[o.next]
		o.ready[o.next] = nil
		if o.next++; o.next*2 >= len(o.ready) {
			o.ready, o.next = append(o.ready[:0], o.ready[o.next:]...), 0
		}
		if it.archive == nil {
			return it
		}
		user := it.archive.User
		if _, busy := o.busy[user]; !busy {
			o.busy[user] = struct{}{}
			return it
		}
		o.parked[user] = append(o.parked[user], it)
		o.behind++
	}
	return nil
}

// done lets the next job of the user run.
func (o *order) done(user archive.UserID) {
	delete(o.busy, user)
	list := o.parked[user]
	if len(list) == 0 {
		return
	}
	o.ready = append(o.ready, list[0])
	o.behind--
	if o.parked[user] = list[1:]; len(list) == 1 {
		delete(o.parked, user)
	}
}

// byDue is a heap.Interface: the item that is due first is on top.
type byDue []*item

func (h byDue) Len() int           { return len(h) }
func (h byDue) Less(i, j int) bool { return h[i].due.Before(h[j].due) }
func (h byDue) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *byDue) Push(x any)        { *h = append(*h, x.(*item)) }

func (h *byDue) Pop() any {
	last := len(*h) - 1
	it := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return it
}
