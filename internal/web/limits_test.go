package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/links"
	"github.com/weeklyarchive/weeklyarchive/internal/web"
)

// from makes the browser's requests those of an address that the platform has
// told of.
func (b *browser) from(forwarded ...string) *browser {
	b.header["X-Forwarded-For"] = forwarded
	return b
}

func forwarded(c *web.Config) { c.Forwarded = true }

// tokenRequests is how many codes Spotify was asked to redeem.
func (f *fakeSpotify) tokenRequests() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.exchanges
}

// junk calls back n times, each time with a state of its own and a code that
// Spotify did not give, and returns how many were refused.
func junk(b *browser, n int) (refused int) {
	for range n {
		b.cookies = map[string]*http.Cookie{}
		a := b.get("/connect")
		if a.StatusCode == http.StatusTooManyRequests {
			refused++
			continue
		}
		to, err := url.Parse(a.location())
		if err != nil {
			b.t.Fatal(err)
		}
		state := to.Query().Get("state")
		if b.get(callbackPath(state, "junk")).StatusCode == http.StatusTooManyRequests {
			refused++
		}
	}
	return refused
}

func TestJunkCallbacksOfOneAddressHaveALimit(t *testing.T) {
	t.Parallel()
	s := newSite(t, forwarded)
	b := s.browser(t).from("203.0.113.9")
	if got := junk(b, 300); got != 280 {
		t.Errorf("got %d of 300 refused, want 280", got)
	}
	if got := s.spotify.tokenRequests(); got != 20 {
		t.Errorf("got %d token requests, want 20", got)
	}
	s.browser(t).from("203.0.113.10").signIn("/connect") // another address
	s.pass(15 * time.Second)
	if got := junk(b, 2); got != 1 {
		t.Errorf("15 s later: got %d of 2 refused, want 1", got)
	}
}

func TestJunkCallbacksOfManyAddressesHaveALimit(t *testing.T) {
	t.Parallel()
	s := newSite(t, forwarded)
	for i := range 300 {
		junk(s.browser(t).from(fmt.Sprintf("203.0.113.%d", i%200)), 1)
		if i%2 == 0 {
			s.pass(100 * time.Millisecond)
		}
	}
	if got := s.spotify.tokenRequests(); got != 30+7 {
		t.Errorf("got %d token requests in 15 s, want 37", got)
	}
}

func TestManyPeopleMaySignInAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, forwarded)
	for i := range 150 {
		s.browser(t).from(fmt.Sprintf("203.0.113.%d", i)).signIn("/connect")
	}
	for i := range 30 {
		junk(s.browser(t).from(fmt.Sprintf("198.51.100.%d", i)), 1)
	}
	if got := s.spotify.tokenRequests(); got != 150+30 {
		t.Errorf("got %d token requests, want 180: those of people who signed in take nothing from the others", got)
	}
	if got := junk(s.browser(t).from("198.51.100.99"), 1); got != 1 {
		t.Error("got no refusal after thirty junk codes")
	}
}

// A callback without a sign-in of ours costs Spotify nothing, so it takes
// nothing from the others.
func TestForgedCallbacksKeepNobodyOut(t *testing.T) {
	t.Parallel()
	s := newSite(t, forwarded)
	for i := range 300 {
		b := s.browser(t).from(fmt.Sprintf("203.0.113.%d", i%200))
		wantStatus(t, b.get(callbackPath("forged-state", "junk")), http.StatusBadRequest)
	}
	s.browser(t).from("198.51.100.1").signIn("/connect")
}

