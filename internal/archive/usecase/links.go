package usecase

import (
	"regexp"
	"strings"
)

// Spotify ids are 22 characters of base62
// (https://developer.spotify.com/documentation/web-api/concepts/spotify-uris-ids).
// A link may carry a language ("intl-de/") and a tail ("?si=…").
var (
	trackLink    = regexp.MustCompile(`(?i:spotify:track:|spotify://track/|(?:open|play)\.spotify\.com/(?:intl-[a-z-]+/)?(?:embed/)?track/)([0-9A-Za-z]{22})(?:[^0-9A-Za-z]|$)`)
	playlistLink = regexp.MustCompile(`(?i:spotify:playlist:|open\.spotify\.com/(?:intl-[a-z-]+/)?playlist/)([0-9A-Za-z]{22})(?:[^0-9A-Za-z]|$)`)
	bareID       = regexp.MustCompile(`^[0-9A-Za-z]{22}$`)
)

// ParsePlaylistLink returns the playlist id of a link, a URI or a bare id.
// The link is never fetched.
func ParsePlaylistLink(text string) (id string, ok bool) {
	text = strings.TrimSpace(text)
	if bareID.MatchString(text) {
		return text, true
	}
	m := playlistLink.FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	return m[1], true
}
