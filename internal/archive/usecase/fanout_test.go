package usecase_test

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
)

func newFanOut(t *testing.T, clock archive.Clock, users int) (*usecase.FanOut, *archivetest.Store, *archivetest.Queue) {
	t.Helper()
	store, queue := archivetest.NewStore(clock), archivetest.NewQueue()
	for i := range users {
		archivetest.MustPut(t, store, archivetest.NewUser(t, string(rune('a'+i%26))+string(rune('a'+i/26))))
	}
	return &usecase.FanOut{Users: store, App: store, Jobs: queue, More: queue, Clock: clock, Log: slog.New(slog.DiscardHandler)}, store, queue
}

func drain(t *testing.T, f *usecase.FanOut, q *archivetest.Queue, first archive.FanOutJob) map[archive.UserID]int {
	t.Helper()
	sent := make(map[archive.UserID]int)
	jobs := []archive.FanOutJob{first}
	for steps := 0; len(jobs) > 0; steps++ {
		if steps > 1000 {
			t.Fatal("fan-out does not end")
		}
		if _, err := f.Run(t.Context(), jobs[0]); err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs[1:], q.FanOut.TakeAll()...)
		for _, job := range q.Archive.TakeAll() {
			sent[job.User]++
		}
	}
	return sent
}

func TestFanOutSendsEveryUserOnce(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		users, page int
		maxTime     time.Duration
	}{
		"nobody":                     {0, 10, time.Minute},
		"one_page":                   {9, 10, time.Minute},
		"one_full_page":              {10, 10, time.Minute},
		"pages":                      {100, 10, time.Minute},
		"pages_and_continuations":    {100, 2, time.Nanosecond},
		"page_of_one_and_no_time":    {40, 1, time.Nanosecond},
		"defaults_are_large_enough":  {200, 0, 0},
		"page_larger_than_the_users": {40, 1000, time.Nanosecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := archivetest.WeekTime()
			clock := func() time.Time { now = now.Add(time.Microsecond); return now }
			f, store, queue := newFanOut(t, clock, row.users)
			f.PageSize, f.MaxTime = row.page, row.maxTime
			run := archive.Run{Kind: archive.RunWeekly, At: archivetest.WeekTime()}

			sent := drain(t, f, queue, archive.FanOutJob{Run: run})

			if len(sent) != row.users {
				t.Errorf("got %d users, want %d", len(sent), row.users)
			}
			for id, n := range sent {
				if n != 1 {
					t.Errorf("got user %s sent %d times, want once", id, n)
				}
			}
			if last, err := store.LastRun(t.Context(), archive.RunWeekly); err != nil || !last.Equal(run.At) {
				t.Errorf("got last run %s and error %v, want %s", last, err, run.At)
			}
		})
	}
}

func TestFanOutFailsLoudly(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*archivetest.Store, *archivetest.Queue, func(string) error){
		"listing":   func(s *archivetest.Store, _ *archivetest.Queue, f func(string) error) { s.Faults.Before = f },
		"enqueuing": func(_ *archivetest.Store, q *archivetest.Queue, f func(string) error) { q.Faults.Before = f },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, store, queue := newFanOut(t, archivetest.WeekTime, 3)
			broken := errors.New("broken")
			fail(store, queue, func(string) error { return broken })
			job := archive.FanOutJob{Run: archive.Run{Kind: archive.RunHourly, At: archivetest.WeekTime()}}
			if _, err := f.Run(t.Context(), job); !errors.Is(err, broken) {
				t.Errorf("got error %v, want it to wrap the fault", err)
			}
		})
	}
}

func TestOverdue(t *testing.T) {
	t.Parallel()
	now := archivetest.WeekTime()
	for name, row := range map[string]struct {
		last time.Time
		ok   bool
	}{
		"never":     {time.Time{}, false},
		"last_week": {now.Add(-7 * 24 * time.Hour), true},
		"too_old":   {now.Add(-9 * 24 * time.Hour), false},
	} {
		if err := usecase.Overdue(row.last, now, 8*24*time.Hour); (err == nil) != row.ok {
			t.Errorf("%s: got error %v, want fine %t", name, err, row.ok)
		}
	}
}
