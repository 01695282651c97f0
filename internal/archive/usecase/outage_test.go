package usecase_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// catchUps runs who is due on some days.
func (w *world) catchUps(days int) {
	w.t.Helper()
	for range days {
		w.nextDay()
		w.send(app.RunHourly)
	}
}

// An outage that refuses every append must not look like thirty bad songs.
func TestAppendsThatAreAllRefusedLoseNothing(t *testing.T) {
	t.Parallel()
	for name, choice := range map[string]archive.Choice{"discover": archive.ChoiceDiscover, "paste": archive.ChoicePaste} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, extended())
			id := w.connect(account, choice)
			want := w.shown(account)
			if choice == archive.ChoicePaste {
				if _, err := w.accounts.Paste(t.Context(), id, strings.Join(want, " ")); err != nil {
					t.Fatal(err)
				}
			}
			w.fault(fakespotify.Fault{Match: postItems, Kind: fakespotify.FaultStatus, Status: 400, Times: -1})
			w.spotify.ResetRequests()
			w.send(app.RunWeekly)
			if _, api := w.countAPI(); api > 70 {
				t.Errorf("got %d Web API requests, want no storm", api)
			}
			if got := w.user(id); got.Last.Kind == outcome.Saved || !got.WeekOpen(w.spotify.Now()) {
				t.Errorf("got outcome %q and last edition %q, want a user who is still due", got.Last.Kind, got.LastEdition)
			}
			w.catchUps(1)
			if err := w.spotify.ClearFaults(); err != nil {
				t.Fatal(err)
			}
			w.catchUps(3)
			got := w.archived(id)
			slices.Sort(got)
			slices.Sort(want)
			wantURIs(t, got, want)
			if got := w.user(id); got.WeekOpen(w.spotify.Now()) {
				t.Errorf("got a user who is still due: %+v", got.Last)
			}
		})
	}
}

// badSong is Spotify with one song that no append may hold.
type badSong struct {
	http.RoundTripper
	uri string
}

func (b badSong) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/items") {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		if strings.Contains(string(body), b.uri) {
			answer := httptest.NewRecorder()
			answer.WriteHeader(http.StatusBadRequest)
			_, _ = answer.WriteString(`{"error":{"status":400,"message":"Payload contains a non-existing ID"}}`)
			return answer.Result(), nil
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	return b.RoundTripper.RoundTrip(r)
}

// A song that alone is at fault is found and given up on the same day,
// wherever in the batch it is.
func TestOneBadSongCostsNoOther(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]int{"first": 0, "in_the_middle": 13, "last": 29} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, extended())
			id := w.connect(account, archive.ChoiceAuto)
			want := w.shown(account)
			w.archivist.Spotify = w.newClient(badSong{w.spotify.RoundTripper(), want[at]})
			want = slices.Delete(want, at, at+1)
			w.send(app.RunWeekly)
			got := w.archived(id)
			slices.Sort(got)
			slices.Sort(want)
			wantURIs(t, got, want)
			if u := w.user(id); u.Waiting || u.Last.Found != 30 || u.Last.Added != 29 || u.Last.Unusable != 1 {
				t.Errorf("got %+v, waiting: %t; want 30 found, 29 added, 1 unusable and nothing left", u.Last, u.Waiting)
			}
		})
	}
}

// A lone song that is refused waits: nothing shows whose fault it is. The next
// songs that are taken do.
func TestLoneBadSongWaitsForProof(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoicePaste)
	songs := w.shown(account)
	w.archivist.Spotify = w.newClient(badSong{w.spotify.RoundTripper(), songs[0]})
	paste := func(uri string) {
		t.Helper()
		if _, err := w.accounts.Paste(t.Context(), id, uri); err != nil {
			t.Fatal(err)
		}
		w.deliver()
	}
	paste(songs[0])
	w.catchUps(2)
	if u := w.user(id); !u.Waiting || u.Open != nil || u.Last.Kind != outcome.NothingNew {
		t.Errorf("got waiting %t, open %v and outcome %q, want a song that waits", u.Waiting, u.Open, u.Last.Kind)
	}
	paste(songs[1])
	if u := w.user(id); u.Waiting || u.Last.Unusable != 1 {
		t.Errorf("got waiting %t and %+v, want the bad song given up", u.Waiting, u.Last)
	}
	wantURIs(t, w.archived(id), songs[1:2])
}

