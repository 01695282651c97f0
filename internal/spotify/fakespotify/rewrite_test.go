package fakespotify_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

func TestRewriteEdits(t *testing.T) {
	t.Parallel()
	const before = `{"display_name":"Demo account 1","images":[]}`
	cases := map[string]struct{ edits, want string }{
		"set_member":        {`[{"op":"set","path":"/display_name","value":7}]`, `{"display_name":7,"images":[]}`},
		"set_null":          {`[{"op":"set","path":"/display_name","value":null}]`, `{"display_name":null,"images":[]}`},
		"set_new_member":    {`[{"op":"set","path":"/a~1b~0","value":1}]`, `{"a/b~":1,"display_name":"Demo account 1","images":[]}`},
		"set_whole_body":    {`[{"op":"set","path":"","value":{"items":[]}}]`, `{"items":[]}`},
		"set_below_nothing": {`[{"op":"set","path":"/nothing/x","value":1}]`, before},
		"delete_member":     {`[{"op":"delete","path":"/images"}]`, `{"display_name":"Demo account 1"}`},
		"delete_all":        {`[{"op":"delete","path":"/*"}]`, `{}`},
		"insert_elements": {`[{"op":"insert","path":"/images/-","value":"c"},{"op":"insert","path":"/images/0","value":"a"},
			{"op":"insert","path":"/images/1","value":"b"},{"op":"insert","path":"/images/9","value":"x"}]`,
			`{"display_name":"Demo account 1","images":["a","b","c"]}`},
		"every_element": {`[{"op":"set","path":"/images","value":[{"x":1},{"x":2},3]},{"op":"set","path":"/images/*/x","value":0}]`,
			`{"display_name":"Demo account 1","images":[{"x":0},{"x":0},3]}`},
		"last_element": {`[{"op":"set","path":"/images","value":[1,2,3]},{"op":"delete","path":"/images/-"},{"op":"set","path":"/images/1","value":9}]`,
			`{"display_name":"Demo account 1","images":[1,9]}`},
		"copy": {`[{"op":"copy","from":"/display_name","path":"/images/-"},{"op":"copy","from":"/images/0","path":"/again"},{"op":"copy","from":"/no","path":"/x"}]`,
			`{"again":"Demo account 1","display_name":"Demo account 1","images":["Demo account 1"]}`},
		"text":            {`[{"op":"text","old":"Demo account","new":"Nobody"}]`, `{"display_name":"Nobody 1","images":[]}`},
		"text_whole_body": {`[{"op":"text","new":"upstream error"}]`, `upstream error`},
		"path_of_no_json": {`[{"op":"text","new":"upstream error"},{"op":"set","path":"/x","value":1}]`, `upstream error`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, fakespotify.Config{})
			token := c.login("demo1", allScopes).Access
			trim := `{"op":"set","path":"","value":` + before + `},`
			c.want(200, "POST", "/standin/faults", "", `{"match":"GET /v1/me","kind":"rewrite","edits":[`+trim+tc.edits[1:]+`}`)
			r := c.want(200, "GET", "/v1/me", token, "")
			if got := string(r.body); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
			if got, want := strings.HasPrefix(r.header.Get("Content-Type"), "application/json"), json.Valid(r.body); got != want {
				t.Errorf("got content type %q of %s", r.header.Get("Content-Type"), r.body)
			}
			if got := string(c.want(200, "GET", "/v1/me", token, "").body); got == tc.want {
				t.Error("the next answer is rewritten, too")
			}
		})
	}
}

