package fakespotify_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
	"github.com/weeklyarchive/weeklyarchive/internal/web/pagetest"
)

// TestStates shows the stand-in's pages in every state, and with -serve-pages
// serves them to a browser.
func TestStates(t *testing.T) {
	t.Parallel()
	const scopes = "playlist-read-private playlist-modify-private user-read-recently-played"
	consent := "/authorize?" + consentParams(scopes).Encode()
	few := fakespotify.Config{Mode: fakespotify.Development, Allowlist: []string{"demo1", "demo2"}}
	var shown []pagetest.State
	for _, state := range []struct {
		name, path string
		status     int
		cookie     string
		config     fakespotify.Config
		world      func(c *client)
	}{
		{name: "consent", path: consent, config: few},
		{name: "consent_logged_in", path: consent, cookie: "standin_account=demo1", config: few},
		{name: "consent_without_scopes", path: "/authorize?" + consentParams("").Encode()},
		{name: "consent_refused", path: "/authorize?client_id=nobody", status: http.StatusBadRequest},
		{name: "people", path: "/standin", config: few},
		{name: "people_busy", path: "/standin?done=copy&account=demo1", config: fakespotify.Config{Mode: fakespotify.Extended, Strict: ignore}, world: busy},
		{name: "people_monday", path: "/standin?done=monday"},
		{name: "playlist_discover", path: "/standin/playlists/DISCOVER", config: fakespotify.Config{Strict: ignore}, world: busy},
		{name: "playlist_empty", path: "/standin/playlists/OWN", world: func(c *client) { _, _ = c.CreatePlaylist("demo1", "<b>Mine</b>") }},
		{name: "playlist_gone", path: "/standin/playlists/nothing", status: http.StatusNotFound},
	} {
		c := newClient(t, state.config)
		if state.world != nil {
			state.world(c)
		}
		switch state.path {
		case "/standin/playlists/DISCOVER":
			state.path = "/standin/playlists/" + c.DiscoverID("demo1")
		case "/standin/playlists/OWN":
			state.path = "/standin/playlists/" + c.Playlists("demo1")[1].ID
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:9090"+state.path, nil)
		r.Header.Set("Accept", "text/html")
		if state.cookie != "" {
			r.Header.Set("Cookie", state.cookie)
		}
		w := httptest.NewRecorder()
		c.Handler().ServeHTTP(w, r)
		answer := w.Result()
		answer.Request = r
		if kind := answer.Header.Get("Content-Type"); kind != "text/html; charset=utf-8" || w.Code != max(state.status, http.StatusOK) {
			t.Errorf("%s: got %q with status %d, want a page with %d", state.name, kind, w.Code, max(state.status, http.StatusOK))
		}
		shown = append(shown, pagetest.State{
			Name: "standin_" + state.name, Language: "en", Answer: answer, Body: w.Body.String(), Site: c.Handler(),
		})
	}
	pagetest.Serve(t, shown)
}

// busy is a world in which somebody has connected, copied and removed, Spotify
// lies, and the app asked for what there is not.
func busy(c *client) {
	c.login("demo1", allScopes)
	for range 2 {
		id, _ := c.CreatePlaylist("demo1", "My playlist")
		_ = c.CopyDiscover("demo1", id)
	}
	_ = c.Unfollow("demo1", c.Playlists("demo1")[0].ID)
	_ = c.Fault(fakespotify.Fault{Kind: fakespotify.Lies()[0].Kind, Account: "demo1", Times: -1})
	c.form("/v1/nowhere", url.Values{}, nil)
}
