package archivetest

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

type twistedDue struct {
	*Store
	due func(s *Store, ctx context.Context, q archive.DueQuery) (archive.DuePage, error)
}

func (s twistedDue) DueUsers(ctx context.Context, q archive.DueQuery) (archive.DuePage, error) {
	return s.due(s.Store, ctx, q)
}

func dueMutants() []mutant {
	var mutants []mutant
	add := func(name string, due func(s *Store, ctx context.Context, q archive.DueQuery) (archive.DuePage, error), fails ...string) {
		mutants = append(mutants, mutant{name, func(t *testing.T) {
			DueUsers(t, func(*testing.T) DueStore { return twistedDue{NewStore(WeekTime), due} })
		}, fails})
	}
	// query and page are mutants that only change what goes in or comes out.
	query := func(name string, change func(q *archive.DueQuery), fails ...string) {
		add(name, func(s *Store, ctx context.Context, q archive.DueQuery) (archive.DuePage, error) {
			change(&q)
			return s.DueUsers(ctx, q)
		}, fails...)
	}
	page := func(name string, change func(p *archive.DuePage), fails ...string) {
		add(name, func(s *Store, ctx context.Context, q archive.DueQuery) (archive.DuePage, error) {
			p, err := s.DueUsers(ctx, q)
			change(&p)
			return p, err
		}, fails...)
	}
	query("ignores_the_prefix", func(q *archive.DueQuery) { q.Prefix = "" }, "prefixes_hold_everybody_once")
	query("ignores_after", func(q *archive.DueQuery) { q.After = archive.Place{} },
		"pages_hold_everybody_once", "only_ids_after", "pages_by_time_hold_everybody_once")
	query("ignores_the_time_of_after", func(q *archive.DueQuery) { q.After.Due = time.Time{} }, "pages_by_time_hold_everybody_once")
	query("ignores_when_the_week_is", func(q *archive.DueQuery) {
		if !q.Open.IsZero() {
			q.Open = WeekTime()
		}
	}, "weeks_that_were_open_before")
	query("ignores_from", func(q *archive.DueQuery) { q.From = time.Time{} }, "due_within_a_time")
	query("ignores_before", func(q *archive.DueQuery) {
		if !q.Before.IsZero() {
			q.Before = WeekTime().AddDate(1, 0, 0)
		}
	}, "due_within_a_time", "from_the_beginning")
	query("takes_before_as_the_last", func(q *archive.DueQuery) {
		if !q.Before.IsZero() {
			q.Before = q.Before.Add(time.Second)
		}
	}, "due_within_a_time", "from_the_beginning")
	query("asks_stored_times_only", func(q *archive.DueQuery) { q.Everybody = false }, "everybody_has_users_without_a_time")
	query("ignores_the_limit", func(q *archive.DueQuery) { q.Limit = 1000 }, "pages_hold_everybody_once")
	page("stops_after_a_page", func(p *archive.DuePage) { p.Next = archive.Place{} },
		"pages_hold_everybody_once", "pages_by_time_hold_everybody_once")
	page("loses_the_last_of_a_page", func(p *archive.DuePage) {
		if p.Next.User != "" && len(p.Users) > 0 {
			p.Users = p.Users[:len(p.Users)-1]
		}
	}, "pages_hold_everybody_once")
	page("descending_ids", func(p *archive.DuePage) { slices.Reverse(p.Users) }, "open_weeks")
	page("hides_bad_documents", func(p *archive.DuePage) { p.Bad = nil }, "unreadable_documents_are_counted")
	page("counts_everybody_as_overdue", func(p *archive.DuePage) { p.Overdue = len(p.Users) }, "open_weeks")
	page("counts_everybody_as_a_look", func(p *archive.DuePage) { p.Looks = len(p.Users) }, "looks_at_plays_are_counted")
	add("forgets_who_waits", func(s *Store, ctx context.Context, q archive.DueQuery) (archive.DuePage, error) {
		p, err := s.DueUsers(ctx, q)
		p.Users = slices.DeleteFunc(p.Users, func(id archive.UserID) bool {
			u, _ := s.User(ctx, id)
			return u.Status == archive.StatusActive && u.Waiting && u.Open == nil
		})
		return p, err
	}, "open_weeks")
	add("forgets_who_leaves", func(s *Store, ctx context.Context, q archive.DueQuery) (archive.DuePage, error) {
		p, err := s.DueUsers(ctx, q)
		p.Users = slices.DeleteFunc(p.Users, func(id archive.UserID) bool {
			u, _ := s.User(ctx, id)
			return u.Status == archive.StatusLeaving
		})
		return p, err
	}, "open_weeks", "changes_are_followed")
	return mutants
}

