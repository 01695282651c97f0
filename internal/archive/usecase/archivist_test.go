package usecase_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

const (
	postItems = "POST /v1/playlists/{id}/items"
	account   = "demo1"
)

func extended() fakespotify.Config { return fakespotify.Config{Mode: fakespotify.Extended} }

func TestWeeksAreArchivedOnceAndInOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceAuto)

	var want []string
	for week := range 4 {
		want = append(want, w.shown(account)...)
		result := w.mustRun(id, app.RunWeekly, outcome.Saved)
		if result.Found != 30 || result.Added != 30 {
			t.Fatalf("week %d: got %d found and %d added, want 30 and 30", week, result.Found, result.Added)
		}
		w.mustRun(id, app.RunWeekly, outcome.AlreadyDone)
		w.mustRun(id, app.RunManual, outcome.AlreadyDone)
		wantURIs(t, w.archived(id), want)
		w.spotify.NextMonday()
	}
	entries, err := w.store.Entries(t.Context(), id, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 4 || entries[0].Key.String() != "2026-12-07-discover-1" {
		t.Errorf("got %d entries, the newest %s, want 4 and 2026-12-07-discover-1", len(entries), entries[0].Key)
	}
}

func TestSteadyWeekCostsFourRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceAuto)
	w.mustRun(id, app.RunSignUp, outcome.Saved)
	target := w.user(id).Archives[archive.MainArchive]
	if err := w.spotify.Fill(account, target.PlaylistID, 970); err != nil {
		t.Fatal(err)
	}
	w.spotify.NextMonday()
	w.mustRun(id, app.RunWeekly, outcome.Saved) // reads what was added by hand
	w.spotify.NextMonday()
	w.spotify.ResetRequests()

	w.mustRun(id, app.RunWeekly, outcome.Saved)

	if token, api := w.countAPI(); token != 1 || api != 3 {
		t.Errorf("got %d token and %d Web API requests, want 1 and 3:\n%v", token, api, w.spotify.Requests())
	}
}

func TestLostAnswersDoubleNothing(t *testing.T) {
	t.Parallel()
	for name, failing := range map[string]fakespotify.Fault{
		"dropped_before_the_append":    {Match: postItems, Kind: fakespotify.FaultDrop},
		"dropped_after_the_append":     {Match: postItems, Kind: fakespotify.FaultDrop, AfterEffect: true},
		"error_500_after_the_append":   {Match: postItems, Kind: fakespotify.FaultStatus, Status: 500, AfterEffect: true},
		"error_503_without_the_append": {Match: postItems, Kind: fakespotify.FaultStatus, Status: 503},
		"archive_made_answer_lost":     {Match: "POST /v1/me/playlists", Kind: fakespotify.FaultDrop, AfterEffect: true},
		"archive_not_made":             {Match: "POST /v1/me/playlists", Kind: fakespotify.FaultDrop},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, extended())
			id := w.connect(account, archive.ChoiceAuto)
			want := w.shown(account)
			w.fault(failing)

			result, err := w.run(id, app.RunWeekly)
			if later, ok := errors.AsType[*fault.RetryLater](err); !ok || result.Kind != outcome.Unsure || later.NotBefore.IsZero() {
				t.Fatalf("got outcome %q and error %v, want unsure and a time to come again", result.Kind, err)
			}
			if got, err := w.run(id, app.RunWeekly); err == nil || got.Kind != outcome.Busy {
				t.Errorf("at once: got outcome %q and error %v, want busy and an error", got.Kind, err)
			}
			ahead := w.newArchivist(func() time.Time { return w.spotify.Now().Add(calendar.MaxSkew) }, slog.New(slog.DiscardHandler))
			job := archive.ArchiveJob{User: id, Run: app.Run{Kind: app.RunWeekly, At: start}}
			if got, err := ahead.Run(t.Context(), job); err == nil || got.Kind != outcome.Busy {
				t.Errorf("at once, by a clock that is ahead: got outcome %q and error %v, want busy and an error", got.Kind, err)
			}
			w.spotify.Advance(settled)
			if _, err := w.run(id, app.RunWeekly); err != nil {
				t.Fatal(err)
			}

			wantURIs(t, w.archived(id), want)
			if n := len(w.spotify.Playlists(account)); n != 2 {
				t.Errorf("got %d playlists, want Discover Weekly and one archive", n)
			}
			if u := w.user(id); u.Open != nil || u.LastEdition != "2026-11-16" {
				t.Errorf("got open intent %v and last edition %q, want none and 2026-11-16", u.Open, u.LastEdition)
			}
		})
	}
}

