package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/web"
)

func TestWhereASignInBegins(t *testing.T) {
	t.Parallel()
	const public = "https://archive.example"
	for _, test := range []struct {
		name, base, address string
		want                string // where it leads: an address, or a part of the page
	}{
		{"here", local, local + "/connect", consentPage},
		{"another_name_of_this_machine", local, "http://localhost:8080/connect", local + "/connect?moved=1"},
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
