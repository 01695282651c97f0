package archive

import (
	"slices"
	"strconv"
)

// find is what a source shows of one edition: its songs in order, and how
// many items it had in all.
type find struct {
	edition  Edition
	source   SourceName
	tracks   []Track
	found    int
	unusable int
	queued   int    // the last so many tracks came from the queue
	pending  string // the batch that is done with when these songs are
}

// batch is one append: at most MaxAppend songs for one playlist. A batch
// without songs only has an entry.
type batch struct {
	entry   Entry
	tracks  []Track
	pending []string
	waited  bool // the songs are in a pending batch
}

// plan decides what to append: everything found that was never archived, each
// song once, in order. A song of an earlier find is not counted again, and a
// find that shows nothing else is none.
func plan(seen *Seen, finds []find) []batch {
	var planned Seen
	var batches []batch
	for _, f := range finds {
		var queue Seen
		queue.Add(f.tracks[len(f.tracks)-f.queued:]...)
		tracks := slices.DeleteFunc(slices.Clone(f.tracks), planned.Has)
		if len(tracks) == 0 && len(f.tracks) > 0 && f.unusable == 0 && f.pending == "" {
			continue
		}
		f.found -= len(f.tracks) - len(tracks)
		f.tracks = tracks
		fresh := seen.unknown(tracks)
		planned.Add(fresh...)
		queued := len(slices.DeleteFunc(slices.Clone(fresh), func(t Track) bool { return !queue.hasID(t) }))
		batches = append(batches, f.batches(fresh, queued)...)
	}
	return batches
}

// batches splits the new songs of a find. The first batch carries the counts
// of what was found, the last one settles the pending batch.
func (f find) batches(fresh []Track, queued int) []batch {
	first := Entry{
		Key:      EntryKey{Edition: f.edition, Source: f.source},
		Found:    f.found,
		Already:  len(f.tracks) - len(fresh),
		Unusable: f.unusable,
		Queued:   queued,
	}
	batches := []batch{{entry: first}}
	for chunk := range slices.Chunk(fresh, MaxAppend) {
		last := &batches[len(batches)-1]
		if len(last.tracks) > 0 {
			batches = append(batches, batch{entry: Entry{Key: first.Key}})
			last = &batches[len(batches)-1]
		}
		last.tracks = chunk
		last.entry.Added = len(chunk)
	}
	if f.pending != "" {
		batches[len(batches)-1].pending = []string{f.pending}
		for i := range batches {
			batches[i].waited = true
		}
	}
	return batches
}

// shelfKey says into which archive the songs of an edition go.
func (s Shape) shelfKey(e Edition) string {
	if s == ShapeYearly && !e.Monday().IsZero() {
		return strconv.Itoa(e.Monday().Year())
	}
	return ShelfMain
}

// batchesKept bounds User.Batches: older editions no longer get batches.
const batchesKept = 40

// batches names the batches of the entry's edition and source.
func (k EntryKey) batches() string { return string(k.Edition) + "-" + string(k.Source) }

// number gives the next free batch of the entry's edition and source, and
// notes it.
func (u *User) number(key EntryKey) EntryKey {
	if u.Batches == nil {
		u.Batches = make(map[string]int)
	}
	name := key.batches()
	u.Batches[name]++
	key.Batch = u.Batches[name]
	for len(u.Batches) > batchesKept {
		oldest := name
		for other := range u.Batches {
			oldest = min(oldest, other)
		}
		if oldest == name {
			break
		}
		delete(u.Batches, oldest)
	}
	return key
}
