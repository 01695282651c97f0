package fieldcases

import (
	"fmt"
	"net/http"
	"time"
)

// longInboxCases: an inbox of years is read from its end, and whatever somebody does
// with its songs, each that was there when we looked is archived once.
func longInboxCases() []fieldCase {
	const old = 400
	grown := func(w *world) (p *person, before []string) { return w.joinWithLongInbox(old) }
	var rows []fieldCase
	for name, change := range map[string]struct {
		do   func(w *world, p *person)
		most int // requests of the week that follows
	}{
		"are_copied": {func(w *world, p *person) {}, 3},
		"are_dragged_to_the_top": {func(w *world, p *person) {
			w.must(w.spotify.Reorder(demo, p.inbox(), old, 30, 0))
		}, 3 + old/50 + 1},
		"are_dragged_into_the_middle": {func(w *world, p *person) {
			w.must(w.spotify.Reorder(demo, p.inbox(), old, 30, old/2))
		}, 3 + old/50},
		"come_after_as_many_were_taken_out": {func(w *world, p *person) {
			for range 30 {
				w.must(w.spotify.RemoveItem(demo, p.inbox(), 5))
			}
		}, 8},
		"come_after_more_were_taken_out": {func(w *world, p *person) {
			for range 300 {
				w.must(w.spotify.RemoveItem(demo, p.inbox(), 5))
			}
		}, 8},
		"come_into_an_inbox_that_was_emptied": {func(w *world, p *person) {
			for range old {
				w.must(w.spotify.RemoveItem(demo, p.inbox(), 0))
			}
		}, 8},
		"come_twice": {func(w *world, p *person) { p.copyDiscover() }, 8},
	} {
		rows = append(rows, fieldCase{
			name:   "songs_" + name + "_in_an_inbox_of_years",
			report: []string{topOfList},
			met:    "Somebody copies into a long inbox, and moves or removes songs of it.",
			right:  "All songs are saved at the next look, once, and only as much is read as that takes.",
			mode:   development,
			run: func(w *world) {
				p, before := grown(w)
				monday := p.shows(w.now())
				p.copyDiscover()
				change.do(w, p)
				w.pass(week - time.Hour)
				requests := w.proxy.requests
				p.wantOnly(append(before, monday...))
				monday = append(monday, p.shows(w.now().Add(2*time.Hour))...)
				w.pass(2 * time.Hour)
				p.copyDiscover()
				w.pass(2 * day)
				p.wantSaved(append(before, monday...))
				w.wantRequests(requests, change.most+6)
			},
		})
	}
	for name, swapped := range map[string]bool{"the_end": false, "the_middle": true} {
		rows = append(rows, fieldCase{
			name:   "a_song_takes_the_place_of_another_at_" + name + "_of_an_inbox",
			report: []string{topOfList, snapshotLags},
			met:    "Somebody takes a song out and puts another one in its place, so that the inbox is as long as before.",
			right:  "At the end, the song is saved at the next look; in the middle, within a month.",
			mode:   development,
			run: func(w *world) {
				p, before := grown(w)
				song := songs("swapped in", 1)
				w.must(w.spotify.RemoveItem(demo, p.inbox(), 7))
				p.put(p.inbox(), song...)
				if swapped {
					w.must(w.spotify.Reorder(demo, p.inbox(), old-1, 1, 100))
					w.pass(4 * week)
				}
				w.pass(5 * day)
				p.wantSaved(append(before, song...))
			},
		})
	}
	for name, tell := range map[string]func(x *exchange) (*http.Response, error){
		"is_cut_short":   rewriting(func(_ *exchange, body object) { body["items"] = list(body["items"])[:10] }),
		"is_empty":       saying(empty(0)),
		"fails":          failing(500),
		"counts_too_few": rewriting(func(_ *exchange, body object) { body["total"] = 7 }),
	} {
		rows = append(rows, fieldCase{
			name:   fmt.Sprintf("end_of_an_inbox_%s_for_three_days", name),
			report: []string{emptyLibrary, oneEndpointDown},
			met:    "The last page of a long inbox is not true.",
			right:  "The songs are saved once it is.",
			mode:   development,
			run: func(w *world) {
				p, before := grown(w)
				monday := p.shows(w.now())
				p.copyDiscover()
				w.lie(lie{match: "GET /playlists/*/items", where: both(of(p.inbox), from(100)), tell: tell})
				w.pass(3 * day)
				w.honest()
				w.pass(2 * day)
				p.wantOnly(append(before, monday...))
			},
		})
	}
	sortRows(rows)
	return rows
}
