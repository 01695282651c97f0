// Package schedule is the clock that sends out the runs of a program that is
// alone on its machine: the weekly run, the hourly one and the daily sweep. A
// machine that was off or asleep sends what it missed, once.
package schedule

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
)

const (
	// sendHour is the hour (UTC) of the weekly run and the sweep: the last time
	// zone has reached Monday at 12:00 UTC.
	sendHour = 13

	// poll bounds how late a clock that was moved is noticed.
	poll = 30 * time.Second
)

// Config configures a Schedule. All fields are required.
type Config struct {
	Clock   archive.Clock
	LastRun func(ctx context.Context, kind app.RunKind) (time.Time, error) // as archive.App has it
	Jobs    archive.FanOutJobs
	Log     *slog.Logger
}

// Schedule is safe for concurrent use.
type Schedule struct {
	cfg Config

	mu   sync.Mutex
	sent map[app.RunKind]time.Time // the newest time of each kind that is dealt with
}

// New returns a Schedule that has sent nothing.
func New(cfg Config) *Schedule {
	return &Schedule{cfg: cfg, sent: map[app.RunKind]time.Time{}}
}

// Run catches up what is due and then sends every run at its time, until ctx
// ends.
func (s *Schedule) Run(ctx context.Context) {
	for started := false; ; {
		if !started {
			started = s.start(ctx)
		} else {
			s.check(ctx)
		}
		timer := time.NewTimer(s.nap())
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}

// Skip calls move, which moves the clock, and takes every run up to its new
// time as sent: whoever moved it sends by hand.
func (s *Schedule) Skip(move func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	move()
	s.skip(s.cfg.Clock())
}

func (s *Schedule) skip(now time.Time) {
	for _, kind := range kinds() {
		s.sent[kind] = latest(kind, now)
	}
}

// kinds lists what the clock sends, in the order in which it is checked.
func kinds() []app.RunKind {
	return []app.RunKind{app.RunWeekly, app.RunSweep, app.RunHourly}
}

// latest returns when a run of the kind was last due.
func latest(kind app.RunKind, now time.Time) time.Time {
	now = now.UTC()
	if kind == app.RunHourly {
		return now.Truncate(time.Hour)
	}
	at := time.Date(now.Year(), now.Month(), now.Day(), sendHour, 0, 0, 0, time.UTC)
	for at.After(now) || kind == app.RunWeekly && at.Weekday() != time.Monday {
		at = at.AddDate(0, 0, -1)
	}
	return at
}

// start sends what a stopped process may have left, whose queue is gone: the
// weekly run if it was missed, and everybody whose time has passed. It reports
// whether it could.
func (s *Schedule) start(ctx context.Context) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.cfg.Clock()
	last, err := s.cfg.LastRun(ctx, app.RunWeekly)
	if err != nil {
		s.cfg.Log.ErrorContext(ctx, "what was missed is not sent", "error", err)
		return false
	}
	jobs := []archive.FanOutJob{{Run: app.Run{Kind: app.RunSweep, At: now}, Everybody: true}}
	if last.Before(latest(app.RunWeekly, now)) {
		jobs = append(jobs, archive.FanOutJob{Run: app.Run{Kind: app.RunWeekly, At: now}})
	}
	if !s.send(ctx, jobs...) {
		return false
	}
	s.skip(now)
	return true
}

// check sends every kind whose time has come since it was last sent. A clock
// that was moved back sends nothing.
func (s *Schedule) check(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.cfg.Clock()
	for _, kind := range kinds() {
		at := latest(kind, now)
		if !at.After(s.sent[kind]) {
			s.sent[kind] = at
		} else if s.send(ctx, archive.FanOutJob{Run: app.Run{Kind: kind, At: now}}) {
			s.sent[kind] = at
		}
	}
}

func (s *Schedule) send(ctx context.Context, jobs ...archive.FanOutJob) bool {
	if err := s.cfg.Jobs.EnqueueFanOut(ctx, jobs...); err != nil {
		s.cfg.Log.ErrorContext(ctx, "run not sent", "kind", string(jobs[0].Run.Kind), "error", err)
		return false
	}
	return true
}

// nap is the time to the next hour, at most poll.
func (s *Schedule) nap() time.Duration {
	now := s.cfg.Clock()
	return min(poll, now.Truncate(time.Hour).Add(time.Hour).Sub(now))
}

// Next returns when the next weekly run is due.
func (s *Schedule) Next() time.Time {
	return latest(app.RunWeekly, s.cfg.Clock()).AddDate(0, 0, 7)
}
