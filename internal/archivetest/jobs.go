package archivetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
)

// JobsUnderTest is a queue of archive jobs, and its other end.
type JobsUnderTest struct {
	Jobs archive.Jobs

	// Receive delivers what was enqueued before and is enqueued meanwhile to
	// handle, one or several at once, until ctx ends; then it returns. A job
	// whose handle failed is to come again after a second at most: give the
	// queue a short back-off.
	Receive func(ctx context.Context, handle func(ctx context.Context, job archive.ArchiveJob) error)
}

// FanOutJobsUnderTest is a queue of fan-out jobs, and its other end, under the
// same terms as JobsUnderTest.
type FanOutJobsUnderTest struct {
	Jobs    archive.FanOutJobs
	Receive func(ctx context.Context, handle func(ctx context.Context, job archive.FanOutJob) error)
}

// Jobs checks archive.Jobs. It calls open once per subtest, for an empty
// queue; subtests run in parallel.
func Jobs(t *testing.T, open func(t *testing.T) JobsUnderTest) {
	t.Helper()
	runChecks(t, func(t *testing.T) queueUnderTest[archive.ArchiveJob] {
		q := open(t)
		return queueUnderTest[archive.ArchiveJob]{
			enqueue: q.Jobs.EnqueueArchive,
			receive: q.Receive,
			job: func(i int) archive.ArchiveJob {
				kinds := []app.RunKind{app.RunWeekly, app.RunDue, app.RunSignUp, app.RunManual}
				return archive.ArchiveJob{User: NewUser(t, fmt.Sprint(i)).ID, Run: someRun(kinds[i%len(kinds)], i)}
			},
			arrives: func(job archive.ArchiveJob) archive.ArchiveJob {
				job.Run = toSecond(job.Run)
				return job
			},
		}
	}, queueChecks[archive.ArchiveJob]())
}

// FanOutJobs checks archive.FanOutJobs. It calls open once per subtest, for an
// empty queue; subtests run in parallel.
func FanOutJobs(t *testing.T, open func(t *testing.T) FanOutJobsUnderTest) {
	t.Helper()
	runChecks(t, func(t *testing.T) queueUnderTest[archive.FanOutJob] {
		q := open(t)
		return queueUnderTest[archive.FanOutJob]{
			enqueue: q.Jobs.EnqueueFanOut,
			receive: q.Receive,
			job: func(i int) archive.FanOutJob {
				kinds := []app.RunKind{app.RunWeekly, app.RunHourly, app.RunSweep}
				job := archive.FanOutJob{Run: someRun(kinds[i%len(kinds)], i), Everybody: i%3 == 0}
				if i%4 > 0 {
					job.Prefix = archive.UserIDAlphabet[i%32 : i%32+1]
					job.From = WeekTime().Add(time.Duration(i) * time.Second)
				}
				if i%4 > 1 {
					job.After.User = NewUser(t, fmt.Sprint(i)).ID
				}
				if i%4 > 2 {
					job.After.Due = WeekTime().Add(time.Duration(i) * time.Minute)
				}
				return job
			},
			arrives: func(job archive.FanOutJob) archive.FanOutJob {
				job.Run = toSecond(job.Run)
				return job
			},
		}
	}, queueChecks[archive.FanOutJob]())
}

// someRun differs by i, in the second and below it.
func someRun(kind app.RunKind, i int) app.Run {
	return app.Run{Kind: kind, At: WeekTime().Add(time.Duration(i) * 1_001 * time.Millisecond).In(time.FixedZone("", 3600))}
}

type queueUnderTest[J comparable] struct {
	enqueue func(ctx context.Context, jobs ...J) error
	receive func(ctx context.Context, handle func(ctx context.Context, job J) error)
	job     func(i int) J // the i-th of many different jobs
	arrives func(J) J     // the job without what a queue need not keep
}

func queueChecks[J comparable]() []check[queueUnderTest[J]] {
	type queue = queueUnderTest[J]
	return []check[queue]{
		{"every_field_arrives", func(t *testing.T, q queue) {
			for i := range 10 {
				noError(t, "enqueuing", q.enqueue(t.Context(), q.job(i)))
			}
			q.wantDelivered(t, 10, once[J])
		}},
		{"500_jobs_at_once", func(t *testing.T, q queue) {
			jobs := make([]J, 500)
			for i := range jobs {
				jobs[i] = q.job(i)
			}
			noError(t, "enqueuing", q.enqueue(t.Context(), jobs...))
			q.wantDelivered(t, len(jobs), once[J])
		}},
		{"concurrent_enqueuing", func(t *testing.T, q queue) {
			errs := together(8, func(i int) error { return q.enqueue(t.Context(), q.job(2*i), q.job(2*i+1)) })
			noError(t, "enqueuing", errors.Join(errs...))
			q.wantDelivered(t, 16, once[J])
		}},
		{"failed_job_comes_again", func(t *testing.T, q queue) {
			noError(t, "enqueuing", q.enqueue(t.Context(), q.job(0), q.job(1), q.job(2)))
			q.wantDelivered(t, 3, func(_ J, delivery int) error {
				if delivery < 3 {
					return errors.New("not yet")
				}
				return nil
			})
		}},
		{"job_enqueued_while_one_is_handled", func(t *testing.T, q queue) {
			noError(t, "enqueuing", q.enqueue(t.Context(), q.job(0)))
			q.wantDelivered(t, 5, func(job J, _ int) error {
				for i := range 4 {
					if job == q.arrives(q.job(i)) {
						return q.enqueue(t.Context(), q.job(i+1))
					}
				}
				return nil
			})
		}},
		{"no_jobs_are_fine", func(t *testing.T, q queue) {
			noError(t, "enqueuing none", q.enqueue(t.Context()))
			noError(t, "enqueuing one", q.enqueue(t.Context(), q.job(0)))
			q.wantDelivered(t, 1, once[J])
		}},
		{"cancelled_context_is_an_error", func(t *testing.T, q queue) {
			wantPromptError(t, "enqueuing", func(ctx context.Context) error { return q.enqueue(ctx, q.job(0), q.job(1)) })
		}},
	}
}

// once handles every job at its first delivery.
func once[J any](J, int) error { return nil }

// wantDelivered receives until jobs 0 to n-1 were handled without an error,
// and expects no other job. handle also gets how often the job came by now,
// from 1.
func (q queueUnderTest[J]) wantDelivered(t *testing.T, n int, handle func(job J, delivery int) error) {
	t.Helper()
	missing := make(map[J]bool, n)
	for i := range n {
		missing[q.arrives(q.job(i))] = true
	}
	if len(missing) != n {
		t.Fatalf("the fixture has only %d different jobs, want %d", len(missing), n)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var mu sync.Mutex
	deliveries := make(map[J]int, n)
	q.receive(ctx, func(_ context.Context, job J) error {
		job = q.arrives(job)
		mu.Lock()
		deliveries[job]++
		delivery := deliveries[job]
		mu.Unlock()
		err := handle(job, delivery)
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			delete(missing, job)
		}
		if len(missing) == 0 {
			cancel()
		}
		return err
	})
	mu.Lock()
	defer mu.Unlock()
	for job := range missing {
		t.Errorf("job %+v was delivered %d times and never handled", job, deliveries[job])
		delete(deliveries, job)
	}
	for i := range n {
		delete(deliveries, q.arrives(q.job(i)))
	}
	for job := range deliveries {
		t.Errorf("got job %+v, which nobody enqueued", job)
	}
}
