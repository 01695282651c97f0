package fieldcases

import (
	"fmt"
	"net/http"
	"slices"
)

// longLieCases: what pages say of themselves is not true, on every page and for
// weeks, while the entries are.
func longLieCases() []fieldCase {
	var rows []fieldCase
	for name, edit := range map[string]func(x *exchange, body object){
		"names_no_total":               func(_ *exchange, body object) { delete(body, "total") },
		"has_a_total_of_null":          func(_ *exchange, body object) { body["total"] = nil },
		"has_a_total_of_0":             func(_ *exchange, body object) { body["total"] = 0 },
		"has_a_total_of_less_1":        func(_ *exchange, body object) { body["total"] = -1 },
		"has_a_total_of_two_to_the_31": func(_ *exchange, body object) { body["total"] = 1 << 31 },
		"counts_one_too_few":           func(_ *exchange, body object) { body["total"] = len(list(body["items"])) - 1 },
		"counts_one_too_many":          func(_ *exchange, body object) { body["total"] = len(list(body["items"])) + 1 },
		"writes_its_total_as_a_text":   func(_ *exchange, body object) { body["total"] = fmt.Sprint(body["total"], ".0") },
		"echoes_another_offset":        func(_ *exchange, body object) { body["offset"] = 7 },
		"has_a_next_elsewhere":         func(_ *exchange, body object) { body["next"] = "http://elsewhere.test/v1/me?offset=50&limit=50" },
		"is_its_own_next":              func(x *exchange, body object) { body["next"] = x.req.URL.String() },
		"is_in_reverse_order":          func(_ *exchange, body object) { slices.Reverse(list(body["items"])) },
		"shows_every_entry_twice":      func(_ *exchange, body object) { body["items"] = append(list(body["items"]), list(body["items"])...) },
		"begins_with_null":             func(_ *exchange, body object) { body["items"] = append([]any{nil}, list(body["items"])...) },
	} {
		for what, matches := range map[string][]string{
			"of_items": {"GET /playlists/*/items", "GET /playlists/*/tracks"}, "of_playlists": {"GET /me/playlists"},
		} {
			for mode := range lives {
				rows = append(rows, fieldCase{
					name:   fmt.Sprintf("every_page_%s_%s_%s", what, name, mode),
					report: []string{pastTheEnd, emptyLibrary, sixOfEleven},
					met:    "What a page says of itself and of the list is not true, on every page.",
					right:  "Entries that are shown are there: every week is saved.",
					mode:   mode,
					run: func(w *world) {
						ordinaryWeeks(w, mode, func() {
							for _, match := range matches {
								w.lie(lie{match: match, tell: rewriting(edit)})
							}
						})
					},
				})
			}
		}
		rows = append(rows, fieldCase{
			name:   fmt.Sprintf("discover_weekly_%s_whichever_way", name),
			report: []string{pastTheEnd, itemsForOldApps},
			met:    "What the one page of a list says of itself is not true, and there is no other way to read it.",
			right:  "Songs that are shown are there: every week is saved.",
			mode:   extended,
			run: func(w *world) {
				p := w.joinWithInbox()
				w.lie(lie{match: "GET /playlists/*/items", where: of(p.discoverID), tell: rewriting(edit)})
				for _, match := range []string{"GET /playlists/*/tracks", "GET /playlists/*"} {
					w.lie(lie{match: match, where: of(p.discoverID), tell: failing(http.StatusForbidden)})
				}
				p.wantSaved(p.threeWeeks(""))
			},
		})
	}
	sortRows(rows)
	return append(rows, silentListCases()...)
}

// silentListCases: the list of playlists shows nothing for weeks, and nothing else says
// whether a playlist is in it: the route for that is refused.
func silentListCases() []fieldCase {
	var rows []fieldCase
	for name, tell := range map[string]func(x *exchange) (*http.Response, error){
		"empty":      saying(empty(0)),
		"empty_of_7": saying(empty(7)),
		"of_nothing_but_null": rewriting(func(_ *exchange, body object) {
			for i := range list(body["items"]) {
				list(body["items"])[i] = nil
			}
		}),
	} {
		for mode := range lives {
			rows = append(rows, fieldCase{
				name:   fmt.Sprintf("three_weeks_of_lists_%s_and_one_append_in_doubt_%s", name, mode),
				report: []string{emptyLibrary, nullPlaylists},
				met:    "For weeks the list of playlists shows none, after the answer to an append was lost.",
				right: "What is read waits, and the person reads why. No second archive or inbox is made, and nothing is told to be gone; " +
					"when it is over, every song is saved once.",
				mode: mode,
				run: func(w *world) {
					p := w.joinWithInbox()
					w.pass(2 * day)
					pasted := songs("pasted", 3)
					w.lie(lie{match: "POST /playlists/*/items", times: 1, tell: losing})
					w.lie(lie{match: "GET /me/library/contains", tell: failing(http.StatusForbidden)})
					w.lie(lie{match: "GET /me/playlists", tell: tell})
					p.paste(pasted...)
					before := w.proxy.requests
					for range 3 {
						w.pass(week)
						p.wantTold("does not show in your library")
					}
					w.wantRequests(before, 3*7*20)
					w.honest()
					w.pass(2 * day)
					want := pasted
					if mode == extended {
						want = slices.Concat(pasted, p.shown(4))
					}
					p.wantOnly(want)
					if got := len(p.playlists()); got != 2 {
						w.errorf("got %d playlists of ours, want an archive and an inbox", got)
					}
				},
			})
		}
	}
	sortRows(rows)
	return rows
}
