package bench_test

import (
	"context"
	"sync"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
)

// As Terraform sets up the queue of the cloud.
const (
	minBackOff = 10 * time.Second
	maxBackOff = 10 * time.Minute
	attempts   = 100
)

// delivery is a message on its way.
type delivery struct {
	job     archive.ArchiveJob
	attempt int
}

// push is a queue like the cloud's, and the processes that it pushes to.
type push struct {
	ready   chan delivery
	workers sync.WaitGroup

	mu         sync.Mutex
	open       sync.WaitGroup // messages that are not acknowledged
	deliveries map[archive.UserID]int
	most, dead int
	saved      int       // runs that put songs into an archive
	last       time.Time // when the last one of them ended
}

var _ archive.Jobs = (*push)(nil)

// push starts new processes, which know nothing of Spotify's limits. At most is
// how many messages may wait at once.
func (w *world) push(m monday, way *gate, atMost int) *push {
	p := &push{ready: make(chan delivery, atMost), deliveries: map[archive.UserID]int{}}
	for range m.processes {
		archivist := w.process(slow{w.store}, w.client(way, nil))
		archivist.Opener = slowOpener{w.keys}
		for range m.slots {
			p.workers.Go(func() {
				for d := range p.ready {
					result, err := archivist.Run(w.tb.Context(), d.job)
					p.done(d, result, err)
				}
			})
		}
	}
	return p
}

// EnqueueArchive implements archive.Jobs.
func (p *push) EnqueueArchive(_ context.Context, jobs ...archive.ArchiveJob) error {
	p.open.Add(len(jobs))
	for _, job := range jobs {
		p.ready <- delivery{job, 1}
	}
	return nil
}

func (p *push) done(d delivery, result outcome.Outcome, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deliveries[d.job.User]++
	p.most = max(p.most, p.deliveries[d.job.User])
	if result.Kind == outcome.Saved {
		p.saved++
		p.last = time.Now()
	}
	switch {
	case err == nil:
		p.open.Done()
	case d.attempt == attempts:
		p.dead++
		p.open.Done()
	default:
		wait := min(minBackOff<<min(d.attempt-1, 6), maxBackOff)
		d.attempt++
		time.AfterFunc(wait, func() { p.ready <- d })
	}
}

// stop waits for every message and ends the processes.
func (p *push) stop() {
	p.open.Wait()
	close(p.ready)
	p.workers.Wait()
}
