package usecase_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// pasted connects a person who only pastes, and archives songs of theirs long ago.
func pasted(t *testing.T, songs int) (w *world, id archive.UserID, list []string) {
	t.Helper()
	w = newWorld(t, extended())
	id = w.connect(account, archive.ChoicePaste)
	list = w.shown(account)[:songs]
	if _, err := w.accounts.Paste(t.Context(), id, strings.Join(list, " ")); err != nil {
		t.Fatal(err)
	}
	w.deliver()
	wantURIs(t, w.archived(id), list)
	w.spotify.Advance(7 * 24 * time.Hour)
	return w, id, list
}

func (w *world) takeBack(id archive.UserID, songs ...string) {
	w.t.Helper()
	if _, err := w.accounts.TakeBack(w.t.Context(), id, strings.Join(songs, " ")); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) removeSongs(id archive.UserID, songs ...string) {
	w.t.Helper()
	playlist := w.user(id).Archives[archive.MainArchive].PlaylistID
	for _, song := range songs {
		if err := w.spotify.RemoveItem(account, playlist, slices.Index(w.spotify.URIs(playlist), song)); err != nil {
			w.t.Fatal(err)
		}
	}
}

// A week's own playlist still has what was taken out of the archive.
func TestWhatIsTakenBackGoesIntoNoWeek(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceDiscover)
	if err := w.accounts.SetShape(t.Context(), id, archive.ShapeEdition); err != nil {
		t.Fatal(err)
	}
	w.mustRun(id, app.RunSignUp, outcome.Saved)
	list := w.archived(id)
	w.spotify.Advance(24 * time.Hour)
	w.removeSongs(id, list[2])
	w.takeBack(id, list[2])
	w.deliver()
	wantURIs(t, w.archived(id), append(slices.Delete(slices.Clone(list), 2, 3), list[2]))
	for key, of := range w.user(id).Archives {
		if key != archive.MainArchive {
			wantURIs(t, w.spotify.URIs(of.PlaylistID), list)
		}
	}
	if n := len(w.user(id).Archives); n != 2 {
		t.Errorf("got %d archives, want the one and the week's", n)
	}
}

// What is wanted back comes back once: with a button pressed twice, with its
// message delivered twice, and with what was there all the time beside it.
func TestRemovedSongsAreTakenBackOnce(t *testing.T) {
	t.Parallel()
	w, id, list := pasted(t, 5)
	w.removeSongs(id, list[1], list[3])

	report, err := w.accounts.Paste(t.Context(), id, strings.Join(list, " "))
	if err != nil || report.Already != 5 || report.New != 0 || len(report.Known) != 5 || len(w.queue.Archive.Waiting()) != 0 {
		t.Fatalf("pasting them: got %+v, %v, want 5 that are known, and nothing done", report, err)
	}
	report, err = w.accounts.TakeBack(t.Context(), id, strings.Join(list, " "))
	if err != nil || report.Back != 5 || report.New != 0 || len(report.Known) != 0 {
		t.Fatalf("taking them back: got %+v, %v, want 5 that are looked for", report, err)
	}
	if again, err := w.accounts.TakeBack(t.Context(), id, strings.Join(list, " ")); err != nil || again.Back != 0 || again.Waiting != 5 {
		t.Fatalf("taking them back twice: got %+v, %v, want 5 that wait already", again, err)
	}
	jobs := w.queue.Archive.TakeAll()
	if len(jobs) != 1 {
		t.Errorf("got %d runs asked for, want one", len(jobs))
	}
	want := []string{list[0], list[2], list[4], list[1], list[3]}
	for range 2 {
		for _, job := range jobs {
			if _, err := w.archivist.Run(t.Context(), job); err != nil {
				t.Fatal(err)
			}
			wantURIs(t, w.archived(id), want)
		}
	}
	u := w.user(id)
	if u.Last.Kind != outcome.Saved || u.Last.Back != 2 || u.Last.Stood != 3 || u.Last.Added != 0 || u.Waiting {
		t.Errorf("got told %+v, waiting %t, want 2 back, 3 that stood there, and nothing left", u.Last, u.Waiting)
	}
	entries, err := w.store.Entries(t.Context(), id, 10)
	if err != nil || len(entries) != 2 || entries[0].Key.Source != ledger.SourceBack || entries[0].Found != 2 || entries[0].Added != 2 || entries[0].Already != 0 {
		t.Errorf("got history %+v, %v, want what was taken back and nothing else of it", entries, err)
	}
	if week := u.Week(w.spotify.Now()); week.State != calendar.WeekTurn || week.Songs != 0 {
		t.Errorf("got week %+v, want one of which nothing is in: a song that is taken back is of any week", week)
	}
	w.removeSongs(id, list[1])
	w.spotify.Advance(settled)
	w.send(app.RunWeekly)
	wantURIs(t, w.archived(id), append(want[:3:3], list[3])) // and what is removed again stays out again
}

