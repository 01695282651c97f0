package sqlitestore

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
)

// A file of version 1 with one of everything goes on, and what nobody can read
// is neither lost nor in anybody's way.
func TestVersion1GoesOn(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "weekly.db")
	user, bad := archivetest.FullUser(t, "ada"), archivetest.NewUser(t, "bob")
	entry := archivetest.NewEntry(1, archivetest.WeekTime())
	pending := ledger.NewBatch(archivetest.Week, ledger.SourcePaste, archivetest.Tracks(500, 3))
	pending.ID, pending.Entry.Queued, pending.At = "paste/1 é", 1, archivetest.WeekTime()
	pause := app.Pause{Until: archivetest.WeekTime().Add(time.Hour), Reason: app.PauseQuota}
	mass := archivetest.WeekTime().Add(-time.Hour - time.Microsecond)
	var seen ledger.Seen
	seen.Add(archivetest.Tracks(0, 100)...)
	ids, isrcs := seen.Pack()
	run := app.Run{Kind: app.RunWeekly, At: archivetest.WeekTime()}
	version1(t, path, func(insert func(statement string, args ...any)) {
		insert("INSERT INTO users VALUES (?, 'rev', ?)", user.ID, text(t, user))
		insert("INSERT INTO users VALUES (?, 'rev', '{\"status\":')", bad.ID)
		insert("INSERT INTO entries VALUES (?, ?, ?, ?)", user.ID, entry.Key.String(), entry.DoneAt.UnixMicro(), text(t, entry))
		insert("INSERT INTO seen VALUES (?, ?, ?)", user.ID, ids, isrcs)
		insert("INSERT INTO pending VALUES (?, ?, ?, ?)", user.ID, pending.ID, pending.At.UnixMicro(), text(t, map[string]any{
			"id": pending.ID, "source": "paste", "edition": string(archivetest.Week), "tracks": pending.Tracks, "queued": 1, "at": pending.At,
		}))
		insert("INSERT INTO app VALUES ('pause', ?, ?)", pause.Until.UnixMicro(), text(t, pause))
		insert("INSERT INTO app VALUES ('wave', ?, '{}')", mass.UnixMicro())
		insert("INSERT INTO runs VALUES (?, 'weekly', ?, 7)", run.Name(), run.At.UnixMicro())
		insert("INSERT INTO runs VALUES ('weekly-20261109T130000Z', 'weekly', ?, 9)", run.At.AddDate(0, 0, -7).UnixMicro())
		insert("INSERT INTO refusals VALUES (?, ?, ?)", run.Name(), bad.ID, run.At.UnixMicro())
	})

	db := open(t, path, archivetest.WeekTime)
	store := records.New(db)
	ctx := t.Context()
	got, err := store.User(ctx, user.ID)
	user.Revision = got.Revision
	same(t, "user", got, user, err)
	entries, err := store.Entries(ctx, user.ID, 10)
	same(t, "entries", entries, []ledger.Entry{entry}, err)
	batches, err := store.Pending(ctx, user.ID)
	same(t, "pending batches", batches, []ledger.Batch{pending}, err)
	set, err := store.Seen(ctx, user.ID)
	same(t, "songs seen", set.Len(), seen.Len(), err)
	for _, track := range archivetest.Tracks(0, 100) {
		if !set.Has(ledger.Track{ID: track.ID}) {
			t.Fatalf("song %s is missing in the set", track.ID)
		}
	}
	gotPause, err := store.Pause(ctx)
	same(t, "pause", gotPause, pause, err)
	gotMass, err := store.LastMassRefusal(ctx)
	same(t, "mass refusal", gotMass, mass, err)
	last, err := store.LastRun(ctx, app.RunWeekly)
	same(t, "last run", last, run.At, err)
	tally, err := store.AddRefusal(ctx, run, user.ID)
	same(t, "tally", tally, app.Tally{Users: 7, Refused: 1}, err)
	if _, err := store.User(ctx, bad.ID); !errors.Is(err, fault.ErrMalformed) {
		t.Errorf("unreadable user: got error %v, want %v", err, fault.ErrMalformed)
	}
	due, err := store.DueUsers(ctx, archive.DueQuery{Open: archivetest.WeekTime(), Limit: 10})
	same(t, "due users", due, archive.DuePage{Users: []archive.UserID{user.ID}, Bad: []archive.UserID{bad.ID}}, err)

	// The same batch again stays as it is: its name is the one of before.
	got = archivetest.MustCommit(t, store, got, archive.Changes{AddPending: []ledger.Batch{pending}})
	archivetest.MustCommit(t, store, got, archive.Changes{RemovePending: []string{pending.ID}})
	batches, err = store.Pending(ctx, user.ID)
	same(t, "pending batches after their removal", batches, []ledger.Batch{}, err)
	same(t, "tables", tables(t, db.db), []string{"documents", "labels"}, nil)
}

