package spotify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// entryFields keeps a page of 50 items below 30 kB.
const (
	entryFields = "added_at,is_local," +
		"item(id,type,uri,is_local,duration_ms,external_ids(isrc))," +
		"track(id,type,uri,is_local,duration_ms,external_ids(isrc))"
	itemFields   = "total,next,items(" + entryFields + ")"
	nestedFields = "id,items(total,items(" + entryFields + ")),tracks(total,items(" + entryFields + "))"
)

type itemJSON struct {
	AddedAt string     `json:"added_at"`
	IsLocal bool       `json:"is_local"`
	Item    *trackJSON `json:"item"`
	Track   *trackJSON `json:"track"` // the name of item until 2026
}

func (i *itemJSON) item() webapi.Item {
	if i == nil {
		return webapi.Item{}
	}
	item := webapi.Item{AddedAt: timestamp(i.AddedAt)}
	song := i.Item
	if song == nil || song.ID == "" && song.URI == "" {
		song = i.Track
	}
	if !i.IsLocal {
		item.Track, item.Usable = song.track()
	}
	if !item.Usable && song != nil {
		item.Other = song.URI
	}
	return item
}

// paged reads a page of GET /playlists/{id}/items, or of /tracks, its name
// until 2026.
func (l *library) paged(ctx context.Context, name, playlistID string, offset int) (webapi.ItemPage, answer, error) {
	query := page(offset, webapi.PageSize)
	query.Set("fields", itemFields)
	r, ans, err := l.call(ctx, reading("/playlists/{id}/"+name), "/playlists/"+playlistID+"/"+name+"?"+songQuery(query), nil)
	if err != nil {
		return webapi.ItemPage{}, ans, err
	}
	items, err := decodeItems(ans.body, offset)
	return items, ans, r.unread(ans, err)
}

// nested reads the items that GET /playlists/{id} shows, the first 100.
func (l *library) nested(ctx context.Context, playlistID string) (webapi.ItemPage, answer, error) {
	query := url.Values{"fields": {nestedFields}}
	r, ans, err := l.call(ctx, reading("/playlists/{id}"), "/playlists/"+playlistID+"?"+songQuery(query), nil)
	if err != nil {
		return webapi.ItemPage{}, ans, err
	}
	items, err := decodeNested(ans.body, playlistID)
	return items, ans, r.unread(ans, err)
}

// songQuery asks for episodes by their own type: they would be dressed up as
// songs otherwise. No market is named, so that no song is replaced by its
// double elsewhere.
func songQuery(query url.Values) string {
	query.Set("additional_types", "track,episode")
	return query.Encode()
}

// unread is the error for a 2xx answer that cannot be decoded for err, which
// may be nil.
func (r request) unread(ans answer, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fault.ErrNotReadable):
		return r.refused(ans, err)
	default:
		return r.unclear(err)
	}
}

type itemsJSON struct {
	Items  []*itemJSON `json:"items"`
	Tracks []*itemJSON `json:"tracks"`
	Total  total       `json:"total"`
	Next   string      `json:"next"`

	Error json.RawMessage `json:"error"` // has come with status 200, too
}

// page returns the entries from offset on. It is fault.ErrNotReadable for an
// answer without items, which is how Spotify shows a playlist of somebody else.
func (p *itemsJSON) page(offset int) (webapi.ItemPage, error) {
	entries := p.Items
	if entries == nil {
		entries = p.Tracks
	}
	if entries == nil && p.Error == nil {
		return webapi.ItemPage{}, fault.ErrNotReadable
	}
	total, told := p.Total.of(offset, len(entries), p.Next)
	if entries == nil || !told {
		return webapi.ItemPage{}, errShape
	}
	result := webapi.ItemPage{Total: total, Next: nextOffset(offset, webapi.PageSize, len(entries), total, p.Next)}
	for _, entry := range entries {
		result.Items = append(result.Items, entry.item())
	}
	if offset == 0 && denies(result.Items, result.Total) {
		result.Total = len(result.Items)
		return result, errDenied
	}
	result.Items = result.Items[:min(len(result.Items), max(result.Total-offset, 0))]
	return result, nil
}

// errDenied is errShape for a page that denies its total. The page comes with
// it: where no other answer is better, songs that are shown are there.
var errDenied = fmt.Errorf("%w: it shows more songs than it counts", errShape)

// denies reports whether a first page shows more songs than the total says
// there are. Items beyond the end that repeat others are known
// (https://github.com/music-assistant/server/pull/3155), and no songs.
func denies(items []webapi.Item, total int) bool {
	if len(items) <= total {
		return false
	}
	return slices.ContainsFunc(items[total:], func(more webapi.Item) bool {
		return more.Usable && !slices.ContainsFunc(items[:total], func(item webapi.Item) bool {
			return item.Track.ID == more.Track.ID
		})
	})
}

func decodeItems(body []byte, offset int) (webapi.ItemPage, error) {
	var p itemsJSON
	if err := decode(body, &p); err != nil {
		return webapi.ItemPage{}, err
	}
	return p.page(offset)
}

// decodeNested returns the items of a playlist from the first on. Next is
// where they end, if that is before the total.
func decodeNested(body []byte, playlistID string) (webapi.ItemPage, error) {
	var p struct {
		ID     string     `json:"id"`
		Items  *itemsJSON `json:"items"`
		Tracks *itemsJSON `json:"tracks"` // the name of items until 2026
	}
	if err := decode(body, &p); err != nil || p.ID != playlistID {
		return webapi.ItemPage{}, errShape
	}
	shown := p.Items
	if shown == nil || shown.Items == nil {
		shown = p.Tracks
	}
	if shown == nil || len(shown.Items) == 0 && shown.Total.number > 0 {
		return webapi.ItemPage{}, fault.ErrNotReadable
	}
	result, err := shown.page(0)
	if err != nil {
		return result, err
	}
	result.Next = 0
	if n := len(result.Items); n < result.Total {
		result.Next = n
	}
	return result, nil
}

// errPartial is the cause where a playlist goes on beyond what can be read.
var errPartial = fmt.Errorf("%w beyond the items shown with it", fault.ErrNotReadable)

// from returns what a nested page holds from offset on.
func from(p webapi.ItemPage, offset int) (webapi.ItemPage, error) {
	if offset >= len(p.Items) && p.Next > 0 {
		return webapi.ItemPage{}, errPartial
	}
	p.Items = p.Items[min(offset, len(p.Items)):]
	return p, nil
}
