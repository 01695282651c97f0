package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/web"
)

func TestHeaders(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"Cache-Control": "no-store",
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; " +
			"form-action 'self' https://accounts.example; frame-ancestors 'none'; base-uri 'none'",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           "camera=(), geolocation=(), microphone=()",
		"Referrer-Policy":              "no-referrer",
		"X-Content-Type-Options":       "nosniff",
		"X-Frame-Options":              "DENY",
	}
	for _, base := range []string{local, "https://archive.example"} {
		s := newSite(t, func(c *web.Config) { c.BaseURL = base })
		b := s.browser(t)
		b.signIn("/connect")
		for _, path := range []string{"/", "/account", "/account/reconnect.ics", "/privacy", "/terms", "/disconnected",
			"/connect", "/callback", "/healthz", "/no-such-page"} {
			a := b.get(path)
			for name, value := range want {
				if got := a.Header.Get(name); got != value {
					t.Errorf("%s%s: got %s %q, want %q", base, path, name, got, value)
				}
			}
			var hsts string
			if strings.HasPrefix(base, "https") {
				hsts = "max-age=31536000"
			}
			if got := a.Header.Get("Strict-Transport-Security"); got != hsts {
				t.Errorf("%s%s: got Strict-Transport-Security %q, want %q", base, path, got, hsts)
			}
		}
	}
}

func TestCookieAttributes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, base string
		secure     bool
	}{
		{"over_https", "https://archive.example", true},
		{"local", local, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, func(c *web.Config) { c.BaseURL = test.base })
			b := s.browser(t)
			b.signIn("/connect")
			b.begin("/connect")
			b.post("/account/run", nil)
			if len(b.cookies) != 3 {
				t.Fatalf("got %d cookies, want session, flow and flash", len(b.cookies))
			}
			for name, c := range b.cookies {
				if strings.HasPrefix(name, "__Host-") != test.secure || c.Secure != test.secure {
					t.Errorf("cookie %s: got secure %v, want prefix and attribute %v", name, c.Secure, test.secure)
				}
				if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge <= 0 {
					t.Errorf("cookie %s is not HttpOnly, Lax, for the whole host and of limited life: %+v", name, c)
				}
			}
		})
	}
}

func TestAssetsAreKept(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	home := b.get("/")
	for _, name := range []string{"/style.css", "/icon.svg", "/page.js", "/favicon.ico", "/icon-180.png"} {
		_, rest, ok := strings.Cut(home.body, `="`+name)
		if !ok {
			t.Fatalf("the page does not link %s", name)
		}
		query, _, _ := strings.Cut(rest, `"`)
		a := b.get(name + query)
		wantStatus(t, a, http.StatusOK)
		if got := a.Header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
			t.Errorf("%s%s: got Cache-Control %q, want immutable", name, query, got)
		}
		if got := b.get(name).Header.Get("Cache-Control"); got != "no-cache" {
			t.Errorf("%s: got Cache-Control %q, want no-cache", name, got)
		}
	}
}

func TestUnknownPagesAndMethods(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	wantStatus(t, b.get("/no-such-page"), http.StatusNotFound)
	wantStatus(t, b.get("/account/run"), http.StatusMethodNotAllowed)
	a := b.post("/privacy", nil)
	wantStatus(t, a, http.StatusMethodNotAllowed)
	if got := a.Header.Get("Allow"); got != "GET, HEAD" {
		t.Errorf("got Allow %q, want GET, HEAD", got)
	}
	wantStatus(t, b.do(http.MethodHead, "/", nil), http.StatusOK)
}

