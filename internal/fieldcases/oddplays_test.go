package fieldcases

import (
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// oddPlayCases: plays as they are.
func oddPlayCases() []fieldCase {
	return []fieldCase{
		{
			name:   "plays_are_dated_1970_and_2040",
			report: []string{latePlays, dates1970},
			met:    "Plays carry times that cannot be.",
			right:  "They are saved, and later plays are as well.",
			mode:   development,
			run: func(w *world) {
				p := w.listening()
				list := p.shown(1)
				p.plays(p.discoverURI(), list[0], time.Unix(0, 0))
				p.plays(p.discoverURI(), list[1], time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC))
				w.pass(3 * time.Hour)
				p.plays(p.discoverURI(), list[2], w.now())
				w.pass(2 * day)
				p.wantOnly(list[:3])
			},
		},
		{
			name:   "sixty_plays_between_two_looks",
			report: []string{recentlyPlayedDown, "https://github.com/spotify/web-api/issues/627"},
			met:    "Spotify lists the latest 50 plays only.",
			right:  "What is listed is saved, and the gap is known.",
			mode:   development,
			run: func(w *world) {
				p := w.listening()
				list := p.shown(1)
				p.plays(p.discoverURI(), list[0], w.now())
				w.pass(2 * time.Hour)
				for i := range 60 {
					p.plays("", songs("radio", 60)[i], w.now().Add(time.Duration(i-60)*time.Second))
				}
				p.plays(p.discoverURI(), list[1], w.now())
				w.pass(2 * day)
				p.wantOnly(list[:2])
				if p.user().Listening.Gap.From.IsZero() {
					w.errorf("the gap is not known")
				}
			},
		},
		{
			name:   "plays_of_a_copy_of_the_list",
			report: []string{contextForms},
			met:    "A person plays their Discover Weekly from a copy of their own.",
			right:  "They are not taken for Discover Weekly.",
			mode:   development,
			run: func(w *world) {
				p := w.listening()
				id, err := w.spotify.CreatePlaylist(demo, "Discover Weekly")
				w.must(err)
				p.plays("spotify:playlist:"+id, songs("copy", 1)[0], w.now())
				w.pass(2 * day)
				p.wantUnsaved("songs of a copy", songs("copy", 1))
			},
		},
		{
			name:   "queue_while_shuffle_is_on",
			report: []string{smartShuffle},
			met:    "Discover Weekly is shuffled, so the queue is in an order of its own.",
			right:  "What was played is saved, and nothing that is not of the list.",
			mode:   development,
			run: func(w *world) {
				p := w.listening()
				list := p.shown(1)
				slices.Reverse(list)
				w.must(w.spotify.Fault(fakespotify.Fault{Kind: fakespotify.LieShuffle, Times: -1}))
				w.until(start.Add(50 * time.Minute))
				p.hears(list[0])
				w.must(w.spotify.SetQueue(demo, p.discoverURI(), list[1], list[2:22]...))
				w.pass(10 * time.Minute)
				p.hears(list[1:4]...)
				w.must(w.spotify.SetQueue(demo, "", ""))
				w.pass(2 * day)
				p.wantSaved(list[:4])
				p.wantNone("songs that are not of the list", slices.DeleteFunc(p.archived(), func(uri string) bool {
					return slices.Contains(list, uri)
				}))
			},
		},
	}
}
