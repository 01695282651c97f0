package operator_test

import (
	"slices"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/local/operator"
)

func TestSituation(t *testing.T) {
	t.Parallel()
	now := archivetest.WeekTime()
	one := func(edits ...func(*archive.User)) *world {
		return &world{users: []archive.User{well(t, "ada", edits...)}}
	}
	after := func(kind outcome.Kind) *world {
		return one(ended(kind), func(u *archive.User) { u.LastEdition = archivetest.Week.Previous() })
	}
	paused := func(reason app.PauseReason, d time.Duration) *world {
		return &world{users: []archive.User{well(t, "ada")}, pause: app.Pause{Reason: reason, Until: now.Add(d)}}
	}
	for name, row := range map[string]struct {
		world   *world
		want    []string
		settled bool
	}{
		"nobody":                 {&world{}, nil, true},
		"all_is_well":            {one(), nil, true},
		"a_run_waits":            {&world{users: []archive.User{well(t, "ada")}, busy: true}, nil, false},
		"somebody_had_no_run":    {one(func(u *archive.User) { u.LastEdition, u.Last.At = archivetest.Week.Previous(), now.AddDate(0, 0, -7) }), nil, false},
		"copies_nothing":         {after(outcome.NothingNew), nil, true},
		"has_to_wait":            {after(outcome.Paused), nil, false},
		"not_on_the_list":        {after(outcome.NotAllowed), []string{"AppRefused"}, true},
		"songs_refused":          {after(outcome.Rejected), []string{"SongsRejected"}, true},
		"a_fault":                {after(outcome.Internal), []string{"InternalError"}, false},
		"no_premium":             {paused(app.PausePremium, time.Hour), []string{"AppRefused"}, true},
		"paused_for_long":        {paused(app.PauseQuota, time.Hour), []string{"SpotifyRateLimited"}, true},
		"paused_for_a_moment":    {paused(app.PauseRateLimit, time.Minute), nil, true},
		"paused_by_the_operator": {paused(app.PauseOperator, time.Hour), nil, true},
		"refused_by_the_dozen":   {&world{refused: now.Add(-time.Hour)}, []string{"MassRefusal"}, true},
		"refused_two_days_ago":   {&world{refused: now.Add(-48 * time.Hour)}, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := operator.Look(t.Context(), row.world.config())
			slices.Sort(got.Ringing)
			if err != nil || !slices.Equal(got.Ringing, row.want) || got.Settled != row.settled {
				t.Errorf("got %+v (error %v), want %v, settled %v", got, err, row.want, row.settled)
			}
		})
	}
}
