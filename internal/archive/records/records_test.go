package records_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
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

// watched counts what goes through a store.
type watched struct {
	*archivetest.Documents
	written []string // the keys of the last commit; deletions begin with '-'
	reads   int
	largest int
}

func open() (*watched, *records.Store) {
	w := &watched{Documents: archivetest.NewDocuments(archivetest.WeekTime)}
	return w, records.New(w)
}

func (w *watched) Commit(ctx context.Context, writes ...document.Write) ([]string, error) {
	w.written = nil
	for _, write := range writes {
		_, id := document.Split(write.Document.Key)
		if write.Delete {
			id = "-" + id
		}
		w.written = append(w.written, id)
		w.largest = max(w.largest, len(write.Document.Body)+len(write.Document.Bytes))
	}
	return w.Documents.Commit(ctx, writes...)
}

func (w *watched) List(ctx context.Context, q document.Query) ([]document.Document, error) {
	w.reads++
	return w.Documents.List(ctx, q)
}

// Every week reads the set once and writes its last page; no page outgrows a
// document, however many songs there are.
func TestSeenGrowsInPages(t *testing.T) {
	t.Parallel()
	w, store := open()
	user := archivetest.MustPut(t, store, archivetest.NewUser(t, "ada"))
	total := 0
	for _, step := range []struct {
		songs int
		pages []string // as written
	}{
		{30, []string{"0001"}},
		{970, []string{"0001"}},
		{30, []string{"0001", "0002"}},
		{30, []string{"0002"}},
		{30, []string{"0002"}},
		{2_000, []string{"0002", "0003", "0004"}},
		{30, []string{"0004"}},
	} {
		w.reads = 0
		seen, err := store.Seen(t.Context(), user.ID)
		if err != nil || seen.Len() != total {
			t.Fatalf("got %d songs (error %v), want %d", seen.Len(), err, total)
		}
		seen.Add(archivetest.Tracks(total, step.songs)...)
		total += step.songs
		user = archivetest.MustCommit(t, store, user, archive.Changes{Seen: &seen})
		if diff := cmp.Diff(w.written, append([]string{string(user.ID)}, step.pages...)); diff != "" {
			t.Errorf("%d songs: written, got -, want +:\n%s", total, diff)
		}
		if w.reads != 1 {
			t.Errorf("%d songs: got %d lists, want 1", total, w.reads)
		}
		// A second commit of the same run.
		user = archivetest.MustCommit(t, store, user, archive.Changes{Seen: &seen})
	}
	if w.largest > document.MaxSize {
		t.Errorf("got a document of %d bytes, want at most %d", w.largest, document.MaxSize)
	}
	seen, err := store.Seen(t.Context(), user.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, track := range archivetest.Tracks(0, total) {
		if !seen.Has(ledger.Track{ID: track.ID}) {
			t.Fatalf("song %s is missing", track.ID)
		}
	}
	if ids, recordings := seen.Pack(); len(ids) != 16*total || len(recordings) != 8*total {
		t.Errorf("got %d and %d bytes of hashes, want %d songs of 16 and 8", len(ids), len(recordings), total)
	}
}

// The largest set that fitted into one document stood still for ever.
func TestSetOfOneDocumentBecomesPages(t *testing.T) {
	t.Parallel()
	w, store := open()
	user := archivetest.MustPut(t, store, archivetest.NewUser(t, "ada"))
	const songs = 43_680
	var old ledger.Seen
	old.Add(archivetest.Tracks(0, songs)...)
	ids, isrcs := old.Pack()
	body, err := json.Marshal(map[string]any{"schema": 1, "ids": ids, "isrcs": isrcs})
	if err != nil {
		t.Fatal(err)
	}
	w.Plant(document.Document{Key: "users/" + string(user.ID) + "/seen/index", Body: body})

	seen, err := store.Seen(t.Context(), user.ID)
	if err != nil || seen.Len() != songs {
		t.Fatalf("got %d songs (error %v), want %d", seen.Len(), err, songs)
	}
	seen.Add(archivetest.Tracks(songs, 30)...)
	user = archivetest.MustCommit(t, store, user, archive.Changes{Seen: &seen})
	if n := len(w.written); n != 46 || w.written[1] != "0001" || w.written[44] != "0044" || w.written[45] != "-index" {
		t.Errorf("written: got %q, want the user, 44 pages and the end of the index", w.written)
	}
	if seen, err = store.Seen(t.Context(), user.ID); err != nil || seen.Len() != songs+30 {
		t.Errorf("a week later: got %d songs (error %v), want %d", seen.Len(), err, songs+30)
	}
	for _, track := range archivetest.Tracks(0, songs+30) {
		if !seen.Has(track) {
			t.Fatalf("song %s is missing", track.ID)
		}
	}
}

// Pages were larger, and their hashes in any order.
func TestPagesOfEarlierProgramsGoOn(t *testing.T) {
	t.Parallel()
	w, store := open()
	user := archivetest.MustPut(t, store, archivetest.NewUser(t, "ada"))
	const songs = 1_500
	var old ledger.Seen
	old.Add(archivetest.Tracks(0, songs)...)
	ids, recordings := old.Pack()
	w.Plant(document.Document{
		Key:   "users/" + string(user.ID) + "/seen/0001",
		Body:  fmt.Appendf(nil, `{"v":3,"id_bytes":%d,"recording_bytes":%d}`, len(ids), len(recordings)),
		Bytes: append(backwards(ids, 16), backwards(recordings, 8)...),
	})
	seen, err := store.Seen(t.Context(), user.ID)
	if err != nil || seen.Len() != songs {
		t.Fatalf("got %d songs (error %v), want %d", seen.Len(), err, songs)
	}
	seen.Add(archivetest.Tracks(songs-5, 30)...)
	user = archivetest.MustCommit(t, store, user, archive.Changes{Seen: &seen})
	if diff := cmp.Diff(w.written, []string{string(user.ID), "0001", "0002"}); diff != "" {
		t.Errorf("written, got -, want +:\n%s", diff)
	}
	if seen, err = store.Seen(t.Context(), user.ID); err != nil || seen.Len() != songs+25 {
		t.Errorf("a week later: got %d songs (error %v), want %d", seen.Len(), err, songs+25)
	}
	for _, track := range archivetest.Tracks(0, songs+25) {
		if !seen.HasID(track) {
			t.Fatalf("song %s is missing", track.ID)
		}
	}
}

func backwards(hashes []byte, size int) []byte {
	parts := slices.Collect(slices.Chunk(hashes, size))
	slices.Reverse(parts)
	return bytes.Join(parts, nil)
}

// Batches that waited when an earlier program wrote them are taken up.
func TestWaitingBatchesOfEarlierFormsAreRead(t *testing.T) {
	t.Parallel()
	want := ledger.NewBatch(archivetest.Week, ledger.SourceListening, archivetest.Tracks(0, 3))
	want.ID, want.Entry.Queued, want.At, want.Held = "listening-1", 2, archivetest.WeekTime(), "37i9dQZEVXcFixture0001"
	bare := ledger.NewBatch("", "", nil)
	bare.ID, bare.Tracks, bare.At = "bare", []ledger.Track{}, archivetest.WeekTime().Add(time.Second)
	for name, form := range map[string]map[string]any{"form_1": {}, "form_2": {"v": 2}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, store := open()
			user := archivetest.MustPut(t, store, archivetest.NewUser(t, "ada"))
			for _, fields := range []map[string]any{
				{
					"id": want.ID, "source": "listening", "edition": string(archivetest.Week), "tracks": want.Tracks, "queued": 2,
					"at": want.At, "held": want.Held,
				},
				{"id": bare.ID, "source": "", "tracks": bare.Tracks, "at": bare.At},
			} {
				maps.Copy(fields, form)
				body, err := json.Marshal(fields)
				if err != nil {
					t.Fatal(err)
				}
				w.Plant(document.Document{Key: "users/" + string(user.ID) + "/pending/" + fields["id"].(string), Body: body})
			}
			got, err := store.Pending(t.Context(), user.ID)
			if diff := cmp.Diff(got, []ledger.Batch{want, bare}); diff != "" || err != nil {
				t.Errorf("error %v, got -, want +:\n%s", err, diff)
			}
		})
	}
}

