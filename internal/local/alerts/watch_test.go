package alerts_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/local/alerts"
)

// watched is a copy that is watched, and whoever runs it.
type watched struct {
	t     *testing.T
	now   time.Time
	state alerts.State
	blind error // what looking fails with
	lost  error // what sending fails with
	told  []string
	beats int
	file  string
	watch *alerts.Watch
}

func watch(t *testing.T) *watched {
	t.Helper()
	w := &watched{t: t, now: time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC), file: filepath.Join(t.TempDir(), "told.json")}
	w.restart()
	return w
}

func (w *watched) restart() {
	w.t.Helper()
	var err error
	w.watch, err = alerts.New(alerts.Config{
		Look: func(context.Context) (alerts.State, error) { return w.state, w.blind },
		Send: func(_ context.Context, m alerts.Message) error {
			if w.lost == nil {
				w.told = append(w.told, strings.TrimPrefix(m.Title, "Weekly Archive: "))
			}
			return w.lost
		},
		Beat: func(context.Context) error {
			w.beats++
			return nil
		},
		File: w.file, Clock: func() time.Time { return w.now }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// pass lets time pass, with a look every minute.
func (w *watched) pass(d time.Duration) {
	for end := w.now.Add(d); w.now.Before(end); w.now = w.now.Add(time.Minute) {
		_ = w.watch.Step(w.t.Context())
	}
}

func (w *watched) want(want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(w.told, want); diff != "" {
		w.t.Errorf("told, got -, want +:\n%s", diff)
	}
}

const songs, app = "Spotify refuses our appends", "Spotify refuses the app or one of its users"

func TestAlertIsToldOnceAndHasAnEnd(t *testing.T) {
	t.Parallel()
	w := watch(t)
	w.pass(time.Hour)
	w.want()
	w.state.Ringing = []string{"SongsRejected"}
	w.pass(3 * time.Hour)
	w.want(songs)
	w.restart()
	w.state.Ringing = []string{"SongsRejected", "AppRefused"}
	w.pass(time.Hour)
	w.want(songs, app)
	w.state.Ringing = []string{"AppRefused"}
	w.pass(14 * time.Minute)
	w.want(songs, app)
	w.pass(2 * time.Minute)
	w.want(songs, app, "over: "+songs)
	w.restart()
	w.pass(time.Hour)
	w.want(songs, app, "over: "+songs)
}

// One that comes and goes is no storm of messages.
func TestAlertThatComesAndGoes(t *testing.T) {
	t.Parallel()
	w := watch(t)
	for range 24 * 3 {
		w.state.Ringing = []string{"SongsRejected"}
		w.pass(2 * time.Minute)
		w.state.Ringing = nil
		w.pass(18 * time.Minute)
	}
	if got, most := len(w.told), 2*24+1; got > most || got < 10 {
		t.Errorf("got %d messages in a day, want some, and at most %d", got, most)
	}
}

func TestMessageThatIsNotTakenIsSentAgain(t *testing.T) {
	t.Parallel()
	w := watch(t)
	w.state.Ringing, w.lost = []string{"SongsRejected"}, errors.New("simulated")
	w.pass(5 * time.Hour)
	w.want()
	w.lost = nil
	w.pass(time.Hour + time.Minute)
	w.want(songs)
	w.state.Ringing, w.lost = nil, errors.New("simulated")
	w.pass(time.Hour)
	w.lost = nil
	w.pass(time.Hour)
	w.want(songs, "over: "+songs)
}

// One that is over before anybody could be told needs no telling.
func TestAlertThatNobodyWasToldOfHasNoEnd(t *testing.T) {
	t.Parallel()
	w := watch(t)
	w.state.Ringing, w.lost = []string{"SongsRejected"}, errors.New("simulated")
	w.pass(time.Hour)
	w.state.Ringing, w.lost = nil, nil
	w.pass(3 * time.Hour)
	w.want()
}

func TestEventRingsForADay(t *testing.T) {
	t.Parallel()
	w := watch(t)
	w.watch.Note("UserOverdue")
	w.pass(23 * time.Hour)
	w.want("a user missed a week")
	w.restart()
	w.pass(2 * time.Hour)
	w.want("a user missed a week", "over: a user missed a week")
}

// A database that cannot be read is told of, and not at the first hiccup.
func TestBlindness(t *testing.T) {
	t.Parallel()
	w := watch(t)
	w.blind = errors.New("simulated")
	w.pass(2 * time.Minute)
	w.want()
	w.pass(2 * time.Minute)
	w.want("a function has a fault of its own")
}

func TestGoodWeeklyRunIsReportedOnce(t *testing.T) {
	t.Parallel()
	w := watch(t)
	beats := func(when string, want int) {
		t.Helper()
		w.pass(10 * time.Minute)
		if w.beats != want {
			t.Errorf("%s: called %d times, want %d", when, w.beats, want)
		}
	}
	beats("no weekly run yet", 0)
	w.state.Weekly = w.now
	beats("while it runs", 0)
	w.state.Settled, w.state.Ringing = true, []string{"SongsRejected"}
	beats("it ended in an alert", 0)
	w.state.Ringing = nil
	beats("mended", 1)
	w.restart()
	beats("after a restart", 1)
	w.state.Weekly = w.now
	beats("the next week", 2)
}

func TestUnreadableMemoryIsSaid(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "told.json")
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := alerts.New(alerts.Config{File: file}); err == nil || !strings.Contains(err.Error(), "without that file") {
		t.Errorf("got error %v, want what to do", err)
	}
}

// Run looks at once, after every poke, every half minute, and ends.
func TestRunLooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var looks atomic.Int64
		w, err := alerts.New(alerts.Config{
			Look: func(context.Context) (alerts.State, error) {
				looks.Add(1)
				return alerts.State{}, nil
			},
			File: filepath.Join(t.TempDir(), "told.json"), Clock: time.Now, Log: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			w.Run(ctx)
			close(ended)
		}()
		synctest.Wait()
		w.Poke()
		w.Poke()
		synctest.Wait()
		before := looks.Load()
		if before < 2 || before > 3 {
			t.Errorf("got %d looks after pokes, want 2 or 3", before)
		}
		time.Sleep(5*time.Minute + time.Second)
		if got := looks.Load() - before; got != 10 {
			t.Errorf("got %d looks in five minutes, want 10", got)
		}
		cancel()
		<-ended
	})
}
