package fieldcases

import (
	"fmt"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// limitedAloneCases: Spotify asks to wait at one source, for weeks, while
// everything else works. It groups routes, and does not say how.
func limitedAloneCases() []fieldCase {
	var rows []fieldCase
	add := func(s source, mode fakespotify.Mode, join func(w *world) *person, live func(p *person, failing string) []string) {
		for _, after := range []string{"30", "3600", "86400"} {
			rows = append(rows, fieldCase{
				name:   fmt.Sprintf("three_weeks_of_429_after_%s_for_%s_%s", after, s.name, mode),
				report: []string{"https://github.com/spotDL/spotify-downloader/issues/2585", longPauses},
				met:    "Some routes answer 429 for days while GET /me and others answer well.",
				right:  "What is asked for is waited for, and between the waits the other sources are saved.",
				mode:   mode,
				run: func(w *world) {
					p := join(w)
					s.lies(p, pausing(after))
					p.wantSaved(live(p, s.name))
					p.wantArchives(1)
				},
			})
		}
	}
	readable := func(w *world) *person { return w.joinWithInbox() }
	today := func(w *world) *person {
		w.listens = true
		return w.join(archive.ChoiceAuto)
	}
	add(source{"the_inbox", playlist, (*person).inbox}, extended, readable, (*person).threeWeeks)
	add(source{"discover_weekly", playlist, (*person).discoverID}, extended, readable, (*person).threeWeeks)
	add(source{"the_inbox", playlist, (*person).inbox}, development, today, (*person).threeWeeksToday)
	add(source{"recently_played", []string{"GET /me/player/recently-played"}, nil}, development, today, (*person).threeWeeksToday)
	add(source{"the_queue", []string{"GET /me/player/queue"}, nil}, development, today, (*person).threeWeeksToday)
	sortRows(rows)
	return rows
}
