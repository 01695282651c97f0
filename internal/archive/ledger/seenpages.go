package ledger

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
)

// A ledger keeps a Seen in pages: a set that grows by thirty songs a week is
// not written as a whole every week, and meets the limit of no store. A page
// stays as it was stored; songs are looked up in it where they are.

// seenPage is a page as it is stored.
type seenPage struct{ ids, recordings hashes }

// hashes are hashes of one size, one after the other, in order.
type hashes []byte

// start is the beginning of the hash at a place, as a number: it tells nearly all
// hashes apart, and numbers are compared faster than bytes.
func (h hashes) start(at int) uint64 { return binary.BigEndian.Uint64(h[at:]) }

func (h hashes) has(hash []byte) bool {
	size, wanted := len(hash), hashes(hash).start(0)
	low, high := 0, len(h)/size
	for low < high {
		middle := int(uint(low+high) / 2)
		if h.start(middle*size) < wanted {
			low = middle + 1
		} else {
			high = middle
		}
	}
	for at := low * size; at < len(h) && h.start(at) == wanted; at += size {
		if bytes.Equal(h[at:at+size], hash) {
			return true
		}
	}
	return false
}

// inOrder returns the hashes in order, each once: the same bytes if they are so
// already. Older programs stored them in any order.
func inOrder(stored []byte, size int) hashes {
	if hashes(stored).ordered(size) {
		return stored
	}
	parts := slices.SortedFunc(slices.Chunk(stored, size), bytes.Compare)
	return bytes.Join(slices.CompactFunc(parts, bytes.Equal), nil)
}

func (h hashes) ordered(size int) bool {
	before := uint64(0)
	for at := 0; at < len(h); at += size {
		here := h.start(at)
		if before > here || before == here && at > 0 && bytes.Compare(h[at-size:at], h[at:at+size]) >= 0 {
			return false
		}
		before = here
	}
	return true
}

// Pack returns the set in the stored form: the ids and the recordings, each a
// concatenation of hashes in order.
func (s *Seen) Pack() (ids, recordings []byte) {
	all := s.packed(s.pages)
	return all.ids, all.recordings
}

// packed is what some of the pages hold, with what was added since.
func (s *Seen) packed(pages []seenPage) seenPage {
	ids := make([]byte, 0, len(s.ids)*seenIDSize)
	for h := range s.ids {
		ids = append(ids, h[:]...)
	}
	recordings := make([]byte, 0, len(s.recordings)*seenRecordingSize)
	for h := range s.recordings {
		recordings = append(recordings, h[:]...)
	}
	all := seenPage{inOrder(ids, seenIDSize), inOrder(recordings, seenRecordingSize)}
	for _, p := range pages {
		all.ids = merged(all.ids, p.ids, seenIDSize)
		all.recordings = merged(all.recordings, p.recordings, seenRecordingSize)
	}
	return all
}

// merged is what both hold, none of which the other one holds.
func merged(a, b hashes, size int) hashes {
	all := make(hashes, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		next := &a
		if bytes.Compare(b[:size], a[:size]) < 0 {
			next = &b
		}
		all, *next = append(all, (*next)[:size]...), (*next)[size:]
	}
	return append(append(all, a...), b...)
}

// UnpackSeen is the inverse of Pack.
func UnpackSeen(ids, recordings []byte) (Seen, error) {
	if len(ids)%seenIDSize != 0 || len(recordings)%seenRecordingSize != 0 {
		return Seen{}, fmt.Errorf("seen set of %d and %d bytes: %w", len(ids), len(recordings), fault.ErrMalformed)
	}
	return Seen{pages: []seenPage{{inOrder(ids, seenIDSize), inOrder(recordings, seenRecordingSize)}}}, nil
}

// JoinSeen returns the set that is stored as these pages of UnpackSeen, all of
// which are full but the last. What is added later belongs to the last one.
func JoinSeen(pages ...Seen) Seen {
	all := Seen{known: true}
	for _, p := range pages {
		all.pages = append(all.pages, p.pages...)
	}
	return all
}

// OpenPages returns what has to be written to store the set: the pages after
// the full ones, at least one, each with at most size hashes of a kind. known
// reports that nothing but the full ones and the last one is stored, because
// the set comes from JoinSeen.
func (s *Seen) OpenPages(size int) (full int, open []Seen, known bool) {
	if s.known {
		full = max(len(s.pages)-1, 0)
	}
	rest := s.packed(s.pages[full:])
	for {
		var page seenPage
		page.ids, rest.ids = cut(rest.ids, size*seenIDSize)
		page.recordings, rest.recordings = cut(rest.recordings, size*seenRecordingSize)
		open = append(open, Seen{pages: []seenPage{page}})
		if len(rest.ids)+len(rest.recordings) == 0 {
			return full, open, s.known
		}
	}
}

func cut(all hashes, at int) (first, rest hashes) {
	at = min(at, len(all))
	return all[:at:at], all[at:]
}

// Merge puts the songs of another set into the set.
func (s *Seen) Merge(other Seen) {
	for _, p := range other.pages {
		for id := range slices.Chunk(p.ids, seenIDSize) {
			s.addID([seenIDSize]byte(id))
		}
		for recording := range slices.Chunk(p.recordings, seenRecordingSize) {
			s.addRecording([seenRecordingSize]byte(recording))
		}
	}
	for id := range other.ids {
		s.addID(id)
	}
	for recording := range other.recordings {
		s.addRecording(recording)
	}
}
