package fieldcases

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// Reports of lists that were not true.
const (
	emptyLibrary   = "https://github.com/spotify/web-api/issues/382"
	borderSlip     = "https://github.com/MarcoMadera/Rindu/issues/322"
	sixOfEleven    = "https://github.com/JMPerez/spotify-web-api-js/issues/29"
	nullPlaylists  = "https://github.com/ramsayleung/rspotify/issues/503"
	nullPlaylists2 = "https://github.com/JohnnyCrazy/SpotifyAPI-NET/issues/1012"
)

// hiding takes a playlist out of the list. In place of what it takes out it
// shows what fill makes of the entries left.
func hiding(id func() string, fill func(left []any) []any) func(x *exchange) (*http.Response, error) {
	return rewriting(func(_ *exchange, body object) {
		items := list(body["items"])
		left := slices.DeleteFunc(slices.Clone(items), func(entry any) bool {
			o, _ := entry.(object)
			return o != nil && o["id"] == id()
		})
		if len(left) < len(items) && fill != nil {
			left = fill(left)
		}
		body["items"] = left
	})
}

// twice shows the first entry a second time, as at the border of two pages.
func twice(left []any) []any {
	if len(left) == 0 {
		return left
	}
	return append(slices.Clone(left), left[0])
}

func withNull(left []any) []any { return append(slices.Clone(left), nil) }

// fixed is an id that does not change.
func fixed(id string) func() string { return func() string { return id } }

// absenceCases: absence from one list proves nothing.
func absenceCases() []fieldCase {
	var rows []fieldCase
	for _, choice := range []archive.Choice{archive.ChoiceAuto, archive.ChoiceInbox} {
		for _, total := range []int{0, 7} {
			rows = append(rows, fieldCase{
				name:   fmt.Sprintf("empty_list_of_total_%d_hides_the_inbox_of_choice_%s", total, choice),
				report: []string{emptyLibrary, borderSlip},
				met:    "The list of playlists is empty once, for somebody who has playlists.",
				right:  "Nothing happens but a second look: the inbox is read on, and there is one of everything.",
				mode:   development,
				run: func(w *world) {
					p := w.join(choice)
					for n := range 5 {
						p.copyDiscover()
						if n == 1 {
							w.lie(lie{match: "GET /me/playlists", times: 1, tell: saying(empty(total))})
						}
						w.pass(week)
					}
					p.wantOnly(p.shown(5))
					p.wantArchives(1)
					if got := len(p.playlists()); got != 2 {
						w.errorf("got %d playlists of ours, want an archive and an inbox", got)
					}
				},
			})
		}
	}
	for name, lied := range map[string]func(p *person) func(x *exchange) (*http.Response, error){
		"empty_list_of_total_0":    func(*person) func(x *exchange) (*http.Response, error) { return saying(empty(0)) },
		"empty_list_of_total_7":    func(*person) func(x *exchange) (*http.Response, error) { return saying(empty(7)) },
		"slip_at_a_page_border":    func(p *person) func(x *exchange) (*http.Response, error) { return hiding(fixed(p.archive()), twice) },
		"fewer_entries_than_total": func(p *person) func(x *exchange) (*http.Response, error) { return hiding(fixed(p.archive()), nil) },
		"null_in_its_place":        func(p *person) func(x *exchange) (*http.Response, error) { return hiding(fixed(p.archive()), withNull) },
		"half_of_the_list": func(*person) func(x *exchange) (*http.Response, error) {
			return rewriting(func(_ *exchange, body object) {
				items := list(body["items"])
				body["items"], body["total"] = items[len(items)/2+1:], len(items)-len(items)/2-1
			})
		},
	} {
		rows = append(rows, fieldCase{
			name:   name + "_hides_the_archive_once",
			report: []string{emptyLibrary, borderSlip, sixOfEleven, nullPlaylists},
			met:    "One list of playlists leaves a playlist out.",
			right:  "No second archive, nobody is told that the archive was gone, and the week is saved at most late.",
			mode:   extended,
			run: func(w *world) {
				p := w.joinAmongPlaylists(11)
				w.pass(6 * day)
				w.lie(lie{match: "GET /me/playlists", times: 1, tell: lied(p)})
				w.pass(3 * day)
				p.wantNotTold("gone")
				p.wantOnly(p.shown(2))
				p.wantArchives(1)
			},
		})
	}
	sortRows(rows)
	return append(rows, moreAbsenceCases()...)
}

