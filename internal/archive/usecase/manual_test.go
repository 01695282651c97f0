package usecase_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// pressing is a user whose week is done.
func pressing(t *testing.T) (*world, archive.UserID) {
	t.Helper()
	w := newWorld(t, fakespotify.Config{Mode: fakespotify.Extended})
	id := w.connect("demo1", archive.ChoiceDiscover)
	w.mustRun(id, app.RunSignUp, outcome.Saved)
	return w, id
}

// press asks for n runs and returns how many were asked for too often.
func (w *world) press(id archive.UserID, n int) (tooOften int) {
	w.t.Helper()
	for range n {
		switch err := w.accounts.RunNow(w.t.Context(), id); {
		case errors.Is(err, fault.ErrTooOften):
			tooOften++
		case err != nil:
			w.t.Fatal(err)
		}
	}
	return tooOften
}

// wantTokens wants so many token requests in all, with the two of pressing.
func (w *world) wantTokens(want int, after string) {
	w.t.Helper()
	if got, _ := w.countAPI(); got != 2+want {
		w.t.Errorf("%s: got %d token requests, want %d", after, got-2, want)
	}
}

func TestAThousandPressesAreOneRun(t *testing.T) {
	t.Parallel()
	w, id := pressing(t)
	if refused := w.press(id, 1000); refused != 0 {
		t.Errorf("got %d presses refused while a run waits, want none", refused)
	}
	if got := len(w.queue.Archive.Waiting()); got != 1 {
		t.Errorf("got %d jobs, want 1", got)
	}
	w.deliver()
	w.wantTokens(1, "a thousand presses")
	w.press(id, 1)
	w.deliver()
	w.wantTokens(2, "one more after the run")
}

func TestRunsOneAfterAnotherHaveALimit(t *testing.T) {
	t.Parallel()
	w, id := pressing(t)
	refused := 0
	for range 1000 {
		refused += w.press(id, 1)
		w.deliver()
	}
	w.wantTokens(10, "a thousand presses, each after the run before")
	if refused != 990 {
		t.Errorf("got %d presses refused, want 990", refused)
	}
	if err := w.accounts.Choose(t.Context(), id, archive.ChoiceInbox); !errors.Is(err, fault.ErrTooOften) {
		t.Errorf("got error %v, want a choice to count too", err)
	}
	if got := w.user(id).Choice; got != archive.ChoiceInbox {
		t.Errorf("got choice %q, want it stored all the same", got)
	}
	w.spotify.Advance(10 * time.Minute)
	w.press(id, 2)
	w.deliver()
	w.wantTokens(11, "ten minutes later")
}

// A press of a moment after a run began may want what the run did not see.
func TestAPressDuringARunIsARun(t *testing.T) {
	t.Parallel()
	w, id := pressing(t)
	w.press(id, 1)
	job := w.queue.Archive.TakeAll()[0]
	pressed := false
	w.archivist.Spotify = w.newClient(roundTrip(func(r *http.Request) (*http.Response, error) {
		if !pressed {
			pressed = true
			w.press(id, 1)
		}
		return w.spotify.RoundTripper().RoundTrip(r)
	}))
	if _, err := w.archivist.Run(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	w.wantTokens(1, "the first run")
	w.deliver()
	w.wantTokens(2, "the press during it")
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestALostRunCanBeAskedForAgain(t *testing.T) {
	t.Parallel()
	w, id := pressing(t)
	w.press(id, 1)
	lost := w.queue.Archive.TakeAll()[0] // with the process
	w.press(id, 1)
	if got := len(w.queue.Archive.Waiting()); got != 0 {
		t.Errorf("at once: got %d jobs, want none beside the one on its way", got)
	}
	w.spotify.Advance(time.Minute)
	w.press(id, 1)
	w.deliver()
	w.wantTokens(1, "a minute later")
	if result, err := w.archivist.Run(t.Context(), lost); err != nil || result.Kind != outcome.AlreadyDone {
		t.Errorf("the lost one comes late: got outcome %q and error %v, want it done already", result.Kind, err)
	}
	w.wantTokens(1, "the lost one")
}

func TestAManualRunThatFailsComesAgain(t *testing.T) {
	t.Parallel()
	for name, failing := range map[string]fakespotify.Fault{
		"at_the_token":  {Match: "POST /api/token", Kind: fakespotify.FaultStatus, Status: 503, Times: -1},
		"at_the_source": {Match: "GET /v1/playlists/...", Kind: fakespotify.FaultStatus, Status: 503, Times: -1},
		"at_every_read": {Match: "GET *", Kind: fakespotify.FaultStatus, Status: 503, Times: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, id := pressing(t)
			w.spotify.NextMonday()
			w.fault(failing)
			w.press(id, 1)
			job := w.queue.Archive.TakeAll()[0]
			if _, err := w.archivist.Run(t.Context(), job); err == nil {
				t.Fatal("got no error while Spotify is down, want the message to come again")
			}
			if err := w.spotify.ClearFaults(); err != nil {
				t.Fatal(err)
			}
			w.spotify.Advance(time.Hour)
			result, err := w.archivist.Run(t.Context(), job)
			if err != nil || result.Kind != outcome.Saved {
				t.Errorf("got outcome %q and error %v, want the songs saved by the second delivery", result.Kind, err)
			}
			if result, _ := w.archivist.Run(t.Context(), job); result.Kind != outcome.AlreadyDone {
				t.Errorf("third delivery: got outcome %q, want it done already", result.Kind)
			}
		})
	}
}

func TestARunThatCouldNotBeSentCanBeAskedForAtOnce(t *testing.T) {
	t.Parallel()
	w, id := pressing(t)
	w.queue.Faults.Before = func(string) error { return errors.New("queue is down") }
	if err := w.accounts.RunNow(t.Context(), id); err == nil {
		t.Error("got no error while the queue is down")
	}
	w.queue.Faults.Before = nil
	w.press(id, 1)
	w.deliver()
	w.wantTokens(1, "after the queue came back")
}

// A message of an earlier program names a time that the user does not know.
func TestAManualRunOfAnEarlierProgramRuns(t *testing.T) {
	t.Parallel()
	w, id := pressing(t)
	w.press(id, 1)
	w.deliver()
	w.spotify.Advance(time.Minute)
	w.mustRun(id, app.RunManual, outcome.AlreadyDone)
	w.wantTokens(2, "a message of an earlier program")
}

func TestAPressUnderAWrongClockIsForgotten(t *testing.T) {
	t.Parallel()
	w, id := pressing(t)
	ahead := w.spotify.Now().AddDate(1, 0, 0)
	u := w.user(id)
	u.Manual = archive.Manual{AskedAt: ahead, DoneAt: ahead, Spent: ahead}
	if _, err := w.store.Put(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	if refused := w.press(id, 1); refused != 0 {
		t.Error("got a press refused for what a wrong clock has written")
	}
	w.deliver()
	w.wantTokens(1, "a press after the clock was put right")
}
