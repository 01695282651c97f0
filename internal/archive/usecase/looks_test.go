package usecase_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// A look that finds an inbox unchanged is one request, however long the list of
// playlists is and wherever the inbox stands in it.
func TestAnUnchangedInboxIsOneRequest(t *testing.T) {
	t.Parallel()
	for _, playlists := range []int{0, 60, 400} {
		t.Run(fmt.Sprint(playlists), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, development())
			id := w.connect(account, archive.ChoiceInbox)
			w.mustRun(id, app.RunSignUp, outcome.NothingNew)
			if err := w.spotify.CopyDiscover(account, w.user(id).Inbox.PlaylistID); err != nil {
				t.Fatal(err)
			}
			w.week()
			for n := range playlists {
				if _, err := w.spotify.CreatePlaylist(account, fmt.Sprint("Playlist ", n+1)); err != nil {
					t.Fatal(err)
				}
			}
			w.week()
			for _, kind := range []app.RunKind{app.RunWeekly, app.RunDue} {
				w.spotify.ResetRequests()
				w.mustRun(id, kind, outcome.NothingNew)
				if token, api := w.countAPI(); token != 1 || api != 1 {
					t.Errorf("%s run: got %d token and %d Web API requests, want 1 and 1", kind, token, api)
				}
			}
		})
	}
}

// A person who has copied a whole list on Monday is looked at again on the next
// one, and what came in between is saved then.
func TestAWholeCopyEndsTheLooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	id := w.connect(account, archive.ChoiceInbox)
	w.mustRun(id, app.RunSignUp, outcome.NothingNew)
	w.week()
	inbox := w.user(id).Inbox.PlaylistID
	if err := w.spotify.CopyDiscover(account, inbox); err != nil {
		t.Fatal(err)
	}
	late := "spotify:track:" + fakespotify.TrackID("late")
	w.send(app.RunWeekly)
	want := w.shown(account)
	wantURIs(t, w.archived(id), want)
	if err := w.spotify.AddItems(account, inbox, late); err != nil {
		t.Fatal(err)
	}
	w.spotify.ResetRequests()
	for range 6 {
		w.nextDay()
		w.send(app.RunHourly)
	}
	if token, api := w.countAPI(); token+api > 0 {
		t.Errorf("got %d token and %d Web API requests after a whole copy, want none", token, api)
	}
	w.spotify.NextMonday()
	w.send(app.RunWeekly)
	wantURIs(t, w.archived(id), append(want, late))
}

// The list of playlists is searched in vain for a Discover Weekly every week for
// two months, then in one week of four; a person who presses the button has it
// searched, and so is it found again.
func TestTheListIsNotSearchedForEver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	id := w.connect(account, archive.ChoiceAuto)
	w.mustRun(id, app.RunSignUp, outcome.NothingNew)
	for n := range 200 {
		if _, err := w.spotify.CreatePlaylist(account, fmt.Sprint("Playlist ", n+1)); err != nil {
			t.Fatal(err)
		}
	}
	searched := func() bool {
		w.spotify.ResetRequests()
		w.week()
		_, api := w.countAPI()
		return api > 4
	}
	for week := range 9 {
		if !searched() {
			t.Fatalf("the list was not searched in week %d", week+1)
		}
	}
	weeks := 0
	for range 12 {
		if searched() {
			weeks++
		}
	}
	if weeks != 3 {
		t.Errorf("got %d weeks of 12 in which the list was searched, want 3", weeks)
	}
	w.spotify.SetDiscoverAccess(fakespotify.DiscoverReadable, fakespotify.DiscoverListed)
	w.spotify.Advance(time.Hour)
	w.mustRun(id, app.RunManual, outcome.Saved)
}

// An inbox that somebody has deleted is looked for on top of the list, where it
// would show again, and in all of it once a month, however long the list is.
func TestAnInboxThatIsGoneIsLookedForOnTop(t *testing.T) {
	t.Parallel()
	for name, mode := range map[string]func() fakespotify.Config{"development": development, "extended": extended} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, mode())
			id := w.connect(account, archive.ChoiceInbox)
			w.mustRun(id, app.RunSignUp, outcome.NothingNew)
			inbox := w.user(id).Inbox.PlaylistID
			for n := range 400 {
				if _, err := w.spotify.CreatePlaylist(account, fmt.Sprint("Playlist ", n+1)); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.accounts.Choose(t.Context(), id, archive.ChoiceAuto); err != nil {
				t.Fatal(err)
			}
			for range 9 {
				w.week() // the list is not searched for a Discover Weekly in every week now
			}
			if err := w.spotify.Unfollow(account, inbox); err != nil {
				t.Fatal(err)
			}
			w.week()
			w.week()
			if !w.user(id).Inbox.Gone {
				t.Fatal("the inbox does not count as gone")
			}
			searched := 0
			for range 12 {
				w.spotify.ResetRequests()
				w.week()
				if _, api := w.countAPI(); api > 8 {
					searched++
				}
			}
			if searched > 4 {
				t.Errorf("got %d weeks of 12 in which the whole list was searched, want at most 4", searched)
			}
			if err := w.spotify.Follow(account, inbox); err != nil {
				t.Fatal(err)
			}
			song := "spotify:track:" + fakespotify.TrackID("restored")
			if err := w.spotify.AddItems(account, inbox, song); err != nil {
				t.Fatal(err)
			}
			w.week()
			if !slices.Contains(w.archived(id), song) {
				t.Error("what was put into the inbox that shows again is not in the archive")
			}
		})
	}
}

