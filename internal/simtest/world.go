package simtest

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

const (
	baseURL     = "https://archive.test"
	accountsURL = "http://accounts.test"
	apiURL      = "http://api.test/v1"
)

// world is one seed's world. Whoever runs holds turn.
type world struct {
	plan Plan

	turn     sync.Mutex
	wakes    map[time.Time]bool // nobody wakes at the same nanosecond as another
	running  sync.WaitGroup
	over     bool
	end      time.Time
	finding  *Finding
	trace    *trace
	counts   map[Kind]int
	injected []Strike
	steps    int
	acts     []string

	spotify *fakespotify.Server
	store   *archivetest.Store
	keys    *archivetest.KeyRing
	log     *slog.Logger
	session secret.Text

	machines []*machine // that wait for work
	built    int
	names    map[string]int // messages so far, by label

	people           map[string]*person
	byUser           map[archive.UserID]*person
	secrets          secrets
	owners           map[string]string     // account by code, access token and refresh token
	grants           map[string]tokenFacts // by refresh token in force
	cameWith         map[string]string     // new refresh tokens, by the access token that came with each
	replaced         map[string]bool       // refresh tokens that a later one has replaced
	firstRefusals    map[string]int        // by day: people whose good token was refused that day, not before
	lapsed           bool                  // the app's owner has no Premium
	hidden           bool                  // this app may not read Discover Weekly for a while
	ahead            time.Duration         // of the clocks of machines that are built now
	lists            time.Duration         // how late Discover Weekly is
	pauses           pauses
	hourly           time.Time // when the last hourly message was sent
	wrong            time.Time // until when the clocks were days ahead
	closed           time.Time // Spotify asked somebody to wait until then: their process asks nothing
	quiet, quietFrom time.Time // Spotify asked to be left alone until then, which a run noted
}

// Strike is a fault that was injected: its name and what it was.
type Strike struct {
	Name string
	Kind Kind
}

// Finding is a promise that was broken.
type Finding struct {
	Promise string // number and name, as in design.md
	Words   string // what happened
	At      time.Time
}

func newWorld(plan Plan, tracing bool) *world {
	w := &world{
		plan:     plan,
		wakes:    make(map[time.Time]bool),
		counts:   make(map[Kind]int),
		names:    make(map[string]int),
		people:   make(map[string]*person),
		byUser:   make(map[archive.UserID]*person),
		end:      plan.End(),
		owners:   make(map[string]string),
		grants:   make(map[string]tokenFacts),
		cameWith: make(map[string]string),
		replaced: make(map[string]bool),

		firstRefusals: make(map[string]int),
		session:       secret.New("the secret of this world's cookies"),
		keys:          archivetest.NewKeyRing(),
	}
	if tracing {
		w.trace = &trace{}
	}
	w.store = archivetest.NewStore(time.Now)
	w.secrets = newSecrets(w)
	w.log = slog.New(slog.NewTextHandler(logScanner{w}, nil))
	return w
}

// live runs the world to its end, inside a bubble.
func (w *world) live() {
	time.Sleep(time.Until(w.plan.Start))
	cfg := w.plan.Spotify
	cfg.Clock = time.Now
	cfg.Sleep = func(ctx context.Context, d time.Duration) { _ = w.sleep(ctx, d) }
	cfg.RedirectURIs = []string{baseURL + "/callback"}
	cfg.Strict = func(problem string) {
		w.fail(promiseOthers, "the client asked Spotify for what does not exist: %s", problem)
	}
	cfg.Observe = func(r fakespotify.Request) {
		if r.Stale {
			w.counts[StaleRead]++
		}
	}
	server, err := fakespotify.New(cfg)
	if err != nil {
		panic("the plan does not fit the stand-in: " + err.Error())
	}
	w.spotify = server

	w.turn.Lock()
	for _, habits := range w.plan.People {
		w.addPerson(habits)
	}
	w.start("schedule", w.tick)
	if w.plan.Restarts {
		w.start("operator", w.operate)
	}
	w.start("weather", w.lapse)
	w.start("daylight", w.daylight)
	if slices.ContainsFunc(w.plan.People, func(p Person) bool { return p.Device != (Device{}) }) {
		w.start("reminders", w.remindAll)
	}
	w.turn.Unlock()
	w.running.Wait()
	if w.finding == nil {
		w.turn.Lock()
		w.judgeEnd()
		w.turn.Unlock()
	}
}

// start runs f in a goroutine of its own, which waits for its turn. f may end
// by runtime.Goexit.
func (w *world) start(name string, f func()) { w.startWith(name, f, func() {}) }

// startWith is start with something to do when f has ended, or never began
// because the world is over.
func (w *world) startWith(name string, f, finally func()) {
	after := w.instant(time.Now().Add(between(dice(w.plan.Seed, "start "+name), 1, time.Millisecond)))
	w.running.Go(func() {
		<-time.After(time.Until(after))
		w.turn.Lock()
		defer w.turn.Unlock()
		defer finally()
		delete(w.wakes, after)
		if !w.over {
			f()
		}
	})
}

// sleep gives up the turn until d has passed or ctx ends, whose error it
// returns. At the end of the world it does not return.
func (w *world) sleep(ctx context.Context, d time.Duration) error {
	until := w.instant(time.Now().Add(max(d, 1)))
	timer := time.NewTimer(time.Until(until))
	w.turn.Unlock()
	select {
	case <-timer.C:
	case <-ctx.Done():
		timer.Stop()
	}
	w.turn.Lock()
	delete(w.wakes, until)
	if w.over || time.Now().After(w.end) {
		w.over = true
		runtime.Goexit()
	}
	return ctx.Err()
}

// sleepUntil sleeps to an instant, if it is not over.
func (w *world) sleepUntil(at time.Time) {
	if d := time.Until(at); d > 0 {
		_ = w.sleep(context.Background(), d)
	}
}

// instant reserves the first free nanosecond from at on.
func (w *world) instant(at time.Time) time.Time {
	at = at.Round(0).UTC()
	for w.wakes[at] {
		at = at.Add(1)
	}
	w.wakes[at] = true
	return at
}

// fail notes the first broken promise, and ends the world.
func (w *world) fail(promise, format string, args ...any) {
	if w.finding != nil {
		return
	}
	w.finding = &Finding{Promise: promise, Words: fmt.Sprintf(format, args...), At: time.Now().UTC()}
	w.note("BROKEN", "%s: %s", promise, w.finding.Words)
	w.over = true
}

// strike counts a fault.
func (w *world) strike(name string, kind Kind) {
	w.counts[kind]++
	w.injected = append(w.injected, Strike{Name: name, Kind: kind})
}

// trouble notes that something that concerns an account went wrong now; no
// account means everybody.
func (w *world) trouble(account string) {
	now := time.Now()
	for key, p := range w.people {
		if account == "" || account == key {
			p.troubled(now)
		}
	}
}
