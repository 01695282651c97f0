package fakespotify_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

func TestControlJSON(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{})
	now := func(r response) string {
		t.Helper()
		got, _ := r.object(t)["now"].(string)
		return got
	}
	if got, want := now(c.want(200, "POST", "/standin/time", "", `{"advance":"1h"}`)), "2026-11-18T13:00:00Z"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := now(c.want(200, "POST", "/standin/time", "", `{"next_monday":true}`)), "2026-11-23T13:00:00Z"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := now(c.want(200, "GET", "/standin/time", "", "")), "2026-11-23T13:00:00Z"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	c.want(200, "POST", "/standin/faults", "", `{"match":"GET /v1/me","kind":"rate_limit","retry_after":3,"times":2}`)
	want := []fakespotify.Fault{{Match: "GET /v1/me", Kind: fakespotify.FaultRateLimit, RetryAfter: 3, Times: 2}}
	if diff := cmp.Diff(want, c.Faults()); diff != "" {
		t.Errorf("faults differ (-want +got):\n%s", diff)
	}
	c.want(429, "GET", "/v1/me", "", "")
	var log struct{ Requests []fakespotify.Request }
	if err := json.Unmarshal(c.want(200, "GET", "/standin/requests", "", "").body, &log); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c.Requests(), log.Requests); diff != "" || len(log.Requests) != 1 {
		t.Errorf("requests differ (-want +got):\n%s", diff)
	}
	c.want(200, "DELETE", "/standin/requests", "", "")
	c.want(200, "DELETE", "/standin/faults", "", "")
	if len(c.Requests())+len(c.Faults()) != 0 {
		t.Errorf("got %d requests and %d faults, want none", len(c.Requests()), len(c.Faults()))
	}
	for body, target := range map[string]string{
		`{"advance":"-1h"}`: "/standin/time", `{"advance":"x"}`: "/standin/time", `{"later":1}`: "/standin/time", `{}{}`: "/standin/time",
		`{"match":"*","kind":"x"}`: "/standin/faults",
	} {
		c.want(400, "POST", target, "", body)
	}
}

func TestControlPage(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{Mode: fakespotify.Extended})
	c.login("demo1", allScopes)
	act := func(form string) (location string) {
		t.Helper()
		values, err := url.ParseQuery(form)
		if err != nil {
			t.Fatal(err)
		}
		r := c.form("/standin/actions", values, nil)
		if r.status != http.StatusSeeOther {
			t.Fatalf("%s: got status %d, want 303", form, r.status)
		}
		return r.header.Get("Location")
	}
	pageText := func(path string) string { return string(c.want(200, "GET", path, "", "").body) }
	act("action=create&account=demo1")
	id := c.Playlists("demo1")[0].ID
	act("action=copy&account=demo1&playlist=" + id)
	if got, want := act("action=play&account=demo1&count=3"), "/standin?account=demo1&done=play#demo1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	before := c.URIs(id)
	act("action=remove&account=demo1&at=1&playlist=" + id)
	if got, want := c.URIs(id), slices.Delete(slices.Clone(before), 1, 2); !slices.Equal(got, want) {
		t.Errorf("after the second song was taken out: got %d songs, want the other %d", len(got), len(want))
	}
	act("action=queue&account=demo1")
	act("action=unfollow&account=demo1&playlist=" + c.DiscoverID("demo1"))
	act("action=monday")
	if got, want := c.Now().Weekday(), time.Monday; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := len(c.URIs(id)); got != 29 {
		t.Errorf("got %d items, want 29", got)
	}
	if c.Playlists("demo1")[0].ID != id || len(c.Playlists("demo1")) != 1 {
		t.Error("Discover Weekly is still followed")
	}
	song := c.Items(id)[0]
	for _, tc := range []struct{ path, want string }{
		{"/standin?done=monday", "<h1>What people do in Spotify’s app</h1>\n<p class=\"done\" role=\"status\">It is Monday.</p>"},
		{"/standin?account=demo1&done=copy", "</h2>\n<p class=\"done\" role=\"status\">This week&#39;s Discover Weekly is copied.</p>"},
		{"/standin", "Copy this week’s Discover Weekly into it"},
		{"/standin", "not followed"},
		{"/standin", "The app has access."},
		{"/standin/playlists/" + id, song.Name},
		{"/standin/playlists/" + id, `<button form="take-out" name="at" value="28">Take out</button>`},
		{"/standin/playlists/" + c.DiscoverID("demo1"), "Add to other playlist: My playlist"},
		{"/standin/style.css", "color-scheme: light dark"},
	} {
		if !strings.Contains(pageText(tc.path), tc.want) {
			t.Errorf("%s lacks %q", tc.path, tc.want)
		}
	}
	act("action=unfollow&account=demo1&playlist=" + id)
	if !strings.Contains(pageText("/standin"), "Restore it") {
		t.Error("the page does not offer to restore the playlist")
	}
	act("action=follow&account=demo1&playlist=" + id)
	token := c.login("demo1", allScopes).Access
	act("action=lie&kind=empty_list&of=demo1")
	if got := c.want(200, "GET", "/v1/me/playlists", token, "").page(t).Total; got != 0 {
		t.Errorf("got %d playlists, want the lie", got)
	}
	if !strings.Contains(pageText("/standin"), "Going wrong now: empty_list to demo1.") {
		t.Error("the page does not say what goes wrong")
	}
	act("action=honest")
	if got := c.want(200, "GET", "/v1/me/playlists", token, "").page(t).Total; got != 1 {
		t.Errorf("got %d playlists, want 1", got)
	}
	began := c.Now()
	act("action=later")
	if got := c.Now().Sub(began); got < 20*24*time.Hour {
		t.Errorf("got %v on, want 20 days", got)
	}
	c.Advance(-1)
	act("action=revoke&account=demo1")
	c.want(401, "GET", "/v1/me", token, "")
	for _, form := range []url.Values{
		{"action": {"fly"}}, {"action": {"lie"}, "kind": {"none"}}, {"action": {"copy"}, "account": {"nobody"}}, {"action": {"play"}, "account": {"demo1"}, "count": {"31"}},
	} {
		if r := c.form("/standin/actions", form, nil); r.status != http.StatusBadRequest {
			t.Errorf("%v: got status %d, want 400", form, r.status)
		}
	}
	forged := c.form("/standin/actions", url.Values{"action": {"monday"}}, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") })
	if forged.status != http.StatusForbidden {
		t.Errorf("forged post: got status %d, want 403", forged.status)
	}
	c.want(404, "GET", "/standin/playlists/none", "", "")
	if r := c.want(303, "GET", "/standin/search/Discover%20Weekly", "", ""); r.header.Get("Location") != "/standin" {
		t.Errorf("a search by nobody: got %s, want /standin", r.header.Get("Location"))
	}
	if r := c.want(303, "GET", "/", "", ""); r.header.Get("Location") != "/standin" {
		t.Errorf("got %s, want /standin", r.header.Get("Location"))
	}
}
