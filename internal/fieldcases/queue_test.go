package fieldcases

import (
	"slices"
	"time"
)

// hears plays songs of Discover Weekly, three minutes each, from now on.
func (p *person) hears(uris ...string) {
	for _, uri := range uris {
		p.w.pass(3 * time.Minute)
		p.plays(p.discoverURI(), uri, p.w.now())
	}
}

// queueCases: the queue is a hint, not a source.
func queueCases() []fieldCase {
	foreign := songs("queued by hand", 20)
	return []fieldCase{
		{
			name:   "queue_of_foreign_songs",
			report: []string{foreignQueue, queueNeedsMoreScope},
			met:    "While Discover Weekly plays, the queue holds twenty songs of other origin.",
			right:  "They are not archived as Discover Weekly.",
			mode:   development,
			run: func(w *world) {
				p := w.listening()
				list := p.shown(1)
				w.until(start.Add(time.Hour))
				p.hears(list[0])
				w.must(w.spotify.SetQueue(demo, p.discoverURI(), list[1], foreign...))
				w.pass(2 * day)
				p.wantSaved(list[:1])
				p.wantUnsaved("songs queued by hand", foreign)
			},
		},
		{
			name:   "queue_of_foreign_songs_that_are_played",
			report: []string{foreignQueue, queueNeedsMoreScope},
			met:    "While Discover Weekly plays, songs of other origin are queued, and played.",
			right:  "They are not archived as Discover Weekly.",
			mode:   development,
			run: func(w *world) {
				p := w.listening()
				list := p.shown(1)
				w.until(start.Add(time.Hour))
				p.hears(list[0])
				w.must(w.spotify.SetQueue(demo, p.discoverURI(), list[1], foreign...))
				w.pass(10 * time.Minute)
				for _, uri := range foreign[:5] {
					w.pass(3 * time.Minute)
					p.plays("", uri, w.now())
				}
				w.pass(2 * day)
				p.wantUnsaved("songs queued by hand", foreign)
			},
		},
		{
			name:   "queue_of_discover_weekly_that_is_played",
			report: []string{queueNeedsMoreScope, foreignQueue},
			met:    "The queue shows what comes next of Discover Weekly; the person hears three songs of it.",
			right:  "A queue that the plays begin is saved.",
			mode:   development,
			run: func(w *world) {
				p := w.listening()
				list := p.shown(1)
				w.until(start.Add(55 * time.Minute))
				p.hears(list[0])
				w.must(w.spotify.SetQueue(demo, p.discoverURI(), list[1], list[2:22]...))
				w.pass(10 * time.Minute)
				p.hears(list[1:4]...)
				w.must(w.spotify.SetQueue(demo, "", ""))
				w.pass(2 * day)
				p.wantOnly(list[:22])
			},
		},
		{
			name:   "queue_while_smart_shuffle_is_on",
			report: []string{smartShuffle},
			met:    "Smart Shuffle mixes songs into the queue that are not of the playlist.",
			right:  "None of the queue is taken.",
			mode:   development,
			run: func(w *world) {
				p := w.listening()
				list := p.shown(1)
				w.lie(lie{match: "GET /me/player", tell: rewriting(func(_ *exchange, body object) { body["smart_shuffle"] = true })})
				w.until(start.Add(55 * time.Minute))
				p.hears(list[0])
				mixed := slices.Concat(list[2:6], foreign)
				w.must(w.spotify.SetQueue(demo, p.discoverURI(), list[1], mixed...))
				w.pass(10 * time.Minute)
				p.hears(list[1:4]...)
				w.must(w.spotify.SetQueue(demo, "", ""))
				w.pass(2 * day)
				p.wantOnly(list[:4])
			},
		},
		{
			name:   "queue_goes_on_with_autoplay",
			report: []string{foreignQueue, queueNeedsMoreScope},
			met:    "Behind the last songs of Discover Weekly the queue holds what autoplay adds.",
			right:  "Never more than thirty songs of a week.",
			mode:   development,
			run: func(w *world) {
				p := w.listening()
				list := p.shown(1)
				w.until(start.Add(40 * time.Minute))
				p.hears(list[:25]...)
				w.must(w.spotify.SetQueue(demo, p.discoverURI(), list[25], slices.Concat(list[26:], foreign)...))
				w.until(w.now().Truncate(time.Hour).Add(70 * time.Minute))
				p.hears(list[25:27]...)
				w.must(w.spotify.SetQueue(demo, "", ""))
				w.pass(2 * day)
				p.wantSaved(list[:27])
				if got := len(p.archived()); got > 30 {
					w.errorf("got %d songs of one week, want 30 at most", got)
				}
			},
		},
	}
}