// A store that fails at any of its calls, before or after the effect, ends in
// the same archive.
func TestStoreFaultsLoseAndDoubleNothing(t *testing.T) {
	t.Parallel()
	for _, when := range []string{"before", "after"} {
		for n := range 7 {
			t.Run(when+"_call_"+string(rune('1'+n)), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, extended())
				id := w.connect(account, archive.ChoiceAuto)
				want := w.shown(account)
				calls := 0
				fail := func(string) error {
					calls++
					if calls == n+1 {
						return errors.New("store unavailable")
					}
					return nil
				}
				if when == "before" {
					w.store.Faults.Before = fail
				} else {
					w.store.Faults.After = fail
				}
				for range 3 {
					if _, err := w.run(id, app.RunWeekly); err == nil {
						break
					}
					w.spotify.Advance(archive.LeaseTime)
				}
				wantURIs(t, w.archived(id), want)
			})
		}
	}
}

func TestRemovedSongsDoNotComeBackAndOwnSongsAreNotDoubled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceAuto)
	w.mustRun(id, app.RunSignUp, outcome.Saved)
	playlist := w.user(id).Archives[archive.MainArchive].PlaylistID
	removed := w.archived(id)[3]
	if err := w.spotify.RemoveItem(account, playlist, 3); err != nil {
		t.Fatal(err)
	}
	w.spotify.NextMonday()
	byHand := w.shown(account)[7]
	// Two go in for one that went: a swap of equal numbers between two runs is
	// not noticed (internal/docs/traps.md).
	if err := w.spotify.AddItems(account, playlist, byHand, w.shown(account)[9]); err != nil {
		t.Fatal(err)
	}

	w.mustRun(id, app.RunWeekly, outcome.Saved)

	got := w.archived(id)
	if slices.Contains(got, removed) {
		t.Error("a song that the user removed is back")
	}
	if n := strings.Count(strings.Join(got, " "), byHand); n != 1 {
		t.Errorf("got the song added by hand %d times, want once", n)
	}
}

func TestGoneArchiveIsReplacedAndSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceAuto)
	w.mustRun(id, app.RunSignUp, outcome.Saved)
	old := w.user(id).Archives[archive.MainArchive].PlaylistID
	if err := w.spotify.Unfollow(account, old); err != nil {
		t.Fatal(err)
	}
	w.spotify.NextMonday()
	w.mustRun(id, app.RunWeekly, outcome.Missing)
	w.spotify.Advance(24 * time.Hour)

	result := w.mustRun(id, app.RunDue, outcome.Saved)

	if !result.NewArchive {
		t.Errorf("got outcome %+v, want it to say that the archive was gone", result)
	}
	if target := w.user(id).Archives[archive.MainArchive]; target.PlaylistID == old {
		t.Error("the archive that is gone is still in use")
	}
	wantURIs(t, w.archived(id), w.shown(account))
}

func TestNullPlaylistsMakeNoSecondArchive(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceAuto)
	w.mustRun(id, app.RunSignUp, outcome.Saved)
	before := w.archived(id)
	w.spotify.NextMonday()
	w.fault(fakespotify.Fault{Match: "GET /v1/me/playlists", Kind: fakespotify.FaultNullPlaylists, Times: -1})
	w.mustRun(id, app.RunWeekly, outcome.Missing)
	if err := w.spotify.ClearFaults(); err != nil {
		t.Fatal(err)
	}
	w.spotify.Advance(24 * time.Hour)
	w.mustRun(id, app.RunDue, outcome.Saved)

	wantURIs(t, w.archived(id), append(before, w.shown(account)...))
}

// In development mode the list always has a hole where Discover Weekly is.
func TestGoneArchiveInAListWithHolesIsBelievedTheNextDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	id := w.connect(account, archive.ChoicePaste)
	paste := func(uris []string) {
		t.Helper()
		if _, err := w.accounts.Paste(t.Context(), id, strings.Join(uris, " ")); err != nil {
			t.Fatal(err)
		}
	}
	songs := w.shown(account)
	paste(songs[:3])
	w.mustRun(id, app.RunManual, outcome.Saved)
	old := w.user(id).Archives[archive.MainArchive].PlaylistID
	w.spotify.Advance(24 * time.Hour)
	if err := w.spotify.Unfollow(account, old); err != nil {
		t.Fatal(err)
	}
	paste(songs[3:9])
	w.mustRun(id, app.RunManual, outcome.Missing)
	w.spotify.Advance(24 * time.Hour)

	if result := w.mustRun(id, app.RunDue, outcome.Saved); !result.NewArchive {
		t.Errorf("got outcome %+v, want it to say that the archive was gone", result)
	}
	if got := w.spotify.URIs(old); len(got) != 3 {
		t.Errorf("got %d songs in the archive that is gone, want the 3 of before", len(got))
	}
	wantURIs(t, w.archived(id), songs[3:9])
}

