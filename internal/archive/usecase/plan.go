package usecase

import (
	"slices"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// plan decides what to append of what was shown: everything that was never
// archived, and of what is wanted back everything that stands in no archive, each
// song once, in order. A song of an earlier batch is not counted again, and a batch
// that shows nothing else is none.
func plan(seen *archive.Seen, shown []archive.Batch, stands func(archive.Track) bool) []archive.Batch {
	var planned archive.Seen
	var batches []archive.Batch
	for _, b := range shown {
		var queue archive.Seen
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
		b.Entry.Queued = len(slices.DeleteFunc(slices.Clone(fresh), func(t archive.Track) bool { return !queue.HasID(t) }))
		b.Tracks = fresh
		batches = append(batches, appends(b)...)
	}
	return batches
}

// appends splits a batch into those of one append each. The first carries the
// counts of what was found; with the last, the batch no longer waits.
func appends(b archive.Batch) []archive.Batch {
	chunks := slices.Collect(slices.Chunk(b.Tracks, archive.MaxAppend))
	if len(chunks) == 0 {
		chunks = [][]archive.Track{nil}
	}
	batches := make([]archive.Batch, len(chunks))
	for n, chunk := range chunks {
		part := archive.Batch{ID: b.ID, Entry: archive.Entry{Key: b.Entry.Key}, ArchivePlaylist: b.ArchivePlaylist}
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
