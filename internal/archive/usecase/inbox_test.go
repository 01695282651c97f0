package usecase_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// A user who copies one song on Monday and the week on Tuesday, and empties the inbox
// on Sunday, has everything archived.
func TestInboxIsReadEveryDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	id := w.connect(account, archive.ChoiceInbox)
	w.mustRun(id, app.RunSignUp, outcome.NothingNew)
	inbox := w.user(id).Inbox.PlaylistID
	one := "spotify:track:" + fakespotify.TrackID("one")
	if err := w.spotify.AddItems(account, inbox, one); err != nil {
		t.Fatal(err)
	}
	w.send(app.RunWeekly)
	w.spotify.Advance(20 * time.Hour)
	if err := w.spotify.CopyDiscover(account, inbox); err != nil {
		t.Fatal(err)
	}
	w.catchUps(2)
	for n := len(w.spotify.URIs(inbox)); n > 0; n-- {
		if err := w.spotify.RemoveItem(account, inbox, n-1); err != nil {
			t.Fatal(err)
		}
	}
	want := append([]string{one}, w.shown(account)...)
	wantURIs(t, w.archived(id), want)
}

// One bad day of a list that was readable makes no inbox.
func TestPassingRefusalMakesNoInbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceAuto)
	w.mustRun(id, app.RunSignUp, outcome.Saved)
	w.spotify.NextMonday()
	w.spotify.SetDiscoverAccess(fakespotify.DiscoverNotFound, fakespotify.DiscoverNull)
	w.mustRun(id, app.RunWeekly, outcome.Unreadable)
	if got := w.user(id).Inbox; got.PlaylistID != "" {
		t.Errorf("got inbox %+v after one refusal, want none", got)
	}
}

// An inbox that the first day has made says that its songs are saved, and means
// it in the good weeks after.
func TestInboxOfAnOutageIsRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceAuto)
	w.spotify.SetDiscoverAccess(fakespotify.DiscoverNotFound, fakespotify.DiscoverNull)
	w.mustRun(id, app.RunSignUp, outcome.NothingNew)
	w.spotify.SetDiscoverAccess(fakespotify.DiscoverReadable, fakespotify.DiscoverListed)
	w.catchUps(1)
	song := "spotify:track:" + fakespotify.TrackID("mine")
	if err := w.spotify.AddItems(account, w.user(id).Inbox.PlaylistID, song); err != nil {
		t.Fatal(err)
	}
	w.spotify.NextMonday()
	w.send(app.RunWeekly)
	if !slices.Contains(w.archived(id), song) {
		t.Error("the inbox's song is not in the archive")
	}
}

// The snapshot id that comes with stale items must not hide the songs that they
// do not show yet.
func TestFreshSnapshotOfStaleItemsIsNotBelieved(t *testing.T) {
	t.Parallel()
	cfg := development()
	cfg.ItemsLag = time.Second
	w := newWorld(t, cfg)
	id := w.connect(account, archive.ChoiceInbox)
	w.mustRun(id, app.RunSignUp, outcome.NothingNew)
	w.spotify.Advance(time.Hour)
	if err := w.spotify.CopyDiscover(account, w.user(id).Inbox.PlaylistID); err != nil {
		t.Fatal(err)
	}
	w.mustRun(id, app.RunManual, outcome.NothingNew)
	w.catchUps(1)
	wantURIs(t, w.archived(id), w.shown(account))
}

// Pasting works with every choice, also with one whose permission is missing.
func TestPasteWorksWithoutThePlayersScopes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	id := w.connect(account, archive.ChoiceListening)
	w.connect(account, "") // gives the plain permissions only
	songs := w.shown(account)[:5]
	if _, err := w.accounts.Paste(t.Context(), id, strings.Join(songs, " ")); err != nil {
		t.Fatal(err)
	}
	w.mustRun(id, app.RunManual, outcome.Saved)
	wantURIs(t, w.archived(id), songs)
	w.spotify.Advance(time.Minute)
	w.mustRun(id, app.RunManual, outcome.Scope)
}
