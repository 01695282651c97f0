package backup_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/local/backup"
	"github.com/weeklyarchive/weeklyarchive/internal/local/datadir"
	"github.com/weeklyarchive/weeklyarchive/internal/local/keyseal"
	"github.com/weeklyarchive/weeklyarchive/internal/local/sqlitestore"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
)

const (
	database = "db"
	key      = "key"
	day      = 24 * time.Hour
)

// machine is a data directory and a clock that the test moves.
type machine struct {
	dir     string
	now     time.Time
	backups *backup.Backups
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{dir: t.TempDir(), now: archivetest.WeekTime()}
	m.backups = backup.New(backup.Config{Data: m.dir, Database: database, Key: key, Clock: func() time.Time {
		m.now = m.now.Add(time.Millisecond)
		return m.now
	}})
	return m
}

// open opens the store as the service does; the test ends it.
func (m *machine) open(t *testing.T) (store *backup.Store, shut func()) {
	t.Helper()
	if _, err := keyseal.Open(filepath.Join(m.dir, key)); err != nil {
		t.Fatal(err)
	}
	db, err := sqlitestore.Open(t.Context(), filepath.Join(m.dir, database), func() time.Time { return m.now })
	if err != nil {
		t.Fatal(err)
	}
	return &backup.Store{Store: records.New(db), Backups: m.backups}, func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

func (m *machine) backup(t *testing.T) operate.BackupFile {
	t.Helper()
	file, err := m.backups.Backup(t.Context(), operate.KeepBackups)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// users returns the names of who is stored.
func (m *machine) users(t *testing.T) []string {
	t.Helper()
	store, shut := m.open(t)
	defer shut()
	list, bad, err := store.List(t.Context())
	if err != nil || bad > 0 {
		t.Fatalf("got %d unreadable users, error %v", bad, err)
	}
	var names []string
	for _, u := range list {
		names = append(names, u.DisplayName)
	}
	return names
}

// A copy that is made while the service writes is as of one moment, and comes
// back with its key, without who left since.
func TestRestoreBringsBackWhoStayed(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	store, shut := m.open(t)
	stays := archivetest.MustPut(t, store, archivetest.NewUser(t, "stays"))
	leaves := archivetest.MustPut(t, store, archivetest.NewUser(t, "leaves"))
	file := m.backup(t) // the store is open
	if err := store.Delete(t.Context(), leaves.ID); err != nil {
		t.Fatal(err)
	}
	archivetest.MustPut(t, store, archivetest.NewUser(t, "came later"))
	shut()

	restored, err := m.backups.Restore(t.Context(), file.Path)
	if err != nil {
		t.Fatal(err)
	}
	if restored.Users != 1 || restored.Deleted != 1 || restored.Before == nil {
		t.Errorf("got %+v, want 1 user, 1 deleted again, and a copy of what was there", restored)
	}
	if got := m.users(t); len(got) != 1 || got[0] != stays.DisplayName {
		t.Errorf("got users %q, want %q", got, stays.DisplayName)
	}
	m.holdsNothingOf(t, database, leaves)
	if _, err := m.backups.Restore(t.Context(), restored.Before.Path); err != nil {
		t.Errorf("undoing the restore: %v", err)
	}
}

// holdsNothingOf looks into the bytes of the database's files.
func (m *machine) holdsNothingOf(t *testing.T, prefix string, u archive.User) {
	t.Helper()
	entries, err := os.ReadDir(m.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.IsDir() || !strings.HasPrefix(entry.Name(), prefix) {
			continue
		}
		content, err := os.ReadFile(filepath.Join(m.dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte(u.ID)) {
			t.Errorf("%s still names %s", entry.Name(), u.ID)
		}
	}
}

func TestRestoreWantsTheServiceStopped(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	_, shut := m.open(t)
	shut()
	file := m.backup(t)
	lock, err := datadir.Open(m.dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.backups.Restore(t.Context(), file.Path); !errors.Is(err, operate.ErrRunning) {
		t.Errorf("got error %v, want %v", err, operate.ErrRunning)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := m.backups.Restore(t.Context(), file.Path); err != nil {
		t.Errorf("stopped: %v", err)
	}
}

func TestRestoreOntoAnotherMachine(t *testing.T) {
	t.Parallel()
	old := newMachine(t)
	store, shut := old.open(t)
	archivetest.MustPut(t, store, archivetest.NewUser(t, "stays"))
	leaves := archivetest.MustPut(t, store, archivetest.NewUser(t, "leaves"))
	file := old.backup(t)
	if err := store.Delete(t.Context(), leaves.ID); err != nil {
		t.Fatal(err)
	}
	shut()

	fresh := newMachine(t)
	restored, err := fresh.backups.Restore(t.Context(), file.Path)
	if err != nil {
		t.Fatal(err)
	}
	if got := fresh.users(t); restored.Before != nil || restored.Deleted != 1 || len(got) != 1 {
		t.Errorf("got %+v with users %q, want who stayed", restored, got)
	}
	if got, want := keyVersion(t, fresh.dir), keyVersion(t, old.dir); got != want {
		t.Errorf("got key %s, want %s", got, want)
	}
}

func keyVersion(t *testing.T, dir string) string {
	t.Helper()
	k, err := keyseal.Open(filepath.Join(dir, key))
	if err != nil {
		t.Fatal(err)
	}
	return k.Version()
}

func TestRestoreOfADamagedDatabase(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	store, shut := m.open(t)
	archivetest.MustPut(t, store, archivetest.NewUser(t, "stays"))
	shut()
	file := m.backup(t)
	if err := os.WriteFile(filepath.Join(m.dir, database), []byte("no database any more"), 0o600); err != nil {
		t.Fatal(err)
	}
	restored, err := m.backups.Restore(t.Context(), file.Path)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.users(t); len(got) != 1 || restored.Before == nil {
		t.Errorf("got users %q and %+v, want one user, and the damaged file kept", got, restored)
	}
	m.now = m.now.Add(5 * day)
	if err := m.backups.Prune(operate.KeepBackups); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(restored.Before.Path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("five days later: got %v for the damaged file, want it gone", err)
	}
}

func TestRestoreRefusesWhatIsNoBackup(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(good []byte) []byte{
		"empty":    func([]byte) []byte { return nil },
		"text":     func([]byte) []byte { return []byte("hello") },
		"cut_off":  func(good []byte) []byte { return good[:len(good)*2/3] },
		"one_byte": func(good []byte) []byte { return good[:1] },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			store, shut := m.open(t)
			archivetest.MustPut(t, store, archivetest.NewUser(t, "stays"))
			shut()
			content, err := os.ReadFile(m.backup(t).Path)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "spoilt.tar.gz")
			if err := os.WriteFile(path, spoil(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := m.backups.Restore(t.Context(), path); !errors.Is(err, backup.ErrNoBackup) {
				t.Errorf("got error %v, want %v", err, backup.ErrNoBackup)
			}
			if got := m.users(t); len(got) != 1 {
				t.Errorf("got users %q, want what was there", got)
			}
			if left, err := filepath.Glob(filepath.Join(m.dir, "backups", "*.part")); err != nil || len(left) > 0 {
				t.Errorf("got %q left behind, error %v", left, err)
			}
		})
	}
	m := newMachine(t)
	if _, err := m.backups.Restore(t.Context(), filepath.Join(m.dir, "absent")); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("absent: got error %v, want %v", err, fault.ErrNotFound)
	}
}

// A bit that flipped anywhere behind the head is noticed, also where it makes
// another database that is whole.
func TestRestoreNoticesAFlippedBit(t *testing.T) {
	t.Parallel()
	const head, tries = 10, 60 // gzip's head holds nothing of ours
	m := newMachine(t)
	store, shut := m.open(t)
	archivetest.MustPut(t, store, archivetest.NewUser(t, "stays"))
	shut()
	good, err := os.ReadFile(m.backup(t).Path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := inflate(good)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "spoilt.tar.gz")
	at := []int{len(good) - 8, len(good) - 5, len(good) - 1} // the checksum and the length
	for i := head; i < len(good); i += len(good) / tries {
		at = append(at, i)
	}
	for _, i := range at {
		spoilt := bytes.Clone(good)
		spoilt[i] ^= 1
		if got, err := inflate(spoilt); err == nil && bytes.Equal(got, want) {
			continue // one run of zeros may be copied from another
		}
		if err := os.WriteFile(path, spoilt, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := m.backups.Restore(t.Context(), path); err == nil {
			t.Errorf("byte %d of %d: got no error", i, len(good))
		}
	}
}

func inflate(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func TestCopiesGoAfterFourDays(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	store, shut := m.open(t)
	defer shut()
	leaves := archivetest.MustPut(t, store, archivetest.NewUser(t, "leaves"))
	first := m.backup(t)
	if err := store.Delete(t.Context(), leaves.ID); err != nil {
		t.Fatal(err)
	}
	orphan := filepath.Join(m.dir, "backups", "weekly-archive-"+m.now.Format("20060102T150405.000Z")+".db.part")
	if err := os.WriteFile(orphan, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	m.now = m.now.Add(3 * day)
	second := m.backup(t)
	files, err := m.backups.List(t.Context())
	if err != nil || len(files) != 2 || files[0].Path != second.Path || files[1].KeyVersion != keyVersion(t, m.dir) {
		t.Fatalf("after three days: got %+v, error %v, want both, the newest first", files, err)
	}
	m.now = m.now.Add(day + time.Hour)
	m.backup(t)
	for _, path := range []string{first.Path, orphan} {
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("after four days: got %v for %s, want it gone", err, filepath.Base(path))
		}
	}
	if text := m.notes(t); !strings.Contains(text, string(leaves.ID)) {
		t.Error("the deletion was forgotten while there may be a copy from before")
	}
	m.now = m.now.Add(2 * day)
	m.backup(t)
	if text := m.notes(t); strings.Contains(text, string(leaves.ID)) {
		t.Error("the deletion is still noted after every copy from before is gone")
	}
}

// Somebody who is deleted while old notes are forgotten is noted all the same.
func TestNoNoteIsLostToForgetting(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	store, shut := m.open(t)
	defer shut()
	m.backup(t)
	for range 40 {
		old := archivetest.NewUser(t, "old").ID
		if err := store.Delete(t.Context(), old); err != nil {
			t.Fatal(err)
		}
		m.now = m.now.Add(6 * day)
		now := m.now
		backups := backup.New(backup.Config{Data: m.dir, Database: database, Key: key, Clock: func() time.Time { return now }})
		leaver := archivetest.NewUser(t, "leaver").ID
		deleted := make(chan error, 1)
		go func() {
			deleted <- (&backup.Store{Store: store.Store, Backups: backups}).Delete(context.WithoutCancel(t.Context()), leaver)
		}()
		if err := errors.Join(backups.Prune(operate.KeepBackups), <-deleted); err != nil {
			t.Fatal(err)
		}
		if text := m.notes(t); !strings.Contains(text, string(leaver)) {
			t.Fatalf("got notes %q, want %s in them", text, leaver)
		}
	}
}

// The notes of a program before this are read, and go with their time.
func TestNotesOfBeforeAreRead(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	store, shut := m.open(t)
	leaves := archivetest.MustPut(t, store, archivetest.NewUser(t, "leaves"))
	file := m.backup(t)
	shut()
	line := fmt.Sprintf("{\"user\":%q,\"at\":%q}\n", leaves.ID, m.now.Add(time.Second).Format(time.RFC3339Nano))
	notes := filepath.Join(m.dir, "backups", "deletions")
	if err := os.WriteFile(notes, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	if restored, err := m.backups.Restore(t.Context(), file.Path); err != nil || restored.Deleted != 1 {
		t.Errorf("got %+v, error %v, want one deleted again", restored, err)
	}
	m.now = m.now.Add(6 * day)
	m.backup(t)
	if _, err := os.Stat(notes); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after six days: got %v, want the notes gone", err)
	}
}

func (m *machine) notes(t *testing.T) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(m.dir, "backups", "deletions*"))
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	return string(all)
}

func TestBackupsAreForTheirOwnerAlone(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		archivetest.Lacks(t, "Windows has no such modes")
	}
	m := newMachine(t)
	store, shut := m.open(t)
	defer shut()
	file := m.backup(t)
	if err := store.Delete(t.Context(), archivetest.NewUser(t, "a").ID); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{
		filepath.Dir(file.Path): 0o700, file.Path: 0o600, filepath.Join(m.dir, "backups", "deletions-"+m.now.Format("20060102")): 0o600,
	} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s: got mode %o, want %o", path, got, want)
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// A disk that is full is no fault of the copy.
func TestFullDiskIsNoFaultOfTheCopy(t *testing.T) {
	t.Parallel()
	if err := backup.Fill(fullDisk{}, strings.NewReader("whole")); !errors.Is(err, syscall.ENOSPC) || errors.Is(err, backup.ErrNoBackup) {
		t.Errorf("got error %v, want that the disk is full alone", err)
	}
	if err := backup.Fill(io.Discard, iotest.ErrReader(io.ErrUnexpectedEOF)); !errors.Is(err, backup.ErrNoBackup) {
		t.Errorf("cut off: got error %v, want %v", err, backup.ErrNoBackup)
	}
	if err := backup.Fill(io.Discard, strings.NewReader("whole")); err != nil {
		t.Errorf("whole: got error %v", err)
	}
}

// One damaged copy hides no other, and is named.
func TestDamagedCopyIsNamedBesideTheOthers(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	_, shut := m.open(t)
	shut()
	damaged := m.backup(t).Path
	whole := m.backup(t).Path
	if err := os.Truncate(damaged, 20); err != nil {
		t.Fatal(err)
	}
	files, err := m.backups.List(t.Context())
	if len(files) != 1 || files[0].Path != whole || err == nil || !strings.Contains(err.Error(), damaged) {
		t.Errorf("got %+v and error %v, want the whole copy, and the damaged one named", files, err)
	}
}

func TestNothingIsCopiedWhereNothingIs(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	if _, err := m.backups.Backup(t.Context(), operate.KeepBackups); err == nil {
		t.Error("got no error for an empty directory")
	}
	if _, err := os.Stat(filepath.Join(m.dir, key)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v for the key, want that none was made", err)
	}
}

// A note that cannot be written keeps the user: a copy from before would bring
// them back.
func TestDeletionThatCannotBeNotedIsAnError(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	store, shut := m.open(t)
	defer shut()
	user := archivetest.MustPut(t, store, archivetest.NewUser(t, "a"))
	if err := os.WriteFile(filepath.Join(m.dir, "backups"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := store.Delete(context.WithoutCancel(t.Context()), user.ID); err == nil {
		t.Error("got no error")
	}
	if _, err := store.User(t.Context(), user.ID); err != nil {
		t.Errorf("got %v, want the user to be there", err)
	}
}

// A command that root runs beside the service of another user leaves nothing
// that the service cannot write: what it makes belongs to whom the directory
// belongs. Whoever is not root sees their own files.
func TestCopiesBelongToWhomTheDirectoryBelongs(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	store, shut := m.open(t)
	user := archivetest.MustPut(t, store, archivetest.NewUser(t, "a"))
	if os.Geteuid() == 0 {
		const nobody = 65534
		for _, path := range []string{m.dir, filepath.Join(m.dir, database), filepath.Join(m.dir, key)} {
			if err := os.Chown(path, nobody, nobody); err != nil {
				t.Fatal(err)
			}
		}
	}
	m.backup(t)
	m.now = m.now.Add(6 * day)
	file := m.backup(t)
	if err := store.Delete(t.Context(), user.ID); err != nil {
		t.Fatal(err)
	}
	shut()
	if _, err := m.backups.Restore(t.Context(), file.Path); err != nil {
		t.Fatal(err)
	}
	of, err := os.Stat(m.dir)
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	err = filepath.WalkDir(m.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && !datadir.SameOwner(info, of) {
			t.Errorf("%s belongs to another user than the directory", path)
		}
		looked++
		return err
	})
	if err != nil || looked < 7 {
		t.Errorf("looked at %d files, error %v; want the lock, the database, the key, copies and notes", looked, err)
	}
}

// Whoever was told that they are leaving stays away, though the process ended
// before it could note their deletion.
func TestRestoreKeepsAwayWhoIsLeaving(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	store, shut := m.open(t)
	stays := archivetest.MustPut(t, store, archivetest.NewUser(t, "stays"))
	leaves := archivetest.MustPut(t, store, archivetest.NewUser(t, "leaves"))
	file := m.backup(t)
	leaves.Status = archive.StatusLeaving
	archivetest.MustPut(t, store, leaves)
	shut()
	restored, err := m.backups.Restore(t.Context(), file.Path)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.users(t); len(got) != 1 || got[0] != stays.DisplayName || restored.Deleted != 1 {
		t.Errorf("got users %q and %d deleted, want %q and 1", got, restored.Deleted, stays.DisplayName)
	}
}
