package fakespotify_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

const (
	redirectURI = "http://127.0.0.1:8080/callback"
	verifier    = "0123456789-abcdefghijklmnopqrstuvwxyz.ABCDEFG"
	allScopes   = "playlist-read-private playlist-read-collaborative playlist-modify-public playlist-modify-private " +
		"user-library-read user-library-modify user-follow-read user-follow-modify " +
		"user-read-recently-played user-read-playback-state user-read-currently-playing"
)

// client talks to a stand-in in memory, as a browser and as an app.
type client struct {
	*fakespotify.Server
	t     *testing.T
	clock *clock
}

type clock struct{ now time.Time }

func (c *clock) time() time.Time { return c.now }

// newClient starts a stand-in on Wednesday, 2026-11-18, 12:00 UTC. Problems
// fail the test unless the configuration wants them.
func newClient(t *testing.T, cfg fakespotify.Config) *client {
	t.Helper()
	c := &client{t: t, clock: &clock{time.Date(2026, 11, 18, 12, 0, 0, 0, time.UTC)}}
	if cfg.Clock == nil {
		cfg.Clock = c.clock.time
	}
	if cfg.Seed == 0 {
		cfg.Seed = 1
	}
	if cfg.Strict == nil {
		cfg.Strict = func(problem string) { t.Errorf("problem: %s", problem) }
	}
	s, err := fakespotify.New(cfg)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	c.Server = s
	return c
}

// ignore is for tests that send what the stand-in does not know.
func ignore(string) {}

type response struct {
	status int
	header http.Header
	body   []byte
}

func (r response) object(t *testing.T) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal(r.body, &o); err != nil {
		t.Fatalf("answer %d is no JSON object: %v", r.status, err)
	}
	return o
}

// message returns the error message of the Web API, or its status text.
func (r response) message() string {
	var body struct {
		Error struct {
			Status  int
			Message string
		}
	}
	if err := json.Unmarshal(r.body, &body); err != nil {
		return string(r.body)
	}
	return body.Error.Message
}

func (c *client) try(req *http.Request) (response, error) {
	resp, err := c.RoundTripper().RoundTrip(req)
	if err != nil {
		return response{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return response{resp.StatusCode, resp.Header, body}, err
}

func (c *client) request(method, target, token, body string) *http.Request {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, "https://api.spotify.test"+target, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return req
}

// api calls the Web API.
func (c *client) api(method, target, token, body string) response {
	c.t.Helper()
	r, err := c.try(c.request(method, target, token, body))
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, target, err)
	}
	return r
}

// want calls the Web API and expects a status.
func (c *client) want(status int, method, target, token, body string) response {
	c.t.Helper()
	r := c.api(method, target, token, body)
	if r.status != status {
		c.t.Fatalf("%s %s: got status %d (%s), want %d", method, target, r.status, bytes.TrimSpace(r.body), status)
	}
	return r
}

func (c *client) form(path string, form url.Values, auth func(*http.Request)) response {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, "https://accounts.spotify.test"+path,
		strings.NewReader(form.Encode()))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if auth != nil {
		auth(req)
	}
	r, err := c.try(req)
	if err != nil {
		c.t.Fatalf("POST %s: %v", path, err)
	}
	return r
}

func basic(req *http.Request) {
	req.SetBasicAuth(fakespotify.DemoClientID, fakespotify.DemoClientSecret().Reveal())
}

func challenge() string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func consentParams(scopes string) url.Values {
	return url.Values{
		"client_id":             {fakespotify.DemoClientID},
		"response_type":         {"code"},
		"redirect_uri":          {redirectURI},
		"scope":                 {scopes},
		"state":                 {"st ate"},
		"code_challenge_method": {"S256"},
		"code_challenge":        {challenge()},
	}
}

// consent agrees on the consent page and returns the code.
func (c *client) consent(account string, params url.Values) string {
	c.t.Helper()
	params.Set("account", account)
	params.Set("decision", "agree")
	r := c.form("/authorize", params, nil)
	target, err := url.Parse(r.header.Get("Location"))
	if err != nil || r.status != http.StatusSeeOther || target.Query().Get("code") == "" {
		c.t.Fatalf("consent of %s: got status %d, want a redirect with a code", account, r.status)
	}
	return target.Query().Get("code")
}

type tokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Scope   string `json:"scope"`
	Type    string `json:"token_type"`
	Expires int    `json:"expires_in"`
}

func exchangeForm(code string) url.Values {
	return url.Values{
		"grant_type":    {"authorization_code"},
		"code":          {code},
		"redirect_uri":  {redirectURI},
		"code_verifier": {verifier},
	}
}

func refreshForm(token string) url.Values {
	return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}
}

func (c *client) tokens(form url.Values, auth func(*http.Request)) tokens {
	c.t.Helper()
	r := c.form("/api/token", form, auth)
	if r.status != http.StatusOK {
		c.t.Fatalf("token endpoint: got status %d (%s), want 200", r.status, r.body)
	}
	var tok tokens
	if err := json.Unmarshal(r.body, &tok); err != nil {
		c.t.Fatal(err)
	}
	return tok
}

// login returns the tokens of an account that agreed to the scopes.
func (c *client) login(account, scopes string) tokens {
	c.t.Helper()
	return c.tokens(exchangeForm(c.consent(account, consentParams(scopes))), basic)
}

// create makes a playlist through the Web API and returns its id.
func (c *client) create(token, name string) string {
	c.t.Helper()
	body, err := json.Marshal(map[string]string{"name": name})
	if err != nil {
		c.t.Fatal(err)
	}
	id, _ := c.want(http.StatusCreated, http.MethodPost, "/v1/me/playlists", token, string(body)).object(c.t)["id"].(string)
	return id
}

// must fails the test if a user's action did.
func (c *client) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// uriList is a JSON array of n track URIs, made from a name.
func uriList(name string, n int) []string {
	uris := make([]string, n)
	for i := range uris {
		uris[i] = "spotify:track:" + fakespotify.TrackID(name, string(rune('a'+i%26)), string(rune('a'+i/26)))
	}
	return uris
}

func addBody(t *testing.T, uris []string) string {
	t.Helper()
	b, err := json.Marshal(map[string]any{"uris": uris})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
