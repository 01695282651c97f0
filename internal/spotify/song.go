package spotify

import (
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

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
// an append. Where URI and id disagree the URI counts: it is what is played.
func (t *trackJSON) track() (track ledger.Track, usable bool) {
	if t == nil || t.IsLocal || t.Type != "" && t.Type != "track" {
		return ledger.Track{}, false
	}
	id := t.ID
	if t.URI != "" {
		var song bool
		if id, song = strings.CutPrefix(t.URI, trackURI); !song {
			return ledger.Track{}, false
		}
	}
	if !validID(id) {
		return ledger.Track{}, false
	}
	return ledger.Track{ID: id, ISRC: isrc(t.ExternalIDs.ISRC), Length: max(t.DurationMS, 0)}, true
}

// isrcForm is ISO 3901: country, registrant, year, designation.
var isrcForm = regexp.MustCompile(`^[A-Z]{2}[A-Z0-9]{3}[0-9]{2}[0-9]{5}$`)

// isrc returns the code without the hyphens and spaces that labels put into it
// (https://github.com/FoxxMD/multi-scrobbler/issues/644); empty where it is
// none, or one that stands for any song.
func isrc(text string) string {
	code := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) {
			return -1
		}
		return r
	}, strings.ToUpper(text))
	if !isrcForm.MatchString(code) || placeholder(code) {
		return ""
	}
	return code
}

// placeholder reports whether a code was made up to fill a field: a country
// that nobody has, no designation, or one digit throughout.
func placeholder(code string) bool {
	digits := code[5:]
	return strings.HasPrefix(code, "XX") || strings.HasSuffix(code, "00000") ||
		strings.Trim(digits, digits[:1]) == ""
}

// timestamp reads Spotify's ISO 8601; the zero time where there is none.
func timestamp(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
