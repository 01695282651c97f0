package usecase

import (
	"slices"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// plan decides what to append of what was shown: everything that was never
// archived, and of what is wanted back everything that stands in no archive, each
// song once, in order. A song of an earlier batch is not counted again, and a batch
// that shows nothing else is none.
func plan(seen *ledger.Seen, shown []ledger.Batch, stands func(ledger.Track) bool) []ledger.Batch {
	var planned ledger.Seen
	var batches []ledger.Batch
	for _, b := range shown {
		var queue ledger.Seen
		queue.Add(b.Tracks[len(b.Tracks)-b.Entry.Queued:]...)
		tracks := slices.DeleteFunc(slices.Clone(b.Tracks), planned.Has)
		if len(tracks) == 0 && len(b.Tracks) > 0 && b.Entry.Unusable == 0 && b.ID == "" {
			continue
		}
		fresh := seen.Unknown(tracks)
		if b.TakesBack() {
			fresh = slices.DeleteFunc(slices.Clone(tracks), stands)
		}
		planned.Add(fresh...)
		b.Entry.Found -= len(b.Tracks) - len(tracks)
		b.Entry.Already = len(tracks) - len(fresh)
		b.Entry.Queued = len(slices.DeleteFunc(slices.Clone(fresh), func(t ledger.Track) bool { return !queue.HasID(t) }))
		b.Tracks = fresh
		batches = append(batches, appends(b)...)
	}
	return batches
}

// appends splits a batch into those of one append each. The first carries the
// counts of what was found; with the last, the batch no longer waits.
func appends(b ledger.Batch) []ledger.Batch {
	chunks := slices.Collect(slices.Chunk(b.Tracks, webapi.MaxAppend))
	if len(chunks) == 0 {
		chunks = [][]ledger.Track{nil}
	}
	batches := make([]ledger.Batch, len(chunks))
	for n, chunk := range chunks {
		part := ledger.Batch{ID: b.ID, Entry: ledger.Entry{Key: b.Entry.Key}, ArchivePlaylist: b.ArchivePlaylist}
		if n == 0 {
			part.Entry, part.Counted = b.Entry, b.Counted
		}
		part.Tracks, part.Entry.Added = chunk, len(chunk)
		batches[n] = part
	}
	if b.ID != "" {
		batches[len(batches)-1].Pending = []string{b.ID}
	}
	return batches
}
