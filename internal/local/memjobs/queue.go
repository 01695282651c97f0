// Package memjobs is a job queue inside one process, with the manners of a
// real one: at least once, in no order, retried with back-off, and given up
// after a number of attempts.
//
// It keeps nothing on disk. What is lost with the process is no song: a user
// whose run was lost is still due, and the catch-up that starts with the
// process sends them out again.
package memjobs

import (
	"context"
	"fmt"
	"log/slog"
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

// The defaults of a Config: the retry policy of the subscriptions that do this
// in the cloud. Twenty attempts are somewhat over two hours.
const (
	DefaultWorkers     = 4
	DefaultMinBackoff  = 10 * time.Second
	DefaultMaxBackoff  = 10 * time.Minute
	DefaultMaxAttempts = 20
	DefaultGrace       = 5 * time.Second
)

const (
	// maxNap bounds how late a clock that was moved is noticed.
	maxNap = time.Second

	// deadKept is how many given-up jobs are kept to be shown.
	deadKept = 100
)

// Config configures a Queue. Clock and Log are required; every zero field
// takes its default.
type Config struct {
	Clock archive.Clock // tells when a job is due again
	Log   *slog.Logger

	Workers     int           // jobs at once
	MinBackoff  time.Duration // before the second attempt; doubles with each
	MaxBackoff  time.Duration
	MaxAttempts int           // then the job is a dead letter
	Grace       time.Duration // for running jobs when Run ends
}

// Handlers do the jobs. An error lets the job come again; an
// *fault.RetryLater says not before when.
type Handlers struct {
	Archive func(ctx context.Context, job archive.ArchiveJob) error
	FanOut  func(ctx context.Context, job archive.FanOutJob) error
}

// Queue is safe for concurrent use.
type Queue struct {
	cfg  Config
	wake chan struct{} // holds at most one signal: look again

	mu      sync.Mutex
	order   order
	running int
	idle    chan struct{} // closed when nothing is left; nil when nobody waits
	dead    []dead
	died    int // how many, ever
}

// item is one job; exactly one of the two is set.
type item struct {
	archive  *archive.ArchiveJob
	fanOut   *archive.FanOutJob
	attempts int
	due      time.Time // not before
}

// DeadLetter is a job that was given up.
type DeadLetter struct {
	ID       string         // names it until the process ends
	User     archive.UserID // empty for a fan-out
	Run      app.Run
	Attempts int
	At       time.Time
	Reason   string // the last error
}

// Stats counts the jobs that are not done.
type Stats struct {
	Queued  int `json:"queued"` // could run now
	Running int `json:"running"`
	Waiting int `json:"waiting"` // for another attempt at a later time
}

// Empty reports whether there is nothing left to do.
func (s Stats) Empty() bool { return s == Stats{} }

// New returns an empty queue. Jobs are kept until Run handles them.
func New(cfg Config) *Queue {
	if cfg.Workers == 0 {
		cfg.Workers = DefaultWorkers
	}
	if cfg.MinBackoff == 0 {
		cfg.MinBackoff = DefaultMinBackoff
	}
	if cfg.MaxBackoff == 0 {
		cfg.MaxBackoff = DefaultMaxBackoff
	}
	if cfg.MaxAttempts == 0 {
		cfg.MaxAttempts = DefaultMaxAttempts
	}
	if cfg.Grace == 0 {
		cfg.Grace = DefaultGrace
	}
	return &Queue{cfg: cfg, wake: make(chan struct{}, 1), order: newOrder()}
}

// EnqueueArchive implements archive.Jobs.
func (q *Queue) EnqueueArchive(ctx context.Context, jobs ...archive.ArchiveJob) error {
	items := make([]*item, len(jobs))
	for i, job := range jobs {
		job.Run = toSecond(job.Run)
		items[i] = &item{archive: &job}
	}
	return q.add(ctx, items)
}

// EnqueueFanOut implements archive.FanOutJobs.
func (q *Queue) EnqueueFanOut(ctx context.Context, jobs ...archive.FanOutJob) error {
	items := make([]*item, len(jobs))
	for i, job := range jobs {
		job.Run = toSecond(job.Run)
		items[i] = &item{fanOut: &job}
	}
	return q.add(ctx, items)
}

func (q *Queue) add(ctx context.Context, items []*item) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("enqueuing %d jobs: %w", len(items), err)
	}
	q.mu.Lock()
	now := q.cfg.Clock()
	for _, it := range items {
		q.order.put(it, now)
	}
	q.mu.Unlock()
	q.signal()
	return nil
}

// toSecond keeps of a run's time what a message keeps.
func toSecond(run app.Run) app.Run {
	run.At = run.At.UTC().Truncate(time.Second)
	return run
}

// Stats returns what is left to do.
func (q *Queue) Stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.order.promote(q.cfg.Clock())
	return Stats{Queued: q.order.queued(), Running: q.running, Waiting: len(q.order.later)}
}

// Wait returns nil when nothing is left, jobs that wait for another attempt
// included, or the context's error.
func (q *Queue) Wait(ctx context.Context) error {
	q.mu.Lock()
	if q.running == 0 && q.order.len() == 0 {
		q.mu.Unlock()
		return nil
	}
	if q.idle == nil {
		q.idle = make(chan struct{})
	}
	idle := q.idle
	q.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for the queue: %w", ctx.Err())
	}
}

// DeadLetters returns the jobs that were given up, the newest first, at most 100.
func (q *Queue) DeadLetters() []DeadLetter {
	q.mu.Lock()
	defer q.mu.Unlock()
	letters := make([]DeadLetter, 0, len(q.dead))
	for _, d := range slices.Backward(q.dead) {
		letters = append(letters, d.DeadLetter)
	}
	return letters
}

func (q *Queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}
