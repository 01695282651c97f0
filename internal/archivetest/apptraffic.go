package archivetest

import (
	"errors"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

func trafficChecks() []check[archive.App] {
	const day = 24 * time.Hour
	today := WeekTime().Truncate(day)
	return []check[archive.App]{
		{"nothing_was_ever_asked_of_spotify", func(t *testing.T, s archive.App) {
			wantTraffic(t, s, webapi.Traffic{})
		}},
		{"requests_of_a_day_add_up", func(t *testing.T, s archive.App) {
			for _, step := range []struct{ add, want webapi.Traffic }{
				{
					webapi.Traffic{Day: WeekTime(), Requests: 3, Rate: 2.5},
					webapi.Traffic{Day: today, Requests: 3, Rate: 2.5},
				},
				{
					webapi.Traffic{Day: WeekTime().Add(time.Hour), Requests: 4, Extended: WeekTime()},
					webapi.Traffic{Day: today, Requests: 7, Rate: 2.5, Extended: WeekTime()},
				},
				{
					webapi.Traffic{Day: today.Add(day), Requests: 1, Rate: 30, Limited: WeekTime()},
					webapi.Traffic{Day: today.Add(day), Requests: 1, Rate: 30, Extended: WeekTime(), Limited: WeekTime()},
				},
				{ // late, for the day that is over
					webapi.Traffic{Day: today, Requests: 5, Extended: WeekTime().Add(-time.Hour)},
					webapi.Traffic{Day: today.Add(day), Requests: 1, Rate: 30, Extended: WeekTime(), Limited: WeekTime()},
				},
				{ // by a clock that is right again
					webapi.Traffic{Day: today.Add(-30 * day), Requests: 2},
					webapi.Traffic{Day: today.Add(-30 * day), Requests: 2, Rate: 30, Extended: WeekTime(), Limited: WeekTime()},
				},
			} {
				got, err := s.AddTraffic(t.Context(), step.add)
				noError(t, "AddTraffic", err)
				if d := diff(got, step.want); d != "" {
					t.Errorf("what AddTraffic returns differs (-got +want):\n%s", d)
				}
				wantTraffic(t, s, step.want)
			}
		}},
		{"concurrent_requests_all_count", func(t *testing.T, s archive.App) {
			noError(t, "AddTraffic", errors.Join(together(8, func(int) error {
				_, err := s.AddTraffic(t.Context(), webapi.Traffic{Day: WeekTime(), Requests: 5})
				return err
			})...))
			wantTraffic(t, s, webapi.Traffic{Day: today, Requests: 40})
		}},
		{"traffic_and_pause_do_not_touch", func(t *testing.T, s archive.App) {
			pause := app.Pause{Until: WeekTime().Add(time.Hour), Reason: app.PauseBudget}
			noError(t, "SetPause", s.SetPause(t.Context(), pause))
			_, err := s.AddTraffic(t.Context(), webapi.Traffic{Day: WeekTime(), Requests: 1})
			noError(t, "AddTraffic", err)
			noError(t, "SetPause", s.SetPause(t.Context(), app.Pause{}))
			wantTraffic(t, s, webapi.Traffic{Day: today, Requests: 1})
			wantPause(t, s, app.Pause{})
		}},
	}
}

func wantTraffic(t *testing.T, s archive.App, want webapi.Traffic) {
	t.Helper()
	got, err := s.Traffic(t.Context())
	noError(t, "Traffic", err)
	if d := diff(got, want); d != "" {
		t.Errorf("traffic differs (-got +want):\n%s", d)
	}
}
