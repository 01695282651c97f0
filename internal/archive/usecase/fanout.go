package usecase

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
)

// FanOut sends out one job per due user: by the weekly message those whose week
// is open, by the hourly one those whose time has come, and once a day those
// whose message may be lost.
type FanOut struct {
	Users archive.DueUsers
	App   archive.App
	Jobs  archive.Jobs
	More  archive.FanOutJobs
	Clock archive.Clock
	Log   *slog.Logger

	PageSize int           // documents per page; DefaultPageSize when zero
	MaxTime  time.Duration // after which the rest goes into another message; DefaultFanOutTime when zero
}

// Defaults of FanOut: a page is one query and one batch of messages; the time
// leaves room below the deadline of the function, which is 120 s on Google
// Cloud.
const (
	DefaultPageSize   = 300
	DefaultFanOutTime = 40 * time.Second
)

const (
	// longOverdue is after how long a user's message is taken for lost, and the
	// sweep sends another: longer than a user waits in an ordinary queue.
	longOverdue = 3 * time.Hour

	// missedHours and missedSweeps are after which pause of the schedule a run
	// looks at everybody: users may have been stored meanwhile by a program that
	// notes no time.
	missedHours  = 3 * time.Hour
	missedSweeps = 50 * time.Hour
)

// FanOutResult counts one message's work.
type FanOutResult struct {
	Due       int  // users sent out
	Overdue   int  // of them, those who missed an earlier edition
	Bad       int  // documents that could not be read
	Continued bool // the rest was handed on
}

// Run sends out the job's users, page by page; what does not fit into the time
// of one message goes into another. Running a job twice sends users out twice,
// which is harmless: their second run finds nothing to do. Every error means:
// try again.
func (f *FanOut) Run(ctx context.Context, job archive.FanOutJob) (FanOutResult, error) {
	started := f.Clock.Now()
	job, err := f.begin(ctx, job, started)
	if err != nil {
		return FanOutResult{}, err
	}
	query := f.query(job, started)
	var result FanOutResult
	for {
		page, err := f.Users.DueUsers(ctx, query)
		if err != nil {
			return result, fmt.Errorf("listing due users: %w", err)
		}
		result.Due += len(page.Users)
		result.Overdue += page.Overdue
		result.Bad += len(page.Bad)
		for _, id := range page.Bad {
			f.Log.WarnContext(ctx, "bad document", "user_id", id)
		}
		if err := f.send(ctx, job, query.After, page); err != nil {
			return result, err
		}
		if page.Next == (archive.Place{}) {
			break
		}
		query.After = page.Next
		if f.Clock.Now().Sub(started) >= f.maxTime() {
			result.Continued = true
			job.After = page.Next
			if err := f.More.EnqueueFanOut(ctx, job); err != nil {
				return result, fmt.Errorf("handing on the rest of the run: %w", err)
			}
			break
		}
	}
	if !result.Continued {
		if err := f.end(ctx, job); err != nil {
			return result, err
		}
	}
	f.Log.InfoContext(ctx, "fanned out", "kind", string(job.Run.Kind), "everybody", job.Everybody,
		"due", result.Due, "overdue", result.Overdue, "bad_documents", result.Bad, "continued", result.Continued)
	return result, nil
}

// begin completes the first job of a run.
func (f *FanOut) begin(ctx context.Context, job archive.FanOutJob, now time.Time) (archive.FanOutJob, error) {
	if job.Run.Kind == app.RunWeekly || job.Everybody || job.After != (archive.Place{}) {
		return job, nil
	}
	last, err := f.App.LastRun(ctx, job.Run.Kind)
	if err != nil {
		return job, fmt.Errorf("reading when the last %s run was: %w", job.Run.Kind, err)
	}
	missed := missedHours
	if job.Run.Kind == app.RunSweep {
		missed = missedSweeps
	} else {
		job.From = last
	}
	job.Everybody = last.IsZero() || job.Run.At.Sub(last) > missed || calendar.Ahead(last, now)
	return job, nil
}

