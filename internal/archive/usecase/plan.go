package usecase

import (
	"slices"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// find is what a source shows of one edition: its songs in order, and how
// many items it had in all.
type find struct {
	edition  archive.Edition
	source   archive.SourceName
	tracks   []archive.Track
	found    int
	unusable int
	queued   int    // the last so many tracks came from the queue
	pending  string // the batch that is done with when these songs are
}

// batch is one append: at most MaxAppend songs for one playlist. A batch
// without songs only has an entry.
type batch struct {
	entry   archive.Entry
	tracks  []archive.Track
	pending []string
	waited  bool // the songs are in a pending batch
}

// plan decides what to append: everything found that was never archived, each
// song once, in order. A song of an earlier find is not counted again, and a
// find that shows nothing else is none.
func plan(seen *archive.Seen, finds []find) []batch {
	var planned archive.Seen
	var batches []batch
	for _, f := range finds {
		var queue archive.Seen
		queue.Add(f.tracks[len(f.tracks)-f.queued:]...)
		tracks := slices.DeleteFunc(slices.Clone(f.tracks), planned.Has)
		if len(tracks) == 0 && len(f.tracks) > 0 && f.unusable == 0 && f.pending == "" {
			continue
		}
		f.found -= len(f.tracks) - len(tracks)
		f.tracks = tracks
		fresh := seen.Unknown(tracks)
		planned.Add(fresh...)
		queued := len(slices.DeleteFunc(slices.Clone(fresh), func(t archive.Track) bool { return !queue.HasID(t) }))
		batches = append(batches, f.batches(fresh, queued)...)
	}
	return batches
}

// batches splits the new songs of a find. The first batch carries the counts
// of what was found, the last one settles the pending batch.
func (f find) batches(fresh []archive.Track, queued int) []batch {
	first := archive.Entry{
		Key:      archive.EntryKey{Edition: f.edition, Source: f.source},
		Found:    f.found,
		Already:  len(f.tracks) - len(fresh),
		Unusable: f.unusable,
		Queued:   queued,
	}
	batches := []batch{{entry: first}}
	for chunk := range slices.Chunk(fresh, archive.MaxAppend) {
		last := &batches[len(batches)-1]
		if len(last.tracks) > 0 {
			batches = append(batches, batch{entry: archive.Entry{Key: first.Key}})
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
