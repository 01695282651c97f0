package main

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/local/operator"
	"github.com/weeklyarchive/weeklyarchive/internal/local/sqlitestore"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// A data directory of the first released program, from its seventh week: four
// demo accounts (one archive, one per week, yearly, pasting).
const (
	firstRelease = "testdata/desk-of-2026-11-23.tar.gz"
	lastMonday   = "2027-01-04T14:00:00Z" // its clock stood an hour after this week's run
)

// What the first program has stored goes on: nobody is missing, the next week
// is archived, and no song of any week doubles.
func TestFirstReleaseGoesOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	unpack(t, firstRelease, dir)
	setClock(t, filepath.Join(dir, standinDir, standinState), lastMonday)
	before := songs(t, dir)

	s := startService(t, dir)
	if diff := cmp.Diff(counts(s.status(t)), map[string]int{
		"Demo account 1": 210, "Demo account 2": 210, "Demo account 3": 70, "Demo account 4": 210,
	}); diff != "" {
		t.Errorf("songs in the history, got -, want +:\n%s", diff)
	}
	if sent := s.week(t); len(sent.Outcomes) != 0 {
		t.Errorf("the week that was done: got outcomes %v, want nobody to be due", sent.Outcomes)
	}
	s.nextMonday(t)
	sent := s.week(t)
	want := outcomes(outcome.Saved, outcome.Saved, outcome.Saved) // and nothing was pasted
	if diff := cmp.Diff(sent.Outcomes, want); diff != "" {
		t.Errorf("outcomes of the next week, got -, want +:\n%s", diff)
	}
	if again := s.week(t); len(again.Outcomes) != 0 {
		t.Errorf("the same week again: got outcomes %v, want nobody to be due", again.Outcomes)
	}
	if diff := cmp.Diff(counts(s.status(t)), map[string]int{
		"Demo account 1": 240, "Demo account 2": 240, "Demo account 3": 70, "Demo account 4": 240,
	}); diff != "" {
		t.Errorf("songs in the history a week later, got -, want +:\n%s", diff)
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	more := map[string]int{"demo1": 30, "demo2": 30, "demo3": 0, "demo4": 30}
	for account, uris := range songs(t, dir) {
		if got, want := len(uris)-len(before[account]), more[account]; got != want {
			t.Errorf("%s: got %d more songs in the archives, want %d", account, got, want)
		}
		slices.Sort(uris)
		if single := slices.Compact(slices.Clone(uris)); len(single) != len(uris) {
			t.Errorf("%s: got %d songs in the archives, %d of them doubled", account, len(uris), len(uris)-len(single))
		}
	}
}

// The set of songs is the old one and what came; it guards against doubles that
// no demo account would show.
func TestFirstReleaseKeepsItsSongs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	unpack(t, firstRelease, dir)
	now := func() time.Time { return time.Date(2027, 1, 4, 14, 0, 0, 0, time.UTC) }
	db, err := sqlitestore.Open(t.Context(), filepath.Join(dir, standinDir, databaseFile), now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	store := records.New(db)
	users, bad, err := store.List(t.Context())
	if err != nil || bad > 0 {
		t.Fatalf("got %d unreadable users and error %v", bad, err)
	}
	got := map[string]int{}
	for _, u := range users {
		seen, err := store.Seen(t.Context(), u.ID)
		if err != nil {
			t.Fatal(err)
		}
		got[u.DisplayName] = seen.Len()
	}
	want := map[string]int{"Demo account 1": 210, "Demo account 2": 210, "Demo account 3": 70, "Demo account 4": 210}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("songs in the sets, got -, want +:\n%s", diff)
	}
	last, err := store.LastRun(t.Context(), app.RunWeekly)
	if at := time.Date(2027, 1, 4, 13, 0, 0, 0, time.UTC); err != nil || !last.Equal(at) {
		t.Errorf("got last weekly run %s (error %v), want %s", last, err, at)
	}
}

// counts returns how many songs each user's history tells of.
func counts(s operator.Status) map[string]int {
	byName := map[string]int{}
	for _, u := range s.Users {
		byName[u.Name] = archived(u)
	}
	return byName
}

// songs returns what is in the archives of each account that has any; copies
// of single weeks are no archives.
func songs(t *testing.T, dir string) map[string][]string {
	t.Helper()
	world := openWorld(t, dir)
	all := map[string][]string{}
	for _, account := range []string{"demo1", "demo2", "demo3", "demo4"} {
		for _, p := range world.Playlists(account) {
			if p.Owner == account && !weekCopy(p) {
				all[account] = append(all[account], world.URIs(p.ID)...)
			}
		}
	}
	if err := world.Close(); err != nil {
		t.Fatal(err)
	}
	return all
}

var weekName = regexp.MustCompile(`\d{4}-\d{2}-\d{2}`)

func weekCopy(p fakespotify.Playlist) bool { return weekName.MatchString(p.Name) }

// setClock sets the stand-in's clock, which goes on with the machine's: the
// consents in it would else have ended long ago.
func setClock(t *testing.T, state, at string) {
	t.Helper()
	now, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	offset := regexp.MustCompile(`"offset": ?-?\d+`)
	if n := len(offset.FindAll(content, -1)); n != 1 {
		t.Fatalf("got %d clocks in %s, want 1", n, state)
	}
	content = offset.ReplaceAll(content, fmt.Appendf(nil, `"offset":%d`, time.Until(now)))
	if err := os.WriteFile(state, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func unpack(t *testing.T, archive, dir string) {
	t.Helper()
	file, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	zip, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	files := tar.NewReader(zip)
	for {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(filepath.Clean("/"+header.Name)))
		if header.FileInfo().IsDir() {
			err = os.MkdirAll(path, 0o700)
		} else {
			var content []byte
			if content, err = io.ReadAll(files); err == nil {
				err = os.WriteFile(path, content, 0o600)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
