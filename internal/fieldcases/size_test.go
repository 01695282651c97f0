package fieldcases

import (
	"fmt"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// sizeCases: no archive is too large.
func sizeCases() []fieldCase {
	return []fieldCase{{
		name:   "archive_of_43680_songs",
		report: []string{"https://cloud.google.com/firestore/quotas", "https://github.com/spotify/web-api/issues/1179"},
		met:    "A document of Firestore holds 1 MiB, which the set of known songs reaches after 28 years of weeks.",
		right:  "The weeks go on: the set grows in pages, and the store in memory refuses a document that is too large.",
		mode:   extended,
		run: func(w *world) {
			p := w.join(archive.ChoiceAuto)
			seen, err := w.machine.store.Seen(w.t.Context(), p.id)
			w.must(err)
			for i := range 43_680 {
				id := fakespotify.TrackID("long ago", fmt.Sprint(i))
				seen.Add(ledger.Track{ID: id, ISRC: fmt.Sprintf("XA0%09d", i), Length: 180_000})
			}
			_, err = w.machine.store.Commit(w.t.Context(), p.user(), archive.Changes{Seen: &seen})
			w.must(err)
			w.pass(2*week + time.Hour)
			p.wantOnly(p.shown(3))
		},
	}}
}
