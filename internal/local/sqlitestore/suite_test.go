package sqlitestore

import (
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
)

func TestLedger(t *testing.T) {
	t.Parallel()
	archivetest.Ledger(t, func(t *testing.T) archive.Ledger { return corruptible{openEmpty(t)} })
}

func TestDueUsers(t *testing.T) {
	t.Parallel()
	archivetest.DueUsers(t, func(t *testing.T) archivetest.DueStore { return corruptible{openEmpty(t)} })
}

func TestApp(t *testing.T) {
	t.Parallel()
	archivetest.App(t, func(t *testing.T) archive.App { return openEmpty(t) })
}

func TestKilledWriter(t *testing.T) {
	t.Parallel()
	archivetest.KilledWriter(t, filepath.Join(t.TempDir(), "weekly.db"), func(t *testing.T, path string) (archive.Ledger, func()) {
		s := open(t, path, archivetest.WeekTime)
		return s, func() { _ = s.Close() }
	})
}

// corruptible is a store that a suite can spoil.
type corruptible struct{ *Store }

var _ archivetest.Corrupter = corruptible{}

func (s corruptible) Corrupt(tb testing.TB, id archive.UserID) {
	tb.Helper()
	_, err := s.db.ExecContext(tb.Context(), "UPDATE users SET document = substr(document, 1, 40) WHERE id = ?", id)
	if err != nil {
		tb.Fatalf("spoiling user %s: %v", id, err)
	}
}

func openEmpty(t *testing.T) *Store {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "weekly.db"), archivetest.WeekTime)
}

func open(t *testing.T, path string, clock archive.Clock) *Store {
	t.Helper()
	s, err := Open(t.Context(), Config{Path: path, Clock: clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}
