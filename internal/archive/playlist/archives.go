package playlist

import (
	"context"
	"fmt"
	"slices"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// Room returns the shelf of that key with room for n more songs: found where
// we left it, adopted if the database has forgotten it, made otherwise. What
// others put into it since is in the seen set afterwards.
func (o *Ours) Room(ctx context.Context, key string, n int) (archive.Shelf, error) {
	shelf, ready := o.archives[key]
	if !ready {
		var err error
		if shelf, err = o.open(ctx, key); err != nil {
			return archive.Shelf{}, fmt.Errorf("opening the shelf %s of user %s: %w", key, o.User.ID, err)
		}
	}
	if shelf.PlaylistID == "" || shelf.Total+n >= archive.MaxShelfItems {
		var err error
		if shelf, err = o.nextPart(ctx, key, shelf); err != nil {
			return archive.Shelf{}, err
		}
		if err := o.Write(ctx, o.Unsaved(), func(u *archive.User) { u.SetShelf(key, shelf) }); err != nil {
			return archive.Shelf{}, err
		}
	}
	o.Use(key, shelf)
	return shelf, nil
}

// nextPart makes the part after one that is full, or the first. The answer to
// a roll-over may have been lost, so its playlist may be there already.
func (o *Ours) nextPart(ctx context.Context, key string, full archive.Shelf) (archive.Shelf, error) {
	part := full.Part + 1
	list, err := o.WholeList(ctx)
	if err != nil {
		return archive.Shelf{}, err
	}
	if full.PlaylistID != "" {
		i := slices.IndexFunc(list, func(p archive.Playlist) bool { return o.MarkedPart(p, key) == part })
		if i >= 0 {
			shelf := archive.Shelf{PlaylistID: list[i].ID, Part: part, Former: full.Formerly(false)}
			return shelf, o.readAll(ctx, key, &shelf, list[i])
		}
	}
	name, text := o.Words.Archive(o.User.Language, key, part)
	made, err := o.Create(ctx, name, text, key, part)
	now := o.Clock.Now()
	return archive.Shelf{
		PlaylistID: made.ID, Part: part, Snapshot: made.Snapshot, MadeAt: now, ReadAt: now, Former: full.Formerly(false),
	}, err
}

// readReturned reads the shelf's earlier playlists that were gone and show
// again: what the person put there is archived.
func (o *Ours) readReturned(ctx context.Context, key string, shelf *archive.Shelf) error {
	for i, former := range shelf.Former {
		shows := func(p archive.Playlist) bool { return p.ID == former.PlaylistID }
		at := slices.IndexFunc(o.list.known, shows)
		if !former.Gone || at < 0 {
			continue
		}
		old := archive.Shelf{PlaylistID: former.PlaylistID}
		if err := o.readAll(ctx, key, &old, o.list.known[at]); err != nil {
			if archive.OfOneRoute(err) {
				continue // the next run tries again
			}
			return err
		}
		shelf.Former = slices.Clone(shelf.Former)
		shelf.Former[i].Gone = false
	}
	return nil
}

// Use notes the state of a shelf for the rest of the run.
func (o *Ours) Use(key string, shelf archive.Shelf) {
	if o.archives == nil {
		o.archives = make(map[string]archive.Shelf)
	}
	o.archives[key] = shelf
}

// Appended notes the snapshot id that an append to a shelf returned.
func (o *Ours) Appended(key, snapshot string) {
	if shelf, known := o.archives[key]; known {
		shelf.Snapshot = snapshot
		o.archives[key] = shelf
	}
}

// Grown notes that songs of ours stand at the end of a shelf now. known is false
// for a shelf that was not looked at.
func (o *Ours) Grown(key string, tracks []archive.Track) (shelf archive.Shelf, known bool) {
	shelf, known = o.archives[key]
	if !known {
		return shelf, false
	}
	shelf.Total += len(tracks)
	if shelf.Unlearned > 0 || slices.ContainsFunc(tracks, func(t archive.Track) bool { return t.Recording() == "" }) {
		shelf.Unlearned += len(tracks)
	}
	o.archives[key] = shelf
	return shelf, true
}

// open finds a shelf that exists; one without a PlaylistID if there is none.
func (o *Ours) open(ctx context.Context, key string) (archive.Shelf, error) {
	shelf := o.User.Shelves[key]
	if shelf.PlaylistID == "" {
		return o.adopt(ctx, key, shelf)
	}
	playlist, where, absence, err := o.Locate(ctx, shelf.PlaylistID, shelf.MadeAt, shelf.Absence)
	if err != nil {
		return archive.Shelf{}, err
	}
	if where == Unclear {
		err := o.Write(ctx, archive.Changes{}, func(u *archive.User) {
			missing := u.Shelves[key]
			missing.Absence = absence
			u.Shelves[key] = missing
		})
		if err != nil {
			return archive.Shelf{}, err
		}
		return archive.Shelf{}, archive.ErrMissing
	}
	if where == Gone {
		o.replaced = o.replaced || !archive.IsCopyKey(key)
		return o.adopt(ctx, key, archive.Shelf{Part: shelf.Part, Former: shelf.Formerly(true)})
	}
	shelf.Absence = absence
	if err := o.readReturned(ctx, key, &shelf); err != nil {
		return archive.Shelf{}, err
	}
	return shelf, o.look(ctx, key, &shelf, playlist)
}

// adopt looks for playlists that carry our marker, reads all of them into the
// seen set, and takes the one of the highest part. If the database knows no
// shelf at all, the archives of every other shape are read too: their songs
// are as archived as those of this one.
func (o *Ours) adopt(ctx context.Context, key string, shelf archive.Shelf) (archive.Shelf, error) {
	list, err := o.WholeList(ctx)
	if err != nil {
		return archive.Shelf{}, err
	}
	forgotten := len(o.User.Shelves) == 0
	found := archive.Shelf{Part: shelf.Part, Former: shelf.Former}
	for _, p := range list {
		marked, part := o.Marked(p)
		other := marked != key
		if part == 0 || other && (!forgotten || marked == InboxKey || archive.IsCopyKey(marked)) {
			continue
		}
		candidate := archive.Shelf{PlaylistID: p.ID, Part: part, Former: shelf.Former, Reminder: reminderIn(p.Description)}
		if err := o.readAll(ctx, marked, &candidate, p); err != nil {
			return archive.Shelf{}, err
		}
		if !other && (found.PlaylistID == "" || part > found.Part) {
			found = candidate
		}
	}
	if found.PlaylistID == "" {
		return found, nil
	}
	o.Log.InfoContext(ctx, "archive adopted", "user_id", o.User.ID, "shelf", key, "part", found.Part)
	return found, o.Write(ctx, o.Unsaved(), func(u *archive.User) { u.SetShelf(key, found) })
}

// Create makes a playlist that carries our marker.
func (o *Ours) Create(ctx context.Context, name, text, key string, part int) (archive.Playlist, error) {
	p, err := o.Library.Create(ctx, name, text+" "+markerFor(key, part))
	if err != nil {
		return archive.Playlist{}, fmt.Errorf("making a playlist: %w", err)
	}
	o.list.add(p)
	return p, nil
}
