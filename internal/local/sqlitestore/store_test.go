package sqlitestore

import (
	"bytes"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
)

func TestFilesAreTheOwnersAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "weekly.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	archivetest.MustPut(t, open(t, path, archivetest.WeekTime), archivetest.NewUser(t, "ada"))
	files := 0
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		files++
		if got, want := info.Mode().Perm(), fs.FileMode(0o600); got != want {
			t.Errorf("%s: got mode %o, want %o", filepath.Base(path+suffix), got, want)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != files {
		t.Errorf("got %d files (error %v), want %d: one has an untested mode", len(entries), err, files)
	}
}

func TestOpenAgainKeepsEverything(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "odd name ?#%41;'ü", "weekly.db")
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	first := open(t, path, archivetest.WeekTime)
	want := archivetest.MustPut(t, first, archivetest.NewUser(t, "ada"))
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := open(t, path, archivetest.WeekTime).User(t.Context(), want.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("got -, want +:\n%s", diff)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	newer := func(t *testing.T, path string) {
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), "CREATE TABLE future (x TEXT); PRAGMA user_version = 999"); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	text := func(t *testing.T, path string) {
		if err := os.WriteFile(path, []byte(strings.Repeat("This is a letter to a friend.\n", 100)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, tc := range map[string]struct {
		write func(t *testing.T, path string)
		is    error
		says  string
	}{
		"database_of_a_newer_program": {newer, ErrNewer, "newer version"},
		"file_that_is_no_database":    {text, nil, "not a database"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "weekly.db")
			tc.write(t, path)
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Open(t.Context(), Config{Path: path, Clock: archivetest.WeekTime, Log: slog.New(slog.DiscardHandler)})
			if err == nil || !strings.Contains(err.Error(), tc.says) || !strings.Contains(err.Error(), path) {
				t.Errorf("got error %v, want one that names the file and says %q", err, tc.says)
			}
			if tc.is != nil && !errors.Is(err, tc.is) {
				t.Errorf("got error %v, want %v", err, tc.is)
			}
			after, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(after, before) {
				t.Error("the file was changed")
			}
		})
	}
}

func TestOpenShortensLeases(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "weekly.db")
	first := open(t, path, archivetest.WeekTime)
	lease := func(name string, until time.Time) archive.User {
		return archivetest.MustPut(t, first, archivetest.NewUser(t, name, func(u *archive.User) {
			u.Lease = archive.Lease{Holder: "killed", Until: until}
		}))
	}
	settled := archivetest.WeekTime().Add(archive.SettleTime)
	long := lease("long", archivetest.WeekTime().Add(archive.LeaseTime))
	short := lease("short", settled.Add(-time.Second))
	spoiled := lease("spoiled", archivetest.WeekTime().Add(archive.LeaseTime))
	corruptible{first}.Corrupt(t, spoiled.ID)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}

	second := open(t, path, archivetest.WeekTime)
	got, err := second.User(t.Context(), long.ID)
	if err != nil {
		t.Fatal(err)
	}
	if want := (archive.Lease{Holder: "killed", Until: settled}); !got.Lease.Until.Equal(want.Until) || got.Lease.Holder != want.Holder {
		t.Errorf("long lease: got %+v, want %+v", got.Lease, want)
	}
	if _, err := second.Put(t.Context(), long); !errors.Is(err, archive.ErrConflict) {
		t.Errorf("Put by the former holder: got error %v, want %v", err, archive.ErrConflict)
	}
	if got, err := second.User(t.Context(), short.ID); err != nil || got.Revision != short.Revision {
		t.Errorf("short lease: got revision %s (error %v), want it unchanged: %s", got.Revision, err, short.Revision)
	}
	if _, err := second.User(t.Context(), spoiled.ID); !errors.Is(err, archive.ErrMalformed) {
		t.Errorf("spoiled document: got error %v, want %v", err, archive.ErrMalformed)
	}
}

