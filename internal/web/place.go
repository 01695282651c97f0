package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/weeklyarchive/weeklyarchive/internal/links"
)

// place is where a visitor opened the pages. The cookie of a sign-in stays
// with the name under which it began, and Spotify calls back BaseURL.
type place string

const (
	placeHere    place = "here"    // at BaseURL, as far as can be told
	placeAnother place = "another" // under another name, from which BaseURL can be reached
	placeNoWay   place = "no_way"  // on another computer than the one that BaseURL names
)

// movedKey marks an address to which we sent a visitor already. A proxy that
// puts its own name into Host would have us send them there for ever.
const movedKey = "moved"

func (s *server) placeOf(r *http.Request) place {
	switch {
	case sameHost(r.Host, s.base):
		return placeHere
	case links.OwnComputer(s.base.Hostname()) && !links.OwnComputer((&url.URL{Host: r.Host}).Hostname()):
		return placeNoWay // there, BaseURL is the visitor's own computer
	case r.URL.Query().Has(movedKey):
		return placeHere
	default:
		return placeAnother
	}
}

// movedOn sends a visitor to the same page at BaseURL, if they opened it under another
// name. Browsers say of a sign-in that is sent on that another site asks for it,
// whose wishes do not count; so it has to begin there.
func (s *server) movedOn(w http.ResponseWriter, r *http.Request) bool {
	if s.placeOf(r) != placeAnother {
		return false
	}
	s.redirect(w, r, s.base.String()+r.URL.Path+"?"+movedKey+"=1")
	return true
}

// movedLink is the wish's address with the mark.
func movedLink(w wish) string {
	link := w.link()
	if strings.Contains(link, "?") {
		return link + "&" + movedKey + "=1"
	}
	return link + "?" + movedKey + "=1"
}

// sameHost reports whether Host is the host of base, however it is spelled.
func sameHost(host string, base *url.URL) bool {
	port := map[string]string{"http": "80", "https": "443"}[base.Scheme]
	plain := func(h string) string { return strings.TrimSuffix(strings.ToLower(h), ":"+port) }
	return plain(host) == plain(base.Host)
}