// Items that are null come back within the week, however often somebody looks
// while they are gone.
func TestNullsOfAnHourCloseNoWeek(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakespotify.Config{Mode: fakespotify.Extended, Quirks: fakespotify.Quirks{Null: 5}})
	id := w.connect(account, archive.ChoiceAuto)
	w.mustRun(id, app.RunWeekly, outcome.Saved)
	for range 3 {
		w.spotify.Advance(time.Minute)
		w.mustRun(id, app.RunManual, outcome.NothingNew)
	}
	if got := w.user(id); got.Discover.Done != "" || !got.WeekOpen(w.spotify.Now()) {
		t.Errorf("minutes later: got week %q closed, want it open until tomorrow", got.Discover.Done)
	}
	w.catchUps(1)
	if got := w.user(id); got.WeekOpen(w.spotify.Now()) {
		t.Error("a day later: got a user who is still due")
	}
	entries, err := w.store.Entries(t.Context(), id, 10)
	if err != nil || len(entries) != 1 {
		t.Errorf("got %d entries and error %v, want one for one week", len(entries), err)
	}
}

func TestListOfNullsIsNotSaved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakespotify.Config{Mode: fakespotify.Extended, Quirks: fakespotify.Quirks{Null: 30}})
	id := w.connect(account, archive.ChoiceAuto)
	w.mustRun(id, app.RunWeekly, outcome.NotRefreshed)
}

// One failed write does not cost the consent.
func TestRotatedTokenIsKeptAtTheSecondTry(t *testing.T) {
	t.Parallel()
	cfg := extended()
	cfg.Rotate = true
	w := newWorld(t, cfg)
	id := w.connect(account, archive.ChoiceAuto)
	failures := 2
	w.store.Faults.Before = func(op string) error {
		if op == "Commit" && failures > 0 {
			failures--
			return errors.New("the store is away for a moment")
		}
		return nil
	}
	w.mustRun(id, app.RunWeekly, outcome.Saved)
	if failures > 0 {
		t.Error("the store did not fail: the test tests nothing")
	}
}

// A playlist that showed again is not missing any more, so its next
// absence is as little believed as the first.
func TestMissingIsForgottenByAResume(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceAuto)
	w.mustRun(id, app.RunSignUp, outcome.Saved)
	w.fault(fakespotify.Fault{Match: "GET /v1/me/library/contains", Kind: fakespotify.FaultStatus, Status: 403, Times: -1})
	playlist := w.user(id).Archives[archive.MainArchive].PlaylistID
	w.spotify.NextMonday()
	w.fault(fakespotify.Fault{Match: postItems, Kind: fakespotify.FaultDrop, AfterEffect: true})
	if got, err := w.run(id, app.RunWeekly); err == nil {
		t.Fatalf("got outcome %q, want an append in doubt", got.Kind)
	}
	w.spotify.Advance(settled)
	if err := w.spotify.Unfollow(account, playlist); err != nil {
		t.Fatal(err)
	}
	if _, err := w.run(id, app.RunWeekly); err == nil && w.user(id).Archives[archive.MainArchive].Absence.Since.IsZero() {
		t.Fatal("the archive was not missed: the test tests nothing")
	}
	if err := w.spotify.Follow(account, playlist); err != nil {
		t.Fatal(err)
	}
	w.catchUps(1)
	if got := w.user(id).Archives[archive.MainArchive]; !got.Absence.Since.IsZero() {
		t.Errorf("got %+v, want an archive that is there", got)
	}
}

// What the user takes out while an append is in doubt stays out: most of it is
// there, so it was appended.
func TestSongRemovedWhileInDoubtStaysOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceAuto)
	w.fault(fakespotify.Fault{Match: postItems, Kind: fakespotify.FaultDrop, AfterEffect: true})
	if _, err := w.run(id, app.RunWeekly); err == nil {
		t.Fatal("got no error, want an append in doubt")
	}
	playlist := w.user(id).Open.PlaylistID
	want := slices.Delete(w.spotify.URIs(playlist), 3, 4)
	if err := w.spotify.RemoveItem(account, playlist, 3); err != nil {
		t.Fatal(err)
	}
	w.spotify.Advance(settled)
	result := w.mustRun(id, app.RunWeekly, outcome.Saved)
	wantURIs(t, w.archived(id), want)
	if result.Found != 30 || result.Added != 30 {
		t.Errorf("got %d found and %d added, want the 30 of the week counted once", result.Found, result.Added)
	}
}

