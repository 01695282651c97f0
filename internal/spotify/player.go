package spotify

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// contextJSON is from where a song is played; Spotify may send null.
type contextJSON struct {
	URI string `json:"uri"`
}

// RecentlyPlayed reads GET /me/player/recently-played. Asking without a time shows
// late plays too.
func (l *library) RecentlyPlayed(ctx context.Context) ([]archive.Play, error) {
	e := endpoint{
		method: http.MethodGet, pattern: "/me/player/recently-played", repeatable: true,
		lost: archive.ErrUnavailable, forbidden: archive.ErrNotAllowed, notFound: archive.ErrUnavailable,
	}
	query := url.Values{"limit": {strconv.Itoa(pageSize)}}
	r, ans, err := l.call(ctx, e, "/me/player/recently-played?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	plays, err := decodePlays(ans.body)
	if err != nil {
		return nil, r.unclear(err)
	}
	return plays, nil
}

// decodePlays leaves out what has no time: it is not known to be a play.
func decodePlays(body []byte) ([]archive.Play, error) {
	var p struct {
		Items []*struct {
			Track    *trackJSON  `json:"track"`
			PlayedAt string      `json:"played_at"`
			Context  contextJSON `json:"context"`
		} `json:"items"`
	}
	if json.Unmarshal(body, &p) != nil || p.Items == nil {
		return nil, errShape
	}
	var plays []archive.Play
	for _, entry := range p.Items {
		if entry == nil {
			continue
		}
		play := archive.Play{PlayedAt: timestamp(entry.PlayedAt), Context: entry.Context.URI}
		if play.PlayedAt.IsZero() {
			continue
		}
		play.Track, play.Usable = entry.Track.track()
		plays = append(plays, play)
	}
	slices.SortStableFunc(plays, func(a, b archive.Play) int { return a.PlayedAt.Compare(b.PlayedAt) })
	return plays, nil
}

// Queue reads GET /me/player/queue and, where something plays, GET /me/player,
// which alone knows the playlist. If the player went on between the two, the
// playlist may be another, so the context stays empty.
func (l *library) Queue(ctx context.Context) (archive.Queue, error) {
	queue, playing, err := l.queue(ctx)
	if err != nil || playing == "" {
		return archive.Queue{}, err
	}
	player := endpoint{
		method: http.MethodGet, pattern: "/me/player", repeatable: true,
		lost: archive.ErrUnavailable, forbidden: archive.ErrNotReadable, notFound: archive.ErrUnavailable,
	}
	r, ans, err := l.call(ctx, player, "/me/player?additional_types=track,episode", nil)
	if err != nil {
		return archive.Queue{}, err
	}
	if ans.status == http.StatusNoContent {
		return archive.Queue{}, nil
	}
	var p struct {
		Item    *trackJSON  `json:"item"`
		Context contextJSON `json:"context"`
	}
	if json.Unmarshal(ans.body, &p) != nil {
		return archive.Queue{}, r.unclear(errShape)
	}
	if p.Item != nil && p.Item.ID == playing {
		queue.Context = p.Context.URI
	}
	return queue, nil
}

// queue returns the songs and the id of what plays now.
func (l *library) queue(ctx context.Context) (queue archive.Queue, playing string, err error) {
	e := endpoint{
		method: http.MethodGet, pattern: "/me/player/queue", repeatable: true,
		lost: archive.ErrUnavailable, forbidden: archive.ErrNotReadable, notFound: archive.ErrUnavailable,
	}
	r, ans, err := l.call(ctx, e, "/me/player/queue", nil)
	if err != nil || ans.status == http.StatusNoContent {
		return archive.Queue{}, "", err
	}
	var q struct {
		Playing *trackJSON   `json:"currently_playing"`
		Queue   []*trackJSON `json:"queue"`
	}
	if json.Unmarshal(ans.body, &q) != nil {
		return archive.Queue{}, "", r.unclear(errShape)
	}
	if q.Playing == nil {
		return archive.Queue{}, "", nil
	}
	for _, entry := range append([]*trackJSON{q.Playing}, q.Queue...) {
		if track, usable := entry.track(); usable {
			queue.Tracks = append(queue.Tracks, track)
		}
	}
	return queue, q.Playing.ID, nil
}

// Profile reads GET /me. ErrNotAllowed is its meaning of a 403 that says
// nothing: reading one's own profile needs no scope.
func (c *Client) Profile(ctx context.Context, access secret.Text) (archive.Profile, error) {
	e := endpoint{
		method: http.MethodGet, pattern: "/me", repeatable: true,
		lost: archive.ErrUnavailable, forbidden: archive.ErrNotAllowed, notFound: archive.ErrUnavailable,
	}
	l := &library{client: c, tokens: func(context.Context, bool) (secret.Text, error) { return access, nil }}
	r, ans, err := l.call(ctx, e, "/me", nil)
	if err != nil {
		return archive.Profile{}, err
	}
	var p struct {
		AccountID   string `json:"account_id"`
		ID          string `json:"id"`
		DisplayName string `json:"display_name"`
	}
	if json.Unmarshal(ans.body, &p) != nil || p.ID == "" && p.AccountID == "" {
		return archive.Profile{}, r.unclear(errShape)
	}
	return archive.Profile{AccountID: p.AccountID, ID: p.ID, DisplayName: p.DisplayName}, nil
}
