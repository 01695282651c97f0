package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
)

// Copy writes what a database holds at one moment into a file that is not
// there, also while another process writes to it
// (https://www.sqlite.org/lang_vacuum.html#vacuuminto). Nothing that was
// deleted before is in the copy.
func Copy(ctx context.Context, from, to string) error {
	return alone(from, func(db *sql.DB) error {
		if err := private(to); err != nil { // an empty file is as good as none
			return err
		}
		_, err := db.ExecContext(ctx, "VACUUM INTO ?", to)
		return err
	})
}

// Check reads all of a database and says whether it is whole.
func Check(ctx context.Context, path string) error {
	return alone(path, func(db *sql.DB) error {
		var verdict string
		if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
			return err
		}
		if verdict != "ok" {
			return errors.New("the database is damaged; put back a copy of it")
		}
		return nil
	})
}

// alone opens a database as it is, for one thing.
func alone(path string, do func(*sql.DB) error) (err error) {
	if path, err = filepath.Abs(path); err != nil {
		return fmt.Errorf("opening database: %w", err)
	}
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		return fmt.Errorf("opening database %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	if err := do(db); err != nil {
		return fmt.Errorf("reading database %s: %w", path, explain(err))
	}
	return nil
}
