package exactlyonce

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/lease"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/playlist"
)

// Engine takes batches into archives, one after another, in one run of one user.
type Engine struct {
	held     *lease.Held
	archives *playlist.Ours
	log      *slog.Logger
	recorded func(ledger.Entry)
	next     func(State, Evidence) (State, Action)

	proof  Proof
	unsent bool // the open batch is known to have had no effect
	again  bool
	waits  map[string]bool // batches that this round lets wait (again)

	unknown map[string]bool // ids that an archive has shown to this run first
}

// New returns the engine of a run. Each entry is told to recorded before it is
// written.
func New(held *lease.Held, archives *playlist.Ours, log *slog.Logger, recorded func(ledger.Entry)) *Engine {
	return &Engine{held: held, archives: archives, log: log, recorded: recorded, next: Next}
}

// Again reports whether part of a refused batch waits for another round of this
// run. Every round halves or shrinks it.
func (e *Engine) Again() bool { return e.again }

// Round begins another round.
func (e *Engine) Round() { e.again, e.waits = false, nil }

// Unsent notes on the user what the run knows of its open batch. It belongs to
// the last write of a run that failed.
func (e *Engine) Unsent(u *archive.User) {
	if e.unsent && u.Open != nil {
		open := *u.Open
		open.Unsent = true
		u.Open = &open
	}
}

// Put takes a batch into the archive and records it. A batch without songs is
// only recorded. conclude, if any, is part of the last write, unless there is
// another round.
func (e *Engine) Put(ctx context.Context, b ledger.Batch, conclude func(*archive.User)) error {
	return e.drive(ctx, State{Phase: Planned, Batch: b, Proof: e.proof}, conclude)
}

// Resume finishes what an earlier run left open. It never appends before it has
// seen what is there.
func (e *Engine) Resume(ctx context.Context) error {
	for e.held.User.Open != nil {
		open := *e.held.User.Open
		if err := e.drive(ctx, State{Phase: InDoubt, Batch: open, Proof: e.proof}, nil); err != nil {
			return fmt.Errorf("resuming %s of user %s: %w", open.Entry.Key, e.held.User.ID, err)
		}
	}
	return nil
}

// drive does what Next says until nothing is left to do.
func (e *Engine) drive(ctx context.Context, s State, conclude func(*archive.User)) error {
	seen := Evidence{Event: Begun}
	for {
		var next Action
		seen.Now, seen.Delay = e.held.Clock.Now(), e.held.Delay
		s, next = e.next(s, seen)
		e.proof, e.unsent = s.Proof, s.Batch.Unsent
		if next.Do == Finish {
			return nil
		}
		if next.Do == Stop {
			return next.Err
		}
		var err error
		if seen, err = e.do(ctx, &s, next, seen, conclude); err != nil {
			return err
		}
	}
}

// do does one action and tells what came of it. What opening the archive has
// shown stays known.
func (e *Engine) do(ctx context.Context, s *State, a Action, before Evidence, conclude func(*archive.User)) (Evidence, error) {
	seen := Evidence{To: before.To, CopyID: before.CopyID, Copy: before.Copy, Known: e.held.Learned}
	var err error
	switch a.Do {
	case Open:
		seen.Event = Opened
		err = e.open(ctx, *s, &seen)
	case Store:
		seen.Event = Stored
		err = e.store(ctx, s, a)
	case Append:
		e.send(ctx, s.Batch, &seen)
	case Look:
		err = e.look(ctx, s.Batch, &seen)
	case Commit:
		seen.Event = Recorded
		err = e.commit(ctx, s, conclude)
	case Record:
		seen.Event = Recorded
		err = e.record(ctx, s.Batch, e.last(conclude))
	case SetAside:
		seen.Event = Dropped
		err = e.setAside(ctx, s, a, conclude)
	case Drop:
		seen.Event = Dropped
		err = e.held.Write(ctx, archive.Changes{}, func(u *archive.User) { u.Open = nil })
	default:
		err = fmt.Errorf("no such action: %q", a.Do)
	}
	return seen, err
}

// last is conclude, unless there is another round.
func (e *Engine) last(conclude func(*archive.User)) func(*archive.User) {
	if conclude == nil || e.again {
		return func(*archive.User) {}
	}
	return conclude
}

// open finds the archive, and for a new batch the playlist of the copy that the
// person wants. What is taken back is of any week, and stands in that week's.
func (e *Engine) open(ctx context.Context, s State, seen *Evidence) (err error) {
	b := s.Batch
	if seen.To, err = e.archives.Room(ctx, b.ArchivePlaylist, len(b.Tracks)); err != nil {
		return err
	}
	if s.Phase != Planned || e.held.User.Shape != archive.ShapeEdition || b.TakesBack() {
		return nil
	}
	seen.Copy, err = e.archives.Room(ctx, string(b.Entry.Key.Edition), len(b.Tracks))
	seen.CopyID = seen.Copy.PlaylistID
	return err
}

