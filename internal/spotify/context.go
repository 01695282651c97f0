package spotify

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

const (
	spotifyURI  = "spotify:"
	playlistURI = "spotify:playlist:"
)

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

// UnmarshalJSON also reads a bare URI.
func (c *contextJSON) UnmarshalJSON(text []byte) error {
	if bytes.HasPrefix(text, []byte(`"`)) {
		return json.Unmarshal(text, &c.URI)
	}
	type plain contextJSON
	return json.Unmarshal(text, (*plain)(c))
}

// name returns "spotify:playlist:ID", or the URI of what else the context is,
// or "" where it is nothing that can be told. A URI that there is decides.
func (c contextJSON) name() string {
	if uri := strings.TrimSpace(c.URI); uri != "" {
		return cmp.Or(ofURI(uri), ofURL(uri))
	}
	return cmp.Or(ofURL(c.Href), ofURL(c.ExternalURLs.Spotify))
}

// ofURI reads spotify:playlist:ID and, as it was until 2018 and still is met,
// spotify:user:NAME:playlist:ID. Nothing else that holds a playlist's id is
// one: a station plays songs of its own.
func ofURI(uri string) string {
	uri, _, _ = strings.Cut(uri, "?")
	parts := strings.Split(uri, ":")
	switch {
	case len(parts) < 3 || parts[0] != "spotify":
		return ""
	case parts[1] == "playlist":
		return uriOf("playlist", parts[2:])
	case len(parts) > 3 && parts[1] == "user" && parts[3] == "playlist":
		return uriOf("playlist", parts[4:])
	default:
		return uri
	}
}

// contextKinds are what the addresses of contexts name, once or many times.
var contextKinds = []string{"playlist", "album", "artist", "show", "audiobook"}

// contextParts are what addresses of contexts end in beside the id.
var contextParts = []string{"items", "tracks"}

// ofURL reads https://HOST/.../kind/ID, and what is below it.
func ofURL(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	parts := strings.Split(strings.TrimRight(u.Path, "/"), "/")
	if slices.Contains(contextParts, parts[len(parts)-1]) {
		parts = parts[:len(parts)-1]
	}
	if len(parts) < 3 {
		return ""
	}
	kind := strings.TrimSuffix(parts[len(parts)-2], "s")
	if !slices.Contains(contextKinds, kind) {
		return ""
	}
	return uriOf(kind, parts[len(parts)-1:])
}

// uriOf joins a kind and an id; "" where the rest is not just an id.
func uriOf(kind string, rest []string) string {
	if len(rest) != 1 || !validID(rest[0]) {
		return ""
	}
	return spotifyURI + kind + ":" + rest[0]
}
