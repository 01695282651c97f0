package usecase

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/exactlyonce"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/lease"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/playlist"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/source"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// run is one run of one user, from the lease to its conclusion.
type run struct {
	*Archivist
	job archive.ArchiveJob

	spending webapi.Spending

	asked  time.Time // Manual.AskedAt when the run began: whatever was asked for until then, it does
	held   *lease.Held
	grant  *grant
	ours   *playlist.Ours
	engine *exactlyonce.Engine
	plays  bool // it only looks at plays
	report report
}

// report is what a run has to tell.
type report struct {
	outcome  outcome.Outcome
	kinds    []outcome.Kind // what the readings of this round mean if nothing is new
	failures []source.Failure
	learned  []func(*archive.User) // remembered once every song that was found is in the archive
	blocked  error                 // why nothing can be put into the archive
	apart    error                 // why songs that are wanted back keep waiting
	early    error                 // that, if all it takes is to come again a little later
}

// take leases the user for a run.
func (a *Archivist) take(ctx context.Context, user archive.User, job archive.ArchiveJob, result outcome.Outcome, spending webapi.Spending) (*run, error) {
	r := &run{Archivist: a, job: job, spending: spending, report: report{outcome: result}}
	held, err := lease.Take(ctx, lease.Terms{Store: a.Store, Clock: a.Clock, Delay: a.visibilityDelay()}, user, r.begin)
	if err != nil {
		return nil, err
	}
	r.asked, r.held = held.User.Manual.AskedAt, held
	r.grant = &grant{Spotify: a.Spotify, Sealer: a.Sealer, Opener: a.Opener, Log: a.Log, held: held}
	r.ours = playlist.New(playlist.Config{Words: a.Words, BaseURL: a.BaseURL, Log: a.Log}, held, a.Spotify.Library(r.grant.token))
	r.engine = exactlyonce.New(held, r.ours, a.Log, r.report.count)
	return r, nil
}

// begin is what taking the lease writes beside it. Of a look at plays where
// nothing was played, it is all that is written.
func (r *run) begin(u *archive.User) error {
	now := r.Clock.Now()
	r.plays = r.job.Run.Kind == app.RunDue && u.OnlyPlays(now)
	if !r.plays {
		return nil
	}
	if calendar.Ahead(u.Due.At, now) {
		return fault.ErrBusy // another look was quicker
	}
	u.Lease.Until = now.Add(archive.LookTime)
	u.Listening.AskedAt = now
	u.Due = r.next(*u, r.job.Run, time.Time{})
	return nil
}

// time bounds the run.
func (r *run) time() time.Duration {
	if r.plays {
		return archive.LookTime
	}
	return archive.RunTime
}

// archive does the run: finish what is open, read the sources, save what is
// new, conclude. Where Spotify asked the last run to wait when it came to the
// archive, the sources are read first: it may ask so at the same place again.
func (r *run) archive(ctx context.Context) error {
	if r.held.User.Grant.Ended(r.Clock.Now()) {
		return fault.ErrEnded
	}
	if _, err := r.grant.token(ctx, false); err != nil {
		return err
	}
	view := &source.View{Ours: r.ours, Run: r.job.Run.Kind, PutOff: r.putOff}
	if r.plays {
		return r.listen(ctx, view)
	}
	last := r.held.User.Last
	paused := last.Kind == outcome.Paused
	sourcesFirst := paused && last.Stopped == ""
	if !sourcesFirst {
		if err := r.resume(ctx); err != nil {
			return err
		}
	}
	if err := r.ours.Remind(ctx); err != nil {
		return err
	}
	if err := r.ours.Offer(ctx); err != nil && !outcome.OfOneRoute(err) && !outcome.Barred(err) {
		return err
	}
	view.Choice, view.Last = r.held.User.Choice, last.Stopped
	if paused && !sourcesFirst && r.report.blocked == nil {
		if err := r.saveWaiting(ctx); err != nil {
			return err
		}
	}
	readings, failures, err := r.sources().ReadAll(ctx, view)
	if err != nil {
		return r.keep(ctx, readings, view.Last, err)
	}
	r.report.failures = failures
	if sourcesFirst {
		if err := r.letWait(ctx, readings); err != nil {
			return err
		}
		r.report.learned = nil // once they are saved
		if err := r.resume(ctx); err != nil {
			return err
		}
	}
	for {
		waiting, err := r.waiting(ctx)
		if err != nil {
			return err
		}
		if err := r.save(ctx, append(readings, waiting...)); err != nil || !r.engine.Again() {
			return err
		}
		readings = nil
		r.engine.Round()
	}
}

