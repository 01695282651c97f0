package fakespotify_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// person is a browser at the consent page.
type person struct {
	*client
	cookie string // of the login; empty: nobody is logged in
}

func (p *person) send(r *http.Request) response {
	p.t.Helper()
	if p.cookie != "" {
		r.Header.Set("Cookie", p.cookie)
	}
	got, err := p.try(r)
	if err != nil {
		p.t.Fatal(err)
	}
	if set := got.header.Get("Set-Cookie"); set != "" {
		p.cookie, _, _ = strings.Cut(set, ";")
		if strings.Contains(set, "Max-Age=0") {
			p.cookie = ""
		}
	}
	return got
}

// look opens the consent page for these scopes.
func (p *person) look(scopes, dialog string) response {
	p.t.Helper()
	params := consentParams(scopes)
	if dialog != "" {
		params.Set("show_dialog", dialog)
	}
	return p.send(p.request(http.MethodGet, "/authorize?"+params.Encode(), "", ""))
}

// press answers the consent page.
func (p *person) press(account, decision, scopes string) response {
	p.t.Helper()
	form := consentParams(scopes)
	form.Set("account", account)
	form.Set("decision", decision)
	r := p.request(http.MethodPost, "/authorize", "", form.Encode())
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return p.send(r)
}

func TestConsentOfALoggedInPerson(t *testing.T) {
	t.Parallel()
	const basic = "playlist-read-private playlist-modify-private"
	passed := func(r response) bool {
		return r.status == http.StatusSeeOther && strings.Contains(r.header.Get("Location"), "code=")
	}
	p := &person{client: newClient(t, fakespotify.Config{})}
	if r := p.look(basic, ""); r.status != http.StatusOK || !strings.Contains(string(r.body), "Demo account 5") {
		t.Fatalf("nobody is logged in: got status %d, want a page with every account", r.status)
	}
	r := p.press("demo2", "agree", basic)
	if !passed(r) {
		t.Fatalf("agreeing: got status %d, want a redirect with a code", r.status)
	}
	if r := p.look(basic, ""); r.status != http.StatusOK {
		t.Errorf("the code was never redeemed: got status %d, want the page", r.status)
	}
	p.login("demo2", basic)
	if r := p.look(basic, ""); !passed(r) {
		t.Errorf("the same scopes: got status %d, want to pass in silence", r.status)
	}
	if r := p.look("playlist-read-private", "false"); !passed(r) {
		t.Errorf("fewer scopes: got status %d, want to pass in silence", r.status)
	}
	if r := p.look(allScopes, ""); r.status != http.StatusOK {
		t.Errorf("more scopes: got status %d, want the page", r.status)
	}
	page := string(p.look(basic, "true").body)
	for text, want := range map[string]bool{
		"You are logged in as": true, "Demo account 2": true, "Use another account": true, "Demo account 1": false,
	} {
		if got := strings.Contains(page, text); got != want {
			t.Errorf("page with show_dialog: got %q there: %t, want %t", text, got, want)
		}
	}
	if r := (&person{client: p.client}).look(basic, ""); r.status != http.StatusOK {
		t.Errorf("another browser: got status %d, want the page", r.status)
	}
	r = p.press("demo2", "change", basic)
	if to := r.header.Get("Location"); r.status != http.StatusSeeOther || !strings.HasPrefix(to, "/authorize?") || p.cookie != "" {
		t.Fatalf("changing the account: got status %d to %q and the login %q", r.status, to, p.cookie)
	}
	if !strings.Contains(string(p.look(basic, "").body), "Demo account 1") {
		t.Error("after changing: want every account on the page")
	}
	p.press("demo1", "agree", basic)
	if page := string(p.look(basic, "").body); !strings.Contains(page, "Demo account 1") || strings.Contains(page, "Demo account 2") {
		t.Error("the other account: want it alone on the page")
	}
}

func TestARevokedConsentIsAskedForAgain(t *testing.T) {
	t.Parallel()
	const basic = "playlist-read-private"
	p := &person{client: newClient(t, fakespotify.Config{})}
	p.press("demo1", "agree", basic)
	p.login("demo1", basic)
	p.must(p.RevokeApp("demo1"))
	if r := p.look(basic, ""); r.status != http.StatusOK {
		t.Errorf("got status %d, want the page", r.status)
	}
}

// A search leads whoever is logged in to their own Discover Weekly.
func TestSearchFindsTheirDiscoverWeekly(t *testing.T) {
	t.Parallel()
	p := &person{client: newClient(t, fakespotify.Config{Mode: fakespotify.Development})}
	p.press("demo2", "agree", "playlist-read-private")
	got := p.send(p.request(http.MethodGet, "/standin/search/Dein%20Mix%20der%20Woche", "", ""))
	if want := "/standin/playlists/" + p.DiscoverID("demo2"); got.header.Get("Location") != want {
		t.Errorf("got status %d to %q, want %q", got.status, got.header.Get("Location"), want)
	}
}
