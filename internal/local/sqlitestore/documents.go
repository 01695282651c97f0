package sqlitestore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
)

// The statements, prepared once. ?1 is the collection and ?2 the time, or the id.
// Ids are ASCII, so a prefix ends before the byte after it; '0' is the byte after '/'.
const (
	columns = "SELECT collection, id, revision, body, bytes, expires, documents.labels "
	alive   = `(expires IS NULL OR expires >= ?2) `

	selectOne     = columns + "FROM documents WHERE collection = ?1 AND id = ?3 AND " + alive
	selectByID    = columns + "FROM documents WHERE collection = ?1 AND id > ?3 AND id >= ?4 AND id < ?4 || '\x7f' AND " + alive + "ORDER BY id LIMIT ?5"
	selectLatest  = columns + "FROM documents WHERE collection = ?1 AND expires >= ?2 ORDER BY expires DESC, id DESC LIMIT ?3"
	selectByLabel = columns + `FROM labels JOIN documents USING (collection, id) WHERE collection = ?1 AND name = ?3
		AND (value, id) > (?4, ?5) AND value >= ?6 AND (?7 = '' OR value < ?7) AND ` + alive + "ORDER BY value, id LIMIT ?8"

	selectStored  = "SELECT number, CASE WHEN " + alive + "THEN revision ELSE '' END, labels FROM documents WHERE collection = ?1 AND id = ?3"
	selectExpired = "SELECT EXISTS (SELECT 1 FROM documents WHERE expires < ?1)"

	putNew      = "INSERT INTO documents (collection, id, revision, body, bytes, expires, labels) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
	putAgain    = "UPDATE documents SET revision = ?2, body = ?3, bytes = ?4, expires = ?5, labels = ?6 WHERE number = ?1"
	putLabel    = "INSERT INTO labels (collection, id, name, value) VALUES (?1, ?2, ?3, ?4)"
	deleteOne   = "DELETE FROM documents WHERE collection = ?1 AND id = ?2"
	deleteLabel = "DELETE FROM labels WHERE collection = ?1 AND id = ?2"
	deleteOld   = "DELETE FROM documents WHERE expires < ?1"
	deleteOlds  = "DELETE FROM labels WHERE (collection, id) IN (SELECT collection, id FROM documents WHERE expires < ?1)"
	below       = "WHERE collection = ?1 AND id = ?2 OR collection > ?3 || '/' AND collection < ?3 || '0'"
	deleteTree  = "DELETE FROM documents " + below
	deleteTrees = "DELETE FROM labels " + below
)

// prepared are the statements that a Store needs.
func prepared() []string {
	return []string{
		selectOne, selectByID, selectLatest, selectByLabel, selectStored, selectExpired,
		putNew, putAgain, putLabel, deleteOne, deleteLabel, deleteOld, deleteOlds, deleteTree, deleteTrees,
	}
}