// What a newer program has written is refused as a whole, is nobody else's
// trouble, and stays as it is.
func TestNewerDocumentsAreRefused(t *testing.T) {
	t.Parallel()
	w, store := open()
	ctx := t.Context()
	healthy := archivetest.MustPut(t, store, archivetest.NewUser(t, "healthy"))
	user := archivetest.MustPut(t, store, archivetest.NewUser(t, "ada"))
	key := "users/" + string(user.ID)
	keys := []string{key, key + "/seen/0001", key + "/entries/2026-11-16-inbox-1", key + "/pending/x", "app/spotify"}
	newer := json.RawMessage(`{"v":4,"everything":"is different"}`)
	for _, k := range keys {
		w.Plant(document.Document{Key: k, Body: newer, Expires: archivetest.WeekTime().Add(time.Hour)})
	}
	user.Revision = ""
	for name, call := range map[string]func() error{
		"User":     func() error { _, err := store.User(ctx, user.ID); return err },
		"Seen":     func() error { _, err := store.Seen(ctx, user.ID); return err },
		"Entries":  func() error { _, err := store.Entries(ctx, user.ID, 1); return err },
		"Pending":  func() error { _, err := store.Pending(ctx, user.ID); return err },
		"Pause":    func() error { _, err := store.Pause(ctx); return err },
		"SetPause": func() error { return store.SetPause(ctx, app.Pause{Until: archivetest.WeekTime()}) },
		"Commit of another set": func() error {
			_, err := store.Commit(ctx, user, archive.Changes{Seen: &ledger.Seen{}})
			return err
		},
	} {
		err := call()
		if !errors.Is(err, records.ErrNewer) || !errors.Is(err, fault.ErrMalformed) {
			t.Errorf("%s: got error %v, want %v", name, err, records.ErrNewer)
		}
	}
	if _, err := store.Put(ctx, user); !errors.Is(err, fault.ErrConflict) {
		t.Errorf("Put: got error %v, want %v", err, fault.ErrConflict)
	}
	for _, k := range keys {
		if d, err := w.Get(ctx, k); err != nil || string(d.Body) != string(newer) {
			t.Errorf("%s was changed into %s (error %v)", k, d.Body, err)
		}
	}
	page, err := store.DueUsers(ctx, archive.DueQuery{Open: archivetest.WeekTime(), Limit: 10})
	want := archive.DuePage{Users: []archive.UserID{healthy.ID}, Bad: []archive.UserID{user.ID}}
	if diff := cmp.Diff(page, want); diff != "" || err != nil {
		t.Errorf("due users (error %v), got -, want +:\n%s", err, diff)
	}
}

