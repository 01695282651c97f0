package sqlitestore

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
)

func TestDocuments(t *testing.T) {
	t.Parallel()
	archivetest.DocumentStore(t, func(t *testing.T, clock func() time.Time) document.Store {
		return open(t, filepath.Join(t.TempDir(), "weekly.db"), clock)
	})
}

func TestLedger(t *testing.T) {
	t.Parallel()
	archivetest.Ledger(t, func(t *testing.T) archive.Ledger { return openRecords(t) })
}

func TestDueUsers(t *testing.T) {
	t.Parallel()
	archivetest.DueUsers(t, func(t *testing.T) archivetest.DueStore { return openRecords(t) })
}

func TestApp(t *testing.T) {
	t.Parallel()
	archivetest.App(t, func(t *testing.T) archive.App { return openRecords(t) })
}

func TestKilledWriter(t *testing.T) {
	t.Parallel()
	archivetest.KilledWriter(t, filepath.Join(t.TempDir(), "weekly.db"), func(t *testing.T, path string) (archive.Ledger, func()) {
		s := open(t, path, archivetest.WeekTime)
		return records.New(s), func() { _ = s.Close() }
	})
}

// corruptible are records that a suite can spoil.
type corruptible struct {
	*records.Store
	in *Store
}

var _ archivetest.Corrupter = corruptible{}

func (s corruptible) Corrupt(tb testing.TB, id archive.UserID) {
	tb.Helper()
	_, err := s.in.db.ExecContext(tb.Context(), "UPDATE documents SET body = substr(body, 1, 40) WHERE collection = 'users' AND id = ?", id)
	if err != nil {
		tb.Fatalf("spoiling user %s: %v", id, err)
	}
}

func openRecords(t *testing.T) corruptible {
	t.Helper()
	s := open(t, filepath.Join(t.TempDir(), "weekly.db"), archivetest.WeekTime)
	return corruptible{records.New(s), s}
}

func open(t *testing.T, path string, clock func() time.Time) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}
