package sqlitestore_test

import (
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/local/sqlitestore"
)

// The write-ahead log that a killed process left is empty once the database is
// open, and gone once it is closed.
func TestWriteAheadLogIsEmptied(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db")
	s, err := sqlitestore.Open(t.Context(), path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	leaveLog(t, path)

	if s, err = sqlitestore.Open(t.Context(), path, time.Now); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > 0 {
		t.Errorf("after opening: the log has %d bytes, want none", info.Size())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after closing: got %v for the log, want it gone", err)
	}
}

// leaveLog leaves the database as a process does that is killed after a write.
func leaveLog(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE left_behind (x TEXT)"); err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(path + "-wal")
	if err != nil || len(log) == 0 {
		t.Fatalf("got a log of %d bytes, %v: there is nothing to leave", len(log), err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+"-wal", log, 0o600); err != nil {
		t.Fatal(err)
	}
}