// query is what a job asks for.
func (f *FanOut) query(job archive.FanOutJob, now time.Time) archive.DueQuery {
	q := archive.DueQuery{Prefix: job.Prefix, After: job.After, Limit: f.pageSize()}
	switch {
	case job.Run.Kind == app.RunWeekly:
		q.Open = now
	case job.Everybody:
		q.Everybody, q.Before = true, job.Run.At
	case job.Run.Kind == app.RunSweep:
		q.Before = job.Run.At.Add(-longOverdue)
	default:
		q.From, q.Before = job.From, job.Run.At
	}
	return q
}

// send sends out the users of the page that begins after a place.
func (f *FanOut) send(ctx context.Context, job archive.FanOutJob, after archive.Place, due archive.DuePage) error {
	if job.Run.Kind == app.RunWeekly && after == (archive.Place{}) {
		// It is noted first, also when nobody is due: the alarm for a week that
		// never ran reads it.
		if err := f.App.NoteRun(ctx, job.Run); err != nil {
			return fmt.Errorf("noting the run: %w", err)
		}
	}
	if len(due.Users) == 0 {
		return nil
	}
	if err := f.count(ctx, job, after, due); err != nil {
		return fmt.Errorf("counting the users of the day: %w", err)
	}
	one := app.Run{Kind: app.RunDue, At: job.Run.At}
	if job.Run.Kind == app.RunWeekly {
		one.Kind = app.RunWeekly
	}
	jobs := make([]archive.ArchiveJob, len(due.Users))
	for i, id := range due.Users {
		jobs[i] = archive.ArchiveJob{User: id, Run: one}
	}
	if err := f.Jobs.EnqueueArchive(ctx, jobs...); err != nil {
		return fmt.Errorf("enqueuing %d users: %w", len(jobs), err)
	}
	return nil
}

// count adds a page of users to the day and the week over which refusals are
// counted. Looks at plays would count a user many times a day.
func (f *FanOut) count(ctx context.Context, job archive.FanOutJob, after archive.Place, due archive.DuePage) error {
	users := len(due.Users) - due.Looks
	if users == 0 {
		return nil
	}
	now := f.Clock.Now()
	tallies := []app.Run{app.TallyOfDay(now)}
	if job.Run.Kind == app.RunWeekly {
		tallies = append(tallies, app.TallyOfWeek(now))
	}
	page := job.Run.Name() + ">" + job.Prefix + ">" + string(after.User)
	return f.App.CountUsers(ctx, page, users, tallies...)
}

// end notes that everybody was sent out: the next run begins where this one
// ended. One that was cut off is delivered again and begins anew.
func (f *FanOut) end(ctx context.Context, job archive.FanOutJob) error {
	if job.Run.Kind == app.RunWeekly {
		return nil
	}
	if err := f.App.NoteRun(ctx, job.Run); err != nil {
		return fmt.Errorf("noting the end of the run: %w", err)
	}
	return nil
}

func (f *FanOut) pageSize() int {
	if f.PageSize > 0 {
		return f.PageSize
	}
	return DefaultPageSize
}

func (f *FanOut) maxTime() time.Duration {
	if f.MaxTime > 0 {
		return f.MaxTime
	}
	return DefaultFanOutTime
}

// Overdue reports the age of the newest weekly run: an error when it is older
// than allowed, or when there never was one.
func Overdue(lastWeekly, now time.Time, allowed time.Duration) error {
	if lastWeekly.IsZero() {
		return errors.New("no weekly run was ever made")
	}
	if calendar.Ahead(lastWeekly, now) {
		return fmt.Errorf("the last weekly run is noted %s ahead", lastWeekly.Sub(now).Round(time.Hour))
	}
	if age := now.Sub(lastWeekly); age > allowed {
		return fmt.Errorf("the last weekly run was %s ago", age.Round(time.Hour))
	}
	return nil
}
