package fakespotify_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

type page struct {
	Href, Next, Previous *string
	Limit, Offset, Total int
	Items                []*struct {
		ID         string
		Name       string
		SnapshotID string `json:"snapshot_id"`
		Items      struct{ Total int }
		Item       *struct {
			ID, URI, Type string
			ExternalIDs   struct{ ISRC string } `json:"external_ids"`
		}
		AddedAt string `json:"added_at"`
		IsLocal bool   `json:"is_local"`
	}
}

func (r response) page(t *testing.T) page {
	t.Helper()
	var p page
	if err := json.Unmarshal(r.body, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPlaylistsArePaged(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{DiscoverListing: fakespotify.DiscoverMissing})
	token := c.login("demo1", allScopes).Access
	for i := range 45 {
		c.create(token, fmt.Sprintf("p%02d", i))
	}
	var names []string
	target := "/v1/me/playlists"
	for range 10 {
		p := c.want(http.StatusOK, http.MethodGet, target, token, "").page(t)
		if p.Total != 45 || p.Limit != 20 {
			t.Fatalf("got total %d and limit %d, want 45 and 20", p.Total, p.Limit)
		}
		for _, it := range p.Items {
			names = append(names, it.Name)
		}
		if p.Next == nil {
			break
		}
		next, err := url.Parse(*p.Next)
		if err != nil {
			t.Fatal(err)
		}
		target = next.RequestURI()
	}
	if len(names) != 45 || names[0] != "p44" || names[44] != "p00" {
		t.Errorf("got %d names from %s to %s, want 45 from p44 to p00", len(names), names[0], names[len(names)-1])
	}
	last := c.want(http.StatusOK, http.MethodGet, "/v1/me/playlists?limit=50&offset=100", token, "").page(t)
	if len(last.Items) != 0 || last.Next != nil || last.Previous == nil {
		t.Errorf("beyond the end: got %d items, next %v, previous %v; want none, none and one", len(last.Items), last.Next, last.Previous)
	}
}

func TestPagingIsValidated(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{Mode: fakespotify.Extended})
	token := c.login("demo1", allScopes).Access
	id := c.create(token, "archive")
	cases := map[string]int{
		"/v1/me/playlists?limit=0":                       400,
		"/v1/me/playlists?limit=51":                      400,
		"/v1/me/playlists?limit=x":                       400,
		"/v1/me/playlists?limit=":                        400,
		"/v1/me/playlists?offset=-1":                     400,
		"/v1/me/playlists?offset=100001":                 400,
		"/v1/me/playlists?limit=50&offset=100000":        200,
		"/v1/playlists/" + id + "/items?limit=50":        200,
		"/v1/playlists/" + id + "/items?limit=51":        400,
		"/v1/playlists/" + id + "/tracks?limit=100":      200,
		"/v1/playlists/" + id + "/tracks?limit=101":      400,
		"/v1/playlists/" + id + "/items?fields=a((":      400,
		"/v1/playlists/" + id + "?fields=,":              400,
		"/v1/me/player/recently-played?limit=51":         400,
		"/v1/me/player/recently-played?after=x":          400,
		"/v1/me/player/recently-played?before=-1":        400,
		"/v1/me/player/recently-played?after=1&before=2": 400,
		"/v1/tracks/short":                               400,
		"/v1/me/library/contains":                        400,
		"/v1/me/library/contains?uris=spotify:show:x":    400,
	}
	for target, want := range cases {
		if r := c.api(http.MethodGet, target, token, ""); r.status != want {
			t.Errorf("GET %s: got status %d, want %d", target, r.status, want)
		}
	}
}

