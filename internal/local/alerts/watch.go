package alerts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/docs/playbooks"
)

const (
	// lookEvery is how often is looked, besides after every run.
	lookEvery = 30 * time.Second

	// restFactor keeps looks at very many people from taking more than a part of
	// the machine: after one, so many times its length passes to the next.
	restFactor = 20

	// overAfter is how long an alert has to be quiet until it is said to be
	// over.
	overAfter = 15 * time.Minute

	// againAfter is how long after it was told an alert may be told again that
	// was over meanwhile.
	againAfter = time.Hour

	// noted is for how long an alert rings that is an event and no state.
	noted = 24 * time.Hour

	// retryFirst and retryMost are how long after a message that was not taken
	// the next try is made.
	retryFirst = time.Minute
	retryMost  = time.Hour

	// blind is how many looks in a row have to fail until that is told.
	blind = 3
)

// State is how things are.
type State struct {
	Ringing []string  // alerts, by the names of their playbooks
	Weekly  time.Time // the last weekly run
	Settled bool      // it has come to an end for everybody
}

// Config configures a Watch. A field is required unless it says otherwise.
type Config struct {
	Look func(ctx context.Context) (State, error)

	// Send sends a message to the operator, and Beat reports a good weekly run.
	// Optional.
	Send func(ctx context.Context, m Message) error
	Beat func(ctx context.Context) error

	File  string // keeps what was told
	Page  string // says where the operator's page is; empty: messages do not
	Clock archive.Clock
	Log   *slog.Logger
}

// memory is what was told.
type memory struct {
	Told  map[string]told      `json:"told"`  // alerts that the operator knows of
	Again map[string]time.Time `json:"again"` // when those that are over may be told again
	Noted map[string]time.Time `json:"noted"` // when an event was noted last
	Beat  time.Time            `json:"beat"`  // the weekly run that was reported
}

type told struct {
	At   time.Time `json:"at"`
	Seen time.Time `json:"seen"` // it rang last
}

// Watch tells the operator of each alert once, and once that it is over. Killed
// between the service's acceptance and the note of it, it tells that again.
type Watch struct {
	Config
	poke   chan struct{}
	events chan string
	memory memory

	failed  int // looks in a row
	tries   int // in vain
	retryAt time.Time
}

// New returns a Watch that knows what its file holds.
func New(config Config) (*Watch, error) {
	w := &Watch{Config: config, poke: make(chan struct{}, 1), events: make(chan string, 8)}
	text, err := os.ReadFile(config.File)
	if err == nil {
		err = json.Unmarshal(text, &w.memory)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading what alerts were told: %w; without that file they are told again", err)
	}
	for _, m := range []*map[string]time.Time{&w.memory.Again, &w.memory.Noted} {
		if *m == nil {
			*m = map[string]time.Time{}
		}
	}
	if w.memory.Told == nil {
		w.memory.Told = map[string]told{}
	}
	return w, nil
}

// Run looks until ctx ends.
func (w *Watch) Run(ctx context.Context) {
	for {
		began := time.Now()
		if err := w.Step(ctx); err != nil && ctx.Err() == nil {
			w.Log.WarnContext(ctx, "alerts not told", "error", err)
		}
		rest := time.NewTimer(time.Since(began) * restFactor)
		select {
		case <-ctx.Done():
		case <-rest.C:
		}
		next := time.NewTimer(lookEvery)
		select {
		case <-ctx.Done():
			return
		case <-w.poke:
		case <-next.C:
		}
	}
}

// Poke asks for a look soon: something may have changed.
func (w *Watch) Poke() {
	select {
	case w.poke <- struct{}{}:
	default: // one is asked for already
	}
}

// Note notes an alert that is an event and no state. It rings for a day.
func (w *Watch) Note(alert string) {
	select {
	case w.events <- alert:
	default: // so many wait that this one is among them
	}
	w.Poke()
}

// Step looks once, and tells what has to be told. An error is worth a line of
// the log; the next step tries again.
func (w *Watch) Step(ctx context.Context) error {
	state, err := w.Look(ctx)
	if err != nil {
		if w.failed++; w.failed < blind {
			return fmt.Errorf("looking how things are: %w", err)
		}
		state = State{Ringing: []string{outcome.Internal.Verdict().Alert}}
	} else {
		w.failed = 0
	}
	before, _ := json.Marshal(w.memory) // maps of times
	now := w.Clock().UTC()
	ringing := w.ringing(state, now)
	problem := errors.Join(w.tell(ctx, ringing, now), w.beat(ctx, state, ringing))
	if after, _ := json.Marshal(w.memory); string(after) != string(before) {
		problem = errors.Join(problem, w.save(after))
	}
	return problem
}

