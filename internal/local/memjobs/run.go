package memjobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
)

// Run handles jobs until ctx ends, one at a time for each user. Then it begins
// no more, lets the running ones finish for Config.Grace, cancels what still
// runs, and returns when they have. What is not done stays in the queue.
// There must be one Run at a time.
func (q *Queue) Run(ctx context.Context, h Handlers) {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var workers sync.WaitGroup
	for ctx.Err() == nil {
		for it := q.take(); it != nil; it = q.take() {
			workers.Go(func() { q.finish(work, it, q.do(work, h, it)) })
		}
		q.nap(ctx)
	}
	ended := make(chan struct{})
	go func() {
		workers.Wait()
		close(ended)
	}()
	grace := time.NewTimer(q.cfg.Grace)
	defer grace.Stop()
	select {
	case <-ended:
	case <-grace.C:
		cancel()
		<-ended
	}
	if left := q.Stats(); !left.Empty() {
		q.cfg.Log.InfoContext(ctx, "stopped with jobs left, which the next start sends out again",
			"queued", left.Queued, "waiting", left.Waiting)
	}
}

// take removes the first job that may run now; nil if there is none.
func (q *Queue) take() *item {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.running >= q.cfg.Workers {
		return nil
	}
	it := q.order.take(q.cfg.Clock())
	if it != nil {
		q.running++
	}
	return it
}

// nap waits until there may be something to do.
func (q *Queue) nap(ctx context.Context) {
	var due <-chan time.Time
	if stats := q.Stats(); stats.Queued+stats.Waiting > 0 {
		timer := time.NewTimer(maxNap)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-q.wake:
	case <-due:
	case <-ctx.Done():
	}
}

var errPanic = errors.New("a panic, which the log shows")

// do hands the job to its handler. A panic is an error like any other: it must
// not take the other users' runs with it. Its value may hold anything, so only
// its type is logged.
func (q *Queue) do(ctx context.Context, h Handlers, it *item) (err error) {
	defer func() {
		if p := recover(); p != nil {
			q.cfg.Log.ErrorContext(ctx, "job panicked", "panic_type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			err = errPanic
		}
	}()
	if it.archive != nil {
		return h.Archive(ctx, *it.archive)
	}
	return h.FanOut(ctx, *it.fanOut)
}

// finish ends an attempt: the job is done, comes again, or is given up.
func (q *Queue) finish(ctx context.Context, it *item, err error) {
	user, run := it.name()

	q.mu.Lock()
	q.running--
	q.order.done(user)
	it.attempts++
	switch now := q.cfg.Clock(); {
	case err == nil:
	case it.attempts >= q.cfg.MaxAttempts:
		q.bury(it, DeadLetter{User: user, Run: run, Attempts: it.attempts, At: now, Reason: err.Error()})
		q.cfg.Log.ErrorContext(ctx, "job given up", "user_id", user, "run", run.Name(), "attempts", it.attempts, "error", err)
	default:
		it.due = q.again(now, it.attempts, err)
		q.order.put(it, now)
		level := slog.LevelWarn
		if errors.Is(err, fault.ErrLookAgain) { // as it should
			level = slog.LevelInfo
		}
		q.cfg.Log.Log(ctx, level, "job comes again", "user_id", user, "run", run.Name(), "attempts", it.attempts, "not_before", it.due, "error", err)
	}
	if q.idle != nil && q.running == 0 && q.order.len() == 0 {
		close(q.idle)
		q.idle = nil
	}
	q.mu.Unlock()
	q.signal()
}

// again says when a job comes again: after the back-off, and not before the
// time that the handler named.
func (q *Queue) again(now time.Time, attempts int, err error) time.Time {
	wait := q.cfg.MinBackoff
	for range attempts - 1 {
		if wait *= 2; wait >= q.cfg.MaxBackoff {
			wait = q.cfg.MaxBackoff
			break
		}
	}
	due := now.Add(wait)
	if later, ok := errors.AsType[*fault.RetryLater](err); ok && later.NotBefore.After(due) {
		due = later.NotBefore
	}
	return due
}

func (it *item) name() (archive.UserID, app.Run) {
	if it.archive != nil {
		return it.archive.User, it.archive.Run
	}
	return "", it.fanOut.Run
}
