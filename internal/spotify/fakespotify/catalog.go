package fakespotify

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/big"
	"strings"
	"time"
)

const (
	base62      = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	idLength    = 22
	isrcNumbers = 99_999 // of a registrant and year, from 1
	firstYear   = 12     // 12 to 21 are two different digits each
	isrcYears   = 10
	relinkChars = 3

	trackPrefix    = "spotify:track:"
	episodePrefix  = "spotify:episode:"
	localPrefix    = "spotify:local:"
	playlistPrefix = "spotify:playlist:"
)

// MissingPrefix begins the ids of tracks that are not in the catalogue:
// GET /v1/tracks/{id} answers 404, and in a playlist they are null.
const MissingPrefix = "missing"

// A Song is an item of a playlist. A null item has an empty URI, a local file
// has no ID and no ISRC, an episode has no ISRC.
type Song struct {
	URI     string
	ID      string // 22 characters of base62
	ISRC    string
	Name    string
	Artist  string
	Length  time.Duration
	AddedAt time.Time // when it was added to the playlist in question
}

// Addable reports whether an app may add the item to a playlist as a song.
func (s Song) Addable() bool {
	return strings.HasPrefix(s.URI, trackPrefix) && !strings.HasPrefix(s.ID, MissingPrefix)
}

// Relinked returns another id of the same recording: its ISRC and name are
// equal. Relinked is its own inverse.
func Relinked(id string) string {
	if !validID(id) {
		return id
	}
	other := []byte(id)
	for i := range relinkChars {
		other[i] = base62[len(base62)-1-strings.IndexByte(base62, id[i])]
	}
	return string(other)
}

// SongOf returns what is in the catalogue for a track, episode or local URI.
func SongOf(uri string) Song {
	switch {
	case strings.HasPrefix(uri, trackPrefix):
		id := strings.TrimPrefix(uri, trackPrefix)
		h := digest("recording", min(id, Relinked(id)))
		return Song{URI: uri, ID: id, ISRC: isrc(h), Name: title(h), Artist: artist(h), Length: length(h)}
	case strings.HasPrefix(uri, episodePrefix):
		id := strings.TrimPrefix(uri, episodePrefix)
		h := digest("episode", id)
		return Song{URI: uri, ID: id, Name: "Episode " + title(h), Artist: "Demo show", Length: 30 * time.Minute}
	case strings.HasPrefix(uri, localPrefix):
		parts := strings.Split(strings.TrimPrefix(uri, localPrefix), ":")
		if len(parts) == 4 {
			return Song{URI: uri, Artist: unplus(parts[0]), Name: unplus(parts[2])}
		}
		return Song{URI: uri}
	default:
		return Song{}
	}
}

// TrackID returns a made-up track id that depends on nothing but its arguments.
func TrackID(parts ...string) string { return hashID(append([]string{"track"}, parts...)...) }

func unplus(s string) string { return strings.ReplaceAll(s, "+", " ") }

var (
	adjectives = strings.Fields("Amber Quiet Paper Silver Distant Hollow Velvet Northern Slow Electric Salt Early Second Copper Open Blue")
	nouns      = strings.Fields("Harbour Lantern Window Orchard Signal River Engine Garden Mirror Station Winter Meadow Compass Letter Tide Staircase")
)

func title(h [32]byte) string {
	return fmt.Sprintf("%s %s No. %d", adjectives[h[0]%16], nouns[h[1]%16], int(h[2])+1)
}

// length is between two and five and a half minutes, to the millisecond: two
// songs of one length are rare.
func length(h [32]byte) time.Duration {
	const step = 3 * time.Millisecond
	return 2*time.Minute + time.Duration(binary.BigEndian.Uint16(h[8:]))*step
}

func artist(h [32]byte) string { return fmt.Sprintf("Demo Ensemble %d", int(h[3])+1) }

// isrc builds a code in the form CC-AAA-YY-NNNNN under country codes that are
// not assigned, so that it can never be that of a real recording. It is none
// that stands for any song, as XX, 00000 and a row of one digit do.
func isrc(h [32]byte) string {
	const alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	n := new(big.Int).SetBytes(h[16:24])
	number := new(big.Int).Mod(n, big.NewInt(isrcYears*isrcNumbers)).Int64()
	return fmt.Sprintf("X%c%c%c%c%02d%05d", 'A'+h[4]%('X'-'A'),
		alphanumeric[h[5]%36], alphanumeric[h[6]%36], alphanumeric[h[7]%36],
		firstYear+number%isrcYears, 1+number/isrcYears)
}

func digest(parts ...string) [32]byte {
	return sha256.Sum256([]byte(strings.Join(parts, "\x00")))
}

func hashID(parts ...string) string {
	h := digest(parts...)
	id := make([]byte, idLength)
	for i := range id {
		id[i] = base62[int(h[i])%len(base62)]
	}
	return string(id)
}

func validID(id string) bool {
	return len(id) == idLength && strings.Trim(id, base62) == ""
}