// An error tells which field, and nothing of what is in it.
func TestMalformedDocumentsAreNotQuoted(t *testing.T) {
	t.Parallel()
	const canary = "canary-token"
	full := archivetest.FullUser(t, "ada")
	body, err := json.Marshal(full)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(fields map[string]any){
		"no_grant":          func(f map[string]any) { delete(f, "grant") },
		"no_status":         func(f map[string]any) { delete(f, "status") },
		"unknown_status":    func(f map[string]any) { f["status"] = "asleep" },
		"odd_choice":        func(f map[string]any) { f["choice"] = "radio!" },
		"unknown_shape":     func(f map[string]any) { f["shape"] = "round" },
		"no_edition":        func(f map[string]any) { f["last_edition"] = "2026-11-17" },
		"text_for_a_map":    func(f map[string]any) { f["grant"] = canary },
		"text_for_a_time":   func(f map[string]any) { f["created_at"] = canary },
		"text_for_a_number": func(f map[string]any) { f["batches"] = map[string]any{"x": canary} },
		"text_for_bytes": func(f map[string]any) {
			f["grant"].(map[string]any)["sealed"] = map[string]any{"ciphertext": "%" + canary}
		},
		"odd_version":     func(f map[string]any) { f["v"] = "2" },
		"version_of_zero": func(f map[string]any) { f["v"] = 0 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, store := open()
			var fields map[string]any
			if err := json.Unmarshal(body, &fields); err != nil {
				t.Fatal(err)
			}
			change(fields)
			changed, err := json.Marshal(fields)
			if err != nil {
				t.Fatal(err)
			}
			w.Plant(document.Document{Key: "users/" + string(full.ID), Body: changed})
			_, err = store.User(t.Context(), full.ID)
			if !errors.Is(err, fault.ErrMalformed) || strings.Contains(fmt.Sprint(err), canary) {
				t.Errorf("got error %v, want %v and nothing of what is stored", err, fault.ErrMalformed)
			}
		})
	}
}

func TestRestartShortensLeases(t *testing.T) {
	t.Parallel()
	w, store := open()
	now := archivetest.WeekTime()
	until := now.Add(archive.VisibilityDelay)
	lease := func(name string, end time.Time) archive.User {
		return archivetest.MustPut(t, store, archivetest.NewUser(t, name, func(u *archive.User) {
			u.Lease = archive.Lease{Holder: "killed", Until: end}
		}))
	}
	long, short := lease("long", until.Add(time.Hour)), lease("short", until.Add(-time.Second))
	spoiled := lease("spoiled", until.Add(time.Hour))
	w.Spoil(t, "users/"+string(spoiled.ID))
	if n, err := store.Restart(t.Context(), now); n != 1 || err != nil {
		t.Errorf("got %d (error %v), want 1 lease shortened", n, err)
	}
	got, err := store.User(t.Context(), long.ID)
	if err != nil || !got.Lease.Until.Equal(until) || got.Lease.Holder != "killed" {
		t.Errorf("long lease: got %+v (error %v), want it to end at %s", got.Lease, err, until)
	}
	if _, err := store.Put(t.Context(), long); !errors.Is(err, fault.ErrConflict) {
		t.Errorf("Put by the former holder: got error %v, want %v", err, fault.ErrConflict)
	}
	if got, err := store.User(t.Context(), short.ID); err != nil || got.Revision != short.Revision {
		t.Errorf("short lease: got revision %s (error %v), want it unchanged", got.Revision, err)
	}
	if list, bad, err := store.List(t.Context()); err != nil || len(list) != 2 || bad != 1 {
		t.Errorf("got %d users and %d bad documents (error %v), want 2 and 1", len(list), bad, err)
	}
}

