package fakespotify_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

func TestOldEndpoints(t *testing.T) {
	t.Parallel()
	uri := uriList("x", 1)[0]
	cases := []struct {
		method, path, body string
		extended           int
	}{
		{"GET", "/v1/playlists/ID/tracks", "", 200},
		{"POST", "/v1/playlists/ID/tracks", `{"uris":["` + uri + `"]}`, 201},
		{"PUT", "/v1/playlists/ID/tracks", `{"uris":["` + uri + `"]}`, 200},
		{"DELETE", "/v1/playlists/ID/tracks", `{"tracks":[{"uri":"` + uri + `"}]}`, 200},
		{"GET", "/v1/users/standindemo1", "", 200},
		{"GET", "/v1/users/standindemo1/playlists", "", 200},
		{"POST", "/v1/users/standindemo1/playlists", `{"name":"x"}`, 201},
		{"POST", "/v1/users/standindemo2/playlists", `{"name":"x"}`, 403},
		{"GET", "/v1/users/nobody", "", 404},
		{"DELETE", "/v1/playlists/ID/followers", "", 200},
		{"GET", "/v1/playlists/ID/followers/contains", "", 200},
		{"PUT", "/v1/playlists/ID/followers", `{"public":false}`, 200},
	}
	for _, mode := range []fakespotify.Mode{fakespotify.Development, fakespotify.Extended} {
		c := newClient(t, fakespotify.Config{Mode: mode})
		token := c.login("demo1", allScopes).Access
		id := c.create(token, "archive")
		for _, tc := range cases {
			want := tc.extended
			if mode == fakespotify.Development {
				want = http.StatusForbidden
			}
			r := c.api(tc.method, strings.Replace(tc.path, "ID", id, 1), token, tc.body)
			if r.status != want {
				t.Errorf("%s: %s %s: got status %d, want %d", mode, tc.method, tc.path, r.status, want)
			}
			if bare := `{"error":{"message":"Forbidden","status":403}}`; mode == fakespotify.Development && string(r.body) != bare {
				t.Errorf("%s: %s %s: got %s, want %s", mode, tc.method, tc.path, r.body, bare)
			}
		}
	}
}

func TestDiscoverByMode(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		cfg         fakespotify.Config
		byID, items int
		listed      string // one letter per entry: n null, p playlist
	}{
		"development":           {fakespotify.Config{}, 404, 404, "n"},
		"development_forbidden": {fakespotify.Config{DiscoverAccess: fakespotify.DiscoverForbidden, DiscoverListing: fakespotify.DiscoverMissing}, 403, 403, ""},
		"development_metadata":  {fakespotify.Config{DiscoverAccess: fakespotify.DiscoverMetadata, DiscoverListing: fakespotify.DiscoverListed}, 200, 403, "p"},
		"extended":              {fakespotify.Config{Mode: fakespotify.Extended}, 200, 200, "p"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, tc.cfg)
			token := c.login("demo1", allScopes).Access
			id := c.DiscoverID("demo1")
			r := c.want(tc.byID, http.MethodGet, "/v1/playlists/"+id, token, "")
			if tc.byID == http.StatusOK {
				_, hasItems := r.object(t)["items"]
				if want := tc.items == http.StatusOK; hasItems != want {
					t.Errorf("got items %t, want %t", hasItems, want)
				}
			}
			c.want(tc.items, http.MethodGet, "/v1/playlists/"+id+"/items", token, "")
			p := c.want(http.StatusOK, http.MethodGet, "/v1/me/playlists", token, "").page(t)
			got := ""
			for _, it := range p.Items {
				if it == nil {
					got += "n"
				} else {
					got += "p"
				}
			}
			if got != tc.listed || p.Total != len(tc.listed) {
				t.Errorf("got entries %q of %d, want %q", got, p.Total, tc.listed)
			}
			if tc.byID == http.StatusOK {
				c.want(http.StatusForbidden, http.MethodPost, "/v1/playlists/"+id+"/items", token, addBody(t, uriList("x", 1)))
			}
		})
	}
}

