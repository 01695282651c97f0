package archive

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// MaxShelfItems is where a shelf is full. Spotify documents no limit any more;
// playlists beyond 10,000 items have been refused.
const MaxShelfItems = 10_000

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
	case ShelfMain:
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
		key = ShelfMain
	}
	if m[2] != "" {
		part, _ = strconv.Atoi(m[2])
	}
	return key, part
}

// marked returns which part of which shelf the playlist is; zero if it is not
// ours.
func (r *run) marked(p Playlist) (key string, part int) {
	if p.OwnerID != r.user.SpotifyID {
		return "", 0
	}
	return parseMarker(p.Description)
}

// markedPart returns which part of the shelf key the playlist is; zero if it
// is not ours.
func (r *run) markedPart(p Playlist, key string) int {
	if marked, part := r.marked(p); marked == key {
		return part
	}
	return 0
}

// isCopyKey tells the shelves of single editions, which only hold copies.
func isCopyKey(key string) bool { return !Edition(key).Monday().IsZero() }

// shelf returns the shelf of that key with room for n more songs: found where
// we left it, adopted if the database has forgotten it, made otherwise. What
// others put into it since is in the seen set afterwards.
func (r *run) shelf(ctx context.Context, key string, n int) (Shelf, error) {
	shelf, ready := r.shelves[key]
	if !ready {
		var err error
		if shelf, err = r.open(ctx, key); err != nil {
			return Shelf{}, fmt.Errorf("opening the shelf %s of user %s: %w", key, r.user.ID, err)
		}
	}
	if shelf.PlaylistID == "" || shelf.Total+n >= MaxShelfItems {
		var err error
		if shelf, err = r.nextPart(ctx, key, shelf); err != nil {
			return Shelf{}, err
		}
		if err := r.write(ctx, r.shown(), func(u *User) { u.setShelf(key, shelf) }); err != nil {
			return Shelf{}, err
		}
	}
	r.use(key, shelf)
	return shelf, nil
}

// nextPart makes the part after one that is full, or the first. The answer to
// a roll-over may have been lost, so its playlist may be there already.
func (r *run) nextPart(ctx context.Context, key string, full Shelf) (Shelf, error) {
	part := full.Part + 1
	list, err := r.wholeList(ctx)
	if err != nil {
		return Shelf{}, err
	}
	if full.PlaylistID != "" {
		i := slices.IndexFunc(list, func(p Playlist) bool { return r.markedPart(p, key) == part })
		if i >= 0 {
			shelf := Shelf{PlaylistID: list[i].ID, Part: part, Former: full.formerly(false)}
			return shelf, r.readAll(ctx, key, &shelf, list[i])
		}
	}
	name, text := r.Words.Archive(r.user.Language, key, part)
	made, err := r.create(ctx, name, text, key, part)
	now := r.Clock.now()
	return Shelf{
		PlaylistID: made.ID, Part: part, Snapshot: made.Snapshot, MadeAt: now, ReadAt: now, Former: full.formerly(false),
	}, err
}

// formersKept bounds Shelf.Former.
const formersKept = 20

// formerly is the shelf's earlier playlists when it gets another one.
func (s Shelf) formerly(gone bool) []Former {
	formers := slices.Clone(s.Former)
	if s.PlaylistID != "" {
		formers = append(formers, Former{PlaylistID: s.PlaylistID, Gone: gone})
	}
	return formers[max(0, len(formers)-formersKept):]
}

// readReturned reads the shelf's earlier playlists that were gone and show
// again: what the person put there is archived.
func (r *run) readReturned(ctx context.Context, key string, shelf *Shelf) error {
	for i, former := range shelf.Former {
		shows := func(p Playlist) bool { return p.ID == former.PlaylistID }
		at := slices.IndexFunc(r.playlists.known, shows)
		if !former.Gone || at < 0 {
			continue
		}
		old := Shelf{PlaylistID: former.PlaylistID}
		if err := r.readAll(ctx, key, &old, r.playlists.known[at]); err != nil {
			if ofOneRoute(err) {
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
func (r *run) use(key string, shelf Shelf) {
	if r.shelves == nil {
		r.shelves = make(map[string]Shelf)
	}
	r.shelves[key] = shelf
}

// open finds a shelf that exists; one without a PlaylistID if there is none.
func (r *run) open(ctx context.Context, key string) (Shelf, error) {
	shelf := r.user.Shelves[key]
	if shelf.PlaylistID == "" {
		return r.adopt(ctx, key, shelf)
	}
	playlist, where, absence, err := r.locate(ctx, shelf.PlaylistID, shelf.MadeAt, shelf.Absence)
	if err != nil {
		return Shelf{}, err
	}
	if where == unclear {
		err := r.write(ctx, Changes{}, func(u *User) {
			missing := u.Shelves[key]
			missing.Absence = absence
			u.Shelves[key] = missing
		})
		if err != nil {
			return Shelf{}, err
		}
		return Shelf{}, errMissing
	}
	if where == gone {
		r.outcome.NewArchive = r.outcome.NewArchive || !isCopyKey(key)
		return r.adopt(ctx, key, Shelf{Part: shelf.Part, Former: shelf.formerly(true)})
	}
	shelf.Absence = absence
	if err := r.readReturned(ctx, key, &shelf); err != nil {
		return Shelf{}, err
	}
	return shelf, r.look(ctx, key, &shelf, playlist)
}

// adopt looks for playlists that carry our marker, reads all of them into the
// seen set, and takes the one of the highest part. If the database knows no
// shelf at all, the archives of every other shape are read too: their songs
// are as archived as those of this one.
func (r *run) adopt(ctx context.Context, key string, shelf Shelf) (Shelf, error) {
	list, err := r.wholeList(ctx)
	if err != nil {
		return Shelf{}, err
	}
	forgotten := len(r.user.Shelves) == 0
	found := Shelf{Part: shelf.Part, Former: shelf.Former}
	for _, p := range list {
		marked, part := r.marked(p)
		other := marked != key
		if part == 0 || other && (!forgotten || marked == inboxKey || isCopyKey(marked)) {
			continue
		}
		candidate := Shelf{PlaylistID: p.ID, Part: part, Former: shelf.Former, Reminder: reminderIn(p.Description)}
		if err := r.readAll(ctx, marked, &candidate, p); err != nil {
			return Shelf{}, err
		}
		if !other && (found.PlaylistID == "" || part > found.Part) {
			found = candidate
		}
	}
	if found.PlaylistID == "" {
		return found, nil
	}
	r.Log.InfoContext(ctx, "archive adopted", "user_id", r.user.ID, "shelf", key, "part", found.Part)
	return found, r.write(ctx, r.shown(), func(u *User) { u.setShelf(key, found) })
}

// create makes a playlist that carries our marker.
func (r *run) create(ctx context.Context, name, text, key string, part int) (Playlist, error) {
	p, err := r.library.Create(ctx, name, text+" "+markerFor(key, part))
	if err != nil {
		return Playlist{}, fmt.Errorf("making a playlist: %w", err)
	}
	r.playlists.add(p)
	return p, nil
}

// setShelf notes where a shelf is and how full. What its description says is
// noted by remind alone. The map is the user's own.
func (u *User) setShelf(key string, shelf Shelf) {
	if u.Shelves == nil {
		u.Shelves = make(map[string]Shelf)
	}
	if old := u.Shelves[key]; old.PlaylistID == shelf.PlaylistID {
		shelf.Reminder = old.Reminder
	}
	u.Shelves[key] = shelf
}
