package usecase

import (
	"context"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

const (
	// fullLookTime is how far two readings of a whole archive are apart.
	fullLookTime = 30 * 24 * time.Hour

	// twiceSongs is how many songs have to stand in the archive twice, and
	// twiceTime how close together they were put there, before another copy
	// of this service is suspected.
	twiceSongs = 3
	twiceTime  = 8 * 24 * time.Hour
)

// look makes sure that every song that others put into a shelf since we left
// it is in the seen set. The shelf is as we left it if its total and its
// snapshot id say so. Otherwise it is read from the end backwards, as far as
// songs are new; what that does not explain is read in full, once in
// fullLookTime. What remains unseen is a song that was put into the middle
// between two full looks.
func (r *run) look(ctx context.Context, key string, shelf *archive.Shelf, p archive.Playlist) error {
	same := p.Total == shelf.Total && shelf.Snapshot != "" && p.Snapshot == shelf.Snapshot
	if same && shelf.Unlearned == 0 {
		return nil
	}
	full := func() error {
		err := r.readAll(ctx, key, shelf, p)
		if err != nil {
			return r.unread(ctx, key, shelf, p, err)
		}
		return nil
	}
	if p.Total == archive.UnknownTotal || shelf.Total == archive.UnknownTotal {
		return full()
	}
	unknown, total, err := r.readTail(ctx, key, *shelf, p.Total)
	if err != nil {
		return r.unread(ctx, key, shelf, p, err)
	}
	swapped := total == shelf.Total && unknown == 0 && shelf.Snapshot != "" && p.Snapshot != shelf.Snapshot
	if total-shelf.Total > unknown || swapped {
		if r.Clock.Now().Sub(shelf.ReadAt) >= fullLookTime {
			return full()
		}
	}
	shelf.Total, shelf.Snapshot, shelf.Unlearned, shelf.UnreadSince = total, p.Snapshot, 0, time.Time{}
	return nil
}

// unread decides what it means that the end of a shelf cannot be read. It is
// waited for, but not longer than clearOf: a song that somebody put there by
// hand may be added again then, which is less than a week lost.
func (r *run) unread(ctx context.Context, key string, shelf *archive.Shelf, p archive.Playlist, err error) error {
	now := r.Clock.Now()
	if !archive.OfOneRoute(err) || p.Total == archive.UnknownTotal {
		return err
	}
	if shelf.UnreadSince.IsZero() {
		shelf.UnreadSince = now
		since := *shelf
		if err := r.write(ctx, archive.Changes{}, func(u *archive.User) { u.SetShelf(key, since) }); err != nil {
			return err
		}
	}
	if now.Sub(shelf.UnreadSince) < clearOf {
		return err
	}
	r.Log.WarnContext(ctx, "archive not looked at", "user_id", r.user.ID, "shelf", key, "error", err)
	shelf.Total, shelf.Snapshot = p.Total, ""
	return nil
}

// readTail reads a shelf of so many items from the end backwards until a page
// holds no song that is new to us, and counts those that are. The total it
// returns is that of the items: the list of playlists may be older, or wrong.
func (r *run) readTail(ctx context.Context, key string, shelf archive.Shelf, listed int) (unknown, total int, err error) {
	if _, err := r.seenSet(ctx); err != nil {
		return 0, 0, err
	}
	if total, err = r.totalOf(ctx, shelf, listed); err != nil {
		return 0, 0, err
	}
	var read []archive.Item
	for end := total; end > 0; {
		start := max(0, end-pageItems)
		page, err := r.library.Items(ctx, shelf.PlaylistID, start)
		if err != nil {
			return 0, 0, err
		}
		if len(page.Items) < end-start {
			return 0, 0, errContradicted
		}
		list := page.Items[:end-start]
		if end == total && page.Total > total {
			more, now, err := items(ctx, r.library, shelf.PlaylistID, total)
			if err != nil {
				return 0, 0, err
			}
			list, total = append(list[:len(list):len(list)], more...), now
		}
		read = append(slices.Clone(list), read...)
		r.putByHand(key, list)
		fresh := r.learn(key, usable(list))
		unknown += fresh
		if fresh == 0 && start <= total-shelf.Unlearned {
			break
		}
		end = start
	}
	r.suspectTwice(ctx, key, read)
	return unknown, total, nil
}

// totalOf returns how many items a shelf has. What the list of playlists says
// of it is checked where it says that there are fewer than we left, or so many
// more that nobody put them there since.
func (r *run) totalOf(ctx context.Context, shelf archive.Shelf, listed int) (int, error) {
	if more := listed - shelf.Total; more >= 0 && more <= archive.MaxAppend {
		return listed, nil
	}
	playlist, err := r.byID(ctx, shelf.PlaylistID)
	switch {
	case err != nil:
		return 0, err
	case playlist.Total == archive.UnknownTotal:
		return listed, nil
	default:
		return playlist.Total, nil
	}
}

// learn adds songs that stand in a shelf to the seen set, and counts those
// that were not in it. Copies do not count.
func (r *run) learn(key string, tracks []archive.Track) (fresh int) {
	if archive.IsCopyKey(key) {
		return 0
	}
	for _, t := range tracks {
		known := r.seen.Has(t)
		if !known {
			fresh++
		}
		if !known || !r.seen.HasRecording(t) {
			r.looked.Add(t) // a pasted song shows its recording now
		}
	}
	before := r.seen.Size()
	r.seen.Add(tracks...)
	r.unsaved = r.unsaved || r.seen.Size() > before
	return fresh
}

// lookForCopies concludes a run that found nothing. Where a person who copies has
// not brought this week yet and the list shows more in their archive than we
// left, they may have put the songs there themselves.
func (r *run) lookForCopies(ctx context.Context) error {
	key := r.user.Shape.ShelfKey(r.user.WeekOf(r.Clock.Now()))
	shelf, known := r.user.Shelves[key]
	if !known || shelf.Total == archive.UnknownTotal || !r.user.Week(r.Clock.Now()).Turn {
		return r.write(ctx, archive.Changes{}, r.conclude)
	}
	grown := func(p archive.Playlist) bool { return p.ID == shelf.PlaylistID && p.Total > shelf.Total }
	i := slices.IndexFunc(r.playlists.known, grown)
	if i < 0 {
		return r.write(ctx, archive.Changes{}, r.conclude)
	}
	if err := r.look(ctx, key, &shelf, r.playlists.known[i]); err != nil {
		if !archive.OfOneRoute(err) {
			return err
		}
		return r.write(ctx, r.shown(), r.conclude)
	}
	return r.write(ctx, r.shown(), func(u *archive.User) {
		u.SetShelf(key, shelf)
		r.conclude(u)
	})
}

// putByHand counts the songs of an archive that are new to us, by the person's
// week in which they were put there. Those of which Spotify tells no date
// count in none.
func (r *run) putByHand(key string, list []archive.Item) {
	if archive.IsCopyKey(key) {
		return
	}
	now := r.Clock.Now()
	for _, item := range list {
		if !item.Usable || r.seen.Has(item.Track) || !plausible(item.AddedAt, now) {
			continue
		}
		if r.put == nil {
			r.put = make(map[archive.Edition]int)
		}
		r.put[r.user.WeekOf(item.AddedAt)]++
	}
}

// readAll reads all of a shelf into the seen set.
func (r *run) readAll(ctx context.Context, key string, shelf *archive.Shelf, p archive.Playlist) error {
	list, total, err := items(ctx, r.library, shelf.PlaylistID, 0)
	if err != nil {
		return err
	}
	if len(list) < total || total == 0 && p.Total > 0 {
		return errContradicted
	}
	if _, err := r.seenSet(ctx); err != nil {
		return err
	}
	r.putByHand(key, list)
	r.learn(key, usable(list))
	r.suspectTwice(ctx, key, list)
	shelf.Total, shelf.Snapshot, shelf.Unlearned = total, p.Snapshot, 0
	shelf.ReadAt, shelf.UnreadSince = r.Clock.Now(), time.Time{}
	return nil
}

// suspectTwice notes that songs stand in the archive twice though we put them
// there once: two copies of this service share a consent, each with a database
// of its own. A person may have added them by hand, so it is a warning.
func (r *run) suspectTwice(ctx context.Context, key string, list []archive.Item) {
	if archive.IsCopyKey(key) {
		return
	}
	first := make(map[string]time.Time)
	twice := make(map[string]bool)
	var newest time.Time
	for _, item := range list {
		if !item.Usable || item.AddedAt.IsZero() {
			continue
		}
		if at, ok := first[item.Track.ID]; ok && item.AddedAt.Sub(at).Abs() < twiceTime {
			twice[item.Track.ID] = true
			newest = item.AddedAt
		}
		first[item.Track.ID] = item.AddedAt
	}
	if len(twice) < twiceSongs || r.Clock.Now().Sub(newest) > 2*twiceTime {
		return
	}
	r.twice = r.user.WeekOf(newest)
	r.Log.WarnContext(ctx, "songs stand in the archive twice: a second copy of this service may be running",
		"user_id", r.user.ID, "shelf", key, "songs", len(twice))
}
