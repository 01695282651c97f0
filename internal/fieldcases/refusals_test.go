package fieldcases

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

const (
	permissionsMissing = "https://github.com/spotipy-dev/spotipy/issues/1205"
	notRegistered2026  = "https://github.com/Nezreka/SoulSync/issues/158"
	notApproved2021    = "https://github.com/spotipy-dev/spotipy/issues/688"
	notRegisteredApp   = "https://github.com/Lioncat6/OSC-Chat-Tools/issues/32"
	unusedPermissions  = "https://developer.spotify.com/terms"
)

// notOnTheList are the words of different years for an account that is not on
// the app's allow-list.
var notOnTheList = map[string]string{
	"may_not_be_registered": "Check settings on developer.spotify.com/dashboard, the user may not be registered.",
	"not_approved":          "User not approved for app",
	"is_not_registered":     "This user is not registered for this application",
}

// refusalCases: a refusal is taken for what it says.
func refusalCases() []fieldCase {
	return slices.Concat(permissionCases(), allowListCases(), writeCases())
}

func permissionCases() []fieldCase {
	var rows []fieldCase
	for name, match := range map[string]string{
		"the_list_of_playlists": "GET /me/playlists",
		"items":                 "GET /playlists/*/items",
		"an_append":             "POST /playlists/*/items",
		"making_a_playlist":     "POST /me/playlists",
	} {
		rows = append(rows, fieldCase{
			name:   "permissions_missing_for_" + name,
			report: []string{permissionsMissing, unusedPermissions},
			met:    "401 \"Permissions missing\" for a scope that the token lacks.",
			right:  "The person is asked to reconnect; the message is not tried again and again.",
			mode:   extended,
			run: func(w *world) {
				w.lie(lie{match: match, tell: refusing(401, "Permissions missing")})
				before := w.machine.runs
				p := w.join(archive.ChoiceAuto)
				w.pass(20 * time.Hour)
				p.wantTold("reconnect")
				w.wantRuns(before, 3)
				w.honest()
				p.reconnect()
				w.pass(day)
				p.wantOnly(p.shown(1))
			},
		})
	}
	rows = append(rows, fieldCase{
		name:   "permissions_missing_for_recently_played",
		report: []string{permissionsMissing, unusedPermissions},
		met:    "401 \"Permissions missing\" for the player, which was not used for 90 days.",
		right:  "The inbox is saved, and the person is asked to reconnect for listening.",
		mode:   development,
		run: func(w *world) {
			w.listens = true
			p := w.join(archive.ChoiceAuto)
			w.lie(lie{match: "GET /me/player/recently-played", tell: refusing(401, "Permissions missing")})
			p.copyDiscover()
			before := w.machine.runs
			w.pass(2 * day)
			p.wantOnly(p.shown(1))
			p.wantTold("reconnect", "permission")
			w.wantRuns(before, 2*25+4)
		},
	}, fieldCase{
		name:   "permissions_missing_at_one_look_at_plays",
		report: []string{permissionsMissing},
		met:    "401 \"Permissions missing\" once, for a consent that has every permission.",
		right:  "The person is told what Spotify said, and not any more once Spotify has answered the next look.",
		mode:   development,
		run: func(w *world) {
			w.listens = true
			p := w.join(archive.ChoiceListening)
			w.pass(2 * time.Hour)
			w.lie(lie{match: "GET /me/player/recently-played", times: 1, tell: refusing(401, "Permissions missing")})
			p.untilLook()
			w.pass(time.Hour)
			p.wantTold("reconnect", "permission")
			p.untilLook()
			w.pass(time.Hour)
			p.wantNotTold("permission")
		},
	})
	sortRows(rows)
	return rows
}

func allowListCases() []fieldCase {
	var rows []fieldCase
	for words, message := range notOnTheList {
		for name, match := range map[string]string{
			"the_list_of_playlists": "GET /me/playlists",
			"items":                 "GET /playlists/*/items",
			"an_append":             "POST /playlists/*/items",
			"making_a_playlist":     "POST /me/playlists",
		} {
			rows = append(rows, fieldCase{
				name:   words + "_on_" + name,
				report: []string{notRegistered2026, notApproved2021, notRegisteredApp},
				met:    "The words for an account that is not on the app's list differ by year and come on every route.",
				right:  "They are recognised: the person reads whom to ask, and goes on when they are allowed.",
				mode:   extended,
				run: func(w *world) {
					w.lie(lie{match: match, tell: refusing(403, message)})
					before := w.machine.runs
					p := w.join(archive.ChoiceAuto)
					w.pass(20 * time.Hour)
					p.wantOutcome(outcome.NotAllowed)
					w.wantRuns(before, 3)
					w.honest()
					w.pass(2 * day)
					p.wantOnly(p.shown(1))
				},
			})
		}
	}
	sortRows(rows)
	return rows
}