// A step that fails leaves the file as it was, for a program of before.
func TestFailedMigrationChangesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "weekly.db")
	version1(t, path, func(insert func(statement string, args ...any)) {
		insert("INSERT INTO users VALUES ('ada', 'rev', '{}')")
		insert("CREATE TABLE labels (in_the_way TEXT)")
	})
	if _, err := Open(t.Context(), path, archivetest.WeekTime); err == nil {
		t.Fatal("got no error")
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	var version, users int
	err = errors.Join(
		db.QueryRowContext(t.Context(), "PRAGMA user_version").Scan(&version),
		db.QueryRowContext(t.Context(), "SELECT count(*) FROM users").Scan(&users),
	)
	if err != nil || version != 1 || users != 1 {
		t.Errorf("got version %d with %d users (error %v), want version 1 with 1", version, users, err)
	}
	same(t, "tables", tables(t, db), []string{"app", "entries", "labels", "pending", "refusals", "runs", "seen", "users"}, nil)
}

// A file of version 2 goes on: every column of a document, and by what it is
// listed.
func TestVersion2GoesOn(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "weekly.db")
	later := archivetest.WeekTime().Add(time.Hour)
	version(t, path, 2, documentTables, func(insert func(statement string, args ...any)) {
		insert("INSERT INTO documents VALUES ('users', 'ada', 'rev1', '{\"v\":3}', NULL, NULL)")
		insert("INSERT INTO documents VALUES ('users/ada/seen', '0001', 'rev2', '{}', x'00ff', ?)", later.UnixMicro())
		insert("INSERT INTO labels VALUES ('users', 'due', '2026', 'ada'), ('users', 'kind', '\"x', 'ada')")
	})
	db := open(t, path, archivetest.WeekTime)
	ada := document.Document{
		Key: "users/ada", Body: []byte(`{"v":3}`), Revision: "rev1", Labels: map[string]string{"due": "2026", "kind": `"x`},
	}
	for _, label := range []string{"due", "kind"} {
		listed, err := db.List(t.Context(), document.Query{Collection: "users", Label: label, Limit: 10})
		same(t, "listed by "+label, listed, []document.Document{ada}, err)
	}
	page, err := db.Get(t.Context(), "users/ada/seen/0001")
	same(t, "page", page, document.Document{
		Key: "users/ada/seen/0001", Body: []byte("{}"), Bytes: []byte{0, 255}, Expires: later.UTC(), Revision: "rev2",
	}, err)

	// The labels that a write takes away are gone, and the others stay.
	ada.Labels = map[string]string{"due": "2027"}
	if _, err := db.Commit(t.Context(), document.Write{Document: ada, Expect: "rev1"}); err != nil {
		t.Fatal(err)
	}
	for label, want := range map[string]int{"due": 1, "kind": 0} {
		listed, err := db.List(t.Context(), document.Query{Collection: "users", Label: label, From: "2027", Limit: 10})
		same(t, "listed by "+label+" after a write", len(listed), want, err)
	}
}

// version1 makes a file as the first released program did.
func version1(t *testing.T, path string, fill func(insert func(statement string, args ...any))) {
	t.Helper()
	version(t, path, 1, tables1, fill)
}

func version(t *testing.T, path string, number int, tables string, fill func(insert func(statement string, args ...any))) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	run := func(statement string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement, args...); err != nil {
			t.Fatal(err)
		}
	}
	run(fmt.Sprintf("%s; PRAGMA user_version = %d", tables, number))
	fill(run)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func tables(t *testing.T, db *sql.DB) (names []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	return names
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func same(t *testing.T, what string, got, want any, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("%s: got -, want +:\n%s", what, diff)
	}
}
