package usecase

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/exactlyonce"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/source"
)

// count adds an entry to what the person is told.
func (p *report) count(e ledger.Entry) {
	if e.Key.Source == ledger.SourceBack {
		p.outcome.Back += e.Added
		p.outcome.Stood += e.Already
		return
	}
	p.outcome.Mixed = p.outcome.Mixed || p.outcome.Edition != "" && p.outcome.Edition != e.Key.Edition
	p.outcome.Edition, p.outcome.Source = e.Key.Edition, e.Key.Source
	p.outcome.Found += e.Found
	p.outcome.Added += e.Added
	p.outcome.Already += e.Already
	p.outcome.Unusable += e.Unusable
}

// conclude is the last change of a run that went well.
func (r *run) conclude(u *archive.User) {
	r.report.outcome.Kind = r.result()
	r.report.outcome.NewArchive = r.ours.Replaced()
	r.report.outcome.Failed = nil
	for _, f := range r.report.failures {
		r.report.outcome.Failed = append(r.report.outcome.Failed, outcome.Failure{Source: f.Source.Name, Kind: f.Kind()})
	}
	for _, learn := range r.report.learned {
		learn(u)
	}
	r.ours.Copied(u)
	if r.wasWhole() {
		u.BeginWeek(r.Clock.Now())
	}
	r.ours.Observed(u)
	r.troubled(u)
	u.Inbox.Unread = slices.ContainsFunc(r.report.failures, func(f source.Failure) bool { return f.Source.Name == ledger.SourceInbox })
	if r.grant.renewed {
		u.Grant.Refusals = archive.Refusals{}
	}
	u.Failing = time.Time{}
	u.Lease = archive.Lease{}
	if slices.ContainsFunc(r.report.failures, func(f source.Failure) bool { return errors.Is(f.Err, fault.ErrUnknownEffect) }) {
		u.Lease = r.held.Waiting()
	}
	u.Last = r.report.outcome.After(u.Last)
	if r.unreadAgain(u.TroubledAt) != nil || r.report.early != nil {
		return // the message comes again, and finds the user still due
	}
	u.Manual.Finish(r.asked)
	u.Due = r.next(*u, r.job.Run, time.Time{})
}

// wasWhole reports whether the run has read everything that the person may
// have brought.
func (r *run) wasWhole() bool {
	return len(r.report.failures) == 0 &&
		(r.report.outcome.Kind == outcome.Saved || r.report.outcome.Kind == outcome.NothingNew || r.report.outcome.Kind == outcome.NotReadable)
}

// result names the outcome: songs were saved, or what the first source that
// had something to say says, or why one could not be read.
func (r *run) result() outcome.Kind {
	if r.report.outcome.Added+r.report.outcome.Back > 0 {
		return outcome.Saved
	}
	kind := outcome.NothingNew
	for i, said := range r.report.kinds {
		if i == 0 || kind == outcome.NotReadable {
			kind = said
		}
	}
	if len(r.report.failures) > 0 && (kind == outcome.NothingNew || kind == outcome.NotReadable) {
		kind = r.report.failures[0].Kind()
	}
	return kind
}

// fail notes how a run ended that did not go well, gives the lease back, and
// says whether the message has to come again.
func (r *run) fail(ctx context.Context, err error) (outcome.Outcome, error) {
	interrupted := errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), concludeTime)
	defer cancel()

	err = r.answer(ctx, err)
	r.report.outcome.Kind = outcome.VerdictOf(err).Kind
	r.report.outcome.NewArchive = r.ours.Replaced()
	r.report.outcome = r.report.outcome.Paused(err)
	if errors.Is(err, fault.ErrBusy) || errors.Is(err, fault.ErrLeft) {
		return r.finish(ctx, r.report.outcome, err)
	}
	longWait := r.longWait(err)
	done := outcome.VerdictOf(err).Disposition == outcome.Ack || r.lasts(err)
	unsure := interrupted || errors.Is(err, fault.ErrUnknownEffect)
	consent := r.held.User.Grant.AuthorizedAt
	writeErr := r.held.Write(ctx, archive.Changes{}, func(u *archive.User) {
		if r.concernsPerson(err) {
			u.Last = r.report.outcome.After(u.Last)
		}
		if done && !r.plays {
			u.Manual.Finish(r.asked)
		}
		if passes(err) && !r.plays && u.Failing.IsZero() {
			u.Failing = r.Clock.Now()
		}
		u.Lease = archive.Lease{}
		if unsure {
			u.Lease = r.held.Waiting()
		}
		r.ours.Observed(u)
		if r.grant.renewed && r.report.outcome.Kind != outcome.GrantRefused {
			u.Grant.Refusals = archive.Refusals{}
		}
		r.engine.Unsent(u)
		if errors.Is(err, fault.ErrReconnect) && u.Grant.AuthorizedAt.Equal(consent) && u.Status == archive.StatusActive {
			r.ended(u, err)
		}
		if done || !longWait.IsZero() {
			u.Due = r.next(*u, r.job.Run, longWait)
		}
	})
	if writeErr != nil {
		// The lease stays until it runs out, which is as long as anything
		// of this run can be under way.
		r.Log.WarnContext(ctx, "outcome not noted", "user_id", r.held.User.ID, "error", writeErr)
	}
	if r.plays || writeErr == nil && (!longWait.IsZero() || r.lasts(err)) {
		return r.report.outcome, nil // the user is due again
	}
	return r.finish(ctx, r.report.outcome, err)
}

