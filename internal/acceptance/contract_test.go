package acceptance_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/pkce"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

const (
	contractRedirect = "http://127.0.0.1:8080/callback"
	contractAccount  = "demo1"
)

// TestContract has our client and the Spotify stand-in talk to each other,
// each as if the other were Spotify, and holds every request and every answer
// against the OpenAPI document of the Web API.
func TestContract(t *testing.T) {
	t.Parallel()
	doc := loadDocument(t)
	for _, mode := range []fakespotify.Mode{fakespotify.Development, fakespotify.Extended} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			p := newPair(t, doc, mode)
			t.Run("a_week", p.week)
			t.Run("listening", p.listening)
			t.Run("refusals", p.refusals)
			t.Run("faults", p.faults)
			t.Run("answers_that_the_client_does_not_ask_for", p.rest)
			p.recorder.checkCoverage(t, mode)
		})
	}
}

// pair is a client, the stand-in, and the recorder between them.
type pair struct {
	mode     fakespotify.Mode
	server   *fakespotify.Server
	client   *spotify.Client
	recorder *recorder
	access   secret.Text
	library  webapi.Library
}

func newPair(t *testing.T, doc *document, mode fakespotify.Mode) *pair {
	t.Helper()
	accounts := fakespotify.DemoAccounts()
	accounts[0].DisplayName = ""
	server := fakespotify.Start(t, fakespotify.Config{
		Accounts:     accounts,
		Mode:         mode,
		RedirectURIs: []string{contractRedirect},
		Quirks:       fakespotify.Quirks{Null: 1, Local: 1, Episodes: 1},
		Strict:       func(string) {}, // the tests below send wrong requests on purpose
	})
	p := &pair{mode: mode, server: server, recorder: &recorder{doc: doc, next: server.RoundTripper(), seen: map[string]bool{}}}
	p.client = p.newClient(t)
	p.recorder.t = t
	p.consent(t, doc)
	return p
}

