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
// Version 1 had a table per thing that is stored. A new file gets it, too, and
// goes on from there like every other.
var migrations = []func(ctx context.Context, tx *sql.Tx) error{
	statements(tables1),
	toDocuments,
	statements(tables3),
}

// documentTables are those of version 2.
const documentTables = `
	CREATE TABLE documents (
		collection TEXT NOT NULL,
		id         TEXT NOT NULL,
		revision   TEXT NOT NULL,
		body       TEXT NOT NULL,
		bytes      BLOB,
		expires    INTEGER,
		PRIMARY KEY (collection, id)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX documents_by_collection_and_expiry ON documents (collection, expires, id) WHERE expires IS NOT NULL;
	CREATE INDEX documents_by_expiry ON documents (expires) WHERE expires IS NOT NULL;
	CREATE TABLE labels (
		collection TEXT NOT NULL,
		name       TEXT NOT NULL,
		value      TEXT NOT NULL,
		id         TEXT NOT NULL,
		PRIMARY KEY (collection, name, value, id)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX labels_by_document ON labels (collection, id);`

// tables3 keeps documents in a table by number: SQLite compares keys in it
// without reading the documents beside them, which are longer than what fits
// into a page of a table that is sorted by its keys
// (https://www.sqlite.org/withoutrowid.html#when_to_use_without_rowid). Labels
// stand with their document, and in a table of their own to be searched.
const tables3 = `
	ALTER TABLE documents RENAME TO documents2;
	CREATE TABLE documents (
		number     INTEGER PRIMARY KEY,
		collection TEXT NOT NULL,
		id         TEXT NOT NULL,
		revision   TEXT NOT NULL,
		body       TEXT NOT NULL,
		bytes      BLOB,
		expires    INTEGER,
		labels     TEXT,
		UNIQUE (collection, id)
	) STRICT;
	INSERT INTO documents (collection, id, revision, body, bytes, expires, labels)
		SELECT collection, id, revision, body, bytes, expires, (SELECT nullif(json_group_object(name, value), '{}')
			FROM labels WHERE collection = documents2.collection AND id = documents2.id)
		FROM documents2 ORDER BY collection, id;
	DROP TABLE documents2;
	CREATE INDEX documents_by_collection_and_expiry ON documents (collection, expires, id) WHERE expires IS NOT NULL;
	CREATE INDEX documents_by_expiry ON documents (expires) WHERE expires IS NOT NULL;`

func statements(all string) func(ctx context.Context, tx *sql.Tx) error {
	return func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, all)
		return err
	}
}

// migrate reads the version before it changes anything. All steps happen in
// one transaction: a file is of one version or the other.
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
	if version == len(migrations) {
		return nil
	}
	err := transact(ctx, db, func(tx *sql.Tx) error {
		for _, step := range migrations[version:] {
			if err := step(ctx, tx); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", len(migrations)))
		return err
	})
	if err != nil {
		return fmt.Errorf("changing version %d into %d: %w", version, len(migrations), err)
	}
	return nil
}
