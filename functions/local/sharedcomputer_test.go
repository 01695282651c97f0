package main

import (
	"html"
	"net/url"
	"strings"
	"testing"
)

// Spotify keeps a person logged in and lets an app that they agreed to pass
// without a page. The second person at a computer must not be the first again.
func TestTwoPeopleAtOneComputer(t *testing.T) {
	t.Parallel()
	s := startService(t, t.TempDir())
	p := newPerson(t, s.site)
	if page := p.connect(t, "demo1"); !strings.Contains(page, "Demo account 1") {
		t.Fatalf("the first person is not shown as connected:\n%s", page)
	}
	p.submit(t, s.site+"/account/signout", nil)

	consent, at := p.open(t, s.site+"/connect")
	if !strings.Contains(consent, "You are logged in as") || !strings.Contains(consent, "Demo account 1") {
		t.Fatalf("at %s: want the page of whoever is logged in at Spotify:\n%s", at.Path, consent)
	}
	form := url.Values{"account": {"demo1"}, "decision": {"change"}}
	for _, m := range hiddenField.FindAllStringSubmatch(consent, -1) {
		form.Add(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
	}
	p.submit(t, at.ResolveReference(&url.URL{Path: "/authorize"}).String(), form)
	if page := p.connect(t, "demo2"); !strings.Contains(page, "Demo account 2") {
		t.Errorf("the second person is not shown as connected:\n%s", page)
	}
	if got := len(s.status(t).Users); got != 2 {
		t.Errorf("got %d users, want 2", got)
	}
}
