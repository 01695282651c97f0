package archive_test

import (
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/spotifytest"
)

// As many songs as were appended are taken out while the append is in doubt:
// the total is what it was, and the songs are there all the same.
func TestRemovedWhileInDoubtIsNoAppendUndone(t *testing.T) {
	t.Parallel()
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
	w.fault(spotifytest.Fault{Match: postItems, Kind: spotifytest.FaultDrop, AfterEffect: true})
	paste(songs[20:23])
	playlist := w.user(id).Open.PlaylistID
	for range 3 {
		if err := w.spotify.RemoveItem(account, playlist, 0); err != nil {
			t.Fatal(err)
		}
	}
	w.spotify.Advance(settled)
	w.send(archive.RunCatchUp)
	wantURIs(t, w.archived(id), songs[3:23])
}
