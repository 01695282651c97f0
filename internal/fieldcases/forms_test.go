package fieldcases

import (
	"slices"
	"strings"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// formCases: what is right, in a form that nobody has met yet.
func formCases() []fieldCase {
	return slices.Concat(contextFormCases(), playFormCases(), songFormCases(), entryFormCases())
}

func contextFormCases() []fieldCase {
	const site, api = "https://open.spotify.com/", "https://api.spotify.com/v1/"
	linked := func(link string) object { return object{"external_urls": object{"spotify": link}} }
	var rows []fieldCase
	for name, edit := range map[string]func(id string) any{
		"share_link":         func(id string) any { return linked(site + "playlist/" + id + "?si=abc") },
		"link_of_a_language": func(id string) any { return linked(site + "intl-de/playlist/" + id) },
		"link_of_a_user":     func(id string) any { return linked(site + "user/spotify/playlist/" + id) },
		"link_as_the_uri":    func(id string) any { return object{"uri": site + "playlist/" + id + "?si=1"} },
		"uri_with_a_query":   func(id string) any { return object{"uri": "spotify:playlist:" + id + "?si=1"} },
		"uri_among_spaces":   func(id string) any { return object{"uri": " spotify:playlist:" + id + " "} },
		"bare_uri":           func(id string) any { return "spotify:playlist:" + id },
		"href_with_a_slash":  func(id string) any { return object{"uri": "", "href": api + "playlists/" + id + "/"} },
		"href_of_the_items":  func(id string) any { return object{"href": api + "playlists/" + id + "/items?offset=0"} },
		"href_of_a_user":     func(id string) any { return object{"href": api + "users/spotify/playlists/" + id} },
	} {
		rows = append(rows, fieldCase{
			name:   "context_is_a_" + name,
			report: []string{contextUserForm, contextForms},
			met:    "What a song was played from is named in one more form.",
			right:  "Every form is read: the plays are saved.",
			mode:   development,
			run: func(w *world) {
				p := w.listening()
				w.rewritingPlays(func(object) any { return edit(p.discoverID()) })
				w.must(w.spotify.PlayDiscover(demo, 5))
				w.pass(2 * day)
				p.wantOnly(p.shown(1)[:5])
			},
		})
	}
	sortRows(rows)
	return rows
}

func playFormCases() []fieldCase {
	at := func(when any) func(play object) { return func(play object) { play["played_at"] = when } }
	var rows []fieldCase
	for name, edit := range map[string]func(play object){
		"at_one_time":          at("2026-11-16T13:10:00Z"),
		"at_no_time":           at(nil),
		"at_a_number":          at(1_763_251_200_000),
		"at_a_time_of_no_zone": at("2026-11-16T13:10:00"),
		"at_a_leap_second":     at("2026-11-16T13:09:60Z"),
		"in_the_year_1":        at("0001-01-01T00:00:00Z"),
		"in_the_year_9999":     at("9999-12-31T23:59:59Z"),
		"next_year":            at("2027-11-16T13:10:00Z"),
		"at_another_offset":    at("2026-11-17T03:10:00+14:00"),
		"of_items":             func(play object) { play["item"] = play["track"]; delete(play, "track") },
	} {
		for often, most := range map[string]int{"the_newest": 1, "all": 50} {
			rows = append(rows, fieldCase{
				name:   "plays_" + name + "_" + often,
				report: []string{latePlays, dates1970},
				met:    "Plays tell their time, or their song, in an odd way.",
				right:  "They are saved, and so are later plays.",
				mode:   development,
				run: func(w *world) {
					p := w.listening()
					w.lie(lie{match: "GET /me/player/recently-played", tell: rewriting(func(_ *exchange, body object) {
						for i, entry := range list(body["items"]) {
							if play, ok := entry.(object); ok && i < most {
								edit(play)
							}
						}
					})})
					w.must(w.spotify.PlayDiscover(demo, 5))
					w.pass(2 * day)
					p.wantOnly(p.shown(1)[:5])
					w.honest()
					w.until(start.Add(week))
					w.must(w.spotify.PlayDiscover(demo, 5))
					w.pass(2 * day)
					p.wantOnly(slices.Concat(p.shown(1)[:5], p.shows(start.Add(week))[:5]))
				},
			})
		}
	}
	sortRows(rows)
	return rows
}

func songFormCases() []fieldCase {
	coded := func(isrc string, length func(i int) int) func(i int, track object) {
		return func(i int, track object) {
			track["external_ids"], track["duration_ms"] = object{"isrc": isrc}, length(i)
		}
	}
	var rows []fieldCase
	for name, change := range map[string]func(i int, track object){
		"of_isrc_0":                  coded("0", func(int) int { return 180_000 }),
		"of_isrc_unknown":            coded("UNKNOWN", func(int) int { return 180_000 }),
		"of_a_blank_isrc":            coded("   ", func(int) int { return 180_000 }),
		"of_one_isrc_a_second_apart": coded("USRC17607839", func(i int) int { return 180_000 + 1_000*i }),
		"of_one_isrc_a_minute_apart": coded("USRC17607839", func(i int) int { return 180_000 + 60_000*i }),
		"of_no_length":               func(_ int, track object) { track["duration_ms"] = 0 },
		"that_are_not_playable": func(_ int, track object) {
			track["is_playable"], track["restrictions"] = false, object{"reason": "market"}
		},
		"that_are_linked":    func(_ int, track object) { track["linked_from"] = object{"id": "x", "uri": "spotify:track:x"} },
		"of_no_id_but_a_uri": func(_ int, track object) { track["id"] = nil },
		"of_an_id_that_is_not_that_of_the_uri": func(i int, track object) {
			track["id"] = fakespotify.TrackID("another", string(rune('a'+i)))
		},
		"of_no_uri_but_an_id": func(_ int, track object) { track["uri"] = nil },
	} {
		rows = append(rows, fieldCase{
			name:   "songs_" + name,
			report: []string{oneISRC, isrcReported, relinkedSongs},
			met:    "Songs of Discover Weekly tell of themselves in an odd way.",
			right:  "They are songs: all four weeks are saved.",
			mode:   extended,
			run: func(w *world) {
				w.lie(lie{match: "GET /playlists/*/items", where: of(fixed(w.spotify.DiscoverID(demo))),
					tell: rewritingItems(func(i int, entry object) {
						for _, track := range tracksOf(entry) {
							change(i, track)
						}
					})})
				ordinaryWeeks(w, extended, func() {})
			},
		})
	}
	sortRows(rows)
	return rows
}

// entryFormCases: what the list says of playlists, for weeks.
func entryFormCases() []fieldCase {
	words := func(old ...string) func(entry object) {
		return func(entry object) {
			text, _ := entry["description"].(string)
			entry["description"] = strings.NewReplacer(old...).Replace(text)
		}
	}
	var rows []fieldCase
	for name, edit := range map[string]func(entry object){
		"without_an_owner":            func(entry object) { entry["owner"] = nil },
		"with_an_owner_of_no_id":      func(entry object) { entry["owner"] = object{"id": "", "display_name": "Spotify"} },
		"without_a_name":              func(entry object) { entry["name"] = nil },
		"that_are_collaborative":      func(entry object) { entry["collaborative"] = true },
		"with_an_escaped_description": words("(", "&#40;", ")", "&#x29;"),
		"with_a_description_of_nbsp":  words(" ", "\u00a0"),
		"with_half_a_description": func(entry object) {
			text, _ := entry["description"].(string)
			entry["description"] = text[:len(text)/2]
		},
		"with_one_snapshot_id_for_ever": func(entry object) { entry["snapshot_id"] = "same" },
		"with_empty_snapshot_ids":       func(entry object) { entry["snapshot_id"] = "" },
	} {
		for mode := range lives {
			rows = append(rows, fieldCase{
				name:   "list_of_playlists_" + name + "_" + string(mode),
				report: []string{nullPlaylists, snapshotLags, ownWords},
				met:    "The list of playlists tells less of them than they are, for weeks.",
				right:  "Known playlists are known by their ids: every week is saved.",
				mode:   mode,
				run: func(w *world) {
					ordinaryWeeks(w, mode, func() {
						w.lie(lie{match: "GET /me/playlists", tell: rewriting(func(_ *exchange, body object) {
							for _, entry := range list(body["items"]) {
								if o, ok := entry.(object); ok {
									edit(o)
								}
							}
						})})
					})
				},
			})
		}
	}
	sortRows(rows)
	return rows
}
