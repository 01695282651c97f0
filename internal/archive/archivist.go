package archive

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Archivist runs the week of one user at a time.
//
// The promise "exactly once" rests on four things: a lease keeps a second run
// away; the intent is stored before the append; result, seen set and the end
// of the intent are one write; and whoever finds an intent looks into the
// archive before appending anything.
type Archivist struct {
	Store   Ledger
	App     App
	Sealer  Sealer
	Opener  Opener
	Spotify Spotify
	Clock   Clock
	Log     *slog.Logger
	Words   PlaylistWords
	BaseURL string // where a person reconnects; goes into the archive's description
	Alone   bool   // no other process runs these users, so nobody else's clock matters

	pause pauseCache
}

const (
	// RunTime bounds a run; a run that takes longer is stopped and resumed by
	// the next delivery.
	RunTime = 4 * time.Minute

	// MaxSkew is how far the clocks of two machines may differ.
	MaxSkew = 5 * time.Minute

	// LeaseTime outlives RunTime on every machine's clock.
	LeaseTime = RunTime + MaxSkew + time.Minute

	// LookTime bounds a look at what was played. It writes nothing at Spotify,
	// so whoever comes after it need not wait for another machine's clock; its
	// lease is not given back, because that would be one more write.
	LookTime = time.Minute

	// maxWait is the longest wait for which a message comes again. After a
	// longer one the user is due again.
	maxWait = 15 * time.Minute

	// concludeTime is what a run that was stopped still gets to note its end.
	concludeTime = 5 * time.Second
)

// Run archives what is there for one user. A nil error means that the message
// is done with; every other error is a *RetryLater: let it come again. Both
// leave the user in a state from which the next run goes on, and running a
// job twice, or two at once, changes nothing.
func (a *Archivist) Run(ctx context.Context, job ArchiveJob) (Outcome, error) {
	outcome := Outcome{Run: job.Run.Kind, At: a.Clock.now()}
	user, err := a.Store.User(ctx, job.User)
	if err != nil {
		return a.finish(ctx, outcome, fmt.Errorf("reading user %s: %w", job.User, err))
	}
	user = user.believable(a.Clock.now())
	if user.Status == StatusLeaving {
		if err := a.Store.Delete(ctx, user.ID); err != nil {
			return a.finish(ctx, outcome, fmt.Errorf("finishing the disconnect of user %s: %w", user.ID, err))
		}
		outcome.Kind = OutcomeStopped
		return outcome, nil
	}
	if kind, skip := a.skip(user, job.Run); skip {
		outcome.Kind = kind
		return outcome, nil
	}
	if job.Run.Kind == RunDue && user.idle(a.Clock.now()) {
		outcome.Kind = OutcomeAlreadyDone
		if err := a.postpone(ctx, user, job.Run, time.Time{}); err != nil {
			return a.finish(ctx, outcome, err)
		}
		return outcome, nil
	}
	pause, err := a.pause.current(ctx, a.App, a.Clock.now())
	if err != nil {
		return a.finish(ctx, outcome, fmt.Errorf("reading the app's pause: %w", err))
	}
	if pause = pause.Current(a.Clock.now()); !pause.Until.IsZero() {
		return a.paused(ctx, user, job.Run, outcome, pause)
	}

	r := &run{Archivist: a, job: job, user: user, outcome: outcome, holder: rand.Text()}
	if err := r.lease(ctx); err != nil {
		return a.finish(ctx, outcome, err)
	}
	bounded, cancel := context.WithTimeout(ctx, r.time())
	defer cancel()
	if err := r.archive(bounded); err != nil {
		if stopped := bounded.Err(); stopped != nil {
			// An adapter's own error need not say that we stopped it.
			err = fmt.Errorf("%w: %w", stopped, err)
		}
		return r.fail(ctx, err)
	}
	if err := r.unreadAgain(r.user.TroubledAt); err != nil {
		return r.outcome, a.later(verdictOf(err).Kind, err)
	}
	return r.outcome, nil
}

// skip says which runs end before anything is asked.
func (a *Archivist) skip(user User, run Run) (OutcomeKind, bool) {
	switch {
	case user.Status == StatusPaused:
		return OutcomeStopped, true
	case user.Status == StatusReconnect:
		return OutcomeReconnect, true
	case run.Kind == RunDue:
		return OutcomeAlreadyDone, ahead(user.Due.At, a.Clock.now())
	case run.Kind == RunManual:
		return OutcomeAlreadyDone, user.Manual.done(run.At)
	case run.Kind == RunWeekly:
		return OutcomeAlreadyDone, !user.WeekOpen(a.Clock.now()) && !user.Grant.Ended(a.Clock.now())
	default:
		return OutcomeNone, false
	}
}

