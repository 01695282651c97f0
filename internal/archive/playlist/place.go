package playlist

import (
	"cmp"
	"context"
	"slices"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// New playlists come on top of the list, so one that was made sinks. Where it
// stood is asked first, a few entries before and some more after that place.
// That it stands there is evidence like any other; that it does not is none.
const (
	glanceAbove = 2
	glanceItems = 10
)

// find finds a playlist: among what was read, where it stood, or in the whole
// list. Not found means that the whole list was read.
func (o *Ours) find(ctx context.Context, id string, place archive.ListPlace) (webapi.Playlist, bool, error) {
	p, found, err := o.Stands(ctx, id, place)
	if found || err != nil && !outcome.OfOneRoute(err) {
		return p, found, err
	}
	p, found, err = o.list.find(ctx, o.Library, func(p webapi.Playlist) bool { return p.ID == id }) // another page may answer
	if found {
		p = o.Found(p)
	}
	return p, found, err
}

// Stands finds a playlist among what was read, or where it stood. Not found is no
// evidence of anything.
func (o *Ours) Stands(ctx context.Context, id string, place archive.ListPlace) (webapi.Playlist, bool, error) {
	l := &o.list
	is := func(p webapi.Playlist) bool { return p.ID == id }
	if i := slices.IndexFunc(l.known, is); i >= 0 {
		return o.Found(l.known[i]), true, nil
	}
	for tries := 0; place.Of > 0 && !l.complete && tries < 2; tries++ {
		if err := o.glance(ctx, place.Offset); err != nil {
			return webapi.Playlist{}, false, err
		}
		if i := slices.IndexFunc(l.known, is); i >= 0 {
			return o.Found(l.known[i]), true, nil
		}
		// Pushed down, or pulled up, by what came or went above it.
		moved := l.total - place.Of
		if moved == 0 || place.Offset+moved < 0 {
			break
		}
		place = archive.ListPlace{Offset: place.Offset + moved, Of: l.total}
	}
	return webapi.Playlist{}, false, nil
}

// Found notes where a playlist of the list stands, and returns it.
func (o *Ours) Found(p webapi.Playlist) webapi.Playlist {
	if _, noted := o.places[p.ID]; !noted && o.list.asked {
		o.place(p.ID, archive.ListPlace{Offset: p.Offset + o.list.made, Of: o.list.total + o.list.made})
	}
	return p
}

// placed notes where archives stand that the list happened to show. Those of which
// an earlier playlist is gone need to be told what has come since they were opened; old
// copies are not looked for.
func (o *Ours) placed(u *archive.User) {
	for _, p := range o.list.known {
		for key, target := range u.Archives {
			gone := slices.ContainsFunc(target.Former, func(f archive.Former) bool { return f.Gone })
			old := archive.IsCopyKey(key) && target.Place.Of == 0
			if target.PlaylistID != p.ID || gone || old {
				continue
			}
			target.Place = o.PlaceOf(o.Found(p).ID, target.Place)
			u.Archives[key] = target
		}
	}
}

func (o *Ours) place(id string, at archive.ListPlace) {
	if o.places == nil {
		o.places = make(map[string]archive.ListPlace)
	}
	o.places[id] = at
}

// PlaceOf is where a playlist stands, as far as this run has seen; otherwise,
// where it stood.
func (o *Ours) PlaceOf(id string, before archive.ListPlace) archive.ListPlace {
	return cmp.Or(o.places[id], before)
}

// Total is how many playlists the list has, those that this run made
// included; 0 if nothing was read of it.
func (o *Ours) Total() int {
	if !o.list.asked {
		return 0
	}
	return o.list.total + o.list.made
}

// glance reads the entries around an offset, and with them those around the
// archive and the inbox, if these stand close by.
func (o *Ours) glance(ctx context.Context, offset int) error {
	from, to := o.around(offset)
	return o.list.glance(ctx, o.Library, from, to-from)
}

func (o *Ours) around(offset int) (from, to int) {
	from = max(0, offset-glanceAbove)
	to = from + glanceItems
	for _, p := range []archive.ListPlace{o.User.Inbox.Place, o.Stood()} {
		least, most := min(from, max(0, p.Offset-glanceAbove)), max(to, p.Offset-glanceAbove+glanceItems)
		if p.Of > 0 && most-least <= webapi.PageSize {
			from, to = least, most
		}
	}
	return from, to
}

// Stood is where the archive of these days stood.
func (o *Ours) Stood() archive.ListPlace {
	return o.User.Archives[o.User.Shape.ArchiveKey(calendar.DueEdition(o.Clock.Now()))].Place
}

// Newest returns what was read of the list, and the entries that have come on
// top since it had so many; the first page where that is not known.
func (o *Ours) Newest(ctx context.Context, of int, stood archive.ListPlace) ([]webapi.Playlist, error) {
	l := &o.list
	if !l.asked && of > 0 && stood.Of > 0 {
		if err := o.glance(ctx, stood.Offset); err != nil && !outcome.OfOneRoute(err) {
			return nil, err
		}
	}
	come := l.total - of
	switch {
	case l.complete, of > 0 && l.asked && come <= l.top:
		return l.known, nil
	case of > 0 && l.asked && come+glanceAbove <= webapi.PageSize:
		err := l.glance(ctx, o.Library, 0, come+glanceAbove)
		return l.known, err
	default:
		return l.first(ctx, o.Library)
	}
}
