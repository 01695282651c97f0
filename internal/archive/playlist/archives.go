package playlist

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// Room returns the archive of that key with room for n more songs: found where
// we left it, adopted if the database has forgotten it, made otherwise. What
// others put into it since is in the seen set afterwards.
func (o *Ours) Room(ctx context.Context, key string, n int) (archive.ArchivePlaylist, error) {
	target, ready := o.archives[key]
	if !ready {
		var err error
		if target, err = o.open(ctx, key); err != nil {
			return archive.ArchivePlaylist{}, fmt.Errorf("opening the archive %s of user %s: %w", key, o.User.ID, err)
		}
	}
	if target.PlaylistID == "" || target.Total+n >= archive.MaxPlaylistItems {
		var err error
		if target, err = o.nextPart(ctx, key, target); err != nil {
			return archive.ArchivePlaylist{}, err
		}
		if err := o.Write(ctx, o.Unsaved(), func(u *archive.User) { u.SetArchive(key, target) }); err != nil {
			return archive.ArchivePlaylist{}, err
		}
	}
	o.Use(key, target)
	return target, nil
}

// nextPart makes the part after one that is full, or the first. The answer to
// a roll-over may have been lost, so its playlist may be there already.
func (o *Ours) nextPart(ctx context.Context, key string, full archive.ArchivePlaylist) (archive.ArchivePlaylist, error) {
	part := full.Part + 1
	list, err := o.listFor(ctx, key)
	if err != nil {
		return archive.ArchivePlaylist{}, err
	}
	if full.PlaylistID != "" {
		i := slices.IndexFunc(list, func(p webapi.Playlist) bool { return o.MarkedPart(p, key) == part })
		if i >= 0 {
			target := archive.ArchivePlaylist{PlaylistID: list[i].ID, Part: part, Former: full.Formerly(false)}
			return target, o.readAll(ctx, key, &target, o.Found(list[i]))
		}
	}
	name, text := o.Words.Archive(o.User.Language, key, part)
	made, err := o.Create(ctx, name, text, key, part)
	now := o.Clock.Now()
	return archive.ArchivePlaylist{
		PlaylistID: made.ID, Part: part, Snapshot: made.Snapshot, MadeAt: now, ReadAt: now,
		Place: o.PlaceOf(made.ID, archive.ListPlace{}), Former: full.Formerly(false),
	}, err
}

// listFor is the list of playlists as far as one of that key may stand in it that
// the database does not know. A copy is made after the archive was found, so one
// that is there because an answer was lost has come on top since.
func (o *Ours) listFor(ctx context.Context, key string) ([]webapi.Playlist, error) {
	if stood := o.Stood(); archive.IsCopyKey(key) && stood.Of > 0 {
		return o.Newest(ctx, stood.Of, stood)
	}
	return o.WholeList(ctx)
}

// readReturned reads the archive's earlier playlists that were gone and show
// again: what the person put there is archived. One that shows again is on top of
// the list.
func (o *Ours) readReturned(ctx context.Context, key string, target *archive.ArchivePlaylist) error {
	if slices.ContainsFunc(target.Former, func(f archive.Former) bool { return f.Gone }) {
		if _, err := o.Newest(ctx, target.Place.Of, target.Place); err != nil && !outcome.OfOneRoute(err) {
			return err
		}
	}
	for i, former := range target.Former {
		shows := func(p webapi.Playlist) bool { return p.ID == former.PlaylistID }
		at := slices.IndexFunc(o.list.known, shows)
		if !former.Gone || at < 0 {
			continue
		}
		old := archive.ArchivePlaylist{PlaylistID: former.PlaylistID}
		if err := o.readAll(ctx, key, &old, o.list.known[at]); err != nil {
			if outcome.OfOneRoute(err) {
				continue // the next run tries again
			}
			return err
		}
		target.Former = slices.Clone(target.Former)
		target.Former[i].Gone = false
	}
	return nil
}

// Use notes the state of an archive for the rest of the run.
func (o *Ours) Use(key string, target archive.ArchivePlaylist) {
	if o.archives == nil {
		o.archives = make(map[string]archive.ArchivePlaylist)
	}
	o.archives[key] = target
}

// staleLook is how long before an append the archive may have been looked at. The id
// that a later append returns hides what the person swapped since, so after it the
// next look reads the tail.
const staleLook = 30 * time.Second

