package bench_test

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/messaging"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/links"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// appDays is what an app in development mode asks of Spotify in two weeks, of
// five people, the most that it may have, with everything switched on: they copy,
// paste, listen from morning to midnight, are reminded, tap on what they are
// told, and press the button every few hours.
type appDays struct {
	requests []int               // of each day in UTC
	putOff   map[string][]string // what was put off, by what it was, with whom the page told of it
	saved    []int               // songs in the archive of each person, at the end
}

func (d appDays) most() int { return slices.Max(d.requests) }

// waitingMessage is a message that comes again.
type waitingMessage struct {
	at  time.Time
	job archive.ArchiveJob
}

// household is the app of those five people.
type household struct {
	*world
	ids      []archive.UserID
	way      *wire
	teller   *messaging.Teller
	accounts *usecase.Accounts
	fanOut   *usecase.FanOut
	waiting  []waitingMessage
	days     appDays
}

const everything = archive.Choice("inbox+listening+paste")

func newHousehold(tb testing.TB, daily int) *household {
	tb.Helper()
	const people = 5
	w := newWorld(tb, fakespotify.Config{Mode: fakespotify.Development, Clock: func() time.Time { return start }, Accounts: crowd(people)})
	w.daily = daily
	h := &household{world: w, way: &wire{inner: w.spotify.RoundTripper()}, days: appDays{putOff: map[string][]string{}}}
	client, log := w.client(h.way, w.advance), slog.New(slog.DiscardHandler)
	h.accounts = &usecase.Accounts{Store: w.store, Jobs: w.queue, Clock: w.clock, Log: log}
	pushKeys := archivetest.NewStore(w.clock)
	h.fanOut = &usecase.FanOut{Users: w.store, App: w.store, Jobs: w.queue, More: w.queue, Clock: w.clock, Log: log}
	h.teller = &messaging.Teller{
		Runner: w.process(w.store, client), Users: w.store, Sealer: w.keys, Opener: w.keys,
		Messenger: archivetest.NewOutbox(), Words: words.Messages(true),
		Links: &links.Links{Base: "http://127.0.0.1:8080", SearchName: words.DiscoverName},
		Keys:  &messaging.PushKeys{Store: pushKeys, Sealer: w.keys, Opener: w.keys}, Clock: w.clock, Log: log,
	}
	channels := &messaging.Channels{Users: w.store, Sealer: w.keys, Jobs: w.queue, Clock: w.clock}
	for _, a := range w.spotify.Accounts() {
		id := w.connect(client, a.Key, archive.ChoiceListening)
		address := notice.Address{Kind: notice.ChannelPush, Text: secret.New("the phone of " + a.Key)}
		if err := errors.Join(h.accounts.Choose(tb.Context(), id, everything), channels.Add(tb.Context(), id, address, "")); err != nil {
			tb.Fatal(err)
		}
		h.ids = append(h.ids, id)
		h.post(w.clock(), archive.ArchiveJob{User: id, Run: app.Run{Kind: app.RunSignUp, At: w.clock()}})
	}
	return h
}

func (h *household) post(at time.Time, job archive.ArchiveJob) {
	h.waiting = append(h.waiting, waitingMessage{at, job})
}

// deliver hands over what is due, and notes of what each person is told.
func (h *household) deliver() {
	for _, job := range h.queue.Archive.TakeAll() {
		h.post(h.clock(), job)
	}
	now, all := h.clock(), h.waiting
	h.waiting = nil
	for _, m := range all {
		if m.at.After(now) {
			h.waiting = append(h.waiting, m)
			continue
		}
		result, err := h.teller.Run(h.tb.Context(), m.job)
		if later, again := errors.AsType[*fault.RetryLater](err); again {
			at := now.Add(10 * time.Minute)
			if later.NotBefore.After(now) {
				at = later.NotBefore
			}
			h.post(at, m.job)
		} else if err != nil {
			h.tb.Fatal(err)
		}
		h.notePutOff(m.job.User, result)
	}
}

