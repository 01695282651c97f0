package fieldcases

import (
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

const (
	latePlays       = "https://github.com/FoxxMD/multi-scrobbler/issues/247"
	latePlays2      = "https://github.com/spotify/web-api/issues/1083"
	foreignQueue    = "https://github.com/fondberg/spotcast/issues/477"
	smartShuffle    = "https://github.com/SpotX-Official/SpotX/issues/611"
	contextUserForm = "https://github.com/spotify/web-api/issues/815"
	contextForms    = "https://github.com/mopidy/mopidy-spotify/issues/214"
	contextNull     = "https://github.com/spotify/web-api/issues/966"
	contextNull2    = "https://github.com/spotify/web-api/issues/995"
	quietPlayers    = "https://github.com/Yooooomi/your_spotify/issues/233"
	privateSessions = "https://github.com/Yooooomi/your_spotify/issues/217"
	librespot       = "https://github.com/Spotifyd/spotifyd/issues/1273"
)

// listening signs up somebody whose plays are looked at every hour.
func (w *world) listening() *person {
	w.listens = true
	return w.join(archive.ChoiceListening)
}

func (p *person) discoverURI() string { return "spotify:playlist:" + p.discoverID() }

// rewritingPlays changes the context of everything that is played.
func (w *world) rewritingPlays(edit func(context object) any) {
	tell := rewriting(func(_ *exchange, body object) {
		if context, ok := body["context"].(object); ok {
			body["context"] = edit(context)
		}
		for _, entry := range list(body["items"]) {
			if play, ok := entry.(object); ok {
				if context, ok := play["context"].(object); ok {
					play["context"] = edit(context)
				}
			}
		}
	})
	w.lie(lie{match: "GET /me/player/recently-played", tell: tell})
	w.lie(lie{match: "GET /me/player", tell: tell})
}

// playCases: plays turn up late, and say in many ways from where they are.
func playCases() []fieldCase {
	var rows []fieldCase
	for name, edit := range map[string]func(id string, context object) any{
		"user_spotify_playlist_uri": func(id string, context object) any {
			context["uri"] = "spotify:user:spotify:playlist:" + id
			return context
		},
		"escaped_user_uri": func(id string, context object) any {
			context["uri"] = "spotify:user:spotifydiscover:playlist:" + id
			return context
		},
		"href_only": func(_ string, context object) any {
			delete(context, "uri")
			return context
		},
		"null_uri": func(_ string, context object) any {
			context["uri"] = nil
			return context
		},
		"link_only": func(_ string, context object) any {
			return object{"external_urls": context["external_urls"], "type": "playlist"}
		},
	} {
		rows = append(rows, fieldCase{
			name:   "context_is_a_" + name,
			report: []string{contextUserForm, contextForms},
			met:    "What a song was played from is named in an older form.",
			right:  "Every form is read: the plays are saved.",
			mode:   development,
			run: func(w *world) {
				p := w.listening()
				w.rewritingPlays(func(context object) any { return edit(p.discoverID(), context) })
				w.must(w.spotify.PlayDiscover(demo, 5))
				w.pass(2 * day)
				p.wantOnly(p.shown(1)[:5])
			},
		})
	}
	sortRows(rows)
	return append(rows, morePlayCases()...)
}

func morePlayCases() []fieldCase {
	return []fieldCase{
		{
			name:   "plays_made_offline_are_listed_late",
			report: []string{latePlays, latePlays2},
			met:    "Twelve plays made offline turn up hours later, with their own, older times.",
			right:  "All thirteen are saved.",
			mode:   development,
			run: func(w *world) {
				p := w.listening()
				list := p.shown(1)
				begin := w.now()
				w.pass(3 * time.Hour)
				p.plays(p.discoverURI(), list[12], w.now().Add(-time.Minute))
				w.pass(2 * time.Hour)
				for i, uri := range list[:12] {
					p.plays(p.discoverURI(), uri, begin.Add(time.Duration(10+4*i)*time.Minute))
				}
				w.pass(2 * day)
				p.wantOnly(list[:13])
			},
		},
		{
			name:   "plays_of_another_device_are_listed_two_days_late",
			report: []string{latePlays, "https://github.com/spotify/web-api/issues/1196"},
			met:    "Plays of a phone turn up two days later.",
			right:  "They are saved.",
			mode:   development,
			run: func(w *world) {
				p := w.listening()
				list := p.shown(1)
				begin := w.now()
				w.pass(2 * day)
				p.plays(p.discoverURI(), list[20], w.now().Add(-time.Minute))
				w.pass(time.Hour)
				for i, uri := range list[:5] {
					p.plays(p.discoverURI(), uri, begin.Add(time.Duration(4*i)*time.Minute))
				}
				w.pass(2 * day)
				p.wantOnly(slices.Concat(list[:5], list[20:21]))
			},
		},
		{
			name:   "context_is_null_while_the_player_names_the_list",
			report: []string{contextNull, contextNull2},
			met:    "Recently-played says null where the player names the playlist.",
			right:  "What the player says is used.",
			mode:   development,
			run: func(w *world) {
				p := w.listening()
				w.lie(lie{match: "GET /me/player/recently-played", tell: rewriting(func(_ *exchange, body object) {
					for _, entry := range list(body["items"]) {
						if play, ok := entry.(object); ok {
							play["context"] = nil
						}
					}
				})})
				songs := p.shown(1)
				w.until(start.Add(50 * time.Minute))
				p.hears(songs[:2]...)
				w.must(w.spotify.SetQueue(demo, p.discoverURI(), songs[2], songs[3:23]...))
				w.pass(10 * time.Minute)
				p.hears(songs[2:5]...)
				w.must(w.spotify.SetQueue(demo, p.discoverURI(), songs[5], songs[6:26]...))
				w.pass(time.Hour)
				w.must(w.spotify.SetQueue(demo, "", ""))
				w.pass(2 * day)
				p.wantSaved(songs[2:5])
			},
		},
		{
			name:   "context_is_null_and_nothing_plays",
			report: []string{contextNull, contextNull2},
			met:    "Nobody says from where the songs were played.",
			right:  "They are not taken for Discover Weekly.",
			mode:   development,
			run: func(w *world) {
				p := w.listening()
				p.plays("", songs("radio", 1)[0], w.now())
				w.pass(2 * day)
				p.wantUnsaved("songs of the radio", songs("radio", 1))
			},
		},
		{
			name:   "plays_from_an_album_are_not_of_the_list",
			report: []string{contextForms},
			met:    "Songs are played from an album, an artist, liked songs and another playlist.",
			right:  "They are not taken for Discover Weekly.",
			mode:   development,
			run: func(w *world) {
				p := w.listening()
				others := songs("others", 4)
				for i, context := range []string{
					"spotify:album:0000000000000000000001", "spotify:artist:0000000000000000000001",
					"spotify:collection:tracks", "spotify:playlist:37i9dQZF1E30000000000a",
				} {
					p.plays(context, others[i], w.now())
				}
				w.pass(2 * day)
				p.wantUnsaved("songs of other lists", others)
			},
		},
		{
			name:   "private_session_and_partial_plays_leave_nothing",
			report: []string{quietPlayers, privateSessions, librespot},
			met:    "Private sessions, skipped songs, Jam and some players leave no plays.",
			right:  "Nothing is made up, and nothing is called a fault.",
			mode:   development,
			run: func(w *world) {
				p := w.listening()
				w.must(w.spotify.Fault(fakespotify.Fault{Kind: fakespotify.LiePrivateSession, Times: -1}))
				w.must(w.spotify.PlayDiscover(demo, 5))
				w.pass(2 * day)
				p.wantUnsaved("songs", p.shown(1))
				p.wantOutcome(outcome.NothingNew)
			},
		},
		{
			name:   "advertisements_and_episodes_among_plays",
			report: []string{privateSessions, "https://github.com/spotify/web-api/issues/958"},
			met:    "A play has no track, or an episode in its place.",
			right:  "The songs around it are saved.",
			mode:   development,
			run: func(w *world) {
				p := w.listening()
				w.lie(lie{match: "GET /me/player/recently-played", tell: rewriting(func(_ *exchange, body object) {
					items := list(body["items"])
					for i, entry := range items {
						play, _ := entry.(object)
						switch track, _ := play["track"].(object); i % 5 {
						case 1:
							play["track"] = nil
						case 2:
							track["type"], track["uri"] = "episode", "spotify:episode:0000000000000000000001"
						case 3:
							items[i] = nil
						}
					}
				})})
				w.must(w.spotify.PlayDiscover(demo, 5))
				w.pass(2 * day)
				list := p.shown(1)
				p.wantOnly([]string{list[4], list[0]})
			},
		},
	}
}
