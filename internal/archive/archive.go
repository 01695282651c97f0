package archive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// archive does the run: finish what is open, read the sources, save what is
// new, conclude.
func (r *run) archive(ctx context.Context) error {
	if r.user.Grant.Ended(r.Clock.now()) {
		return errEnded
	}
	if _, err := r.token(ctx, false); err != nil {
		return err
	}
	r.library = r.Spotify.Library(r.token)
	if r.plays {
		return r.listen(ctx)
	}
	if err := r.resume(ctx); err != nil {
		if !blocks(err) {
			return err
		}
		r.blocked = err
	}
	if err := r.remind(ctx); err != nil {
		return err
	}
	if err := r.readSources(ctx); err != nil {
		return err
	}
	for {
		if err := r.saveAll(ctx); err != nil || !r.again {
			return err
		}
		// Part of a refused batch waits. Every round halves or shrinks it.
		r.again = false
		r.readings, r.waits = nil, nil
		if err := r.readPending(ctx); err != nil {
			return err
		}
	}
}

// blocks reports whether an error keeps songs out of the archive for now, and
// says nothing against reading the sources: their songs wait then.
func blocks(err error) bool {
	return ofOneRoute(err) && !errors.Is(err, ErrUnknownEffect)
}

// saveAll saves what the readings hold and concludes the run. What waited
// comes first.
func (r *run) saveAll(ctx context.Context) error {
	var waited, finds []find
	for _, reading := range r.readings {
		for _, f := range reading.finds {
			if f.pending != "" {
				waited = append(waited, f)
			} else {
				finds = append(finds, f)
			}
		}
		r.learned = append(r.learned, reading.learned)
	}
	finds = append(waited, finds...)
	if len(finds) == 0 {
		if r.blocked != nil {
			return r.blocked
		}
		return r.write(ctx, Changes{}, r.conclude)
	}
	seen, err := r.seenSet(ctx)
	if err != nil {
		return err
	}
	batches := plan(seen, finds)
	for i, b := range batches {
		if r.blocked == nil {
			err := r.saveOrRecord(ctx, b, i == len(batches)-1)
			if err == nil {
				continue
			}
			if !blocks(err) {
				return err
			}
			r.blocked = err
			if r.user.Open != nil {
				continue // the songs are in the intent
			}
		}
		if err := r.wait(ctx, b); err != nil {
			return err
		}
	}
	if r.blocked != nil {
		return r.blocked
	}
	if len(batches) == 0 {
		return r.write(ctx, r.shown(), r.conclude)
	}
	return nil
}

// wait keeps the songs of a batch that cannot be put into the archive now:
// their source may be overwritten before it can.
func (r *run) wait(ctx context.Context, b batch) error {
	if len(b.tracks) == 0 || b.waited {
		return nil
	}
	key := b.entry.Key
	now := r.Clock.now()
	pending := Pending{
		ID:     fmt.Sprintf("wait-%s-%s-%s-%d", key.Edition, key.Source, b.tracks[0].ID, len(b.tracks)),
		Source: key.Source, Edition: key.Edition, Tracks: b.tracks, Queued: b.entry.Queued, At: now,
	}
	return r.write(ctx, Changes{AddPending: []Pending{pending}}, func(u *User) { u.wait(now) })
}

func (r *run) saveOrRecord(ctx context.Context, b batch, last bool) error {
	if len(b.tracks) == 0 {
		return r.record(ctx, b, last && !r.again)
	}
	return r.save(ctx, b, last)
}

// count adds an entry to what the person is told.
func (r *run) count(e Entry) {
	r.outcome.Mixed = r.outcome.Mixed || r.outcome.Edition != "" && r.outcome.Edition != e.Key.Edition
	r.outcome.Edition, r.outcome.Source = e.Key.Edition, e.Key.Source
	r.outcome.Found += e.Found
	r.outcome.Added += e.Added
	r.outcome.Already += e.Already
	r.outcome.Unusable += e.Unusable
}

// conclude is the last change of a run that went well.
func (r *run) conclude(u *User) {
	r.outcome.Kind = r.result()
	r.outcome.Failed = nil
	for _, f := range r.failures {
		r.outcome.Failed = append(r.outcome.Failed, Failure{Source: f.source, Kind: f.kind()})
	}
	for _, learn := range r.learned {
		learn(u)
	}
	r.observed(u)
	r.troubled(u)
	if r.renewed {
		u.Grant.Refusals = Refusals{}
	}
	u.Lease = Lease{}
	if slices.ContainsFunc(r.failures, func(f failure) bool { return errors.Is(f.err, ErrUnknownEffect) }) {
		u.Lease = r.settling()
	}
	u.Last = r.outcome
	if r.unreadAgain(u.TroubledAt) != nil {
		return // the message comes again, and finds the user still due
	}
	u.Manual.finish(r.asked)
	u.Due = r.next(*u, r.job.Run, time.Time{})
}

// observed notes what the run has seen of Spotify's answers, however it ends.
func (r *run) observed(u *User) {
	if r.listed != nil {
		refused := u.Playlists.RefusedAt
		u.Playlists = *r.listed
		u.Playlists.RefusedAt = refused
	}
	if !r.refusedAt.IsZero() {
		u.Playlists.RefusedAt = r.refusedAt
	}
	u.Twice = max(u.Twice, r.twice)
}