func (p *pair) newClient(t *testing.T) *spotify.Client {
	t.Helper()
	client, err := spotify.New(spotify.Config{
		ClientID:     fakespotify.DemoClientID,
		ClientSecret: func(context.Context) (secret.Text, error) { return fakespotify.DemoClientSecret(), nil },
		RedirectURI:  contractRedirect,
		Transport:    p.recorder,
		Clock:        p.server.Now,
		Sleep:        func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// consent checks the authorization request and the token answers, of which
// the document has only the addresses and the scopes.
func (p *pair) consent(t *testing.T, doc *document) {
	t.Helper()
	verifier := pkce.NewVerifier()
	scopes := append(webapi.Scopes(true), "user-read-currently-playing", "user-library-read", "user-library-modify",
		"user-follow-read", "user-follow-modify")
	target, err := url.Parse(p.client.AuthorizeURL("state", pkce.Challenge(verifier), scopes, false))
	if err != nil {
		t.Fatal(err)
	}
	flow := doc.api.Components.SecuritySchemes["oauth_2_0"].Value.Flows.AuthorizationCode
	if got, want := target.Scheme+"://"+target.Host+target.Path, flow.AuthorizationURL; got != want {
		t.Errorf("the consent is asked at %s, want %s", got, want)
	}
	for _, scope := range scopes {
		if _, ok := flow.Scopes[scope]; !ok {
			t.Errorf("the scope %s is not in the document", scope)
		}
	}
	form := target.Query()
	form.Set("account", contractAccount)
	form.Set("decision", "agree")
	resp := p.raw(t, http.MethodPost, flow.AuthorizationURL, "application/x-www-form-urlencoded", form.Encode())
	callback, err := url.Parse(resp.Header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	token, err := p.client.Exchange(t.Context(), secret.New(callback.Query().Get("code")), verifier)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.client.Refresh(t.Context(), token.Refresh); err != nil {
		t.Error(err)
	}
	if !p.recorder.saw("POST " + flow.TokenURL) {
		t.Errorf("no token was asked at %s", flow.TokenURL)
	}
	p.access = token.Access
	p.library = p.client.Library(func(context.Context, bool) (secret.Text, error) { return token.Access, nil })
}

func (p *pair) week(t *testing.T) {
	ctx := t.Context()
	_, err := p.client.Profile(ctx, p.access)
	noError(t, err)
	_, err = p.library.Playlists(ctx, 0, webapi.PageSize)
	noError(t, err)
	inbox, err := p.server.CreatePlaylist(contractAccount, "Inbox")
	noError(t, err)
	noError(t, p.server.CopyDiscover(contractAccount, inbox))
	page, err := p.library.Items(ctx, inbox, 0)
	noError(t, err)
	made, err := p.library.Create(ctx, "Archive", "Text")
	noError(t, err)
	for _, item := range page.Items {
		if item.Usable {
			_, err = p.library.Append(ctx, made.ID, []ledger.Track{item.Track})
			noError(t, err)
			break
		}
	}
	noError(t, p.library.Describe(ctx, made.ID, "Other text"))
	_, err = p.library.InLibrary(ctx, made.ID)
	noError(t, err)
	noError(t, p.server.Fill(contractAccount, made.ID, 120))
	_, err = p.library.Items(ctx, made.ID, 50)
	noError(t, err)
	_, err = p.library.Playlists(ctx, 50, webapi.PageSize)
	noError(t, err)
}

func (p *pair) listening(t *testing.T) {
	ctx := t.Context()
	_, err := p.library.RecentlyPlayed(ctx)
	noError(t, err)
	_, err = p.library.Queue(ctx)
	noError(t, err)
	noError(t, p.server.PlayDiscover(contractAccount, 3))
	noError(t, p.server.Play(contractAccount, "", "spotify:track:"+fakespotify.TrackID("a"), p.server.Now()))
	noError(t, p.server.QueueDiscover(contractAccount))
	_, err = p.library.RecentlyPlayed(ctx)
	noError(t, err)
	_, err = p.library.Queue(ctx)
	noError(t, err)
}

// refusals asks for 401, 403 and 404; the client's sentinels are its own
// tests' matter.
func (p *pair) refusals(t *testing.T) {
	ctx := t.Context()
	stranger := p.client.Library(func(context.Context, bool) (secret.Text, error) { return secret.New("wrong"), nil })
	_, err := stranger.Playlists(ctx, 0, webapi.PageSize)
	someError(t, err)
	_, err = p.library.Items(ctx, p.server.DiscoverID("demo2"), 0)
	if p.mode == fakespotify.Development {
		someError(t, err)
	}
	_, err = p.library.Items(ctx, "0000000000000000000000", 0)
	someError(t, err)
	if p.mode == fakespotify.Development {
		noError(t, p.server.SetPremium(false))
		_, err = p.library.Playlists(ctx, 0, webapi.PageSize)
		someError(t, err)
		noError(t, p.server.SetPremium(true))
	}
}

// faults gives each fault a client of its own: one that was refused holds back
// whatever it is asked next.
func (p *pair) faults(t *testing.T) {
	for _, fault := range []fakespotify.Fault{
		{Match: "GET /v1/me", Kind: fakespotify.FaultStatus, Status: http.StatusInternalServerError},
		{Match: "GET /v1/me", Kind: fakespotify.FaultRateLimit, RetryAfter: 60},
		{Match: "GET /v1/me", Kind: fakespotify.FaultQuota},
		{Match: "GET /v1/me", Kind: fakespotify.FaultUnauthorized, Times: 2},
	} {
		noError(t, p.server.Fault(fault))
		_, err := p.newClient(t).Profile(t.Context(), p.access)
		someError(t, err)
	}
	noError(t, p.server.Fault(fakespotify.Fault{Match: "GET /v1/me/playlists", Kind: fakespotify.FaultNullPlaylists}))
	_, err := p.library.Playlists(t.Context(), 0, webapi.PageSize)
	noError(t, err)
}

// rest looks at what the stand-in offers other clients: whole objects without
// a field filter, and the endpoints that change and remove.
func (p *pair) rest(t *testing.T) {
	const api, json = "https://api.spotify.com/v1", "application/json"
	id, err := p.server.CreatePlaylist(contractAccount, "More")
	noError(t, err)
	noError(t, p.server.CopyDiscover(contractAccount, id))
	noError(t, p.server.QueueDiscover(contractAccount))
	songs := p.server.URIs(id)
	song := songs[slices.IndexFunc(songs, func(uri string) bool { return strings.HasPrefix(uri, "spotify:track:") })]
	library := api + "/me/library?" + url.Values{"uris": {"spotify:playlist:" + id}}.Encode()
	requests := []struct{ method, url, body string }{
		{http.MethodGet, api + "/playlists/" + id, ""},
		{http.MethodGet, api + "/playlists/" + id + "/items?limit=50&additional_types=track,episode", ""},
		{http.MethodGet, api + "/me/player/currently-playing", ""},
		{http.MethodGet, api + "/tracks/" + strings.TrimPrefix(song, "spotify:track:"), ""},
		{http.MethodPut, api + "/playlists/" + id + "/items", `{"range_start":0,"insert_before":2,"range_length":1}`},
		{http.MethodPut, api + "/playlists/" + id + "/items", `{"uris":["` + song + `"]}`},
		{http.MethodDelete, api + "/playlists/" + id + "/items", `{"items":[{"uri":"` + song + `"}]}`},
		{http.MethodPut, library, ""},
		{http.MethodDelete, library, ""},
		{http.MethodGet, api + "/me/playlists?limit=51", ""},                      // 400
		{http.MethodGet, api + "/me/library/contains", ""},                        // 400
		{http.MethodPost, api + "/playlists/" + id + "/items", `{"uris":["no"]}`}, // 400
		{http.MethodGet, api + "/playlists/" + id + "/tracks", ""},                // 403 in development mode
		{http.MethodPost, api + "/playlists/" + id + "/tracks", `{"uris":["` + song + `"]}`},
	}
	for _, r := range requests {
		kind := ""
		if r.body != "" {
			kind = json
		}
		p.raw(t, r.method, r.url, kind, r.body)
	}
}

// raw sends a request that is not our client's: only its answer is held
// against the document.
func (p *pair) raw(t *testing.T, method, target, contentType, body string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if !p.access.IsZero() {
		req.Header.Set("Authorization", "Bearer "+p.access.Reveal())
	}
	resp, err := p.recorder.exchange(req, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return resp
}

// recorder holds what passes it against the document.
type recorder struct {
	t    *testing.T
	doc  *document
	next http.RoundTripper
	seen map[string]bool // "GET /me/playlists 200", and "POST https://…" outside the document
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) { return r.exchange(req, true) }

func (r *recorder) exchange(req *http.Request, ours bool) (*http.Response, error) {
	var sent []byte
	if req.Body != nil {
		var err error
		if sent, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
		req.Body = io.NopCloser(bytes.NewReader(sent))
	}
	resp, err := r.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	received, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(received))
	if !strings.HasPrefix(req.URL.String(), r.doc.api.Servers[0].URL+"/") {
		r.seen[req.Method+" "+req.URL.String()] = true
		return resp, nil
	}
	name, problems := r.doc.check(req, sent, resp, received, ours)
	r.seen[name] = true
	for _, problem := range problems {
		r.t.Errorf("%s: %s", name, problem)
	}
	return resp, nil
}

func (r *recorder) saw(name string) bool { return r.seen[name] }

// checkCoverage names what must have passed, so that a check of nothing fails.
func (r *recorder) checkCoverage(t *testing.T, mode fakespotify.Mode) {
	t.Helper()
	want := []string{
		"GET /me 200", "GET /me 401", "GET /me 429", "GET /me 500",
		"GET /me/playlists 200", "GET /me/playlists 400", "GET /me/playlists 401", "POST /me/playlists 201",
		"GET /playlists/{playlist_id}/items 200", "GET /playlists/{playlist_id}/items 404",
		"POST /playlists/{playlist_id}/items 201", "POST /playlists/{playlist_id}/items 400",
		"PUT /playlists/{playlist_id}/items 200", "DELETE /playlists/{playlist_id}/items 200",
		"PUT /playlists/{playlist_id} 200", "GET /playlists/{playlist_id} 200",
		"GET /me/library/contains 200", "GET /me/library/contains 400", "PUT /me/library 200", "DELETE /me/library 200",
		"GET /me/player/recently-played 200", "GET /me/player/queue 200", "GET /me/player 200", "GET /tracks/{id} 200",
		"GET /me/player/currently-playing 200",
	}
	if mode == fakespotify.Development {
		want = append(want, "GET /me/playlists 403", "GET /playlists/{playlist_id}/tracks 403")
	} else {
		want = append(want, "GET /playlists/{playlist_id}/tracks 200", "POST /playlists/{playlist_id}/tracks 201")
	}
	for _, name := range want {
		if !r.saw(name) {
			t.Errorf("no exchange %s was checked", name)
		}
	}
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("got %v, want no error", err)
	}
}

func someError(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		t.Error("got no error, want one")
	}
}
