package web_test

import (
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/web"
)

// copyOf is a browser with the cookies that b has now.
func (b *browser) copyOf() *browser {
	c := b.site.browser(b.t)
	c.cookies = maps.Clone(b.cookies)
	return c
}

func TestSigningOutEndsEveryCopyOfTheCookie(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	other := s.browser(t)
	other.signIn("/connect")
	stolen := b.copyOf()

	wantLocation(t, b.post("/account/signout", nil), "/signedout?everywhere")
	for name, copied := range map[string]*browser{"stolen": stolen.copyOf(), "other": other} {
		if a := copied.get("/account"); a.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: got status %d after signing out, want 401", name, a.StatusCode)
		}
	}
	stolen.post("/disconnect", nil)
	stolen.post("/language", map[string][]string{"language": {"de"}})
	if got := s.user(t); got.Status != archive.StatusActive || got.Language != "en" {
		t.Errorf("got status %q and language %q, want what a signed-out cookie could not change", got.Status, got.Language)
	}

	b.signIn("/connect")
	wantStatus(t, b.get("/account"), http.StatusOK)
	if a := other.copyOf().get("/account"); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("got status %d for an old cookie after a new sign-in, want 401", a.StatusCode)
	}
}

func TestSigningOutWhenTheStoreFails(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	s.store.Faults.Before = func(op string) error {
		if op == "Put" {
			return fault.ErrUnavailable
		}
		return nil
	}
	if a := b.post("/account/signout", nil); a.StatusCode < http.StatusInternalServerError {
		t.Errorf("got status %d, want to be told that other copies still work", a.StatusCode)
	}
	if b.cookieNamed("session") != "" {
		t.Error("the browser's own cookie is still there")
	}
}

func TestASessionEndsWithTheConsent(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *web.Config) { c.SessionLife = 500 * day })
	b := s.browser(t)
	b.signIn("/connect")
	s.pass(archive.ConsentLife - time.Hour)
	wantStatus(t, b.get("/account"), http.StatusOK) // renews the session
	s.pass(time.Hour)
	for range 2 {
		a := b.get("/account")
		wantStatus(t, a, http.StatusUnauthorized)
		wantText(t, a, "Your permission has ended", `href="/connect"`)
		wantNoText(t, a, "/account/signout")
	}
	b.post("/disconnect", nil)
	if got := s.user(t).Status; got != archive.StatusActive {
		t.Errorf("got status %q, want nothing changed by a session that is over", got)
	}
}

// Whoever was never here since they connected, and taps on the message that the
// permission has ended, or on the second one two weeks later, reads that it has,
// and not that they should connect first.
func TestTheLastMessageMeetsNoStranger(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	for _, later := range []time.Duration{archive.ConsentLife + time.Hour, 14 * day, 3 * day} {
		s.pass(later)
		a := b.get("/account")
		wantStatus(t, a, http.StatusUnauthorized)
		wantText(t, a, "Your permission has ended", `href="/connect"`)
	}
	s.pass(60 * day)
	wantText(t, b.get("/account"), "Please connect first")
}

// Revoking the app at Spotify ends no session, so leaving needs no new consent.
func TestARevokedConsentStillLetsThemLeave(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	s.edit(t, func(u *archive.User) {
		runDone(s, outcome.Outcome{Kind: outcome.Reconnect})(u)
		u.Status = archive.StatusReconnect
	})
	wantText(t, b.get("/account"), `href="/account/settings"`)
	wantText(t, b.get("/account/settings"), `action="/disconnect"`)
	wantLocation(t, b.post("/disconnect", nil), "/disconnected")
	if _, err := s.store.User(t.Context(), archive.NewUserID(s.spotify.profile)); err == nil {
		t.Error("the user is still stored")
	}
}

func TestSpotifyAsksAgain(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		before func(b *browser)
		want   bool
	}{
		{"first_visit", func(*browser) {}, false},
		{"reconnecting", func(b *browser) { b.signIn("/connect") }, true},
		{"signed_out", func(b *browser) {
			b.signIn("/connect")
			b.post("/account/signout", nil)
		}, true},
		{"disconnected", func(b *browser) {
			b.signIn("/connect")
			b.post("/disconnect", nil)
		}, true},
		{"consent_ended", func(b *browser) {
			b.signIn("/connect")
			b.site.pass(archive.ConsentLife)
			b.get("/account")
		}, true},
		{"session_ran_out", func(b *browser) {
			b.signIn("/connect")
			delete(b.cookies, b.cookieNamed("session"))
		}, false},
		{"signed_in_after_signing_out", func(b *browser) {
			b.signIn("/connect")
			b.post("/account/signout", nil)
			b.signIn("/connect")
			delete(b.cookies, b.cookieNamed("session"))
		}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, func(c *web.Config) { c.SessionLife = 500 * day })
			b := s.browser(t)
			test.before(b)
			b.begin("/connect")
			if s.spotify.ask != test.want {
				t.Errorf("got Spotify's page asked for: %v, want %v", s.spotify.ask, test.want)
			}
		})
	}
}

// What the consent before lacked is asked for at once, and without a question.
func TestATopUpDoesNotAskAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.browser(t).signIn("/connect?listening=1")
	b := s.browser(t)
	b.signIn("/connect?source=inbox")
	s.edit(t, func(u *archive.User) { u.Choice, u.Grant.Scopes = archive.ChoiceAuto, webapi.Scopes(true) })
	state, challenge := b.begin("/connect")
	b.begin(callbackPath(state, s.spotify.agree(challenge)))
	if s.spotify.ask {
		t.Error("Spotify's page is shown a second time")
	}
}

// A session ends with its consent, and the next one does not bring it back.
func TestSessionsDoNotOutliveTheirConsent(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*testing.T, *site){
		"ended": func(_ *testing.T, s *site) { s.pass(181 * day) },
		"revoked": func(t *testing.T, s *site) {
			s.edit(t, func(u *archive.User) { u.Status = archive.StatusReconnect })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, func(c *web.Config) { c.SessionLife = 500 * day })
			old, b := s.browser(t), s.browser(t)
			old.signIn("/connect")
			s.pass(day)
			b.signIn("/connect") // a consent that lasts is renewed: both stay signed in
			wantStatus(t, old.get("/account"), http.StatusOK)
			end(t, s)
			b.signIn("/connect")
			wantStatus(t, b.get("/account"), http.StatusOK)
			wantStatus(t, old.get("/account"), http.StatusUnauthorized)
		})
	}
}
