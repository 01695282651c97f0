package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Three megabytes are three megabytes, whatever is in them: a browser makes three
// characters of most bytes. More is told, with what is taken.
func TestPastesOfJunk(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	for name, test := range map[string]struct {
		text, says string
		status     int
	}{
		"letters":      {strings.Repeat("x", 3<<20), "No link to a song was found.", http.StatusSeeOther},
		"foreign":      {strings.Repeat("漢", 1<<20), "No link to a song was found.", http.StatusSeeOther},
		"nothing_said": {strings.Repeat("\x00", 3<<20), "No link to a song was found.", http.StatusSeeOther},
		"more":         {strings.Repeat("漢", 2<<20), "in pieces of up to 3 MB", http.StatusRequestEntityTooLarge},
	} {
		a := b.post("/account/paste", url.Values{"links": {test.text}})
		wantStatus(t, a, test.status)
		if test.status == http.StatusSeeOther {
			a = b.get("/account/paste")
		}
		if !strings.Contains(a.body, test.says) {
			t.Errorf("%s: the page does not say %q", name, test.says)
		}
	}
}
