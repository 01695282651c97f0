package fakespotify_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

func TestItemsWrites(t *testing.T) {
	t.Parallel()
	u := uriList("u", 6) // in the playlist before
	n := uriList("n", 2) // not in it
	episode := "spotify:episode:" + fakespotify.TrackID("e")
	quoted := func(uris ...string) string { return `"` + strings.Join(uris, `","`) + `"` }
	cases := map[string]struct {
		method, query, body string
		status              int
		want                []string // nil: unchanged
	}{
		"append":                {method: "POST", body: `{"uris":[` + quoted(n...) + `]}`, status: 201, want: slices.Concat(u, n)},
		"append_twice_the_same": {method: "POST", body: `{"uris":[` + quoted(u[0], u[0]) + `]}`, status: 201, want: slices.Concat(u, []string{u[0], u[0]})},
		"insert":                {method: "POST", body: `{"uris":[` + quoted(n...) + `],"position":1}`, status: 201, want: slices.Concat(u[:1], n, u[1:])},
		"insert_by_query":       {method: "POST", query: "?position=0&uris=" + n[0], body: `{"uris":[` + quoted(n[1]) + `]}`, status: 201, want: slices.Concat(n[:1], u)},
		"episode":               {method: "POST", body: `{"uris":[` + quoted(episode) + `]}`, status: 201, want: slices.Concat(u, []string{episode})},
		"position_beyond":       {method: "POST", body: `{"uris":[` + quoted(n...) + `],"position":7}`, status: 400},
		"position_negative":     {method: "POST", body: `{"uris":[` + quoted(n...) + `],"position":-1}`, status: 400},
		"position_no_number":    {method: "POST", query: "?position=x", body: `{"uris":[` + quoted(n...) + `]}`, status: 400},
		"no_uris":               {method: "POST", body: `{"uris":[]}`, status: 400},
		"no_body":               {method: "POST", status: 400},
		"101_uris":              {method: "POST", body: `{"uris":[` + quoted(uriList("x", 101)...) + `]}`, status: 400},
		"100_uris":              {method: "POST", body: `{"uris":[` + quoted(uriList("x", 100)...) + `]}`, status: 201, want: slices.Concat(u, uriList("x", 100))},
		"bad_uri":               {method: "POST", body: `{"uris":[` + quoted(n[0], "spotify:track:short") + `]}`, status: 400},
		"bare_id":               {method: "POST", body: `{"uris":[` + quoted(fakespotify.TrackID("x")) + `]}`, status: 400},
		"local_uri":             {method: "POST", body: `{"uris":["spotify:local:a:b:c:1"]}`, status: 400},
		"replace":               {method: "PUT", body: `{"uris":[` + quoted(n...) + `]}`, status: 200, want: n},
		"replace_by_nothing":    {method: "PUT", body: `{"uris":[]}`, status: 200, want: []string{}},
		"replace_and_move":      {method: "PUT", body: `{"uris":[` + quoted(n...) + `],"range_start":0,"insert_before":1}`, status: 400},
		"put_nothing":           {method: "PUT", body: `{}`, status: 400},
		"move_down":             {method: "PUT", body: `{"range_start":0,"insert_before":3}`, status: 200, want: []string{u[1], u[2], u[0], u[3], u[4], u[5]}},
		"move_up":               {method: "PUT", body: `{"range_start":4,"insert_before":1,"range_length":2}`, status: 200, want: []string{u[0], u[4], u[5], u[1], u[2], u[3]}},
		"move_to_the_end":       {method: "PUT", body: `{"range_start":0,"insert_before":6,"range_length":2}`, status: 200, want: slices.Concat(u[2:], u[:2])},
		"move_into_itself":      {method: "PUT", body: `{"range_start":1,"insert_before":2,"range_length":3}`, status: 200, want: u},
		"move_beyond":           {method: "PUT", body: `{"range_start":5,"insert_before":0,"range_length":2}`, status: 400},
		"move_half":             {method: "PUT", body: `{"range_start":5}`, status: 400},
		"move_old_snapshot":     {method: "PUT", body: `{"range_start":0,"insert_before":3,"snapshot_id":"x"}`, status: 400},
		"remove":                {method: "DELETE", body: `{"items":[{"uri":` + quoted(u[1]) + `},{"uri":` + quoted(u[4]) + `}]}`, status: 200, want: []string{u[0], u[2], u[3], u[5]}},
		"remove_unknown":        {method: "DELETE", body: `{"items":[{"uri":` + quoted(n[0]) + `}]}`, status: 400},
		"remove_nothing":        {method: "DELETE", body: `{"items":[]}`, status: 400},
		"remove_snapshot":       {method: "DELETE", body: `{"items":[{"uri":` + quoted(u[0]) + `}],"snapshot_id":"AAAA"}`, status: 400},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, fakespotify.Config{})
			token := c.login("demo1", allScopes).Access
			id := c.create(token, "archive")
			c.must(c.AddItems("demo1", id, u...))
			before, _ := c.Playlist(id)
			r := c.want(tc.status, tc.method, "/v1/playlists/"+id+"/items"+tc.query, token, tc.body)
			after, _ := c.Playlist(id)
			if tc.want == nil {
				tc.want = u
				if after.SnapshotID != before.SnapshotID {
					t.Error("a refused write changed the snapshot id")
				}
			} else if got := r.object(t)["snapshot_id"]; got != after.SnapshotID || got == before.SnapshotID {
				t.Errorf("got snapshot %v, want the new one %s", got, after.SnapshotID)
			}
			if diff := cmp.Diff(tc.want, c.URIs(id)); diff != "" {
				t.Errorf("items differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRemoveTakesEveryOccurrence(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{Mode: fakespotify.Extended})
	token := c.login("demo1", allScopes).Access
	id := c.create(token, "archive")
	u := uriList("u", 2)
	c.must(c.AddItems("demo1", id, u[0], u[1], u[0]))
	p, _ := c.Playlist(id)
	c.want(http.StatusOK, http.MethodDelete, "/v1/playlists/"+id+"/tracks", token,
		`{"tracks":[{"uri":"`+u[0]+`"}],"snapshot_id":"`+p.SnapshotID+`"}`)
	if diff := cmp.Diff(u[1:], c.URIs(id)); diff != "" {
		t.Errorf("items differ (-want +got):\n%s", diff)
	}
}

func TestItemLimit(t *testing.T) {
	t.Parallel()
	for _, status := range []int{0, http.StatusInternalServerError} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			c := newClient(t, fakespotify.Config{ItemLimit: 5, ItemLimitStatus: status})
			token := c.login("demo1", allScopes).Access
			id := c.create(token, "archive")
			c.must(c.Fill("demo1", id, 3))
			want := status
			if want == 0 {
				want = http.StatusForbidden
			}
			c.want(want, http.MethodPost, "/v1/playlists/"+id+"/items", token, addBody(t, uriList("x", 3)))
			c.want(http.StatusCreated, http.MethodPost, "/v1/playlists/"+id+"/items", token, addBody(t, uriList("x", 2)))
		})
	}
}

