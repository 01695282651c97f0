package usecase

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/lease"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/source"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// Archivist runs the week of one user at a time. Package exactlyonce says why a
// song that it saves is there once.
type Archivist struct {
	Store   archive.Ledger
	App     archive.App
	Sealer  archive.Sealer
	Opener  archive.Opener
	Spotify webapi.Spotify
	Clock   archive.Clock
	Log     *slog.Logger
	Words   archive.PlaylistWords
	BaseURL string       // where a person reconnects; goes into the archive's description
	Alone   bool         // no other process runs these users, so nobody else's clock matters
	Sources source.Table // source.Sources where it is nil

	pause pauseCache
}

const (
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
func (a *Archivist) Run(ctx context.Context, job archive.ArchiveJob) (outcome.Outcome, error) {
	result := outcome.Outcome{Run: job.Run.Kind, At: a.Clock.Now()}
	user, err := a.Store.User(ctx, job.User)
	if err != nil {
		return a.finish(ctx, result, fmt.Errorf("reading user %s: %w", job.User, err))
	}
	user = user.Believable(a.Clock.Now())
	if user.Status == archive.StatusLeaving {
		if err := a.Store.Delete(ctx, user.ID); err != nil {
			return a.finish(ctx, result, fmt.Errorf("finishing the disconnect of user %s: %w", user.ID, err))
		}
		result.Kind = outcome.Stopped
		return result, nil
	}
	if !a.sources().Knows(user.Choice) {
		return a.finish(ctx, result, fmt.Errorf("user %s chose sources that this program does not know: %w", user.ID, fault.ErrMalformed))
	}
	if job.Run.Kind, err = a.again(user, job.Run); err != nil {
		result.Kind = outcome.AlreadyDone
		return result, err
	}
	if kind, skip := a.skip(user, job.Run); skip {
		result.Kind = kind
		return result, nil
	}
	if (job.Run.Kind == app.RunDue || job.Run.Kind == app.RunWeekly) && user.Idle(a.Clock.Now()) {
		result.Kind = outcome.AlreadyDone
		if err := a.postpone(ctx, user, job.Run, time.Time{}, nil); err != nil {
			return a.finish(ctx, result, err)
		}
		return result, nil
	}
	pause, err := a.pause.current(ctx, a.App, a.Clock.Now())
	if err != nil {
		return a.finish(ctx, result, fmt.Errorf("reading the app's pause: %w", err))
	}
	if pause = pause.Current(a.Clock.Now()); !pause.Until.IsZero() {
		return a.wait(ctx, user, job.Run, result, &fault.PausedError{Until: pause.Until, Reason: pause.Reason})
	}

	spending, err := a.admit(ctx, user, job.Run)
	if err != nil {
		return a.wait(ctx, user, job.Run, result, err)
	}
	defer spending.End(ctx)

	r, err := a.take(ctx, user, job, result, spending)
	if err != nil {
		return a.finish(ctx, result, err)
	}
	r.spending = spending
	bounded, cancel := context.WithTimeout(ctx, r.time())
	defer cancel()
	if err := r.archive(bounded); err != nil {
		if stopped := bounded.Err(); stopped != nil {
			// An adapter's own error need not say that we stopped it.
			err = fmt.Errorf("%w: %w", stopped, err)
		}
		return r.fail(ctx, err)
	}
	if err := r.unreadAgain(r.held.User.TroubledAt); err != nil {
		return r.report.outcome, a.later(outcome.VerdictOf(err).Kind, err)
	}
	if err := r.report.early; err != nil {
		return r.report.outcome, a.later(outcome.VerdictOf(err).Kind, err)
	}
	return r.report.outcome, nil
}

// again says of which kind a run is whose user is about to copy, and lets its
// message come again at the time of the next look. Their message is the same one
// until they have copied, or the last look is over.
func (a *Archivist) again(user archive.User, run app.Run) (app.RunKind, error) {
	at := user.LookAgain(a.Clock.Now())
	asked := run.Kind == app.RunManual && !user.Manual.Done(run.At)
	switch {
	case at.IsZero(), asked, run.Kind == app.RunSignUp:
		return run.Kind, nil
	case at.After(a.Clock.Now()):
		return run.Kind, &fault.RetryLater{NotBefore: at, Err: fault.ErrLookAgain}
	default:
		return app.RunDue, nil
	}
}

// skip says which runs end before anything is asked.
func (a *Archivist) skip(user archive.User, run app.Run) (outcome.Kind, bool) {
	switch {
	case user.Status == archive.StatusPaused:
		return outcome.Stopped, true
	case user.Status == archive.StatusReconnect:
		return outcome.Reconnect, true
	case run.Kind == app.RunDue:
		now := a.Clock.Now()
		return outcome.AlreadyDone, calendar.Ahead(user.Due.At, now) && user.LookAgain(now).IsZero()
	case run.Kind == app.RunManual:
		return outcome.AlreadyDone, user.Manual.Done(run.At)
	case run.Kind == app.RunWeekly:
		now := a.Clock.Now()
		return outcome.AlreadyDone, !user.WeekOpen(now) && !user.Due.At.IsZero() && !user.Grant.Ended(now)
	default:
		return outcome.None, false
	}
}

// wait ends a run that may not begin now. A short wait is one for the message;
// after a long one the user is due again, so that no message ever waits for it.
func (a *Archivist) wait(ctx context.Context, user archive.User, run app.Run, result outcome.Outcome, why error) (outcome.Outcome, error) {
	result = result.Paused(why)
	until, verdict := a.longWait(why), outcome.VerdictOf(why)
	if until.IsZero() && verdict.Disposition == outcome.Retry {
		return a.finish(ctx, result, why)
	}
	result.Kind = verdict.Kind
	var told func(*archive.User)
	if result.Kind == outcome.PutOff {
		told = func(u *archive.User) { putOff(u, result) }
	}
	if err := a.postpone(ctx, user, run, until, told); err != nil {
		return a.finish(ctx, result, err)
	}
	return result, nil
}

// putOff is what the person is told of a look that was put off: at plays, or
// after a reminder into their inbox.
func putOff(u *archive.User, result outcome.Outcome) {
	if u.OnlyPlays(result.At) {
		u.Listening.PutOff = result.At
		return
	}
	result.Failed = []outcome.Failure{{Source: ledger.SourceInbox, Kind: outcome.PutOff}}
	u.Last = result.After(u.Last)
}

// longWait returns until when Spotify asks to wait, if that is longer than a
// message may; zero otherwise.
func (a *Archivist) longWait(err error) time.Time {
	paused, ok := errors.AsType[*fault.PausedError](err)
	if !ok || paused.Until.Sub(a.Clock.Now()) <= maxWait {
		return time.Time{}
	}
	return paused.Until
}

// next is the next look at a user after a run.
func (a *Archivist) next(u archive.User, run app.Run, paused time.Time) archive.Due {
	return u.NextLook(a.Clock.Now(), paused).Within(u, run.At)
}

// postpone notes the next look at a user who is not run now, and what told makes
// of them; nil tells nothing.
func (a *Archivist) postpone(ctx context.Context, user archive.User, run app.Run, paused time.Time, told func(*archive.User)) error {
	_, err := lease.Retry(func() (archive.User, error) {
		next := user
		if told != nil {
			told(&next)
		}
		next.Due = a.next(next, run, paused)
		if next.Due == user.Due && told == nil {
			return user, nil
		}
		stored, err := a.Store.Put(ctx, next)
		if errors.Is(err, fault.ErrConflict) {
			fresh, readErr := a.Store.User(ctx, user.ID)
			if readErr != nil {
				return archive.User{}, readErr
			}
			user = fresh.Believable(a.Clock.Now())
		}
		return stored, err
	})
	if err != nil {
		return fmt.Errorf("noting the next look at user %s: %w", user.ID, err)
	}
	return nil
}

func (a *Archivist) sources() source.Table { return known(a.Sources) }

// known is a table, or the sources that this program has.
func known(table source.Table) source.Table {
	if table == nil {
		return source.Sources()
	}
	return table
}

// visibilityDelay is VisibilityDelay on the clock of whoever looks next.
func (a *Archivist) visibilityDelay() time.Duration {
	if a.Alone {
		return archive.VisibilityDelay
	}
	return archive.VisibilityDelay + calendar.MaxSkew
}

// finish turns the error of a run that changed nothing into its outcome.
func (a *Archivist) finish(ctx context.Context, result outcome.Outcome, err error) (outcome.Outcome, error) {
	verdict := outcome.VerdictOf(err)
	result.Kind = verdict.Kind
	if verdict.Disposition == outcome.Ack {
		if verdict.Severity == outcome.Alert {
			a.Log.WarnContext(ctx, "not tried again", "outcome", string(result.Kind), "error", err)
		}
		return result, nil
	}
	return result, a.later(result.Kind, err)
}

// later lets a message come again, and not before it can help.
func (a *Archivist) later(kind outcome.Kind, err error) *fault.RetryLater {
	later := &fault.RetryLater{Err: err}
	if paused, ok := errors.AsType[*fault.PausedError](err); ok && a.longWait(err).IsZero() {
		later.NotBefore = paused.Until
	}
	if kind == outcome.Unsure {
		later.NotBefore = a.Clock.Now().Add(a.visibilityDelay())
	}
	return later
}

// pauseCache spares most runs the read of the app's pause. A pause that
// another instance sets is noticed within pauseCacheTime.
type pauseCache struct {
	mu    sync.Mutex
	known app.Pause
	asked time.Time
}

const pauseCacheTime = 30 * time.Second

func (c *pauseCache) current(ctx context.Context, store archive.App, now time.Time) (app.Pause, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if age := now.Sub(c.asked); !c.asked.IsZero() && age >= 0 && age < pauseCacheTime {
		return c.known, nil
	}
	known, err := store.Pause(ctx)
	if err == nil && known.Impossible(now) {
		known = app.Pause{}
		err = store.SetPause(ctx, known)
	}
	if err != nil {
		return app.Pause{}, err
	}
	c.known, c.asked = known, now
	return known, nil
}

func (c *pauseCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = time.Time{}
}
