package fieldcases

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// noAnswer stands for a route that answers nothing in time.
const noAnswer = 0

// statuses that a route may answer all day.
var statuses = []int{400, 401, 403, 404, 408, 429, 500, 502}

// answering answers a status; a rate limit asks for half a minute.
func answering(status int) func(x *exchange) (*http.Response, error) {
	switch status {
	case noAnswer:
		return func(*exchange) (*http.Response, error) { return nil, os.ErrDeadlineExceeded }
	case http.StatusTooManyRequests:
		return pausing("30")
	default:
		return failing(status)
	}
}

// statusCases: a route that answers an error all day on a Monday.
func statusCases() []fieldCase {
	everyday := map[string]string{
		"the_list_of_playlists": "GET /me/playlists",
		"items":                 "GET /playlists/*/items",
		"an_append":             "POST /playlists/*/items",
		"everything":            "GET *",
	}
	today := map[string]string{
		"recently_played": "GET /me/player/recently-played",
		"the_queue":       "GET /me/player/queue",
		"the_player":      "GET /me/player",
	}
	var rows []fieldCase
	for _, status := range statuses {
		for mode, live := range lives {
			routes := maps.Clone(everyday)
			if mode == development {
				maps.Copy(routes, today)
			}
			for name, match := range routes {
				rows = append(rows, fieldCase{
					name:   fmt.Sprintf("a_day_of_%d_for_%s_%s", status, name, mode),
					report: []string{oneEndpointDown, ownItemsForbidden, recentlyPlayedDown},
					met:    fmt.Sprintf("All day long, %s answers %d.", match, status),
					right:  "It may delay; when it is over, every song that could be read in its week is in the archive once.",
					mode:   mode,
					run: func(w *world) {
						live(w, func() { w.lie(lie{match: match, tell: answering(status)}) })
					},
				})
			}
		}
	}
	sortRows(rows)
	return rows
}

// rareRouteCases: the same for routes that are asked in rare weeks.
func rareRouteCases() []fieldCase {
	var rows []fieldCase
	for _, status := range statuses {
		for name, run := range map[string]func(w *world){
			"contains_while_the_list_has_a_hole": func(w *world) {
				aDayOfLies(w, func() {
					w.lie(lie{match: "GET /me/playlists", tell: hiding(fixed(w.people[0].archive()), twice)})
					w.lie(lie{match: "GET /me/library/contains", tell: answering(status)})
				})
			},
			"a_playlist_while_the_list_fails": func(w *world) {
				aDayOfLies(w, func() {
					w.lie(lie{match: "GET /me/playlists", tell: failing(500)})
					w.lie(lie{match: "GET /playlists/*", tell: answering(status)})
				})
			},
			"making_a_playlist": func(w *world) {
				w.lie(lie{match: "POST /me/playlists", tell: answering(status)})
				p := w.join(archive.ChoiceAuto)
				w.pass(26 * time.Hour)
				w.honest()
				w.until(start.Add(week + time.Hour))
				p.wantOnly(p.shown(2))
				p.wantArchives(1)
			},
			"a_description_when_the_consent_ends_soon": func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.until(start.Add(22*week - time.Hour))
				w.lie(lie{match: "PUT /playlists/*", tell: answering(status)})
				w.pass(26 * time.Hour)
				w.honest()
				w.pass(week)
				p.wantOnly(p.shown(24))
			},
		} {
			rows = append(rows, fieldCase{
				name:   fmt.Sprintf("a_day_of_%d_for_%s", status, name),
				report: []string{oneEndpointDown, ownItemsForbidden},
				met:    fmt.Sprintf("All day long, one route answers %d.", status),
				right:  "It may delay; when it is over, every song that could be read in its week is in the one archive once.",
				mode:   extended,
				run:    run,
			})
		}
	}
	sortRows(rows)
	return rows
}

// source is what of Spotify fails alone.
type source struct {
	name    string
	matches []string
	id      func(p *person) string // of the playlist that fails; nil for all that matches
}

// playlist is every way to read one playlist.
var playlist = []string{"GET /playlists/*/items", "GET /playlists/*/tracks", "GET /playlists/*"}

