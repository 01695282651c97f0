package fieldcases

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// Reports of routes that failed alone.
const (
	ownItemsForbidden   = "https://github.com/stiefenm/spoton/issues/119"
	ownItemsForbidden2  = "https://github.com/music-assistant/support/issues/6351"
	oneEndpointDown     = "https://github.com/spotify/web-api/issues/724"
	recentlyPlayedDown  = "https://github.com/spotify/web-api/issues/1441"
	nestedItemsRead     = "https://github.com/LBC-Innovation/ShareList/issues/22"
	itemsForOldApps     = "https://github.com/music-assistant/server/pull/3818"
	queueNeedsMoreScope = "https://github.com/spotify-web-api-java/spotify-web-api-java/issues/430"
)

// sourceCases: one route that fails says nothing about another.
func sourceCases() []fieldCase {
	var rows []fieldCase
	for _, status := range []int{403, 404, 500, 502} {
		rows = append(rows, fieldCase{
			name:   fmt.Sprintf("items_of_the_inbox_answer_%d", status),
			report: []string{ownItemsForbidden, ownItemsForbidden2},
			met:    "The items of one playlist of one's own are refused while others work.",
			right:  "Discover Weekly is saved every week, and the person reads which source failed.",
			mode:   extended,
			run: func(w *world) {
				p := w.joinWithInbox()
				w.lie(lie{match: "GET /playlists/*/items", where: of(p.inbox), tell: failing(status)})
				if status >= 500 {
					w.lie(lie{match: "GET /playlists/*", where: of(p.inbox), tell: failing(status)})
				}
				for n := range 3 {
					p.put(p.inbox(), songs(fmt.Sprint("by hand ", n), 1)...)
					w.pass(week)
				}
				p.wantSaved(p.shown(3))
				if status >= 500 {
					p.wantTold("inbox")
				}
			},
		})
	}
	for _, status := range []int{401, 403, 404, 500} {
		rows = append(rows, fieldCase{
			name:   fmt.Sprintf("recently_played_answers_%d", status),
			report: []string{recentlyPlayedDown, oneEndpointDown},
			met:    "Recently-played is down for days, or for one account, while everything else works.",
			right:  "The songs in the inbox are saved, and nobody is told that their account is not allowed.",
			mode:   development,
			run: func(w *world) {
				w.listens = true
				p := w.join(archive.ChoiceAuto)
				w.lie(lie{match: "GET /me/player/recently-played", tell: failing(status)})
				p.copyDiscover()
				w.pass(14 * day)
				p.wantSaved(p.shown(1))
				p.wantNotTold("list of users", "not on this app")
			},
		})
	}
	return append(rows, moreSourceCases()...)
}

// joinWithInbox signs up with Discover Weekly readable and an inbox.
func (w *world) joinWithInbox() *person {
	p := w.join(archive.ChoiceInbox)
	p.choose(archive.ChoiceAuto)
	w.pass(10 * time.Minute)
	return p
}

