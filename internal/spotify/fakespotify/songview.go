package fakespotify

import (
	"net/http"
	"strconv"
	"strings"
)

// getTrack answers one track of the catalogue.
func (s *Server) getTrack(c *call) answer {
	if !validID(c.id) {
		return badRequest("Invalid base62 id")
	}
	song := SongOf(trackPrefix + c.id)
	if !song.Addable() {
		return apiError(http.StatusNotFound, "Non existing id: '"+song.URI+"'")
	}
	return ok(s.trackView(c, song))
}

// songView is a track, a local file or an episode; nil for a null item.
// Without additional_types=episode an episode looks like a track, but for its
// URI.
func (s *Server) songView(c *call, song Song) any {
	switch {
	case strings.HasPrefix(song.URI, localPrefix):
		return localView(song)
	case strings.HasPrefix(song.URI, episodePrefix) && c.wantsEpisodes():
		return s.episodeView(c, song)
	case strings.HasPrefix(song.URI, episodePrefix):
		track := s.trackView(c, song)
		track["external_ids"] = object{}
		track["episode"] = true
		track["track"] = false
		return track
	case song.Addable():
		return s.trackView(c, song)
	default:
		return nil
	}
}

func (c *call) wantsEpisodes() bool {
	for kind := range strings.SplitSeq(c.query.Get("additional_types"), ",") {
		if strings.TrimSpace(kind) == "episode" {
			return true
		}
	}
	return false
}

func (s *Server) trackView(c *call, song Song) object {
	h := digest("details", song.ISRC, song.Name)
	artist := artistView(c.base, song.Artist)
	track := object{
		"album":         albumView(c.base, song, artist),
		"artists":       []any{artist},
		"disc_number":   1,
		"duration_ms":   song.Length.Milliseconds(),
		"explicit":      h[1]%8 == 0,
		"external_ids":  object{"isrc": song.ISRC},
		"external_urls": object{"spotify": openURL("track", song.ID)},
		"href":          c.base + "/v1/tracks/" + song.ID,
		"id":            song.ID,
		"is_local":      false,
		"name":          song.Name,
		"preview_url":   nil,
		"track_number":  1 + int(h[2]%12),
		"type":          "track",
		"uri":           song.URI,
	}
	if c.query.Get("market") != "" {
		track["is_playable"] = true
	}
	if s.cfg.Mode == Extended {
		track["available_markets"] = []any{"SE"}
		track["popularity"] = int(h[3] % 100)
	}
	return track
}

func artistView(base, name string) object {
	id := hashID("artist", name)
	return object{
		"external_urls": object{"spotify": openURL("artist", id)},
		"href":          base + "/v1/artists/" + id,
		"id":            id,
		"name":          name,
		"type":          "artist",
		"uri":           "spotify:artist:" + id,
	}
}

func albumView(base string, song Song, artist object) object {
	name := "Songs like " + song.Name
	id := hashID("album", name)
	return object{
		"album_type":             "album",
		"artists":                []any{artist},
		"available_markets":      []any{},
		"external_urls":          object{"spotify": openURL("album", id)},
		"href":                   base + "/v1/albums/" + id,
		"id":                     id,
		"images":                 []any{},
		"name":                   name,
		"release_date":           "2020-01-31",
		"release_date_precision": "day",
		"total_tracks":           12,
		"type":                   "album",
		"uri":                    "spotify:album:" + id,
	}
}

// localView is a file of the user's own: Spotify knows only its name.
func localView(song Song) object {
	parts := strings.Split(song.URI, ":")
	seconds, _ := strconv.Atoi(parts[len(parts)-1]) // 0 if the URI names none
	return object{
		"album": object{
			"album_type": nil, "artists": []any{}, "available_markets": []any{}, "external_urls": object{},
			"href": nil, "id": nil, "images": []any{}, "name": "", "release_date": nil,
			"release_date_precision": nil, "total_tracks": nil, "type": "album", "uri": nil,
		},
		"artists": []any{object{
			"external_urls": object{}, "href": nil, "id": nil, "name": song.Artist, "type": "artist", "uri": nil,
		}},
		"disc_number":   0,
		"duration_ms":   seconds * 1000,
		"explicit":      false,
		"external_ids":  object{},
		"external_urls": object{},
		"href":          nil,
		"id":            nil,
		"is_local":      true,
		"name":          song.Name,
		"preview_url":   nil,
		"track_number":  0,
		"type":          "track",
		"uri":           song.URI,
	}
}

func (s *Server) episodeView(c *call, song Song) object {
	showID := hashID("show", song.Artist)
	return object{
		"audio_preview_url":      nil,
		"description":            "A made-up episode.",
		"duration_ms":            song.Length.Milliseconds(),
		"explicit":               false,
		"external_urls":          object{"spotify": openURL("episode", song.ID)},
		"href":                   c.base + "/v1/episodes/" + song.ID,
		"html_description":       "<p>A made-up episode.</p>",
		"id":                     song.ID,
		"images":                 []any{},
		"is_externally_hosted":   false,
		"is_playable":            true,
		"languages":              []any{"en"},
		"name":                   song.Name,
		"release_date":           "2020-01-31",
		"release_date_precision": "day",
		"type":                   "episode",
		"uri":                    song.URI,
		"show": object{
			"available_markets":    []any{},
			"copyrights":           []any{},
			"description":          "A made-up show.",
			"explicit":             false,
			"external_urls":        object{"spotify": openURL("show", showID)},
			"href":                 c.base + "/v1/shows/" + showID,
			"html_description":     "<p>A made-up show.</p>",
			"id":                   showID,
			"images":               []any{},
			"is_externally_hosted": false,
			"languages":            []any{"en"},
			"media_type":           "audio",
			"name":                 song.Artist,
			"publisher":            "Demo publisher",
			"total_episodes":       100,
			"type":                 "show",
			"uri":                  "spotify:show:" + showID,
		},
	}
}
