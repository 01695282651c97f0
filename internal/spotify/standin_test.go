package spotify_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/pkce"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

const (
	redirectURI = "http://127.0.0.1:8080/callback"
	account     = "demo1"
)

// flow is a client and the stand-in that it talks to: the browser over HTTP,
// the client in memory, so that every request is counted when its call returns.
type flow struct {
	server *fakespotify.Server
	client *spotify.Client
}

func newFlow(t *testing.T, config fakespotify.Config, public bool) flow {
	t.Helper()
	server := fakespotify.Start(t, config)
	cfg := spotify.Config{
		ClientID:    fakespotify.DemoClientID,
		RedirectURI: redirectURI,
		AccountsURL: server.URL,
		APIURL:      server.URL + "/v1",
		Transport:   server.RoundTripper(),
		Clock:       server.Now,
		Sleep:       func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
	if !public {
		cfg.ClientSecret = func(context.Context) (secret.Text, error) { return fakespotify.DemoClientSecret(), nil }
	}
	client, err := spotify.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return flow{server, client}
}

// consent answers the consent page as a browser does and returns the query of
// the callback.
func (f flow) consent(t *testing.T, authorizeURL, decision string) url.Values {
	t.Helper()
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	page := get(t, browser, authorizeURL)
	if !strings.Contains(page, account) {
		t.Fatal("consent page does not offer the account")
	}
	target, err := url.Parse(authorizeURL)
	if err != nil {
		t.Fatal(err)
	}
	form := target.Query()
	form.Set("account", account)
	form.Set("decision", decision)
	target.RawQuery = ""
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target.String(), strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := browser.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	callback, err := resp.Location()
	if err != nil {
		t.Fatalf("status %d without a redirect: %v", resp.StatusCode, err)
	}
	if !strings.HasPrefix(callback.String(), redirectURI+"?") {
		t.Fatalf("got a redirect to %s, want %s", callback.Host+callback.Path, redirectURI)
	}
	return callback.Query()
}

func get(t *testing.T, browser *http.Client, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := browser.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// connect goes through the whole consent.
func (f flow) connect(t *testing.T) webapi.Token {
	t.Helper()
	const state = "state-of-a-sign-in"
	verifier := pkce.NewVerifier()
	scopes := append(webapi.Scopes(true), "user-read-currently-playing", "user-library-read", "user-follow-read")
	callback := f.consent(t, f.client.AuthorizeURL(state, pkce.Challenge(verifier), scopes, false), "agree")
	if got := callback.Get("state"); got != state {
		t.Fatalf("got the state %q, want %q", got, state)
	}
	token, err := f.client.Exchange(t.Context(), secret.New(callback.Get("code")), verifier)
	if err != nil {
		t.Fatal(err)
	}
	for _, scope := range webapi.Scopes(true) {
		if !strings.Contains(strings.Join(token.Scopes, " "), scope) {
			t.Errorf("got the scopes %v, want %s among them", token.Scopes, scope)
		}
	}
	return token
}

// library is the library of a user whose token is renewed with the grant.
func (f flow) library(t *testing.T, token webapi.Token) webapi.Library {
	t.Helper()
	return f.client.Library(func(ctx context.Context, renew bool) (secret.Text, error) {
		if renew {
			next, err := f.client.Refresh(ctx, token.Refresh)
			if err != nil {
				return secret.Text{}, err
			}
			token.Access = next.Access
			if !next.Refresh.IsZero() {
				token.Refresh = next.Refresh
			}
		}
		return token.Access, nil
	})
}

func registered(c fakespotify.Config) fakespotify.Config {
	c.RedirectURIs = []string{redirectURI}
	return c
}