type twistedApp struct {
	*Store
	setPause   func(s *Store, p app.Pause)
	noteRun    func(s *Store, ctx context.Context, run app.Run) error
	countUsers func(s *Store, ctx context.Context, page string, n int, tallies ...app.Run) error
	addRefusal func(s *Store, run *app.Run, id *archive.UserID)
	setMass    func(s *Store, at time.Time)
	lastRun    func(kind app.RunKind) app.RunKind
	addTraffic func(s *Store, more *webapi.Traffic)
}

func (s *twistedApp) AddTraffic(ctx context.Context, more webapi.Traffic) (webapi.Traffic, error) {
	if s.addTraffic != nil {
		s.addTraffic(s.Store, &more)
	}
	return s.Store.AddTraffic(ctx, more)
}

func (s *twistedApp) SetPause(ctx context.Context, p app.Pause) error {
	if s.setPause != nil {
		s.setPause(s.Store, p)
	}
	return s.Store.SetPause(ctx, p)
}

func (s *twistedApp) NoteRun(ctx context.Context, run app.Run) error {
	if s.noteRun != nil {
		return s.noteRun(s.Store, ctx, run)
	}
	return s.Store.NoteRun(ctx, run)
}

func (s *twistedApp) CountUsers(ctx context.Context, page string, n int, tallies ...app.Run) error {
	if s.countUsers != nil {
		return s.countUsers(s.Store, ctx, page, n, tallies...)
	}
	return s.Store.CountUsers(ctx, page, n, tallies...)
}

func (s *twistedApp) AddRefusal(ctx context.Context, run app.Run, id archive.UserID) (app.Tally, error) {
	if s.addRefusal != nil {
		s.addRefusal(s.Store, &run, &id)
	}
	return s.Store.AddRefusal(ctx, run, id)
}

func (s *twistedApp) SetMassRefusal(ctx context.Context, at time.Time) error {
	if s.setMass != nil {
		s.setMass(s.Store, at)
	}
	return s.Store.SetMassRefusal(ctx, at)
}

func (s *twistedApp) LastRun(ctx context.Context, kind app.RunKind) (time.Time, error) {
	if s.lastRun != nil {
		kind = s.lastRun(kind)
	}
	return s.Store.LastRun(ctx, kind)
}

func appMutants() []mutant {
	var mutants []mutant
	add := func(name string, twist func(s *twistedApp), fails ...string) {
		mutants = append(mutants, mutant{name, func(t *testing.T) {
			App(t, func(*testing.T) archive.App {
				s := &twistedApp{Store: NewStore(WeekTime)}
				twist(s)
				return s
			})
		}, fails})
	}
	add("shortens_a_pause", func(s *twistedApp) {
		s.setPause = func(s *Store, _ app.Pause) { s.documents.drop("app/", "") }
	}, "pause_that_ends_later_stays")
	add("takes_older_ones", func(s *twistedApp) {
		s.setMass = func(s *Store, _ time.Time) { s.documents.drop("app/", "") }
	}, "newest_mass_refusal_stays")
	add("counts_repeated_refusals", func(s *twistedApp) {
		s.addRefusal = func(s *Store, _ *app.Run, id *archive.UserID) {
			*id += archive.UserID(strings.Repeat("+", len(s.documents.all())))
		}
	}, "refusals_count_once_per_user_and_run", "concurrent_notes_all_count")
	add("mixes_runs", func(s *twistedApp) {
		s.addRefusal = func(_ *Store, run *app.Run, _ *archive.UserID) {
			*run = app.Run{Kind: "any", At: WeekTime()}
		}
	}, "refusals_count_once_per_user_and_run", "run_is_known_by_its_second")
	add("replaces_the_size_of_a_run", func(s *twistedApp) {
		s.countUsers = func(s *Store, ctx context.Context, page string, n int, tallies ...app.Run) error {
			s.documents.drop("runs/"+tallies[0].Name()+"/pages/", "")
			return s.CountUsers(ctx, page, n, tallies...)
		}
	}, "refusals_count_once_per_user_and_run")
	add("counts_a_page_again", func(s *twistedApp) {
		s.countUsers = func(s *Store, ctx context.Context, page string, n int, tallies ...app.Run) error {
			return s.CountUsers(ctx, page+rand.Text(), n, tallies...)
		}
	}, "page_that_is_added_again_counts_once")
	add("takes_all_pages_for_one", func(s *twistedApp) {
		s.countUsers = func(s *Store, ctx context.Context, _ string, n int, tallies ...app.Run) error {
			return s.CountUsers(ctx, "", n, tallies...)
		}
	}, "refusals_count_once_per_user_and_run", "concurrent_notes_all_count", "page_that_is_added_again_counts_once")
	add("counts_in_the_first_tally_alone", func(s *twistedApp) {
		s.countUsers = func(s *Store, ctx context.Context, page string, n int, tallies ...app.Run) error {
			return s.CountUsers(ctx, page, n, tallies[0])
		}
	}, "page_is_counted_in_every_tally")
	add("forgets_the_last_run", func(s *twistedApp) {
		s.noteRun = func(s *Store, _ context.Context, run app.Run) error {
			err := s.NoteRun(context.Background(), run)
			s.documents.drop("app/", "")
			return err
		}
	}, "last_run_is_the_newest_of_its_kind", "cancelled_context_is_an_error")
	add("takes_any_kind_for_the_last_run", func(s *twistedApp) {
		s.lastRun = func(app.RunKind) app.RunKind { return app.RunSweep }
	}, "last_run_is_the_newest_of_its_kind")
	add("forgets_the_requests_before", func(s *twistedApp) {
		s.addTraffic = func(s *Store, _ *webapi.Traffic) { s.documents.drop("app/traffic", "") }
	}, "requests_of_a_day_add_up")
	add("loses_a_request_of_each_note", func(s *twistedApp) {
		s.addTraffic = func(_ *Store, more *webapi.Traffic) { more.Requests-- }
	}, "requests_of_a_day_add_up", "concurrent_requests_all_count")
	add("counts_late_requests_today", func(s *twistedApp) {
		s.addTraffic = func(s *Store, more *webapi.Traffic) {
			if stored, _ := s.Traffic(context.Background()); stored.Day.Sub(more.Day) == 24*time.Hour {
				more.Day = stored.Day
			}
		}
	}, "requests_of_a_day_add_up")
	add("forgets_the_rate", func(s *twistedApp) {
		s.addTraffic = func(_ *Store, more *webapi.Traffic) { more.Rate = 0 }
	}, "requests_of_a_day_add_up")
	return mutants
}