// A link may lead to a playlist of thousands, which is no Discover Weekly: a look at
// it costs two requests, however long it is.
func TestALinkToALongPlaylistCostsLittle(t *testing.T) {
	t.Parallel()
	for _, songs := range []int{100, 2000} {
		t.Run(fmt.Sprint(songs), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, extended())
			id := w.connect(account, archive.ChoiceDiscover)
			long, err := w.spotify.CreatePlaylist(account, "All my songs")
			if err != nil {
				t.Fatal(err)
			}
			if err := w.spotify.Fill(account, long, songs); err != nil {
				t.Fatal(err)
			}
			if err := w.accounts.SetDiscover(t.Context(), id, "https://open.spotify.com/playlist/"+long); err != nil {
				t.Fatal(err)
			}
			w.mustRun(id, app.RunSignUp, outcome.Saved)
			if got := w.archived(id); len(got) != 100 {
				t.Errorf("got %d songs in the archive, want the first 100", len(got))
			}
			w.spotify.NextMonday()
			w.spotify.ResetRequests()
			w.send(app.RunWeekly)
			if token, api := w.countAPI(); token != 1 || api != 2 {
				t.Errorf("got %d token and %d Web API requests, want 1 and 2", token, api)
			}
		})
	}
}

// A second inbox, made when the list did not show the first, is looked at where it
// stood and read from its end, as the first one is. Once a month all of it is read.
func TestASecondInboxCostsLittle(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	id := w.connect(account, archive.ChoiceInbox)
	w.mustRun(id, app.RunSignUp, outcome.NothingNew)
	first, _ := w.spotify.Playlist(w.user(id).Inbox.PlaylistID)
	second, err := w.spotify.CreatePlaylist(account, first.Name)
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.spotify.Rename(account, second, first.Name, first.Description))
	must(w.spotify.Fill(account, second, 1000))
	w.week()
	for n := range 400 {
		_, err := w.spotify.CreatePlaylist(account, fmt.Sprint("Playlist ", n+1))
		must(err)
	}
	w.week()
	must(w.spotify.CopyDiscover(account, second))
	w.spotify.ResetRequests()
	w.mustRun(id, app.RunWeekly, outcome.Saved)
	if token, api := w.countAPI(); token != 1 || api > 6 {
		t.Errorf("got %d token and %d Web API requests for a copy, want 1 and at most 6", token, api)
	}
	w.spotify.NextMonday()
	w.spotify.ResetRequests()
	w.mustRun(id, app.RunWeekly, outcome.NothingNew)
	if token, api := w.countAPI(); token != 1 || api > 3 {
		t.Errorf("got %d token and %d Web API requests where nothing was copied, want 1 and at most 3", token, api)
	}
	dragged := "spotify:track:" + fakespotify.TrackID("dragged")
	must(w.spotify.AddItems(account, second, dragged))
	must(w.spotify.Reorder(account, second, len(w.spotify.URIs(second))-1, 1, 0))
	for range 5 {
		w.week()
	}
	if !slices.Contains(w.archived(id), dragged) {
		t.Error("what was dragged to the top of the second inbox is not in the archive after a month")
	}
}

// As long as a person has not said which of two Discover Weekly is theirs, each is read
// once a week, and nobody is looked at in between.
func TestAPersonWhoHasToChooseIsLookedAtOnceAWeek(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	if err := w.spotify.Follow(account, w.spotify.DiscoverID("demo2")); err != nil {
		t.Fatal(err)
	}
	id := w.connect(account, archive.ChoiceAuto)
	w.mustRun(id, app.RunSignUp, outcome.Choose)
	w.week()
	w.spotify.ResetRequests()
	w.week()
	if token, api := w.countAPI(); token != 1 || api != 2 {
		t.Errorf("got %d token and %d Web API requests in a week, want 1 and 2", token, api)
	}
	w.send(app.RunWeekly)
	if err := w.accounts.SetDiscover(t.Context(), id, "https://open.spotify.com/playlist/"+w.spotify.DiscoverID(account)); err != nil {
		t.Fatal(err)
	}
	w.deliver()
	if got := len(w.archived(id)); got != 3*30 {
		t.Errorf("got %d songs after the person's word, want three weeks of them", got)
	}
}
