package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/web"
)

func TestConnect(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, path string
		wantScopes []string
		wantChoice archive.Choice
	}{
		{"no_choice", "/connect", webapi.Scopes(false), archive.ChoiceAuto},
		{"inbox", "/connect?source=inbox", webapi.Scopes(false), archive.ChoiceInbox},
		{"listening", "/connect?source=listening", webapi.Scopes(true), archive.ChoiceListening},
		{"auto_with_listening", "/connect?listening=1&source=auto", webapi.Scopes(true), archive.ChoiceAuto},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			b := s.browser(t)
			b.signIn(test.path)
			user := s.user(t)
			if diff := cmp.Diff(test.wantScopes, user.Grant.Scopes); diff != "" {
				t.Errorf("scopes (-want +got):\n%s", diff)
			}
			if user.Choice != test.wantChoice {
				t.Errorf("choice: got %q, want %q", user.Choice, test.wantChoice)
			}
			if name := b.cookieNamed("flow"); name != "" {
				t.Errorf("flow cookie %q is still there after the callback", name)
			}
			if jobs := s.queue.Archive.TakeAll(); len(jobs) != 1 || jobs[0].Run.Kind != app.RunSignUp {
				t.Errorf("got jobs %v, want one sign-up run", jobs)
			}
			wantStatus(t, b.get("/account"), http.StatusOK)
		})
	}
}

func TestConnectRefusesAnUnknownSource(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	wantStatus(t, s.browser(t).get("/connect?source=radio"), http.StatusBadRequest)
}

func TestConnectMovesToTheAddressThatSpotifyKnows(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	r := httptest.NewRequest(http.MethodGet, "http://localhost:8080/connect?source=listening", nil)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if got, want := w.Header().Get("Location"), local+"/connect?source=listening&moved=1"; got != want {
		t.Errorf("got redirect to %q, want %q", got, want)
	}
}

func TestStatesAndVerifiersAreFreshAndLongEnough(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	first, firstChallenge := b.begin("/connect")
	second, secondChallenge := b.begin("/connect")
	if first == second || firstChallenge == secondChallenge {
		t.Error("two sign-ins share a state or a challenge")
	}
	if len(first) != 43 || len(firstChallenge) != 43 {
		t.Errorf("got state and challenge of %d and %d characters, want 43 (256 bits)", len(first), len(firstChallenge))
	}
}

func TestTwoTabs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	firstState, firstChallenge := b.begin("/connect")
	secondState, secondChallenge := b.begin("/connect?source=inbox")
	wantLocation(t, b.get(callbackPath(secondState, s.spotify.agree(secondChallenge))), "/account")
	wantLocation(t, b.get(callbackPath(firstState, s.spotify.agree(firstChallenge))), "/account")
}

func TestUnfinishedSignInsDoNotPileUp(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	for range 30 {
		b.begin("/connect")
		s.pass(3 * time.Second)
	}
	if len(b.cookies) > 9 {
		t.Errorf("got %d cookies after 30 unfinished sign-ins, want at most 9", len(b.cookies))
	}
	b.signIn("/connect")
}

func TestCallbackStates(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		path   func(b *browser) string
		status int
		text   string
	}{
		{"missing", func(b *browser) string {
			_, challenge := b.begin("/connect")
			return "/callback?code=" + b.site.spotify.agree(challenge)
		}, http.StatusBadRequest, "This sign-in link is not complete"},
		{"empty", func(b *browser) string {
			_, challenge := b.begin("/connect")
			return "/callback?state=&code=" + b.site.spotify.agree(challenge)
		}, http.StatusBadRequest, "This sign-in link is not complete"},
		{"never_issued", func(b *browser) string {
			_, challenge := b.begin("/connect")
			return callbackPath(strings.Repeat("A", 43), b.site.spotify.agree(challenge))
		}, http.StatusBadRequest, "We do not know this sign-in"},
		{"of_another_browser", func(b *browser) string {
			state, challenge := b.site.browser(b.t).begin("/connect")
			b.begin("/connect")
			return callbackPath(state, b.site.spotify.agree(challenge))
		}, http.StatusBadRequest, "We do not know this sign-in"},
		{"cookie_of_another_state", func(b *browser) string {
			victim := b.site.browser(b.t)
			state, challenge := victim.begin("/connect")
			b.begin("/connect")
			own, name := b.cookies[b.cookieNamed("flow")], victim.cookieNamed("flow")
			b.cookies[name] = &http.Cookie{Name: name, Value: own.Value}
			return callbackPath(state, b.site.spotify.agree(challenge))
		}, http.StatusBadRequest, "This sign-in was not begun here"},
		{"cookie_forged", func(b *browser) string {
			state, challenge := b.begin("/connect")
			b.cookies[b.cookieNamed("flow")].Value = "eyJzIjoiIn0"
			return callbackPath(state, b.site.spotify.agree(challenge))
		}, http.StatusBadRequest, "This sign-in was not begun here"},
		{"expired", func(b *browser) string {
			state, challenge := b.begin("/connect")
			b.site.pass(10 * time.Minute)
			return callbackPath(state, b.site.spotify.agree(challenge))
		}, http.StatusBadRequest, "This sign-in took too long"},
		{"replayed", func(b *browser) string {
			state, challenge := b.begin("/connect")
			name := b.cookieNamed("flow")
			kept := *b.cookies[name]
			b.get(callbackPath(state, b.site.spotify.agree(challenge)))
			clear(b.cookies)
			b.cookies[name] = &kept
			return callbackPath(state, b.site.spotify.agree(challenge))
		}, http.StatusBadRequest, "This sign-in was used already"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			b := s.browser(t)
			path := test.path(b)
			before := s.spotify.exchanges
			a := b.get(path)
			wantStatus(t, a, test.status)
			wantText(t, a, test.text)
			if s.spotify.exchanges != before {
				t.Error("the code was redeemed")
			}
			if b.cookieNamed("session") != "" {
				t.Error("a session was started")
			}
		})
	}
}

