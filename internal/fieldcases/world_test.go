package fieldcases

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

const (
	redirectURI = "http://127.0.0.1:8080/callback"
	day         = 24 * time.Hour
	week        = 7 * day
)

// start is a Monday, five minutes after the weekly message: this week's list
// is out everywhere.
var start = time.Date(2026, 11, 16, 13, 5, 0, 0, time.UTC)

// errStop ends a row whose next steps would make no sense.
var errStop = errors.New("the row cannot go on")

// world is the whole service but for its pages, and who uses it.
type world struct {
	t        *testing.T
	problems []string

	spotify *fakespotify.Server
	proxy   *proxy
	keys    *archivetest.KeyRing
	machine *machine   // where people sign up
	others  []*machine // that run beside it
	people  []*person
	log     *strings.Builder

	listens bool   // people agree to listening
	zone    string // that the browser names when somebody signs up

	doublesAreFine bool // the row is about songs that others added twice
}

// machine is where the service runs: a store, a queue and a clock.
type machine struct {
	w         *world
	skew      time.Duration // how far its clock is ahead
	store     *archivetest.Store
	queue     *archivetest.Queue
	client    *spotify.Client
	archivist *usecase.Archivist
	accounts  *usecase.Accounts
	fanOut    *usecase.FanOut
	signUp    *usecase.SignUp
	messages  []message
	lost      int // messages that ended as dead letters
	runs      int // deliveries
}

// message is a job that is delivered at a time.
type message struct {
	job   archive.ArchiveJob
	at    time.Time
	sent  time.Time
	tries int
}

func newWorld(t *testing.T, row fieldCase) *world {
	t.Helper()
	cfg := fakespotify.Config{Mode: row.mode}
	if row.config != nil {
		row.config(&cfg)
	}
	w := &world{t: t, keys: archivetest.NewKeyRing(), log: &strings.Builder{}}
	if cfg.Clock == nil {
		cfg.Clock = func() time.Time { return start }
	}
	cfg.Seed = 1
	cfg.RedirectURIs = []string{redirectURI}
	cfg.Strict = func(problem string) { w.errorf("the stand-in does not know: %s", problem) }
	server, err := fakespotify.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	w.spotify = server
	w.proxy = &proxy{w: w, next: server.RoundTripper()}
	w.machine = w.newMachine(nil)
	return w
}