func TestPlaylistDetails(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		body string
		want int
	}{
		"no_body":               {"", 400},
		"no_json":               {"{", 400},
		"no_name":               {`{"description":"x"}`, 400},
		"empty_name":            {`{"name":""}`, 400},
		"wrong_type":            {`{"name":1}`, 400},
		"wrong_public":          {`{"name":"x","public":"no"}`, 400},
		"long_name":             {`{"name":"` + strings.Repeat("ü", 101) + `"}`, 500},
		"longest_name":          {`{"name":"` + strings.Repeat("ü", 100) + `"}`, 201},
		"long_description":      {`{"name":"x","description":"` + strings.Repeat("x", 301) + `"}`, 500},
		"longest_description":   {`{"name":"x","description":"` + strings.Repeat("x", 300) + `"}`, 201},
		"newline":               {`{"name":"x","description":"a\nb"}`, 400},
		"private":               {`{"name":"x","public":false,"collaborative":false}`, 201},
		"collaborative_private": {`{"name":"x","public":false,"collaborative":true}`, 201},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, fakespotify.Config{})
			token := c.login("demo1", allScopes).Access
			r := c.want(tc.want, http.MethodPost, "/v1/me/playlists", token, tc.body)
			if tc.want != http.StatusCreated {
				return
			}
			if got := r.object(t)["public"]; got != true {
				t.Errorf("got public %v, want true: Spotify ignores public:false", got)
			}
		})
	}
}

func TestPlaylistChanges(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{})
	token, other := c.login("demo1", allScopes).Access, c.login("demo2", allScopes).Access
	id := c.create(token, "before")
	before := c.want(http.StatusOK, http.MethodGet, "/v1/playlists/"+id, token, "").object(t)
	c.want(http.StatusOK, http.MethodPut, "/v1/playlists/"+id, token,
		`{"name":"after","description":"<b>\"a\" & 'b'</b> https://x.example/","public":false}`)
	after := c.want(http.StatusOK, http.MethodGet, "/v1/playlists/"+id, token, "").object(t)
	want := "&lt;b&gt;&quot;a&quot; &amp; &#x27;b&#x27;&lt;&#x2F;b&gt; https:&#x2F;&#x2F;x.example&#x2F;"
	if after["name"] != "after" || after["description"] != want || after["public"] != true {
		t.Errorf("got name %v, description %v, public %v; want after, %s, true", after["name"], after["description"], after["public"], want)
	}
	if before["snapshot_id"] == after["snapshot_id"] {
		t.Error("the snapshot id did not change")
	}
	c.want(http.StatusForbidden, http.MethodPut, "/v1/playlists/"+id, other, `{"name":"mine"}`)
	c.want(http.StatusNotFound, http.MethodPut, "/v1/playlists/"+fakespotify.TrackID("none"), token, `{"name":"mine"}`)
}

func TestOthersPlaylistsHaveNoItems(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		mode  fakespotify.Mode
		items int
	}{
		"development": {fakespotify.Development, http.StatusForbidden},
		"extended":    {fakespotify.Extended, http.StatusOK},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, fakespotify.Config{Mode: tc.mode})
			owner, reader := c.login("demo1", allScopes).Access, c.login("demo2", allScopes).Access
			id := c.create(owner, "theirs")
			o := c.want(http.StatusOK, http.MethodGet, "/v1/playlists/"+id, reader, "").object(t)
			_, hasItems := o["items"]
			_, hasTracks := o["tracks"]
			if readable := tc.items == http.StatusOK; hasItems != readable || hasTracks != readable {
				t.Errorf("got items %t and tracks %t, want %t", hasItems, hasTracks, readable)
			}
			c.want(tc.items, http.MethodGet, "/v1/playlists/"+id+"/items", reader, "")
			c.want(http.StatusForbidden, http.MethodPost, "/v1/playlists/"+id+"/items", reader, addBody(t, uriList("x", 1)))
		})
	}
}

func TestCollaborativePlaylist(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{})
	owner, friend := c.login("demo1", allScopes).Access, c.login("demo2", allScopes).Access
	blind := c.login("demo2", "playlist-read-private").Access
	id := c.create(owner, "ours")
	c.want(http.StatusOK, http.MethodPut, "/v1/playlists/"+id, owner, `{"collaborative":true,"public":false}`)
	c.want(http.StatusForbidden, http.MethodGet, "/v1/playlists/"+id+"/items", friend, "")
	c.must(c.Follow("demo2", id))
	c.want(http.StatusOK, http.MethodGet, "/v1/playlists/"+id+"/items", friend, "")
	c.want(http.StatusCreated, http.MethodPost, "/v1/playlists/"+id+"/items", friend, addBody(t, uriList("x", 1)))
	for token, want := range map[string]int{friend: 2, blind: 1} {
		if got := c.want(http.StatusOK, http.MethodGet, "/v1/me/playlists", token, "").page(t).Total; got != want {
			t.Errorf("got %d playlists, want %d", got, want)
		}
	}
}

