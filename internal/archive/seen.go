package archive

import (
	"crypto/sha256"
	"fmt"
)

const (
	seenIDSize   = 16
	seenISRCSize = 8
)

// Seen is the set of songs that were ever archived for a user, so that none is
// added twice, and none that the user removed comes back. It holds hashes:
// 16 bytes per track id and 8 per ISRC. The zero Seen is empty and usable.
type Seen struct {
	ids   map[[seenIDSize]byte]struct{}
	isrcs map[[seenISRCSize]byte]struct{}

	pages seenPages
}

// Has reports whether the song, under this id or any other with its ISRC, was
// archived. Spotify may give one recording several ids (track relinking).
func (s *Seen) Has(t Track) bool {
	if _, ok := s.ids[hashID(t.ID)]; ok {
		return true
	}
	if t.ISRC == "" {
		return false
	}
	_, ok := s.isrcs[hashISRC(t.ISRC)]
	return ok
}

// Add puts songs into the set.
func (s *Seen) Add(tracks ...Track) {
	if s.ids == nil {
		s.ids = make(map[[seenIDSize]byte]struct{}, len(tracks))
		s.isrcs = make(map[[seenISRCSize]byte]struct{}, len(tracks))
	}
	for _, t := range tracks {
		if t.ID != "" {
			s.ids[hashID(t.ID)] = struct{}{}
		}
		if t.ISRC != "" {
			s.isrcs[hashISRC(t.ISRC)] = struct{}{}
		}
	}
}

// Len returns how many track ids the set holds.
func (s *Seen) Len() int { return len(s.ids) }

// Pack returns the set in the stored form: the ids and the ISRCs, each a
// concatenation of hashes in no particular order.
func (s *Seen) Pack() (ids, isrcs []byte) {
	ids = make([]byte, 0, len(s.ids)*seenIDSize)
	for h := range s.ids {
		ids = append(ids, h[:]...)
	}
	isrcs = make([]byte, 0, len(s.isrcs)*seenISRCSize)
	for h := range s.isrcs {
		isrcs = append(isrcs, h[:]...)
	}
	return ids, isrcs
}

// UnpackSeen is the inverse of Pack.
func UnpackSeen(ids, isrcs []byte) (Seen, error) {
	if len(ids)%seenIDSize != 0 || len(isrcs)%seenISRCSize != 0 {
		return Seen{}, fmt.Errorf("seen set of %d and %d bytes: %w", len(ids), len(isrcs), ErrMalformed)
	}
	s := Seen{
		ids:   make(map[[seenIDSize]byte]struct{}, len(ids)/seenIDSize),
		isrcs: make(map[[seenISRCSize]byte]struct{}, len(isrcs)/seenISRCSize),
	}
	for ; len(ids) > 0; ids = ids[seenIDSize:] {
		s.ids[[seenIDSize]byte(ids)] = struct{}{}
	}
	for ; len(isrcs) > 0; isrcs = isrcs[seenISRCSize:] {
		s.isrcs[[seenISRCSize]byte(isrcs)] = struct{}{}
	}
	return s, nil
}

func hashID(id string) [seenIDSize]byte {
	sum := sha256.Sum256([]byte(id))
	return [seenIDSize]byte(sum[:])
}

func hashISRC(isrc string) [seenISRCSize]byte {
	sum := sha256.Sum256([]byte(isrc))
	return [seenISRCSize]byte(sum[:])
}