func writeCases() []fieldCase {
	var rows []fieldCase
	for _, status := range []int{403, 404} {
		rows = append(rows,
			fieldCase{
				name:   fmt.Sprintf("making_a_playlist_answers_%d", status),
				report: []string{ownItemsForbidden, oneEndpointDown},
				met:    "Spotify refuses to make a playlist.",
				right:  "It is told for what it is, not called a fault of ours, and not tried a hundred times.",
				mode:   extended,
				run: func(w *world) {
					w.lie(lie{match: "POST /me/playlists", tell: failing(status)})
					before := w.machine.runs
					p := w.join(archive.ChoiceAuto)
					w.pass(20 * time.Hour)
					p.wantNotTold("our side")
					p.wantTold("spotify")
					w.wantRuns(before, 3)
					w.honest()
					w.pass(2 * day)
					p.wantOnly(p.shown(1))
				},
			},
			fieldCase{
				name:   fmt.Sprintf("append_answers_%d", status),
				report: []string{ownItemsForbidden, oneEndpointDown},
				met:    "Spotify refuses to add songs to a playlist of one's own.",
				right:  "It is told for what it is, not tried a hundred times, and nothing is lost.",
				mode:   extended,
				run: func(w *world) {
					p := w.join(archive.ChoiceAuto)
					w.until(start.Add(week - time.Hour))
					w.lie(lie{match: "POST /playlists/*/items", tell: failing(status)})
					before := w.machine.runs
					w.pass(20 * time.Hour)
					p.wantNotTold("our side", "did not answer")
					w.wantRuns(before, 3)
					w.honest()
					w.pass(2 * day)
					p.wantOnly(p.shown(2))
				},
			})
	}
	return rows
}

// massRefusalCases: refused grants of some do not stop the others.
func massRefusalCases() []fieldCase {
	five := func(cfg *fakespotify.Config) { cfg.Accounts = fakespotify.DemoAccounts()[:5] }
	return []fieldCase{
		{
			name:   "three_of_five_people_revoke_in_one_week",
			report: []string{"https://github.com/barmiro/SYSH/issues/8", longPauses},
			met:    "Several people of a small app take their consent back in the same week.",
			right:  "The others are saved on Monday, and everybody reads what is true.",
			mode:   extended,
			config: five,
			run: func(w *world) {
				w.connectAll()
				w.pass(3 * day)
				for _, p := range w.people[:3] {
					w.must(w.spotify.RevokeApp(p.key))
				}
				w.until(start.Add(week + time.Hour))
				for _, p := range w.people[3:] {
					p.wantOnly(p.shown(2))
				}
				for _, p := range w.people[:3] {
					p.wantNotTold("asked this app to wait", "asked us to wait")
				}
				w.pass(5 * day)
				for _, p := range w.people[:3] {
					p.wantTold("reconnect")
				}
			},
		},
		{
			name:   "every_grant_is_refused_for_a_day",
			report: []string{"https://github.com/AnshulJ999/SyncLyrics/releases/tag/v2.3.0"},
			met:    "The accounts service answers invalid_grant for good tokens.",
			right:  "Nobody has to reconnect, and the week is saved when it is over.",
			mode:   extended,
			config: five,
			run: func(w *world) {
				w.connectAll()
				w.until(start.Add(week - time.Hour))
				refused := w.refusingGrants()
				w.pass(day)
				refused.times = 1
				w.pass(2 * day)
				for _, p := range w.people {
					p.wantOnly(p.shown(2))
				}
			},
		},
		{
			name:   "every_grant_is_refused_for_four_days_one_run_each",
			report: []string{"https://github.com/AnshulJ999/SyncLyrics/releases/tag/v2.3.0"},
			met:    "The accounts service answers invalid_grant for good tokens, while every run is of one person.",
			right:  "A mass refusal is counted over the app's last day, not over one run: nobody has to reconnect.",
			mode:   extended,
			config: five,
			run: func(w *world) {
				w.connectAll()
				w.until(start.Add(5*day - 20*time.Hour))
				refused := w.refusingGrants()
				for range 4 {
					for _, p := range w.people {
						w.pass(time.Hour)
						p.runNow()
					}
					w.until(w.now().Add(18 * time.Hour))
				}
				refused.times = 1
				for _, p := range w.people {
					if got := p.user().Status; got != archive.StatusActive {
						w.errorf("got the status %q of %s, want active", got, p.key)
					}
				}
				w.pass(4 * day)
				for _, p := range w.people {
					p.wantOnly(p.shown(2))
				}
			},
		},
		{
			name:   "one_grant_is_refused_for_good",
			report: []string{"https://github.com/barmiro/SYSH/issues/8"},
			met:    "A person takes their consent back.",
			right:  "After two days they are asked to reconnect, and then nothing of the old weeks is lost.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.until(start.Add(week - time.Hour))
				w.must(w.spotify.RevokeApp(demo))
				w.pass(4 * day)
				p.wantTold("reconnect")
				p.reconnect()
				w.pass(day)
				p.wantOnly(p.shown(2))
			},
		},
	}
}

func (w *world) connectAll() {
	for _, a := range w.spotify.Accounts() {
		w.connect(a.Key, archive.ChoiceAuto)
	}
	w.pass(time.Minute)
}

// refusingGrants refuses every refresh token.
func (w *world) refusingGrants() *lie {
	return w.lie(lie{
		match: "POST /api/token",
		tell: func(x *exchange) (*http.Response, error) {
			return x.answer(http.StatusBadRequest, object{"error": "invalid_grant", "error_description": "Refresh token revoked"})
		},
	})
}
