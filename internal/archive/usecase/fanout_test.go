package usecase_test

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
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
			run := app.Run{Kind: app.RunWeekly, At: archivetest.WeekTime()}

			sent := drain(t, f, queue, archive.FanOutJob{Run: run})

			if len(sent) != row.users {
				t.Errorf("got %d users, want %d", len(sent), row.users)
			}
			for id, n := range sent {
				if n != 1 {
					t.Errorf("got user %s sent %d times, want once", id, n)
				}
			}
			if last, err := store.LastRun(t.Context(), app.RunWeekly); err != nil || !last.Equal(run.At) {
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
			job := archive.FanOutJob{Run: app.Run{Kind: app.RunHourly, At: archivetest.WeekTime()}}
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

// Users whom an older program has stored have no time. The first hourly run
// looks at everybody; after a gap, in which such a program may have run, so does
// the next.
func TestUsersWithoutATimeAreFound(t *testing.T) {
	t.Parallel()
	now := archivetest.WeekTime()
	f, store, queue := newFanOut(t, func() time.Time { return now }, 5)
	done := archivetest.MustPut(t, store, archivetest.NewUser(t, "done", func(u *archive.User) { u.LastEdition = archivetest.Week }))
	hour := func(after time.Duration) map[archive.UserID]int {
		t.Helper()
		now = now.Add(after)
		return drain(t, f, queue, archive.FanOutJob{Run: app.Run{Kind: app.RunHourly, At: now}})
	}
	if sent := hour(0); len(sent) != 6 || sent[done.ID] != 1 {
		t.Fatalf("the first hour: got %d users, want all six", len(sent))
	}
	if sent := hour(time.Hour); len(sent) != 0 {
		t.Errorf("the second hour: got %d users, want nobody whom it knows no time of", len(sent))
	}
	soon := archivetest.MustPut(t, store, archivetest.NewUser(t, "soon", func(u *archive.User) { u.Due.At = now.Add(time.Minute) }))
	if sent := hour(time.Hour); len(sent) != 1 || sent[soon.ID] != 1 {
		t.Errorf("the third hour: got %v, want the one whose time has come", sent)
	}
	if sent := hour(time.Hour); len(sent) != 0 {
		t.Errorf("the fourth hour: got %v, want nobody twice", sent)
	}
	if sent := hour(5 * time.Hour); len(sent) != 7 {
		t.Errorf("after a gap: got %d users, want all seven", len(sent))
	}
	if sent := drain(t, f, queue, archive.FanOutJob{Run: app.Run{Kind: app.RunSweep, At: now}}); len(sent) != 7 {
		t.Errorf("the first sweep: got %d users, want all seven", len(sent))
	}
	now = now.Add(24 * time.Hour)
	sent := drain(t, f, queue, archive.FanOutJob{Run: app.Run{Kind: app.RunSweep, At: now}})
	if len(sent) != 1 || sent[soon.ID] != 1 {
		t.Errorf("the next sweep: got %v, want the one whose time passed long ago", sent)
	}
}
