package fieldcases

import (
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

const (
	oddIDs       = "https://github.com/spotify/web-api/issues/746"
	oddIDs2      = "https://github.com/spotify-web-api-java/spotify-web-api-java/issues/53"
	oddIDs3      = "https://github.com/spotify/ios-streaming-sdk/issues/292"
	stalledList  = "https://github.com/vincelwt/harmony/issues/204"
	stalledList2 = "https://github.com/music-assistant/support/issues/1925"
)

// personCases: accounts as they are.
func personCases() []fieldCase {
	var rows []fieldCase
	for name, id := range map[string]string{
		"spaces":   "a name with spaces",
		"umlauts":  "müller.größe",
		"digits":   "1121345678",
		"percent":  "100%25",
		"slash":    "and/or",
		"emoji":    "music🎵",
		"question": "who?what#now",
		"quotes":   `say "hello"`,
	} {
		rows = append(rows, fieldCase{
			name:   "user_id_of_" + name,
			report: []string{oddIDs, oddIDs2, oddIDs3},
			met:    "Ids of older accounts hold any character.",
			right:  "Their playlists are recognised as theirs, and the weeks are saved.",
			mode:   extended,
			config: func(cfg *fakespotify.Config) {
				cfg.Accounts = fakespotify.DemoAccounts()
				cfg.Accounts[0].ID, cfg.Accounts[0].AccountID = id, ""
			},
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.must(w.machine.accounts.Disconnect(w.t.Context(), p.id))
				w.people = nil
				p = w.join(archive.ChoiceAuto)
				w.pass(week + time.Hour)
				p.wantOnly(p.shown(2))
				p.wantArchives(1)
			},
		})
	}
	sortRows(rows)
	return append(rows, fieldCase{
		name:   "discover_weekly_does_not_change_for_weeks",
		report: []string{stalledList, stalledList2, "https://github.com/spotify/web-api/issues/858"},
		met:    "Somebody who does not listen gets the same Discover Weekly for weeks.",
		right:  "Nothing is doubled, the person is told that it is not out, and the next one is saved.",
		mode:   extended,
		run: func(w *world) {
			p := w.join(archive.ChoiceAuto)
			list := p.shown(1)
			w.lie(lie{match: "GET /playlists/*/items", where: of(p.discoverID), tell: stalled(w, list)})
			w.pass(3 * week)
			p.wantOnly(list)
			w.honest()
			w.pass(week)
			p.wantSaved(slices.Concat(list, p.shows(w.now().Add(-time.Hour))))
		},
	}, fieldCase{
		name:   "discover_weekly_is_not_followed",
		report: []string{"https://github.com/spotify/web-api/issues/1320", "https://github.com/michaelherger/Spotty-Plugin/issues/233"},
		met:    "Discover Weekly is in the list of playlists only of those who follow it.",
		right:  "The person is told; when they follow it, it is saved.",
		mode:   extended,
		config: func(cfg *fakespotify.Config) {
			cfg.Accounts = fakespotify.DemoAccounts()
			cfg.Accounts[0].NoDiscover = true
		},
		run: func(w *world) {
			p := w.join(archive.ChoiceDiscover)
			p.wantOutcome(outcome.NotReadable)
			w.must(w.spotify.Follow(demo, w.spotify.DiscoverID(demo)))
			w.pass(week + time.Hour)
			p.wantSaved(p.shows(start.Add(week)))
		},
	})
}
