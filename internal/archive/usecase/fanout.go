package usecase

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// FanOut sends out one job per due user.
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

// FanOutResult counts one message's work.
type FanOutResult struct {
	Due       int  // users sent out
	Overdue   int  // of them, those who missed an earlier edition
	Bad       int  // documents that could not be read
	Sharded   bool // the work was handed on, a shard a message
	Continued bool // the rest was handed on
}

// Run sends out the job's users. More than one page of users is split into
// shards by the first character of the user id, so that they run side by
// side. Running a job twice sends users out twice, which is harmless: their
// second run finds the week done. Every error means: try again.
func (f *FanOut) Run(ctx context.Context, job archive.FanOutJob) (FanOutResult, error) {
	started := f.Clock.Now()
	query := archive.DueQuery{
		Edition:   archive.DueEdition(started),
		Listening: job.Run.Kind == archive.RunListening,
		Prefix:    job.Prefix,
		After:     job.After,
		Limit:     f.pageSize(),
	}
	var result FanOutResult
	for {
		page, err := f.Users.DueUsers(ctx, query)
		if err != nil {
			return result, fmt.Errorf("listing due users: %w", err)
		}
		if page.Next != "" && job.Prefix == "" && query.After == "" {
			result.Sharded = true
			return result, f.shard(ctx, job)
		}
		result.Due += len(page.Users)
		result.Overdue += page.Overdue
		result.Bad += len(page.Bad)
		for _, id := range page.Bad {
			f.Log.WarnContext(ctx, "bad document", "user_id", id)
		}
		if err := f.send(ctx, job, query.After, page.Users); err != nil {
			return result, err
		}
		if page.Next == "" {
			break
		}
		query.After = page.Next
		if f.Clock.Now().Sub(started) >= f.maxTime() {
			result.Continued = true
			job.After = page.Next
			if err := f.More.EnqueueFanOut(ctx, job); err != nil {
				return result, fmt.Errorf("handing on the rest of the shard %q: %w", job.Prefix, err)
			}
			break
		}
	}
	f.Log.InfoContext(ctx, "fanned out", "kind", string(job.Run.Kind), "shard", job.Prefix,
		"due", result.Due, "overdue", result.Overdue, "bad_documents", result.Bad)
	return result, nil
}

// send sends out the users of the page that begins after a user.
func (f *FanOut) send(ctx context.Context, job archive.FanOutJob, after archive.UserID, users []archive.UserID) error {
	run, page := job.Run, job.Prefix+">"+string(after)
	// The run is noted first, also when nobody is due: the alarm for a week
	// that never ran reads it.
	if err := f.App.AddRun(ctx, run, page, len(users)); err != nil {
		return fmt.Errorf("noting the run: %w", err)
	}
	if len(users) == 0 {
		return nil
	}
	if err := f.tally(ctx, run, page, len(users)); err != nil {
		return fmt.Errorf("noting the day: %w", err)
	}
	jobs := make([]archive.ArchiveJob, len(users))
	for i, id := range users {
		jobs[i] = archive.ArchiveJob{User: id, Run: run}
	}
	if err := f.Jobs.EnqueueArchive(ctx, jobs...); err != nil {
		return fmt.Errorf("enqueuing %d users: %w", len(jobs), err)
	}
	return nil
}

// tally adds users to the day and the week over which refusals are counted.
func (f *FanOut) tally(ctx context.Context, run archive.Run, page string, users int) error {
	now := f.Clock.Now()
	page = run.Name() + ">" + page
	switch run.Kind {
	case archive.RunWeekly:
		return errors.Join(f.App.AddRun(ctx, archive.TallyOfDay(now), page, users), f.App.AddRun(ctx, archive.TallyOfWeek(now), page, users))
	case archive.RunCatchUp:
		return f.App.AddRun(ctx, archive.TallyOfDay(now), page, users)
	default:
		return nil
	}
}

func (f *FanOut) shard(ctx context.Context, job archive.FanOutJob) error {
	jobs := make([]archive.FanOutJob, 0, len(archive.UserIDAlphabet))
	for _, c := range archive.UserIDAlphabet {
		jobs = append(jobs, archive.FanOutJob{Run: job.Run, Prefix: string(c)})
	}
	if err := f.More.EnqueueFanOut(ctx, jobs...); err != nil {
		return fmt.Errorf("handing on the shards: %w", err)
	}
	f.Log.InfoContext(ctx, "fanned out into shards", "kind", string(job.Run.Kind), "shards", len(jobs))
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
	if archive.Ahead(lastWeekly, now) {
		return fmt.Errorf("the last weekly run is noted %s ahead", lastWeekly.Sub(now).Round(time.Hour))
	}
	if age := now.Sub(lastWeekly); age > allowed {
		return fmt.Errorf("the last weekly run was %s ago", age.Round(time.Hour))
	}
	return nil
}