func TestUnfollowedPlaylistStillAnswers(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{DiscoverListing: fakespotify.DiscoverMissing})
	token := c.login("demo1", allScopes).Access
	id := c.create(token, "archive")
	contains := func() string {
		return string(c.want(http.StatusOK, http.MethodGet, "/v1/me/library/contains?uris=spotify:playlist:"+id, token, "").body)
	}
	if got := contains(); got != "[true]" {
		t.Errorf("followed: got %s, want [true]", got)
	}
	c.must(c.Unfollow("demo1", id))
	if got := contains(); got != "[false]" {
		t.Errorf("unfollowed: got %s, want [false]", got)
	}
	if got := c.want(http.StatusOK, http.MethodGet, "/v1/me/playlists", token, "").page(t).Total; got != 0 {
		t.Errorf("got %d playlists, want none", got)
	}
	c.want(http.StatusOK, http.MethodGet, "/v1/playlists/"+id, token, "")
	c.want(http.StatusCreated, http.MethodPost, "/v1/playlists/"+id+"/items", token, addBody(t, uriList("x", 1)))
	c.want(http.StatusOK, http.MethodPut, "/v1/me/library?uris=spotify:playlist:"+id, token, "")
	if p, _ := c.Playlist(id); !p.Followed || p.Total != 1 {
		t.Errorf("restored: got %+v, want it followed with 1 item", p)
	}
	c.want(http.StatusOK, http.MethodDelete, "/v1/me/library?uris=spotify:playlist:"+id, token, "")
	if got := contains(); got != "[false]" {
		t.Errorf("deleted: got %s, want [false]", got)
	}
}

func TestLibrary(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{Strict: ignore})
	token := c.login("demo1", allScopes).Access
	track := uriList("x", 1)[0]
	c.want(http.StatusOK, http.MethodPut, "/v1/me/library?uris="+track+",spotify:user:somebody", token, "")
	got := string(c.want(http.StatusOK, http.MethodGet,
		"/v1/me/library/contains?uris="+track+",spotify:user:somebody,spotify:artist:"+fakespotify.TrackID("a"), token, "").body)
	if got != "[true,true,false]" {
		t.Errorf("got %s, want [true,true,false]", got)
	}
	c.want(http.StatusOK, http.MethodDelete, "/v1/me/library?uris="+track, token, "")
	cases := map[string]string{
		"body_instead_of_query": "/v1/me/library",
		"too_many":              "/v1/me/library?uris=" + strings.Join(slices.Repeat([]string{track}, 41), ","),
		"artist":                "/v1/me/library?uris=spotify:artist:" + fakespotify.TrackID("a"),
		"no_uri":                "/v1/me/library?uris=x",
	}
	for name, target := range cases {
		if r := c.api(http.MethodPut, target, token, `{"uris":["`+track+`"]}`); r.status != http.StatusBadRequest {
			t.Errorf("%s: got status %d, want 400", name, r.status)
		}
	}
	c.want(http.StatusNotFound, http.MethodPut, "/v1/me/library?uris=spotify:playlist:"+fakespotify.TrackID("none"), token, "")
}