// newMachine is a machine with that store, or an empty one.
func (w *world) newMachine(store *archivetest.Store) *machine {
	m := &machine{w: w, store: store, queue: archivetest.NewQueue()}
	clock := archive.Clock(m.now)
	if store == nil {
		m.store = archivetest.NewStore(clock)
	}
	var err error
	m.client, err = spotify.New(spotify.Config{
		ClientID:     fakespotify.DemoClientID,
		ClientSecret: func(context.Context) (secret.Text, error) { return fakespotify.DemoClientSecret(), nil },
		RedirectURI:  redirectURI,
		AccountsURL:  "http://accounts.test",
		APIURL:       "http://api.test/v1",
		Transport:    w.proxy,
		Clock:        clock,
		Sleep: func(_ context.Context, d time.Duration) error {
			w.advance(w.now().Add(d))
			return nil
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(w.log, nil))
	m.archivist = &usecase.Archivist{
		Store: m.store, App: m.store, Sealer: w.keys, Opener: w.keys, Spotify: m.client,
		Clock: clock, Log: log, Words: words.Playlists(), BaseURL: "https://archive.example",
	}
	m.accounts = &usecase.Accounts{Store: m.store, Jobs: m.queue, Clock: clock, Log: log}
	m.fanOut = &usecase.FanOut{Users: m.store, App: m.store, Jobs: m.queue, More: m.queue, Clock: clock, Log: log}
	m.signUp = &usecase.SignUp{Users: m.store, Sealer: w.keys, Jobs: m.queue, Clock: clock, Log: log}
	return m
}

func (w *world) errorf(format string, args ...any) {
	w.problems = append(w.problems, fmt.Sprintf(format, args...))
}

func (w *world) fatalf(format string, args ...any) {
	w.errorf(format, args...)
	panic(errStop)
}

// must ends a row whose preparation failed.
func (w *world) must(err error) {
	if err != nil {
		w.fatalf("preparing: %v", err)
	}
}

// now is the true time.
func (w *world) now() time.Time { return w.spotify.Now() }

// now is the time on the machine's clock.
func (m *machine) now() time.Time { return m.w.now().Add(m.skew) }

// lie adds a lie and returns it.
func (w *world) lie(l lie) *lie {
	w.proxy.lies = append(w.proxy.lies, &l)
	w.proxy.all = append(w.proxy.all, &l)
	return &l
}

// honest ends every lie.
func (w *world) honest() {
	w.proxy.lies = nil
	w.must(w.spotify.ClearFaults())
}

// pass lets time pass, and with it everything that the clock sends.
func (w *world) pass(d time.Duration) { w.until(w.now().Add(d)) }

// until lives until then: the schedule's messages, and every delivery.
func (w *world) until(end time.Time) {
	for {
		tick, kind := w.nextTick()
		m, next := w.earliest()
		switch {
		case m != nil && !m.messages[next].at.After(end) && m.messages[next].at.Before(tick):
			w.advance(m.messages[next].at)
			m.deliver(next)
		case !tick.After(end):
			w.advance(tick)
			for _, m := range w.machines() {
				m.send(kind)
			}
		default:
			w.advance(end)
			return
		}
	}
}

// advance moves the clock, and lets late requests take effect on the way.
func (w *world) advance(to time.Time) {
	for {
		late, ok := w.proxy.nextLate(to)
		at := to
		if ok {
			at = late.at
		}
		if d := at.Sub(w.now()); d > 0 {
			w.spotify.Advance(d)
		}
		if !ok {
			return
		}
		if resp, err := w.proxy.next.RoundTrip(late.req); err == nil {
			_ = resp.Body.Close()
		}
	}
}

// nextTick is the next message of the schedule: the weekly one on Mondays at
// 13:00, and the hourly one at seven past.
func (w *world) nextTick() (time.Time, app.RunKind) {
	now := w.now()
	hourly := now.Truncate(time.Hour).Add(7 * time.Minute)
	if !hourly.After(now) {
		hourly = hourly.Add(time.Hour)
	}
	weekly := now.Truncate(day).Add(13 * time.Hour)
	if weekly.Weekday() == time.Monday && weekly.After(now) && weekly.Before(hourly) {
		return weekly, app.RunWeekly
	}
	return hourly, app.RunHourly
}

// send fans a run out.
func (m *machine) send(kind app.RunKind) {
	job := archive.FanOutJob{Run: app.Run{Kind: kind, At: m.now()}}
	if _, err := m.fanOut.Run(m.w.t.Context(), job); err != nil {
		m.w.errorf("fanning out: %v", err)
	}
}

func (w *world) machines() []*machine { return append([]*machine{w.machine}, w.others...) }

// earliest returns the message that comes next, and on which machine; nil if
// none waits.
func (w *world) earliest() (first *machine, next int) {
	for _, m := range w.machines() {
		m.collect()
		for i, msg := range m.messages {
			if first == nil || msg.at.Before(first.messages[next].at) {
				first, next = m, i
			}
		}
	}
	return first, next
}

// collect makes messages of the jobs that were enqueued.
func (m *machine) collect() {
	for _, job := range m.queue.Archive.TakeAll() {
		m.messages = append(m.messages, message{job: job, at: m.w.now(), sent: m.w.now()})
	}
}

// deliver runs a message's job. One that failed comes again after a back-off
// (terraform/pubsub.tf), and not before the time that the run named; after 16
// hours it is a dead letter.
func (m *machine) deliver(i int) {
	msg := m.messages[i]
	m.messages = append(m.messages[:i:i], m.messages[i+1:]...)
	m.runs++
	m.w.proxy.run = 0
	_, err := m.archivist.Run(m.w.t.Context(), msg.job)
	if err == nil {
		return
	}
	msg.tries++
	back := min(10*time.Second<<min(msg.tries-1, 6), 10*time.Minute)
	msg.at = m.w.now().Add(back)
	if later, ok := errors.AsType[*fault.RetryLater](err); ok && !later.NotBefore.IsZero() {
		if notBefore := later.NotBefore.Add(-m.skew); notBefore.After(msg.at) {
			msg.at = notBefore
		}
	}
	if msg.at.Sub(msg.sent) > 16*time.Hour {
		m.lost++
		return
	}
	m.messages = append(m.messages, msg)
}
