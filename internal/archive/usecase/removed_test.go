package usecase_test

import (
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// As many songs as were appended are taken out while the append is in doubt:
// the total is what it was, and the songs are there all the same.
func TestRemovedWhileInDoubtIsNoAppendUndone(t *testing.T) {
	t.Parallel()
	for name, last := range map[string]int{"older_songs": 0, "one_of_them": 20} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			removedInDoubt(t, []int{0, 0, last})
		})
	}
}

// removedInDoubt takes songs at these positions out of an archive of 20 songs
// and the three of an append in doubt.
func removedInDoubt(t *testing.T, positions []int) {
	t.Helper()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoicePaste)
	songs := w.shown(account)
	paste := func(list []string) {
		t.Helper()
		if _, err := w.accounts.Paste(t.Context(), id, strings.Join(list, " ")); err != nil {
			t.Fatal(err)
		}
		w.deliver()
	}
	paste(songs[:20])
	w.fault(fakespotify.Fault{Match: postItems, Kind: fakespotify.FaultDrop, AfterEffect: true})
	paste(songs[20:23])
	playlist := w.user(id).Open.PlaylistID
	want := append([]string{}, songs[:23]...)
	for _, at := range positions {
		want = append(want[:at], want[at+1:]...)
		if err := w.spotify.RemoveItem(account, playlist, at); err != nil {
			t.Fatal(err)
		}
	}
	w.spotify.Advance(settled)
	w.send(app.RunHourly)
	wantURIs(t, w.archived(id), want)
}