func TestAwkwardItems(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{})
	token := c.login("demo1", allScopes).Access
	id := c.create(token, "inbox")
	track := uriList("x", 1)[0]
	gone := "spotify:track:" + fakespotify.MissingPrefix + strings.Repeat("0", 15)
	episode := "spotify:episode:" + fakespotify.TrackID("e")
	c.must(c.AddItems("demo1", id, track, "", gone, "spotify:local:A+B:C:D+E:12", episode))
	plain := c.want(http.StatusOK, http.MethodGet, "/v1/playlists/"+id+"/items", token, "").page(t)
	if len(plain.Items) != 5 || plain.Total != 5 {
		t.Fatalf("got %d items of %d, want 5 of 5", len(plain.Items), plain.Total)
	}
	if plain.Items[1].Item != nil || plain.Items[2].Item != nil {
		t.Error("got an item for a null item or a track that is gone, want null")
	}
	if it := plain.Items[3]; !it.IsLocal || it.Item.ID != "" || it.Item.URI != "spotify:local:A+B:C:D+E:12" {
		t.Errorf("got local file %+v, want is_local, no id and its URI", it)
	}
	if it := plain.Items[4].Item; it.Type != "track" || it.URI != episode {
		t.Errorf("got %+v, want the episode in the shape of a track", it)
	}
	typed := c.want(http.StatusOK, http.MethodGet, "/v1/playlists/"+id+"/items?additional_types=track,episode", token, "").page(t)
	if it := typed.Items[4].Item; it.Type != "episode" {
		t.Errorf("got type %s, want episode", it.Type)
	}
	c.want(http.StatusNotFound, http.MethodGet, "/v1/tracks/"+strings.TrimPrefix(gone, "spotify:track:"), token, "")
	c.want(http.StatusOK, http.MethodGet, "/v1/tracks/"+strings.TrimPrefix(track, "spotify:track:")+"?market=SE", token, "")
}

func TestUserActions(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{Quirks: fakespotify.Quirks{Null: 1}})
	id, err := c.CreatePlaylist("demo1", "inbox")
	c.must(err)
	c.must(c.CopyDiscover("demo1", id))
	if p, _ := c.Playlist(id); p.Total != 29 {
		t.Errorf("got %d items, want 29: no null item", p.Total)
	}
	before := c.URIs(id)
	c.must(c.Reorder("demo1", id, 0, 1, 29))
	c.must(c.RemoveItem("demo1", id, 0))
	if diff := cmp.Diff(slices.Concat(before[2:], before[:1]), c.URIs(id)); diff != "" {
		t.Errorf("items differ (-want +got):\n%s", diff)
	}
	c.must(c.Rename("demo1", id, "other", "text"))
	if p, _ := c.Playlist(id); p.Name != "other" || p.Description != "text" || p.Owner != "demo1" {
		t.Errorf("got %+v, want it renamed", p)
	}
	for name, err := range map[string]error{
		"not_owner":        c.AddItems("demo2", id, ""),
		"unknown_account":  c.CopyDiscover("nobody", id),
		"unknown_playlist": c.Fill("demo1", "none", 1),
		"discover":         c.Fill("demo1", c.DiscoverID("demo1"), 1),
		"out_of_range":     c.RemoveItem("demo1", id, 28),
		"reorder":          c.Reorder("demo1", id, 0, 0, 1),
		"follow_unknown":   c.Follow("demo1", "none"),
		"play_episode":     c.Play("demo1", "", "spotify:episode:x", c.Now()),
	} {
		if err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}
