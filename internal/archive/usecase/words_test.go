package usecase_test

import (
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
)

// noWords are words that are none, to see which come from the core itself.
type noWords struct{}

func (noWords) Archive(language, key string, _ int) (name, description string) {
	return "名" + language + key, "述" + language
}
func (noWords) IsArchiveText(_, text string) bool { return strings.HasPrefix(text, "述") }
func (noWords) Inbox(language string) (name, description string) {
	return "箱" + language, "入" + language
}
func (noWords) Reminder(language string, _ time.Time, address string) string {
	return "再" + language + " " + address
}

// What the core writes into Spotify is the words that it was handed, in the
// user's language, and a marker.
func TestCoreHasNoWordsOfItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	w.archivist.Words = noWords{}
	id := w.connect(account, archive.ChoiceAuto)
	if err := w.accounts.SetLanguage(t.Context(), id, "xx"); err != nil {
		t.Fatal(err)
	}
	w.mustRun(id, app.RunSignUp, outcome.NothingNew)
	if err := w.spotify.Fill(account, w.user(id).Inbox.PlaylistID, 30); err != nil {
		t.Fatal(err)
	}
	w.mustRun(id, app.RunManual, outcome.Saved)
	u := w.user(id)
	for _, made := range []struct{ what, id, name, description string }{
		{"archive", u.Archives[archive.MainArchive].PlaylistID, "名xxmain", "述xx (wa 1)"},
		{"inbox", u.Inbox.PlaylistID, "箱xx", "入xx (wa inbox)"},
	} {
		p, ok := w.spotify.Playlist(made.id)
		if !ok || p.Name != made.name || p.Description != made.description {
			t.Errorf("the %s: got %q, %q, want %q, %q", made.what, p.Name, p.Description, made.name, made.description)
		}
	}
}

// Whoever reads another language from now on keeps the playlists that are
// there, and is reminded in the new one.
func TestAnotherLanguageRenamesNothing(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceAuto)
	w.mustRun(id, app.RunSignUp, outcome.Saved)
	look := func() (name, description string) {
		p, _ := w.spotify.Playlist(w.user(id).Archives[archive.MainArchive].PlaylistID)
		return p.Name, p.Description
	}
	name, description := look()
	if err := w.accounts.SetLanguage(t.Context(), id, "de"); err != nil {
		t.Fatal(err)
	}
	w.spotify.NextMonday()
	w.mustRun(id, app.RunWeekly, outcome.Saved)
	if gotName, got := look(); gotName != name || got != description {
		t.Errorf("got %q, %q after another language was chosen, want %q, %q", gotName, got, name, description)
	}
	w.spotify.Advance(165 * day)
	w.mustRun(id, app.RunWeekly, outcome.Saved)
	if gotName, got := look(); gotName != name || !strings.HasPrefix(got, "Neu verbinden bis 15. Mai 2027: https://archive.example") {
		t.Errorf("got %q, %q before the end of the consent, want the reminder in German and the same name", gotName, got)
	}
}
