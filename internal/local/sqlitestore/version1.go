package sqlitestore

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// tables1 is the first released form of the file.
const tables1 = `CREATE TABLE users (
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
	CREATE INDEX refusals_by_user ON refusals (user_id);`

// How long entries and runs were kept, in microseconds. Refusals are not
// taken over: they counted for hours.
const (
	entryLife1 = int64(2 * 365 * 24 * time.Hour / time.Microsecond)
	runLife1   = int64(4 * 24 * time.Hour / time.Microsecond)
)

// toDocuments makes documents of version 1's rows. Bodies stay as they were,
// also those that nobody can read: package records knows their form, which is
// its first.
func toDocuments(ctx context.Context, tx *sql.Tx) error {
	for _, step := range []func(ctx context.Context, tx *sql.Tx) error{
		statements(documentTables),
		usersToDocuments,
		seenToDocuments,
		pendingToDocuments,
		appToDocument,
		statements(`DROP TABLE users; DROP TABLE entries; DROP TABLE seen; DROP TABLE pending;
			DROP TABLE app; DROP TABLE runs; DROP TABLE refusals;`),
	} {
		if err := step(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

func usersToDocuments(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO documents (collection, id, revision, body) SELECT 'users', id, revision, document FROM users;
		INSERT INTO documents (collection, id, revision, body, expires)
			SELECT 'users/' || user_id || '/entries', key, lower(hex(randomblob(13))), document, done_at + ?1 FROM entries;
		INSERT INTO documents (collection, id, revision, body, expires)
			SELECT 'runs/' || name || '/pages', 'all', lower(hex(randomblob(13))), json_object('users', users), at + ?2 FROM runs`,
		entryLife1, runLife1)
	return err
}

func seenToDocuments(ctx context.Context, tx *sql.Tx) error {
	type row struct {
		user       string
		ids, isrcs []byte
	}
	rows, err := query(ctx, tx, "SELECT user_id, ids, isrcs FROM seen", func(r *row) []any { return []any{&r.user, &r.ids, &r.isrcs} })
	if err != nil {
		return err
	}
	for _, r := range rows {
		body := map[string][]byte{"ids": r.ids, "isrcs": r.isrcs}
		if err := insert(ctx, tx, "users/"+r.user+"/seen", "index", body); err != nil {
			return err
		}
	}
	return nil
}

// pendingToDocuments names batches as package records does, by a hash.
func pendingToDocuments(ctx context.Context, tx *sql.Tx) error {
	type row struct{ user, id, document string }
	rows, err := query(ctx, tx, "SELECT user_id, id, document FROM pending", func(r *row) []any { return []any{&r.user, &r.id, &r.document} })
	if err != nil {
		return err
	}
	for _, r := range rows {
		sum := sha256.Sum256([]byte(r.id))
		id := hex.EncodeToString(sum[:16])
		if err := insert(ctx, tx, "users/"+r.user+"/pending", id, json.RawMessage(r.document)); err != nil {
			return err
		}
	}
	return nil
}

// appToDocument puts the app's rows and the newest run of each kind into one
// document.
func appToDocument(ctx context.Context, tx *sql.Tx) error {
	type row struct {
		name     string
		at       int64
		document string
	}
	columns := func(r *row) []any { return []any{&r.name, &r.at, &r.document} }
	app, err := query(ctx, tx, "SELECT name, at, document FROM app", columns)
	if err != nil {
		return err
	}
	runs, err := query(ctx, tx, "SELECT kind, max(at), '' FROM runs GROUP BY kind", columns)
	if err != nil || len(app)+len(runs) == 0 {
		return err
	}
	body := map[string]any{}
	for _, r := range app {
		switch {
		case r.name == "pause" && json.Valid([]byte(r.document)):
			body["pause"] = json.RawMessage(r.document)
		case r.name == "wave":
			body["last_wave"] = time.UnixMicro(r.at).UTC()
		}
	}
	last := map[string]time.Time{}
	for _, r := range runs {
		last[r.name] = time.UnixMicro(r.at).UTC().Truncate(time.Second)
	}
	body["last_runs"] = last
	return insert(ctx, tx, "app", "spotify", body)
}

func insert(ctx context.Context, tx *sql.Tx, collection, id string, value any) error {
	body, err := json.Marshal(value)
	if raw, ok := value.(json.RawMessage); ok {
		body, err = raw, nil // as it is, readable or not
	}
	if err != nil {
		return fmt.Errorf("encoding %s/%s: %w", collection, id, err)
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO documents (collection, id, revision, body) VALUES (?, ?, ?, ?)",
		collection, id, rand.Text(), string(body))
	return err
}

// query scans every row into an R.
func query[R any](ctx context.Context, tx *sql.Tx, statement string, columns func(*R) []any) (list []R, err error) {
	rows, err := tx.QueryContext(ctx, statement)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var r R
		if err := rows.Scan(columns(&r)...); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}
