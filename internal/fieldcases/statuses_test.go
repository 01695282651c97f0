package fieldcases

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// statusCases: a route that answers an error all day on a Monday.
func statusCases() []fieldCase {
	routes := map[string]string{
		"the_list_of_playlists": "GET /me/playlists",
		"items":                 "GET /playlists/*/items",
		"a_playlist":            "GET /playlists/*",
		"an_append":             "POST /playlists/*/items",
		"making_a_playlist":     "POST /me/playlists",
		"a_description":         "PUT /playlists/*",
		"contains":              "GET /me/library/contains",
		"recently_played":       "GET /me/player/recently-played",
		"the_queue":             "GET /me/player/queue",
		"the_player":            "GET /me/player",
		"everything":            "GET *",
	}
	var rows []fieldCase
	for name, match := range routes {
		for _, status := range []int{400, 401, 403, 404, 408, 429, 500, 502} {
			tell := failing(status)
			if status == http.StatusTooManyRequests {
				tell = pausing("30")
			}
			for mode, live := range lives {
				rows = append(rows, fieldCase{
					name:   fmt.Sprintf("a_day_of_%d_for_%s_%s", status, name, mode),
					report: []string{oneEndpointDown, ownItemsForbidden, recentlyPlayedDown},
					met:    fmt.Sprintf("All day long, %s answers %d.", match, status),
					right:  "It may delay; when it is over, every song that could be read in its week is in the archive once.",
					mode:   mode,
					run: func(w *world) {
						live(w, func() { w.lie(lie{match: match, tell: tell}) })
					},
				})
			}
		}
	}
	sortRows(rows)
	return append(rows, aloneCases()...)
}

// aloneCases: a source that fails for three weeks, while others work.
func aloneCases() []fieldCase {
	type source struct {
		match []string
		where func(p *person) func() string
	}
	inbox := func(p *person) func() string { return fixed(p.inbox()) }
	discover := func(p *person) func() string { return fixed(p.discoverID()) }
	playlist := []string{"GET /playlists/*/items", "GET /playlists/*/tracks", "GET /playlists/*"}
	var rows []fieldCase
	for _, status := range []int{400, 401, 403, 404, 500, 502} { // 429 is about the app, not about a route
		tell := failing(status)
		for name, s := range map[string]source{
			"the_inbox":        {playlist, inbox},
			"discover_weekly":  {playlist, discover},
			"contains":         {[]string{"GET /me/library/contains"}, nil},
			"playlists_by_id":  {[]string{"GET /playlists/*"}, nil},
			"the_descriptions": {[]string{"PUT /playlists/*"}, nil},
		} {
			rows = append(rows, fieldCase{
				name:   fmt.Sprintf("three_weeks_of_%d_for_%s_extended", status, name),
				report: []string{oneEndpointDown, ownItemsForbidden, ownItemsForbidden2},
				met:    fmt.Sprintf("For weeks, %s answer %d while everything else works.", strings.Join(s.match, ", "), status),
				right:  "The other sources are saved in their weeks.",
				mode:   extended,
				run: func(w *world) {
					p := w.joinWithInbox()
					var where func(r *http.Request) bool
					if s.where != nil {
						where = of(s.where(p))
					}
					for _, match := range s.match {
						w.lie(lie{match: match, where: where, tell: tell})
					}
					want := p.threeWeeks(name != "discover_weekly", name != "the_inbox")
					p.wantSaved(want)
					p.wantArchives(1)
				},
			})
		}
		for name, s := range map[string]source{
			"the_inbox":       {playlist, inbox},
			"recently_played": {[]string{"GET /me/player/recently-played"}, nil},
			"the_queue":       {[]string{"GET /me/player/queue"}, nil},
			"the_player":      {[]string{"GET /me/player"}, nil},
			"contains":        {[]string{"GET /me/library/contains"}, nil},
		} {
			rows = append(rows, fieldCase{
				name:   fmt.Sprintf("three_weeks_of_%d_for_%s_development", status, name),
				report: []string{oneEndpointDown, recentlyPlayedDown, ownItemsForbidden},
				met:    fmt.Sprintf("For weeks, %s answer %d while everything else works.", strings.Join(s.match, ", "), status),
				right:  "The other sources are saved in their weeks.",
				mode:   development,
				run: func(w *world) {
					w.listens = true
					p := w.join(archive.ChoiceAuto)
					var where func(r *http.Request) bool
					if s.where != nil {
						where = of(s.where(p))
					}
					for _, match := range s.match {
						w.lie(lie{match: match, where: where, tell: tell})
					}
					want := p.threeWeeksToday(name != "the_inbox", name != "recently_played")
					p.wantSaved(want)
					p.wantArchives(1)
				},
			})
		}
	}
	sortRows(rows)
	return rows
}

// threeWeeks lives with Discover Weekly readable, and returns what has to be
// saved.
func (p *person) threeWeeks(discover, inbox bool) (want []string) {
	w := p.w
	for n := 1; n < 4; n++ {
		w.until(start.Add(time.Duration(n)*week - 2*time.Hour))
		byHand, pasted := songs(fmt.Sprint("by hand ", n), 2), songs(fmt.Sprint("pasted ", n), 2)
		p.put(p.inbox(), byHand...)
		p.paste(pasted...)
		want = append(want, pasted...)
		if discover {
			want = append(want, p.shows(start.Add(time.Duration(n)*week))...)
		}
		if inbox {
			want = append(want, byHand...)
		}
		w.pass(2 * day)
	}
	return want
}

// threeWeeksToday is threeWeeks with an app made today.
func (p *person) threeWeeksToday(inbox, plays bool) (want []string) {
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
		if inbox {
			want = append(want, list[:10]...)
		}
		if plays {
			want = append(want, list[10:15]...)
		}
		w.hourly = true
		w.pass(2 * time.Hour)
		w.hourly = false
		w.pass(2 * day)
	}
	return slices.Clip(want)
}
