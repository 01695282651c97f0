package fakespotify_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// Every lie says what it does and who reported it, and needs nothing but its
// name.
func TestLiesNeedNothingButTheirName(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{})
	var listed struct {
		Lies []struct{ Kind, Does, Source string }
	}
	if err := json.Unmarshal(c.want(200, "GET", "/standin/lies", "", "").body, &listed); err != nil {
		t.Fatal(err)
	}
	seen := make(map[fakespotify.FaultKind]bool)
	for i, lie := range fakespotify.Lies() {
		if seen[lie.Kind] || lie.Does == "" || strings.Contains(lie.Does, "\n") || lie.Source == "" || len(lie.Match) == 0 {
			t.Errorf("got %+v, want a name of its own, one line, a source and what it meets", lie)
		}
		seen[lie.Kind] = true
		if got := listed.Lies[i]; got.Kind != string(lie.Kind) || got.Does != lie.Does || got.Source != lie.Source {
			t.Errorf("listed as %v, want %s", got, lie.Kind)
		}
		c.must(c.Fault(fakespotify.Fault{Kind: lie.Kind}))
		if got := c.Faults()[i]; got.Kind != lie.Kind || got.Times != 1 {
			t.Errorf("got %+v, want %s once", got, lie.Kind)
		}
	}
	late := slices.IndexFunc(c.Faults(), func(f fakespotify.Fault) bool { return f.Kind == fakespotify.LieAppendLate })
	if got, want := c.Faults()[late].Delay, 40*time.Second; got != want {
		t.Errorf("append_late: got delay %v, want %v", got, want)
	}
}

func TestLiesAreChecked(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{})
	for name, tc := range map[string]struct{ fault, want string }{
		"unknown_lie":      {`{"kind":"empty_lists"}`, "empty_list "},
		"nothing_to_count": {`{"kind":"isrc_lower","count":1}`, `takes no count`},
		"no_status":        {`{"kind":"contains_refused","status":99}`, "status 99"},
		"status_of_others": {`{"kind":"empty_list","status":500}`, "it takes [count]"},
		"negative_delay":   {`{"kind":"append_late","delay":"-1s"}`, "delay -1s"},
		"no_delay":         {`{"kind":"append_late","delay":"soon"}`, "soon"},
		"unknown_text":     {`{"kind":"unlisted_app","text":"xml"}`, `plain`},
		"unknown_route":    {`{"kind":"empty_list","match":"GET /v1/lists"}`, "no route"},
		"unknown_account":  {`{"kind":"empty_list","account":"nobody"}`, "nobody"},
		"edits":            {`{"kind":"empty_list","edits":[{"op":"delete","path":"/x"}]}`, "no edits"},
		"count_of_a_fault": {`{"match":"*","kind":"drop","count":1}`, "no count"},
		"no_match":         {`{"kind":"drop"}`, "no route"},
	} {
		if got := string(c.want(400, "POST", "/standin/faults", "", tc.fault).body); !strings.Contains(strings.ReplaceAll(got, `\"`, `"`), tc.want) {
			t.Errorf("%s: got %s, want %q in it", name, got, tc.want)
		}
	}
}

// Lies meet one request together, with a rewrite and another fault, each as
// often as it says.
func TestLiesGoTogether(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{Mode: fakespotify.Extended})
	one, two := c.login("demo1", allScopes).Access, c.login("demo2", allScopes).Access
	for _, f := range []fakespotify.Fault{
		{Kind: fakespotify.LieDatesNull, Account: "demo1", Times: 2},
		{Kind: fakespotify.LieISRCMissing, Match: "* /v1/playlists/...", Account: "demo1", Skip: 1},
		{Kind: fakespotify.FaultRewrite, Match: "GET /v1/playlists/{id}/items", Account: "demo1",
			Edits: []fakespotify.Edit{{Op: fakespotify.EditDelete, Path: "/items/1"}}},
		{Kind: fakespotify.FaultStatus, Match: "GET *", Account: "demo1", Status: 502, Skip: 3},
	} {
		c.must(c.Fault(f))
	}
	type seen struct {
		Status, Items int
		Dated, Named  bool
	}
	look := func(account, token string) seen {
		r := c.api("GET", "/v1/playlists/"+c.DiscoverID(account)+"/items?limit=3", token, "")
		got := seen{Status: r.status}
		if r.status == 200 {
			p := r.page(t)
			got.Items, got.Dated, got.Named = len(p.Items), p.Items[0].AddedAt != "", p.Items[0].Item.ExternalIDs.ISRC != ""
		}
		return got
	}
	for i, want := range []seen{{200, 2, false, true}, {200, 3, false, false}, {200, 3, true, true}, {502, 0, false, false}, {200, 3, true, true}} {
		if diff := cmp.Diff(want, look("demo1", one)); diff != "" {
			t.Errorf("request %d differs (-want +got):\n%s", i, diff)
		}
		if diff := cmp.Diff(seen{200, 3, true, true}, look("demo2", two)); diff != "" {
			t.Errorf("request %d of the other differs (-want +got):\n%s", i, diff)
		}
	}
	var kinds []fakespotify.FaultKind
	for _, r := range c.Requests() {
		if r.Fault != "" {
			kinds = append(kinds, r.Fault)
		}
	}
	if want := []fakespotify.FaultKind{"dates_null", "dates_null", "status"}; !slices.Equal(kinds, want) {
		t.Errorf("got faults %v, want %v", kinds, want)
	}
}