// A song of a moment ago may not show yet, so nobody takes it for removed.
func TestNothingIsTakenBackBeforeTheLastAppendShows(t *testing.T) {
	t.Parallel()
	w, id, list := pasted(t, 3)
	w.removeSongs(id, list[0])
	for range 3 {
		w.takeBack(id, list...)
		w.deliver()
		if w.archived(id)[0] != list[1] || count(w.archived(id), list[0]) != 1 {
			t.Fatalf("got %v, want the three songs, the first last", w.archived(id))
		}
		w.fault(fakespotify.Fault{Match: "GET /v1/playlists/{id}/items", Kind: fakespotify.FaultStaleRead, Times: -1})
		w.spotify.Advance(5 * time.Second)
		w.takeBack(id, list[0])
		job := w.queue.Archive.TakeAll()[0]
		_, err := w.archivist.Run(t.Context(), job)
		later, ok := errors.AsType[*fault.RetryLater](err)
		if !ok || later.NotBefore.Before(w.spotify.Now()) {
			t.Fatalf("a moment later: got %v, want to come again once it shows", err)
		}
		if err := w.spotify.ClearFaults(); err != nil {
			t.Fatal(err)
		}
		w.spotify.Advance(settled)
		if _, err := w.archivist.Run(t.Context(), job); err != nil {
			t.Fatal(err)
		}
		if u := w.user(id); u.Waiting || u.Last.Back != 0 || u.Last.Stood != 1 {
			t.Fatalf("then: got told %+v, waiting %t, want one that stood there", u.Last, u.Waiting)
		}
		w.removeSongs(id, list[0])
		w.spotify.Advance(settled)
	}
}

// A person does not wait for an append that got no answer, and puts the song back
// by hand.
func TestWhatWasPutBackByHandIsNotTakenBackToo(t *testing.T) {
	t.Parallel()
	w, id, list := pasted(t, 4)
	w.removeSongs(id, list[0], list[2])
	w.fault(fakespotify.Fault{Match: postItems, Kind: fakespotify.FaultDrop})
	w.takeBack(id, list[0], list[2])
	w.deliver()
	if err := w.spotify.AddItems(account, w.user(id).Open.PlaylistID, list[2]); err != nil {
		t.Fatal(err)
	}
	w.spotify.Advance(settled)
	w.send(app.RunHourly)
	for range 2 {
		w.nextDay()
		w.send(app.RunHourly)
	}
	wantURIs(t, w.archived(id), []string{list[1], list[3], list[2], list[0]})
}

// Whatever Spotify answers, a song that stands in the archive is not added to it.
func TestNoLieTakesASongBackThatIsThere(t *testing.T) {
	t.Parallel()
	const items, list = "GET /v1/playlists/{id}/items", "GET /v1/me/playlists"
	for name, failing := range map[string]fakespotify.Fault{
		"an_empty_list":          {Match: items, Kind: fakespotify.LieEmptyList, Times: -1},
		"a_short_page":           {Match: items, Kind: fakespotify.LieShortPage, Times: -1},
		"an_entry_stands_twice":  {Match: items, Kind: fakespotify.LieSlippedPage, Times: -1},
		"items_are_refused":      {Match: items, Kind: fakespotify.FaultStatus, Status: 403, Times: -1},
		"the_library_is_empty":   {Match: list, Kind: fakespotify.LieEmptyList, Times: -1},
		"no_answer_to_an_append": {Match: postItems, Kind: fakespotify.FaultDrop, AfterEffect: true},
		"an_append_is_refused":   {Match: postItems, Kind: fakespotify.FaultStatus, Status: 503},
		"an_append_comes_late":   {Match: postItems, Kind: fakespotify.LieAppendLate},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, id, list := pasted(t, 4)
			w.removeSongs(id, list[2])
			w.lied(id, failing, list)
			wantURIs(t, w.archived(id), []string{list[0], list[1], list[3], list[2]})
		})
		t.Run(name+"/nothing_removed", func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, extended())
			id := w.connect(account, archive.ChoiceAuto)
			w.week()
			w.week()
			w.week()
			list := w.archived(id)
			w.lied(id, failing, list[:10])
			wantURIs(t, w.archived(id)[:90], list)
			for _, song := range list {
				if count(w.archived(id), song) != 1 {
					t.Errorf("%s stands there %d times", song, count(w.archived(id), song))
				}
			}
		})
	}
}

