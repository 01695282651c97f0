package firestorestore_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/firestorestore"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/gcptest"
)

// Documents as the first released program wrote them, in the form of
// Firestore's REST API: four users in their seventh week (one archive, one per
// week, yearly, pasting), one with every field set, one who is leaving, one who
// paused.
const firstRelease = "testdata/firestore-of-2026-11-23.json"

const (
	single  archive.UserID = "2442lqqwlskb7g6ao2m5kssesb"
	yearly  archive.UserID = "aajjwdwcbl5kuk2evd5ranscea"
	pasting archive.UserID = "atr4rsvm5nnczpxxh3tprydinl"
	full    archive.UserID = "f2rgfwv4ghi6rtvdtcu5ydpauw"
	leaving archive.UserID = "lbpavz4djiybrcebmulwqg4mzv"
	perWeek archive.UserID = "g6bi2cwzkonunq3cmexewmhn5o"
	paused  archive.UserID = "fmw3s3a2tacjxudodrihxue5bp"
)

func afterFirstRelease() time.Time { return time.Date(2027, 1, 4, 14, 0, 0, 0, time.UTC) }

// openFirstRelease loads the documents into a database.
func openFirstRelease(t *testing.T) (gcptest.Database, *records.Store) {
	t.Helper()
	db := emulators.Firestore(t)
	content, err := os.ReadFile(firstRelease)
	if err != nil {
		t.Fatal(err)
	}
	var documents []json.RawMessage
	if err := json.Unmarshal(content, &documents); err != nil {
		t.Fatal(err)
	}
	request := &firestorepb.CommitRequest{Database: db.Name}
	for _, raw := range documents {
		d := &firestorepb.Document{}
		if err := protojson.Unmarshal(raw, d); err != nil {
			t.Fatal(err)
		}
		d.Name = db.Name + "/documents/" + d.Name
		request.Writes = append(request.Writes, &firestorepb.Write{Operation: &firestorepb.Write_Update{Update: d}})
	}
	if _, err := db.API.Commit(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	return db, records.New(firestorestore.New(db.API, db.Name, afterFirstRelease))
}

// Nobody is hidden by what old documents lack.
func TestFirstReleaseIsRead(t *testing.T) {
	t.Parallel()
	db, store := openFirstRelease(t)
	ctx := t.Context()
	songs := map[archive.UserID]int{}
	users, bad, err := store.List(ctx)
	if err != nil || bad > 0 {
		t.Fatalf("got %d unreadable users and error %v", bad, err)
	}
	for _, u := range users {
		seen, err := store.Seen(ctx, u.ID)
		if err != nil {
			t.Fatal(err)
		}
		songs[u.ID] = seen.Len()
	}
	same(t, "songs", songs, map[archive.UserID]int{
		single: 210, yearly: 210, pasting: 70, perWeek: 210, full: 100, leaving: 0, paused: 0,
	}, nil)
	for edition, want := range map[calendar.Edition][]archive.UserID{
		"2027-01-04": {full, leaving},
		"2027-01-11": {single, yearly, full, perWeek, leaving},
	} {
		page, err := store.DueUsers(ctx, archive.DueQuery{Open: edition.Monday().Add(13 * time.Hour), Limit: 100})
		same(t, "open weeks of "+string(edition), page.Users, want, err)
	}
	// They were stored without a time; who is not looked at has none.
	now := time.Date(2027, 1, 5, 13, 0, 0, 0, time.UTC)
	page, err := store.DueUsers(ctx, archive.DueQuery{Before: now, Limit: 100})
	same(t, "due by their time", page.Users, []archive.UserID(nil), err)
	page, err = store.DueUsers(ctx, archive.DueQuery{Everybody: true, Before: now, Limit: 100})
	same(t, "without a time", page.Users, []archive.UserID{single, yearly, pasting, full, perWeek, leaving}, err)

	wantEveryField(t, db, store)
	entries, err := store.Entries(ctx, single, 2)
	same(t, "newest entries", editions(entries), []calendar.Edition{"2027-01-04", "2026-12-28"}, err)
	pending, err := store.Pending(ctx, full)
	same(t, "pending batches", ids(pending), []string{"paste-1", "paste-2"}, err)

	pause, err := store.Pause(ctx)
	same(t, "pause", pause, app.Pause{Until: time.Date(2027, 1, 4, 13, 30, 0, 0, time.UTC), Reason: app.PauseRateLimit}, err)
	mass, err := store.LastMassRefusal(ctx)
	same(t, "last mass refusal", mass, time.Date(2026, 12, 7, 13, 5, 0, 2000, time.UTC), err)
	run := app.Run{Kind: app.RunWeekly, At: time.Date(2027, 1, 4, 13, 0, 0, 0, time.UTC)}
	last, err := store.LastRun(ctx, run.Kind)
	same(t, "last run", last, run.At, err)
	tally, err := store.AddRefusal(ctx, run, pasting)
	same(t, "tally", tally, app.Tally{Users: 6, Refused: 2}, err)
}

// forgotten are stored fields of which the core makes no use any more.
var forgotten = []string{"schema", "write", "missing"}

// wantEveryField expects the user who has every field set to be read with the
// values that are stored.
func wantEveryField(t *testing.T, db gcptest.Database, store *records.Store) {
	t.Helper()
	d, err := firestorestore.New(db.API, db.Name, afterFirstRelease).Get(t.Context(), "users/"+string(full))
	if err != nil {
		t.Fatal(err)
	}
	user, err := store.User(t.Context(), full)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(user)
	if err != nil {
		t.Fatal(err)
	}
	var stored, read map[string]any
	if err := errors.Join(json.Unmarshal(d.Body, &stored), json.Unmarshal(body, &read)); err != nil {
		t.Fatal(err)
	}
	if n := wantValues(t, "user", stored, read); n < 60 {
		t.Errorf("compared %d values, want at least 60: it is not the user who has every field set", n)
	}
}

func wantValues(t *testing.T, path string, stored, read any) (compared int) {
	t.Helper()
	object, ok := stored.(map[string]any)
	if !ok {
		same(t, path, read, stored, nil)
		return 1
	}
	fields, _ := read.(map[string]any)
	for name, value := range object {
		if !slices.Contains(forgotten, name) {
			compared += wantValues(t, path+"."+name, value, fields[name])
		}
	}
	return compared
}

// The next week is written in today's form, as a whole, beside nothing old.
func TestFirstReleaseGoesOn(t *testing.T) {
	t.Parallel()
	db, store := openFirstRelease(t)
	ctx := t.Context()
	for _, id := range []archive.UserID{single, yearly, pasting, perWeek} {
		user, err := store.User(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		seen, err := store.Seen(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		before := seen.Len()
		seen.Add(archivetest.Tracks(0, 30)...)
		entry := archivetest.NewEntry(1, afterFirstRelease().AddDate(0, 0, 7))
		entry.Key.Edition = "2027-01-11"
		user.LastEdition = entry.Key.Edition
		user = archivetest.MustCommit(t, store, user, archive.Changes{Entry: &entry, Seen: &seen})
		got, err := store.User(ctx, id)
		same(t, "user", got, user, err)
		seen, err = store.Seen(ctx, id)
		same(t, "songs", seen.Len(), before+30, err)
		entries, err := store.Entries(ctx, id, 100)
		same(t, "newest entry", entries[0], entry, err)

		ref := db.Client.Collection("users").Doc(string(id))
		fields := read(ctx, t, ref)
		if _, old := fields["schema"]; old || fields["v"] == nil {
			t.Errorf("user %s: the document is still in the first form", id)
		}
		if _, err := ref.Collection("seen").Doc("index").Get(ctx); err == nil {
			t.Errorf("user %s: the set of one document is still there", id)
		}
	}
}

func read(ctx context.Context, t *testing.T, ref *firestore.DocumentRef) map[string]any {
	t.Helper()
	snapshot, err := ref.Get(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return snapshot.Data()
}

// A set as large as one document could be goes on in pages: that is where
// Firestore's limit of 1 MiB stopped a user for ever.
func TestLargestOldSetGoesOn(t *testing.T) {
	t.Parallel()
	db := emulators.Firestore(t)
	store := in(db)
	user := archivetest.MustPut(t, store, archivetest.NewUser(t, "ada"))
	const songs = 43_680
	var old ledger.Seen
	old.Add(archivetest.Tracks(0, songs)...)
	idBytes, isrcBytes := old.Pack()
	index := db.Client.Collection("users").Doc(string(user.ID)).Collection("seen").Doc("index")
	if _, err := index.Set(t.Context(), map[string]any{"schema": 1, "ids": idBytes, "isrcs": isrcBytes}); err != nil {
		t.Fatal(err)
	}
	for week := range 2 {
		seen, err := store.Seen(t.Context(), user.ID)
		same(t, "songs", seen.Len(), songs+30*week, err)
		seen.Add(archivetest.Tracks(songs+30*week, 30)...)
		user = archivetest.MustCommit(t, store, user, archive.Changes{Seen: &seen})
	}
	seen, err := store.Seen(t.Context(), user.ID)
	same(t, "songs", seen.Len(), songs+60, err)
	missing := slices.ContainsFunc(archivetest.Tracks(0, songs+60), func(track ledger.Track) bool { return !seen.Has(track) })
	if missing {
		t.Error("a song is missing")
	}
}

func editions(entries []ledger.Entry) (list []calendar.Edition) {
	for _, e := range entries {
		list = append(list, e.Key.Edition)
	}
	return list
}

func ids(pending []ledger.Batch) (list []string) {
	for _, p := range pending {
		list = append(list, p.ID)
	}
	return list
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
