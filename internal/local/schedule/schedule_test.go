package schedule_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/local/schedule"
)

// rig is a schedule whose clock can be moved, and what it sent.
type rig struct {
	schedule *schedule.Schedule

	mu         sync.Mutex
	offset     time.Duration
	lastWeekly time.Time
	failing    bool
	sent       []string
	hours      []time.Time // of the hourly runs
}

// newRig shows the time at on its clock and runs the schedule until the test ends.
func newRig(t *testing.T, at, lastWeekly time.Time) *rig {
	t.Helper()
	d := &rig{offset: time.Until(at), lastWeekly: lastWeekly}
	d.schedule = schedule.New(schedule.Config{
		Clock:   d.now,
		LastRun: d.lastRun,
		Jobs:    d,
		Log:     slog.New(slog.DiscardHandler),
	})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { d.schedule.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	synctest.Wait()
	return d
}

func (d *rig) now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Now().Add(d.offset)
}

func (d *rig) lastRun(_ context.Context, kind app.RunKind) (time.Time, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if kind != app.RunWeekly {
		return time.Time{}, errors.New("asked for another kind")
	}
	return d.lastWeekly, nil
}

func (d *rig) EnqueueFanOut(_ context.Context, jobs ...archive.FanOutJob) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failing {
		return errors.New("queue is full")
	}
	for _, job := range jobs {
		sent := string(job.Run.Kind) + " " + job.Run.At.UTC().Format("Mon 15:04")
		switch {
		case job.Run.Kind == app.RunHourly:
			d.hours = append(d.hours, job.Run.At.UTC())
			continue
		case job.Everybody:
			sent = "everybody " + sent
		}
		d.sent = append(d.sent, sent)
	}
	return nil
}

func (d *rig) move(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.offset += by
}

func (d *rig) fail(failing bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failing = failing
}

func (d *rig) want(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	if diff := cmp.Diff(d.sent, want); diff != "" {
		t.Errorf("sent, got -, want +:\n%s", diff)
	}
}

var (
	monday    = time.Date(2026, 11, 16, 13, 0, 0, 0, time.UTC)
	wednesday = time.Date(2026, 11, 18, 9, 30, 0, 0, time.UTC)
)

func TestStartCatchesUp(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		at, lastWeekly time.Time
		want           string
	}{
		"nothing_missed":       {wednesday, monday, "everybody sweep Wed 09:30"},
		"off_on_monday":        {wednesday, monday.AddDate(0, 0, -7), "everybody sweep Wed 09:30, weekly Wed 09:30"},
		"off_for_months":       {wednesday, monday.AddDate(0, -3, 0), "everybody sweep Wed 09:30, weekly Wed 09:30"},
		"never_ran":            {wednesday, time.Time{}, "everybody sweep Wed 09:30, weekly Wed 09:30"},
		"monday_before_hour":   {monday.Add(-time.Minute), monday.AddDate(0, 0, -7), "everybody sweep Mon 12:59"},
		"monday_on_the_minute": {monday, monday.AddDate(0, 0, -7), "everybody sweep Mon 13:00, weekly Mon 13:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { newRig(t, tc.at, tc.lastWeekly).want(t, strings.Split(tc.want, ", ")...) })
		})
	}
}

func TestAWeek(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newRig(t, wednesday, monday)
		time.Sleep(7 * 24 * time.Hour)
		d.want(t, "everybody sweep Wed 09:30", "sweep Wed 13:00", "sweep Thu 13:00", "sweep Fri 13:00", "sweep Sat 13:00",
			"sweep Sun 13:00", "weekly Mon 13:00", "sweep Mon 13:00", "sweep Tue 13:00")
		if len(d.hours) != 7*24 {
			t.Fatalf("got %d hourly runs in a week, want one an hour", len(d.hours))
		}
		for i, at := range d.hours {
			if want := wednesday.Truncate(time.Hour).Add(time.Duration(i+1) * time.Hour); !at.Equal(want) {
				t.Errorf("got an hourly run at %s, want %s", at, want)
			}
		}
	})
}

func TestMovedClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newRig(t, wednesday, monday)
		d.move(3 * 7 * 24 * time.Hour)
		time.Sleep(31 * time.Second)
		d.want(t, "everybody sweep Wed 09:30", "weekly Wed 09:30", "sweep Wed 09:30")
		d.move(-2 * 7 * 24 * time.Hour)
		time.Sleep(31 * time.Second)
		d.want(t, "everybody sweep Wed 09:30", "weekly Wed 09:30", "sweep Wed 09:30")
	})
}

func TestSkip(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newRig(t, wednesday, monday)
		d.schedule.Skip(func() { d.move(7 * 24 * time.Hour) })
		time.Sleep(time.Minute)
		d.want(t, "everybody sweep Wed 09:30")
		if got, want := d.schedule.Next(), monday.AddDate(0, 0, 14); !got.Equal(want) {
			t.Errorf("next weekly run: got %s, want %s", got, want)
		}
	})
}

func TestWhatCannotBeSentIsSentLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newRig(t, wednesday, monday)
		d.fail(true)
		time.Sleep(4*time.Hour + 10*time.Second)
		d.want(t, "everybody sweep Wed 09:30")
		d.fail(false)
		time.Sleep(time.Minute)
		d.want(t, "everybody sweep Wed 09:30", "sweep Wed 13:30")
	})
}