// Somebody who disconnected and comes back while Spotify lists nothing but
// nulls has an archive, which is waited for.
func TestBlankListMakesNoSecondArchive(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceAuto)
	w.mustRun(id, app.RunWeekly, outcome.Saved)
	want := w.archived(id)
	if err := w.accounts.Disconnect(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	w.spotify.Advance(time.Hour)
	w.connect(account, archive.ChoicePaste)
	if _, err := w.accounts.Paste(t.Context(), id, strings.Join(want[:3], " ")); err != nil {
		t.Fatal(err)
	}
	w.fault(fakespotify.Fault{Match: "GET /v1/me/playlists", Kind: fakespotify.FaultNullPlaylists, Times: -1})
	w.deliver()
	w.spotify.Advance(10 * time.Minute)
	if _, err := w.run(id, app.RunManual); err == nil {
		t.Error("got no error, want a list that is asked for again")
	}
	if n := len(w.spotify.Playlists(account)); n != 2 {
		t.Errorf("got %d playlists, want Discover Weekly and the archive", n)
	}
	if err := w.spotify.ClearFaults(); err != nil {
		t.Fatal(err)
	}
	w.catchUps(1)
	wantURIs(t, w.archived(id), want)
	if u := w.user(id); u.Waiting {
		t.Errorf("got songs that wait, want all known: %+v", u.Last)
	}
}

// The answer to a roll-over is lost; its playlist is taken, not made again.
func TestLostRollOverIsFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceAuto)
	w.mustRun(id, app.RunSignUp, outcome.Saved)
	if err := w.spotify.Fill(account, w.user(id).Archives[archive.MainArchive].PlaylistID, archive.MaxPlaylistItems-50); err != nil {
		t.Fatal(err)
	}
	w.spotify.NextMonday()
	w.fault(fakespotify.Fault{Match: "POST /v1/me/playlists", Kind: fakespotify.FaultDrop, AfterEffect: true})
	if _, err := w.run(id, app.RunWeekly); err == nil {
		t.Fatal("got no error, want a roll-over in doubt")
	}
	w.spotify.Advance(settled)
	want := w.shown(account)
	w.mustRun(id, app.RunWeekly, outcome.Saved)
	wantURIs(t, w.archived(id), want)
	if n := len(w.spotify.Playlists(account)); n != 3 {
		t.Errorf("got %d playlists, want Discover Weekly and two archives", n)
	}
}

// One failed run of twenty-four a day is nothing that the person has to read.
func TestFailedListeningRunIsNotTheLastWord(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	id := w.connect(account, archive.ChoiceListening)
	if err := w.spotify.PlayDiscover(account, 5); err != nil {
		t.Fatal(err)
	}
	w.mustRun(id, app.RunWeekly, outcome.Saved)
	w.fault(fakespotify.Fault{Match: "GET /v1/me/player/recently-played", Kind: fakespotify.FaultStatus, Status: 500, Times: -1})
	if got, err := w.look(id); err != nil || got.Kind != outcome.Unavailable {
		t.Fatalf("got outcome %q and error %v, want a run that fails and is not tried again", got.Kind, err)
	}
	if got := w.user(id).Last.Kind; got != outcome.Saved {
		t.Errorf("got %q as the last outcome, want %q", got, outcome.Saved)
	}
}

// A day of messages that waited and were delivered again is one look, not
// twenty-four.
func TestALookThatIsDoneIsNotRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	id := w.connect(account, archive.ChoiceListening)
	w.mustRun(id, app.RunSignUp, outcome.NothingNew)
	w.come(id, archive.DuePlays)
	w.spotify.ResetRequests()
	for range 24 {
		job := archive.ArchiveJob{User: id, Run: app.Run{Kind: app.RunDue, At: w.spotify.Now()}}
		if _, err := w.archivist.Run(t.Context(), job); err != nil {
			t.Fatal(err)
		}
	}
	if token, api := w.countAPI(); token != 1 || api != 1 {
		t.Errorf("got %d token and %d Web API requests, want 1 and 1", token, api)
	}
}