// joinAmongPlaylists signs up somebody with n playlists of their own, newer
// than the archive.
func (w *world) joinAmongPlaylists(n int) *person {
	p := w.join(archive.ChoiceAuto)
	for i := range n {
		_, err := w.spotify.CreatePlaylist(demo, fmt.Sprint("Playlist ", i+1))
		w.must(err)
	}
	return p
}

func moreAbsenceCases() []fieldCase {
	return []fieldCase{
		{
			name:   "empty_lists_for_three_days",
			report: []string{emptyLibrary, borderSlip},
			met:    "The list of playlists stays empty for days, and comes back.",
			right:  "A list that contradicts what was there is no proof however often it comes; the week is saved late.",
			mode:   extended,
			run: func(w *world) {
				p := w.joinAmongPlaylists(11)
				w.pass(6 * day)
				broken := w.lie(lie{match: "GET /me/playlists", tell: saying(empty(0))})
				w.pass(3*day + 2*time.Hour)
				broken.times = 1
				w.pass(2 * day)
				p.wantOnly(p.shown(2))
				p.wantArchives(1)
			},
		},
		{
			name:   "nulls_for_three_days",
			report: []string{nullPlaylists, nullPlaylists2},
			met:    "Every entry of the list of playlists is null for days.",
			right:  "Null is a hole, not an absence: no second archive, the week is saved late.",
			mode:   extended,
			run: func(w *world) {
				p := w.joinAmongPlaylists(11)
				w.pass(6 * day)
				w.must(w.spotify.Fault(fakespotify.Fault{Match: "GET /v1/me/playlists", Kind: fakespotify.FaultNullPlaylists, Times: -1}))
				w.pass(3*day + 2*time.Hour)
				w.honest()
				w.pass(2 * day)
				p.wantOnly(p.shown(2))
				p.wantArchives(1)
			},
		},
		{
			name:   "library_contains_denies_what_the_list_shows_a_day_later",
			report: []string{emptyLibrary, oneEndpointDown},
			met:    "Two routes disagree about one playlist.",
			right:  "A contradiction is no proof: no second archive.",
			mode:   extended,
			run: func(w *world) {
				p := w.joinAmongPlaylists(11)
				w.pass(6 * day)
				w.lie(lie{match: "GET /me/playlists", times: 1, tell: hiding(fixed(p.archive()), twice)})
				w.lie(lie{match: "GET /me/library/contains", times: 1, tell: saying([]bool{false})})
				w.pass(3 * day)
				p.wantOnly(p.shown(2))
				p.wantArchives(1)
			},
		},
		{
			name:   "new_inbox_is_not_listed_yet",
			report: []string{emptyLibrary, sixOfEleven},
			met:    "A playlist that was just made is missing from the list for a while.",
			right:  "Run now five seconds after signing up changes nothing: the inbox is read.",
			mode:   development,
			run: func(w *world) {
				p := w.connect(demo, archive.ChoiceAuto)
				w.pass(0)
				inbox := p.inbox()
				late := w.lie(lie{match: "GET /me/playlists", tell: hiding(fixed(inbox), nil)})
				w.pass(5 * time.Second)
				p.runNow()
				w.pass(10 * time.Minute)
				late.times = 1
				p.copyDiscover()
				w.pass(2 * day)
				p.wantOnly(p.shown(1))
				if got := len(p.playlists()); got != 2 {
					w.errorf("got %d playlists of ours, want an archive and an inbox", got)
				}
			},
		},
		{
			name:   "new_archive_is_not_listed_yet",
			report: []string{emptyLibrary, sixOfEleven},
			met:    "A playlist that was just made is missing from the list for a while.",
			right:  "What was made less than a day ago is never gone: there is one archive.",
			mode:   extended,
			run: func(w *world) {
				p := w.connect(demo, archive.ChoiceAuto)
				w.pass(0)
				late := w.lie(lie{match: "GET /me/playlists", tell: hiding(fixed(p.archive()), nil)})
				pasted := songs("pasted", 3)
				p.paste(pasted...)
				w.pass(10 * time.Minute)
				late.times = 1
				w.pass(2 * day)
				p.wantOnly(slices.Concat(p.shown(1), pasted))
				p.wantArchives(1)
			},
		},
	}
}
