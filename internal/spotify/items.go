package spotify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// itemFields keeps a page of 50 items below 30 kB.
const itemFields = "total,next,items(added_at,is_local," +
	"item(id,type,uri,is_local,duration_ms,external_ids(isrc))," +
	"track(id,type,uri,is_local,duration_ms,external_ids(isrc)))"

const trackURI = "spotify:track:"

type trackJSON struct {
	ID          string `json:"id"`
	Type        string `json:"type"`
	URI         string `json:"uri"`
	IsLocal     bool   `json:"is_local"`
	DurationMS  int    `json:"duration_ms"`
	ExternalIDs struct {
		ISRC string `json:"isrc"`
	} `json:"external_ids"`
}

// track returns the song; usable is false for nothing at all, a local file, an
// episode, or a song without an id. One such URI makes Spotify reject all of
// an append.
func (t *trackJSON) track() (track archive.Track, usable bool) {
	if t == nil || t.IsLocal || !validID(t.ID) {
		return archive.Track{}, false
	}
	if t.Type != "" && t.Type != "track" || t.URI != "" && !strings.HasPrefix(t.URI, trackURI) {
		return archive.Track{}, false
	}
	return archive.Track{ID: t.ID, ISRC: strings.ToUpper(t.ExternalIDs.ISRC), Length: t.DurationMS}, true
}

type itemJSON struct {
	AddedAt string     `json:"added_at"`
	IsLocal bool       `json:"is_local"`
	Item    *trackJSON `json:"item"`
	Track   *trackJSON `json:"track"` // the name of item until 2026
}

func (i *itemJSON) item() archive.Item {
	if i == nil {
		return archive.Item{}
	}
	item := archive.Item{AddedAt: timestamp(i.AddedAt)}
	song := i.Item
	if song == nil {
		song = i.Track
	}
	if !i.IsLocal {
		item.Track, item.Usable = song.track()
	}
	return item
}

// Items reads a page of GET /playlists/{id}/items. Episodes are asked for by
// their own type: they would be dressed up as songs otherwise. No market is
// named, so that no song is replaced by its double elsewhere.
func (l *library) Items(ctx context.Context, playlistID string, offset int) (archive.ItemPage, error) {
	e := endpoint{
		method: http.MethodGet, pattern: "/playlists/{id}/items", repeatable: true,
		lost: archive.ErrUnavailable, forbidden: archive.ErrNotReadable, notFound: archive.ErrNotReadable,
	}
	if !validID(playlistID) {
		return archive.ItemPage{}, fmt.Errorf("reading a playlist without a valid id: %w", archive.ErrNotReadable)
	}
	query := page(offset)
	query.Set("fields", itemFields)
	query.Set("additional_types", "track,episode")
	r, ans, err := l.call(ctx, e, "/playlists/"+playlistID+"/items?"+query.Encode(), nil)
	if err != nil {
		return archive.ItemPage{}, err
	}
	items, err := decodeItems(ans.body, offset)
	if errors.Is(err, archive.ErrNotReadable) {
		return archive.ItemPage{}, r.refused(ans, err)
	}
	if err != nil {
		return archive.ItemPage{}, r.unclear(err)
	}
	return items, nil
}

// decodeItems returns archive.ErrNotReadable for an answer without items,
// which is how Spotify shows a playlist of somebody else.
func decodeItems(body []byte, offset int) (archive.ItemPage, error) {
	var p struct {
		Items  []*itemJSON `json:"items"`
		Tracks []*itemJSON `json:"tracks"`
		Total  *int        `json:"total"`
		Next   string      `json:"next"`
	}
	if json.Unmarshal(body, &p) != nil {
		return archive.ItemPage{}, errShape
	}
	entries := p.Items
	if entries == nil {
		entries = p.Tracks
	}
	if entries == nil {
		return archive.ItemPage{}, archive.ErrNotReadable
	}
	if p.Total == nil || *p.Total < 0 {
		return archive.ItemPage{}, errShape
	}
	result := archive.ItemPage{Total: *p.Total, Next: nextOffset(offset, len(entries), *p.Total, p.Next)}
	for _, entry := range entries {
		result.Items = append(result.Items, entry.item())
	}
	return result, nil
}

// Append adds songs with POST /playlists/{id}/items. Whatever a 2xx answer
// says in its body, the songs are in.
func (l *library) Append(ctx context.Context, playlistID string, tracks []archive.Track) (snapshot string, err error) {
	e := endpoint{
		method: http.MethodPost, pattern: "/playlists/{id}/items",
		lost: archive.ErrUnknownEffect, forbidden: archive.ErrNotWritable, notFound: archive.ErrNotWritable,
	}
	if !validID(playlistID) {
		return "", fmt.Errorf("appending to a playlist without a valid id: %w", archive.ErrNotWritable)
	}
	if len(tracks) == 0 || len(tracks) > archive.MaxAppend {
		return "", fmt.Errorf("appending %d songs, 1 to %d fit: %w", len(tracks), archive.MaxAppend, archive.ErrRejected)
	}
	uris := make([]string, len(tracks))
	for i, t := range tracks {
		if !validID(t.ID) {
			return "", fmt.Errorf("appending a song without a valid id: %w", archive.ErrRejected)
		}
		uris[i] = t.URI()
	}
	_, ans, err := l.call(ctx, e, "/playlists/"+playlistID+"/items", struct {
		URIs []string `json:"uris"`
	}{uris})
	if err != nil {
		return "", err
	}
	var p playlistJSON
	if json.Unmarshal(ans.body, &p) != nil {
		return "", nil
	}
	return p.SnapshotID, nil
}

// timestamp reads Spotify's ISO 8601; the zero time where there is none.
func timestamp(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
