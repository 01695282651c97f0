package usecase_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
)

// ownPlaylist is a person with three songs in their archive, and a playlist of
// their own with four others.
func ownPlaylist(t *testing.T) (w *world, id archive.UserID, own string) {
	t.Helper()
	w = newWorld(t, extended())
	id = w.connect(account, archive.ChoicePaste)
	w.paste(id, w.shown(account)[:3])
	own, err := w.spotify.CreatePlaylist(account, "My favourites")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.spotify.AddItems(account, own, w.shown(account)[3:7]...); err != nil {
		t.Fatal(err)
	}
	return w, id, own
}

func (w *world) paste(id archive.UserID, songs []string) {
	w.t.Helper()
	if _, err := w.accounts.Paste(w.t.Context(), id, strings.Join(songs, " ")); err != nil {
		w.t.Fatal(err)
	}
	w.deliver()
}

// offer has the person ask for their playlists.
func (w *world) offer(id archive.UserID) []archive.OwnPlaylist {
	w.t.Helper()
	if err := w.accounts.AskOwn(w.t.Context(), id); err != nil {
		w.t.Fatal(err)
	}
	w.deliver()
	return w.user(id).Own.List
}

// A playlist of the person's own becomes the archive: its songs are known,
// songs are only added at its end, and it keeps its name and description.
func TestGoingOnWithAPlaylistOfTheirOwn(t *testing.T) {
	t.Parallel()
	w, id, own := ownPlaylist(t)
	songs, before := w.shown(account), w.archived(id)
	want := []archive.OwnPlaylist{{PlaylistID: own, Name: "My favourites", Total: 4}}
	if got := w.offer(id); !slices.Equal(got, want) {
		t.Fatalf("got the offer %+v, want %+v", got, want)
	}
	if err := w.accounts.GoOnWith(t.Context(), id, own); err != nil {
		t.Fatal(err)
	}
	w.deliver()
	w.paste(id, songs[:10])
	wantURIs(t, w.spotify.URIs(own), songs[3:10])
	target := w.user(id).Archives[archive.MainArchive]
	if target.PlaylistID != own || !target.Theirs || target.Total != 7 {
		t.Errorf("got the archive %+v, want theirs with 7 songs", target)
	}
	wantURIs(t, w.spotify.URIs(target.Former[0].PlaylistID), before)

	w.spotify.Advance(160 * 24 * time.Hour) // the consent ends soon
	w.paste(id, songs[10:12])
	p, _ := w.spotify.Playlist(own)
	if p.Name != "My favourites" || p.Description != "" || p.Total != 9 {
		t.Errorf("got %+v, want name and description untouched, and 9 songs", p)
	}
}

// A playlist of theirs that is nearly full is gone on with in a new one of ours.
func TestAPlaylistOfTheirOwnRollsOver(t *testing.T) {
	t.Parallel()
	w, id, own := ownPlaylist(t)
	songs := w.shown(account)
	w.offer(id)
	if err := w.accounts.GoOnWith(t.Context(), id, own); err != nil {
		t.Fatal(err)
	}
	filler := make([]string, archive.MaxPlaylistItems-6)
	for i := range filler {
		filler[i] = songs[3]
	}
	if err := w.spotify.AddItems(account, own, filler...); err != nil {
		t.Fatal(err)
	}
	w.deliver()
	w.paste(id, songs[7:12])
	target := w.user(id).Archives[archive.MainArchive]
	if target.PlaylistID == own || target.Theirs || target.Part != 2 {
		t.Errorf("got the archive %+v, want a second part of ours", target)
	}
	wantURIs(t, w.spotify.URIs(target.PlaylistID), songs[7:12])
}

