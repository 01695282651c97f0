package archivetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// App checks archive.App. It calls open once per subtest, for an empty store;
// subtests run in parallel.
func App(t *testing.T, open func(t *testing.T) archive.App) {
	t.Helper()
	runChecks(t, open, append(append(pauseChecks(), runNoteChecks()...), trafficChecks()...))
}

func pauseChecks() []check[archive.App] {
	until := func(d time.Duration, reason app.PauseReason) app.Pause {
		return app.Pause{Until: WeekTime().Add(d), Reason: reason}
	}
	return []check[archive.App]{
		{"nothing_was_ever_set", func(t *testing.T, s archive.App) {
			wantPause(t, s, app.Pause{})
			wantTime(t, "LastMassRefusal", s.LastMassRefusal, time.Time{})
			wantLastRun(t, s, app.RunWeekly, time.Time{})
		}},
		{"pause_that_ends_later_stays", func(t *testing.T, s archive.App) {
			for _, step := range []struct{ set, want app.Pause }{
				{until(time.Hour, app.PauseRateLimit), until(time.Hour, app.PauseRateLimit)},
				{until(time.Minute, app.PauseMassRefusal), until(time.Hour, app.PauseRateLimit)},
				{until(time.Hour-time.Microsecond, app.PauseMassRefusal), until(time.Hour, app.PauseRateLimit)},
				{until(time.Hour, app.PausePremium), until(time.Hour, app.PausePremium)},
				{until(time.Hour+time.Microsecond, app.PauseClient), until(time.Hour+time.Microsecond, app.PauseClient)},
				{until(24*time.Hour, app.PauseQuota), until(24*time.Hour, app.PauseQuota)},
			} {
				noError(t, "SetPause", s.SetPause(t.Context(), step.set))
				wantPause(t, s, step.want)
			}
		}},
		{"latest_of_concurrent_pauses_stays", func(t *testing.T, s archive.App) {
			errs := together(8, func(i int) error {
				return s.SetPause(t.Context(), until(time.Duration(i)*time.Minute, app.PauseQuota))
			})
			noError(t, "SetPause", errors.Join(errs...))
			wantPause(t, s, until(7*time.Minute, app.PauseQuota))
		}},
		{"newest_mass_refusal_stays", func(t *testing.T, s archive.App) {
			for _, at := range []time.Duration{time.Hour, time.Minute, time.Hour + time.Microsecond, 0} {
				noError(t, "SetMassRefusal", s.SetMassRefusal(t.Context(), WeekTime().Add(at)))
			}
			wantTime(t, "LastMassRefusal", s.LastMassRefusal, WeekTime().Add(time.Hour+time.Microsecond))
		}},
		{"cancelled_context_is_an_error", func(t *testing.T, s archive.App) {
			run := app.Run{Kind: app.RunWeekly, At: WeekTime()}
			for name, call := range map[string]func(ctx context.Context) error{
				"Pause":           func(ctx context.Context) error { _, err := s.Pause(ctx); return err },
				"SetPause":        func(ctx context.Context) error { return s.SetPause(ctx, until(0, app.PauseQuota)) },
				"NoteRun":         func(ctx context.Context) error { return s.NoteRun(ctx, run) },
				"CountUsers":      func(ctx context.Context) error { return s.CountUsers(ctx, "a page", 1, run) },
				"AddRefusal":      func(ctx context.Context) error { _, err := s.AddRefusal(ctx, run, NewUser(t, "ada").ID); return err },
				"SetMassRefusal":  func(ctx context.Context) error { return s.SetMassRefusal(ctx, WeekTime()) },
				"LastMassRefusal": func(ctx context.Context) error { _, err := s.LastMassRefusal(ctx); return err },
				"LastRun":         func(ctx context.Context) error { _, err := s.LastRun(ctx, run.Kind); return err },
				"Traffic":         func(ctx context.Context) error { _, err := s.Traffic(ctx); return err },
				"AddTraffic": func(ctx context.Context) error {
					_, err := s.AddTraffic(ctx, webapi.Traffic{Day: WeekTime(), Requests: 1})
					return err
				},
			} {
				wantPromptError(t, name, call)
			}
		}},
	}
}

