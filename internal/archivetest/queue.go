package archivetest

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
)

var (
	_ archive.Jobs       = (*Queue)(nil)
	_ archive.FanOutJobs = (*Queue)(nil)
)

// Queue keeps jobs until a test takes them out: the test is the delivery, and
// decides about order, repetition and loss. As in a real queue, times of runs
// are kept to the second.
//
// Faults.Before is asked once per job, so that an error leaves the jobs before
// it enqueued; Faults.After once per call.
type Queue struct {
	Faults Faults

	Archive Messages[archive.ArchiveJob]
	FanOut  Messages[archive.FanOutJob]
}

// NewQueue returns an empty queue.
func NewQueue() *Queue { return &Queue{} }

// EnqueueArchive implements archive.Jobs.
func (q *Queue) EnqueueArchive(ctx context.Context, jobs ...archive.ArchiveJob) error {
	for _, job := range jobs {
		if err := q.Faults.before(ctx, "EnqueueArchive"); err != nil {
			return err
		}
		job.Run = toSecond(job.Run)
		q.Archive.Add(job)
	}
	return q.Faults.after(ctx, "EnqueueArchive")
}

// EnqueueFanOut implements archive.FanOutJobs.
func (q *Queue) EnqueueFanOut(ctx context.Context, jobs ...archive.FanOutJob) error {
	for _, job := range jobs {
		if err := q.Faults.before(ctx, "EnqueueFanOut"); err != nil {
			return err
		}
		job.Run = toSecond(job.Run)
		q.FanOut.Add(job)
	}
	return q.Faults.after(ctx, "EnqueueFanOut")
}

func toSecond(run app.Run) app.Run {
	run.At = run.At.UTC().Truncate(time.Second)
	return run
}

// Messages are the jobs of one kind that wait, in the order in which they came.
type Messages[J any] struct {
	mu   sync.Mutex
	jobs []J
}

// Add puts jobs at the end: another delivery of one that was taken out, or a
// duplicate of one that was not.
func (m *Messages[J]) Add(jobs ...J) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.jobs = append(m.jobs, jobs...)
}

// Waiting returns a copy of the waiting jobs.
func (m *Messages[J]) Waiting() []J {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.jobs)
}

// Take takes the i-th waiting job out; ok is false if there are not that many.
func (m *Messages[J]) Take(i int) (job J, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i < 0 || i >= len(m.jobs) {
		return job, false
	}
	job = m.jobs[i]
	m.jobs = slices.Delete(m.jobs, i, i+1)
	return job, true
}

// TakeAll takes every waiting job out.
func (m *Messages[J]) TakeAll() []J {
	m.mu.Lock()
	defer m.mu.Unlock()
	jobs := m.jobs
	m.jobs = nil
	return jobs
}
