package usecase

import (
	"context"
	"errors"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// reading is what a source showed in this run. A source that cannot be read
// is a reading too, not an error.
type reading struct {
	kind    archive.OutcomeKind // what it means if nothing is new
	finds   []find              // in order
	learned func(*archive.User) // remembered once every song found is in the archive
}

// failure is a source that could not be read in this run.
type failure struct {
	source archive.SourceName
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
	if choice == archive.ChoiceDiscover || choice == archive.ChoiceAuto {
		discover, err := r.readDiscover(ctx)
		if err := r.noted(ctx, archive.SourceDiscover, discover, err); err != nil {
			return err
		}
		troubled = err != nil || discover.kind == archive.OutcomeUnreadable
		fallBack = choice == archive.ChoiceAuto && err == nil && discover.kind == archive.OutcomeNotReadable
	}
	if choice == archive.ChoiceInbox || fallBack || choice == archive.ChoiceAuto && r.user.Inbox.PlaylistID != "" {
		inbox, err := r.readInbox(ctx)
		if errors.Is(err, archive.ErrInboxGone) && !fallBack {
			err = nil // it is not needed
		}
		if err := r.noted(ctx, archive.SourceInbox, inbox, err); err != nil {
			return err
		}
	}
	listens := r.user.Grant.Listens()
	switch {
	case choice == archive.ChoiceListening && !listens:
		r.readings = append(r.readings, reading{kind: archive.OutcomeScope, learned: func(*archive.User) {}})
	case choice == archive.ChoiceListening, (fallBack || troubled && choice == archive.ChoiceAuto) && listens:
		err := r.collect(ctx)
		if err := r.noted(ctx, archive.SourceListening, r.nothingDaily(), err); err != nil {
			return err
		}
	}
	if choice == archive.ChoicePaste {
		r.readings = append(r.readings, r.nothingDaily())
	}
	return r.readPending(ctx)
}

// noted takes what a source showed, or notes that it failed alone.
func (r *run) noted(ctx context.Context, source archive.SourceName, shown reading, err error) error {
	switch {
	case err == nil:
		r.readings = append(r.readings, shown)
		return nil
	case archive.OfOneRoute(err):
		r.Log.WarnContext(ctx, "source not read", "user_id", r.user.ID, "source", string(source), "error", err)
		r.failures = append(r.failures, failure{source, err})
		return nil
	default:
		return err
	}
}

// kind says what is in the way of the source. A refused request to read is no
// refused song.
func (f failure) kind() archive.OutcomeKind {
	if errors.Is(f.err, archive.ErrRejected) {
		return archive.OutcomeUnreadable
	}
	return archive.VerdictOf(f.err).Kind
}

// troubledTime is for how long a source in trouble is asked again at once;
// after that, the catch-up looks.
const troubledTime = time.Hour

// unreadAgain returns the error for which the message has to come again: a
// Discover Weekly that could not be read will be overwritten, and so nothing
// may wait a day for it; of other sources, only if none could be read.
func (r *run) unreadAgain(troubledAt time.Time) error {
	if r.Clock.Now().Sub(troubledAt) >= troubledTime {
		return nil
	}
	for _, f := range r.failures {
		if f.kind().Verdict().Disposition == archive.Retry && (f.source == archive.SourceDiscover || len(r.readings) == 0) {
			return f.err
		}
	}
	return nil
}

// troubled notes since when sources are in trouble: of today, for unreadAgain.
func (r *run) troubled(u *archive.User) {
	now := r.Clock.Now()
	switch {
	case len(r.failures) == 0:
		u.TroubledAt = time.Time{}
	case u.TroubledAt.IsZero() || now.Sub(u.TroubledAt) >= clearOf:
		u.TroubledAt = now
	}
}

// nothingDaily is the reading of a source whose songs come by themselves: the
// week needs no daily catch-up.
func (r *run) nothingDaily() reading {
	due := archive.DueEdition(r.Clock.Now())
	return reading{kind: archive.OutcomeNothingNew, learned: func(u *archive.User) {
		if u.Choice != archive.ChoiceAuto {
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
	waiting := reading{kind: archive.OutcomeNothingNew, learned: func(u *archive.User) {
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