func TestFieldsOfAPlaylist(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{})
	token := c.login("demo1", allScopes).Access
	id := c.create(token, "archive")
	uris := uriList("x", 1)
	c.must(c.AddItems("demo1", id, uris...))
	song := fakespotify.SongOf(uris[0])
	r := c.want(http.StatusOK, http.MethodGet,
		"/v1/playlists/"+id+"/items?limit=1&fields=next,total,items(added_at,item(id,external_ids.isrc))", token, "")
	want := map[string]any{"next": nil, "total": 1.0, "items": []any{map[string]any{
		"added_at": "2026-11-18T12:00:00Z",
		"item":     map[string]any{"id": song.ID, "external_ids": map[string]any{"isrc": song.ISRC}},
	}}}
	if diff := cmp.Diff(want, r.object(t)); diff != "" {
		t.Errorf("items differ (-want +got):\n%s", diff)
	}
	r = c.want(http.StatusOK, http.MethodGet, "/v1/playlists/"+id+"?fields=name,items.total,owner(id)", token, "")
	want = map[string]any{"name": "archive", "items": map[string]any{"total": 1.0}, "owner": map[string]any{"id": "standindemo1"}}
	if diff := cmp.Diff(want, r.object(t)); diff != "" {
		t.Errorf("playlist differs (-want +got):\n%s", diff)
	}
}

func TestGenerations(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		generation fakespotify.Generation
		path       string
		want       string
	}{
		"both":      {fakespotify.GenerationBoth, "items", "item track"},
		"new":       {fakespotify.GenerationNew, "items", "item"},
		"old":       {fakespotify.GenerationOld, "items", "track"},
		"both_old":  {fakespotify.GenerationBoth, "tracks", "item track"},
		"new_old":   {fakespotify.GenerationNew, "tracks", "track"},
		"old_old":   {fakespotify.GenerationOld, "tracks", "track"},
		"both_full": {fakespotify.GenerationBoth, "", "items tracks"},
		"new_full":  {fakespotify.GenerationNew, "", "items"},
		"old_full":  {fakespotify.GenerationOld, "", "tracks"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, fakespotify.Config{Mode: fakespotify.Extended, Generation: tc.generation})
			token := c.login("demo1", allScopes).Access
			id := c.create(token, "archive")
			c.must(c.AddItems("demo1", id, uriList("x", 1)...))
			o := c.want(http.StatusOK, http.MethodGet, strings.TrimSuffix("/v1/playlists/"+id+"/"+tc.path, "/"), token, "").object(t)
			names := []string{"items", "tracks"}
			if tc.path != "" {
				o = o["items"].([]any)[0].(map[string]any)
				names = []string{"item", "track"}
			}
			got := strings.Join(slices.DeleteFunc(names, func(n string) bool { return o[n] == nil }), " ")
			if got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestLag(t *testing.T) {
	t.Parallel()
	var stale []bool
	observe := func(r fakespotify.Request) {
		if r.Method == http.MethodGet && r.Route == "/v1/playlists/{id}" {
			stale = append(stale, r.Stale)
		}
	}
	c := newClient(t, fakespotify.Config{ItemsLag: time.Second, SnapshotLag: 30 * time.Second, Observe: observe})
	token := c.login("demo1", allScopes).Access
	id := c.create(token, "archive")
	read := func() (total int, snapshot string) {
		o := c.want(http.StatusOK, http.MethodGet, "/v1/playlists/"+id+"?fields=snapshot_id,items.total", token, "").object(t)
		snapshot, _ = o["snapshot_id"].(string)
		items, _ := o["items"].(map[string]any)
		n, _ := items["total"].(float64)
		return int(n), snapshot
	}
	_, first := read()
	written, _ := c.want(http.StatusCreated, http.MethodPost, "/v1/playlists/"+id+"/items", token, addBody(t, uriList("x", 3))).object(t)["snapshot_id"].(string)
	steps := []struct {
		wait     time.Duration
		total    int
		snapshot string
	}{{0, 0, first}, {time.Second - 1, 0, first}, {1, 3, first}, {29*time.Second - 1, 3, first}, {1, 3, written}}
	for i, step := range steps {
		c.Advance(step.wait)
		total, snapshot := read()
		if total != step.total || snapshot != step.snapshot {
			t.Errorf("step %d: got %d items and snapshot %s, want %d and %s", i, total, snapshot, step.total, step.snapshot)
		}
	}
	if p, _ := c.Playlist(id); p.Total != 3 || p.SnapshotID != written {
		t.Errorf("got %+v, want the latest state whatever the lag", p)
	}
	if want := []bool{false, true, true, true, true, false}; !slices.Equal(stale, want) {
		t.Errorf("got reads that were stale %v, want %v", stale, want)
	}
}
