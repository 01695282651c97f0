package usecase

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// inboxKey is the marker key of the inbox.
const inboxKey = "inbox"

// marker is how we recognise a playlist that we made when the database has
// forgotten it: "(wa 1)" at the end of its description, "(wa 2026 2)" for the
// second part of a year, "(wa inbox)". The first program wrote
// "[weekly-archive main 1]".
var (
	marker    = regexp.MustCompile(`\(wa(?: (inbox|[0-9]{4}(?:-[0-9]{2}-[0-9]{2})?))?(?: ([0-9]{1,3}))?\)`)
	oldMarker = regexp.MustCompile(`\[weekly-archive ([0-9a-z-]+) ([0-9]{1,4})\]`)
)

func markerFor(key string, part int) string {
	switch key {
	case inboxKey:
		return "(wa inbox)"
	case archive.ShelfMain:
		return fmt.Sprintf("(wa %d)", part)
	default:
		return fmt.Sprintf("(wa %s %d)", key, part)
	}
}

// parseMarker returns which part of which playlist of ours a description
// marks; part is zero where it marks none.
func parseMarker(description string) (key string, part int) {
	if m := oldMarker.FindStringSubmatch(description); m != nil {
		part, _ = strconv.Atoi(m[2])
		return m[1], part
	}
	m := marker.FindStringSubmatch(description)
	if m == nil {
		return "", 0
	}
	key, part = m[1], 1
	if key == "" {
		key = archive.ShelfMain
	}
	if m[2] != "" {
		part, _ = strconv.Atoi(m[2])
	}
	return key, part
}

// marked returns which part of which shelf the playlist is; zero if it is not
// ours.
func (r *run) marked(p archive.Playlist) (key string, part int) {
	if p.OwnerID != r.user.SpotifyID {
		return "", 0
	}
	return parseMarker(p.Description)
}

// markedPart returns which part of the shelf key the playlist is; zero if it
// is not ours.
func (r *run) markedPart(p archive.Playlist, key string) int {
	if marked, part := r.marked(p); marked == key {
		return part
	}
	return 0
}

// shelf returns the shelf of that key with room for n more songs: found where
// we left it, adopted if the database has forgotten it, made otherwise. What
// others put into it since is in the seen set afterwards.
func (r *run) shelf(ctx context.Context, key string, n int) (archive.Shelf, error) {
	shelf, ready := r.shelves[key]
	if !ready {
		var err error
		if shelf, err = r.open(ctx, key); err != nil {
			return archive.Shelf{}, fmt.Errorf("opening the shelf %s of user %s: %w", key, r.user.ID, err)
		}
	}
	if shelf.PlaylistID == "" || shelf.Total+n >= archive.MaxShelfItems {
		var err error
		if shelf, err = r.nextPart(ctx, key, shelf); err != nil {
			return archive.Shelf{}, err
		}
		if err := r.write(ctx, r.shown(), func(u *archive.User) { u.SetShelf(key, shelf) }); err != nil {
			return archive.Shelf{}, err
		}
	}
	r.use(key, shelf)
	return shelf, nil
}

// nextPart makes the part after one that is full, or the first. The answer to
// a roll-over may have been lost, so its playlist may be there already.
func (r *run) nextPart(ctx context.Context, key string, full archive.Shelf) (archive.Shelf, error) {
	part := full.Part + 1
	list, err := r.wholeList(ctx)
	if err != nil {
		return archive.Shelf{}, err
	}
	if full.PlaylistID != "" {
		i := slices.IndexFunc(list, func(p archive.Playlist) bool { return r.markedPart(p, key) == part })
		if i >= 0 {
			shelf := archive.Shelf{PlaylistID: list[i].ID, Part: part, Former: full.Formerly(false)}
			return shelf, r.readAll(ctx, key, &shelf, list[i])
		}
	}
	name, text := r.Words.Archive(r.user.Language, key, part)
	made, err := r.create(ctx, name, text, key, part)
	now := r.Clock.Now()
	return archive.Shelf{
		PlaylistID: made.ID, Part: part, Snapshot: made.Snapshot, MadeAt: now, ReadAt: now, Former: full.Formerly(false),
	}, err
}

