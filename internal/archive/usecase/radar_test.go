package usecase_test

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/playlist"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/source"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// A further source is this file's readRadar, a row, and its words.

const (
	radar       ledger.SourceName = "radar"
	choiceRadar archive.Choice    = "inbox+radar"
	radarWords                    = `{{define "playlist.radar.name"}}New releases{{end}}{{define "playlist.radar.text"}}Your Release Radar, saved.{{end}}`
)

var radarRow = source.Source{Name: radar, Archive: "radar", Read: readRadar}

// readRadar reads the playlist Release Radar, where the list of playlists shows it.
func readRadar(ctx context.Context, v *source.View) (source.Reading, error) {
	list, err := v.All(ctx)
	if err != nil {
		return source.Reading{}, err
	}
	i := slices.IndexFunc(list, func(p webapi.Playlist) bool { return p.Name == "Release Radar" })
	if i < 0 {
		return source.Reading{}, fmt.Errorf("looking for Release Radar: %w", fault.ErrNotReadable)
	}
	songs, _, err := playlist.Items(ctx, v.Library, list[i].ID, 0)
	if err != nil {
		return source.Reading{}, err
	}
	batch := ledger.NewBatch(calendar.DueEdition(v.Clock.Now()), radar, playlist.Usable(songs))
	return source.Reading{Kind: outcome.NothingNew, Batches: []ledger.Batch{batch}}, nil
}

// withRadar adds the row and its words to a world.
func withRadar(w *world) {
	w.t.Helper()
	files := fstest.MapFS{}
	for _, name := range []string{"en.html", "de.html"} {
		text, err := fs.ReadFile(words.Files(), name)
		if err != nil {
			w.t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: append(text, radarWords...)}
	}
	book, err := words.Load(files)
	if err != nil {
		w.t.Fatal(err)
	}
	w.archivist.Words = book.Playlists()
	w.archivist.Sources = append(source.Sources(), radarRow)
	w.accounts.Sources = w.archivist.Sources
}

// A source that nobody has thought of yet goes from Spotify to an archive of its
// own, through the run that every source takes.
func TestAFurtherSource(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	withRadar(w)
	id := w.connect(account, archive.ChoiceAuto)
	released, err := w.spotify.CreatePlaylist(account, "Release Radar")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.spotify.Fill(account, released, 130); err != nil {
		t.Fatal(err)
	}
	w.choose(id, choiceRadar)
	if got := w.mustRun(id, app.RunWeekly, outcome.Saved); got.Added != 130 || len(got.Failed) > 0 {
		t.Errorf("got %d songs and the failures %v, want 130 and none", got.Added, got.Failed)
	}
	own := w.user(id).Archives["radar"].PlaylistID
	wantURIs(t, w.spotify.URIs(own), w.spotify.URIs(released))
	if p, _ := w.spotify.Playlist(own); p.Name != "New releases" || p.Description != "Your Release Radar, saved. (wa radar 1)" {
		t.Errorf("got the archive %q, %q, want its words and its marker", p.Name, p.Description)
	}

	if err := w.spotify.Fill(account, w.user(id).Inbox.PlaylistID, 30); err != nil {
		t.Fatal(err)
	}
	w.spotify.Advance(time.Hour)
	w.mustRun(id, app.RunManual, outcome.Saved)
	wantURIs(t, w.spotify.URIs(own), w.spotify.URIs(released))
	if got := len(w.archived(id)); got != 30 {
		t.Errorf("got %d songs in the archive of the inbox, want the 30 that were copied", got)
	}
}

// One source that cannot be read keeps the songs of no other from being saved.
func TestAFurtherSourceFailsAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	withRadar(w)
	id := w.connect(account, archive.ChoiceInbox)
	w.mustRun(id, app.RunSignUp, outcome.NothingNew)
	if err := w.spotify.Fill(account, w.user(id).Inbox.PlaylistID, 30); err != nil {
		t.Fatal(err)
	}
	w.choose(id, choiceRadar)
	got := w.mustRun(id, app.RunManual, outcome.Saved)
	if want := (outcome.Failure{Source: radar, Kind: outcome.Unreadable}); got.Added != 30 || !slices.Contains(got.Failed, want) {
		t.Errorf("got %d songs and the failures %v, want 30 and %v", got.Added, got.Failed, want)
	}
}

// A program that does not know a source yet, or any more, touches nothing.
func TestAnUnknownSourceIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	id := w.connect(account, archive.ChoiceAuto)
	u := w.user(id)
	u.Choice = choiceRadar
	if _, err := w.store.Put(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	before := w.user(id)
	w.mustRun(id, app.RunWeekly, outcome.Malformed)
	if after := w.user(id); after.Revision != before.Revision {
		t.Error("the user was written")
	}
}