func TestErrorPageAndLogShareAReference(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.store.Faults.Before = func(string) error { return nil }
	b := s.browser(t)
	b.signIn("/connect")
	s.store.Faults.Before = func(string) error { return errors.New("disk full") }
	a := b.get("/account")
	wantStatus(t, a, http.StatusInternalServerError)
	wantNoText(t, a, "disk full")
	_, rest, _ := strings.Cut(a.body, "<code>")
	reference, _, _ := strings.Cut(rest, "</code>")
	if len(reference) != 10 {
		t.Fatalf("got reference %q, want 10 characters", reference)
	}
	var found bool
	for line := range strings.Lines(s.log.String()) {
		found = found || strings.Contains(line, reference) && strings.Contains(line, "disk full")
	}
	if !found {
		t.Errorf("no line of the log has reference %s and the cause:\n%s", reference, s.log)
	}
}

// An error in the log rings the operator's alert, so Spotify's outages and
// what a visitor can bring about must not be one.
func TestOnlyFaultsOfOurOwnAreErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		sabotage func(s *site)
		answer   string // added to the callback's address
		level    string
	}{
		{"spotify_down", func(s *site) { s.spotify.exchange = fault.ErrUnavailable }, "&code=x", "WARN"},
		{"spotify_asks_to_wait", func(s *site) { s.spotify.exchange = &fault.PausedError{Until: s.clock().Add(time.Hour)} }, "&code=x", "WARN"},
		{"premium_lapsed", func(s *site) { s.spotify.exchange = fault.ErrPremiumLapsed }, "&code=x", "WARN"},
		{"not_on_the_list", func(s *site) { s.spotify.exchange = fault.ErrNotAllowed }, "&code=x", "WARN"},
		{"error_of_the_visitors_making", func(*site) {}, "&error=server_error", "WARN"},
		{"code_of_the_visitors_making", func(*site) {}, "&code=x", "INFO"},
		{"consent_denied", func(*site) {}, "&error=access_denied", "INFO"},
		{"credentials_refused", func(s *site) { s.spotify.exchange = fault.ErrInvalidClient }, "&code=x", "ERROR"},
		{"fault_of_our_own", func(s *site) { s.spotify.exchange = errors.New("unheard of") }, "&code=x", "ERROR"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			test.sabotage(s)
			b := s.browser(t)
			state, _ := b.begin("/connect")
			b.get("/callback?state=" + state + test.answer)
			var got string
			for line := range strings.Lines(s.log.String()) {
				if strings.Contains(line, `"request refused"`) {
					_, rest, _ := strings.Cut(line, `"level":"`)
					got, _, _ = strings.Cut(rest, `"`)
				}
			}
			if got != test.level {
				t.Errorf("got level %q, want %q; log:\n%s", got, test.level, s.log)
			}
		})
	}
}

func TestPanicIsAnErrorPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	s.store.Faults.Before = func(string) error { panic("canary-panic-value") }
	a := b.get("/account")
	wantStatus(t, a, http.StatusInternalServerError)
	if log := s.log.String(); strings.Contains(log, "canary-panic-value") || !strings.Contains(log, "handler panicked") {
		t.Errorf("the log has the panic's value, or no word of it:\n%s", log)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 16, 13, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name   string
		last   func(context.Context) (time.Time, error)
		status int
	}{
		{"not_configured", nil, http.StatusNotFound},
		{"never", func(context.Context) (time.Time, error) { return time.Time{}, nil }, http.StatusServiceUnavailable},
		{"a_week_ago", func(context.Context) (time.Time, error) { return now.Add(-7 * day), nil }, http.StatusOK},
		{"eight_days_ago", func(context.Context) (time.Time, error) { return now.Add(-8 * day), nil }, http.StatusOK},
		{"nine_days_ago", func(context.Context) (time.Time, error) { return now.Add(-9 * day), nil }, http.StatusServiceUnavailable},
		{"not_known", func(context.Context) (time.Time, error) { return time.Time{}, errors.New("store down") }, http.StatusServiceUnavailable},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newSite(t, func(c *web.Config) { c.LastWeekly = test.last }).browser(t)
			wantStatus(t, b.get("/healthz/weekly"), test.status)
			wantStatus(t, b.get("/healthz"), http.StatusOK)
		})
	}
}

