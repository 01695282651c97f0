package archive

import (
	"context"
	"errors"
	"time"
)

// reading is what a source showed in this run. A source that cannot be read
// is a reading too, not an error.
type reading struct {
	kind    OutcomeKind // what it means if nothing is new
	finds   []find      // in order
	learned func(*User) // remembered once every song found is in the archive
}

// failure is a source that could not be read in this run.
type failure struct {
	source SourceName
	err    error
}

// readSources reads what the user chose. Automatic means Discover Weekly, and
// where this app may not read it, the inbox and what was played. An inbox that
// we made in such a week keeps its promise in every other.
//
// A source that fails is noted and fails alone: only what concerns the whole
// run is an error of it.
func (r *run) readSources(ctx context.Context) error {
	r.choice = r.user.Choice
	choice := r.choice
	fallBack, troubled := false, false
	if choice == ChoiceDiscover || choice == ChoiceAuto {
		discover, err := r.readDiscover(ctx)
		if err := r.noted(ctx, SourceDiscover, discover, err); err != nil {
			return err
		}
		troubled = err != nil || discover.kind == OutcomeUnreadable
		fallBack = choice == ChoiceAuto && err == nil && discover.kind == OutcomeNotReadable
	}
	if choice == ChoiceInbox || fallBack || choice == ChoiceAuto && r.user.Inbox.PlaylistID != "" {
		inbox, err := r.readInbox(ctx)
		if errors.Is(err, errInboxGone) && !fallBack {
			err = nil // it is not needed
		}
		if err := r.noted(ctx, SourceInbox, inbox, err); err != nil {
			return err
		}
	}
	listens := r.user.Grant.Listens()
	switch {
	case choice == ChoiceListening && !listens:
		r.readings = append(r.readings, reading{kind: OutcomeScope, learned: func(*User) {}})
	case choice == ChoiceListening, (fallBack || troubled && choice == ChoiceAuto) && listens:
		err := r.collect(ctx)
		if err := r.noted(ctx, SourceListening, r.nothingDaily(), err); err != nil {
			return err
		}
	}
	if choice == ChoicePaste {
		r.readings = append(r.readings, r.nothingDaily())
	}
	return r.readPending(ctx)
}

// noted takes what a source showed, or notes that it failed alone.
func (r *run) noted(ctx context.Context, source SourceName, shown reading, err error) error {
	switch {
	case err == nil:
		r.readings = append(r.readings, shown)
		return nil
	case ofOneRoute(err):
		r.Log.WarnContext(ctx, "source not read", "user_id", r.user.ID, "source", string(source), "error", err)
		r.failures = append(r.failures, failure{source, err})
		return nil
	default:
		return err
	}
}

// kind says what is in the way of the source. A refused request to read is no
// refused song.
func (f failure) kind() OutcomeKind {
	if errors.Is(f.err, ErrRejected) {
		return OutcomeUnreadable
	}
	return verdictOf(f.err).Kind
}

// troubledTime is for how long a source in trouble is asked again at once;
// after that, the next daily look.
const troubledTime = time.Hour

// unreadAgain returns the error for which the message has to come again: a
// Discover Weekly that could not be read will be overwritten, and so nothing
// may wait a day for it; of other sources, only if none could be read.
func (r *run) unreadAgain(troubledAt time.Time) error {
	if r.Clock.now().Sub(troubledAt) >= troubledTime {
		return nil
	}
	for _, f := range r.failures {
		if f.kind().Verdict().Disposition == Retry && (f.source == SourceDiscover || len(r.readings) == 0) {
			return f.err
		}
	}
	return nil
}

// troubled notes since when sources are in trouble: of today, for unreadAgain.
func (r *run) troubled(u *User) {
	now := r.Clock.now()
	switch {
	case len(r.failures) == 0:
		u.TroubledAt = time.Time{}
	case u.TroubledAt.IsZero() || now.Sub(u.TroubledAt) >= clearOf:
		u.TroubledAt = now
	}
}

// nothingDaily is the reading of a source whose songs come by themselves: the
// week needs no daily look.
func (r *run) nothingDaily() reading {
	due := DueEdition(r.Clock.now())
	return reading{kind: OutcomeNothingNew, learned: func(u *User) {
		if u.Choice != ChoiceAuto {
			r.weekDone(u, due)
		}
	}}
}

// readPending takes up the songs that wait: pasted, heard, or left over.
func (r *run) readPending(ctx context.Context) error {
	if !r.user.Waiting {
		return nil
	}
	newest := r.user.PendingAt
	list, err := r.Store.Pending(ctx, r.user.ID)
	if err != nil {
		return err
	}
	waiting := reading{kind: OutcomeNothingNew, learned: func(u *User) {
		// What was put after we looked keeps waiting.
		if u.PendingAt.Equal(newest) && !r.again {
			u.Waiting = false
		}
	}}
	for _, p := range list {
		if p.Held != "" {
			continue
		}
		waiting.finds = append(waiting.finds, find{
			edition: p.Edition, source: p.Source, tracks: p.Tracks,
			found: len(p.Tracks), queued: p.Queued, pending: p.ID,
		})
	}
	r.readings = append(r.readings, waiting)
	return nil
}
