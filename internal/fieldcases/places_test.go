package fieldcases

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// small meets the requests for a few entries around a place.
func small(r *http.Request) bool { return queryInt(r.URL, "limit") < webapi.PageSize }

// placeCases: where a playlist stood in the list is asked first, and that it does
// not show there is no proof of anything.
func placeCases() []fieldCase {
	// The archive and the inbox stand in the middle of a hundred playlists.
	middle := func(w *world, choice archive.Choice) *person {
		for i := range 60 {
			_, err := w.spotify.CreatePlaylist(demo, fmt.Sprint("Earlier ", i+1))
			w.must(err)
		}
		p := w.join(choice)
		for i := range 60 {
			_, err := w.spotify.CreatePlaylist(demo, fmt.Sprint("Later ", i+1))
			w.must(err)
		}
		if p.hasInbox() {
			p.copyDiscover()
		}
		w.until(start.Add(week - time.Hour))
		return p
	}
	var rows []fieldCase
	for _, choice := range []archive.Choice{archive.ChoiceDiscover, archive.ChoiceInbox} {
		mode := extended
		if choice == archive.ChoiceInbox {
			mode = development
		}
		for name, tell := range map[string]func(x *exchange) (*http.Response, error){
			"is_empty":            saying(empty(0)),
			"is_empty_of_a_total": saying(empty(122)),
			"fails":               failing(500),
			"is_refused":          failing(404),
			"is_cut_short":        rewriting(func(_ *exchange, body object) { body["items"] = list(body["items"])[:1] }),
			"repeats_the_top": func(x *exchange) (*http.Response, error) {
				top := x.clone()
				top.URL.RawQuery = url.Values{"limit": {"10"}, "offset": {"0"}}.Encode()
				return (&exchange{p: x.p, req: top}).pass()
			},
			"is_nulls": rewriting(func(_ *exchange, body object) {
				items := list(body["items"])
				for i := range items {
					items[i] = nil
				}
			}),
		} {
			rows = append(rows, fieldCase{
				name:   fmt.Sprintf("page_at_the_remembered_place_%s_for_choice_%s", name, choice),
				report: []string{borderSlip, emptyLibrary, algorithmicEnd},
				met:    "The few entries around a place in the list of playlists are not those that stand there, for weeks.",
				right:  "The whole list tells: every week is saved in time, and there is one of everything.",
				mode:   mode,
				run: func(w *world) {
					p := middle(w, choice)
					w.lie(lie{match: "GET /me/playlists", where: small, tell: tell})
					for range 2 {
						w.pass(2 * time.Hour)
						if p.hasInbox() {
							p.copyDiscover()
						}
						w.pass(week - 2*time.Hour)
					}
					p.wantNotTold("gone")
					p.wantOnly(p.shown(3))
					p.wantArchives(1)
				},
			})
		}
	}
	sortRows(rows)
	for name, move := range map[string]func(w *world, id string){
		"moved_to_the_top": func(w *world, id string) {
			w.must(w.spotify.Unfollow(demo, id))
			w.must(w.spotify.Follow(demo, id))
		},
		"pushed_down_by_thirty": func(w *world, _ string) {
			for i := range 30 {
				_, err := w.spotify.CreatePlaylist(demo, fmt.Sprint("New ", i+1))
				w.must(err)
			}
		},
		"pulled_up_by_thirty": func(w *world, _ string) {
			for range 30 {
				w.must(w.spotify.Unfollow(demo, w.spotify.Playlists(demo)[0].ID))
			}
		},
	} {
		rows = append(rows, fieldCase{
			name:   "archive_" + name,
			report: []string{topOfList, borderSlip},
			met:    "Playlists come and go above the archive, or it is moved.",
			right:  "It is found in time, and where it stands now is asked the next time.",
			mode:   extended,
			run: func(w *world) {
				p := middle(w, archive.ChoiceDiscover)
				move(w, p.archive())
				w.pass(week)
				p.wantOnly(p.shown(2))
				before := w.proxy.requests
				w.pass(week)
				p.wantOnly(p.shown(3))
				p.wantArchives(1)
				w.wantRequests(before, 3)
			},
		})
	}
	sortRows(rows)
	return append(rows, fieldCase{
		name:   "a_friends_discover_weekly_followed_since",
		report: []string{friendsList, friendsList2},
		met:    "Somebody whose archive stands deep in the list begins to follow a friend's Discover Weekly.",
		right:  "The person is asked which one is theirs, and nothing of either is archived until then.",
		mode:   extended,
		run: func(w *world) {
			p := middle(w, archive.ChoiceAuto)
			w.must(w.spotify.Follow(demo, w.spotify.DiscoverID(friend)))
			w.pass(2 * time.Hour)
			if got := len(p.user().Discover.Candidates); got != 2 {
				w.errorf("got %d candidates, want 2", got)
			}
			p.wantOnly(p.shown(1))
		},
	})
}
