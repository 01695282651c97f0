// Package sqlitestore keeps documents in one SQLite file, for a program that is
// alone on its machine.
package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
)

var _ document.Store = (*Store)(nil)

const fileMode = 0o600

// settings hold for every connection. FULL survives a loss of power; with
// secure_delete, what was deleted or overwritten is zeroed in the file
// (https://www.sqlite.org/pragma.html).
var settings = url.Values{
	"_txlock": {"immediate"},
	"_pragma": {"busy_timeout(10000)", "synchronous(FULL)", "secure_delete(ON)", "trusted_schema(OFF)"},
}

// Store is an open database.
type Store struct {
	db         *sql.DB
	statements map[string]*sql.Stmt
	clock      func() time.Time
	sweptAt    atomic.Int64 // when expired documents were last looked for, as it is stored
}

// Open opens the database at path, makes it if it is missing, and brings its
// tables up to date. Its directory exists and is this process's alone. A
// database of a newer program is refused and left as it is. The clock tells
// what has expired.
func Open(ctx context.Context, path string, clock func() time.Time) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("opening database %s: %w", path, err)
	}
	if err := private(path); err != nil {
		return nil, fmt.Errorf("opening database: %w", err)
	}
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		return nil, fmt.Errorf("opening database %s: %w", path, err)
	}
	// One connection: there is one process, so nobody has to wait for a lock
	// of the file, and writes are short.
	db.SetMaxOpenConns(1)
	s := &Store{db: db, clock: clock}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("opening database %s: %w", path, explain(err)), db.Close())
	}
	return s, nil
}

func (s *Store) prepare(ctx context.Context) error {
	if err := migrate(ctx, s.db); err != nil {
		return err
	}
	// A process that was killed leaves its log behind, which would grow on.
	if _, err := s.db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		return fmt.Errorf("emptying the write-ahead log: %w", err)
	}
	s.statements = map[string]*sql.Stmt{}
	for _, statement := range prepared() {
		var err error
		if s.statements[statement], err = s.db.PrepareContext(ctx, statement); err != nil {
			return fmt.Errorf("preparing its statements: %w", err)
		}
	}
	return nil
}

// Close writes everything into the one file and closes it: SQLite empties the
// write-ahead log with the last connection.
func (s *Store) Close() error {
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("closing database: %w", err)
	}
	return nil
}

// Missing reports whether there is no database at a path: no file, or an empty
// one, which holds as little.
func Missing(path string) bool {
	info, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode().IsRegular() && info.Size() == 0
}

// private makes the file before SQLite does, readable by its owner alone. The
// files that SQLite adds take its mode.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, fileMode)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(fileMode), f.Close())
}

func dsn(path string) string {
	return (&url.URL{Scheme: "file", Path: path, RawQuery: settings.Encode()}).String()
}

// explain puts SQLite's words for a file that is none of ours, and for a disk
// that takes nothing, into plain ones.
func explain(err error) error {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_NOTADB:
			return errors.New("the file is not a database; it was left as it is")
		case sqlite3.SQLITE_CORRUPT:
			return errors.New("the database is damaged; put back a copy of it")
		case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR:
			return fmt.Errorf("the disk is full, or fails: %w", err)
		case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
			return fmt.Errorf("this user may not write the file, or its directory: %w", err)
		}
	}
	return err
}

// transact runs f in a transaction. An error of f undoes everything.
func transact(ctx context.Context, db *sql.DB, f func(tx *sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}
