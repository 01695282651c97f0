package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/web"
)

// Whoever opens the pages under another name chooses at BaseURL: a browser says of a
// sign-in that was sent on from there that another site asks for it.
func TestStartPagesAreShownWhereTheSignInIs(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"http://192.168.0.2:8080/", "http://192.168.0.2:8080/start", // where a sign-in is explained, not begun
		"http://localhost:8080/?moved=1", "http://localhost:8080/start?moved=1", // a proxy put its own name there
		"http://localhost:8080/privacy",
	} {
		w := httptest.NewRecorder()
		newSite(t).handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, address, nil))
		if w.Code != http.StatusOK {
			t.Errorf("%s: got status %d, want the page", address, w.Code)
		}
	}
}

func TestWhereASignInBegins(t *testing.T) {
	t.Parallel()
	const public = "https://archive.example"
	for _, test := range []struct {
		name, base, address string
		want                string // where it leads: an address, or a part of the page
	}{
		{"here", local, local + "/connect", consentPage},
		{"another_name_of_this_machine", local, "http://localhost:8080/connect", local + "/connect?moved=1"},
		{"start_page_under_another_name", local, "http://localhost:8080/", local + "/?moved=1"},
		{"question_under_another_name", public, "https://archive-old.example/start?x=1", public + "/start?moved=1"},
		{"another_loopback_address", local, "http://[::1]:8080/connect?source=inbox", local + "/connect?source=inbox&moved=1"},
		{"another_computer", local, "http://192.168.0.2:8080/connect", "Signing in works on another computer"},
		{"another_computer_says_that_it_moved", local, "http://192.168.0.2:8080/connect?moved=1", "Signing in works on another computer"},
		{"public", public, public + "/connect", consentPage},
		{"public_spelled_out", public, "https://Archive.Example:443/connect", consentPage},
		{"another_public_name", public, "https://archive-old.example/connect?zone=UTC", public + "/connect?zone=UTC&moved=1"},
		{"another_port", public, "https://archive.example:8443/connect", public + "/connect?moved=1"},
		{"loopback_before_public", public, "http://127.0.0.1:8080/connect", public + "/connect?moved=1"},
		{"behind_a_proxy_that_puts_its_own_name", public, "http://127.0.0.1:8080/connect?moved=1", consentPage},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, func(c *web.Config) { c.BaseURL = test.base })
			w := httptest.NewRecorder()
			s.handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, test.address, nil))
			got := w.Header().Get("Location")
			switch {
			case !strings.Contains(test.want, "://"):
				if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), test.want) || got != "" {
					t.Errorf("got status %d, redirect %q; want 403 and %q on the page", w.Code, got, test.want)
				}
			case test.want == consentPage:
				if !strings.HasPrefix(got, consentPage) {
					t.Errorf("got redirect to %q, want the consent page", got)
				}
			case got != test.want:
				t.Errorf("got redirect to %q, want %q", got, test.want)
			}
		})
	}
}