func (h *household) notePutOff(id archive.UserID, result outcome.Outcome) {
	u := h.user(id)
	told := func(what string, is bool) {
		if is {
			h.days.putOff[what] = append(h.days.putOff[what], string(id))
		} else {
			h.tb.Errorf("%s was put off at %s (%s run), and %s is not told", what, result.At, result.Run, id)
		}
	}
	isPutOff := func(f outcome.Failure) bool { return f.Kind == outcome.PutOff }
	switch {
	case result.Kind == outcome.Paused:
		pause, err := h.store.Pause(h.tb.Context())
		told("everything", err == nil && pause.Reason == app.PauseBudget)
	case slices.ContainsFunc(result.Failed, isPutOff):
		told("a source of a run", slices.ContainsFunc(u.Last.Failed, isPutOff))
	case result.Kind == outcome.PutOff:
		told("a look", u.Listening.PutOff.Equal(result.At) || slices.ContainsFunc(u.Last.Failed, isPutOff))
	}
}

// hour is what the people do, and the clock's messages.
func (h *household) hour(at time.Time) {
	var errs []error
	for i, a := range h.spotify.Accounts() {
		id := h.ids[i]
		if at.Hour() >= 7 {
			errs = append(errs, h.spotify.PlayDiscover(a.Key, 15))
		}
		copies := at.Weekday() == time.Monday && i%2 == 0 && at.Hour() == 18 || at.Weekday() == time.Saturday && i%2 == 1 && at.Hour() == 9
		if copies && h.user(id).Inbox.PlaylistID != "" {
			errs = append(errs, h.spotify.CopyDiscover(a.Key, h.user(id).Inbox.PlaylistID))
		}
		switch {
		case at.Hour() == 12:
			song := archivetest.Tracks(1000*i+at.YearDay(), 1)[0]
			_, err := h.accounts.Paste(h.tb.Context(), id, "spotify:track:"+song.ID)
			errs = append(errs, err)
		case at.Hour()%6 == 0:
			errs = append(errs, h.accounts.RunNow(h.tb.Context(), id))
		case at.Hour() == 19:
			errs = append(errs, h.accounts.Tapped(h.tb.Context(), id))
		}
	}
	kind := app.RunHourly
	switch {
	case at.Weekday() == time.Monday && at.Hour() == start.Hour():
		kind = app.RunWeekly
	case at.Hour() == 16:
		_, err := h.fanOut.Run(h.tb.Context(), archive.FanOutJob{Run: app.Run{Kind: app.RunSweep, At: at}})
		errs = append(errs, err)
	}
	_, err := h.fanOut.Run(h.tb.Context(), archive.FanOutJob{Run: app.Run{Kind: kind, At: at}})
	if err := errors.Join(append(errs, err)...); err != nil {
		h.tb.Fatal(err)
	}
}

// twoWeeks lets them pass, from the day of the sign-ups on, with a setting of
// SPOTIFY_DAILY_REQUESTS.
func twoWeeks(tb testing.TB, daily int) appDays {
	tb.Helper()
	const step = 5 * time.Minute
	h := newHousehold(tb, daily)
	day, before := h.clock().Truncate(24*time.Hour), 0
	for range 14 * 24 {
		for range time.Hour / step {
			h.deliver()
			h.spotify.Advance(step)
		}
		if today := h.clock().Truncate(24 * time.Hour); today.After(day) {
			h.days.requests = append(h.days.requests, h.way.seen.requests-before)
			day, before = today, h.way.seen.requests
		}
		h.hour(h.clock())
	}
	for _, id := range h.ids {
		songs := 0
		for _, a := range h.user(id).Archives {
			songs += len(h.spotify.URIs(a.PlaylistID))
		}
		h.days.saved = append(h.days.saved, songs)
	}
	return h.days
}

func (d appDays) String() string {
	var off []string
	for what, who := range d.putOff {
		off = append(off, fmt.Sprintf("%s %d times", what, len(who)))
	}
	slices.Sort(off)
	return fmt.Sprintf("at most %d requests a day; put off: %s", d.most(), strings.Join(off, ", "))
}

// An app stays under its cap of a day whatever its people do, what they put into
// their inboxes is archived all the same, and whatever is put off is told.
func TestRequestsOfAnAppInADay(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ setting, most int }{
		"auto": {webapi.AutoDailyRequests, webapi.DefaultDailyRequests},
		"few":  {40, 40},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := twoWeeks(t, row.setting)
			t.Logf("%s; by day: %v; archived: %v", got, got.requests, got.saved)
			if got.most() > row.most {
				t.Errorf("got %v requests by day, want at most %d", got.requests, row.most)
			}
			if len(got.putOff["a look"]) == 0 {
				t.Error("no look was put off: the people do too little to prove anything")
			}
			for i, songs := range got.saved {
				if songs < 2*30 {
					t.Errorf("person %d: got %d songs in the archive, want two weeks of them", i, songs)
				}
			}
		})
	}
}