// What a deleted user left must not be readable in any file, whether it was
// deleted, overwritten or logged.
func TestDeleteLeavesNoTrace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store := open(t, filepath.Join(dir, "weekly.db"), archivetest.WeekTime)
	stays := archivetest.MustPut(t, store, archivetest.NewUser(t, "stays"))

	// Long values overflow the pages of the tables.
	user := archivetest.FullUser(t, "traceable")
	user.Grant.Sealed.Ciphertext = bytes.Repeat([]byte("traceable"), 2000)
	for i := range 20 {
		entry := archivetest.NewEntry(i+1, archivetest.WeekTime())
		entry.Key.Source = "traceable"
		pending := archivetest.NewPending("traceable-"+strings.Repeat("x", i*100), archivetest.WeekTime())
		var seen archive.Seen
		seen.Add(archivetest.Tracks(i*100, 100)...)
		user = archivetest.MustCommit(t, store, user, archive.Changes{
			Entry: &entry, Seen: &seen, AddPending: []archive.Pending{pending},
		})
	}
	user.Grant.Sealed.Ciphertext = []byte("short")
	user = archivetest.MustPut(t, store, user)
	if _, err := store.AddRefusal(t.Context(), archive.Run{Kind: archive.RunWeekly, At: archivetest.WeekTime()}, user.ID); err != nil {
		t.Fatal(err)
	}
	traces := []string{"traceable", "dHJhY2VhYmxl", string(user.ID), "mainFixture00000000000", "track00000000000000501"}
	if found := search(t, dir, traces...); len(found) < 4 {
		t.Fatalf("before the delete: found only %v, so the search proves nothing", found)
	}

	if err := store.Delete(t.Context(), user.ID); err != nil {
		t.Fatal(err)
	}
	if found := search(t, dir, traces...); len(found) > 0 {
		t.Errorf("after the delete: found %v", found)
	}
	if found := search(t, dir, string(stays.ID)); len(found) == 0 {
		t.Error("the other user is gone too")
	}
}

// search returns those of the texts that are in a file of dir.
func search(t *testing.T, dir string, texts ...string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var content []byte
	for _, e := range entries {
		part, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		content = append(content, part...)
	}
	var found []string
	for _, text := range texts {
		if bytes.Contains(content, []byte(text)) {
			found = append(found, text)
		}
	}
	return found
}

func TestOldEntriesEnd(t *testing.T) {
	t.Parallel()
	now := archivetest.WeekTime()
	store := open(t, filepath.Join(t.TempDir(), "weekly.db"), func() time.Time { return now })
	old, fresh := archivetest.NewEntry(1, now), archivetest.NewEntry(2, now.Add(time.Hour))
	user := archivetest.MustCommit(t, store, archivetest.NewUser(t, "ada"), archive.Changes{Entry: &old})
	user = archivetest.MustCommit(t, store, user, archive.Changes{Entry: &fresh})

	now = now.Add(archive.EntryLife + time.Minute)
	got, err := store.Entries(t.Context(), user.ID, 10)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, []archive.Entry{fresh}); diff != "" {
		t.Errorf("got -, want +:\n%s", diff)
	}
	next := archivetest.NewEntry(3, now)
	archivetest.MustCommit(t, store, user, archive.Changes{Entry: &next})
	var rows int
	if err := store.db.QueryRowContext(t.Context(), "SELECT count(*) FROM entries").Scan(&rows); err != nil {
		t.Fatal(err)
	}
	if rows != 2 {
		t.Errorf("got %d stored entries, want 2: the old one is dropped by the next commit", rows)
	}
}

func TestOldRunsEndButTheNewest(t *testing.T) {
	t.Parallel()
	store := openEmpty(t)
	run := func(kind archive.RunKind, days int) archive.Run {
		return archive.Run{Kind: kind, At: archivetest.WeekTime().AddDate(0, 0, days)}
	}
	for _, r := range []archive.Run{run(archive.RunWeekly, 0), run(archive.RunCatchUp, 0), run(archive.RunCatchUp, 100)} {
		if err := store.AddRun(t.Context(), r, 1); err != nil {
			t.Fatal(err)
		}
	}
	var rows int
	if err := store.db.QueryRowContext(t.Context(), "SELECT count(*) FROM runs").Scan(&rows); err != nil {
		t.Fatal(err)
	}
	if rows != 2 {
		t.Errorf("got %d runs, want the newest of each of the 2 kinds", rows)
	}
	if got, err := store.LastRun(t.Context(), archive.RunWeekly); err != nil || !got.Equal(archivetest.WeekTime()) {
		t.Errorf("got last weekly run %s (error %v), want %s", got, err, archivetest.WeekTime())
	}
}

func TestListCountsBadDocuments(t *testing.T) {
	t.Parallel()
	store := openEmpty(t)
	archivetest.MustPut(t, store, archivetest.NewUser(t, "ada"))
	spoiled := archivetest.MustPut(t, store, archivetest.NewUser(t, "bob"))
	corruptible{store}.Corrupt(t, spoiled.ID)
	users, bad, err := store.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(users) != 1 || bad != 1 {
		t.Errorf("got %d users and %d bad documents, want 1 and 1", len(users), bad)
	}
}
