package fieldcases

import (
	"fmt"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// fullPlaylist: an append to a playlist of 11,000 songs is a 500, always.
const fullPlaylist = "https://github.com/spotify/web-api/issues/1179"

// unwrittenCases: Spotify lets us write nothing for weeks, and goes on showing
// everything.
func unwrittenCases() []fieldCase {
	var rows []fieldCase
	for name, match := range map[string]string{
		"append":               "POST /playlists/*/items",
		"making_of_a_playlist": "POST /me/playlists",
	} {
		for _, status := range append([]int{noAnswer}, statuses...) {
			for _, mode := range []fakespotify.Mode{extended, development} {
				rows = append(rows, fieldCase{
					name:   fmt.Sprintf("three_weeks_of_%d_for_every_%s_%s", status, name, mode),
					report: []string{fullPlaylist, ownItemsForbidden, oneEndpointDown},
					met:    "For weeks nothing can be written, while everything can be read.",
					right: "The songs are read in their weeks and wait, and the person reads that; nobody asks a hundred times a day; " +
						"when it is over, every week is saved once.",
					mode: mode,
					run:  func(w *world) { w.threeWeeksUnwritten(mode, lie{match: match, tell: answering(status)}) },
				})
			}
		}
	}
	sortRows(rows)
	return rows
}

// threeWeeksUnwritten lives in a week that is saved, and in three in which a
// playlist per week, which needs each kind of write, meets the lie.
func (w *world) threeWeeksUnwritten(mode fakespotify.Mode, l lie) {
	choice, copies := archive.ChoiceDiscover, func(*person) {}
	if mode == development {
		choice, copies = archive.ChoiceInbox, (*person).copyDiscover
	}
	p := w.join(choice)
	p.shape(archive.ShapeEdition)
	copies(p)
	w.until(start.Add(week - time.Hour))
	p.wantOnly(p.shown(1))

	w.lie(l)
	before := w.proxy.requests
	for n := range 3 {
		w.until(start.Add(time.Duration(n+1)*week + 20*time.Hour))
		copies(p)
	}
	w.until(start.Add(4*week - time.Hour))
	p.wantUnsaved("songs that could not be written", p.shown(4)[30:])
	p.wantNotTold("no run yet", "saved.")
	w.wantRequests(before, 3*7*60)

	w.honest()
	w.pass(20 * time.Hour)
	copies(p)
	w.pass(2 * day)
	p.wantOnly(p.shown(5))
}
