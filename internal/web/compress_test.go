package web_test

import (
	"compress/gzip"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/web"
)

func TestWhatIsCompressed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		path, accept string
		config       func(*web.Config)
		want         bool
	}{
		"a_page":                      {"/privacy", "gzip, deflate, br", nil, true},
		"a_stylesheet":                {"/style.css", "gzip", nil, true},
		"a_script":                    {"/page.js", "br, gzip;q=0.5", nil, true},
		"settings_without_an_address": {"/account/settings", "gzip", func(c *web.Config) { c.Messages = nil }, true},
		"settings_with_an_address":    {"/account/settings", "gzip", atPublic, false},
		"a_picture":                   {"/share.png", "gzip", nil, false},
		"a_visitor_who_takes_none":    {"/privacy", "", nil, false},
		"a_visitor_who_refuses":       {"/privacy", "gzip;q=0, br", nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, func(c *web.Config) {
				if test.config != nil {
					test.config(c)
				}
			})
			b := s.browser(t)
			b.signIn("/connect")
			plain := b.get(test.path)
			b.header.Set("Accept-Encoding", test.accept)
			a := b.get(test.path)
			if vary := strings.Join(a.Header.Values("Vary"), ", "); !strings.Contains(vary, "Accept-Encoding") {
				t.Errorf("got Vary %q, want Accept-Encoding in it", vary)
			}
			if got := a.Header.Get("Content-Encoding") == "gzip"; got != test.want {
				t.Fatalf("compressed: got %t, want %t", got, test.want)
			}
			if !test.want {
				return
			}
			if len(a.body)*2 > len(plain.body) {
				t.Errorf("got %d of %d bytes, want less than half", len(a.body), len(plain.body))
			}
			z, err := gzip.NewReader(strings.NewReader(a.body))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(z); err != nil || string(got) != plain.body {
				t.Errorf("got error %v and other content", err)
			}
		})
	}
}

// opens finds an address in a page that opens something by itself.
var opens = regexp.MustCompile(`/(calendar|stop|away)/[\w.-]{20,}`)

// checkSecret holds a page that holds such an address to being compressed by
// nobody on the way.
func checkSecret(t *testing.T, name string, a answer) (found bool) {
	t.Helper()
	found = opens.MatchString(a.body)
	if got := a.Header.Get("Cache-Control"); found && !strings.Contains(got, "no-transform") {
		t.Errorf("%s holds an address that opens something, with Cache-Control %q; want no-transform", name, got)
	}
	return found
}
