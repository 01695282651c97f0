package archive

import "maps"

// A ledger keeps a Seen in pages: a set that grows by thirty songs a week is
// not written as a whole every week, and meets the limit of no store.

// seenPages is what a set remembers of where it was read from.
type seenPages struct {
	closed *Seen // what the full pages hold, which are not written again
	full   int   // how many of them there are
	known  bool  // the full pages and the last one are all that is stored
}

// JoinSeen returns the set that is stored as a number of full pages, which hold
// closed, and a last page. What is added later belongs to the last page.
// Neither closed nor last may be changed any more.
func JoinSeen(closed Seen, full int, last Seen) Seen {
	var all Seen
	all.Merge(closed)
	all.Merge(last)
	all.pages = seenPages{closed: &closed, full: full, known: true}
	return all
}

// OpenPages returns what has to be written to store the set: the pages after
// the full ones, at least one, each with at most size hashes of a kind. known
// reports that nothing but the full ones and the last one is stored, because
// the set comes from JoinSeen.
func (s *Seen) OpenPages(size int) (full int, open []Seen, known bool) {
	var rest Seen
	rest.Merge(*s)
	if s.pages.closed != nil {
		rest.remove(*s.pages.closed)
	}
	for {
		page := rest.take(size)
		open = append(open, page)
		if rest.Size() == 0 {
			return s.pages.full, open, s.pages.known
		}
	}
}

// Merge puts the songs of another set into the set.
func (s *Seen) Merge(other Seen) {
	mergeHashes(&s.ids, other.ids)
	mergeHashes(&s.recordings, other.recordings)
}

func (s *Seen) remove(other Seen) {
	removeHashes(s.ids, other.ids)
	removeHashes(s.recordings, other.recordings)
}

// take moves at most size hashes of each kind into another set.
func (s *Seen) take(size int) Seen {
	return Seen{ids: takeHashes(s.ids, size), recordings: takeHashes(s.recordings, size)}
}

func mergeHashes[H comparable](into *map[H]struct{}, from map[H]struct{}) {
	if *into == nil {
		*into = make(map[H]struct{}, len(from))
	}
	maps.Copy(*into, from)
}

func removeHashes[H comparable](from, what map[H]struct{}) {
	for h := range what {
		delete(from, h)
	}
}

func takeHashes[H comparable](from map[H]struct{}, size int) map[H]struct{} {
	taken := make(map[H]struct{}, min(size, len(from)))
	for h := range from {
		if len(taken) == size {
			break
		}
		taken[h] = struct{}{}
		delete(from, h)
	}
	return taken
}
