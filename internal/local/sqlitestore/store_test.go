package sqlitestore

import (
	"bytes"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
)

func TestFilesAreTheOwnersAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "weekly.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	archivetest.MustPut(t, records.New(open(t, path, archivetest.WeekTime)), archivetest.NewUser(t, "ada"))
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
	want := archivetest.MustPut(t, records.New(first), archivetest.NewUser(t, "ada"))
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := records.New(open(t, path, archivetest.WeekTime)).User(t.Context(), want.ID)
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
			_, err = Open(t.Context(), path, archivetest.WeekTime)
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

// What a deleted user left must not be readable in any file, whether it was
// deleted, overwritten or logged.
func TestDeleteLeavesNoTrace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store := records.New(open(t, filepath.Join(dir, "weekly.db"), archivetest.WeekTime))
	stays := archivetest.MustPut(t, store, archivetest.NewUser(t, "stays"))

	// Long values overflow the pages of the tables.
	user := archivetest.FullUser(t, "traceable")
	user.Grant.Sealed.Ciphertext = bytes.Repeat([]byte("traceable"), 2000)
	for i := range 20 {
		entry := archivetest.NewEntry(i+1, archivetest.WeekTime())
		entry.Key.Source = "traceable"
		pending := archivetest.NewPending("traceable-"+strings.Repeat("x", i*100), archivetest.WeekTime())
		var seen ledger.Seen
		seen.Add(archivetest.Tracks(i*100, 100)...)
		user = archivetest.MustCommit(t, store, user, archive.Changes{
			Entry: &entry, Seen: &seen, AddPending: []ledger.Batch{pending},
		})
	}
	user.Grant.Sealed.Ciphertext = []byte("short")
	user = archivetest.MustPut(t, store, user)
	if _, err := store.AddRefusal(t.Context(), app.Run{Kind: app.RunWeekly, At: archivetest.WeekTime()}, user.ID); err != nil {
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

// What has expired is not only hidden: the next commit removes it.
func TestCommitRemovesWhatHasExpired(t *testing.T) {
	t.Parallel()
	now := archivetest.WeekTime()
	store := open(t, filepath.Join(t.TempDir(), "weekly.db"), func() time.Time { return now })
	count := func(table string) (rows int) {
		t.Helper()
		if err := store.db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&rows); err != nil {
			t.Fatal(err)
		}
		return rows
	}
	write := func(key string, expires time.Time) {
		t.Helper()
		_, err := store.Commit(t.Context(), document.Write{Document: document.Document{
			Key: key, Body: []byte(`{"v":1}`), Labels: map[string]string{"kind": "x"}, Expires: expires,
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	write("things/soon", now.Add(time.Hour))
	write("things/later", now.Add(48*time.Hour))
	write("things/never", time.Time{})
	now = now.Add(2 * time.Hour)
	write("things/next", time.Time{})
	for table, want := range map[string]int{"documents": 3, "labels": 3} {
		if got := count(table); got != want {
			t.Errorf("%s: got %d rows, want %d", table, got, want)
		}
	}
	// Before it is looked for again, its place is free.
	write("things/at_once", now.Add(time.Second))
	now = now.Add(2 * time.Second)
	write("things/at_once", time.Time{})
	if got, want := count("labels"), 4; got != want {
		t.Errorf("labels: got %d rows, want %d", got, want)
	}
}