func TestDiscoverAccessChanges(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{})
	token := c.login("demo1", allScopes).Access
	path := "/v1/playlists/" + c.DiscoverID("demo1")
	c.want(http.StatusNotFound, http.MethodGet, path, token, "")
	c.SetDiscoverAccess(fakespotify.DiscoverReadable, fakespotify.DiscoverListed)
	c.want(http.StatusOK, http.MethodGet, path, token, "")
	if p := c.want(http.StatusOK, http.MethodGet, "/v1/me/playlists", token, "").page(t); p.Items[0] == nil {
		t.Error("got null in the list, want the playlist")
	}
}

func TestAllowlist(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{Allowlist: []string{"demo2"}})
	token := c.login("demo1", allScopes).Access // consent works all the same
	r := c.want(http.StatusForbidden, http.MethodGet, "/v1/me", token, "")
	if got, want := string(r.body), "User not registered in the Developer Dashboard"; got != want {
		t.Errorf("got body %q, want %q", got, want)
	}
	c.must(c.Allow("demo1"))
	c.want(http.StatusOK, http.MethodGet, "/v1/me", token, "")
	c.must(c.Disallow("demo1"))
	c.want(http.StatusForbidden, http.MethodGet, "/v1/me", token, "")
	other := c.login("demo2", allScopes).Access
	c.want(http.StatusOK, http.MethodGet, "/v1/me", other, "")

	extended := newClient(t, fakespotify.Config{Mode: fakespotify.Extended, Allowlist: []string{}})
	extended.want(http.StatusOK, http.MethodGet, "/v1/me", extended.login("demo1", "").Access, "")
}

func TestPremium(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{})
	token := c.login("demo1", allScopes).Access
	c.must(c.SetPremium(false))
	r := c.want(http.StatusForbidden, http.MethodGet, "/v1/me", token, "")
	if want := "Active premium subscription required for the owner of the app."; !strings.HasPrefix(r.message(), want) {
		t.Errorf("got message %q, want it to begin with %q", r.message(), want)
	}
	c.must(c.SetPremium(true))
	c.want(http.StatusOK, http.MethodGet, "/v1/me", token, "")
}

func TestProfile(t *testing.T) {
	t.Parallel()
	base := []string{"account_id", "display_name", "external_urls", "href", "id", "images", "type", "uri"}
	cases := map[string]struct {
		mode   fakespotify.Mode
		scopes string
		want   []string
	}{
		"development":        {fakespotify.Development, "user-read-private user-read-email", base},
		"extended":           {fakespotify.Extended, "", append([]string{"followers"}, base...)},
		"extended_and_scope": {fakespotify.Extended, "user-read-private user-read-email", append([]string{"followers", "country", "product", "explicit_content", "email"}, base...)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, fakespotify.Config{Mode: tc.mode})
			o := c.want(http.StatusOK, http.MethodGet, "/v1/me", c.login("demo1", tc.scopes).Access, "").object(t)
			var got []string
			for field := range o {
				got = append(got, field)
			}
			slices.Sort(got)
			slices.Sort(tc.want)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("fields differ (-want +got):\n%s", diff)
			}
		})
	}
}

