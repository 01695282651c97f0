package fieldcases

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// turnOfYear is the last Monday of 2026.
var turnOfYear = time.Date(2026, 12, 28, 13, 5, 0, 0, time.UTC)

// shapeCases: archives by the year, and a playlist for every week beside the
// archive.
func shapeCases() []fieldCase {
	var rows []fieldCase
	for _, shape := range []archive.Shape{archive.ShapeYearly, archive.ShapeEdition} {
		for name, lied := range map[string]lie{
			"an_append_lost":          {match: "POST /playlists/*/items", times: 1, tell: losing},
			"an_append_dropped":       {match: "POST /playlists/*/items", times: 1, tell: dropping},
			"the_second_append_lost":  {match: "POST /playlists/*/items", skip: 1, times: 1, tell: losing},
			"an_append_answered_404":  {match: "POST /playlists/*/items", times: 1, tell: failing(404)},
			"a_new_playlist_lost":     {match: "POST /me/playlists", times: 1, tell: losing},
			"an_empty_list":           {match: "GET /me/playlists", times: 1, tell: saying(empty(0))},
			"an_append_40s_late":      {match: "POST /playlists/*/items", times: 1, tell: delaying(40 * time.Second)},
			"a_new_playlist_40s_late": {match: "POST /me/playlists", times: 1, tell: delaying(40 * time.Second)},
			"items_that_fail_all_day": {match: "GET /playlists/*/items", tell: failing(500)},
			"items_refused_all_day":   {match: "GET /playlists/*/items", tell: failing(403)},
			"a_list_refused_all_day":  {match: "GET /me/playlists", tell: failing(403)},
			"a_failing_list_all_day":  {match: "GET /me/playlists", tell: failing(500)},
		} {
			if shape == archive.ShapeYearly && lied.skip > 0 {
				continue // there is one append a week
			}
			rows = append(rows, fieldCase{
				name:   fmt.Sprintf("archive_of_shape_%s_with_%s", shape, name),
				report: []string{lostAppends, emptyLibrary, snapshotLags},
				met:    "A write or a look goes wrong where songs go into more than one playlist.",
				right:  "Every song is in the archives once, and each week's playlist holds its week.",
				mode:   extended,
				config: func(cfg *fakespotify.Config) { at(cfg, turnOfYear) },
				run: func(w *world) {
					p := w.connect(demo, archive.ChoiceAuto)
					p.shape(shape)
					w.pass(6 * day)
					w.lie(lied)
					w.pass(26 * time.Hour)
					w.honest()
					w.pass(8 * day)
					want := slices.Concat(p.shows(turnOfYear), p.shows(turnOfYear.Add(week)), p.shows(turnOfYear.Add(2*week)))
					p.wantOnly(want)
					p.wantCopies()
				},
			})
		}
	}
	sortRows(rows)
	return rows
}

// wantCopies checks that a playlist of one week holds that week, once.
func (p *person) wantCopies() {
	for _, list := range p.archives() {
		edition, err := calendar.ParseEdition(strings.TrimPrefix(list.Name, "Weekly Archive "))
		if err != nil {
			continue
		}
		want := p.shows(edition.Monday().Add(13 * time.Hour))
		if got := p.w.spotify.URIs(list.ID); !slices.Equal(got, want) {
			p.w.errorf("got %d songs in %q, want the %d of its week", len(got), list.Name, len(want))
		}
	}
}