// resume finishes what an earlier run left open, or notes what is in the way.
func (r *run) resume(ctx context.Context) error {
	err := r.engine.Resume(ctx)
	if err != nil && r.blocks(err) {
		r.report.blocked, err = err, nil
	}
	return err
}

// saveWaiting saves what waits before anything is read, after a run that Spotify
// asked to wait: it may ask so at the same source again, and again.
func (r *run) saveWaiting(ctx context.Context) error {
	waiting, err := r.waiting(ctx)
	if err != nil {
		return err
	}
	batches, err := r.planned(ctx, waiting)
	if err != nil {
		return err
	}
	for _, b := range batches {
		if err := r.engine.Put(ctx, b, nil); err != nil {
			if r.blocks(err) {
				r.report.blocked, err = err, nil
			}
			return err
		}
	}
	return nil
}

// keep lets the songs wait that were read before Spotify asked us to: a limit of
// one source must not cost those of the others.
func (r *run) keep(ctx context.Context, readings []source.Reading, at ledger.SourceName, why error) error {
	if _, paused := errors.AsType[*fault.PausedError](why); !paused {
		return why
	}
	r.report.outcome.Stopped = at
	if err := r.letWait(ctx, readings); err != nil {
		return err
	}
	return why
}

// letWait lets the songs of readings wait.
func (r *run) letWait(ctx context.Context, readings []source.Reading) error {
	batches, err := r.planned(ctx, readings)
	if err != nil {
		return err
	}
	for _, b := range batches {
		if err := r.wait(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// listen is a look: it only collects what was played. The next run archives it. What
// was in the way of an earlier look is over then, and nothing says so otherwise.
func (r *run) listen(ctx context.Context, view *source.View) error {
	r.report.outcome.Kind, r.report.outcome.Plays = outcome.NothingNew, true
	view.Looked = func(u *archive.User) {
		u.Lease, u.Due = archive.Lease{}, r.next(*u, r.job.Run, time.Time{})
	}
	if err := source.Listen(ctx, view); err != nil {
		return err
	}
	before := r.held.User.Last
	over := before.Plays && before.Kind != outcome.NothingNew
	if r.held.User.Grant.Refusals.Count == 0 && !over {
		return nil
	}
	return r.held.Write(ctx, archive.Changes{}, func(u *archive.User) {
		u.Grant.Refusals = archive.Refusals{}
		if over {
			u.Last = r.report.outcome.After(u.Last)
		}
	})
}

// blocks reports whether an error keeps songs out of the archive for now, and
// says nothing against reading the sources: their songs wait then. A write
// without a clear answer does so once that lasts; before, the message comes
// again within minutes.
func (r *run) blocks(err error) bool {
	return outcome.Barred(err) || outcome.OfOneRoute(err) && (!errors.Is(err, fault.ErrUnknownEffect) || r.lasts(err))
}

// waiting takes up the songs that wait: pasted, heard, or left over.
func (r *run) waiting(ctx context.Context) ([]source.Reading, error) {
	if !r.held.User.Waiting {
		return nil, nil
	}
	newest := r.held.User.PendingAt
	list, err := r.Store.Pending(ctx, r.held.User.ID)
	if err != nil {
		return nil, err
	}
	held := func(b ledger.Batch) bool { return b.Held != "" }
	return []source.Reading{{
		Kind:    outcome.NothingNew,
		Batches: slices.DeleteFunc(list, held),
		Learned: func(u *archive.User) {
			// What was put after we looked keeps waiting.
			if u.PendingAt.Equal(newest) && !r.engine.Again() && r.report.apart == nil {
				u.Waiting = false
			}
		},
	}}, nil
}

// save saves what the readings hold and concludes the run. What waited comes
// first.
func (r *run) save(ctx context.Context, readings []source.Reading) error {
	batches, err := r.planned(ctx, readings)
	if err != nil {
		return err
	}
	for i, b := range batches {
		if r.report.blocked == nil {
			var conclude func(*archive.User)
			if i == len(batches)-1 {
				conclude = r.conclude
			}
			err := r.engine.Put(ctx, b, conclude)
			if err == nil {
				continue
			}
			if !r.blocks(err) && !errors.Is(err, fault.ErrPaused) {
				return err
			}
			r.report.blocked = err
		}
		if err := r.wait(ctx, b); err != nil {
			return err
		}
	}
	if r.report.blocked != nil || len(batches) > 0 {
		return r.report.blocked
	}
	return r.nothing(ctx, readings)
}

// planned is what has to be appended of what the readings hold.
func (r *run) planned(ctx context.Context, readings []source.Reading) ([]ledger.Batch, error) {
	var waited, shown []ledger.Batch
	r.report.kinds = nil
	for _, reading := range readings {
		r.report.kinds = append(r.report.kinds, reading.Kind)
		if reading.Learned != nil {
			r.report.learned = append(r.report.learned, reading.Learned)
		}
		for _, b := range reading.Batches {
			b.ArchivePlaylist = r.sources().Archive(b.Entry.Key, r.held.User.Shape)
			if b.ID != "" {
				waited = append(waited, b)
			} else {
				shown = append(shown, b)
			}
		}
	}
	shown = append(waited, shown...)
	if len(shown) == 0 {
		return nil, nil
	}
	seen, err := r.held.Seen(ctx)
	if err != nil {
		return nil, err
	}
	if shown, err = r.wantedBack(ctx, shown); err != nil {
		return nil, err
	}
	batches := plan(seen, shown, r.held.Stands)
	for i := range batches {
		r.standing(&batches[i])
	}
	return batches, nil
}

// nothing concludes a run in which there was nothing to save.
func (r *run) nothing(ctx context.Context, readings []source.Reading) error {
	note := func(*archive.User) {}
	if !slices.ContainsFunc(readings, func(s source.Reading) bool { return len(s.Batches) > 0 }) {
		var err error
		if note, err = r.ours.LookForCopies(ctx, r.job.Run.Kind == app.RunWeekly); err != nil {
			return err
		}
	}
	return r.held.Write(ctx, r.held.Unsaved(), func(u *archive.User) {
		note(u)
		r.conclude(u)
	})
}

// wait keeps the songs of a batch that cannot be put into the archive now:
// their source may be overwritten before it can.
func (r *run) wait(ctx context.Context, b ledger.Batch) error {
	if open := r.held.User.Open; open != nil { // which holds some already
		b.Tracks = slices.DeleteFunc(slices.Clone(b.Tracks), open.Holds)
	}
	if len(b.Tracks) == 0 || b.ID != "" {
		return nil
	}
	key := b.Entry.Key
	rest := ledger.NewBatch(key.Edition, key.Source, b.Tracks)
	rest.ID = fmt.Sprintf("wait-%s-%s-%s-%d", key.Edition, key.Source, b.Tracks[0].ID, len(b.Tracks))
	rest.Entry.Queued, rest.At = b.Entry.Queued, r.Clock.Now()
	changes := archive.Changes{AddPending: []ledger.Batch{rest}}
	return r.held.Write(ctx, changes, func(u *archive.User) { u.NoteWaiting(rest.At) })
}