// lied lets songs be taken back while something is not as Spotify says.
func (w *world) lied(id archive.UserID, failing fakespotify.Fault, songs []string) {
	w.t.Helper()
	w.fault(failing)
	w.takeBack(id, songs...)
	for range 4 {
		_, _ = w.run(id, app.RunManual)
		w.spotify.Advance(settled)
	}
	if err := w.spotify.ClearFaults(); err != nil {
		w.t.Fatal(err)
	}
	for range 3 {
		w.nextDay()
		w.send(app.RunHourly)
	}
	if w.user(id).Waiting {
		w.t.Error("songs wait, want none")
	}
}

// A song that stands in an earlier part, or in the archive of a year, is there.
func TestAllArchivesAreLookedAtForWhatIsWantedBack(t *testing.T) {
	t.Parallel()
	w, id, list := pasted(t, 3)
	if err := w.accounts.SetShape(t.Context(), id, archive.ShapeYearly); err != nil {
		t.Fatal(err)
	}
	w.removeSongs(id, list[0])
	w.takeBack(id, list...)
	if _, err := w.run(id, app.RunManual); err != nil {
		t.Fatal(err)
	}
	wantURIs(t, w.archived(id), list[1:])
	wantURIs(t, w.spotify.URIs(w.user(id).Archives["2026"].PlaylistID), list[:1])
}

// Wherever a run is cut off, at the store or at Spotify, before or after the
// effect, what is wanted back comes back once.
func TestTakingBackIsCutOffAnywhere(t *testing.T) {
	t.Parallel()
	for n := range 40 {
		for _, after := range []bool{false, true} {
			for _, at := range []string{"store", "spotify"} {
				w, id, list := pasted(t, 4)
				w.removeSongs(id, list[0], list[2])
				w.takeBack(id, list...)
				cut := w.cutOff(at, n, after)
				jobs := w.queue.Archive.TakeAll()
				for range 3 {
					for _, job := range jobs {
						_, _ = w.archivist.Run(t.Context(), job)
					}
					w.spotify.Advance(settled)
				}
				if !cut() && n == 0 {
					t.Errorf("nothing was cut off at %s", at)
				}
				w.store.Faults = archivetest.Faults{}
				if err := w.spotify.ClearFaults(); err != nil {
					t.Fatal(err)
				}
				w.nextDay()
				w.send(app.RunHourly)
				if got, want := w.archived(id), []string{list[1], list[3], list[0], list[2]}; !slices.Equal(got, want) {
					t.Errorf("cut off at step %d of %s (after the effect: %t): got %v, want %v", n, at, after, got, want)
				}
				if w.user(id).Waiting {
					t.Errorf("cut off at step %d of %s (after the effect: %t): songs wait, want none", n, at, after)
				}
			}
		}
	}
}

// cutOff lets a step fail, from 0 on.
func (w *world) cutOff(at string, n int, after bool) (happened func() bool) {
	w.t.Helper()
	if at == "spotify" {
		w.fault(fakespotify.Fault{Match: "* /v1/...", Kind: fakespotify.FaultDrop, AfterEffect: after, Skip: n})
		return func() bool { return len(w.spotify.Faults()) == 0 }
	}
	steps := 0
	failing := func(string) error {
		if steps++; steps == n+1 {
			return errors.New("simulated")
		}
		return nil
	}
	w.store.Faults = archivetest.Faults{Before: failing}
	if after {
		w.store.Faults = archivetest.Faults{After: failing}
	}
	return func() bool { return steps > n }
}
