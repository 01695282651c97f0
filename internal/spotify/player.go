package spotify

import (
	"context"
	"net/url"
	"slices"
	"strconv"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// RecentlyPlayed reads GET /me/player/recently-played. Asking without a time
// shows late plays too (https://github.com/spotify/web-api/issues/1083).
func (l *library) RecentlyPlayed(ctx context.Context) ([]webapi.Play, error) {
	query := url.Values{"limit": {strconv.Itoa(webapi.PageSize)}}
	r, ans, err := l.call(ctx, reading("/me/player/recently-played"), "/me/player/recently-played?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	plays, err := decodePlays(ans.body)
	if err != nil {
		return nil, r.unclear(err)
	}
	return plays, nil
}

// decodePlays keeps the order of the list, newest first, among plays of which it
// tells no time, or the same.
func decodePlays(body []byte) ([]webapi.Play, error) {
	var p struct {
		Items []*struct {
			Track    *trackJSON  `json:"track"`
			Item     *trackJSON  `json:"item"` // the name of track in playlists
			PlayedAt string      `json:"played_at"`
			Context  contextJSON `json:"context"`
		} `json:"items"`
	}
	if decode(body, &p) != nil || p.Items == nil {
		return nil, errShape
	}
	var plays []webapi.Play
	for _, entry := range p.Items {
		if entry == nil {
			continue
		}
		play := webapi.Play{PlayedAt: timestamp(entry.PlayedAt), Context: entry.Context.name()}
		song := entry.Track
		if song == nil {
			song = entry.Item
		}
		play.Track, play.Usable = song.track()
		plays = append(plays, play)
	}
	slices.Reverse(plays)
	slices.SortStableFunc(plays, func(a, b webapi.Play) int { return a.PlayedAt.Compare(b.PlayedAt) })
	return plays, nil
}
