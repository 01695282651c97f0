package fieldcases

import (
	"fmt"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// joinWithLongInbox signs up, and has so many songs in the inbox, all of which are
// archived.
func (w *world) joinWithLongInbox(n int) (p *person, before []string) {
	p = w.join(archive.ChoiceInbox)
	before = songs("old", n)
	for part := range slices.Chunk(before, 100) {
		p.put(p.inbox(), part...)
	}
	w.pass(2 * week)
	p.wantOnly(before)
	return p, before
}

// hide puts songs into the inbox, moves them among the others, and takes as many of
// those out, and more.
func (p *person) hide(among, at, more int, put ...string) {
	p.put(p.inbox(), put...)
	p.w.must(p.w.spotify.Reorder(demo, p.inbox(), among, len(put), at))
	for range len(put) + more {
		p.w.must(p.w.spotify.RemoveItem(demo, p.inbox(), at+len(put)))
	}
}

// movedInInboxCases: the end of an inbox does not show what was moved among its other
// songs, and where as many were taken out its total does not tell of it either. What
// tells is the snapshot id, which is another one.
func movedInInboxCases() []fieldCase {
	var rows []fieldCase
	for _, length := range []int{60, 90, 190} {
		for name, more := range map[string]int{"as_many": 0, "more": 12} {
			rows = append(rows, fieldCase{
				name:   fmt.Sprintf("songs_moved_to_the_top_of_an_inbox_of_%d_and_%s_taken_out", length, name),
				report: []string{topOfList},
				met:    "Somebody keeps their inbox in order: new songs on top, old ones out.",
				right:  "The songs are saved at the next look.",
				mode:   development,
				run: func(w *world) {
					p, before := w.joinWithLongInbox(length)
					song := songs("moved", 2)
					p.hide(length, 3, more, song...)
					w.pass(4 * day)
					p.wantOnly(append(before, song...))
				},
			})
		}
	}
	return append(rows, fieldCase{
		name:   "a_song_moved_into_the_middle_of_a_long_inbox_before_weeks_of_copies",
		report: []string{topOfList},
		met:    "Somebody moves a song among those of years, and copies as usual afterwards.",
		right:  "What they copied is saved each week, and the song within a month.",
		mode:   development,
		run: func(w *world) {
			p, before := w.joinWithLongInbox(400)
			song := songs("moved", 1)
			p.hide(400, 100, 0, song...)
			w.pass(2 * day)
			for range 5 {
				before = append(before, p.shows(w.now())...)
				p.copyDiscover()
				w.pass(4 * day)
				p.wantSaved(before)
				w.pass(3 * day)
			}
			p.wantOnly(append(before, song...))
		},
	}, fieldCase{
		name:   "a_song_moved_in_an_inbox_that_a_clock_behind_has_read",
		report: []string{clockBehind, topOfList},
		met:    "The clock of a machine is two minutes behind Spotify's.",
		right:  "What it has read is not taken for new again, in place of what is.",
		mode:   development,
		run: func(w *world) {
			p, before := w.joinWithLongInbox(118)
			w.machine.skew = -2 * time.Minute
			first, second := songs("first", 2), songs("second", 2)
			p.put(p.inbox(), first...)
			w.pass(5 * time.Second)
			p.runNow()
			w.pass(10 * time.Second)
			p.wantOnly(append(before, first...))
			w.machine.skew = 0
			p.put(p.inbox(), second...)
			w.must(w.spotify.Reorder(demo, p.inbox(), 120, 2, 63))
			w.pass(4 * day)
			p.wantOnly(slices.Concat(before, first, second))
		},
	}, fieldCase{
		name:   "inbox_fails_for_a_day_in_a_week_that_discover_weekly_has_ended",
		report: []string{ownItemsForbidden, oneEndpointDown},
		met:    "The items of one playlist of one's own are refused for a day.",
		right:  "It is read the next day, and not a week later.",
		mode:   extended,
		run: func(w *world) {
			p := w.joinWithInbox()
			w.until(start.Add(week - time.Hour))
			copied := songs("copied", 3)
			p.put(p.inbox(), copied...)
			for _, route := range []string{"GET /playlists/*/items", "GET /playlists/*/tracks", "GET /playlists/*"} {
				w.lie(lie{match: route, where: of(p.inbox), tell: failing(403)})
			}
			w.pass(day)
			p.wantSaved(p.shown(2))
			w.honest()
			w.pass(day)
			p.wantSaved(copied)
		},
	})
}
