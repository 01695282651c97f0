package fieldcases

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// lieCases: every lie that the stand-in knows, told by it all day on a Monday.
func lieCases() []fieldCase {
	var rows []fieldCase
	for _, l := range fakespotify.Lies() {
		if l.Kind == fakespotify.LieSilentConsent {
			continue // is told to browsers
		}
		for mode, live := range lives {
			rows = append(rows, fieldCase{
				name:   fmt.Sprintf("a_day_of_%s_%s", l.Kind, mode),
				report: links(l.Source),
				met:    "All day long: " + l.Does + ".",
				right:  "It may delay; when it is over, every song that could be read in its week is in the archive once.",
				mode:   mode,
				run: func(w *world) {
					live(w, func() { w.must(w.spotify.Fault(fakespotify.Fault{Kind: l.Kind, Times: -1})) })
				},
			})
		}
	}
	sortRows(rows)
	return rows
}

// lives are the two lives in which there is a day of lies.
var lives = map[fakespotify.Mode]func(w *world, lies func()){extended: aDayOfLies, development: aDayOfLiesToday}

// aDayOfLies is the life of somebody whose Discover Weekly can be read, and
// who has a friend's playlist and an inbox, too.
func aDayOfLies(w *world, lies func()) {
	p := w.joinWithInbox()
	byHand := songs("by hand", 3)
	w.until(start.Add(week - time.Hour))
	p.put(p.inbox(), byHand...)
	lies()
	p.wait(26 * time.Hour)
	w.honest()
	p.answers()
	w.until(start.Add(3*week + time.Hour))
	p.wantRecordings(slices.Concat(p.shown(4), byHand))
	p.wantArchives(1)
}

// aDayOfLiesToday is the life of somebody with an app made today, who copies
// most of their list and plays five more songs of it.
func aDayOfLiesToday(w *world, lies func()) {
	w.listens = true
	p := w.join(archive.ChoiceAuto)
	var want []string
	for n := range 3 {
		w.until(start.Add(time.Duration(n)*week - time.Hour))
		list := p.shows(w.now())
		p.put(p.inbox(), list[:20]...)
		if n == 1 {
			lies()
		}
		w.pass(6 * time.Hour)
		p.untilLook()
		for i, uri := range list[20:25] {
			p.plays(p.discoverURI(), uri, w.now().Add(time.Duration(3*i-20)*time.Minute))
		}
		w.pass(2 * time.Hour)
		p.wait(18 * time.Hour)
		w.honest()
		p.answers()
		want = append(want, list[:25]...)
		w.pass(3 * day)
	}
	w.pass(6 * day)
	p.wantRecordings(want)
	p.wantArchives(1)
}

// wait lets time pass, in which the person presses Run now a few times.
func (p *person) wait(d time.Duration) {
	for range 4 {
		p.w.pass(d / 4)
		if p.user().Status == archive.StatusActive {
			p.runNow()
		}
	}
}

// firstDayCases: somebody signs up on the day of the lies.
func firstDayCases() []fieldCase {
	var rows []fieldCase
	add := func(name string, report []string, met string, lies func(w *world)) {
		for _, mode := range []fakespotify.Mode{extended, development} {
			rows = append(rows, fieldCase{
				name:   fmt.Sprintf("a_first_day_of_%s_%s", name, mode),
				report: report,
				met:    "Somebody signs up on a day on which " + met + ".",
				right:  "When it is over there is one archive and one inbox at most, and every song is saved once.",
				mode:   mode,
				run:    func(w *world) { firstDay(w, mode, func() { lies(w) }) },
			})
		}
	}
	for _, l := range fakespotify.Lies() {
		if l.Kind != fakespotify.LieSilentConsent {
			add(string(l.Kind), links(l.Source), l.Does, func(w *world) {
				w.must(w.spotify.Fault(fakespotify.Fault{Kind: l.Kind, Times: -1}))
			})
		}
	}
	for _, status := range statuses {
		for name, match := range map[string]string{
			"the_list_of_playlists": "GET /me/playlists", "items": "GET /playlists/*/items",
			"an_append": "POST /playlists/*/items", "making_a_playlist": "POST /me/playlists", "everything": "* *",
		} {
			add(fmt.Sprintf("%d_for_%s", status, name), []string{oneEndpointDown, ownItemsForbidden},
				fmt.Sprintf("%s answers %d", match, status), func(w *world) { w.lie(lie{match: match, tell: answering(status)}) })
		}
	}
	sortRows(rows)
	return rows
}

func firstDay(w *world, mode fakespotify.Mode, lies func()) {
	p := w.connect(demo, archive.ChoiceAuto)
	lies()
	pasted := songs("pasted", 3)
	p.paste(pasted...)
	p.wait(26 * time.Hour)
	w.honest()
	p.answers()
	w.pass(2 * day)
	want := slices.Concat(pasted, p.shown(2))
	if mode == development {
		p.copyDiscover()
		w.until(start.Add(week - 2*time.Hour))
		p.copyDiscover()
	}
	w.until(start.Add(week + 2*day))
	p.wantRecordings(want)
	p.wantArchives(1)
	if got := len(p.playlists()); got > 2 {
		w.errorf("got %d playlists of ours, want an archive and an inbox at most", got)
	}
}

// answers is what the person does when the page asks them to.
func (p *person) answers() {
	switch u := p.user(); {
	case len(u.Discover.Candidates) > 0:
		p.w.must(p.w.machine.accounts.SetDiscover(p.w.t.Context(), p.id, "spotify:playlist:"+p.discoverID()))
	case u.Status == archive.StatusReconnect, u.Last.Kind == outcome.Scope:
		p.reconnect()
	}
}

var (
	issueForm = regexp.MustCompile(`([A-Za-z0-9._-]+/[A-Za-z0-9._-]+)#([0-9]+)`)
	pullForm  = regexp.MustCompile(`([A-Za-z0-9._-]+/[A-Za-z0-9._-]+) PR ([0-9]+)`)
	repoForm  = regexp.MustCompile(`([A-Za-z0-9._-]+/[A-Za-z0-9._-]+)`)
)

// links makes links of the stand-in's short form of a source.
func links(source string) []string {
	var all []string
	for _, m := range issueForm.FindAllStringSubmatch(source, -1) {
		all = append(all, "https://github.com/"+m[1]+"/issues/"+m[2])
	}
	for _, m := range pullForm.FindAllStringSubmatch(source, -1) {
		all = append(all, "https://github.com/"+m[1]+"/pull/"+m[2])
	}
	if len(all) == 0 {
		for _, m := range repoForm.FindAllStringSubmatch(source, -1) {
			all = append(all, "https://github.com/"+m[1])
		}
	}
	if len(all) == 0 {
		return []string{tokensRotate, unusedPermissions}
	}
	return all
}

// tokensRotate is where the newest of the reports on rotated tokens is.
const tokensRotate = "https://github.com/music-assistant/server/pull/4494"
