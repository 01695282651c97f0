package usecase

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// save appends one batch and records it: intent, append, settlement. The last
// one also concludes the run.
func (r *run) save(ctx context.Context, b batch, last bool) error {
	edition := b.entry.Key.Edition
	key := r.user.Shape.ShelfKey(edition)
	shelf, err := r.shelf(ctx, key, len(b.tracks))
	if err != nil {
		return err
	}
	var second archive.Shelf
	if r.user.Shape == archive.ShapeEdition {
		if second, err = r.shelf(ctx, string(edition), len(b.tracks)); err != nil {
			return err
		}
	}
	// Looking at the shelf may have shown songs that the plan did not know of.
	b.tracks = slices.DeleteFunc(slices.Clone(b.tracks), r.looked.Has)
	b.entry.Already += b.entry.Added - len(b.tracks)
	b.entry.Added = len(b.tracks)
	if len(b.tracks) == 0 {
		return r.record(ctx, b, last && !r.again)
	}
	intent := archive.Intent{
		Entry:       b.entry,
		Shelf:       key,
		PlaylistID:  shelf.PlaylistID,
		TotalBefore: shelf.Total,
		Tracks:      b.tracks,
		Pending:     b.pending,
		CopyID:      second.PlaylistID,
		At:          r.Clock.Now(),
	}
	// Whoever resumes trusts the total that we store at the end, so what a look at
	// the shelf has shown is stored now.
	err = r.write(ctx, r.shown(), func(u *archive.User) {
		intent.Entry.Key = u.NextBatch(b.entry.Key)
		u.Open = &intent
	})
	if err != nil {
		return err
	}
	if err := r.appendOpen(ctx); err != nil {
		return err
	}
	return r.settle(ctx, last)
}

// record stores a batch in which nothing was new. Another look at a Discover
// Weekly that has its entry leaves no second one: its songs were counted.
func (r *run) record(ctx context.Context, b batch, last bool) error {
	changes := r.shown()
	changes.RemovePending = r.doneWith(b.pending)
	again := b.entry.Key.Source == archive.SourceDiscover && r.user.Batches[b.entry.Key.Name()] > 0
	if !again {
		b.entry.DoneAt = r.Clock.Now()
		r.count(b.entry)
		changes.Entry = &b.entry
	}
	return r.write(ctx, changes, func(u *archive.User) {
		if !again {
			b.entry.Key = u.NextBatch(b.entry.Key)
			u.NoteEntry(b.entry)
		}
		if last {
			r.conclude(u)
		}
	})
}

// appendOpen sends the open intent's songs.
func (r *run) appendOpen(ctx context.Context) error {
	open := r.user.Open
	snapshot, err := r.library.Append(ctx, open.PlaylistID, open.Tracks)
	switch {
	case err == nil:
		r.accepted = true
		if shelf, known := r.shelves[open.Shelf]; known {
			shelf.Snapshot = snapshot
			r.shelves[open.Shelf] = shelf
		}
		return nil
	case errors.Is(err, archive.ErrRejected):
		return r.halve(ctx)
	case errors.Is(err, archive.ErrUnknownEffect), ctx.Err() != nil:
	default:
		r.unsent = true
	}
	return fmt.Errorf("appending %d songs: %w", len(open.Tracks), err)
}

const (
	// maxRejected bounds the appends of a run that Spotify finds fault with.
	maxRejected = 30

	// maxAside is how many songs are refused alone before a run that had no
	// append accepted does not believe that the songs are at fault.
	maxAside = 4
)

// halve deals with a batch that Spotify found fault with, and so did not
// append: pasted songs may not exist, others vanish. The second half waits as
// a pending batch while the first is tried, until the song at fault is alone.
// That one is given up, if Spotify took others in the same run: an outage that
// refuses everything must not cost a song.
func (r *run) halve(ctx context.Context) error {
	open := *r.user.Open
	open.At = r.Clock.Now()
	r.rejected++
	switch {
	case r.rejected > maxRejected && r.accepted:
		r.unsent = true
		return fmt.Errorf("appending: %d refusals in one run: %w", r.rejected, archive.ErrUnavailable)
	case r.rejected > maxRejected:
		r.unsent = true
		return archive.ErrSongsRefused
	case len(open.Tracks) > 1 && !open.Copy:
		return r.firstHalf(ctx, open)
	case r.accepted || open.Copy:
		return r.giveUp(ctx, open)
	case r.aside < maxAside || open.Entry.Key.Source == archive.SourcePaste:
		return r.setAside(ctx, open)
	default:
		r.unsent = true
		return archive.ErrSongsRefused
	}
}