// aloneCases: a source that fails for three weeks, while others work.
func aloneCases() []fieldCase {
	var rows []fieldCase
	for _, status := range []int{noAnswer, 400, 401, 403, 404, 500, 502} {
		for _, s := range []source{
			{"the_inbox", playlist, (*person).inbox},
			{"discover_weekly", playlist, (*person).discoverID},
		} {
			rows = append(rows, s.alone(status, extended, func(w *world) *person { return w.joinWithInbox() }, (*person).threeWeeks))
		}
		for _, s := range []source{
			{"the_inbox", playlist, (*person).inbox},
			{"recently_played", []string{"GET /me/player/recently-played"}, nil},
			{"the_queue", []string{"GET /me/player/queue"}, nil},
			{"the_player", []string{"GET /me/player"}, nil},
		} {
			rows = append(rows, s.alone(status, development, func(w *world) *person {
				w.listens = true
				return w.join(archive.ChoiceAuto)
			}, (*person).threeWeeksToday))
		}
	}
	sortRows(rows)
	return rows
}

// lies lets every route of the source tell a person something else.
func (s source) lies(p *person, tell func(x *exchange) (*http.Response, error)) {
	var where func(r *http.Request) bool
	if s.id != nil {
		where = of(fixed(s.id(p)))
	}
	for _, match := range s.matches {
		p.w.lie(lie{match: match, where: where, tell: tell})
	}
}

// alone is the row in which the source fails.
func (s source) alone(status int, mode fakespotify.Mode, join func(w *world) *person, live func(p *person, failing string) []string) fieldCase {
	return fieldCase{
		name:   fmt.Sprintf("three_weeks_of_%d_for_%s_%s", status, s.name, mode),
		report: []string{oneEndpointDown, recentlyPlayedDown, ownItemsForbidden, ownItemsForbidden2},
		met:    fmt.Sprintf("For weeks, %s answer %d while everything else works.", strings.Join(s.matches, ", "), status),
		right:  "The other sources are saved in their weeks, and nothing untrue is told.",
		mode:   mode,
		run: func(w *world) {
			p := join(w)
			s.lies(p, answering(status))
			p.wantSaved(live(p, s.name))
			p.wantArchives(1)
			p.wantNotTold("did not take the songs", "our side")
		},
	}
}

// threeWeeks lives with Discover Weekly readable while a source fails, and
// returns what has to be saved.
func (p *person) threeWeeks(failing string) (want []string) {
	w := p.w
	for n := 1; n < 4; n++ {
		w.until(start.Add(time.Duration(n)*week - 2*time.Hour))
		byHand, pasted := songs(fmt.Sprint("by hand ", n), 2), songs(fmt.Sprint("pasted ", n), 2)
		p.put(p.inbox(), byHand...)
		p.paste(pasted...)
		want = append(want, pasted...)
		if failing != "discover_weekly" {
			want = append(want, p.shows(start.Add(time.Duration(n)*week))...)
		}
		if failing != "the_inbox" {
			want = append(want, byHand...)
		}
		w.pass(2 * day)
	}
	return want
}

// threeWeeksToday is threeWeeks with an app made today.
func (p *person) threeWeeksToday(failing string) (want []string) {
	w := p.w
	for n := 1; n < 4; n++ {
		w.until(start.Add(time.Duration(n)*week - 30*time.Minute))
		list := p.shows(w.now())
		pasted := songs(fmt.Sprint("pasted ", n), 2)
		p.put(p.inbox(), list[:10]...)
		p.paste(pasted...)
		for i, uri := range list[10:15] {
			p.plays(p.discoverURI(), uri, w.now().Add(time.Duration(3*i-20)*time.Minute))
		}
		want = append(want, pasted...)
		if failing != "the_inbox" {
			want = append(want, list[:10]...)
		}
		if failing != "recently_played" {
			want = append(want, list[10:15]...)
		}
		w.pass(2 * time.Hour)
		w.pass(2 * day)
	}
	return slices.Clip(want)
}
