package firestorestore_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/option"
	"google.golang.org/grpc"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/gcptest"
)

var emulators gcptest.Emulators

func TestMain(m *testing.M) { os.Exit(emulators.Run(m)) }

func TestRevisionIsWhatALaterReadShows(t *testing.T) {
	t.Parallel()
	store := in(emulators.Firestore(t))
	user := archivetest.MustPut(t, store, archivetest.NewUser(t, "ada"))
	for range 3 {
		read, err := store.User(t.Context(), user.ID)
		if err != nil {
			t.Fatal(err)
		}
		if read.Revision != user.Revision {
			t.Fatalf("got revision %s, want the written %s", read.Revision, user.Revision)
		}
		again := archivetest.MustPut(t, store, read) // changes nothing
		if again.Revision == read.Revision {
			t.Fatal("a write that changed nothing kept the revision")
		}
		if _, err := store.Put(t.Context(), read); !errors.Is(err, fault.ErrConflict) {
			t.Fatalf("a second write with one revision: got %v, want %v", err, fault.ErrConflict)
		}
		user = again
	}
	user.Revision = "7"
	if _, err := store.Put(t.Context(), user); !errors.Is(err, fault.ErrConflict) {
		t.Errorf("a revision of another store: got %v, want %v", err, fault.ErrConflict)
	}
}

// A run in the steady state may read three documents: its writes read none.
func TestWritesReadNothing(t *testing.T) {
	t.Parallel()
	var reads atomic.Int32
	counting := option.WithGRPCDialOption(grpc.WithChainStreamInterceptor(
		func(ctx context.Context, d *grpc.StreamDesc, c *grpc.ClientConn, method string, s grpc.Streamer, o ...grpc.CallOption) (grpc.ClientStream, error) {
			reads.Add(1) // BatchGetDocuments and RunQuery are the streams
			return s(ctx, d, c, method, o...)
		}))
	store := in(emulators.Firestore(t, counting))
	user := archivetest.MustPut(t, store, archivetest.NewUser(t, "ada"))
	entry := archivetest.NewEntry(1, archivetest.WeekTime())
	seen, err := store.Seen(t.Context(), user.ID)
	if err != nil {
		t.Fatal(err)
	}
	reads.Store(0)
	seen.Add(archivetest.Tracks(0, 30)...)
	archivetest.MustCommit(t, store, user, archive.Changes{Entry: &entry, Seen: &seen, RemovePending: []string{"paste-1"}})
	if got := reads.Load(); got != 0 {
		t.Errorf("got %d reads, want 0", got)
	}
}

func TestUserDocuments(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change []firestore.Update
		want   error
	}{
		"as_written":      {[]firestore.Update{{Path: "v", Value: 3}}, nil},
		"unknown_field":   {[]firestore.Update{{Path: "later", Value: "something"}}, nil},
		"first_form":      {[]firestore.Update{{Path: "v", Value: firestore.Delete}}, nil},
		"newer_form":      {[]firestore.Update{{Path: "v", Value: 4}}, records.ErrNewer},
		"form_as_text":    {[]firestore.Update{{Path: "v", Value: "2"}}, fault.ErrMalformed},
		"no_status":       {[]firestore.Update{{Path: "status", Value: firestore.Delete}}, fault.ErrMalformed},
		"unknown_status":  {[]firestore.Update{{Path: "status", Value: "asleep"}}, fault.ErrMalformed},
		"odd_choice":      {[]firestore.Update{{Path: "choice", Value: "radio!"}}, fault.ErrMalformed},
		"unknown_shape":   {[]firestore.Update{{Path: "shape", Value: "round"}}, fault.ErrMalformed},
		"no_grant":        {[]firestore.Update{{Path: "grant", Value: firestore.Delete}}, fault.ErrMalformed},
		"grant_as_text":   {[]firestore.Update{{Path: "grant", Value: "AQD"}}, fault.ErrMalformed},
		"edition_as_time": {[]firestore.Update{{Path: "last_edition", Value: time.Now()}}, fault.ErrMalformed},
		"no_last_edition": {[]firestore.Update{{Path: "last_edition", Value: firestore.Delete}}, fault.ErrMalformed},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := emulators.Firestore(t)
			store, client := in(db), db.Client
			user := archivetest.MustPut(t, store, archivetest.FullUser(t, "ada"))
			if _, err := client.Collection("users").Doc(string(user.ID)).Update(t.Context(), c.change); err != nil {
				t.Fatal(err)
			}
			if _, err := store.User(t.Context(), user.ID); !errors.Is(err, c.want) {
				t.Errorf("got error %v, want %v", err, c.want)
			}
		})
	}
}