// A rewrite meets what it matches, leaves the effect alone, and goes together
// with other rewrites and one other fault.
func TestRewriteMeets(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{})
	one, two := c.login("demo1", allScopes).Access, c.login("demo2", allScopes).Access
	id, other, third := c.create(one, "archive"), c.create(one, "other"), c.create(one, "third")
	rewrite := func(match, account string, status int) fakespotify.Fault {
		return fakespotify.Fault{Match: match, Account: account, Kind: fakespotify.FaultRewrite, Status: status, Times: -1}
	}
	items := func(id string) string { return "/v1/playlists/" + id + "/items" }
	c.must(c.Fault(rewrite("GET "+items(id), "", 502)))
	c.must(c.Fault(rewrite("GET "+items("37i9dQZEVXc*"), "", 503)))
	c.must(c.Fault(rewrite("GET /v1/me", "demo2", 504)))
	c.must(c.Fault(rewrite("* /v1/playlists/"+third+"/...", "", 505)))
	c.must(c.Fault(rewrite(addRoute, "", 500)))
	c.must(c.Fault(fakespotify.Fault{Match: addRoute, Kind: fakespotify.FaultRewrite, Times: -1,
		Edits: []fakespotify.Edit{{Op: fakespotify.EditDelete, Path: "/snapshot_id"}}}))
	c.must(c.Fault(fakespotify.Fault{Match: "GET /v1/me/playlists", Kind: fakespotify.FaultNullPlaylists}))
	c.must(c.Fault(fakespotify.Fault{Match: "GET /v1/me/playlists", Kind: fakespotify.FaultRewrite,
		Edits: []fakespotify.Edit{{Op: fakespotify.EditDelete, Path: "/items/0"}}}))
	for _, tc := range []struct {
		status             int
		method, path, body string
		token              string
	}{
		{502, "GET", items(id), "", one},
		{200, "GET", items(other), "", one},
		{505, "GET", items(third), "", one},
		{200, "GET", "/v1/playlists/" + third, "", one},
		{503, "GET", items(c.DiscoverID("demo1")), "", one},
		{200, "GET", "/v1/me", "", one},
		{504, "GET", "/v1/me", "", two},
	} {
		c.want(tc.status, tc.method, tc.path, tc.token, tc.body)
	}
	if got := string(c.want(500, http.MethodPost, items(id), one, addBody(t, uriList("x", 2))).body); got != "{}" {
		t.Errorf("got body %s, want {}", got)
	}
	if got := len(c.URIs(id)); got != 2 {
		t.Errorf("got %d items, want the effect of the request", got)
	}
	if p := c.want(200, "GET", "/v1/me/playlists", one, "").page(t); len(p.Items) != 3 || p.Items[0] != nil || p.Total != 4 {
		t.Errorf("got %v of %d, want three nulls of 4", p.Items, p.Total)
	}
	requests := c.Requests()
	if got := requests[len(requests)-2].Fault; got != fakespotify.FaultRewrite {
		t.Errorf("got fault %q, want rewrite", got)
	}
}

func TestRewriteIsChecked(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{})
	for name, tc := range map[string]struct{ fault, want string }{
		"unknown_field":   {`{"match":"*","kind":"rewrite","status":500,"reply":1}`, "reply"},
		"unknown_kind":    {`{"match":"*","kind":"rewrites","status":500}`, "rewrite"},
		"nothing":         {`{"match":"*","kind":"rewrite"}`, "edits, a status, or both"},
		"no_status":       {`{"match":"*","kind":"rewrite","status":99}`, "status 99"},
		"edits_of_others": {`{"match":"*","kind":"drop","edits":[{"op":"delete","path":"/x"}]}`, "no edits"},
		"unknown_op":      {`{"match":"*","kind":"rewrite","edits":[{"op":"move","path":"/x"}]}`, "set, insert, delete, copy and text"},
		"no_pointer":      {`{"match":"*","kind":"rewrite","edits":[{"op":"delete","path":"items.0"}]}`, "/items/*/added_at"},
		"no_value":        {`{"match":"*","kind":"rewrite","edits":[{"op":"set","path":"/x"}]}`, "may be null"},
		"delete_of_all":   {`{"match":"*","kind":"rewrite","edits":[{"op":"delete"}]}`, "needs a path"},
		"copy_of_many":    {`{"match":"*","kind":"rewrite","edits":[{"op":"copy","from":"/items/*","path":"/x"}]}`, "more than one place"},
		"text_at_a_path":  {`{"match":"*","kind":"rewrite","edits":[{"op":"text","path":"/x"}]}`, "leave path out"},
		"unknown_route":   {`{"match":"GET /v1/playlists/x/songs","kind":"drop"}`, "GET /v1/playlists/{id}/items"},
		"nothing_below":   {`{"match":"GET /v1/tracks/x/...","kind":"drop"}`, "no route"},
		"broken_pattern":  {`{"match":"GET /v1/playlists/[/items","kind":"drop"}`, "no route"},
	} {
		if got := string(c.want(400, "POST", "/standin/faults", "", tc.fault).body); !strings.Contains(got, tc.want) {
			t.Errorf("%s: got %s, want %q in it", name, got, tc.want)
		}
	}
}
