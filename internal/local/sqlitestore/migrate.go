package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// ErrNewer says that a newer program has changed the database's tables.
var ErrNewer = errors.New("the database is from a newer version of this program")

// migrations lead from one version of the tables to the next; the file's
// user_version counts those that were made. Times are microseconds since 1970.
var migrations = []string{
	`CREATE TABLE users (
		id       TEXT PRIMARY KEY,
		revision TEXT NOT NULL,
		document TEXT NOT NULL
	) STRICT, WITHOUT ROWID;
	CREATE TABLE entries (
		user_id  TEXT NOT NULL,
		key      TEXT NOT NULL,
		done_at  INTEGER NOT NULL,
		document TEXT NOT NULL,
		PRIMARY KEY (user_id, key)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX entries_by_age ON entries (user_id, done_at);
	CREATE TABLE seen (
		user_id TEXT PRIMARY KEY,
		ids     BLOB NOT NULL,
		isrcs   BLOB NOT NULL
	) STRICT;
	CREATE TABLE pending (
		user_id  TEXT NOT NULL,
		id       TEXT NOT NULL,
		at       INTEGER NOT NULL,
		document TEXT NOT NULL,
		PRIMARY KEY (user_id, id)
	) STRICT, WITHOUT ROWID;
	CREATE TABLE app (
		name     TEXT PRIMARY KEY,
		at       INTEGER NOT NULL,
		document TEXT NOT NULL
	) STRICT, WITHOUT ROWID;
	CREATE TABLE runs (
		name  TEXT PRIMARY KEY,
		kind  TEXT NOT NULL,
		at    INTEGER NOT NULL,
		users INTEGER NOT NULL
	) STRICT, WITHOUT ROWID;
	CREATE INDEX runs_by_age ON runs (kind, at);
	CREATE TABLE refusals (
		run     TEXT NOT NULL,
		user_id TEXT NOT NULL,
		at      INTEGER NOT NULL,
		PRIMARY KEY (run, user_id)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX refusals_by_user ON refusals (user_id);`,
}

// migrate reads the version before it changes anything.
func migrate(ctx context.Context, db *sql.DB) error {
	var version int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return fmt.Errorf("reading its version: %w", err)
	}
	if version > len(migrations) {
		return fmt.Errorf("version %d, want at most %d: %w; it was left as it is", version, len(migrations), ErrNewer)
	}
	var mode string
	if err := db.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode); err != nil {
		return fmt.Errorf("switching to a write-ahead log: %w", err)
	}
	for ; version < len(migrations); version++ {
		if err := step(ctx, db, version); err != nil {
			return fmt.Errorf("changing version %d into %d: %w", version, version+1, err)
		}
	}
	return nil
}

func step(ctx context.Context, db *sql.DB, version int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	for _, statement := range []string{migrations[version], fmt.Sprintf("PRAGMA user_version = %d", version+1)} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}
