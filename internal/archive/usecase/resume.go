package usecase

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// resume finishes what an earlier run left open. It never appends before it
// has seen what is there.
func (r *run) resume(ctx context.Context) error {
	for r.user.Open != nil {
		open := *r.user.Open
		if settled := open.At.Add(r.settleTime()); !open.Unsent && !open.GivenUp && r.Clock.Now().Before(settled) {
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
func (e *tooEarly) Unwrap() error { return archive.ErrUnknownEffect }

func (r *run) resumeOne(ctx context.Context, open archive.Intent) error {
	shelf := r.user.Shelves[open.Shelf]
	if shelf.PlaylistID != open.PlaylistID {
		shelf = archive.Shelf{PlaylistID: open.PlaylistID} // a copy, or a shelf that was replaced
	}
	playlist, where, _, err := r.locate(ctx, open.PlaylistID, shelf.MadeAt, shelf.Absence)
	if err != nil {
		return err
	}
	if where == gone && open.Copy {
		return r.write(ctx, archive.Changes{}, func(u *archive.User) { u.Open = nil })
	}
	missing := open.Tracks
	switch {
	case open.GivenUp:
		missing = nil
	case where == present && !open.Unsent:
		var total int
		if missing, total, err = r.missing(ctx, open, playlist); err != nil {
			return err
		}
		known := r.user.Shelves[open.Shelf]
		known.PlaylistID, known.Total = playlist.ID, total
		if len(missing) == 0 {
			known.Total -= len(open.Tracks) // settle counts them
		}
		// The id of a moment ago may not be the last one: the next look reads the tail.
		known.Snapshot, known.Absence = "", archive.Absence{}
		r.use(open.Shelf, known)
	}
	if len(missing) == 0 {
		return r.settle(ctx, false)
	}
	return r.sendMissing(ctx, open, missing)
}

// sendMissing appends what of an open intent is not in the archive, to the
// shelf that has room for it now.
func (r *run) sendMissing(ctx context.Context, open archive.Intent, missing []archive.Track) error {
	seen, err := r.seenSet(ctx)
	if err != nil {
		return err
	}
	shelf, err := r.shelf(ctx, open.Shelf, len(missing))
	if err != nil {
		return err
	}
	seen.Add(slices.DeleteFunc(slices.Clone(open.Tracks), func(t archive.Track) bool { return slices.Contains(missing, t) })...)
	if !open.Copy {
		missing = slices.DeleteFunc(slices.Clone(missing), r.looked.Has)
	}
	open.Tracks = missing
	open.PlaylistID, open.TotalBefore = shelf.PlaylistID, shelf.Total
	open.At, open.Unsent = r.Clock.Now(), false
	err = r.write(ctx, archive.Changes{Seen: seen}, func(u *archive.User) { u.Open = &open })
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
//
// Songs are missing only if two answers agree on it. An empty page has been
// given of a list that was not empty, and no page at all of the end of one.
func (r *run) missing(ctx context.Context, open archive.Intent, listed archive.Playlist) (missing []archive.Track, total int, err error) {
	tail, total, readErr := r.tailOf(ctx, open, listed)
	if readErr != nil && !archive.OfOneRoute(readErr) {
		return nil, 0, readErr
	}
	if readErr == nil && endsWith(tail, open.Tracks) {
		return nil, total, nil
	}
	if readErr != nil || total != listed.Total {
		return r.byTotals(ctx, open, listed, total, readErr)
	}
	if r.standsWhereSent(open, tail, total) {
		return nil, total, nil
	}
	if total == open.TotalBefore && !slices.ContainsFunc(tail, func(i archive.Item) bool { return holds(open, i) }) {
		return open.Tracks, total, nil
	}
	return r.missingFromAll(ctx, open)
}

// tailOf reads the items that an append would have added, and as many before
// them: the person may have taken so many out that the total is what it was,
// and a page that begins where the list ends may be refused. So of a list
// that seems to be empty the playlist's own total is asked.
func (r *run) tailOf(ctx context.Context, open archive.Intent, listed archive.Playlist) ([]archive.Item, int, error) {
	start := open.TotalBefore
	if listed.Total != archive.UnknownTotal {
		start = min(start, listed.Total)
	}
	if start > 0 || listed.Total > 0 {
		return items(ctx, r.library, open.PlaylistID, max(0, start-len(open.Tracks)))
	}
	playlist, err := r.byID(ctx, open.PlaylistID)
	if err != nil || playlist.Total != 0 {
		return items(ctx, r.library, open.PlaylistID, 0)
	}
	return nil, 0, nil
}

// holds reports whether the item is one of the intent's songs.
func holds(open archive.Intent, item archive.Item) bool {
	return item.Usable && slices.ContainsFunc(open.Tracks, func(t archive.Track) bool { return archive.SameSong(item.Track, t) })
}

func endsWith(list []archive.Item, tracks []archive.Track) bool {
	songs := usable(list)
	return len(songs) >= len(tracks) && slices.EqualFunc(songs[len(songs)-len(tracks):], tracks, archive.SameSong)
}

// standsWhereSent reports whether the list holds, where the append would have
// put its songs and added when it was sent, as many items that may be them.
// Spotify shows a song under another id, and a pasted one, or one without its
// ISRC, is known by its id alone.
func (r *run) standsWhereSent(open archive.Intent, tail []archive.Item, total int) bool {
	first := len(tail) - (total - open.TotalBefore)
	if first < 0 || first+len(open.Tracks) > len(tail) {
		return false
	}
	dated := false
	for i, track := range open.Tracks {
		item := tail[first+i]
		shown := item.Track
		if !item.Usable || !archive.SameSong(shown, track) && shown.Recording() != "" && track.Recording() != "" {
			return false
		}
		if item.AddedAt.IsZero() {
			continue
		}
		dated = true
		if late := item.AddedAt.Sub(open.At); late < -archive.MaxSkew || late > r.settleTime()+archive.MaxSkew {
			return false
		}
	}
	return dated
}

// byTotals decides about an append where the items cannot be read, or do not
// go together with the list of playlists: the playlist itself is asked how
// much it holds, and the total that two answers tell counts.
func (r *run) byTotals(ctx context.Context, open archive.Intent, listed archive.Playlist, total int, readErr error) ([]archive.Track, int, error) {
	witness, err := r.byID(ctx, open.PlaylistID)
	if err != nil {
		return nil, 0, err
	}
	agreed := witness.Total != archive.UnknownTotal && (witness.Total == listed.Total || readErr == nil && witness.Total == total)
	alone := readErr == nil && witness.Total == archive.UnknownTotal && listed.Total == archive.UnknownTotal
	switch {
	case alone && r.Clock.Now().Sub(open.At) >= clearOf:
		return r.missingFromAll(ctx, open)
	case !agreed && readErr != nil:
		return nil, 0, readErr
	case !agreed:
		return nil, 0, errContradicted
	case witness.Total == open.TotalBefore+len(open.Tracks):
		return nil, witness.Total, nil
	case witness.Total == open.TotalBefore:
		return open.Tracks, witness.Total, nil
	case readErr == nil && witness.Total == total:
		return r.missingFromAll(ctx, open)
	case readErr != nil:
		return nil, 0, readErr
	default:
		return nil, 0, errContradicted
	}
}

// missingFromAll reads the whole playlist: somebody else changed it, too.
func (r *run) missingFromAll(ctx context.Context, open archive.Intent) (missing []archive.Track, total int, err error) {
	all, total, err := items(ctx, r.library, open.PlaylistID, 0)
	if err != nil {
		return nil, 0, err
	}
	if len(all) < total {
		return nil, 0, errContradicted
	}
	if _, err := r.seenSet(ctx); err != nil {
		return nil, 0, err
	}
	if !open.Copy {
		r.learn(open.Shelf, usable(all))
	}
	present := func(t archive.Track) bool {
		return slices.ContainsFunc(all, func(i archive.Item) bool { return i.Usable && archive.SameSong(i.Track, t) })
	}
	missing = slices.DeleteFunc(slices.Clone(open.Tracks), present)
	if len(missing)*2 < len(open.Tracks) {
		missing = nil
	}
	return missing, total, nil
}