func TestForgottenArchiveIsAdopted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceAuto)
	w.mustRun(id, app.RunSignUp, outcome.Saved)
	playlist := w.user(id).Archives[archive.MainArchive].PlaylistID
	want := w.archived(id)
	if err := w.accounts.Disconnect(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	w.connect(account, archive.ChoiceAuto)

	w.mustRun(id, app.RunSignUp, outcome.NothingNew)

	if got := w.user(id).Archives[archive.MainArchive].PlaylistID; got != "" && got != playlist {
		t.Errorf("got archive %q, want the forgotten %q", got, playlist)
	}
	wantURIs(t, w.spotify.URIs(playlist), want)
}

func TestFullArchiveRollsOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceAuto)
	w.mustRun(id, app.RunSignUp, outcome.Saved)
	first := w.user(id).Archives[archive.MainArchive].PlaylistID
	if err := w.spotify.Fill(account, first, 9_950); err != nil {
		t.Fatal(err)
	}
	w.spotify.NextMonday()

	w.mustRun(id, app.RunWeekly, outcome.Saved)

	target := w.user(id).Archives[archive.MainArchive]
	second, _ := w.spotify.Playlist(target.PlaylistID)
	if target.PlaylistID == first || target.Part != 2 || second.Name != "Weekly Archive 2" {
		t.Errorf("got part %d named %q, want part 2, Weekly Archive 2", target.Part, second.Name)
	}
	wantURIs(t, w.archived(id), w.shown(account))
}

func TestRotatedTokenIsKeptBeforeItIsUsed(t *testing.T) {
	t.Parallel()
	cfg := extended()
	cfg.Rotate = true
	w := newWorld(t, cfg)
	id := w.connect(account, archive.ChoiceAuto)
	w.fault(fakespotify.Fault{Match: "GET *", Kind: fakespotify.FaultStatus, Status: 500})
	if _, err := w.run(id, app.RunWeekly); err == nil {
		t.Fatal("got no error from a failing Web API")
	}
	w.spotify.Advance(time.Minute)
	w.mustRun(id, app.RunWeekly, outcome.Saved)
}

// A rotation of the key finishes by itself: each user's next run seals their
// grant with the new version, so the old one can go.
func TestGrantOfAnOlderKeyVersionIsSealedAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceAuto)
	w.mustRun(id, app.RunSignUp, outcome.Saved)
	first := w.user(id).Grant
	second := w.keys.Rotate()

	w.spotify.NextMonday()
	away := errors.New("the store is away for a moment")
	w.store.Faults.Before = func(op string) (err error) {
		if op == "Commit" {
			err, away = away, nil
		}
		return err
	}
	w.mustRun(id, app.RunWeekly, outcome.Saved)
	if got := w.user(id).Grant.Sealed.KeyVersion; got != first.Sealed.KeyVersion {
		t.Fatalf("with the store away: got version %s, want %s as before", got, first.Sealed.KeyVersion)
	}
	w.spotify.NextMonday()
	w.mustRun(id, app.RunWeekly, outcome.Saved)
	got := w.user(id).Grant
	if got.Sealed.KeyVersion != second || !got.AuthorizedAt.Equal(first.AuthorizedAt) {
		t.Errorf("got version %s of %s, want %s of %s", got.Sealed.KeyVersion, got.AuthorizedAt, second, first.AuthorizedAt)
	}
	w.keys.Destroy(first.Sealed.KeyVersion)
	w.spotify.NextMonday()
	w.mustRun(id, app.RunWeekly, outcome.Saved)
	if again := w.user(id).Grant.Sealed; !slices.Equal(again.Ciphertext, got.Sealed.Ciphertext) {
		t.Error("a grant of the current version was sealed anew")
	}
}