func moreSourceCases() []fieldCase {
	return []fieldCase{
		{
			name:   "end_of_the_inbox_answers_500",
			report: []string{ownItemsForbidden, oneEndpointDown},
			met:    "One page of a list fails, the others do not.",
			right:  "Discover Weekly is saved every week; the inbox is read when it can be.",
			mode:   extended,
			run: func(w *world) {
				p := w.joinWithInbox()
				p.put(p.inbox(), songs("first", 60)...)
				broken := w.lie(lie{match: "GET /playlists/*/items", where: both(of(p.inbox), from(10)), tell: failing(500)})
				w.pass(2 * week)
				p.wantSaved(append(p.shown(3), songs("first", 60)[:50]...))
				broken.times = 1
				w.pass(week)
				p.wantSaved(songs("first", 60))
			},
		},
		{
			name:   "inbox_fails_and_songs_were_pasted_and_played",
			report: []string{ownItemsForbidden, ownItemsForbidden2},
			met:    "The items of one playlist of one's own are refused.",
			right:  "What was pasted and what was played is saved.",
			mode:   development,
			run: func(w *world) {
				w.listens = true
				p := w.join(archive.ChoiceAuto)
				w.lie(lie{match: "GET /playlists/*/items", where: of(p.inbox), tell: failing(403)})
				w.lie(lie{match: "GET /playlists/*", where: of(p.inbox), tell: failing(403)})
				pasted := songs("pasted", 5)
				p.paste(pasted...)
				w.must(w.spotify.PlayDiscover(demo, 5))
				w.pass(2 * day)
				p.wantSaved(slices.Concat(pasted, p.shown(1)[:5]))
			},
		},
		{
			name:   "discover_weekly_answers_500_all_week",
			report: []string{oneEndpointDown},
			met:    "One playlist answers 500 for days while others work.",
			right:  "The inbox and pasted songs are saved meanwhile.",
			mode:   extended,
			run: func(w *world) {
				p := w.joinWithInbox()
				w.lie(lie{match: "GET /playlists/*/items", where: of(p.discoverID), tell: failing(500)})
				copied, pasted := songs("copied", 3), songs("pasted", 3)
				p.put(p.inbox(), copied...)
				p.paste(pasted...)
				w.pass(week + time.Hour)
				p.wantSaved(slices.Concat(copied, pasted))
			},
		},
		{
			name:   "inbox_cannot_be_made",
			report: []string{ownItemsForbidden, oneEndpointDown},
			met:    "Making a playlist answers 500 for one account for days.",
			right:  "Pasted songs go into the archive.",
			mode:   development,
			run: func(w *world) {
				w.lie(lie{match: "POST /me/playlists", where: inBody("inbox"), tell: failing(500)})
				p := w.join(archive.ChoiceAuto)
				pasted := songs("pasted", 3)
				p.paste(pasted...)
				w.pass(2 * day)
				p.wantSaved(pasted)
			},
		},
		{
			name:   "queue_answers_500_while_plays_are_listed",
			report: []string{oneEndpointDown, queueNeedsMoreScope},
			met:    "One endpoint of the player is down while another works.",
			right:  "What was played is saved.",
			mode:   development,
			run: func(w *world) {
				w.listens = true
				p := w.join(archive.ChoiceListening)
				w.lie(lie{match: "GET /me/player/queue", tell: failing(500)})
				w.lie(lie{match: "GET /me/player", tell: failing(500)})
				p.untilLook()
				w.must(w.spotify.PlayDiscover(demo, 5))
				w.pass(2 * day)
				p.wantSaved(p.shown(1)[:5])
			},
		},
		{
			name:   "list_of_playlists_answers_500_for_two_days",
			report: []string{oneEndpointDown},
			met:    "The list of playlists fails for days while single playlists can be read.",
			right:  "That week's songs are saved when the list is back.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.pass(6 * day)
				broken := w.lie(lie{match: "GET /me/playlists", tell: failing(500)})
				w.pass(3 * day)
				broken.times = 1
				w.pass(3 * day)
				p.wantOnly(p.shown(2))
			},
		},
	}
}

// inboxCases: where a playlist's items are refused there is a second way.
func inboxCases() []fieldCase {
	return []fieldCase{
		{
			name:   "items_of_the_inbox_are_refused_nested_ones_are_not",
			report: []string{ownItemsForbidden, nestedItemsRead},
			met:    "GET /playlists/{id}/items answers 403 for a playlist of one's own, GET /playlists/{id} carries its items.",
			right:  "The nested items are read and saved.",
			mode:   development,
			run: func(w *world) {
				p := w.join(archive.ChoiceInbox)
				w.lie(lie{match: "GET /playlists/*/items", where: of(p.inbox), tell: failing(403)})
				p.copyDiscover()
				w.pass(2 * day)
				p.wantOnly(p.shown(1))
			},
		},
		{
			name:   "items_of_the_archive_are_refused_nested_ones_are_not",
			report: []string{ownItemsForbidden, nestedItemsRead},
			met:    "GET /playlists/{id}/items answers 403 for a playlist of one's own, GET /playlists/{id} carries its items.",
			right:  "A song that was added by hand is known, and the weeks go on.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				byHand := p.shows(start.Add(week))[4]
				p.put(p.archive(), byHand)
				w.lie(lie{match: "GET /playlists/*/items", where: of(p.archive), tell: failing(403)})
				w.pass(week + time.Hour)
				p.wantOnly(p.shown(2))
			},
		},
		{
			name:   "old_app_reads_discover_weekly_by_the_old_path_only",
			report: []string{itemsForOldApps},
			met:    "An app from before 2024 gets 403 for the items of Discover Weekly, /tracks works.",
			right:  "The old path is tried once, and the list is saved.",
			mode:   extended,
			run: func(w *world) {
				w.lie(lie{
					match: "GET /playlists/*/items", tell: failing(403),
					where: func(r *http.Request) bool {
						return samePath("/v1/playlists/"+w.spotify.DiscoverID(demo)+"/items", r.URL.Path)
					},
				})
				p := w.join(archive.ChoiceAuto)
				w.pass(week + time.Hour)
				p.wantOnly(p.shown(2))
			},
		},
	}
}
