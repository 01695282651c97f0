package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/web"
)

func TestALinkOfAnotherSiteChoosesNothing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		site string // Sec-Fetch-Site; empty: not sent
		want archive.Choice
	}{
		{"cross-site", archive.ChoiceInbox},
		{"same-site", archive.ChoiceInbox},
		{"same-origin", archive.ChoicePaste},
		{"none", archive.ChoicePaste}, // typed, or a bookmark
		{"", archive.ChoicePaste},
	} {
		t.Run("site_"+strings.ReplaceAll(test.site, "-", "_"), func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			b := s.browser(t)
			b.signIn("/connect?source=inbox")
			if test.site != "" {
				b.header.Set("Sec-Fetch-Site", test.site)
			}
			b.signIn("/connect?source=paste&listening=1")
			user := s.user(t)
			if user.Choice != test.want {
				t.Errorf("choice: got %q, want %q", user.Choice, test.want)
			}
			if got, want := user.Grant.Listens(), test.want == archive.ChoicePaste; got != want {
				t.Errorf("player's scopes asked for: got %v, want %v", got, want)
			}
		})
	}
}

// A token answer may leave out the scopes where they are those that were asked for
// (RFC 6749, section 5.1).
func TestAnswerWithoutScopesIsWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{"/connect": false, "/connect?listening=1": true} {
		s := newSite(t)
		s.spotify.scopes = []string{}
		s.browser(t).signIn(path)
		if got := s.user(t).Grant.Listens(); got != want {
			t.Errorf("%s: listens: got %v, want %v", path, got, want)
		}
	}
}

// Signing in from the start page asks for the basic scopes: who it is, and
// that they let us see what they play, shows only at the callback.
func TestSigningInKeepsThePlayersScopes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, first, again string
		second             bool // Spotify is asked a second time
	}{
		{"automatic", "/connect?listening=1", "/connect", true},
		{"listening", "/connect?source=listening", "/connect", true},
		{"inbox", "/connect?source=inbox&listening=1", "/connect", false},
		{"leaves_listening", "/connect?source=listening", "/connect?source=inbox", false},
		{"never_listened", "/connect", "/connect", false},
		{"asked_for_at_once", "/connect?source=listening", "/connect?source=listening", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.browser(t).signIn(test.first)
			b := s.browser(t)
			state, challenge := b.begin(test.again)
			back := callbackPath(state, s.spotify.agree(challenge))
			if !test.second {
				wantLocation(t, b.get(back), "/account")
				return
			}
			state, challenge = b.begin(back)
			wantLocation(t, b.get(callbackPath(state, s.spotify.agree(challenge))), "/account")
			if !s.user(t).Grant.Listens() {
				t.Error("signing in ended the listening")
			}
			wantStatus(t, b.get("/account"), http.StatusOK)
		})
	}
}

func TestPlayersScopesAreAskedForOnceMoreOnly(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		answer func(s *site, state, challenge string) string // the way back from the second page
	}{
		{"cancelled", func(_ *site, state, _ string) string { return "/callback?error=access_denied&state=" + state }},
		{"not_given", func(s *site, state, challenge string) string {
			s.spotify.scopes = webapi.Scopes(false)
			return callbackPath(state, s.spotify.agree(challenge))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.browser(t).signIn("/connect?listening=1")
			s.edit(t, func(u *archive.User) { u.Listening.Cursor = s.clock() })
			b := s.browser(t)
			state, challenge := b.begin("/connect")
			state, challenge = b.begin(callbackPath(state, s.spotify.agree(challenge)))
			wantLocation(t, b.get(test.answer(s, state, challenge)), "/account")
			a := b.get("/account")
			wantStatus(t, a, http.StatusOK)
			wantText(t, a, "We no longer see what you play", `<a class="button" href="/connect?listening=1">Reconnect</a>`)
			s.edit(t, func(u *archive.User) { u.Discover.Access = archive.AccessReadable })
			wantNoText(t, b.get("/account"), "We no longer see what you play")
			b.signIn("/connect")
		})
	}
}

func TestWhoPausedStaysPausedUntilTheyResume(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		away time.Duration
		ends string // what the page says before signing in again; empty: there is no session left
	}{
		{"signed_out", 40 * day, ""},
		{"consent_ended", 200 * day, "Your permission has ended"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			life := 30 * day
			if test.ends != "" {
				life = 500 * day
			}
			s := newSite(t, func(c *web.Config) { c.SessionLife = life })
			b := s.browser(t)
			b.signIn("/connect")
			s.edit(t, runDone(s, outcome.Outcome{Kind: outcome.Saved, Found: 30, Added: 30}))
			b.post("/account/pause", nil)
			b.get("/account")
			s.pass(test.away)
			wantText(t, b.get("/account"), test.ends)
			b.signIn("/connect")
			a := b.get("/account")
			wantText(t, a, "You paused your archive.", `action="/account/resume"`)
			wantNoText(t, a, "on its way", "Reconnect needed", `http-equiv="refresh"`, `action="/account/run"`)
			b.post("/account/resume", nil)
			if got := s.user(t).Status; got != archive.StatusActive {
				t.Errorf("got status %q after resuming, want active", got)
			}
		})
	}
}

func TestNotesBeforeARunIsPossible(t *testing.T) {
	t.Parallel()
	const paste = "/account/paste"
	links := url.Values{"links": {songs(2)}}
	for _, state := range []struct{ status, until string }{
		{string(archive.StatusPaused), "until you resume."},
		{string(archive.StatusReconnect), "until you reconnect."},
	} {
		for _, test := range []struct {
			name, path string
			form       url.Values
			text       string
		}{
			{"run", "/account/run", nil, ">Nothing runs "},
			{"source", "/account/source", url.Values{"source": {"inbox"}}, "Your choice is saved. Nothing runs "},
			{"discover", "/account/discover", url.Values{"link": {"spotify:playlist:37i9dQZEVXcBWKkqzRzenz"}}, "is saved. Nothing runs "},
			{"paste", paste, links, "The new ones wait "},
			{"waiting", paste, links, "2 songs wait "},
		} {
			t.Run(state.status+"_"+test.name, func(t *testing.T) {
				t.Parallel()
				s := newSite(t)
				b := s.browser(t)
				b.signIn("/connect")
				s.edit(t, func(u *archive.User) { u.Status = archive.Status(state.status) })
				b.post(test.path, test.form)
				a := b.get("/account")
				if test.name == "paste" {
					b.post(test.path, url.Values{"links": {songs(4)}})
					a = b.get(test.path)
				}
				wantText(t, a, test.text+state.until)
				wantNoText(t, a, "on its way", "on their way", "for the next run", `http-equiv="refresh"`)
			})
		}
	}
}
