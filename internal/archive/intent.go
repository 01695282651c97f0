package archive

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// save appends one batch and records it: intent, append, settlement. The last
// one also concludes the run.
func (r *run) save(ctx context.Context, b batch, last bool) error {
	edition := b.entry.Key.Edition
	key := r.user.Shape.shelfKey(edition)
	shelf, err := r.shelf(ctx, key, len(b.tracks))
	if err != nil {
		return err
	}
	var second Shelf
	if r.user.Shape == ShapeEdition {
		if second, err = r.shelf(ctx, string(edition), len(b.tracks)); err != nil {
			return err
		}
	}
	seen, err := r.seenSet(ctx)
	if err != nil {
		return err
	}
	// Looking at the shelf may have shown songs that the plan did not know of.
	b.tracks = slices.DeleteFunc(slices.Clone(b.tracks), seen.Has)
	b.entry.Already += b.entry.Added - len(b.tracks)
	b.entry.Added = len(b.tracks)
	if len(b.tracks) == 0 {
		return r.record(ctx, b, last)
	}
	intent := Intent{
		Entry:       b.entry,
		Shelf:       key,
		PlaylistID:  shelf.PlaylistID,
		TotalBefore: shelf.Total,
		Tracks:      b.tracks,
		Pending:     b.pending,
		CopyID:      second.PlaylistID,
		At:          r.Clock.now(),
	}
	// Who resumes trusts the total that we store at the end, so what a look at
	// the shelf has shown is stored now.
	err = r.write(ctx, r.shown(), func(u *User) {
		intent.Entry.Key = u.number(b.entry.Key)
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

// record stores a batch in which nothing was new.
func (r *run) record(ctx context.Context, b batch, last bool) error {
	b.entry.DoneAt = r.Clock.now()
	r.count(b.entry)
	changes := r.shown()
	changes.Entry, changes.RemovePending = &b.entry, b.pending
	return r.write(ctx, changes, func(u *User) {
		b.entry.Key = u.number(b.entry.Key)
		if last {
			r.conclude(u)
		}
	})
}

// appendOpen sends the open intent's songs.
func (r *run) appendOpen(ctx context.Context) error {
	open := r.user.Open
	err := r.library.Append(ctx, open.PlaylistID, open.Tracks)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrRejected):
		return r.halve(ctx)
	case errors.Is(err, ErrUnknownEffect), ctx.Err() != nil:
	default:
		r.unsent = true
	}
	return fmt.Errorf("appending %d songs: %w", len(open.Tracks), err)
}

// halve deals with a batch that Spotify found fault with, and so did not
// append: pasted songs may not exist, others vanish. The second half waits as
// a pending batch while the first is tried, until the song at fault is alone;
// that one is given up.
func (r *run) halve(ctx context.Context) error {
	open := *r.user.Open
	open.At = r.Clock.now()
	if len(open.Tracks) == 1 || open.Copy {
		r.Log.WarnContext(ctx, "song given up", "user_id", r.user.ID, "track_id", open.Tracks[0].ID)
		open.GivenUp = true
		open.Entry.Unusable += open.Entry.Added
		open.Entry.Added = 0
		return r.write(ctx, Changes{}, func(u *User) { u.Open = &open })
	}
	half := len(open.Tracks) / 2
	rest := Pending{
		ID:      fmt.Sprintf("rest-%s-%s", open.Entry.Key, open.Tracks[half].ID),
		Source:  open.Entry.Key.Source,
		Edition: open.Entry.Key.Edition,
		Tracks:  open.Tracks[half:],
		At:      open.At,
	}
	open.Tracks = open.Tracks[:half]
	open.Entry.Added = half
	err := r.write(ctx, Changes{AddPending: []Pending{rest}}, func(u *User) {
		u.Open = &open
		u.wait(open.At)
	})
	if err != nil {
		return err
	}
	r.again = true
	return r.appendOpen(ctx)
}

// settle ends the open intent, whose songs are in the archive: entry, seen
// set and user in one write. A second copy becomes the next open intent in
// that same write.
func (r *run) settle(ctx context.Context, last bool) error {
	seen, err := r.seenSet(ctx)
	if err != nil {
		return err
	}
	open := *r.user.Open
	seen.Add(open.Tracks...)
	shelf, known := r.shelves[open.Shelf]
	if known && !open.GivenUp {
		shelf.Total += len(open.Tracks)
		r.shelves[open.Shelf] = shelf
	}
	next := r.copyOf(open)

	var changes Changes
	if !open.Copy {
		open.Entry.DoneAt = r.Clock.now()
		r.count(open.Entry)
		changes = Changes{Entry: &open.Entry, Seen: seen, RemovePending: open.Pending}
	}
	err = r.write(ctx, changes, func(u *User) {
		if known {
			u.setShelf(open.Shelf, shelf)
		}
		u.Open = next
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
func (r *run) copyOf(done Intent) *Intent {
	if done.CopyID == "" || done.GivenUp {
		return nil
	}
	key := string(done.Entry.Key.Edition)
	return &Intent{
		Entry:       done.Entry,
		Shelf:       key,
		PlaylistID:  done.CopyID,
		TotalBefore: r.shelves[key].Total,
		Tracks:      done.Tracks,
		At:          r.Clock.now(),
		Copy:        true,
	}
}