func (r *run) firstHalf(ctx context.Context, open archive.Intent) error {
	half := len(open.Tracks) / 2
	rest := r.waiting(open, open.Tracks[half:])
	open.Tracks = open.Tracks[:half]
	open.Entry.Added = half
	open.Entry.Found = max(0, open.Entry.Found-len(rest.Tracks)) // counted when the rest is taken up
	err := r.write(ctx, archive.Changes{AddPending: []archive.Pending{rest}}, func(u *archive.User) {
		u.Open = &open
		u.NoteWaiting(open.At)
	})
	if err != nil {
		return err
	}
	r.again = true
	return r.appendOpen(ctx)
}

func (r *run) giveUp(ctx context.Context, open archive.Intent) error {
	r.Log.WarnContext(ctx, "song given up", "user_id", r.user.ID, "track_id", open.Tracks[0].ID)
	open.GivenUp = true
	open.Entry.Unusable += open.Entry.Added
	open.Entry.Added = 0
	return r.write(ctx, archive.Changes{}, func(u *archive.User) { u.Open = &open })
}

// setAside lets a song wait until another append was accepted: in the next
// round of this run, or in the next run.
func (r *run) setAside(ctx context.Context, open archive.Intent) error {
	alone := r.waiting(open, open.Tracks)
	r.aside++
	r.again = r.again || r.aside <= maxAside
	changes := archive.Changes{AddPending: []archive.Pending{alone}, RemovePending: r.doneWith(open.Pending)}
	return r.write(ctx, changes, func(u *archive.User) {
		u.Open = nil
		u.NoteWaiting(open.At)
	})
}

// waiting makes a pending batch of some of the intent's songs. The same songs
// make the same batch, however often they are refused.
func (r *run) waiting(open archive.Intent, tracks []archive.Track) archive.Pending {
	edition, source := open.Entry.Key.Edition, open.Entry.Key.Source
	id := fmt.Sprintf("rest-%s-%s-%s-%d", edition, source, tracks[0].ID, len(tracks))
	if r.waits == nil {
		r.waits = make(map[string]bool)
	}
	r.waits[id] = true
	return archive.Pending{ID: id, Source: source, Edition: edition, Tracks: tracks, At: open.At}
}

// doneWith returns those of the pending batches that are done with, now that a
// batch of songs is: not what was put again since they were read.
func (r *run) doneWith(pending []string) []string {
	return slices.DeleteFunc(slices.Clone(pending), func(id string) bool { return r.waits[id] })
}

// settle ends the open intent, whose songs are in the archive: entry, seen
// set and user in one write. A second copy becomes the next open intent in
// that same write.
func (r *run) settle(ctx context.Context, last bool) error {
	if r.user.Open == nil { // set aside
		if last && !r.again {
			return r.write(ctx, r.shown(), r.conclude)
		}
		return nil
	}
	seen, err := r.seenSet(ctx)
	if err != nil {
		return err
	}
	open := *r.user.Open
	seen.Add(open.Tracks...)
	shelf, known := r.shelves[open.Shelf]
	if known && !open.GivenUp {
		shelf.Total += len(open.Tracks)
		if shelf.Unlearned > 0 || slices.ContainsFunc(open.Tracks, func(t archive.Track) bool { return t.Recording() == "" }) {
			shelf.Unlearned += len(open.Tracks)
		}
		r.shelves[open.Shelf] = shelf
	}
	next := r.copyOf(open)

	var changes archive.Changes
	if !open.Copy {
		open.Entry.DoneAt = r.Clock.Now()
		r.count(open.Entry)
		changes = archive.Changes{Entry: &open.Entry, Seen: seen, RemovePending: r.doneWith(open.Pending)}
	}
	err = r.write(ctx, changes, func(u *archive.User) {
		if known {
			u.SetShelf(open.Shelf, shelf)
		}
		u.Open = next
		if !open.Copy {
			u.NoteEntry(open.Entry)
		}
		if last && next == nil && !r.again {
			r.conclude(u)
		}
	})
	if err != nil || next == nil {
		return err
	}
	if err := r.appendOpen(ctx); err != nil {
		return err
	}
	return r.settle(ctx, last)
}

// copyOf is the intent of the second copy, if the intent wants one.
func (r *run) copyOf(done archive.Intent) *archive.Intent {
	if done.CopyID == "" || done.GivenUp {
		return nil
	}
	key := string(done.Entry.Key.Edition)
	return &archive.Intent{
		Entry:       done.Entry,
		Shelf:       key,
		PlaylistID:  done.CopyID,
		TotalBefore: r.shelves[key].Total,
		Tracks:      done.Tracks,
		At:          r.Clock.Now(),
		Copy:        true,
	}
}
