package usecase_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// What a run writes anyway tells how far it is, at every request that it sends.
func TestProgressOfARun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakespotify.Config{Mode: fakespotify.Extended})
	id := w.connect("demo1", archive.ChoiceDiscover)
	if got := w.user(id).Progress(w.spotify.Now()); got.Stage != archive.StageAsked {
		t.Errorf("after the sign-up: got %+v, want asked", got)
	}
	var stages []archive.Stage
	var adding archive.Progress
	w.archivist.Spotify = w.newClient(roundTrip(func(r *http.Request) (*http.Response, error) {
		now := w.user(id).Progress(w.spotify.Now())
		stages = append(stages, now.Stage)
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/items") {
			adding = now
		}
		return w.spotify.RoundTripper().RoundTrip(r)
	}))
	w.mustRun(id, app.RunSignUp, outcome.Saved)
	if want := (archive.Progress{Stage: archive.StageAdding, Found: 30, Adding: 30}); adding != want {
		t.Errorf("while songs are added: got %+v, want %+v", adding, want)
	}
	if want := []archive.Stage{archive.StageLooking, archive.StageAdding}; !slices.Equal(slices.Compact(stages), want) {
		t.Errorf("got the stages %v, want %v", stages, want)
	}
	if got := w.user(id).Progress(w.spotify.Now()); got != (archive.Progress{}) {
		t.Errorf("after the run: got %+v, want none", got)
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	now := start
	old := archive.User{
		Status: archive.StatusActive,
		Grant:  archive.Grant{AuthorizedAt: now.Add(-7 * 24 * time.Hour)},
		Last:   outcome.Outcome{Kind: outcome.Saved, At: now.Add(-6 * 24 * time.Hour)},
	}
	for _, test := range []struct {
		name string
		edit func(u *archive.User)
		want archive.Stage
	}{
		{"idle", func(*archive.User) {}, archive.StageNone},
		{"asked_for", func(u *archive.User) { u.Manual.AskedAt = now.Add(-time.Second) }, archive.StageAsked},
		{"asked_for_long_ago", func(u *archive.User) { u.Manual.AskedAt = now.Add(-archive.AskedFor) }, archive.StageNone},
		{"asked_for_by_a_wrong_clock", func(u *archive.User) { u.Manual.AskedAt = now.Add(time.Hour) }, archive.StageNone},
		{"done", func(u *archive.User) {
			u.Manual.AskedAt, u.Manual.DoneAt = now.Add(-time.Second), now.Add(-time.Second)
		}, archive.StageNone},
		{"failed_and_comes_again", func(u *archive.User) {
			u.Manual.AskedAt, u.Last.At = now.Add(-2*time.Second), now.Add(-time.Second)
		}, archive.StageNone},
		{"under_way", func(u *archive.User) { u.Lease = archive.Lease{Holder: "a", Until: now.Add(time.Minute)} }, archive.StageLooking},
		{"killed_long_ago", func(u *archive.User) { u.Lease = archive.Lease{Holder: "a", Until: now} }, archive.StageNone},
		{"leased_by_a_wrong_clock", func(u *archive.User) {
			u.Lease = archive.Lease{Holder: "a", Until: now.Add(30 * 24 * time.Hour)}
		}, archive.StageNone},
		{"paused_by_the_person", func(u *archive.User) {
			u.Status, u.Lease = archive.StatusPaused, archive.Lease{Holder: "a", Until: now.Add(time.Minute)}
		}, archive.StageNone},
		{"unsure", func(u *archive.User) {
			u.Lease = archive.Lease{Holder: "settling", Until: now.Add(time.Minute)}
			u.Open = &ledger.Batch{}
		}, archive.StageUnsure},
		{"an_append_that_was_refused_waits", func(u *archive.User) { u.Open = &ledger.Batch{Unsent: true} }, archive.StageNone},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			u := old
			test.edit(&u)
			if got := u.Progress(now); got.Stage != test.want {
				t.Errorf("got %+v, want stage %q", got, test.want)
			}
		})
	}
}

// A page that looks by itself leaves the person runs to ask for.
func TestLooksLeaveRunsToThePerson(t *testing.T) {
	t.Parallel()
	w, id := pressing(t)
	looks := 0
	for ; looks < 100 && w.accounts.Look(t.Context(), id) == nil; looks++ {
		w.deliver()
	}
	if looks != 7 {
		t.Errorf("got %d looks in a row, want 7", looks)
	}
	if refused := w.press(id, 1); refused > 0 {
		t.Error("after the looks, a run that the person asks for is refused")
	}
}