func TestSealedGrantOfAnotherUserDoesNotOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	one, two := w.connect("demo1", archive.ChoiceAuto), w.connect("demo2", archive.ChoiceAuto)
	u := w.user(one)
	u.Grant.Sealed = w.user(two).Grant.Sealed
	if _, err := w.store.Put(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	w.mustRun(one, app.RunWeekly, outcome.Key)
	if token, _ := w.countAPI(); token != 2 {
		t.Errorf("got %d token requests, want the two of the sign-ups", token)
	}
}

func TestAppIsPausedForEverybody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	one, two := w.connect("demo1", archive.ChoiceAuto), w.connect("demo2", archive.ChoiceAuto)
	w.fault(fakespotify.Fault{Match: "GET *", Kind: fakespotify.FaultQuota, RetryAfter: 80_000})

	until := w.spotify.Now().Add(80_000 * time.Second)
	putOff := func(id archive.UserID) {
		t.Helper()
		got := w.mustRun(id, app.RunWeekly, outcome.Paused)
		due := w.user(id).Due
		if !got.Until.Equal(until) || due.Why != archive.DuePause || due.At.Before(until) || due.At.After(until.Add(time.Hour)) {
			t.Fatalf("got a pause until %s and %+v, want one until %s and the user due within the hour after it", got.Until, due, until)
		}
	}
	putOff(one)
	w.spotify.ResetRequests()
	putOff(two)
	if token, api := w.countAPI(); token+api != 0 {
		t.Errorf("got %d requests while paused, want none", token+api)
	}
	w.spotify.Advance(80_001*time.Second + time.Hour)
	w.send(app.RunHourly)
	wantURIs(t, w.archived(one), w.shown("demo1"))
	wantURIs(t, w.archived(two), w.shown("demo2"))
}

func TestDisconnectLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceAuto)
	w.mustRun(id, app.RunSignUp, outcome.Saved)
	w.store.Faults.Before = func(op string) error {
		if op == "Delete.user" {
			return errors.New("cut off")
		}
		return nil
	}
	if err := w.accounts.Disconnect(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if u := w.user(id); u.Status != archive.StatusLeaving || len(u.Grant.Sealed.Ciphertext) > 0 {
		t.Errorf("got status %q and %d bytes of a grant, want leaving and none", u.Status, len(u.Grant.Sealed.Ciphertext))
	}
	if _, err := w.accounts.Account(t.Context(), id); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("got error %v from the account page, want not found", err)
	}
	w.store.Faults.Before = nil
	w.spotify.Advance(time.Hour)
	w.send(app.RunHourly)
	if _, err := w.store.User(t.Context(), id); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("got error %v an hour later, want not found", err)
	}
}

// Nothing marks an unreadable document as leaving, so nobody would finish what
// its deletion left.
func TestDisconnectOfAnUnreadableDocumentTellsTheTruth(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceAuto)
	w.store.Corrupt(t, id)
	w.store.Faults.Before = func(op string) error {
		if op == "Delete" {
			return errors.New("the store is away for a moment")
		}
		return nil
	}
	if err := w.accounts.Disconnect(t.Context(), id); err == nil {
		t.Error("got no error, although nothing was deleted")
	}
	w.store.Faults.Before = nil
	if err := w.accounts.Disconnect(t.Context(), id); err != nil {
		t.Errorf("got error %v at the second try, want none", err)
	}
}

func TestPersonPausesAndResumes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceAuto)
	if err := w.accounts.Pause(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	w.send(app.RunWeekly)
	w.mustRun(id, app.RunManual, outcome.Stopped)
	if err := w.accounts.Resume(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	w.deliver()
	wantURIs(t, w.archived(id), w.shown(account))
}

// A run that is stopped is no reason to wake the operator, whatever the store
// says about it.
func TestStoppedRunIsTriedAgainQuietly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceAuto)
	ctx, cancel := context.WithCancel(t.Context())
	stopped := false
	w.store.Faults.Before = func(op string) error {
		if op != "Commit" || stopped {
			return nil
		}
		stopped = true
		cancel()
		return errors.New("some adapter's words for it")
	}
	job := archive.ArchiveJob{User: id, Run: app.Run{Kind: app.RunWeekly, At: start}}
	result, err := w.archivist.Run(ctx, job)
	if _, later := errors.AsType[*fault.RetryLater](err); !later || result.Kind != outcome.Unavailable {
		t.Errorf("got outcome %q and error %v, want unavailable and another try", result.Kind, err)
	}
	w.spotify.Advance(settled)
	w.mustRun(id, app.RunWeekly, outcome.Saved)
}
