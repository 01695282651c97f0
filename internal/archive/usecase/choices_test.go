package usecase_test

import (
	"slices"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

func (w *world) choose(id archive.UserID, choice archive.Choice) {
	w.t.Helper()
	if err := w.accounts.Choose(w.t.Context(), id, choice); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) link(id archive.UserID, playlist string) {
	w.t.Helper()
	if err := w.accounts.SetDiscover(w.t.Context(), id, playlist); err != nil {
		w.t.Fatal(err)
	}
}

// The week is over for the sources before. That the first run of the new one
// finds nothing must not be the last word.
func TestChoiceInTheMiddleOfTheWeekIsCaughtUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoicePaste)
	w.send(app.RunWeekly)
	w.spotify.SetDiscoverAccess(fakespotify.DiscoverNotFound, fakespotify.DiscoverNull)
	w.choose(id, archive.ChoiceDiscover)
	w.deliver()
	if got := w.user(id).Last.Kind; got != outcome.NotReadable {
		t.Fatalf("got outcome %q of the run after the choice, want %q", got, outcome.NotReadable)
	}
	w.spotify.SetDiscoverAccess(fakespotify.DiscoverReadable, fakespotify.DiscoverListed)
	want := w.shown(account)
	w.spotify.Advance(24 * time.Hour)
	w.send(app.RunHourly)
	wantURIs(t, w.archived(id), want)
}

// What a run has read of the sources before is saved, but it does not end the
// week of those that were chosen meanwhile.
func TestChoiceDuringARunIsCaughtUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceInbox)
	once := true
	w.store.Faults.Before = func(op string) error {
		if op == "Commit" && once {
			once = false
			w.choose(id, archive.ChoiceDiscover)
			w.queue.Archive.TakeAll() // its run is lost
		}
		return nil
	}
	w.mustRun(id, app.RunWeekly, outcome.NothingNew)
	if once {
		t.Fatal("the choice did not come in between")
	}
	w.spotify.Advance(24 * time.Hour)
	w.send(app.RunHourly)
	wantURIs(t, w.archived(id), w.shown(account))
}

// A wrong link costs no week: its playlist is no reason to call this week's
// Discover Weekly done, nor next week's.
func TestCorrectedLinkIsReadThisWeek(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceDiscover)
	wrong, err := w.spotify.CreatePlaylist(account, "Not what was meant")
	if err != nil {
		t.Fatal(err)
	}
	w.spotify.Advance(6 * 24 * time.Hour) // a Sunday: songs added now could be of next week
	if err := w.spotify.Fill(account, wrong, 3); err != nil {
		t.Fatal(err)
	}
	w.link(id, wrong)
	w.deliver()
	want := w.spotify.URIs(wrong)
	wantURIs(t, w.archived(id), want)

	w.link(id, w.spotify.DiscoverID(account))
	w.deliver()
	want = append(want, w.shown(account)...)
	wantURIs(t, w.archived(id), want)
	w.spotify.NextMonday()
	w.send(app.RunWeekly)
	want = append(want, w.shown(account)...)
	wantURIs(t, w.archived(id), want)
}

// A run that reads the old link writes after the person gave a new one.
func TestLinkDuringARunIsKept(t *testing.T) {
	t.Parallel()
	for name, access := range map[string]fakespotify.DiscoverAccess{
		"while the list is read": fakespotify.DiscoverReadable,
		"while it is denied":     fakespotify.DiscoverNotFound,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, extended())
			id := w.connect(account, archive.ChoiceDiscover)
			other, err := w.spotify.CreatePlaylist(account, "Meant instead")
			if err != nil {
				t.Fatal(err)
			}
			if err := w.spotify.Fill(account, other, 4); err != nil {
				t.Fatal(err)
			}
			w.spotify.SetDiscoverAccess(access, fakespotify.DiscoverListed)
			once := true
			w.store.Faults.Before = func(op string) error {
				if op == "Commit" && once {
					once = false
					w.link(id, other)
				}
				return nil
			}
			if _, err := w.run(id, app.RunWeekly); err != nil {
				t.Fatal(err)
			}
			if got := w.user(id).Discover; got.PlaylistID != other || got.Denials != 0 {
				t.Errorf("got %+v, want the link %s, of which nothing is known", got, other)
			}
			w.deliver()
			got, want := w.archived(id), w.spotify.URIs(other)
			if len(got) < len(want) || !slices.Equal(got[len(got)-len(want):], want) {
				t.Errorf("got %d songs, want the %d of the new link at the end", len(got), len(want))
			}
		})
	}
}
