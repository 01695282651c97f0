package usecase_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// capped gives the world's app so many requests a day.
func (w *world) capped(daily int) {
	w.client = w.newCappedClient(w.spotify.RoundTripper(), daily)
	w.archivist.Spotify = w.client
}

// spend notes requests of another process, which the next run learns of.
func (w *world) spend(requests int) {
	w.t.Helper()
	if _, err := w.store.AddTraffic(w.t.Context(), webapi.Traffic{Day: w.spotify.Now(), Requests: requests}); err != nil {
		w.t.Fatal(err)
	}
	w.spotify.Advance(2 * time.Minute)
}

func TestBudgetLeavesWhatComesFirst(t *testing.T) {
	t.Parallel()
	morning := time.Date(2026, 11, 17, 6, 0, 0, 0, time.UTC)
	night := morning.Add(17 * time.Hour)
	for name, tt := range map[string]struct {
		budget                      webapi.Budget
		now                         time.Time
		archived, copied, listening bool
	}{
		"no_cap":                      {webapi.Budget{Used: 1 << 20}, morning, true, true, true},
		"a_day_begins":                {webapi.Budget{Cap: 100}, morning, true, true, true},
		"half_a_day_of_looks_at_once": {webapi.Budget{Cap: 100, Used: 30}, morning, true, true, false},
		"the_same_by_night":           {webapi.Budget{Cap: 100, Used: 30}, night, true, true, true},
		"half_is_used":                {webapi.Budget{Cap: 100, Used: 47}, night, true, true, false},
		"last_copies":                 {webapi.Budget{Cap: 100, Used: 76}, night, true, true, false},
		"kept_for_the_archive":        {webapi.Budget{Cap: 100, Used: 77}, night, true, false, false},
		"last_run":                    {webapi.Budget{Cap: 100, Used: 96}, night, true, false, false},
		"used_up":                     {webapi.Budget{Cap: 100, Used: 97}, night, false, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tt.budget.Leaves(); got != tt.archived {
				t.Errorf("room for a run: got %t, want %t", got, tt.archived)
			}
			if got := tt.budget.LeavesFor(ledger.SourceInbox, tt.now); got != tt.copied {
				t.Errorf("room for the inbox: got %t, want %t", got, tt.copied)
			}
			if got := tt.budget.LeavesFor(ledger.SourceListening, tt.now); got != tt.listening {
				t.Errorf("room for listening: got %t, want %t", got, tt.listening)
			}
		})
	}
}

// TestUsedUpBudgetPausesUntilTheNextDay: nothing is asked, and the week comes
// when there are requests again.
func TestUsedUpBudgetPausesUntilTheNextDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceDiscover)
	w.capped(20)
	w.spend(18)
	w.spotify.ResetRequests()
	result, err := w.run(id, app.RunWeekly)
	midnight := time.Date(2026, 11, 17, 0, 0, 0, 0, time.UTC)
	if result.Kind != outcome.Paused || result.Reason != app.PauseBudget || !result.Until.Equal(midnight) || err != nil {
		t.Errorf("got %+v and %v, want a pause for the budget until %s", result, err, midnight)
	}
	if due := w.user(id).Due; due.Why != archive.DuePause || due.At.Before(midnight) {
		t.Errorf("got the next look at %+v, want one after %s", due, midnight)
	}
	if token, api := w.countAPI(); token+api > 0 {
		t.Errorf("got %d requests, want none", token+api)
	}
	if pause, err := w.store.Pause(t.Context()); err != nil || pause.Reason != app.PauseBudget {
		t.Errorf("got pause %+v and %v, want everybody to be told", pause, err)
	}
	w.spotify.Advance(24 * time.Hour)
	w.mustRun(id, app.RunDue, outcome.Saved)
}

