package memjobs

import (
	"slices"
	"strconv"
	"time"
)

// dead is a dead letter and the job in it.
type dead struct {
	DeadLetter
	item *item
}

// bury keeps a job that was given up; the caller holds the lock.
func (q *Queue) bury(it *item, letter DeadLetter) {
	q.died++
	letter.ID = strconv.Itoa(q.died)
	q.dead = append(q.dead, dead{letter, it})
	q.dead = q.dead[max(0, len(q.dead)-deadKept):]
}

// Retry puts the job of a dead letter back, as if it had never been tried. It
// reports whether there is such a letter.
func (q *Queue) Retry(id string) bool {
	it := q.exhume(id)
	if it == nil {
		return false
	}
	q.mu.Lock()
	it.attempts, it.due = 0, time.Time{}
	q.order.put(it, q.cfg.Clock())
	q.mu.Unlock()
	q.signal()
	return true
}

// Drop forgets a dead letter. It reports whether there is such a letter.
func (q *Queue) Drop(id string) bool { return q.exhume(id) != nil }

func (q *Queue) exhume(id string) *item {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.IndexFunc(q.dead, func(d dead) bool { return d.ID == id })
	if i < 0 {
		return nil
	}
	it := q.dead[i].item
	q.dead = slices.Delete(q.dead, i, i+1)
	return it
}