// TestScopes takes every scope away in turn and sees which calls fail.
func TestScopes(t *testing.T) {
	t.Parallel()
	uri := uriList("x", 1)[0]
	modify := []string{"playlist-modify-public", "playlist-modify-private"}
	library := []string{"user-library-modify", "user-follow-modify", "playlist-modify-public"}
	cases := []struct {
		method, path, body string
		scopes             []string
	}{
		{"GET", "/v1/me", "", nil},
		{"GET", "/v1/tracks/" + fakespotify.TrackID("x"), "", nil},
		{"GET", "/v1/playlists/ID", "", nil},
		{"GET", "/v1/me/playlists", "", []string{"playlist-read-private"}},
		{"GET", "/v1/playlists/ID/items", "", []string{"playlist-read-private"}},
		{"POST", "/v1/me/playlists", `{"name":"x"}`, modify},
		{"PUT", "/v1/playlists/ID", `{"name":"x"}`, modify},
		{"POST", "/v1/playlists/ID/items", `{"uris":["` + uri + `"]}`, modify},
		{"PUT", "/v1/playlists/ID/items", `{"uris":["` + uri + `"]}`, modify},
		{"DELETE", "/v1/playlists/ID/items", `{"items":[{"uri":"` + uri + `"}]}`, modify},
		{"GET", "/v1/me/library/contains?uris=" + uri, "", []string{"user-library-read", "user-follow-read", "playlist-read-private"}},
		{"PUT", "/v1/me/library?uris=" + uri, "", library},
		{"DELETE", "/v1/me/library?uris=" + uri, "", library},
		{"GET", "/v1/me/player/recently-played", "", []string{"user-read-recently-played"}},
		{"GET", "/v1/me/player/queue", "", []string{"user-read-currently-playing", "user-read-playback-state"}},
		{"GET", "/v1/me/player", "", []string{"user-read-playback-state"}},
	}
	c := newClient(t, fakespotify.Config{})
	id, err := c.CreatePlaylist("demo1", "archive")
	c.must(err)
	for _, missing := range append(strings.Fields(allScopes), "") {
		kept := slices.DeleteFunc(strings.Fields(allScopes), func(s string) bool { return s == missing })
		token := c.login("demo1", strings.Join(kept, " ")).Access
		for _, tc := range cases {
			r := c.api(tc.method, strings.Replace(tc.path, "ID", id, 1), token, tc.body)
			refused := r.status == http.StatusForbidden && r.message() == "Insufficient client scope"
			if want := slices.Contains(tc.scopes, missing); refused != want || (!want && r.status >= 400) {
				t.Errorf("%s %s without %q: got status %d, want refused %t", tc.method, tc.path, missing, r.status, want)
			}
		}
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	uri := uriList("x", 1)[0]
	cases := map[string]struct{ method, target, body, want string }{
		"unknown_route":         {"GET", "/v1/search", "", `unknown route GET /v1/search`},
		"unknown_method":        {"PATCH", "/v1/me", "", `unknown route PATCH /v1/me`},
		"unknown_parameter":     {"GET", "/v1/me/playlists?page=1", "", `unknown parameter "page" of GET /v1/me/playlists`},
		"parameter_twice":       {"GET", "/v1/me/playlists?limit=1&limit=2", "", `parameter "limit" of GET /v1/me/playlists given twice`},
		"unknown_field":         {"POST", "/v1/me/playlists", `{"name":"x","color":"red"}`, `unknown field "color" of POST /v1/me/playlists`},
		"unknown_nested_field":  {"DELETE", "/v1/playlists/ID/items", `{"items":[{"uri":"` + uri + `","positions":[0]}]}`, `unknown field "positions" in "items" of DELETE /v1/playlists/{id}/items`},
		"old_field_in_new_body": {"DELETE", "/v1/playlists/ID/items", `{"tracks":[]}`, `unknown field "tracks" of DELETE /v1/playlists/{id}/items`},
		"unknown_filter":        {"GET", "/v1/playlists/ID/items?fields=items(colour)", "", `unknown field "colour" in the filter of GET /v1/playlists/{id}/items`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			c := newClient(t, fakespotify.Config{Strict: func(p string) { got = append(got, p) }})
			token := c.login("demo1", allScopes).Access
			id := c.create(token, "archive")
			c.api(tc.method, strings.Replace(tc.target, "ID", id, 1), token, tc.body)
			if diff := cmp.Diff([]string{tc.want}, got); diff != "" {
				t.Errorf("problems differ (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(got, c.Problems()); diff != "" {
				t.Errorf("Problems differs (-want +got):\n%s", diff)
			}
		})
	}
}