// Appended notes the snapshot id that an append to an archive returned.
func (o *Ours) Appended(key, snapshot string) {
	if target, known := o.archives[key]; known {
		target.Snapshot = snapshot
		if o.Clock.Now().Sub(o.began) >= staleLook {
			target.Snapshot = ""
		}
		o.archives[key] = target
	}
}

// Grown notes that songs of ours stand at the end of an archive now. known is false
// for an archive that was not looked at.
func (o *Ours) Grown(key string, tracks []ledger.Track) (target archive.ArchivePlaylist, known bool) {
	target, known = o.archives[key]
	if !known {
		return target, false
	}
	target.Total += len(tracks)
	target.Place = o.PlaceOf(target.PlaylistID, target.Place)
	if target.Unlearned > 0 || slices.ContainsFunc(tracks, func(t ledger.Track) bool { return t.Recording() == "" }) {
		target.Unlearned += len(tracks)
	}
	o.archives[key] = target
	return target, true
}

// open finds an archive that exists; one without a PlaylistID if there is none.
func (o *Ours) open(ctx context.Context, key string) (archive.ArchivePlaylist, error) {
	target := o.User.Archives[key]
	if target.PlaylistID == "" {
		return o.adopt(ctx, key, target)
	}
	playlist, where, absence, err := o.Locate(ctx, Sought{
		ID: target.PlaylistID, MadeAt: target.MadeAt, Absence: target.Absence, Place: target.Place,
	})
	if err != nil {
		return archive.ArchivePlaylist{}, err
	}
	if where == Unclear {
		err := o.Write(ctx, archive.Changes{}, func(u *archive.User) {
			missing := u.Archives[key]
			missing.Absence = absence
			u.Archives[key] = missing
		})
		if err != nil {
			return archive.ArchivePlaylist{}, err
		}
		return archive.ArchivePlaylist{}, fault.ErrMissing
	}
	if where == Gone {
		o.replaced = o.replaced || !archive.IsCopyKey(key)
		return o.adopt(ctx, key, archive.ArchivePlaylist{Part: target.Part, Former: target.Formerly(true)})
	}
	target.Absence = absence
	if err := o.readReturned(ctx, key, &target); err != nil {
		return archive.ArchivePlaylist{}, err
	}
	return target, o.look(ctx, key, &target, playlist)
}

// adopt looks for playlists that carry our marker, reads all of them into the
// seen set, and takes the one of the highest part. If the database knows no
// archive at all, the archives of every other shape are read too: their songs
// are as archived as those of this one.
func (o *Ours) adopt(ctx context.Context, key string, target archive.ArchivePlaylist) (archive.ArchivePlaylist, error) {
	list, err := o.listFor(ctx, key)
	if err != nil {
		return archive.ArchivePlaylist{}, err
	}
	forgotten := len(o.User.Archives) == 0
	found := archive.ArchivePlaylist{Part: target.Part, Former: target.Former}
	for _, p := range list {
		marked, part := o.Marked(p)
		other := marked != key
		if part == 0 || other && (!forgotten || marked == InboxKey || archive.IsCopyKey(marked)) {
			continue
		}
		candidate := archive.ArchivePlaylist{PlaylistID: p.ID, Part: part, Former: target.Former, Reminder: reminderIn(p.Description)}
		if err := o.readAll(ctx, marked, &candidate, o.Found(p)); err != nil {
			return archive.ArchivePlaylist{}, err
		}
		if !other && (found.PlaylistID == "" || part > found.Part) {
			found = candidate
		}
	}
	if found.PlaylistID == "" {
		return found, nil
	}
	o.Log.InfoContext(ctx, "archive adopted", "user_id", o.User.ID, "archive", key, "part", found.Part)
	return found, o.Write(ctx, o.Unsaved(), func(u *archive.User) { u.SetArchive(key, found) })
}

// Create makes a playlist that carries our marker.
func (o *Ours) Create(ctx context.Context, name, text, key string, part int) (webapi.Playlist, error) {
	p, err := o.Library.Create(ctx, name, text+" "+markerFor(key, part))
	if err != nil {
		return webapi.Playlist{}, fmt.Errorf("making a playlist: %w", err)
	}
	o.list.add(p)
	o.list.made++
	for id, at := range o.places {
		o.places[id] = archive.ListPlace{Offset: at.Offset + 1, Of: at.Of + 1}
	}
	if o.list.asked {
		o.place(p.ID, archive.ListPlace{Of: o.Total()})
	}
	return p, nil
}
