package ledger

import (
	"crypto/sha256"
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
	pages []seenPage // as they were stored; never changed
	known bool       // they are all that is stored, and all but the last are full

	// What was added since, and is in no page. Recordings of the first program
	// are of the ISRC alone.
	ids        map[[seenIDSize]byte]struct{}
	recordings map[[seenRecordingSize]byte]struct{}
}

// Has reports whether the song, under this id or another one of the same
// recording, was archived. Spotify may give one recording several ids (track
// relinking).
func (s *Seen) Has(t Track) bool { return s.HasID(t) || s.HasRecording(t) }

// HasID reports whether the song was archived under this id.
func (s *Seen) HasID(t Track) bool { return s.knowsID(hashID(t.ID)) }

func (s *Seen) knowsID(id [seenIDSize]byte) bool {
	if _, ok := s.ids[id]; ok {
		return true
	}
	return slices.ContainsFunc(s.pages, func(p seenPage) bool { return p.ids.has(id[:]) })
}

func (s *Seen) knowsRecording(recording [seenRecordingSize]byte) bool {
	if _, ok := s.recordings[recording]; ok {
		return true
	}
	return slices.ContainsFunc(s.pages, func(p seenPage) bool { return p.recordings.has(recording[:]) })
}

// HasRecording asks by ISRC and length. Labels give one ISRC to several
// recordings (https://github.com/spotify/web-api/issues/2), so an ISRC alone
// says nothing, but for songs of which the first program kept no more.
func (s *Seen) HasRecording(t Track) bool {
	named := func(name string) bool { return s.knowsRecording(hashRecording(name)) }
	return t.ISRC != "" && s.Size() > 0 && (named(t.ISRC) || slices.ContainsFunc(t.recordings(), named))
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
	for _, t := range tracks {
		if t.ID != "" {
			s.addID(hashID(t.ID))
		}
		if key := t.Recording(); key != "" {
			s.addRecording(hashRecording(key))
		}
	}
}

func (s *Seen) addID(id [seenIDSize]byte) {
	if s.knowsID(id) {
		return
	}
	if s.ids == nil {
		s.ids = make(map[[seenIDSize]byte]struct{})
	}
	s.ids[id] = struct{}{}
}

func (s *Seen) addRecording(recording [seenRecordingSize]byte) {
	if s.knowsRecording(recording) {
		return
	}
	if s.recordings == nil {
		s.recordings = make(map[[seenRecordingSize]byte]struct{})
	}
	s.recordings[recording] = struct{}{}
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
func (s *Seen) Len() int {
	n := len(s.ids)
	for _, p := range s.pages {
		n += len(p.ids) / seenIDSize
	}
	return n
}

// Size counts what is stored of the set.
func (s *Seen) Size() int {
	n := s.Len() + len(s.recordings)
	for _, p := range s.pages {
		n += len(p.recordings) / seenRecordingSize
	}
	return n
}

func hashID(id string) [seenIDSize]byte {
	sum := sha256.Sum256([]byte(id))
	return [seenIDSize]byte(sum[:])
}

func hashRecording(name string) [seenRecordingSize]byte {
	sum := sha256.Sum256([]byte(name))
	return [seenRecordingSize]byte(sum[:])
}