// ended notes that the consent is over. Where only a clock says so, it has to
// say so for a day: it may be wrong.
func (r *run) ended(u *archive.User, err error) {
	now := r.Clock.Now()
	switch {
	case !errors.Is(err, fault.ErrEnded):
		u.Grant.Refusals = r.grant.refusals
		u.Status = archive.StatusReconnect
	case u.Grant.EndSeen.IsZero():
		u.Grant.EndSeen = now
	case now.Sub(u.Grant.EndSeen) >= archive.LooksApart:
		u.Status = archive.StatusReconnect
	}
}

// concernsPerson reports whether the outcome of a run that failed is what the
// account page has to say: not that we will look once more, nor that one of
// the many looks at plays met a fault about which they can do nothing, or was barred
// alone, as far as other sources can tell.
func (r *run) concernsPerson(err error) bool {
	if r.plays {
		kind := r.report.outcome.Kind
		if outcome.Barred(err) && r.held.User.Choice != archive.ChoiceListening {
			return false
		}
		return kind == outcome.Scope || kind.Verdict().Severity != outcome.Routine && !outcome.OfOneRoute(err)
	}
	return r.report.outcome.Kind != outcome.Unsure
}

// answer deals with the errors that concern more than this run.
func (r *run) answer(ctx context.Context, err error) error {
	paused, isPaused := errors.AsType[*fault.PausedError](err)
	now := r.Clock.Now()
	var also error
	switch {
	case errors.Is(err, fault.ErrInvalidGrant):
		return r.refused(ctx)
	case errors.Is(err, fault.ErrUnknownEffect) && r.lasts(err):
		return fmt.Errorf("%w: no clear answer since %s: %w", fault.ErrNotWritable, r.held.User.Failing.Format(time.RFC3339), err)
	case isPaused:
		also = r.pauseApp(ctx, app.Pause{Until: paused.Until, Reason: paused.Reason})
	default:
		if pause := outcome.VerdictOf(err).Pause; pause.For > 0 {
			also = r.pauseApp(ctx, app.Pause{Until: now.Add(pause.For), Reason: pause.Reason})
		}
	}
	if also != nil {
		if _, noted := errors.AsType[*fault.PausedError](also); !noted {
			r.Log.ErrorContext(ctx, "pause not noted", "error", also)
		}
	}
	return err
}

// troubledTime is for how long a source in trouble is asked again at once, and a
// run that fails is tried again; after that, the next look.
const troubledTime = time.Hour

// passes reports whether a run failed for want of a proper answer, which usually
// passes within minutes.
func passes(err error) bool {
	_, early := errors.AsType[*exactlyonce.TooEarly](err)
	kind := outcome.VerdictOf(err).Kind
	return !early && (kind == outcome.Unsure || kind == outcome.Unavailable)
}

// lasts reports whether that has been so for too long for a message to come again:
// each delivery costs requests.
func (r *run) lasts(err error) bool {
	since := r.held.User.Failing
	return passes(err) && !r.plays && !since.IsZero() && r.Clock.Now().Sub(since) >= troubledTime
}

// unreadAgain returns the error for which the message has to come again: a
// source that passes and could not be read will be overwritten, and so nothing
// may wait a day for it; of other sources, only if none could be read.
func (r *run) unreadAgain(troubledAt time.Time) error {
	if r.Clock.Now().Sub(troubledAt) >= troubledTime {
		return nil
	}
	for _, f := range r.report.failures {
		if f.Kind().Verdict().Disposition == outcome.Retry && (f.Source.Passing || len(r.report.kinds) == 0) {
			return f.Err
		}
	}
	return nil
}

// troubled notes since when sources are in trouble: of today, for unreadAgain.
func (r *run) troubled(u *archive.User) {
	now := r.Clock.Now()
	switch {
	case len(r.report.failures) == 0:
		u.TroubledAt = time.Time{}
	case u.TroubledAt.IsZero() || now.Sub(u.TroubledAt) >= archive.LooksApart:
		u.TroubledAt = now
	}
}
