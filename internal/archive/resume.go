package archive

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// resume finishes what an earlier run left open. It never appends before it
// has seen what is there.
func (r *run) resume(ctx context.Context) error {
	for r.user.Open != nil {
		open := *r.user.Open
		if settled := open.At.Add(r.settleTime()); !open.Unsent && !open.GivenUp && r.Clock.now().Before(settled) {
			return &tooEarly{until: settled}
		}
		if err := r.resumeOne(ctx, open); err != nil {
			return fmt.Errorf("resuming %s of user %s: %w", open.Entry.Key, r.user.ID, err)
		}
	}
	return nil
}

// tooEarly: a write of a moment ago may not show in reads yet.
type tooEarly struct{ until time.Time }

func (e *tooEarly) Error() string { return "an earlier append has not settled yet" }

// Unwrap makes it an unknown effect.
func (e *tooEarly) Unwrap() error { return ErrUnknownEffect }

func (r *run) resumeOne(ctx context.Context, open Intent) error {
	playlist, where, err := r.locate(ctx, open.PlaylistID)
	if err != nil {
		return err
	}
	if where == gone && open.Copy {
		return r.write(ctx, Changes{}, func(u *User) { u.Open = nil })
	}
	missing := open.Tracks
	switch {
	case open.GivenUp:
		missing = nil
	case where == present && !open.Unsent:
		var total int
		if missing, total, err = r.missing(ctx, open); err != nil {
			return err
		}
		shelf := r.user.Shelves[open.Shelf]
		shelf.PlaylistID, shelf.Total = playlist.ID, total-(len(open.Tracks)-len(missing))
		shelf.Missing = time.Time{}
		if len(missing) > 0 {
			shelf.Total = total
		}
		r.use(open.Shelf, shelf)
	}
	if len(missing) == 0 {
		return r.settle(ctx, false)
	}
	return r.sendMissing(ctx, open, missing)
}

// sendMissing appends what of an open intent is not in the archive, to the
// shelf that has room for it now.
func (r *run) sendMissing(ctx context.Context, open Intent, missing []Track) error {
	seen, err := r.seenSet(ctx)
	if err != nil {
		return err
	}
	shelf, err := r.shelf(ctx, open.Shelf, len(missing))
	if err != nil {
		return err
	}
	seen.Add(slices.DeleteFunc(slices.Clone(open.Tracks), func(t Track) bool { return slices.Contains(missing, t) })...)
	if !open.Copy {
		missing = slices.DeleteFunc(slices.Clone(missing), seen.Has)
	}
	open.Tracks = missing
	open.PlaylistID, open.TotalBefore = shelf.PlaylistID, shelf.Total
	open.At, open.Unsent = r.Clock.now(), false
	err = r.write(ctx, Changes{Seen: seen}, func(u *User) { u.Open = &open })
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		if err := r.appendOpen(ctx); err != nil {
			return err
		}
	}
	return r.settle(ctx, false)
}

// missing returns the intent's songs that never reached its playlist, and how
// many items the playlist has. Usually they are the last items or none of
// them is there; only otherwise the whole playlist is read. An append takes
// effect whole or not at all, so where most of it is there the rest was taken
// out by the user meanwhile, and stays out.
func (r *run) missing(ctx context.Context, open Intent) (missing []Track, total int, err error) {
	tail, total, err := items(ctx, r.library, open.PlaylistID, open.TotalBefore)
	if err != nil {
		return nil, 0, err
	}
	if slices.EqualFunc(usable(tail), open.Tracks, sameSong) {
		return nil, total, nil
	}
	all, total, err := items(ctx, r.library, open.PlaylistID, 0)
	if err != nil {
		return nil, 0, err
	}
	var present Seen
	present.Add(usable(all)...)
	if !open.Copy {
		seen, err := r.seenSet(ctx)
		if err != nil {
			return nil, 0, err
		}
		seen.Add(usable(all)...)
	}
	missing = slices.DeleteFunc(slices.Clone(open.Tracks), present.Has)
	if len(missing)*2 < len(open.Tracks) {
		missing = nil
	}
	return missing, total, nil
}

func sameSong(a, b Track) bool { return a.ID == b.ID || a.ISRC != "" && a.ISRC == b.ISRC }
