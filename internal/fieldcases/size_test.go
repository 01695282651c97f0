package fieldcases

import (
	"context"
	"fmt"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/spotifytest"
)

// maxDocument is what a document holds at most: 1 MiB
// (https://cloud.google.com/firestore/quotas).
const maxDocument = 1 << 20

// limitedStore refuses documents that are too large.
type limitedStore struct{ *archivetest.Store }

func (s limitedStore) Commit(ctx context.Context, u archive.User, c archive.Changes) (archive.User, error) {
	if c.Seen != nil {
		if ids, isrcs := c.Seen.Pack(); len(ids)+len(isrcs) > maxDocument {
			return archive.User{}, fmt.Errorf("writing %d bytes: the document is too large", len(ids)+len(isrcs))
		}
	}
	return s.Store.Commit(ctx, u, c)
}

// sizeCases: no archive is too large.
func sizeCases() []fieldCase {
	return []fieldCase{{
		name:   "archive_of_43680_songs",
		report: []string{"https://cloud.google.com/firestore/quotas", "https://github.com/spotify/web-api/issues/1179"},
		met:    "A document of Firestore holds 1 MiB, which the set of known songs reaches after 28 years of weeks.",
		right:  "The weeks go on.",
		open:   "all songs that a user ever had are one document",
		mode:   extended,
		run: func(w *world) {
			w.machine.archivist.Store = limitedStore{w.machine.store}
			p := w.join(archive.ChoiceAuto)
			seen, err := w.machine.store.Seen(w.t.Context(), p.id)
			w.must(err)
			for i := range 43_680 {
				id := spotifytest.TrackID("long ago", fmt.Sprint(i))
				seen.Add(archive.Track{ID: id, ISRC: fmt.Sprintf("XA0%09d", i), Length: 180_000})
			}
			_, err = w.machine.store.Commit(w.t.Context(), p.user(), archive.Changes{Seen: &seen})
			w.must(err)
			w.pass(2*week + time.Hour)
			p.wantOnly(p.shown(3))
		},
	}}
}