func TestHealthSaysTheVersion(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"": "ok\n", "v1.2.3 (commit 0123)": "ok\nWeekly Archive v1.2.3 (commit 0123)\n"} {
		b := newSite(t, func(c *web.Config) { c.Version = version }).browser(t)
		if got := b.get("/healthz").body; got != want {
			t.Errorf("version %q: got %q, want %q", version, got, want)
		}
	}
}

func TestAppPauseIsShown(t *testing.T) {
	t.Parallel()
	pause, pauseErr := app.Pause{}, error(nil)
	s := newSite(t, func(c *web.Config) {
		c.AppPause = func(context.Context) (app.Pause, error) { return pause, pauseErr }
	})
	b := s.browser(t)
	b.signIn("/connect")
	wantNoText(t, b.get("/account"), "asked this app to wait")
	pause = app.Pause{Until: s.clock().Add(time.Hour), Reason: app.PauseQuota}
	wantText(t, b.get("/account"), "Spotify asked this app to wait: the requests that it grants are used up. Your first run comes after Monday 16 November 2026, 14:00 UTC")
	s.pass(time.Hour)
	wantNoText(t, b.get("/account"), "asked this app to wait")
	pauseErr = errors.New("store down")
	wantStatus(t, b.get("/account"), http.StatusOK)
}

func TestNewNamesEveryFault(t *testing.T) {
	t.Parallel()
	_, err := web.New(web.Config{BaseURL: "http://localhost:8080"})
	if err == nil {
		t.Fatal("New took an empty configuration")
	}
	for _, name := range []string{"BaseURL", "SessionKey", "Authorizer", "SignUp", "Accounts", "Clock", "Log"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("error does not name %s: %v", name, err)
		}
	}
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		base string
		ok   bool
	}{
		{"https://archive.example", true},
		{"https://archive.example/", true},
		{"http://127.0.0.1:8080", true},
		{"http://[::1]:8080", true},
		{"http://localhost:8080", false},
		{"http://archive.example", false},
		{"https://archive.example/sub", false},
		{"https://archive.example?a=b", false},
		{"https://user@archive.example", false},
		{"ftp://archive.example", false},
		{"archive.example", false},
		{"", false},
	} {
		_, err := web.New(web.Config{BaseURL: test.base})
		if got := !strings.Contains(err.Error(), "BaseURL"); got != test.ok {
			t.Errorf("BaseURL %q: got accepted %v, want %v (%v)", test.base, got, test.ok, err)
		}
	}
}

// TestNoSecretAnywhere goes through everything that a person can do and looks
// for the secrets of it on pages, in headers and in the log.
func TestNoSecretAnywhere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	state, challenge := b.begin("/connect")
	code := s.spotify.agree(challenge)
	b.get(callbackPath(state, code))
	b.get(callbackPath(state, code))
	b.get("/callback?error=access_denied&state=" + state)
	b.get("/callback?code=" + code)
	for _, path := range []string{"/", "/account", "/account/reconnect.ics", "/privacy"} {
		b.get(path)
	}
	b.post("/account/run", nil)
	b.post("/account/paste", url.Values{"links": {"spotify:track:0123456789abcdefghijkl"}})
	b.get("/account")
	sealed := string(s.user(t).Grant.Sealed.Ciphertext)
	b.post("/disconnect", nil)

	everything := s.pages.String() + s.log.String()
	for _, canary := range []string{state, challenge, canaryCode, canaryAccess, canaryRefresh, canaryKey, sealed} {
		if strings.Contains(everything, canary) {
			t.Errorf("found %q on a page, in a header or in the log", canary)
		}
	}
	if !strings.Contains(everything, "GET /callback") {
		t.Error("the log does not name the callback; the test looks at the wrong place")
	}
}

func TestLogKeepsNoPath(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	r := httptest.NewRequest(http.MethodGet, "/canary-path?canary=query", nil)
	s.handler.ServeHTTP(httptest.NewRecorder(), r)
	if strings.Contains(s.log.String(), "canary") {
		t.Errorf("the log has the path or the query:\n%s", s.log)
	}
}