// exec runs statements with the same arguments, one after the other.
func (s *Store) exec(ctx context.Context, tx *sql.Tx, args []any, statements ...string) error {
	for _, statement := range statements {
		if _, err := tx.StmtContext(ctx, s.statements[statement]).ExecContext(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

// Get implements document.Store.
func (s *Store) Get(ctx context.Context, key string) (document.Document, error) {
	collection, id := document.Split(key)
	found, err := s.read(ctx, selectOne, collection, s.now(), id)
	switch {
	case err != nil:
		return document.Document{}, fmt.Errorf("reading %s: %w", key, err)
	case len(found) == 0:
		return document.Document{}, fmt.Errorf("reading %s: %w", key, document.ErrNotFound)
	}
	return found[0], nil
}

// List implements document.Store.
func (s *Store) List(ctx context.Context, q document.Query) (found []document.Document, err error) {
	switch {
	case q.LatestFirst:
		found, err = s.read(ctx, selectLatest, q.Collection, s.now(), q.Limit)
	case q.Label != "":
		found, err = s.read(ctx, selectByLabel, q.Collection, s.now(), q.Label, q.After.Value, q.After.ID, q.From, q.Before, q.Limit)
	default:
		found, err = s.read(ctx, selectByID, q.Collection, s.now(), q.After.ID, q.Prefix, q.Limit)
	}
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", q.Collection, err)
	}
	return found, nil
}

// read returns the documents of a query.
func (s *Store) read(ctx context.Context, query string, args ...any) (found []document.Document, err error) {
	rows, err := s.statements[query].QueryContext(ctx, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var d document.Document
		var collection, id, body string
		var expires sql.NullInt64
		var labels sql.NullString
		if err := rows.Scan(&collection, &id, &d.Revision, &body, &d.Bytes, &expires, &labels); err != nil {
			return nil, err
		}
		d.Key, d.Body = collection+"/"+id, json.RawMessage(body)
		if expires.Valid {
			d.Expires = time.UnixMicro(expires.Int64).UTC()
		}
		if labels.Valid {
			if err := json.Unmarshal([]byte(labels.String), &d.Labels); err != nil {
				return nil, err
			}
		}
		found = append(found, d)
	}
	return found, rows.Err()
}

// Commit implements document.Store. It also removes what has expired.
func (s *Store) Commit(ctx context.Context, writes ...document.Write) ([]string, error) {
	revisions := make([]string, len(writes))
	// The transaction ends with ctx. That each of its statements did, too, would
	// cost more than they do.
	inside := context.WithoutCancel(ctx)
	err := transact(ctx, s.db, func(tx *sql.Tx) error {
		if err := s.removeExpired(inside, tx); err != nil {
			return err
		}
		for i, w := range writes {
			if err := w.Check(); err != nil {
				return err
			}
			var err error
			if revisions[i], err = s.write(inside, tx, w); err != nil {
				return fmt.Errorf("writing %s: %w", w.Document.Key, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return revisions, nil
}

// stored is what a write finds under its key. What has expired has no revision;
// where nothing is, there is no number.
type stored struct {
	number   int64
	revision string
	labels   sql.NullString
}

// stored reads as little of a document as a write has to know.
func (s *Store) stored(ctx context.Context, tx *sql.Tx, collection, id string) (found stored, err error) {
	row := tx.StmtContext(ctx, s.statements[selectStored]).QueryRowContext(ctx, collection, s.now(), id)
	err = row.Scan(&found.number, &found.revision, &found.labels)
	if errors.Is(err, sql.ErrNoRows) {
		return stored{}, nil
	}
	return found, err
}

// write returns the new revision. A random one is never used again, also not
// after a deletion. What stays as it is, is not written: most writes of a
// document leave its labels alone, and its place in the table is its own.
func (s *Store) write(ctx context.Context, tx *sql.Tx, w document.Write) (string, error) {
	collection, id := document.Split(w.Document.Key)
	key := []any{collection, id}
	before, err := s.stored(ctx, tx, collection, id)
	switch {
	case err != nil:
		return "", err
	case w.Expect != document.Any && w.Expect != before.revision:
		return "", document.ErrConflict
	case w.Delete:
		return "", s.exec(ctx, tx, key, deleteLabel, deleteOne)
	}
	labels, err := labelText(w.Document.Labels)
	if err != nil {
		return "", err
	}
	if labels != before.labels {
		if err := s.writeLabels(ctx, tx, key, w.Document.Labels); err != nil {
			return "", err
		}
	}
	var expires sql.NullInt64
	if at := w.Document.Expires; !at.IsZero() {
		expires = sql.NullInt64{Int64: at.UnixMicro(), Valid: true}
	}
	revision := rand.Text()
	content := []any{revision, string(w.Document.Body), w.Document.Bytes, expires, labels}
	if before.number == 0 {
		return revision, s.exec(ctx, tx, append(key, content...), putNew)
	}
	return revision, s.exec(ctx, tx, append([]any{before.number}, content...), putAgain)
}

func (s *Store) writeLabels(ctx context.Context, tx *sql.Tx, key []any, labels map[string]string) error {
	if err := s.exec(ctx, tx, key, deleteLabel); err != nil {
		return err
	}
	for name, value := range labels {
		if err := s.exec(ctx, tx, append(key, name, value), putLabel); err != nil {
			return err
		}
	}
	return nil
}

// labelText is how a document's labels stand beside it: an object, its names in
// order, or nothing.
func labelText(labels map[string]string) (text sql.NullString, err error) {
	if len(labels) == 0 {
		return text, nil
	}
	object, err := json.Marshal(labels)
	return sql.NullString{String: string(object), Valid: true}, err
}

// removeExpired looks for what has expired once a minute: the port gives a store
// days for it.
func (s *Store) removeExpired(ctx context.Context, tx *sql.Tx) error {
	now, before := s.now(), s.sweptAt.Load()
	if before <= now && now < before+time.Minute.Microseconds() {
		return nil
	}
	var some bool
	err := tx.StmtContext(ctx, s.statements[selectExpired]).QueryRowContext(ctx, now).Scan(&some)
	if err == nil && some {
		err = s.exec(ctx, tx, []any{now}, deleteOlds, deleteOld)
	}
	if err == nil {
		s.sweptAt.Store(now)
	}
	return err
}

// Delete implements document.Store, in one transaction. What was deleted is
// zeroed in the file, and the log that still held it is emptied.
func (s *Store) Delete(ctx context.Context, key string) error {
	collection, id := document.Split(key)
	err := transact(ctx, s.db, func(tx *sql.Tx) error {
		return s.exec(ctx, tx, []any{collection, id, key}, deleteTrees, deleteTree)
	})
	if err != nil {
		return fmt.Errorf("deleting %s: %w", key, err)
	}
	return s.emptyLog(ctx, key)
}

func (s *Store) emptyLog(ctx context.Context, key string) error {
	var busy, frames, moved int
	if err := s.db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved); err != nil {
		return fmt.Errorf("deleting %s: emptying the log: %w", key, err)
	}
	if busy != 0 {
		return fmt.Errorf("deleting %s: emptying the log: another program reads the database", key)
	}
	return nil
}

// now is the time as it is stored.
func (s *Store) now() int64 { return s.clock().UnixMicro() }