func TestCallbackFailures(t *testing.T) {
	t.Parallel()
	inAnHour := time.Date(2026, 11, 16, 14, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name     string
		query    url.Values // replaces the code
		sabotage func(s *site)
		status   int
		text     string
	}{
		{"denied", url.Values{"error": {"access_denied"}}, nil, http.StatusForbidden, "You chose Cancel"},
		{"other_error", url.Values{"error": {"server_error"}}, nil, http.StatusBadGateway, "Spotify could not finish"},
		{"no_code", url.Values{}, nil, http.StatusBadRequest, "This sign-in link is not complete"},
		{"wrong_code", url.Values{"code": {"never-issued"}}, nil, http.StatusBadRequest, "used before, or is too old"},
		{"unavailable", nil, func(s *site) { s.spotify.exchange = fmt.Errorf("exchanging: %w", fault.ErrUnavailable) },
			http.StatusServiceUnavailable, "Spotify is having trouble"},
		{"paused", nil, func(s *site) { s.spotify.exchange = &fault.PausedError{Until: inAnHour} },
			http.StatusServiceUnavailable, "until Monday 16 November 2026, 14:00 UTC"},
		{"bad_credentials", nil, func(s *site) { s.spotify.exchange = fault.ErrInvalidClient },
			http.StatusInternalServerError, "Its owner has to put that right"},
		{"not_allowed", nil, func(s *site) { s.spotify.profileErr = fmt.Errorf("profile: %w", fault.ErrNotAllowed) },
			http.StatusForbidden, "User Management"},
		{"premium_lapsed", nil, func(s *site) { s.spotify.profileErr = fault.ErrPremiumLapsed },
			http.StatusServiceUnavailable, "The owner of this app has to subscribe again"},
		{"token_refused", nil, func(s *site) { s.spotify.profileErr = fault.ErrUnauthorized },
			http.StatusBadGateway, "Spotify gave us access and took it back"},
		{"scope_missing", nil, func(s *site) { s.spotify.scopes = []string{webapi.ScopeReadPrivate} },
			http.StatusForbidden, "agree to all the permissions"},
		{"store_fails", nil, func(s *site) {
			s.store.Faults.Before = func(string) error { return context.DeadlineExceeded }
		}, http.StatusInternalServerError, "Something went wrong on our side"},
		{"store_conflicts", nil, func(s *site) {
			s.store.Faults.Before = func(op string) error {
				if op == "Put" {
					return fault.ErrConflict
				}
				return nil
			}
		}, http.StatusServiceUnavailable, "Your account is busy"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			if test.sabotage != nil {
				test.sabotage(s)
			}
			b := s.browser(t)
			state, challenge := b.begin("/connect")
			code := s.spotify.agree(challenge)
			query := test.query
			if query == nil {
				query = url.Values{"code": {code}}
			}
			query.Set("state", state)
			a := b.get("/callback?" + query.Encode())
			wantStatus(t, a, test.status)
			wantText(t, a, test.text)
			if b.cookieNamed("session") != "" || b.cookieNamed("flow") != "" {
				t.Error("a session was started, or the flow cookie kept")
			}
			for _, part := range []string{state, code, "never-issued", canaryAccess, canaryRefresh} {
				if strings.Contains(a.body, part) || strings.Contains(s.log.String(), part) {
					t.Errorf("%q is on the page or in the log", part)
				}
			}
			if test.name == "paused" && a.Header.Get("Retry-After") != "3600" {
				t.Errorf("got Retry-After %q, want 3600", a.Header.Get("Retry-After"))
			}
		})
	}
}