func TestRunsLostWithAProcessCanBeAskedForAgain(t *testing.T) {
	t.Parallel()
	_, store := open()
	now := archivetest.WeekTime()
	user := archivetest.MustPut(t, store, archivetest.NewUser(t, "ada", func(u *archive.User) {
		u.Manual = archive.Manual{AskedAt: now, DoneAt: now.Add(-time.Hour), Spent: now.Add(10 * time.Minute)}
	}))
	for _, want := range []int{1, 0} {
		if n, err := store.Restart(t.Context(), now); n != want || err != nil {
			t.Errorf("got %d users changed (error %v), want %d", n, err, want)
		}
	}
	got, err := store.User(t.Context(), user.ID)
	want := archive.Manual{AskedAt: now, DoneAt: now, Spent: now.Add(10 * time.Minute)}
	if err != nil || !cmp.Equal(got.Manual, want) {
		t.Errorf("got %+v (error %v), want %+v", got.Manual, err, want)
	}
}

func TestRestartMakesOpenWeeksDue(t *testing.T) {
	t.Parallel()
	_, store := open()
	now := archivetest.WeekTime()
	later := archive.Due{At: now.Add(20 * time.Hour), Why: archive.DueWeek}
	at := archive.Due{At: now, Why: archive.DueWeek}
	for name, row := range map[string]struct {
		edit func(u *archive.User)
		want archive.Due
	}{
		"open":        {func(u *archive.User) { u.Due = later }, at},
		"open_before": {func(u *archive.User) { u.Due = archive.Due{At: now.Add(-time.Hour)} }, archive.Due{At: now.Add(-time.Hour)}},
		"done":        {func(u *archive.User) { u.Due, u.LastEdition = later, archivetest.Week }, later},
		"paused_app":  {func(u *archive.User) { u.Due.At, u.Due.Why = later.At, archive.DuePause }, archive.Due{At: later.At, Why: archive.DuePause}},
	} {
		id := archivetest.MustPut(t, store, archivetest.NewUser(t, name, row.edit)).ID
		for range 2 {
			if _, err := store.Restart(t.Context(), now); err != nil {
				t.Fatal(err)
			}
			if u, err := store.User(t.Context(), id); err != nil || u.Due != row.want {
				t.Errorf("%s: got %+v (error %v), want %+v", name, u.Due, err, row.want)
			}
		}
	}
}

// A run's tally is forgotten after some days, the time of the last run is not.
func TestRunsEnd(t *testing.T) {
	t.Parallel()
	now := archivetest.WeekTime()
	store := records.New(archivetest.NewDocuments(func() time.Time { return now }))
	run := app.Run{Kind: app.RunWeekly, At: now}
	if err := errors.Join(store.NoteRun(t.Context(), run), store.CountUsers(t.Context(), "", 3, run)); err != nil {
		t.Fatal(err)
	}
	now = now.AddDate(0, 0, 10)
	if tally, err := store.AddRefusal(t.Context(), run, "ada"); err != nil || tally != (app.Tally{}) {
		t.Errorf("got %+v (error %v), want nothing left", tally, err)
	}
	if last, err := store.LastRun(t.Context(), app.RunWeekly); err != nil || !last.Equal(run.At) {
		t.Errorf("got last run %s (error %v), want %s", last, err, run.At)
	}
}

// A mass refusal reads and writes a bounded number of documents.
func TestManyRefusalsAreFewDocuments(t *testing.T) {
	t.Parallel()
	w, store := open()
	run := app.Run{Kind: app.RunWeekly, At: archivetest.WeekTime()}
	const users = 3000
	var tally app.Tally
	for i := range users {
		var err error
		if tally, err = store.AddRefusal(t.Context(), run, archive.UserID(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	// Two users in a thousand have the same digits.
	if tally.Refused > users || tally.Refused < users-users/100 {
		t.Errorf("got %d refusals, want about %d", tally.Refused, users)
	}
	list, err := w.List(t.Context(), document.Query{Collection: "runs/" + run.Name() + "/refusals", Limit: users})
	if err != nil || len(list) > 256 {
		t.Errorf("got %d documents (error %v), want at most 256", len(list), err)
	}
}
