package playlist

import (
	"context"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
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

// look makes sure that every song that others put into an archive since we left
// it is in the seen set. The archive is as we left it if its total and its
// snapshot id say so. Otherwise it is read from the end backwards, as far as
// songs are new; what that does not explain is read in full, once in
// fullLookTime. What remains unseen is a song that was put into the middle
// between two full looks.
func (o *Ours) look(ctx context.Context, key string, target *archive.ArchivePlaylist, p webapi.Playlist) error {
	same := p.Total == target.Total && target.Snapshot != "" && p.Snapshot == target.Snapshot
	if same && target.Unlearned == 0 {
		return nil
	}
	full := func() error {
		err := o.readAll(ctx, key, target, p)
		if err != nil {
			return o.unread(ctx, key, target, p, err)
		}
		return nil
	}
	if p.Total == archive.UnknownTotal || target.Total == archive.UnknownTotal {
		return full()
	}
	unknown, total, err := o.readTail(ctx, key, *target, p.Total)
	if err != nil {
		return o.unread(ctx, key, target, p, err)
	}
	swapped := total == target.Total && unknown == 0 && target.Snapshot != "" && p.Snapshot != target.Snapshot
	if total-target.Total > unknown || swapped {
		if o.Clock.Now().Sub(target.ReadAt) >= fullLookTime {
			return full()
		}
	}
	target.Total, target.Snapshot, target.Unlearned, target.UnreadSince = total, p.Snapshot, 0, time.Time{}
	return nil
}

// unread decides what it means that the end of an archive cannot be read. It is
// waited for, but not longer than archive.LooksApart: a song that somebody put there by
// hand may be added again then, which is less than a week lost.
func (o *Ours) unread(ctx context.Context, key string, target *archive.ArchivePlaylist, p webapi.Playlist, err error) error {
	now := o.Clock.Now()
	if !outcome.OfOneRoute(err) || p.Total == archive.UnknownTotal {
		return err
	}
	if target.UnreadSince.IsZero() {
		target.UnreadSince = now
		since := *target
		if err := o.Write(ctx, archive.Changes{}, func(u *archive.User) { u.SetArchive(key, since) }); err != nil {
			return err
		}
	}
	if now.Sub(target.UnreadSince) < archive.LooksApart {
		return err
	}
	o.Log.WarnContext(ctx, "archive not looked at", "user_id", o.User.ID, "archive", key, "error", err)
	target.Total, target.Snapshot = p.Total, ""
	return nil
}

// readTail reads an archive of so many items from the end backwards until a page
// holds no song that is new to us, and counts those that are. The total it
// returns is that of the items: the list of playlists may be older, or wrong.
func (o *Ours) readTail(ctx context.Context, key string, target archive.ArchivePlaylist, listed int) (unknown, total int, err error) {
	if total, err = o.totalOf(ctx, target, listed); err != nil {
		return 0, 0, err
	}
	read, total, err := Backwards(ctx, o.Library, target.PlaylistID, total, func(page []webapi.Item, start, total int) (bool, error) {
		fresh, err := o.Learn(ctx, key, page)
		unknown += fresh
		return fresh == 0 && start <= total-target.Unlearned, err
	})
	if err != nil {
		return 0, 0, err
	}
	o.suspectTwice(ctx, key, read)
	if unknown < total-target.Total && Slipped(read, o.Clock.Now()) && o.twice == "" {
		return 0, 0, ErrContradicted // the song that was left out may be the one that is missing
	}
	return unknown, total, nil
}

// totalOf returns how many items an archive has. What the list of playlists says
// of it is checked where it says that there are fewer than we left, or so many
// more that nobody put them there since.
func (o *Ours) totalOf(ctx context.Context, target archive.ArchivePlaylist, listed int) (int, error) {
	if more := listed - target.Total; more >= 0 && more <= webapi.MaxAppend {
		return listed, nil
	}
	playlist, err := o.ByID(ctx, target.PlaylistID)
	switch {
	case err != nil:
		return 0, err
	case playlist.Total == archive.UnknownTotal:
		return listed, nil
	default:
		return playlist.Total, nil
	}
}

// Learn adds the songs that stand in an archive to the seen set, and counts those
// that were not in it. Copies do not count.
func (o *Ours) Learn(ctx context.Context, key string, list []webapi.Item) (fresh int, err error) {
	if archive.IsCopyKey(key) {
		return 0, nil
	}
	seen, err := o.Seen(ctx)
	if err != nil {
		return 0, err
	}
	o.putByHand(seen, list)
	return o.Held.Learn(ctx, Usable(list))
}

// LookForCopies looks at the archive of a person who copies and has not brought
// this week yet, where the list shows more in it than we left: they may have put
// the songs there themselves. Where it stands far from what the run has looked
// at, far says whether that is worth a request. What it returns is noted at the
// end of the run.
func (o *Ours) LookForCopies(ctx context.Context, far bool) (note func(*archive.User), err error) {
	nothing := func(*archive.User) {}
	key := o.User.Shape.ArchiveKey(o.User.WeekOf(o.Clock.Now()))
	target, known := o.User.Archives[key]
	if !known || target.Total == archive.UnknownTotal || !o.User.Week(o.Clock.Now()).Turn {
		return nothing, nil
	}
	grown := func(p webapi.Playlist) bool { return p.ID == target.PlaylistID && p.Total > target.Total }
	if far && target.Place.Of > 0 && !o.list.ids[target.PlaylistID] {
		if err := o.glance(ctx, target.Place.Offset); err != nil && !outcome.OfOneRoute(err) {
			return nil, err
		}
	}
	i := slices.IndexFunc(o.list.known, grown)
	if i < 0 {
		return nothing, nil
	}
	if err := o.look(ctx, key, &target, o.list.known[i]); err != nil {
		if !outcome.OfOneRoute(err) {
			return nil, err
		}
		return nothing, nil
	}
	return func(u *archive.User) {
		target.Place = o.PlaceOf(target.PlaylistID, target.Place)
		u.SetArchive(key, target)
	}, nil
}

// putByHand counts the songs of an archive that are new to us, by the person's
// week in which they were put there. Those of which Spotify tells no date
// count in none.
func (o *Ours) putByHand(seen *ledger.Seen, list []webapi.Item) {
	now := o.Clock.Now()
	for _, item := range list {
		if !item.Usable || seen.Has(item.Track) || !calendar.Plausible(item.AddedAt, now) {
			continue
		}
		if o.put == nil {
			o.put = make(map[calendar.Edition]int)
		}
		o.put[o.User.WeekOf(item.AddedAt)]++
	}
}

// readAll reads all of an archive into the seen set.
func (o *Ours) readAll(ctx context.Context, key string, target *archive.ArchivePlaylist, p webapi.Playlist) error {
	list, total, err := Items(ctx, o.Library, target.PlaylistID, 0)
	if err != nil {
		return err
	}
	// Nothing else knows what an archive of a life before holds. Into a playlist of
	// theirs a person may have put a song twice at once.
	alone := !target.Theirs && o.Clock.Now().Sub(o.User.CreatedAt) < archive.LooksApart
	if len(list) < total || total == 0 && p.Total > 0 || alone && Slipped(list, o.Clock.Now()) {
		return ErrContradicted
	}
	if _, err := o.Learn(ctx, key, list); err != nil {
		return err
	}
	o.suspectTwice(ctx, key, list)
	target.Total, target.Snapshot, target.Unlearned = total, p.Snapshot, 0
	target.ReadAt, target.UnreadSince = o.Clock.Now(), time.Time{}
	return nil
}

// suspectTwice notes that songs stand in the archive twice though we put them
// there once: two copies of this service share a consent, each with a database
// of its own. A person may have added them by hand, so it is a warning.
func (o *Ours) suspectTwice(ctx context.Context, key string, list []webapi.Item) {
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
	if len(twice) < twiceSongs || o.Clock.Now().Sub(newest) > 2*twiceTime {
		return
	}
	o.twice = o.User.WeekOf(newest)
	o.Log.WarnContext(ctx, "songs stand in the archive twice: a second copy of this service may be running",
		"user_id", o.User.ID, "archive", key, "songs", len(twice))
}
