package memjobs_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/local/memjobs"
)

const (
	ada archive.UserID = "ada"
	bob archive.UserID = "bob"
)

func job(id archive.UserID) archive.ArchiveJob {
	return archive.ArchiveJob{User: id, Run: app.Run{Kind: app.RunManual, At: time.Now()}}
}

// start runs a new queue in the test's bubble; stop ends it and returns when
// it has ended.
func start(t *testing.T, cfg memjobs.Config, archiveUser func(ctx context.Context, job archive.ArchiveJob) error) (q *memjobs.Queue, stop func()) {
	t.Helper()
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	cfg.Log = slog.New(slog.DiscardHandler)
	q = memjobs.New(cfg)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { q.Run(ctx, memjobs.Handlers{Archive: archiveUser}) })
	return q, func() {
		cancel()
		running.Wait()
	}
}

func enqueue(t *testing.T, q *memjobs.Queue, jobs ...archive.ArchiveJob) {
	t.Helper()
	if err := q.EnqueueArchive(t.Context(), jobs...); err != nil {
		t.Fatal(err)
	}
}

func wait(t *testing.T, q *memjobs.Queue) {
	t.Helper()
	if err := q.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestFailedJobsBackOffAndAreGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var tries []time.Duration
		q, stop := start(t, memjobs.Config{MaxAttempts: 10}, func(context.Context, archive.ArchiveJob) error {
			tries = append(tries, time.Since(began).Round(5*time.Second))
			return errors.New("not yet")
		})
		enqueue(t, q, job(ada))
		wait(t, q)
		stop()
		var gaps []time.Duration
		for i := range len(tries) - 1 {
			gaps = append(gaps, tries[i+1]-tries[i])
		}
		want := []time.Duration{10, 20, 40, 80, 160, 320, 600, 600, 600}
		for i := range want {
			want[i] *= time.Second
		}
		if diff := cmp.Diff(gaps, want); diff != "" {
			t.Errorf("back-off, got -, want +:\n%s", diff)
		}
		dead := q.DeadLetters()
		if len(dead) != 1 {
			t.Fatalf("got %d dead letters, want 1", len(dead))
		}
		if got := dead[0]; got.User != ada || got.Attempts != 10 || got.Reason != "not yet" {
			t.Errorf("got dead letter %+v, want ada's after 10 attempts", got)
		}
	})
}

func TestRetryLaterIsHonoured(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		again := began.Add(3 * time.Hour)
		var tries []time.Duration
		q, stop := start(t, memjobs.Config{}, func(context.Context, archive.ArchiveJob) error {
			tries = append(tries, time.Since(began).Round(5*time.Second))
			if time.Now().Before(again) {
				return &fault.RetryLater{NotBefore: again, Err: errors.New("paused")}
			}
			return nil
		})
		enqueue(t, q, job(ada))
		synctest.Wait()
		if got, want := q.Stats(), (memjobs.Stats{Waiting: 1}); got != want {
			t.Errorf("meanwhile: got %+v, want %+v", got, want)
		}
		wait(t, q)
		stop()
		if diff := cmp.Diff(tries, []time.Duration{0, 3 * time.Hour}); diff != "" {
			t.Errorf("tries, got -, want +:\n%s", diff)
		}
	})
}

func TestMovedClockIsNoticed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var moved time.Duration
		clock := func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return time.Now().Add(moved)
		}
		failed := false
		q, stop := start(t, memjobs.Config{Clock: clock, MinBackoff: time.Hour, MaxBackoff: time.Hour}, func(context.Context, archive.ArchiveJob) error {
			if failed {
				return nil
			}
			failed = true
			return errors.New("not yet")
		})
		began := time.Now()
		enqueue(t, q, job(ada))
		synctest.Wait()
		mu.Lock()
		moved = 7 * 24 * time.Hour
		mu.Unlock()
		wait(t, q)
		stop()
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("the job came again after %s, want at most 2 s", took)
		}
	})
}

func TestOneJobOfAUserAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		running, most, runs := map[archive.UserID]int{}, 0, 0
		q, stop := start(t, memjobs.Config{Workers: 3}, func(_ context.Context, job archive.ArchiveJob) error {
			mu.Lock()
			running[job.User]++
			if running[job.User] > 1 {
				t.Errorf("got %d runs of %s at once, want 1", running[job.User], job.User)
			}
			runs++
			sum := 0
			for _, n := range running {
				sum += n
			}
			most = max(most, sum)
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			defer mu.Unlock()
			running[job.User]--
			return nil
		})
		began := time.Now()
		for _, id := range []archive.UserID{ada, ada, ada, bob, "cia", "dan", "eve"} {
			enqueue(t, q, job(id))
		}
		wait(t, q)
		stop()
		if runs != 7 || most != 3 {
			t.Errorf("got %d runs, at most %d at once; want 7 and 3", runs, most)
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("took %s, want 3 s: ada's runs must not keep the others waiting", took)
		}
	})
}

func TestAPanicIsOneJobsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var done []archive.UserID
		panicked := false
		q, stop := start(t, memjobs.Config{}, func(_ context.Context, job archive.ArchiveJob) error {
			mu.Lock()
			defer mu.Unlock()
			if job.User == ada && !panicked {
				panicked = true
				panic("oops")
			}
			done = append(done, job.User)
			return nil
		})
		enqueue(t, q, job(ada), job(bob))
		wait(t, q)
		stop()
		slices.Sort(done)
		if diff := cmp.Diff(done, []archive.UserID{ada, bob}); diff != "" {
			t.Errorf("done, got -, want +:\n%s", diff)
		}
	})
}

func TestStop(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		lasts    time.Duration
		want     time.Duration // until Run returns
		canceled bool
	}{
		"running_work_finishes":          {lasts: 3 * time.Second, want: 3 * time.Second},
		"long_work_is_cancelled":         {lasts: time.Hour, want: 5 * time.Second, canceled: true},
		"nothing_runs_returns_instantly": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				canceled := false
				q, stop := start(t, memjobs.Config{Workers: 1}, func(ctx context.Context, _ archive.ArchiveJob) error {
					select {
					case <-time.After(tc.lasts):
						return nil
					case <-ctx.Done():
						canceled = true
						return ctx.Err()
					}
				})
				queued := 0
				if tc.lasts > 0 {
					enqueue(t, q, job(ada), job(bob))
					queued = 1
				}
				synctest.Wait()
				began := time.Now()
				stop()
				if got := time.Since(began); got != tc.want {
					t.Errorf("stopped after %s, want %s", got, tc.want)
				}
				if canceled != tc.canceled {
					t.Errorf("got canceled %v, want %v", canceled, tc.canceled)
				}
				got := q.Stats()
				want := memjobs.Stats{Queued: queued}
				if tc.canceled {
					want.Waiting = 1
				}
				if got != want {
					t.Errorf("left: got %+v, want %+v", got, want)
				}
			})
		})
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, stop := start(t, memjobs.Config{}, func(context.Context, archive.ArchiveJob) error { return errors.New("never") })
		if err := q.Wait(t.Context()); err != nil {
			t.Errorf("empty queue: got error %v, want none", err)
		}
		enqueue(t, q, job(ada))
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		if err := q.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got error %v, want %v", err, context.DeadlineExceeded)
		}
		stop()
	})
}

// BenchmarkQueue is what a queue itself costs, beside the jobs.
func BenchmarkQueue(b *testing.B) {
	for _, n := range []int{2_000, 20_000, 200_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			jobs := make([]archive.ArchiveJob, n)
			for i := range jobs {
				jobs[i] = job(archive.UserID(strconv.Itoa(i)))
			}
			for b.Loop() {
				work(b, jobs)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/job")
		})
	}
}

func work(b *testing.B, jobs []archive.ArchiveJob) {
	b.Helper()
	q := memjobs.New(memjobs.Config{Clock: time.Now, Log: slog.New(slog.DiscardHandler)})
	ctx, cancel := context.WithCancel(b.Context())
	var running sync.WaitGroup
	running.Go(func() {
		q.Run(ctx, memjobs.Handlers{Archive: func(context.Context, archive.ArchiveJob) error { return nil }})
	})
	if err := q.EnqueueArchive(ctx, jobs...); err != nil {
		b.Fatal(err)
	}
	if err := q.Wait(ctx); err != nil {
		b.Fatal(err)
	}
	cancel()
	running.Wait()
}

func TestDeadLettersAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, stop := start(t, memjobs.Config{MaxAttempts: 1, Workers: 1}, func(context.Context, archive.ArchiveJob) error {
			return errors.New("never")
		})
		for i := range 250 {
			enqueue(t, q, job(archive.UserID(strconv.Itoa(i))))
		}
		wait(t, q)
		stop()
		dead := q.DeadLetters()
		if len(dead) != 100 || dead[0].User != "249" || dead[99].User != "150" {
			t.Errorf("got %d dead letters, want the newest 100 of 250, newest first", len(dead))
		}
	})
}

func TestDeadLettersComeBackOrGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broken := true
		runs := 0
		q, stop := start(t, memjobs.Config{MaxAttempts: 2}, func(context.Context, archive.ArchiveJob) error {
			runs++
			if broken {
				return errors.New("not yet")
			}
			return nil
		})
		enqueue(t, q, job(ada))
		wait(t, q)
		enqueue(t, q, job(ada))
		wait(t, q)
		letters := q.DeadLetters()
		if len(letters) != 2 || letters[0].ID == letters[1].ID {
			t.Fatalf("got dead letters %+v, want two with ids of their own", letters)
		}
		broken, runs = false, 0
		if !q.Retry(letters[0].ID) || q.Retry(letters[0].ID) || !q.Drop(letters[1].ID) || q.Drop(letters[1].ID) {
			t.Error("a letter was not there, or was there twice")
		}
		wait(t, q)
		if left := len(q.DeadLetters()); runs != 1 || left != 0 {
			t.Errorf("got %d runs and %d letters, want 1 and none", runs, left)
		}
		stop()
	})
}