// ringing adds the events of the last day.
func (w *Watch) ringing(state State, now time.Time) []string {
	ringing := slices.Clone(state.Ringing)
	for more := true; more; {
		select {
		case name := <-w.events:
			w.memory.Noted[name] = now
		default:
			more = false
		}
	}
	for name, at := range w.memory.Noted {
		if passed(at, now, noted) {
			delete(w.memory.Noted, name)
		} else if !slices.Contains(ringing, name) {
			ringing = append(ringing, name)
		}
	}
	slices.Sort(ringing)
	return ringing
}

// passed reports whether so long has passed since a time. One that is ahead is
// of a clock that was wrong, and long past.
func passed(since, now time.Time, d time.Duration) bool {
	age := now.Sub(since)
	return age < 0 || age >= d
}

func (w *Watch) tell(ctx context.Context, ringing []string, now time.Time) error {
	if w.Send == nil {
		return nil
	}
	for _, name := range ringing {
		if known, is := w.memory.Told[name]; is {
			known.Seen = now.Truncate(time.Minute) // the file need not be written at each look
			w.memory.Told[name] = known
			continue
		}
		if again := w.memory.Again[name]; !again.IsZero() && !passed(again.Add(-againAfter), now, againAfter) {
			continue
		}
		if sent, err := w.send(ctx, began(name, w.Page), now); !sent {
			return err
		}
		w.Log.InfoContext(ctx, "operator told", "alert", name)
		w.memory.Told[name] = told{At: now, Seen: now.Truncate(time.Minute)}
		w.memory.Again[name] = now.Add(againAfter)
	}
	for name, known := range w.memory.Told {
		if slices.Contains(ringing, name) || !passed(known.Seen, now, overAfter) {
			continue
		}
		if sent, err := w.send(ctx, over(name, known), now); !sent {
			return err
		}
		w.Log.InfoContext(ctx, "operator told that it is over", "alert", name)
		delete(w.memory.Told, name)
	}
	return nil
}

// send sends a message, unless the last try was in vain a moment ago.
func (w *Watch) send(ctx context.Context, m Message, now time.Time) (sent bool, err error) {
	if now.Before(w.retryAt) && w.retryAt.Sub(now) <= retryMost {
		return false, nil
	}
	if err := w.Send(ctx, m); err != nil {
		w.retryAt = now.Add(min(retryFirst<<min(w.tries, 10), retryMost))
		w.tries++
		return false, fmt.Errorf("sending a message to the operator: %w", err)
	}
	w.tries, w.retryAt = 0, time.Time{}
	return true, nil
}

// beat reports a weekly run once, when it was good: it has come to an end for
// everybody, and no alert rings. A monitor that hears nothing calls by itself.
func (w *Watch) beat(ctx context.Context, state State, ringing []string) error {
	if w.Beat == nil || state.Weekly.IsZero() || !state.Settled || len(ringing) > 0 || state.Weekly.Equal(w.memory.Beat) {
		return nil
	}
	if err := w.Beat(ctx); err != nil {
		return fmt.Errorf("calling the address of HEARTBEAT_URL: %w", err)
	}
	w.Log.InfoContext(ctx, "good weekly run reported", "run", state.Weekly)
	w.memory.Beat = state.Weekly
	return nil
}

func (w *Watch) save(text []byte) error {
	fresh := w.File + ".new"
	if err := os.WriteFile(fresh, text, 0o600); err != nil {
		return fmt.Errorf("keeping what alerts were told: %w", err)
	}
	if err := os.Rename(fresh, w.File); err != nil {
		return fmt.Errorf("keeping what alerts were told: %w", err)
	}
	return nil
}

// product begins every title.
const product = "Weekly Archive: "

// began is the message that an alert rings.
func began(name, page string) Message {
	p, _ := playbooks.Of(name)
	m := Message{Title: product + p.Title, Body: p.AtHome}
	if page != "" {
		m.Body += "\n\n" + page
	}
	return m
}

// over is the message that it rings no more.
func over(name string, known told) Message {
	p, _ := playbooks.Of(name)
	return Message{
		Title: product + "over: " + p.Title,
		Body:  "This is over. It was told on " + known.At.Format("2 January 2006 at 15:04") + " UTC. Nothing is left to do.",
	}
}

// Test is the message for trial.
func Test() Message {
	return Message{Title: product + "a test", Body: "Alerts of your copy reach you here."}
}
