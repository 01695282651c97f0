package spotify

import (
	"cmp"
	"net/url"
	"strings"
)

const playlistURI = "spotify:playlist:"

// contextJSON is from where a song is played. Players name it in different
// ways (https://github.com/spotify/web-api/issues/815,
// https://github.com/spotify/web-api/issues/995), and often not at all.
type contextJSON struct {
	URI          string `json:"uri"`
	Href         string `json:"href"`
	ExternalURLs struct {
		Spotify string `json:"spotify"`
	} `json:"external_urls"`
}

// playlist returns "spotify:playlist:ID"; empty where the context is none, or
// no playlist. A URI that there is decides.
func (c contextJSON) playlist() string {
	id := idInURI(c.URI)
	if c.URI == "" {
		id = cmp.Or(idInURL(c.Href, "playlists"), idInURL(c.ExternalURLs.Spotify, "playlist"))
	}
	if id == "" {
		return ""
	}
	return playlistURI + id
}

// idInURI reads spotify:playlist:ID and, as it was until 2018 and still is
// met, spotify:user:NAME:playlist:ID. Nothing else that holds a playlist's id
// is one: a station plays songs of its own.
func idInURI(uri string) string {
	parts := strings.Split(uri, ":")
	if parts[0] != "spotify" {
		return ""
	}
	switch {
	case len(parts) == 3 && parts[1] == "playlist":
		return onlyID(parts[2])
	case len(parts) == 5 && parts[1] == "user" && parts[3] == "playlist":
		return onlyID(parts[4])
	default:
		return ""
	}
}

// idInURL reads https://HOST/.../kind/ID.
func idInURL(text, kind string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	parts := strings.Split(strings.TrimRight(u.Path, "/"), "/")
	if len(parts) < 3 || parts[len(parts)-2] != kind {
		return ""
	}
	return onlyID(parts[len(parts)-1])
}

func onlyID(id string) string {
	if !validID(id) {
		return ""
	}
	return id
}
