package spotify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// A way is a request that shows a playlist's items. Each has been refused for
// playlists, also the user's own, while another one worked
// (https://github.com/stiefenm/spoton/issues/119,
// https://github.com/music-assistant/server/pull/3818).
type way int

const (
	byItems way = iota
	byTracks
	byNested
	waysToItems
)

// madeBySpotify begins the id of every list that Spotify makes. An app that is
// refused one is shown no items inside it either. It is observed, not
// documented.
const madeBySpotify = "37i9dQZ"

// nestedSize is how many items GET /playlists/{id} shows at most.
const nestedSize = 100

// trail is what a run has learned about the ways to one playlist.
type trail struct {
	worked  way
	refused [waysToItems]error
	end     int // where the nested items end, if that is before the total
}

// order is the ways to try: the one that worked, then the rest.
func (t *trail) order() []way {
	rest := slices.DeleteFunc([]way{byItems, byTracks, byNested}, func(w way) bool { return w == t.worked })
	return append([]way{t.worked}, rest...)
}

// Items reads a page of a playlist. Where one way to it is refused the others
// are tried, where it is in trouble the nested items only; what was refused is
// not asked again by this library.
func (l *library) Items(ctx context.Context, playlistID string, offset int) (webapi.ItemPage, error) {
	if !validID(playlistID) {
		return webapi.ItemPage{}, fmt.Errorf("reading a playlist without a valid id: %w", fault.ErrNotReadable)
	}
	t := l.trail(playlistID)
	var first error
	var denied webapi.ItemPage
	trouble := false
	for _, w := range t.order() {
		if w == byTracks && trouble || w == byNested && !trouble && strings.HasPrefix(playlistID, madeBySpotify) {
			continue
		}
		page, ans, err := l.itemsBy(ctx, w, t, playlistID, offset)
		if err == nil {
			t.worked = w
			if strings.HasPrefix(playlistID, madeBySpotify) {
				l.client.meter.extended()
			}
			return page, nil
		}
		if first == nil {
			first = err
		}
		if errors.Is(err, errDenied) {
			denied = page
		}
		switch {
		case errors.Is(err, fault.ErrNotReadable):
			if !errors.Is(err, errPartial) {
				t.refused[w] = err
			}
		case elsewhere(ans, err):
			trouble = true
		default:
			return webapi.ItemPage{}, err
		}
	}
	if denied.Total > 0 {
		return denied, nil
	}
	return webapi.ItemPage{}, first
}

// elsewhere reports whether the answer concerns this way alone. Where there
// was none, the trouble is not with the way.
func elsewhere(ans answer, err error) bool {
	return ans.status != 0 && (errors.Is(err, fault.ErrUnavailable) || errors.Is(err, fault.ErrRejected))
}

func (l *library) trail(playlistID string) *trail {
	t := l.trails[playlistID]
	if t == nil {
		t = &trail{}
		if l.trails == nil {
			l.trails = make(map[string]*trail)
		}
		l.trails[playlistID] = t
	}
	return t
}

// itemsBy asks one way, unless it is known not to show the page.
func (l *library) itemsBy(ctx context.Context, w way, t *trail, playlistID string, offset int) (webapi.ItemPage, answer, error) {
	if err := t.refused[w]; err != nil {
		return webapi.ItemPage{}, answer{}, err
	}
	switch w {
	case byItems:
		return l.paged(ctx, "items", playlistID, offset)
	case byTracks:
		return l.paged(ctx, "tracks", playlistID, offset)
	default:
		if offset >= nestedSize || t.end > 0 && offset >= t.end {
			return webapi.ItemPage{}, answer{}, fmt.Errorf("reading item %d of a playlist: %w", offset, errPartial)
		}
		page, ans, err := l.nested(ctx, playlistID)
		if err != nil {
			return page, ans, err
		}
		t.end = page.Next
		page, err = from(page, offset)
		return page, ans, err
	}
}
