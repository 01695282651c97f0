package fieldcases

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// pageCases: a library of more than one page, and totals that are not true.
func pageCases() []fieldCase {
	return slices.Concat(borderCases(), placeCases(), totalCases())
}

// borderCases: the archive is the first entry of the second page, and nobody
// remembers so.
func borderCases() []fieldCase {
	border := func(w *world) *person {
		p := w.joinAmongPlaylists(50)
		w.until(start.Add(week - time.Hour))
		p.forgetPlaces()
		return p
	}
	changing := func(change func(w *world)) func(w *world) {
		return func(w *world) {
			p := border(w)
			w.lie(lie{match: "GET /me/playlists", where: from(50), times: 1, tell: func(x *exchange) (*http.Response, error) {
				change(w)
				return x.pass()
			}})
			w.pass(3 * day)
			p.wantNotTold("gone")
			p.wantOnly(p.shown(2))
			p.wantArchives(1)
		}
	}
	return []fieldCase{
		{
			name:   "playlist_deleted_while_two_pages_are_read",
			report: []string{borderSlip},
			met:    "Somebody deletes a playlist between two pages, so that one entry is on neither.",
			right:  "No second archive; the week is saved at most late.",
			mode:   extended,
			run: changing(func(w *world) {
				w.must(w.spotify.Unfollow(demo, w.spotify.Playlists(demo)[3].ID))
			}),
		},
		{
			name:   "playlist_made_while_two_pages_are_read",
			report: []string{borderSlip},
			met:    "Somebody makes a playlist between two pages, so that one entry is on both.",
			right:  "The week is saved.",
			mode:   extended,
			run: changing(func(w *world) {
				_, err := w.spotify.CreatePlaylist(demo, "New")
				w.must(err)
			}),
		},
		{
			name:   "second_page_of_the_playlists_slips_for_two_days",
			report: []string{borderSlip, sixOfEleven},
			met:    "The second page begins with the last entry of the first, and its own first is nowhere.",
			right:  "No second archive; the week is saved at most late.",
			mode:   extended,
			run: func(w *world) {
				p := border(w)
				w.must(w.spotify.Fault(fakespotify.Fault{Kind: fakespotify.LieSlippedPage, Match: "GET /v1/me/playlists", Times: -1}))
				w.pass(2 * day)
				w.honest()
				w.pass(2 * day)
				p.wantNotTold("gone")
				p.wantOnly(p.shown(2))
				p.wantArchives(1)
			},
		},
		{
			name:   "second_page_of_the_playlists_fails_for_two_days",
			report: []string{oneEndpointDown, borderSlip},
			met:    "One page of a list fails, the others do not.",
			right:  "No second archive; the week is saved at most late.",
			mode:   extended,
			run: func(w *world) {
				p := border(w)
				w.lie(lie{match: "GET /me/playlists", where: from(50), tell: failing(500)})
				w.pass(2 * day)
				w.honest()
				w.pass(2 * day)
				p.wantOnly(p.shown(2))
				p.wantArchives(1)
			},
		},
		{
			name:   "second_page_of_the_playlists_is_empty_for_two_days",
			report: []string{emptyLibrary, borderSlip},
			met:    "One page of a list is empty, the others are not.",
			right:  "No second archive; the week is saved at most late.",
			mode:   extended,
			run: func(w *world) {
				p := border(w)
				w.lie(lie{match: "GET /me/playlists", where: from(50), tell: saying(empty(0))})
				w.pass(2 * day)
				w.honest()
				w.pass(2 * day)
				p.wantOnly(p.shown(2))
				p.wantArchives(1)
			},
		},
	}
}

// totalCases: what the list of playlists says of the archive's items.
func totalCases() []fieldCase {
	var rows []fieldCase
	for name, edit := range map[string]func(entry object){
		"total_of_0":        func(entry object) { retotal(entry, 0) },
		"total_of_7":        func(entry object) { retotal(entry, 7) },
		"total_of_5000":     func(entry object) { retotal(entry, 5000) },
		"total_of_null":     func(entry object) { retotal(entry, nil) },
		"no_total":          func(entry object) { delete(entry, "items"); delete(entry, "tracks") },
		"null_for_items":    func(entry object) { entry["items"], entry["tracks"] = nil, nil },
		"no_snapshot":       func(entry object) { entry["snapshot_id"] = nil },
		"a_new_snapshot":    func(entry object) { entry["snapshot_id"] = "another" },
		"no_description":    func(entry object) { entry["description"] = nil },
		"no_owner":          func(entry object) { entry["owner"] = nil },
		"an_unknown_format": func(entry object) { entry["type"], entry["collaborative"] = "mix", nil },
	} {
		rows = append(rows, fieldCase{
			name:   "list_names_" + name + "_for_every_playlist",
			report: []string{emptyLibrary, snapshotLags, nullPlaylists},
			met:    "The list of playlists shows a playlist with facts that are not those of the playlist itself.",
			right:  "Every week is saved, nothing is doubled, also what the person added by hand.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.lie(lie{match: "GET /me/playlists", tell: rewriting(func(_ *exchange, body object) {
					for _, entry := range list(body["items"]) {
						if o, ok := entry.(object); ok {
							edit(o)
						}
					}
				})})
				p.put(p.archive(), p.shows(start.Add(2 * week))[7])
				w.until(start.Add(2*week + 2*day))
				p.wantOnly(p.shown(3))
				p.wantArchives(1)
			},
		})
	}
	sortRows(rows)
	return append(rows, fieldCase{
		name:   "snapshot_id_changes_on_every_request",
		report: []string{"https://github.com/spotify/web-api/issues/858", snapshotLags},
		met:    "Snapshot ids are other ones on every request.",
		right:  "Every week is saved, and the archive is not read in full every week.",
		mode:   extended,
		run: func(w *world) {
			p := w.join(archive.ChoiceAuto)
			w.must(w.spotify.Fill(demo, p.archive(), 1500))
			w.pass(week)
			n := 0
			fresh := func(x *exchange, body object) {
				for _, entry := range append(list(body["items"]), body) {
					if o, ok := entry.(object); ok && o["snapshot_id"] != nil {
						n++
						o["snapshot_id"] = fmt.Sprint("snapshot ", n)
					}
				}
			}
			w.lie(lie{match: "GET /me/playlists", tell: rewriting(fresh)})
			w.lie(lie{match: "GET /playlists/*", tell: rewriting(fresh)})
			before := w.proxy.requests
			w.pass(4 * week)
			p.wantSaved(p.shown(5))
			w.wantRequests(before, 4*8+2*32)
		},
	})
}

func retotal(entry object, total any) {
	for _, name := range []string{"items", "tracks"} {
		if ref, ok := entry[name].(object); ok {
			ref["total"] = total
		}
	}
}