// TestInboxIsPutOff: what was copied waits for the next day, the archive's own
// week does not, and the person is told.
func TestInboxIsPutOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	id := w.connect(account, archive.ChoiceInbox)
	if _, err := w.run(id, app.RunSignUp); err != nil {
		t.Fatal(err)
	}
	if err := w.spotify.CopyDiscover(account, w.user(id).Inbox.PlaylistID); err != nil {
		t.Fatal(err)
	}
	w.capped(100)
	w.spend(85)
	w.mustRun(id, app.RunWeekly, outcome.PutOff)
	want := []outcome.Failure{{Source: ledger.SourceInbox, Kind: outcome.PutOff}}
	if got := w.user(id).Last.Failed; len(got) != 1 || got[0] != want[0] {
		t.Errorf("the person is told of %+v, want %+v", got, want)
	}
	if !strings.Contains(w.log.String(), `msg="put off" source=inbox`) {
		t.Errorf("the operator is not told:\n%s", w.log)
	}
	w.spotify.Advance(24 * time.Hour)
	w.mustRun(id, app.RunDue, outcome.Saved)
}

// TestInboxPutOffIsReadTheNextDay: Discover Weekly has ended the week, so no other
// look would come before Monday. What is left of a day is not spent on the list again.
func TestInboxPutOffIsReadTheNextDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceInbox)
	w.mustRun(id, app.RunSignUp, outcome.NothingNew)
	if err := w.accounts.Choose(t.Context(), id, archive.ChoiceAuto); err != nil {
		t.Fatal(err)
	}
	song := "spotify:track:" + fakespotify.TrackID("mine")
	if err := w.spotify.AddItems(account, w.user(id).Inbox.PlaylistID, song); err != nil {
		t.Fatal(err)
	}
	w.capped(6)
	w.mustRun(id, app.RunWeekly, outcome.Saved)
	if due := w.user(id).Due; due.Why != archive.DueWeek || due.At.Sub(w.spotify.Now()) > 28*time.Hour {
		t.Fatalf("got the next look %+v at %s, want one on the next day", due, w.spotify.Now())
	}
	w.spotify.Advance(w.user(id).Due.At.Sub(w.spotify.Now()))
	w.mustRun(id, app.RunDue, outcome.Saved)
	if !slices.Contains(w.archived(id), song) {
		t.Error("the song that was put into the inbox is not in the archive")
	}
	if w.user(id).WeekOpen(w.spotify.Now()) {
		t.Error("the week is open, though everything was read")
	}
}

// TestListeningIsPutOffFirst: a look that is put off asks Spotify for nothing,
// and the next one comes at its time.
func TestListeningIsPutOffFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	id := w.connect(account, archive.ChoiceListening)
	if _, err := w.run(id, app.RunSignUp); err != nil {
		t.Fatal(err)
	}
	w.capped(100)
	w.spend(60)
	w.spotify.Advance(3 * time.Hour)
	if u := w.user(id); !u.OnlyPlays(w.spotify.Now()) {
		t.Fatalf("the user is due for more than a look at plays: %+v", u.Due)
	}
	w.spotify.ResetRequests()
	w.mustRun(id, app.RunDue, outcome.PutOff)
	if token, api := w.countAPI(); token+api > 0 {
		t.Errorf("got %d requests, want none", token+api)
	}
	if got, want := w.user(id).Listening.PutOff, w.spotify.Now(); !got.Equal(want) {
		t.Errorf("the person is told of a look put off at %v, want %v", got, want)
	}
	if due := w.user(id).Due; !due.At.After(w.spotify.Now()) {
		t.Errorf("got the next look at %+v, want one that is to come", due)
	}
}

// TestRequestsOfADayAreCounted: of all runs, and stored when each ends.
func TestRequestsOfADayAreCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	w.spotify.ResetRequests()
	id := w.connect(account, archive.ChoiceInbox) // asks whose account it is
	w.capped(100)
	for range 3 {
		if _, err := w.run(id, app.RunManual); err != nil {
			t.Fatal(err)
		}
		w.spotify.Advance(10 * time.Minute)
	}
	_, api := w.countAPI()
	traffic, err := w.store.Traffic(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, want := traffic.On(w.spotify.Now()), api; got != want || api == 0 {
		t.Errorf("got %d requests noted, want %d", got, want)
	}
}

