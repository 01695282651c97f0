package usecase_test

import (
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// The numbers of README.md's table "What a week costs at Spotify". A day is
// counted where the source has daily runs.
func TestRequestsAreBounded(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		cfg        fakespotify.Config
		choice     archive.Choice
		prepare    func(w *world, id archive.UserID) error
		during     func(w *world, id archive.UserID)
		token, api int // at most
	}{
		"discover_week": {
			cfg: extended(), choice: archive.ChoiceDiscover,
			during: func(w *world, _ archive.UserID) { w.week() },
			token:  1, api: 3,
		},
		"inbox_week_with_30_songs_on_monday": {
			cfg: development(), choice: archive.ChoiceInbox,
			prepare: func(w *world, id archive.UserID) error {
				return w.spotify.CopyDiscover(account, w.user(id).Inbox.PlaylistID)
			},
			during: func(w *world, _ archive.UserID) { w.week() },
			token:  1, api: 3,
		},
		"inbox_week_without_a_song": {
			cfg: development(), choice: archive.ChoiceInbox,
			during: func(w *world, _ archive.UserID) { w.week() },
			token:  4, api: 4,
		},
		"auto_week_on_an_app_made_today": {
			cfg: development(), choice: archive.ChoiceAuto,
			prepare: func(w *world, id archive.UserID) error {
				return w.spotify.CopyDiscover(account, w.user(id).Inbox.PlaylistID)
			},
			during: func(w *world, _ archive.UserID) { w.week() },
			token:  1, api: 3,
		},
		"listening_day_with_the_player_running": {
			cfg: development(), choice: archive.ChoiceListening,
			during: func(w *world, _ archive.UserID) {
				for range 24 {
					if err := w.spotify.PlayDiscover(account, 5); err != nil {
						w.t.Fatal(err)
					}
					if err := w.spotify.QueueDiscover(account); err != nil {
						w.t.Fatal(err)
					}
					w.send(app.RunHourly)
					w.spotify.Advance(time.Hour)
				}
				w.send(app.RunHourly)
			},
			token: 25, api: 24*3 + 5,
		},
		"listening_day_of_silence": {
			cfg: development(), choice: archive.ChoiceListening,
			during: func(w *world, _ archive.UserID) {
				for range 24 {
					w.send(app.RunHourly)
					w.spotify.Advance(time.Hour)
				}
			},
			token: 8, api: 8,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, row.cfg)
			id := w.connect(account, row.choice)
			if _, err := w.run(id, app.RunSignUp); err != nil {
				t.Fatal(err)
			}
			prepare := func() {
				if row.prepare == nil {
					return
				}
				if err := row.prepare(w, id); err != nil {
					t.Fatal(err)
				}
			}
			prepare()
			w.week()
			prepare()
			w.spotify.ResetRequests()
			row.during(w, id)
			token, api := w.countAPI()
			t.Logf("%d token requests, %d Web API requests", token, api)
			if token > row.token || api > row.api {
				t.Errorf("got %d token and %d Web API requests, want at most %d and %d", token, api, row.token, row.api)
			}
			if token == 0 {
				t.Error("got no request at all: the test counts nothing")
			}
		})
	}
}