func (e *Engine) send(ctx context.Context, b ledger.Batch, seen *Evidence) {
	snapshot, err := e.archives.Library.Append(ctx, b.PlaylistID, b.Tracks)
	if err != nil {
		seen.Err = fmt.Errorf("appending %d songs: %w", len(b.Tracks), err)
	}
	switch {
	case err == nil:
		seen.Event = Accepted
		e.archives.Appended(b.ArchivePlaylist, snapshot)
	case errors.Is(err, fault.ErrRejected):
		seen.Event = Refused
	case errors.Is(err, fault.ErrUnknownEffect), ctx.Err() != nil:
		seen.Event = Unanswered
	default:
		seen.Event = Unsent
	}
}

// store stores the batch as the open one. Whoever resumes trusts the total that
// is stored at the end, so what opening the archive has shown is stored now.
func (e *Engine) store(ctx context.Context, s *State, a Action) error {
	changes := e.held.Unsaved()
	if len(s.There) > 0 {
		seen, err := e.held.Seen(ctx)
		if err != nil {
			return err
		}
		seen.Add(s.There...)
		changes.Seen = seen
	}
	if a.Rest != nil {
		changes.AddPending = []ledger.Batch{e.waiting(s.Batch, a.Rest)}
		e.again = true
	}
	b := s.Batch
	b.ID = ""
	err := e.held.Write(ctx, changes, func(u *archive.User) {
		if s.Batch.Entry.Key.Batch == 0 {
			b.Entry.Key = u.NextBatch(s.Batch.Entry.Key)
		}
		u.Open = &b
		if a.Rest != nil {
			u.NoteWaiting(b.At)
		}
	})
	if b.GivenUp {
		e.log.WarnContext(ctx, "song given up", "user_id", e.held.User.ID, "track_id", b.Tracks[0].ID)
	}
	s.Batch = b
	return err
}

// commit ends the open batch, whose songs are in the archive: entry, seen set and
// user in one write, in which the copy that follows becomes the open batch.
func (e *Engine) commit(ctx context.Context, s *State, conclude func(*archive.User)) error {
	seen, err := e.held.Seen(ctx)
	if err != nil {
		return err
	}
	b := s.Batch
	var grown []ledger.Track
	if b.GivenUp {
		// Under another id, Spotify may take the recording.
		seen.Add(ledger.Track{ID: b.Tracks[0].ID})
	} else {
		seen.Add(b.Tracks...)
		grown = b.Tracks
	}
	target, known := e.archives.Grown(b.ArchivePlaylist, grown)
	var changes archive.Changes
	if !b.Copy {
		b.Entry.DoneAt = e.held.Clock.Now()
		e.recorded(b.Entry)
		changes = archive.Changes{Entry: &b.Entry, Seen: seen, RemovePending: e.doneWith(b.Pending)}
	}
	return e.held.Write(ctx, changes, func(u *archive.User) {
		if known {
			u.SetArchive(b.ArchivePlaylist, target)
		}
		u.Open = s.Copy
		if !b.Copy {
			u.NoteEntry(b.Entry)
		}
		if s.Copy == nil {
			e.last(conclude)(u)
		}
	})
}

// record stores a batch in which nothing was new. One whose songs an earlier
// entry counts leaves no entry.
func (e *Engine) record(ctx context.Context, b ledger.Batch, conclude func(*archive.User)) error {
	changes := e.held.Unsaved()
	changes.RemovePending = e.doneWith(b.Pending)
	if !b.Counted {
		b.Entry.DoneAt = e.held.Clock.Now()
		e.recorded(b.Entry)
		changes.Entry = &b.Entry
	}
	key := b.Entry.Key
	return e.held.Write(ctx, changes, func(u *archive.User) {
		if !b.Counted {
			b.Entry.Key = u.NextBatch(key)
			u.NoteEntry(b.Entry)
		}
		conclude(u)
	})
}

// setAside lets a song wait until another append was accepted: in the next
// round of this run, or in the next run.
func (e *Engine) setAside(ctx context.Context, s *State, a Action, conclude func(*archive.User)) error {
	b := s.Batch
	changes := e.held.Unsaved()
	changes.AddPending = []ledger.Batch{e.waiting(b, a.Rest)}
	changes.RemovePending = e.doneWith(b.Pending)
	e.again = e.again || s.Proof.Aside <= maxAside
	return e.held.Write(ctx, changes, func(u *archive.User) {
		u.Open = nil
		u.NoteWaiting(b.At)
		e.last(conclude)(u)
	})
}

// waiting makes a batch that waits of some of the open one's songs. The same
// songs make the same batch, however often they are refused.
func (e *Engine) waiting(open ledger.Batch, tracks []ledger.Track) ledger.Batch {
	key := open.Entry.Key
	rest := ledger.NewBatch(key.Edition, key.Source, tracks)
	rest.ID = fmt.Sprintf("rest-%s-%s-%s-%d", key.Edition, key.Source, tracks[0].ID, len(tracks))
	rest.At = open.At
	if e.waits == nil {
		e.waits = make(map[string]bool)
	}
	e.waits[rest.ID] = true
	return rest
}

// doneWith returns those of the waiting batches that are done with, now that a
// batch of songs is: not what was put again since they were read.
func (e *Engine) doneWith(pending []string) []string {
	return slices.DeleteFunc(slices.Clone(pending), func(id string) bool { return e.waits[id] })
}
