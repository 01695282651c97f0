package fakespotify

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	maxPlays   = 50 // that Spotify remembers: https://github.com/spotify/web-api/issues/627
	playedForm = "2006-01-02T15:04:05.000Z"
)

// getRecentlyPlayed answers the latest plays, newest first.
func (s *Server) getRecentlyPlayed(c *call) answer {
	limit, valid := c.intParam("limit", defaultLimit)
	if !valid || limit < 1 || limit > maxLimit {
		return badRequest("Invalid limit")
	}
	if c.query.Has("after") && c.query.Has("before") {
		return badRequest("Only one of after and before can be given")
	}
	after, validAfter := c.millis("after")
	before, validBefore := c.millis("before")
	if !validAfter || !validBefore {
		return badRequest("Invalid cursor")
	}
	var plays []play
	for _, p := range c.listedPlays(c.who.Plays) {
		at := p.At.UnixMilli()
		if (after == nil || at > *after) && (before == nil || at < *before) {
			plays = append(plays, p)
		}
	}
	return ok(s.playsPage(c, plays, limit))
}

func (c *call) millis(name string) (*int64, bool) {
	if !c.query.Has(name) {
		return nil, true
	}
	n, err := strconv.ParseInt(c.query.Get(name), 10, 64)
	return &n, err == nil && n >= 0
}

// playsPage is the cursor-based page of the newest of the plays. Cursors and
// the link to older plays are left out where there are none.
func (s *Server) playsPage(c *call, plays []play, limit int) object {
	shown := plays[:min(limit, len(plays))]
	items := make([]any, 0, len(shown))
	for _, p := range shown {
		items = append(items, object{
			"context":   contextView(c, p.Context),
			"played_at": p.At.UTC().Format(playedForm),
			"track":     s.songView(c, SongOf(p.URI)),
		})
	}
	path := c.base + "/v1/me/player/recently-played?"
	page := object{
		"href":  path + url.Values{"limit": {strconv.Itoa(limit)}}.Encode(),
		"items": items,
		"limit": limit,
		"total": len(plays),
	}
	if len(shown) == 0 {
		return page
	}
	oldest := strconv.FormatInt(shown[len(shown)-1].At.UnixMilli(), 10)
	page["cursors"] = object{
		"after":  strconv.FormatInt(shown[0].At.UnixMilli(), 10),
		"before": oldest,
	}
	if len(plays) > len(shown) {
		page["next"] = path + url.Values{"limit": {strconv.Itoa(limit)}, "before": {oldest}}.Encode()
	}
	return page
}

// contextView says from where something is played; null if from nowhere.
func contextView(c *call, uri string) any {
	parts := strings.Split(uri, ":")
	if len(parts) != 3 {
		return nil
	}
	return object{
		"external_urls": object{"spotify": openURL(parts[1], parts[2])},
		"href":          c.base + "/v1/" + parts[1] + "s/" + parts[2],
		"type":          parts[1],
		"uri":           uri,
	}
}

// getQueue answers what is playing and what comes next.
func (s *Server) getQueue(c *call) answer {
	pl := c.who.Player
	c.query.Set("additional_types", "track,episode") // the queue always names episodes as such
	queue := make([]any, 0, len(pl.Queue))
	for _, uri := range pl.Queue {
		queue = append(queue, s.songView(c, SongOf(uri)))
	}
	return ok(object{"currently_playing": s.songView(c, SongOf(pl.Current)), "queue": queue})
}

// getPlayer answers the state of the player; 204 if nothing is playing.
func (s *Server) getPlayer(c *call) answer {
	a := s.getCurrentlyPlaying(c)
	state, playing := a.json.(object)
	if !playing {
		return a
	}
	state["device"] = object{
		"id": hashID("device", c.who.Key), "is_active": true, "is_private_session": false,
		"is_restricted": false, "name": "Demo device", "supports_volume": true,
		"type": "computer", "volume_percent": 50,
	}
	state["repeat_state"], state["shuffle_state"], state["smart_shuffle"] = "off", false, false
	return a
}

// getCurrentlyPlaying answers what is playing; 204 if nothing is.
func (s *Server) getCurrentlyPlaying(c *call) answer {
	pl := c.who.Player
	if pl.Current == "" {
		return answer{status: http.StatusNoContent}
	}
	kind := "track"
	if strings.HasPrefix(pl.Current, episodePrefix) {
		kind = "episode"
	}
	return ok(object{
		"actions":                object{"pausing": true},
		"context":                contextView(c, pl.Context),
		"currently_playing_type": kind,
		"is_playing":             true,
		"item":                   s.songView(c, SongOf(pl.Current)),
		"progress_ms":            max(0, c.now.Sub(pl.Since).Milliseconds()),
		"timestamp":              c.now.UnixMilli(),
	})
}

// played notes a play; of plays, the newest are kept.
func (s *Server) played(m *member, p play) {
	i := 0
	for i < len(m.Plays) && m.Plays[i].At.After(p.At) {
		i++
	}
	plays := slices.Insert(slices.Clone(m.Plays), i, p)
	m.Plays = plays[:min(maxPlays, len(plays))]
	s.saveMember(m)
}
