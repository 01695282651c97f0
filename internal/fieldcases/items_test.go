package fieldcases

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

const (
	nullItems   = "https://github.com/spotify/web-api/issues/958"
	topOfList   = "https://github.com/spotify/web-api/issues/529"
	newIs404    = "https://github.com/second-string/lineup-list/issues/40"
	bothNames   = "https://github.com/joostlek/python-spotify/issues/774"
	noneOfNames = "https://github.com/mralexsaavedra/spotiarr/issues/1"
)

// stalled answers the list of a week that is over, with its dates.
func stalled(w *world, uris []string) func(x *exchange) (*http.Response, error) {
	return func(x *exchange) (*http.Response, error) {
		items := make([]any, len(uris))
		for i, uri := range uris {
			song := fakespotify.SongOf(uri)
			items[i] = object{"added_at": "2026-11-16T00:00:00Z", "is_local": false, "item": object{
				"id": song.ID, "type": "track", "uri": song.URI, "is_local": false, "external_ids": object{"isrc": song.ISRC},
			}}
		}
		return x.answer(http.StatusOK, object{"items": items, "total": len(items), "next": nil})
	}
}

// itemCases: playlists as they are.
func itemCases() []fieldCase {
	var rows []fieldCase
	for name, quirks := range map[string]fakespotify.Quirks{
		"null":        {Null: 3},
		"local_files": {Local: 3},
		"episodes":    {Episodes: 3},
		"everything":  {Null: 2, Local: 2, Episodes: 2},
	} {
		rows = append(rows, fieldCase{
			name:   "discover_weekly_with_" + name,
			report: []string{nullItems},
			met:    "Some places of a list hold nothing, a local file, or an episode.",
			right:  "The songs around them are saved.",
			mode:   extended,
			config: func(cfg *fakespotify.Config) { cfg.Quirks = quirks },
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.pass(2*week + time.Hour)
				p.wantOnly(p.shown(3))
			},
		})
	}
	sortRows(rows)
	return append(rows, moreItemCases()...)
}

func moreItemCases() []fieldCase {
	var rows []fieldCase
	for name, first := range map[string]func(x *exchange) (*http.Response, error){"answered": nil, "lost": losing, "dropped": dropping} {
		rows = append(rows, fieldCase{
			name:   "somebody_puts_songs_on_top_of_an_append_that_is_" + name,
			report: []string{topOfList, lostAppends},
			met:    "Another app puts songs at the top of the archive at the same time.",
			right:  "Every song is in the archive once.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				others := songs("on top", 3)
				w.until(start.Add(week - time.Hour))
				w.lie(lie{match: "POST /playlists/*/items", times: 1, tell: func(x *exchange) (*http.Response, error) {
					if first == nil {
						first = (*exchange).pass
					}
					resp, err := first(x)
					id := p.archive()
					p.put(id, others...)
					n := len(w.spotify.URIs(id))
					w.must(w.spotify.Reorder(demo, id, n-len(others), len(others), 0))
					return resp, err
				}})
				w.pass(week)
				p.wantOnly(slices.Concat(p.shown(2), others))
			},
		})
	}
	for name, tell := range map[string]func(x *exchange) (*http.Response, error){"answered": (*exchange).pass, "lost": losing} {
		rows = append(rows, fieldCase{
			name:   "append_lands_on_top_and_is_" + name,
			report: []string{topOfList, "https://github.com/vdesabou/alfred-spotify-mini-player/issues/338"},
			met:    "An append without a position puts the songs at the top of the playlist.",
			right:  "Every song is in the archive once.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.until(start.Add(week - time.Hour))
				w.lie(lie{match: "POST /playlists/*/items", times: 1, tell: func(x *exchange) (*http.Response, error) {
					id := p.archive()
					before := len(w.spotify.URIs(id))
					resp, err := tell(x)
					w.must(w.spotify.Reorder(demo, id, before, len(w.spotify.URIs(id))-before, 0))
					return resp, err
				}})
				w.until(start.Add(3*week + time.Hour))
				p.wantOnly(p.shown(4))
			},
		})
	}
	for _, generation := range []fakespotify.Generation{fakespotify.GenerationBoth, fakespotify.GenerationNew, fakespotify.GenerationOld} {
		rows = append(rows, fieldCase{
			name:   fmt.Sprintf("contents_are_named_in_the_%s_way", generation),
			report: []string{bothNames, "https://github.com/music-assistant/server/pull/3436"},
			met:    "The content of a playlist has new names, old names, or both.",
			right:  "All are read.",
			mode:   extended,
			config: func(cfg *fakespotify.Config) { cfg.Generation = generation },
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				p.put(p.archive(), songs("by hand", 1)...)
				w.pass(week + time.Hour)
				p.wantSaved(p.shown(2))
			},
		})
	}
	for _, access := range []fakespotify.DiscoverAccess{fakespotify.DiscoverNotFound, fakespotify.DiscoverForbidden, fakespotify.DiscoverMetadata} {
		rows = append(rows, fieldCase{
			name:   fmt.Sprintf("discover_weekly_is_%s", access),
			report: []string{noneOfNames, "https://github.com/Chimildic/goofy/issues/261", "https://github.com/fondberg/spotcast/pull/611"},
			met:    "An app made today gets 404, 403, or a playlist without items.",
			right:  "All mean that this app may not read it: the inbox is used.",
			mode:   development,
			config: func(cfg *fakespotify.Config) {
				cfg.DiscoverAccess, cfg.DiscoverListing = access, fakespotify.DiscoverListed
			},
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				p.copyDiscover()
				w.pass(2 * day)
				p.wantOnly(p.shown(1))
			},
		})
	}
	sortRows(rows)
	return append(rows, lostAnswerCases()...)
}