func runNoteChecks() []check[archive.App] {
	weekly := app.Run{Kind: app.RunWeekly, At: WeekTime()}
	sweep := app.Run{Kind: app.RunSweep, At: WeekTime()}
	ids := func(t *testing.T, n int) []archive.UserID {
		users := make([]archive.UserID, n)
		for i := range users {
			users[i] = NewUser(t, fmt.Sprint(i)).ID
		}
		return users
	}
	return []check[archive.App]{
		{"refusals_count_once_per_user_and_run", func(t *testing.T, s archive.App) {
			users := ids(t, 2)
			noError(t, "CountUsers", s.CountUsers(t.Context(), "a>", 300, weekly))
			noError(t, "CountUsers", s.CountUsers(t.Context(), "a>/b", 200, weekly))
			wantTally(t, s, weekly, users[0], app.Tally{Users: 500, Refused: 1})
			wantTally(t, s, weekly, users[0], app.Tally{Users: 500, Refused: 1})
			wantTally(t, s, weekly, users[1], app.Tally{Users: 500, Refused: 2})
			wantTally(t, s, sweep, users[1], app.Tally{Refused: 1})
			noError(t, "CountUsers", s.CountUsers(t.Context(), "", 1, weekly))
			wantTally(t, s, weekly, users[1], app.Tally{Users: 501, Refused: 2})
		}},
		{"tally_in_which_nobody_was_counted_has_size_zero", func(t *testing.T, s archive.App) {
			users := ids(t, 1)
			wantTally(t, s, weekly, users[0], app.Tally{Refused: 1})
			wantLastRun(t, s, weekly.Kind, time.Time{})
			noError(t, "CountUsers", s.CountUsers(t.Context(), "", 5, weekly))
			wantTally(t, s, weekly, users[0], app.Tally{Users: 5, Refused: 1})
		}},
		{"page_that_is_added_again_counts_once", func(t *testing.T, s archive.App) {
			user := ids(t, 1)[0]
			for _, n := range []int{7, 9, 2, 9} { // the last of them when most had been sent out before
				noError(t, "CountUsers", s.CountUsers(t.Context(), "page", n, weekly))
			}
			noError(t, "CountUsers", errors.Join(together(6, func(int) error { return s.CountUsers(t.Context(), "other", 10, weekly) })...))
			noError(t, "CountUsers", s.CountUsers(t.Context(), "page", 1, sweep))
			wantTally(t, s, weekly, user, app.Tally{Users: 19, Refused: 1})
			wantTally(t, s, sweep, user, app.Tally{Users: 1, Refused: 1})
		}},
		{"page_is_counted_in_every_tally", func(t *testing.T, s archive.App) {
			user := ids(t, 1)[0]
			noError(t, "CountUsers", s.CountUsers(t.Context(), "page", 3, weekly))
			noError(t, "CountUsers", s.CountUsers(t.Context(), "page", 5, sweep, weekly))
			wantTally(t, s, weekly, user, app.Tally{Users: 5, Refused: 1})
			wantTally(t, s, sweep, user, app.Tally{Users: 5, Refused: 1})
		}},
		{"run_is_known_by_its_second", func(t *testing.T, s archive.App) {
			user := ids(t, 1)[0]
			late := app.Run{Kind: weekly.Kind, At: weekly.At.Add(300 * time.Millisecond).In(time.FixedZone("", 3600))}
			next := app.Run{Kind: weekly.Kind, At: weekly.At.Add(time.Second)}
			noError(t, "CountUsers", s.CountUsers(t.Context(), "", 5, late))
			wantTally(t, s, weekly, user, app.Tally{Users: 5, Refused: 1})
			wantTally(t, s, next, user, app.Tally{Refused: 1})
		}},
		{"concurrent_notes_all_count", func(t *testing.T, s archive.App) {
			users := ids(t, 12)
			noError(t, "CountUsers", errors.Join(together(6, func(i int) error { return s.CountUsers(t.Context(), fmt.Sprint(i), 10, weekly) })...))
			tallies := make([]app.Tally, 2*len(users))
			noError(t, "AddRefusal", errors.Join(together(len(tallies), func(i int) (err error) {
				tallies[i], err = s.AddRefusal(t.Context(), weekly, users[i%len(users)])
				return err
			})...))
			most := 0
			for _, tally := range tallies {
				most = max(most, tally.Refused)
			}
			if most != len(users) {
				t.Errorf("got at most %d refusals in an answer, want %d in the last one", most, len(users))
			}
			wantTally(t, s, weekly, users[0], app.Tally{Users: 60, Refused: len(users)})
		}},
		{"last_run_is_the_newest_of_its_kind", func(t *testing.T, s archive.App) {
			for _, hours := range []time.Duration{2, 5, 3} {
				run := app.Run{Kind: app.RunWeekly, At: WeekTime().Add(hours * time.Hour)}
				noError(t, "NoteRun", s.NoteRun(t.Context(), run))
			}
			noError(t, "NoteRun", s.NoteRun(t.Context(), app.Run{Kind: app.RunSweep, At: WeekTime().Add(9 * time.Hour)}))
			noError(t, "CountUsers", s.CountUsers(t.Context(), "", 1, app.Run{Kind: app.RunHourly, At: WeekTime()}))
			wantLastRun(t, s, app.RunWeekly, WeekTime().Add(5*time.Hour))
			wantLastRun(t, s, app.RunSweep, WeekTime().Add(9*time.Hour))
			wantLastRun(t, s, app.RunHourly, time.Time{})
		}},
	}
}

func wantPause(t *testing.T, s archive.App, want app.Pause) {
	t.Helper()
	got, err := s.Pause(t.Context())
	noError(t, "Pause", err)
	if d := diff(got, want); d != "" {
		t.Errorf("pause differs (-got +want):\n%s", d)
	}
}

func wantTally(t *testing.T, s archive.App, run app.Run, id archive.UserID, want app.Tally) {
	t.Helper()
	got, err := s.AddRefusal(t.Context(), run, id)
	noError(t, "AddRefusal", err)
	if got != want {
		t.Errorf("refusal in run %s: got %+v, want %+v", run.Name(), got, want)
	}
}

func wantLastRun(t *testing.T, s archive.App, kind app.RunKind, want time.Time) {
	t.Helper()
	wantTime(t, "LastRun of kind "+string(kind), func(ctx context.Context) (time.Time, error) { return s.LastRun(ctx, kind) }, want)
}

func wantTime(t *testing.T, name string, read func(ctx context.Context) (time.Time, error), want time.Time) {
	t.Helper()
	got, err := read(t.Context())
	noError(t, name, err)
	if !got.Equal(want) {
		t.Errorf("%s: got %s, want %s", name, got, want)
	}
}
