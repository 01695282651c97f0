package fieldcases

import (
	"slices"
	"strings"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// archived returns the URIs in all archives of the person's library, copies of
// single editions left out.
func (p *person) archived() []string {
	var uris []string
	for _, list := range p.archives() {
		if _, err := calendar.ParseEdition(strings.TrimPrefix(list.Name, "Weekly Archive ")); err == nil {
			continue
		}
		uris = append(uris, p.w.spotify.URIs(list.ID)...)
	}
	return uris
}

// wantSaved checks that every one of the songs is in the archive.
func (p *person) wantSaved(want []string) {
	missing := 0
	got := p.archived()
	for _, uri := range want {
		if !slices.Contains(got, uri) {
			missing++
		}
	}
	if missing > 0 {
		p.w.errorf("got %d of %d songs in the archive, which holds %d (%s)", len(want)-missing, len(want), len(got), p.told())
	}
}

// wantOnly checks that the archive holds these songs and nothing else.
func (p *person) wantOnly(want []string) {
	p.wantSaved(want)
	p.wantNone("songs that do not belong there", slices.DeleteFunc(p.archived(), func(uri string) bool {
		return slices.Contains(want, uri)
	}))
}

// wantUnsaved checks that none of the songs is in the archive.
func (p *person) wantUnsaved(what string, songs []string) {
	got := p.archived()
	p.wantNone(what, slices.DeleteFunc(slices.Clone(songs), func(uri string) bool { return !slices.Contains(got, uri) }))
}

func (p *person) wantNone(what string, got []string) {
	if len(got) > 0 {
		p.w.errorf("got %d %s in the archive, want none", len(got), what)
	}
}

// wantArchives checks how many archives the person sees.
func (p *person) wantArchives(want int) {
	if got := len(p.archives()); got != want {
		p.w.errorf("got %d archives in the library, want %d", got, want)
	}
}

// wantNothingDoubled checks that no id is twice in anybody's archive.
func (w *world) wantNothingDoubled() {
	for _, p := range w.people {
		known := make(map[string]bool)
		doubled := 0
		for _, uri := range p.archived() {
			if known[uri] {
				doubled++
			}
			known[uri] = true
		}
		if doubled > 0 {
			w.errorf("got %d songs twice in the archive of %s", doubled, p.key)
		}
	}
}

// recording names what a song is a recording of, under whichever id it comes.
func recording(uri string) string {
	id := strings.TrimPrefix(uri, "spotify:track:")
	return min(id, fakespotify.Relinked(id))
}

// wantRecordings checks that the archive holds these songs and nothing else,
// each under whichever id and once.
func (p *person) wantRecordings(want []string) {
	missing := make(map[string]bool)
	for _, uri := range want {
		missing[recording(uri)] = true
	}
	all := len(missing)
	others := 0
	for _, uri := range p.archived() {
		if !missing[recording(uri)] {
			others++
		}
		delete(missing, recording(uri))
	}
	if len(missing) > 0 || others > 0 {
		p.w.errorf("got %d of %d songs in the archive, and %d others or twice (%s)", all-len(missing), all, others, p.told())
	}
}

// wantRecordingsOnce checks that no recording is twice in the archive.
func (p *person) wantRecordingsOnce() { p.wantRecordings(p.archived()) }

// told is what the account page says about the last run.
func (p *person) told() string {
	english, _ := words.Ours().Language(words.Fallback)
	return english.Texts(words.Outcome(p.user().Last, p.w.now()))
}

// wantTold checks that the page says one of the words.
func (p *person) wantTold(parts ...string) {
	told := strings.ToLower(p.told())
	if !slices.ContainsFunc(parts, func(word string) bool { return strings.Contains(told, strings.ToLower(word)) }) {
		p.w.errorf("the person is told %q, want a word of %q", p.told(), parts)
	}
}

// wantNotTold checks that the page says none of the words.
func (p *person) wantNotTold(parts ...string) {
	told := strings.ToLower(p.told())
	for _, word := range parts {
		if strings.Contains(told, strings.ToLower(word)) {
			p.w.errorf("the person is told %q, which is not true", p.told())
		}
	}
}

// wantOutcome checks how the last run ended.
func (p *person) wantOutcome(want ...outcome.Kind) {
	if got := p.user().Last.Kind; !slices.Contains(want, got) {
		p.w.errorf("got the outcome %q, want %q", got, want)
	}
}

// wantRequests bounds the requests to the Web API since count was read.
func (w *world) wantRequests(since, most int) {
	if got := w.proxy.requests - since; got > most {
		w.errorf("got %d requests, want at most %d", got, most)
	}
}

// wantRuns bounds the deliveries since count was read.
func (w *world) wantRuns(since, most int) {
	if got := w.machine.runs - since; got > most {
		w.errorf("got %d deliveries, want at most %d", got, most)
	}
}

// wantEditions checks which weeks the person's history names, newest first.
func (p *person) wantEditions(want ...calendar.Edition) {
	entries, err := p.w.machine.store.Entries(p.w.t.Context(), p.id, 100)
	p.w.must(err)
	var got []calendar.Edition
	for _, e := range entries {
		if e.Added > 0 && !slices.Contains(got, e.Key.Edition) {
			got = append(got, e.Key.Edition)
		}
	}
	if !slices.Equal(got, want) {
		p.w.errorf("got the weeks %q in the history, want %q", got, want)
	}
}

// wantLiesTold checks that a lie met a request, if the row has any: otherwise it
// checks nothing.
func (w *world) wantLiesTold() {
	heard := func(l *lie) bool { return l.told > 0 }
	if len(w.proxy.all) > 0 && !slices.ContainsFunc(w.proxy.all, heard) {
		w.errorf("nobody heard the lie to %s: the row checks nothing", w.proxy.all[0].match)
	}
}

// sortRows orders rows that were made from a map.
func sortRows(rows []fieldCase) {
	slices.SortFunc(rows, func(a, b fieldCase) int { return strings.Compare(a.name, b.name) })
}
