package fakespotify_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

const addRoute = "POST /v1/playlists/{id}/items"

func TestFaultsAnswer(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		fault  fakespotify.Fault
		status int
		body   string
		header string // Retry-After
		effect int    // items afterwards
	}{
		"status":             {fakespotify.Fault{Kind: fakespotify.FaultStatus, Status: 503}, 503, `{"error":{"message":"Service Unavailable","status":503}}`, "", 0},
		"status_after":       {fakespotify.Fault{Kind: fakespotify.FaultStatus, Status: 502, AfterEffect: true}, 502, `{"error":{"message":"Bad Gateway","status":502}}`, "", 1},
		"rate_limit":         {fakespotify.Fault{Kind: fakespotify.FaultRateLimit, RetryAfter: 7}, 429, `{"error":{"message":"API rate limit exceeded","status":429}}`, "7", 0},
		"quota":              {fakespotify.Fault{Kind: fakespotify.FaultQuota}, 429, `{"error":{"message":"Too many requests","reason":"QUOTA_EXCEEDED","status":429}}`, "86400", 0},
		"unauthorized":       {fakespotify.Fault{Kind: fakespotify.FaultUnauthorized}, 401, `{"error":{"message":"Access token missing","status":401}}`, "", 0},
		"garbage":            {fakespotify.Fault{Kind: fakespotify.FaultGarbage}, 201, `<!doctype html><title>upstream</title>{"items":[`, "", 1},
		"everything_matches": {fakespotify.Fault{Match: "*", Kind: fakespotify.FaultStatus, Status: 500}, 500, `{"error":{"message":"Internal Server Error","status":500}}`, "", 0},
		"method_matches":     {fakespotify.Fault{Match: "POST *", Kind: fakespotify.FaultStatus, Status: 500}, 500, `{"error":{"message":"Internal Server Error","status":500}}`, "", 0},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, fakespotify.Config{})
			token := c.login("demo1", allScopes).Access
			id := c.create(token, "archive")
			if tc.fault.Match == "" {
				tc.fault.Match = addRoute
			}
			c.must(c.Fault(tc.fault))
			c.ResetRequests()
			r := c.api(http.MethodPost, "/v1/playlists/"+id+"/items", token, addBody(t, uriList("x", 1)))
			if r.status != tc.status || string(r.body) != tc.body || r.header.Get("Retry-After") != tc.header {
				t.Errorf("got %d, %s, Retry-After %q; want %d, %s, %q", r.status, r.body, r.header.Get("Retry-After"), tc.status, tc.body, tc.header)
			}
			if got := len(c.URIs(id)); got != tc.effect {
				t.Errorf("got %d items, want %d", got, tc.effect)
			}
			c.want(http.StatusCreated, http.MethodPost, "/v1/playlists/"+id+"/items", token, addBody(t, uriList("x", 1)))
			want := []fakespotify.Request{
				{Time: c.clock.now, Method: "POST", Route: "/v1/playlists/{id}/items", Account: "demo1", Status: tc.status, Fault: tc.fault.Kind},
				{Time: c.clock.now, Method: "POST", Route: "/v1/playlists/{id}/items", Account: "demo1", Status: 201},
			}
			if diff := cmp.Diff(want, c.Requests()); diff != "" {
				t.Errorf("requests differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFaultsDrop(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]bool{"before": false, "after": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, fakespotify.Config{})
			token := c.login("demo1", allScopes).Access
			id := c.create(token, "archive")
			c.must(c.Fault(fakespotify.Fault{Match: addRoute, Kind: fakespotify.FaultDrop, AfterEffect: after}))
			_, err := c.try(c.request(http.MethodPost, "/v1/playlists/"+id+"/items", token, addBody(t, uriList("x", 1))))
			if !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("got error %v, want a connection reset", err)
			}
			if got := len(c.URIs(id)) == 1; got != after {
				t.Errorf("got effect %t, want %t", got, after)
			}
			requests := c.Requests()
			if last := requests[len(requests)-1]; last.Status != 0 || last.Fault != fakespotify.FaultDrop {
				t.Errorf("got request %+v, want it dropped", last)
			}
		})
	}
}

func TestFaultsCount(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{})
	one, two := c.login("demo1", allScopes).Access, c.login("demo2", allScopes).Access
	fault := fakespotify.Fault{Match: "GET /v1/me", Account: "demo1", Kind: fakespotify.FaultStatus, Status: 500, Skip: 1, Times: 2}
	c.must(c.Fault(fault))
	var got []int
	for range 5 {
		got = append(got, c.api(http.MethodGet, "/v1/me", one, "").status)
		c.want(http.StatusOK, http.MethodGet, "/v1/me", two, "")
		c.want(http.StatusOK, http.MethodGet, "/v1/me/playlists", one, "")
	}
	if want := []int{200, 500, 500, 200, 200}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	fault.Times, fault.Skip = -1, 0
	c.must(c.Fault(fault))
	for range 3 {
		c.want(http.StatusInternalServerError, http.MethodGet, "/v1/me", one, "")
	}
	if got := len(c.Faults()); got != 1 {
		t.Errorf("got %d faults, want the one without end", got)
	}
	c.must(c.ClearFaults())
	c.want(http.StatusOK, http.MethodGet, "/v1/me", one, "")
}