// settling keeps everybody away until a write had time to show.
func (r *run) settling() Lease {
	return Lease{Holder: "settling", Until: r.Clock.now().Add(r.settleTime())}
}

// result names the outcome: songs were saved, or what the first source that
// had something to say says, or why one could not be read.
func (r *run) result() OutcomeKind {
	if r.outcome.Added > 0 {
		return OutcomeSaved
	}
	kind := OutcomeNothingNew
	for i, reading := range r.readings {
		if i == 0 || kind == OutcomeNotReadable {
			kind = reading.kind
		}
	}
	if len(r.failures) > 0 && (kind == OutcomeNothingNew || kind == OutcomeNotReadable) {
		kind = r.failures[0].kind()
	}
	return kind
}

// fail notes how a run ended that did not go well, gives the lease back, and
// says whether the message has to come again.
func (r *run) fail(ctx context.Context, err error) (Outcome, error) {
	interrupted := errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), concludeTime)
	defer cancel()

	err = r.answer(ctx, err)
	r.outcome.Kind = verdictOf(err).Kind
	if paused, ok := errors.AsType[*PausedError](err); ok {
		r.outcome.Until, r.outcome.Reason = paused.Until.UTC(), pauseReason(paused)
	}
	if errors.Is(err, errBusy) || errors.Is(err, errLeft) {
		return r.finish(ctx, r.outcome, err)
	}
	longWait := r.longWait(err)
	done := verdictOf(err).Disposition == Ack
	unsure := interrupted || r.outcome.Kind == OutcomeUnsure
	consent := r.user.Grant.AuthorizedAt
	writeErr := r.write(ctx, Changes{}, func(u *User) {
		if r.concernsPerson(err) {
			u.Last = r.outcome
		}
		if done && !r.plays {
			u.Manual.finish(r.asked)
		}
		u.Lease = Lease{}
		if unsure {
			u.Lease = r.settling()
		}
		r.observed(u)
		if r.renewed && r.outcome.Kind != OutcomeGrantRefused {
			u.Grant.Refusals = Refusals{}
		}
		if r.unsent && u.Open != nil {
			open := *u.Open
			open.Unsent = true
			u.Open = &open
		}
		if errors.Is(err, errReconnect) && u.Grant.AuthorizedAt.Equal(consent) && u.Status == StatusActive {
			r.ended(u, err)
		}
		if done || !longWait.IsZero() {
			u.Due = r.next(*u, r.job.Run, longWait)
		}
	})
	if writeErr != nil {
		// The lease stays until it runs out, which is as long as anything
		// of this run can be under way.
		r.Log.WarnContext(ctx, "outcome not noted", "user_id", r.user.ID, "error", writeErr)
	}
	if r.plays || writeErr == nil && !longWait.IsZero() {
		return r.outcome, nil // the user is due again
	}
	return r.finish(ctx, r.outcome, err)
}

// ended notes that the consent is over. Where only a clock says so, it has to
// say so for a day: it may be wrong.
func (r *run) ended(u *User, err error) {
	now := r.Clock.now()
	switch {
	case !errors.Is(err, errEnded):
		u.Grant.Refusals = r.refusals
		u.Status = StatusReconnect
	case u.Grant.EndSeen.IsZero():
		u.Grant.EndSeen = now
	case now.Sub(u.Grant.EndSeen) >= clearOf:
		u.Status = StatusReconnect
	}
}

// concernsPerson reports whether the outcome of a run that failed is what the
// account page has to say: not that we will look once more, nor that one of
// the many looks at plays met a fault about which they can do nothing.
func (r *run) concernsPerson(err error) bool {
	if r.plays {
		return r.outcome.Kind == OutcomeScope || r.outcome.Kind.Verdict().Severity != Routine && !ofOneRoute(err)
	}
	return r.outcome.Kind != OutcomeUnsure
}

// answer deals with the errors that concern more than this run.
func (r *run) answer(ctx context.Context, err error) error {
	paused, isPaused := errors.AsType[*PausedError](err)
	now := r.Clock.now()
	var also error
	switch {
	case errors.Is(err, ErrInvalidGrant):
		return r.refused(ctx)
	case isPaused:
		also = r.keepAway(ctx, Pause{Until: paused.Until, Reason: pauseReason(paused)})
	default:
		if pause := verdictOf(err).Pause; pause.For > 0 {
			also = r.keepAway(ctx, Pause{Until: now.Add(pause.For), Reason: pause.Reason})
		}
	}
	if also != nil {
		if _, noted := errors.AsType[*PausedError](also); !noted {
			r.Log.ErrorContext(ctx, "pause not noted", "error", also)
		}
	}
	return err
}

func pauseReason(paused *PausedError) PauseReason {
	if paused.Quota {
		return PauseQuota
	}
	return PauseRateLimit
}

// weekDone notes that an edition is no longer due. A user who chose other
// sources while this run was reading has those asked as well.
func (r *run) weekDone(u *User, e Edition) {
	if u.Choice == r.choice {
		u.LastEdition = max(u.LastEdition, e)
	}
}

// thisWeek reports whether t lies in the week that is due at now.
func thisWeek(t, now time.Time) bool { return !t.IsZero() && DueEdition(t) == DueEdition(now) }