func TestCallbackTwice(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	state, challenge := b.begin("/connect")
	path := callbackPath(state, s.spotify.agree(challenge))
	wantLocation(t, b.get(path), "/account")
	wantLocation(t, b.get(path), "/account") // the back button
	if s.spotify.exchanges != 1 {
		t.Errorf("the code was redeemed %d times, want once", s.spotify.exchanges)
	}
}

func TestCallbackTwiceAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	state, challenge := b.begin("/connect")
	path := callbackPath(state, s.spotify.agree(challenge))
	flow := b.cookies[b.cookieNamed("flow")]

	var wg sync.WaitGroup
	statuses := make([]int, 8)
	for i := range statuses {
		wg.Go(func() {
			r := httptest.NewRequest(http.MethodGet, local+path, nil)
			r.AddCookie(&http.Cookie{Name: flow.Name, Value: flow.Value})
			w := httptest.NewRecorder()
			s.handler.ServeHTTP(w, r)
			statuses[i] = w.Code
		})
	}
	wg.Wait()
	var done int
	for _, status := range statuses {
		if status == http.StatusSeeOther {
			done++
		}
	}
	if done != 1 || s.spotify.exchanges != 1 {
		t.Errorf("got %d sign-ins and %d redeemed codes (statuses %v), want one of each", done, s.spotify.exchanges, statuses)
	}
}

func TestCallbackIsFinishedForABrowserThatLeft(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	state, challenge := b.begin("/connect")
	flow := b.cookies[b.cookieNamed("flow")]
	gone, leave := context.WithCancel(t.Context())
	leave()
	r := httptest.NewRequestWithContext(gone, http.MethodGet, local+callbackPath(state, s.spotify.agree(challenge)), nil)
	r.AddCookie(&http.Cookie{Name: flow.Name, Value: flow.Value})
	s.handler.ServeHTTP(httptest.NewRecorder(), r)
	if got := s.user(t).Status; got != archive.StatusActive {
		t.Errorf("got status %q, want active", got)
	}
}

func TestCallbackByHeadRedeemsNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	state, challenge := b.begin("/connect")
	path := callbackPath(state, s.spotify.agree(challenge))
	wantStatus(t, b.do(http.MethodHead, path, nil), http.StatusMethodNotAllowed)
	wantLocation(t, b.get(path), "/account")
}

func TestReconnectKeepsEverything(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect?source=inbox")
	created := s.user(t).CreatedAt
	s.edit(t, func(u *archive.User) {
		u.Status = archive.StatusReconnect
		u.Archives = map[string]archive.ArchivePlaylist{archive.MainArchive: {PlaylistID: "mainFixture00000000000", Part: 1, Total: 30}}
	})
	s.pass(200 * 24 * time.Hour)
	b.signIn("/connect")
	got := s.user(t)
	if got.Status != archive.StatusActive || got.Choice != archive.ChoiceInbox || len(got.Archives) != 1 || !got.CreatedAt.Equal(created) {
		t.Errorf("got status %q, choice %q, %d archives, created %s; want the same user, active",
			got.Status, got.Choice, len(got.Archives), got.CreatedAt)
	}
}

func TestAnotherSpotifyAccountIsAnotherUser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	first := s.user(t).ID
	s.spotify.profile = webapi.Profile{AccountID: "account-2", ID: "second", DisplayName: "Second"}
	b.signIn("/connect")
	if second := s.user(t).ID; second == first {
		t.Error("the second account became the first user")
	}
	wantText(t, b.get("/account"), "Connected as <strong><bdi>Second</bdi></strong>")
}

func TestSessionKeyNotThere(t *testing.T) {
	t.Parallel()
	fails := true
	s := newSite(t, func(c *web.Config) {
		load := c.SessionKey
		c.SessionKey = func(ctx context.Context) (secret.Text, error) {
			if fails {
				return secret.Text{}, context.DeadlineExceeded
			}
			return load(ctx)
		}
	})
	b := s.browser(t)
	wantStatus(t, b.get("/"), http.StatusOK)
	wantStatus(t, b.get("/connect"), http.StatusInternalServerError)
	fails = false
	b.signIn("/connect")
}