func TestFaultsDelay(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		after, giveUp bool
		want          int
	}{
		"before":                 {want: 1},
		"after":                  {after: true, want: 1},
		"before_client_gives_up": {giveUp: true, want: 0},
		"after_client_gives_up":  {after: true, giveUp: true, want: 1},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var slept time.Duration
			var hangUp context.CancelFunc
			c := newClient(t, fakespotify.Config{Sleep: func(_ context.Context, d time.Duration) {
				slept += d
				if tc.giveUp {
					hangUp()
				}
			}})
			token := c.login("demo1", allScopes).Access
			id := c.create(token, "archive")
			for range 2 {
				c.must(c.Fault(fakespotify.Fault{Match: addRoute, Kind: fakespotify.FaultDelay, Delay: time.Minute, AfterEffect: tc.after}))
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			hangUp = cancel
			req := c.request(http.MethodPost, "/v1/playlists/"+id+"/items", token, addBody(t, uriList("x", 1))).WithContext(ctx)
			_, err := c.try(req)
			if got := errors.Is(err, context.Canceled); got != tc.giveUp {
				t.Errorf("got error %v, want cancelled %t", err, tc.giveUp)
			}
			if slept != 2*time.Minute {
				t.Errorf("slept %v, want both delays at once", slept)
			}
			if got := len(c.URIs(id)); got != tc.want {
				t.Errorf("got %d items, want %d", got, tc.want)
			}
		})
	}
}

func TestFaultsInvalidGrant(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{})
	tok := c.login("demo1", allScopes)
	other := c.login("demo2", allScopes)
	c.must(c.Fault(fakespotify.Fault{Match: "POST /api/token", Account: "demo1", Kind: fakespotify.FaultInvalidGrant}))
	c.tokens(refreshForm(other.Refresh), basic)
	r := c.form("/api/token", refreshForm(tok.Refresh), basic)
	if want := `{"error":"invalid_grant","error_description":"Refresh token revoked"}`; r.status != 400 || string(r.body) != want {
		t.Errorf("got %d %s, want 400 %s", r.status, r.body, want)
	}
	c.tokens(refreshForm(tok.Refresh), basic) // the token was good all along
	c.must(c.Fault(fakespotify.Fault{Match: "POST /api/token", Kind: fakespotify.FaultStatus, Status: 503}))
	r = c.form("/api/token", refreshForm(tok.Refresh), basic)
	if want := `{"error":"server_error"}`; r.status != 503 || string(r.body) != want {
		t.Errorf("got %d %s, want 503 %s", r.status, r.body, want)
	}
}

func TestFaultsOfReading(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{})
	token := c.login("demo1", allScopes).Access
	id := c.create(token, "archive")
	c.must(c.Fault(fakespotify.Fault{Match: "GET /v1/me/playlists", Kind: fakespotify.FaultNullPlaylists}))
	p := c.want(http.StatusOK, http.MethodGet, "/v1/me/playlists", token, "").page(t)
	if p.Total != 2 || len(p.Items) != 2 || p.Items[0] != nil || p.Items[1] != nil {
		t.Errorf("got %d entries of %d, want 2 of 2, all null", len(p.Items), p.Total)
	}
	c.must(c.Fill("demo1", id, 3))
	c.must(c.Fault(fakespotify.Fault{Match: "GET /v1/playlists/{id}/items", Kind: fakespotify.FaultStaleRead}))
	for _, want := range []int{0, 3} {
		if got := c.want(http.StatusOK, http.MethodGet, "/v1/playlists/"+id+"/items", token, "").page(t).Total; got != want {
			t.Errorf("got %d items, want %d", got, want)
		}
	}
	c.must(c.Fault(fakespotify.Fault{Match: "GET /v1/me", Kind: fakespotify.FaultOversized}))
	r := c.want(http.StatusOK, http.MethodGet, "/v1/me", token, "")
	if len(r.body) < 16<<20 || !json.Valid(r.body) {
		t.Errorf("got %d bytes, want valid JSON of 16 MiB", len(r.body))
	}
}

func TestFaultsAreChecked(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{})
	for name, f := range map[string]fakespotify.Fault{
		"no_match":        {Kind: fakespotify.FaultDrop},
		"no_kind":         {Match: "*"},
		"unknown_route":   {Match: "GET /v1/search", Kind: fakespotify.FaultDrop},
		"unknown_account": {Match: "*", Account: "nobody", Kind: fakespotify.FaultDrop},
		"no_status":       {Match: "*", Kind: fakespotify.FaultStatus},
		"no_delay":        {Match: "*", Kind: fakespotify.FaultDelay},
		"invalid_grant":   {Match: "*", Kind: fakespotify.FaultInvalidGrant},
	} {
		if err := c.Fault(f); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}