func TestWhatIsNotOfferedIsNotTaken(t *testing.T) {
	t.Parallel()
	w, id, own := ownPlaylist(t)
	refused := func(when string, want error) {
		t.Helper()
		if err := w.accounts.GoOnWith(t.Context(), id, own); !errors.Is(err, want) {
			t.Errorf("%s: got error %v, want %v", when, err, want)
		}
	}
	refused("never asked", fault.ErrMalformed)
	if got := w.offer(id); len(got) != 1 {
		t.Fatalf("got the offer %+v, want one playlist", got)
	}
	u := w.user(id)
	u.Lease = archive.Lease{Holder: "run", Until: w.spotify.Now().Add(time.Minute)}
	if _, err := w.store.Put(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	refused("while a run is under way", fault.ErrConflict)
	w.spotify.Advance(archive.OwnKept)
	refused("an hour later", fault.ErrMalformed)
	w.paste(id, w.shown(account)[10:11])
	if got := w.user(id).Own; len(got.List) != 0 {
		t.Errorf("got %+v, want what was not chosen forgotten", got)
	}
}

// Where songs are read from, and what is the archive already, is not offered as the
// archive, whatever the person wrote into its description.
func TestWhatIsInUseIsNotOffered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	id := w.connect(account, archive.ChoiceInbox)
	w.mustRun(id, app.RunSignUp, outcome.NothingNew)
	inbox := w.user(id).Inbox.PlaylistID
	w.paste(id, w.shown(account)[:3])
	main := w.user(id).Archives[archive.MainArchive].PlaylistID
	for _, playlist := range []string{inbox, main} {
		if err := w.spotify.Rename(account, playlist, "Mine", "my own words"); err != nil {
			t.Fatal(err)
		}
	}
	own, err := w.spotify.CreatePlaylist(account, "My favourites")
	if err != nil {
		t.Fatal(err)
	}
	if got := w.offer(id); len(got) != 1 || got[0].PlaylistID != own {
		t.Fatalf("got the offer %+v, want the one that is not in use", got)
	}
	if err := w.accounts.GoOnWith(t.Context(), id, own); err != nil {
		t.Fatal(err)
	}
	w.deliver()
	for _, p := range w.offer(id) {
		if p.PlaylistID == own || p.PlaylistID == inbox {
			t.Errorf("got the offer of %q, which is in use", p.Name)
		}
	}
}

// Whoever named the wrong playlist goes back to the archive of before: it is ours
// again, and no song comes twice.
func TestTheWayBackFromAPlaylistOfTheirOwn(t *testing.T) {
	t.Parallel()
	w, id, own := ownPlaylist(t)
	songs, ours := w.shown(account), w.user(id).Archives[archive.MainArchive].PlaylistID
	goOn := func(playlist string) {
		t.Helper()
		w.offer(id)
		if err := w.accounts.GoOnWith(t.Context(), id, playlist); err != nil {
			t.Fatal(err)
		}
		w.deliver()
	}
	goOn(own)
	w.paste(id, songs[7:9])
	goOn(ours)
	w.paste(id, songs[:12])
	wantURIs(t, w.spotify.URIs(ours), slices.Concat(songs[:3], songs[9:12]))
	wantURIs(t, w.spotify.URIs(own), songs[3:9])
	target := w.user(id).Archives[archive.MainArchive]
	if target.PlaylistID != ours || target.Theirs || target.Part != 1 || len(target.Former) != 1 || target.Former[0].PlaylistID != own {
		t.Errorf("got the archive %+v, want the one of before, and theirs as a former one", target)
	}
}

// A library of hundreds of playlists is offered.
func TestALargeLibraryIsOffered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	id := w.connect(account, archive.ChoicePaste)
	first := ""
	for i := range 260 {
		own, err := w.spotify.CreatePlaylist(account, fmt.Sprintf("Mine %d", i))
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = own
		}
	}
	if got := w.offer(id); len(got) != 260 || !slices.ContainsFunc(got, func(p archive.OwnPlaylist) bool { return p.PlaylistID == first }) {
		t.Errorf("got %d playlists, want all 260", len(got))
	}
}