// readReturned reads the shelf's earlier playlists that were gone and show
// again: what the person put there is archived.
func (r *run) readReturned(ctx context.Context, key string, shelf *archive.Shelf) error {
	for i, former := range shelf.Former {
		shows := func(p archive.Playlist) bool { return p.ID == former.PlaylistID }
		at := slices.IndexFunc(r.playlists.known, shows)
		if !former.Gone || at < 0 {
			continue
		}
		old := archive.Shelf{PlaylistID: former.PlaylistID}
		if err := r.readAll(ctx, key, &old, r.playlists.known[at]); err != nil {
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

// use notes the state of a shelf for the rest of the run.
func (r *run) use(key string, shelf archive.Shelf) {
	if r.shelves == nil {
		r.shelves = make(map[string]archive.Shelf)
	}
	r.shelves[key] = shelf
}

// open finds a shelf that exists; one without a PlaylistID if there is none.
func (r *run) open(ctx context.Context, key string) (archive.Shelf, error) {
	shelf := r.user.Shelves[key]
	if shelf.PlaylistID == "" {
		return r.adopt(ctx, key, shelf)
	}
	playlist, where, absence, err := r.locate(ctx, shelf.PlaylistID, shelf.MadeAt, shelf.Absence)
	if err != nil {
		return archive.Shelf{}, err
	}
	if where == unclear {
		err := r.write(ctx, archive.Changes{}, func(u *archive.User) {
			missing := u.Shelves[key]
			missing.Absence = absence
			u.Shelves[key] = missing
		})
		if err != nil {
			return archive.Shelf{}, err
		}
		return archive.Shelf{}, archive.ErrMissing
	}
	if where == gone {
		r.outcome.NewArchive = r.outcome.NewArchive || !archive.IsCopyKey(key)
		return r.adopt(ctx, key, archive.Shelf{Part: shelf.Part, Former: shelf.Formerly(true)})
	}
	shelf.Absence = absence
	if err := r.readReturned(ctx, key, &shelf); err != nil {
		return archive.Shelf{}, err
	}
	return shelf, r.look(ctx, key, &shelf, playlist)
}

// adopt looks for playlists that carry our marker, reads all of them into the
// seen set, and takes the one of the highest part. If the database knows no
// shelf at all, the archives of every other shape are read too: their songs
// are as archived as those of this one.
func (r *run) adopt(ctx context.Context, key string, shelf archive.Shelf) (archive.Shelf, error) {
	list, err := r.wholeList(ctx)
	if err != nil {
		return archive.Shelf{}, err
	}
	forgotten := len(r.user.Shelves) == 0
	found := archive.Shelf{Part: shelf.Part, Former: shelf.Former}
	for _, p := range list {
		marked, part := r.marked(p)
		other := marked != key
		if part == 0 || other && (!forgotten || marked == inboxKey || archive.IsCopyKey(marked)) {
			continue
		}
		candidate := archive.Shelf{PlaylistID: p.ID, Part: part, Former: shelf.Former, Reminder: reminderIn(p.Description)}
		if err := r.readAll(ctx, marked, &candidate, p); err != nil {
			return archive.Shelf{}, err
		}
		if !other && (found.PlaylistID == "" || part > found.Part) {
			found = candidate
		}
	}
	if found.PlaylistID == "" {
		return found, nil
	}
	r.Log.InfoContext(ctx, "archive adopted", "user_id", r.user.ID, "shelf", key, "part", found.Part)
	return found, r.write(ctx, r.shown(), func(u *archive.User) { u.SetShelf(key, found) })
}

// create makes a playlist that carries our marker.
func (r *run) create(ctx context.Context, name, text, key string, part int) (archive.Playlist, error) {
	p, err := r.library.Create(ctx, name, text+" "+markerFor(key, part))
	if err != nil {
		return archive.Playlist{}, fmt.Errorf("making a playlist: %w", err)
	}
	r.playlists.add(p)
	return p, nil
}