type twistedQueue struct {
	*Queue
	enqueue func(q *Queue, ctx context.Context, jobs []archive.ArchiveJob) error
}

func (q twistedQueue) EnqueueArchive(ctx context.Context, jobs ...archive.ArchiveJob) error {
	return q.enqueue(q.Queue, ctx, jobs)
}

func queueMutants() []mutant {
	var mutants []mutant
	type job = archive.ArchiveJob
	enqueuing := func(name string, enqueue func(q *Queue, ctx context.Context, jobs []job) error, fails ...string) {
		mutants = append(mutants, mutant{name, func(t *testing.T) {
			Jobs(t, func(*testing.T) JobsUnderTest {
				q := NewQueue()
				return JobsUnderTest{Jobs: twistedQueue{q, enqueue}, Receive: receiver(&q.Archive)}
			})
		}, fails})
	}
	enqueuing("loses_the_last_of_many", func(q *Queue, ctx context.Context, jobs []job) error {
		return q.EnqueueArchive(ctx, jobs[:min(len(jobs), 499)]...)
	}, "500_jobs_at_once")
	enqueuing("rounds_the_time", func(q *Queue, ctx context.Context, jobs []job) error {
		jobs = slices.Clone(jobs)
		for i := range jobs {
			jobs[i].Run.At = jobs[i].Run.At.Truncate(time.Minute)
		}
		return q.EnqueueArchive(ctx, jobs...)
	}, "every_field_arrives")
	enqueuing("forgets_the_kind", func(q *Queue, ctx context.Context, jobs []job) error {
		jobs = slices.Clone(jobs)
		for i := range jobs {
			jobs[i].Run.Kind = app.RunWeekly
		}
		return q.EnqueueArchive(ctx, jobs...)
	}, "every_field_arrives")
	enqueuing("refuses_none", func(q *Queue, ctx context.Context, jobs []job) error {
		if len(jobs) == 0 {
			return errors.New("no jobs")
		}
		return q.EnqueueArchive(ctx, jobs...)
	}, "no_jobs_are_fine")
	enqueuing("enqueues_whatever_the_context", func(q *Queue, _ context.Context, jobs []job) error {
		return q.EnqueueArchive(context.Background(), jobs...)
	}, "cancelled_context_is_an_error")
	mutants = append(mutants, mutant{"drops_failed_jobs", func(t *testing.T) {
		FanOutJobs(t, func(*testing.T) FanOutJobsUnderTest {
			q := NewQueue()
			receive := receiver(&q.FanOut)
			return FanOutJobsUnderTest{
				Jobs: q,
				Receive: func(ctx context.Context, handle func(context.Context, archive.FanOutJob) error) {
					receive(ctx, func(ctx context.Context, job archive.FanOutJob) error {
						_ = handle(ctx, job)
						return nil
					})
				},
			}
		})
	}, []string{"failed_job_comes_again"}})
	return mutants
}