// A document can be read in Google's console: names of the body are names of
// fields, objects are maps. What is beside them is little and known.
func TestDocumentsAreFields(t *testing.T) {
	t.Parallel()
	db := emulators.Firestore(t)
	user := archivetest.MustPut(t, in(db), archivetest.FullUser(t, "ada"))
	snapshot, err := db.Client.Collection("users").Doc(string(user.ID)).Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fields := snapshot.Data()
	var stored map[string]any
	body, err := json.Marshal(user)
	if err := errors.Join(err, json.Unmarshal(body, &stored)); err != nil {
		t.Fatal(err)
	}
	for name, want := range stored {
		if _, object := want.(map[string]any); object {
			if _, ok := fields[name].(map[string]any); !ok {
				t.Errorf("field %s: got a %T, want a map", name, fields[name])
			}
		}
		delete(fields, name)
	}
	want := map[string]any{"v": int64(3), "_labels": map[string]any{"due": "2026-11-17T17:00:00Z"}, "_write": fields["_write"]}
	if diff := cmp.Diff(fields, want); diff != "" {
		t.Errorf("beside the user, got (-), want (+):\n%s", diff)
	}
}

func TestOtherDocumentsThatAreNotOurs(t *testing.T) {
	t.Parallel()
	db := emulators.Firestore(t)
	store, client := in(db), db.Client
	user := archivetest.MustPut(t, store, archivetest.NewUser(t, "ada"))
	ref := client.Collection("users").Doc(string(user.ID))
	later := archivetest.WeekTime().AddDate(1, 0, 0)
	bad := map[*firestore.DocumentRef]map[string]any{
		ref.Collection("seen").Doc("index"):     {"schema": 1, "ids": "text", "isrcs": []byte{}},
		ref.Collection("pending").Doc("x"):      {"schema": 1, "id": "x"},
		ref.Collection("entries").Doc("x"):      {"schema": 1, "expires_at": later},
		client.Collection("app").Doc("spotify"): {"schema": 1, "pause": "tomorrow"},
	}
	for doc, fields := range bad {
		if _, err := doc.Set(t.Context(), fields); err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	_, seenErr := store.Seen(ctx, user.ID)
	_, pendingErr := store.Pending(ctx, user.ID)
	_, entriesErr := store.Entries(ctx, user.ID, 10)
	_, pauseErr := store.Pause(ctx)
	got := map[string]bool{
		"seen": errors.Is(seenErr, fault.ErrMalformed), "pending": errors.Is(pendingErr, fault.ErrMalformed),
		"entries": errors.Is(entriesErr, fault.ErrMalformed), "pause": errors.Is(pauseErr, fault.ErrMalformed),
	}
	want := map[string]bool{"seen": true, "pending": true, "entries": true, "pause": true}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("malformed, got (-), want (+):\n%s", diff)
	}
}

func aRun() app.Run { return app.Run{Kind: app.RunWeekly, At: archivetest.WeekTime()} }

func TestWhatExpires(t *testing.T) {
	t.Parallel()
	db := emulators.Firestore(t)
	store, client := in(db), db.Client
	user := archivetest.MustPut(t, store, archivetest.NewUser(t, "ada"))
	entry := archivetest.NewEntry(1, archivetest.WeekTime())
	archivetest.MustCommit(t, store, user, archive.Changes{Entry: &entry})
	if err := store.CountUsers(t.Context(), "", 3, aRun()); err != nil {
		t.Fatal(err)
	}
	if _, err := store.AddRefusal(t.Context(), aRun(), user.ID); err != nil {
		t.Fatal(err)
	}
	soon := archivetest.WeekTime().Add(9 * 24 * time.Hour)
	wantExpiry(t, client.Collection("users").Doc(string(user.ID)).Collection("entries"), entry.DoneAt.Add(ledger.EntryLife))
	wantExpiry(t, client.Collection("runs").Doc(aRun().Name()).Collection("pages"), soon)
	wantExpiry(t, client.Collection("runs").Doc(aRun().Name()).Collection("refusals"), soon)
}

func wantExpiry(t *testing.T, collection *firestore.CollectionRef, want time.Time) {
	t.Helper()
	snapshots, err := collection.Documents(t.Context()).GetAll()
	if err != nil || len(snapshots) != 1 {
		t.Fatalf("%s: got %d documents and %v, want 1", collection.ID, len(snapshots), err)
	}
	if got, _ := snapshots[0].Data()["expires_at"].(time.Time); !got.Equal(want) {
		t.Errorf("%s: got expires_at %v, want %v", collection.ID, got, want)
	}
}
