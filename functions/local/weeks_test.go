package main

import (
	"bytes"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
)

var archiveLink = regexp.MustCompile(`href="(http[^"]*/standin/playlists/[^"]*)"`)

// A newcomer's first minutes, through the front door.
func TestWeeks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startService(t, dir)
	p := newPerson(t, s.site)
	if home, _ := p.open(t, s.site); !strings.Contains(home, "stand-in") || !strings.Contains(home, s.site+"/local") {
		t.Error("the start page does not lead to the stand-in and to the operator's page")
	}
	if page := p.connect(t, "demo1"); !strings.Contains(page, "Demo account 1") {
		t.Errorf("the account page does not say who is connected:\n%s", page)
	}

	// The first run may or may not have ended by now.
	s.week(t)
	user := s.only(t)
	if got := archived(user); got != 30 {
		t.Fatalf("after the sign-up: got %d songs, want 30; last outcome %s\n%s", got, user.Outcome, s.log)
	}

	s.nextMonday(t)
	sent := s.week(t)
	if diff := cmp.Diff(sent.Outcomes, outcomes(outcome.Saved)); diff != "" || sent.Enqueued != 1 {
		t.Errorf("next week: sent %d, want 1; outcomes, got -, want +:\n%s", sent.Enqueued, diff)
	}
	again := s.week(t)
	if again.Enqueued != 0 || len(again.Outcomes) != 0 {
		t.Errorf("once more: got %+v, want nobody to be due", again)
	}
	if got := archived(s.only(t)); got != 60 {
		t.Errorf("after two weeks: got %d songs, want 60", got)
	}
	page, _ := p.open(t, s.site+"/account")
	link := submatch(archiveLink, page)
	if playlist, _ := p.open(t, link); !strings.Contains(playlist, "60 items") {
		t.Errorf("the playlist at %q does not have 60 songs", link)
	}
	p.submit(t, s.site+"/account/run", nil)
	if got := s.week(t).Enqueued; got != 0 {
		t.Errorf("after a run by hand: got %d users due, want 0", got)
	}
	if got := archived(s.only(t)); got != 60 {
		t.Errorf("after a run by hand: got %d songs, want 60", got)
	}

	if !found(t, dir, databaseFile, string(user.ID)) {
		t.Fatal("the user is not in the database: the next check would prove nothing")
	}
	p.submit(t, s.site+"/disconnect", nil)
	if got := s.status(t).Users; len(got) != 0 {
		t.Errorf("after disconnecting: got %d users, want none", len(got))
	}
	for _, text := range []string{string(user.ID), "Demo account 1", "standindemo1"} {
		if found(t, dir, databaseFile, text) {
			t.Errorf("after disconnecting: %q is still in the database", text)
		}
	}
	if err := s.stop(); err != nil {
		t.Errorf("stopping: %v", err)
	}
}

// What an app that was registered today sees: no Discover Weekly, and an inbox.
func TestDevelopmentMode(t *testing.T) {
	t.Parallel()
	s := startService(t, t.TempDir(), "SPOTIFY_MODE=development")
	newPerson(t, s.site).connect(t, "demo1")
	s.week(t)
	if got := archived(s.only(t)); got != 0 {
		t.Errorf("got %d songs, want 0: the inbox is empty", got)
	}
	if user := s.only(t); user.Outcome == outcome.Internal || user.Outcome == outcome.None {
		t.Errorf("got outcome %q, want one that a person understands", user.Outcome)
	}

	if status, page, _ := newPerson(t, s.site).agree(t, "demo6"); status != http.StatusForbidden || !strings.Contains(page, "list") {
		t.Errorf("somebody who is not on the allow-list: got status %d, want 403 and why\n%s", status, page)
	}
	if got := len(s.status(t).Users); got != 1 {
		t.Errorf("after somebody who is not on the allow-list: got %d users, want 1", got)
	}
}

// Stopping and starting again changes nothing, and a week that passed
// meanwhile is caught up without being asked.
func TestStartCatchesUp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startService(t, dir)
	newPerson(t, s.site).connect(t, "demo1")
	s.week(t)
	s.nextMonday(t)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}

	s = startService(t, dir)
	if got := s.week(t).Enqueued; got > 1 {
		t.Errorf("got %d users sent, want at most 1", got)
	}
	if got := archived(s.only(t)); got != 60 {
		t.Errorf("got %d songs, want 60\n%s", got, s.log)
	}
	if !strings.Contains(s.log.String(), "kind=weekly") {
		t.Errorf("the start did not send the weekly run that was missed:\n%s", s.log)
	}
}

// found reports whether a text is in a file below dir whose name begins so.
func found(t *testing.T, dir, name, text string) bool {
	t.Helper()
	hit := false
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasPrefix(entry.Name(), name) {
			return err
		}
		content, err := os.ReadFile(path)
		hit = hit || bytes.Contains(content, []byte(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return hit
}

// Stopping lets a run that is under way finish.
func TestStopFinishesWhatRuns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startService(t, dir)
	post(t, s.spotify+"/standin/faults",
		`{"match":"POST /v1/playlists/{id}/items","kind":"delay","delay":300000000}`, new(any))
	newPerson(t, s.site).connect(t, "demo1")
	for s.status(t).Queue.Running == 0 && archived(s.only(t)) == 0 {
		runtime.Gosched() // the sign-up's run is about to begin
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	world := openWorld(t, dir)
	if got := archiveOf(t, world, "demo1").Total; got != 30 {
		t.Errorf("got %d songs in the archive, want 30\n%s", got, s.log)
	}
	if err := world.Close(); err != nil {
		t.Error(err)
	}
}
