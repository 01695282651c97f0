package fieldcases

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
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

// refusedForGoodCases: of the archive, nothing can be read any more.
func refusedForGoodCases() []fieldCase {
	var rows []fieldCase
	for _, status := range []int{noAnswer, 401, 403, 404, 500} {
		for name, first := range map[string]func(x *exchange) (*http.Response, error){"took_effect": losing, "was_lost": dropping} {
			for mode := range lives {
				rows = append(rows, fieldCase{
					name:   fmt.Sprintf("archive_answers_%d_for_good_after_an_append_that_%s_%s", status, name, mode),
					report: []string{ownItemsForbidden, ownItemsForbidden2, oneEndpointDown},
					met:    "A playlist of one's own can be written to and not be read, from an append on whose answer was lost.",
					right:  "The list of playlists tells its total: after a day the archive goes on, and nothing is lost or doubled.",
					mode:   mode,
					run: func(w *world) {
						p := w.joinWithInbox()
						p.copyDiscover()
						w.pass(2 * day)
						p.paste(songs("before", 2)...)
						w.pass(day)
						w.lie(lie{match: "POST /playlists/*/items", times: 1, tell: first})
						for _, match := range playlist {
							w.lie(lie{match: match, where: of(fixed(p.archive())), tell: answering(status)})
						}
						want := slices.Concat(p.shown(1), songs("before", 2), songs("in doubt", 3))
						p.paste(songs("in doubt", 3)...)
						w.pass(2 * day)
						for n := range 3 {
							p.paste(songs(fmt.Sprint("pasted ", n), 2)...)
							want = append(want, songs(fmt.Sprint("pasted ", n), 2)...)
							w.pass(3 * day)
							p.copyDiscover()
							want = append(want, p.shows(w.now())...)
							w.pass(4 * day)
						}
						p.wantSaved(want)
						p.wantArchives(1)
					},
				})
			}
		}
	}
	sortRows(rows)
	return rows
}

// barredAloneCases: one route says for weeks that the account, or the app, may do
// nothing, and no other route does.
func barredAloneCases() []fieldCase {
	messages := map[string]string{"premium_has_lapsed": "Active premium subscription required for the owner of the app."}
	maps.Copy(messages, notOnTheList)
	var rows []fieldCase
	for words, message := range messages {
		for name, match := range map[string]string{
			"the_list_of_playlists": "GET /me/playlists",
			"an_append":             "POST /playlists/*/items",
			"making_a_playlist":     "POST /me/playlists",
		} {
			rows = append(rows, fieldCase{
				name:   fmt.Sprintf("three_weeks_of_%s_on_%s_alone", words, name),
				report: []string{notRegistered2026, notApproved2021, notRegisteredApp},
				met:    "The words come on one route, for weeks, while every other shows that they are not true.",
				right:  "Each week is read while it shows, and waits; when it is over, it is saved once.",
				mode:   extended,
				run: func(w *world) {
					p := w.join(archive.ChoiceAuto)
					p.shape(archive.ShapeEdition)
					w.until(start.Add(week - time.Hour))
					w.lie(lie{match: match, tell: refusing(403, message)})
					before := w.proxy.requests
					w.until(start.Add(4*week - time.Hour))
					w.wantRequests(before, 3*7*40)
					w.honest()
					w.pass(2 * day)
					p.wantOnly(p.shown(5))
				},
			})
		}
	}
	for _, from := range []source{
		{"the_inbox", playlist, (*person).inbox},
		{"recently_played", []string{"GET /me/player/recently-played"}, nil},
	} {
		rows = append(rows, fieldCase{
			name:   fmt.Sprintf("three_weeks_of_may_not_be_registered_on_%s_alone", from.name),
			report: []string{notRegistered2026, recentlyPlayedDown},
			met:    "The words come for one source, for weeks, while every other answers.",
			right:  "The others are saved in their weeks, and the person does not read that they are not on a list.",
			mode:   development,
			run: func(w *world) {
				w.listens = true
				p := w.join(archive.ChoiceAuto)
				from.lies(p, refusing(403, notOnTheList["may_not_be_registered"]))
				p.wantSaved(p.threeWeeksToday(from.name))
				p.wantArchives(1)
				p.wantNotTold("list of users")
			},
		})
	}
	sortRows(rows)
	return rows
}