func TestVisitors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		forwarded bool
		from      func(i int) []string
		bounded   bool // as one visitor
	}{
		"one_address":              {true, func(int) []string { return []string{"203.0.113.9"} }, true},
		"what_the_visitor_claims":  {true, func(i int) []string { return []string{fmt.Sprintf("198.51.100.%d, 203.0.113.9", i)} }, true},
		"a_header_of_its_own":      {true, func(i int) []string { return []string{fmt.Sprintf("198.51.100.%d", i), "203.0.113.9"} }, true},
		"a_network_of_ipv6":        {true, func(i int) []string { return []string{fmt.Sprintf("2001:db8:1:2::%d", i+1)} }, true},
		"many_addresses":           {true, func(i int) []string { return []string{fmt.Sprintf("203.0.113.%d", i)} }, false},
		"a_proxy_in_a_container":   {true, func(int) []string { return []string{"172.18.0.3"} }, false},
		"a_proxy_by_ipv6":          {true, func(int) []string { return []string{"fd00:172:18::3"} }, false},
		"nothing_told":             {true, func(int) []string { return nil }, false},
		"nobody_before_us_to_tell": {false, func(i int) []string { return []string{fmt.Sprintf("203.0.113.%d", i)} }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, func(c *web.Config) { c.Forwarded = test.forwarded })
			refused := 0
			for i := range 60 {
				if s.browser(t).from(test.from(i)...).get("/connect").StatusCode == http.StatusTooManyRequests {
					refused++
				}
			}
			want := 0
			if test.bounded {
				want = 40
			}
			if refused != want {
				t.Errorf("got %d of 60 refused, want %d", refused, want)
			}
		})
	}
}

func TestTheAnswerToTooMany(t *testing.T) {
	t.Parallel()
	for language, text := range map[string]string{"en": "Please try again in a moment", "de": "Bitte versuch es gleich wieder"} {
		s := newSite(t, forwarded)
		b := s.browser(t).from("203.0.113.9")
		b.header.Set("Accept-Language", language)
		a := b.get("/connect")
		for range 1000 {
			if a.StatusCode == http.StatusTooManyRequests {
				break
			}
			a = b.get("/connect")
		}
		wantStatus(t, a, http.StatusTooManyRequests)
		wantText(t, a, text)
		wait, err := strconv.Atoi(a.Header.Get("Retry-After"))
		if err != nil || wait < 1 || wait > 3 {
			t.Errorf("got Retry-After %q, want 1 to 3 seconds", a.Header.Get("Retry-After"))
		}
		s.pass(time.Duration(wait) * time.Second)
		wantStatus(t, b.get("/connect"), http.StatusSeeOther)
	}
}

// A refused callback can be sent again: its code was not redeemed.
func TestARefusedCallbackCanBeSentAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t, forwarded)
	b := s.browser(t).from("198.51.100.1")
	state, challenge := b.begin("/connect")
	back := callbackPath(state, s.spotify.agree(challenge))
	for i := range 30 {
		junk(s.browser(t).from(fmt.Sprintf("203.0.113.%d", i)), 1)
	}
	wantStatus(t, b.get(back), http.StatusTooManyRequests)
	s.pass(2 * time.Second)
	wantLocation(t, b.get(back), "/account")
}

// Links that open nothing are questions to the store: they have a limit, of one
// address and of all. Those that do open something have none.
func TestLinksThatOpenNothingHaveALimit(t *testing.T) {
	t.Parallel()
	s := newSite(t, forwarded)
	s.browser(t).from("192.0.2.2").signIn("/connect")
	token, err := s.links.Token(t.Context(), links.Calendar, s.user(t))
	if err != nil {
		t.Fatal(err)
	}
	calendar := "/calendar/" + token + ".ics"
	junk := "/stop/" + token
	count := func(path string, from func(i int) string) (refused int) {
		for i := range 300 {
			if s.browser(t).from(from(i)).get(path).StatusCode == http.StatusTooManyRequests {
				refused++
			}
		}
		return refused
	}
	one := func(int) string { return "203.0.113.9" }
	if got := count(calendar, one); got != 0 {
		t.Errorf("calendar: got %d of 300 refused, want none", got)
	}
	if got := count(junk, one); got != 280 {
		t.Errorf("junk of one address: got %d of 300 refused, want 280", got)
	}
	if got := count(junk, func(i int) string { return fmt.Sprintf("198.51.100.%d", i%200) }); got != 120 {
		t.Errorf("junk of many addresses: got %d of 300 refused, want 120", got)
	}
	wantText(t, s.browser(t).from("192.0.2.1").get(junk), "More links that open nothing")
}