// paused ends a run that the app's pause keeps away from Spotify. A short pause
// is waited for; after a long one the user is due again, so that a message never
// waits for it.
func (a *Archivist) paused(ctx context.Context, user User, run Run, outcome Outcome, pause Pause) (Outcome, error) {
	outcome.Kind, outcome.Until, outcome.Reason = OutcomePaused, pause.Until, pause.Reason
	err := &PausedError{Until: pause.Until, Quota: pause.Reason == PauseQuota}
	if a.longWait(err).IsZero() {
		return a.finish(ctx, outcome, err)
	}
	if err := a.postpone(ctx, user, run, pause.Until); err != nil {
		return a.finish(ctx, outcome, err)
	}
	return outcome, nil
}

// longWait returns until when Spotify asks to wait, if that is longer than a
// message may; zero otherwise.
func (a *Archivist) longWait(err error) time.Time {
	paused, ok := errors.AsType[*PausedError](err)
	if !ok || paused.Until.Sub(a.Clock.now()) <= maxWait {
		return time.Time{}
	}
	return paused.Until
}

// next is the next look at a user after a run.
func (a *Archivist) next(u User, run Run, paused time.Time) Due {
	return u.next(a.Clock.now(), paused).within(u, run.At)
}

// postpone notes the next look at a user who is not run now.
func (a *Archivist) postpone(ctx context.Context, user User, run Run, paused time.Time) error {
	_, err := retryConflict(func() (User, error) {
		next := user
		next.Due = a.next(user, run, paused)
		if next.Due == user.Due {
			return user, nil
		}
		stored, err := a.Store.Put(ctx, next)
		if errors.Is(err, ErrConflict) {
			fresh, readErr := a.Store.User(ctx, user.ID)
			if readErr != nil {
				return User{}, readErr
			}
			user = fresh.believable(a.Clock.now())
		}
		return stored, err
	})
	if err != nil {
		return fmt.Errorf("noting the next look at user %s: %w", user.ID, err)
	}
	return nil
}

// settleTime is SettleTime on the clock of whoever looks next.
func (a *Archivist) settleTime() time.Duration {
	if a.Alone {
		return SettleTime
	}
	return SettleTime + MaxSkew
}

// finish turns the error of a run that changed nothing into its outcome.
func (a *Archivist) finish(ctx context.Context, outcome Outcome, err error) (Outcome, error) {
	verdict := verdictOf(err)
	outcome.Kind = verdict.Kind
	if verdict.Disposition == Ack {
		if verdict.Severity == Alert {
			a.Log.WarnContext(ctx, "not tried again", "outcome", string(outcome.Kind), "error", err)
		}
		return outcome, nil
	}
	return outcome, a.later(outcome.Kind, err)
}

// later lets a message come again, and not before it can help.
func (a *Archivist) later(kind OutcomeKind, err error) *RetryLater {
	later := &RetryLater{Err: err}
	if paused, ok := errors.AsType[*PausedError](err); ok && a.longWait(err).IsZero() {
		later.NotBefore = paused.Until
	}
	if kind == OutcomeUnsure {
		later.NotBefore = a.Clock.now().Add(a.settleTime())
	}
	return later
}

var (
	errBusy      = errors.New("another run holds the lease")
	errLeft      = errors.New("the person left meanwhile")
	errReconnect = errors.New("the consent is over")
	errEnded     = fmt.Errorf("%w: its time has run out", errReconnect)
	errMissing   = errors.New("a playlist of ours does not show, which is not believed yet")
	errRejected  = errors.New("spotify refuses songs that it has shown us")
	errSuspected = errors.New("the grant was refused, which is not believed yet")
	errInboxGone = errors.New("the inbox is not in the library any more")
)

// pauseCache spares most runs the read of the app's pause. A pause that
// another instance sets is noticed within pauseCacheTime.
type pauseCache struct {
	mu    sync.Mutex
	known Pause
	asked time.Time
}

const pauseCacheTime = 30 * time.Second

func (c *pauseCache) current(ctx context.Context, app App, now time.Time) (Pause, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if age := now.Sub(c.asked); !c.asked.IsZero() && age >= 0 && age < pauseCacheTime {
		return c.known, nil
	}
	known, err := app.Pause(ctx)
	if err != nil {
		return Pause{}, err
	}
	c.known, c.asked = known, now
	return known, nil
}

func (c *pauseCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = time.Time{}
}
