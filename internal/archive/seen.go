package archive

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
)

const (
	seenIDSize        = 16
	seenRecordingSize = 8
)

// Seen is the set of songs that were ever archived for a user, so that none is
// added twice, and none that the user removed comes back. It holds hashes:
// 16 bytes per track id, and 8 per recording, which is an ISRC together with a
// length. The zero Seen is empty and usable.
type Seen struct {
	ids        map[[seenIDSize]byte]struct{}
	recordings map[[seenRecordingSize]byte]struct{} // those of the first program: of the ISRC alone

	pages seenPages
}

// Has reports whether the song, under this id or another one of the same
// recording, was archived. Spotify may give one recording several ids (track
// relinking).
func (s *Seen) Has(t Track) bool { return s.HasID(t) || s.HasRecording(t) }

// HasID reports whether the song was archived under this id.
func (s *Seen) HasID(t Track) bool {
	_, ok := s.ids[hashID(t.ID)]
	return ok
}

// HasRecording asks by ISRC and length. Labels give one ISRC to several
// recordings (https://github.com/spotify/web-api/issues/2), so an ISRC alone
// says nothing, but for songs of which the first program kept no more.
func (s *Seen) HasRecording(t Track) bool {
	if t.ISRC == "" || len(s.recordings) == 0 {
		return false
	}
	if _, ok := s.recordings[hashRecording(t.ISRC)]; ok {
		return true
	}
	for _, key := range t.recordings() {
		if _, ok := s.recordings[hashRecording(key)]; ok {
			return true
		}
	}
	return false
}

// Recording names what the song is a recording of; empty where Spotify did
// not tell enough.
func (t Track) Recording() string {
	if t.ISRC == "" || t.Length <= 0 {
		return ""
	}
	return t.recordingOf(t.seconds())
}

// recordings names the recordings that the song may be: two ids of one
// recording have been given lengths that differ by less than a second.
func (t Track) recordings() []string {
	if t.Recording() == "" {
		return nil
	}
	s := t.seconds()
	return []string{t.recordingOf(s), t.recordingOf(s - 1), t.recordingOf(s + 1)}
}

func (t Track) seconds() int { return (t.Length + 500) / 1000 }

func (t Track) recordingOf(seconds int) string { return t.ISRC + " " + strconv.Itoa(seconds) }

// SameSong reports whether two places hold one song.
func SameSong(a, b Track) bool {
	return a.ID == b.ID || a.Recording() != "" && slices.Contains(a.recordings(), b.Recording())
}

// Add puts songs into the set.
func (s *Seen) Add(tracks ...Track) {
	if s.ids == nil {
		s.ids = make(map[[seenIDSize]byte]struct{}, len(tracks))
		s.recordings = make(map[[seenRecordingSize]byte]struct{}, len(tracks))
	}
	for _, t := range tracks {
		if t.ID != "" {
			s.ids[hashID(t.ID)] = struct{}{}
		}
		if key := t.Recording(); key != "" {
			s.recordings[hashRecording(key)] = struct{}{}
		}
	}
}

// Unknown returns the songs of one list that are not in the set, each id once.
// Two places of one list are two songs: a song whose recording is known
// because the song itself stands in the list, too, is another one.
func (s *Seen) Unknown(list []Track) []Track {
	explained := make(map[string]bool) // ISRCs that a known song of the list accounts for
	for _, t := range list {
		if t.ISRC != "" && s.HasID(t) {
			explained[t.ISRC] = true
		}
	}
	var taken Seen
	var fresh []Track
	for _, t := range list {
		if s.HasID(t) || taken.HasID(t) || s.HasRecording(t) && !explained[t.ISRC] {
			continue
		}
		taken.Add(t)
		fresh = append(fresh, t)
	}
	return fresh
}

// Len returns how many track ids the set holds.
func (s *Seen) Len() int { return len(s.ids) }

// Size counts what is stored of the set.
func (s *Seen) Size() int { return len(s.ids) + len(s.recordings) }

// Pack returns the set in the stored form: the ids and the recordings, each a
// concatenation of hashes in no particular order.
func (s *Seen) Pack() (ids, recordings []byte) {
	ids = make([]byte, 0, len(s.ids)*seenIDSize)
	for h := range s.ids {
		ids = append(ids, h[:]...)
	}
	recordings = make([]byte, 0, len(s.recordings)*seenRecordingSize)
	for h := range s.recordings {
		recordings = append(recordings, h[:]...)
	}
	return ids, recordings
}

// UnpackSeen is the inverse of Pack.
func UnpackSeen(ids, recordings []byte) (Seen, error) {
	if len(ids)%seenIDSize != 0 || len(recordings)%seenRecordingSize != 0 {
		return Seen{}, fmt.Errorf("seen set of %d and %d bytes: %w", len(ids), len(recordings), ErrMalformed)
	}
	s := Seen{
		ids:        make(map[[seenIDSize]byte]struct{}, len(ids)/seenIDSize),
		recordings: make(map[[seenRecordingSize]byte]struct{}, len(recordings)/seenRecordingSize),
	}
	for ; len(ids) > 0; ids = ids[seenIDSize:] {
		s.ids[[seenIDSize]byte(ids)] = struct{}{}
	}
	for ; len(recordings) > 0; recordings = recordings[seenRecordingSize:] {
		s.recordings[[seenRecordingSize]byte(recordings)] = struct{}{}
	}
	return s, nil
}

func hashID(id string) [seenIDSize]byte {
	sum := sha256.Sum256([]byte(id))
	return [seenIDSize]byte(sum[:])
}

func hashRecording(name string) [seenRecordingSize]byte {
	sum := sha256.Sum256([]byte(name))
	return [seenRecordingSize]byte(sum[:])
}
