package usecase_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

func (w *world) wantWeek(id archive.UserID, state calendar.WeekState, songs int, turn bool) {
	w.t.Helper()
	got := w.user(id).Week(w.spotify.Now())
	if got.State != state || got.Songs != songs || got.Turn != turn {
		w.t.Errorf("got the week %+v, want it %s with %d songs, turn %t", got, state, songs, turn)
	}
}

// song adds songs of the person's own to a playlist.
func (w *world) song(playlist, name string, n int) {
	w.t.Helper()
	for i := range n {
		uri := "spotify:track:" + fakespotify.TrackID(fmt.Sprint(name, i))
		if err := w.spotify.AddItems(account, playlist, uri); err != nil {
			w.t.Fatal(err)
		}
	}
}

// A user who copies has their turn until the songs come, whatever way their
// hand takes, and however few they are.
func TestWeekOfAUserWhoCopies(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		act   func(w *world, u archive.User)
		songs int
	}{
		"the_whole_list": {func(w *world, u archive.User) {
			if err := w.spotify.CopyDiscover(account, u.Inbox.PlaylistID); err != nil {
				w.t.Fatal(err)
			}
		}, 30},
		"twelve_songs":                {func(w *world, u archive.User) { w.song(u.Inbox.PlaylistID, "copied", 12) }, 12},
		"into_the_archive_by_hand":    {func(w *world, u archive.User) { w.song(u.Archives[archive.MainArchive].PlaylistID, "by hand", 3) }, 3},
		"songs_that_are_known_before": {func(w *world, u archive.User) { w.song(u.Inbox.PlaylistID, "first", 2) }, 2},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, development())
			id := w.connect(account, archive.ChoiceInbox)
			w.wantWeek(id, calendar.WeekFirst, 0, false)
			w.mustRun(id, app.RunSignUp, outcome.NothingNew)
			w.wantWeek(id, calendar.WeekTurn, 0, true)
			w.song(w.user(id).Inbox.PlaylistID, "first", 2)
			w.mustRun(id, app.RunManual, outcome.Saved)
			w.wantWeek(id, calendar.WeekIn, 2, false)

			w.week()
			w.wantWeek(id, calendar.WeekTurn, 0, true)
			c.act(w, w.user(id))
			w.catchUps(1)
			w.wantWeek(id, calendar.WeekIn, c.songs, false)
			w.week()
			if got := w.user(id).Missed; len(got) != 0 {
				t.Errorf("got the weeks %v missed, want none", got)
			}
		})
	}
}

// A week in which a user who copies copied nothing is missed, and noted once,
// unless its songs turn up late.
func TestMissedWeek(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	id := w.connect(account, archive.ChoiceInbox)
	w.mustRun(id, app.RunSignUp, outcome.NothingNew)
	w.week()
	missed := calendar.WeekOf(w.spotify.Now()) // the week that begins
	w.week()
	w.mustRun(id, app.RunManual, outcome.NothingNew)
	if got, want := w.user(id).Missed, missed; len(got) == 0 || got[len(got)-1] != want || slices.Index(got, want) != len(got)-1 {
		t.Errorf("got the weeks %v missed, want the last to be %s", got, want)
	}
}

func TestCopies(t *testing.T) {
	t.Parallel()
	listens := archive.Grant{Scopes: webapi.Scopes(true)}
	inbox := archive.Inbox{PlaylistID: "inbox"}
	denied := archive.Discover{Access: archive.AccessDenied}
	cases := map[string]struct {
		user archive.User
		want bool
	}{
		"inbox":                              {archive.User{Choice: archive.ChoiceInbox}, true},
		"paste":                              {archive.User{Choice: archive.ChoicePaste}, true},
		"listening":                          {archive.User{Choice: archive.ChoiceListening, Grant: listens, Inbox: inbox}, false},
		"discover weekly":                    {archive.User{Choice: archive.ChoiceDiscover, Discover: denied, Inbox: inbox}, false},
		"automatic, readable":                {archive.User{Choice: archive.ChoiceAuto, Discover: archive.Discover{Access: archive.AccessReadable}, Inbox: inbox}, false},
		"automatic, unreadable":              {archive.User{Choice: archive.ChoiceAuto, Discover: denied, Inbox: inbox}, true},
		"automatic, no inbox":                {archive.User{Choice: archive.ChoiceAuto, Discover: denied}, false},
		"automatic, listens":                 {archive.User{Choice: archive.ChoiceAuto, Discover: denied, Inbox: inbox, Grant: listens}, false},
		"automatic, listens and said so":     {archive.User{Choice: archive.ChoiceAuto, Discover: denied, Inbox: inbox, Grant: listens, Copier: true}, true},
		"automatic, listens and copied once": {archive.User{Choice: archive.ChoiceAuto, Discover: denied, Inbox: inbox, Grant: listens, Weeks: []calendar.WeekTally{{Copied: 1}}}, true},
	}
	for name, c := range cases {
		if got := c.user.Copies(); got != c.want {
			t.Errorf("%s: got %t, want %t", name, got, c.want)
		}
	}
}

// The week is the person's own, and what an earlier program stored tells it too.
func TestWeekIsThePersonsOwn(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.November, 15, 20, 0, 0, 0, time.UTC) // Sunday; Monday 06:00 in Auckland
	user := archive.User{
		Choice: archive.ChoiceInbox, Zone: "Pacific/Auckland", Last: outcome.Outcome{Kind: outcome.Saved},
		Batches: map[string]int{"2026-11-09-inbox": 1},
	}
	got := user.Week(now)
	if got.Edition != "2026-11-16" || got.State != calendar.WeekTurn {
		t.Errorf("got %+v, want the turn of the week of 2026-11-16", got)
	}
	if want := "2026-11-23T00:00:00+13:00"; got.Until.Format(time.RFC3339) != want {
		t.Errorf("got until %s, want %s", got.Until.Format(time.RFC3339), want)
	}
	user.Zone = ""
	if got := user.Week(now); got.Edition != "2026-11-09" || got.State != calendar.WeekIn {
		t.Errorf("in UTC got %+v, want the week of 2026-11-09 to be in", got)
	}
}