// A list that leaves out what it counts, or in which an entry stands twice, is
// not all of it: what was left out is archived when it shows.
func TestPartOfAListClosesNoWeek(t *testing.T) {
	t.Parallel()
	for name, lie := range map[string]fakespotify.Fault{
		"short_page":    {Kind: fakespotify.LieShortPage, Count: 3},
		"doubled_entry": {Kind: fakespotify.LieDoubledEntry, Count: 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, extended())
			id := w.connect(account, archive.ChoiceAuto)
			lie.Match, lie.Times = "GET /v1/playlists/"+w.spotify.DiscoverID(account)+"/items", -1
			w.fault(lie)
			w.send(app.RunWeekly)
			w.catchUps(2)
			if got := len(w.archived(id)); got >= 30 {
				t.Fatalf("got %d songs: the test tests nothing", got)
			}
			if err := w.spotify.ClearFaults(); err != nil {
				t.Fatal(err)
			}
			w.catchUps(1)
			got, want := w.archived(id), w.shown(account)
			slices.Sort(got)
			slices.Sort(want)
			wantURIs(t, got, want)
		})
	}
}

// An inbox that was read with an entry twice is read again the next day,
// though its snapshot id is the same.
func TestSlippedInboxIsReadAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	id := w.connect(account, archive.ChoiceInbox)
	w.mustRun(id, app.RunSignUp, outcome.NothingNew)
	inbox := w.user(id).Inbox.PlaylistID
	if err := w.spotify.CopyDiscover(account, inbox); err != nil {
		t.Fatal(err)
	}
	w.fault(fakespotify.Fault{Kind: fakespotify.LieDoubledEntry, Playlist: inbox, Count: 4, Times: 2})
	w.mustRun(id, app.RunDue, outcome.Saved)
	w.spotify.Advance(24 * time.Hour)
	w.mustRun(id, app.RunDue, outcome.NothingNew)
	w.spotify.Advance(24 * time.Hour)
	w.mustRun(id, app.RunDue, outcome.Saved)
	if got := len(w.archived(id)); got != 30 {
		t.Errorf("got %d songs, want all 30", got)
	}
}

// What was saved before a pause cut a run short is this week's result, also
// when the run after the pause finds nothing more.
func TestAWeekThatAPauseCutShortIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceDiscover)
	goOn := func() {
		w.spotify.Advance(3 * time.Hour)
		w.send(app.RunHourly)
	}
	w.fault(fakespotify.Fault{Match: postItems, Kind: fakespotify.FaultStatus, Status: 502})
	if result, err := w.run(id, app.RunWeekly); result.Kind != outcome.Unsure {
		t.Fatalf("the run whose append failed: got %q, %v", result.Kind, err)
	}
	w.fault(fakespotify.Fault{
		Match: "GET /v1/playlists/{id}/items", Playlist: w.spotify.DiscoverID(account), Kind: fakespotify.FaultRateLimit, RetryAfter: 3600,
	})
	w.spotify.Advance(10 * time.Minute)
	w.mustRun(id, app.RunWeekly, outcome.Paused)
	if got := w.user(id).Last; got.Kind != outcome.Paused || got.Added != 30 {
		t.Fatalf("got %q and %d songs, want a pause after thirty songs were saved: the test tests nothing", got.Kind, got.Added)
	}
	goOn()
	want := outcome.Outcome{Kind: outcome.Saved, Edition: "2026-11-16", Source: ledger.SourceDiscover, Found: 30, Added: 30}
	got := w.user(id).Last
	got.At, got.Run = want.At, want.Run
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("the week as it is told, got -, want +:\n%s", diff)
	}
	wantURIs(t, w.archived(id), w.shown(account))
	w.mustRun(id, app.RunManual, outcome.AlreadyDone)
	if got := w.user(id).Last; got.Added != 0 {
		t.Errorf("a run after it: got %d songs, which another one has told of", got.Added)
	}
}

// A clock that was a month ahead has stored a pause. It is forgotten at once, and
// not obeyed when that month has passed.
func TestPauseFromAWrongClockIsForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect("demo1", archive.ChoiceAuto)
	ahead := app.Pause{Until: w.spotify.Now().Add(30 * 24 * time.Hour), Reason: app.PauseRateLimit}
	if err := w.store.SetPause(t.Context(), ahead); err != nil {
		t.Fatal(err)
	}
	w.mustRun(id, app.RunWeekly, outcome.Saved)
	if pause, err := w.store.Pause(t.Context()); err != nil || !pause.Until.IsZero() {
		t.Errorf("got pause %+v and error %v, want none", pause, err)
	}
}