func lostAnswerCases() []fieldCase {
	var rows []fieldCase
	for _, route := range []string{"POST /playlists/*/items", "POST /me/playlists"} {
		for name, tell := range map[string]func(x *exchange) (*http.Response, error){
			"lost": losing, "dropped": dropping, "status_500": failing(500), "status_502": failing(502), "status_503": failing(503),
			"status_500_after_its_effect": func(x *exchange) (*http.Response, error) {
				if resp, err := x.pass(); err == nil {
					_ = resp.Body.Close()
				}
				return x.refuse(500, "Internal server error")
			},
			"no_json": func(x *exchange) (*http.Response, error) {
				if resp, err := x.pass(); err == nil {
					_ = resp.Body.Close()
				}
				return x.answer(http.StatusOK, "<!doctype html>")
			},
		} {
			what := "append"
			if route == "POST /me/playlists" {
				what = "making_the_archive"
			}
			rows = append(rows, fieldCase{
				name:   what + "_" + name,
				report: []string{lostAppends, topOfList},
				met:    "A write gets no clear answer.",
				right:  "Somebody looks before it is repeated: every song is in the one archive once.",
				mode:   extended,
				run: func(w *world) {
					w.lie(lie{match: route, times: 1, tell: tell})
					p := w.join(archive.ChoiceAuto)
					w.pass(week + time.Hour)
					p.wantOnly(p.shown(2))
					p.wantArchives(1)
				},
			})
		}
	}
	for _, times := range []int{1, 2, 20} {
		rows = append(rows, fieldCase{
			name:   fmt.Sprintf("new_archive_answers_404_%d_times", times),
			report: []string{newIs404, snapshotLags},
			met:    "A playlist that was just made answers 404 for a moment.",
			right:  "It is tried again: the week is saved, in one archive.",
			mode:   extended,
			run: func(w *world) {
				w.lie(lie{match: "POST /playlists/*/items", times: times, tell: failing(404)})
				w.lie(lie{match: "GET /playlists/*", times: times, tell: failing(404)})
				p := w.join(archive.ChoiceAuto)
				w.until(start.Add(week - time.Hour))
				p.wantArchives(1)
				if times < 3 {
					p.wantOnly(p.shown(1))
				}
				w.honest()
				w.pass(2 * day)
				p.wantOnly(p.shown(2))
			},
		})
	}
	sortRows(rows)
	return rows
}