// TestAutomaticCap: an app that is shown Discover Weekly has extended quota, and
// no quota of a day, until Spotify names one.
func TestAutomaticCap(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceDiscover)
	w.capped(webapi.AutoDailyRequests)
	budget := func() webapi.Budget {
		t.Helper()
		spending, err := w.client.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer spending.End(t.Context())
		return spending.Budget()
	}
	if got := budget().Cap; got != webapi.DefaultDailyRequests {
		t.Errorf("nothing is known: got a cap of %d, want %d", got, webapi.DefaultDailyRequests)
	}
	w.mustRun(id, app.RunWeekly, outcome.Saved)
	if got := budget().Cap; got != 0 {
		t.Errorf("Discover Weekly was read: got a cap of %d, want none", got)
	}
	w.spotify.NextMonday()
	w.fault(fakespotify.Fault{Match: "GET *", Kind: fakespotify.FaultQuota, RetryAfter: 600})
	_, _ = w.run(id, app.RunWeekly)
	if got := budget().Cap; got != webapi.DefaultDailyRequests {
		t.Errorf("Spotify named a quota: got a cap of %d, want %d", got, webapi.DefaultDailyRequests)
	}
}

// TestAssumedCapLetsEverybodyTryOnce: the requests of many sign-ups do not keep
// an app from showing that its quota is extended. One that may not read Discover
// Weekly, one of which Spotify has named a quota, and a cap that was set are
// paused.
func TestAssumedCapLetsEverybodyTryOnce(t *testing.T) {
	t.Parallel()
	const signUps = 2 * webapi.DefaultDailyRequests
	for name, tt := range map[string]struct {
		config        fakespotify.Config
		choice        archive.Choice
		cap           int
		limited       bool
		first, second outcome.Kind
	}{
		"extended":     {extended(), archive.ChoiceAuto, webapi.AutoDailyRequests, false, outcome.Saved, outcome.Saved},
		"development":  {development(), archive.ChoiceDiscover, webapi.AutoDailyRequests, false, outcome.NotReadable, outcome.Paused},
		"reads_others": {extended(), archive.ChoiceInbox, webapi.AutoDailyRequests, false, outcome.Paused, outcome.Paused},
		"quota_named":  {extended(), archive.ChoiceAuto, webapi.AutoDailyRequests, true, outcome.Paused, outcome.Paused},
		"cap_was_set":  {extended(), archive.ChoiceAuto, webapi.DefaultDailyRequests, false, outcome.Paused, outcome.Paused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tt.config)
			id := w.connect(account, tt.choice)
			w.capped(tt.cap)
			if tt.limited {
				if _, err := w.store.AddTraffic(t.Context(), webapi.Traffic{Day: w.spotify.Now(), Limited: w.spotify.Now()}); err != nil {
					t.Fatal(err)
				}
			}
			w.spend(signUps)
			w.mustRun(id, app.RunWeekly, tt.first)
			w.spotify.NextMonday()
			w.spend(signUps)
			w.mustRun(id, app.RunWeekly, tt.second)
		})
	}
}

// TestPressesLeaveTheArchiveItsRequests: one person who presses the button all day
// does not keep the others from their week, and is told what was put off.
func TestPressesLeaveTheArchiveItsRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	presses, waits := w.connect(account, archive.ChoiceDiscover), w.connect("demo2", archive.ChoiceDiscover)
	w.capped(40)
	for range 40 {
		if err := w.accounts.RunNow(t.Context(), presses); err != nil {
			t.Fatal(err)
		}
		w.deliver()
		w.spotify.Advance(10 * time.Minute)
	}
	want := outcome.Failure{Source: ledger.SourceDiscover, Kind: outcome.PutOff}
	if got := w.user(presses).Last.Failed; !slices.Contains(got, want) {
		t.Errorf("the person who presses is told of %+v, want %+v", got, want)
	}
	w.mustRun(waits, app.RunWeekly, outcome.Saved)
}
