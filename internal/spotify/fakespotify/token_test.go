package fakespotify_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

func TestTokenEndpointRefuses(t *testing.T) {
	t.Parallel()
	password := func(id, secret string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(id, secret) }
	}
	without := func(name string) func(url.Values) { return func(v url.Values) { v.Del(name) } }
	set := func(name, value string) func(url.Values) { return func(v url.Values) { v.Set(name, value) } }
	cases := map[string]struct {
		auth   func(*http.Request)
		change func(url.Values)
		wait   time.Duration
		want   string
	}{
		"no_credentials":       {auth: nil, want: `{"error":"invalid_client"}`},
		"wrong_client":         {auth: password("other", "x"), want: `{"error":"invalid_client","error_description":"Invalid client"}`},
		"wrong_secret":         {auth: password(fakespotify.DemoClientID, "x"), want: `{"error":"invalid_client","error_description":"Invalid client secret"}`},
		"two_clients":          {auth: basic, change: set("client_id", "other"), want: `{"error":"invalid_client","error_description":"Invalid client"}`},
		"wrong_public_client":  {auth: nil, change: set("client_id", "other"), want: `{"error":"invalid_client","error_description":"Invalid client"}`},
		"wrong_code":           {auth: basic, change: set("code", "x"), want: `{"error":"invalid_grant","error_description":"Invalid authorization code"}`},
		"no_code":              {auth: basic, change: without("code"), want: `{"error":"invalid_grant","error_description":"Invalid authorization code"}`},
		"old_code":             {auth: basic, wait: 10 * time.Minute, want: `{"error":"invalid_grant","error_description":"Authorization code expired"}`},
		"wrong_redirect":       {auth: basic, change: set("redirect_uri", redirectURI+"/"), want: `{"error":"invalid_grant","error_description":"Invalid redirect URI"}`},
		"no_verifier":          {auth: basic, change: without("code_verifier"), want: `{"error":"invalid_request","error_description":"code_verifier required"}`},
		"wrong_verifier":       {auth: basic, change: set("code_verifier", strings.Repeat("x", 43)), want: `{"error":"invalid_grant","error_description":"code_verifier was incorrect"}`},
		"malformed_verifier":   {auth: basic, change: set("code_verifier", "short"), want: `{"error":"invalid_grant","error_description":"code_verifier was incorrect"}`},
		"no_grant_type":        {auth: basic, change: without("grant_type"), want: `{"error":"unsupported_grant_type","error_description":"grant_type parameter is missing"}`},
		"unknown_grant_type":   {auth: basic, change: set("grant_type", "password"), want: `{"error":"unsupported_grant_type","error_description":"grant_type must be client_credentials, authorization_code or refresh_token"}`},
		"no_refresh_token":     {auth: basic, change: func(v url.Values) { v.Set("grant_type", "refresh_token") }, want: `{"error":"invalid_request","error_description":"refresh_token must be supplied"}`},
		"unknown_refresh_toke": {auth: basic, change: func(v url.Values) { v.Set("grant_type", "refresh_token"); v.Set("refresh_token", "x") }, want: `{"error":"invalid_grant","error_description":"Invalid refresh token"}`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, fakespotify.Config{Strict: ignore})
			form := exchangeForm(c.consent("demo1", consentParams(allScopes)))
			if tc.change != nil {
				tc.change(form)
			}
			c.Advance(tc.wait)
			r := c.form("/api/token", form, tc.auth)
			if r.status != http.StatusBadRequest {
				t.Errorf("got status %d, want 400", r.status)
			}
			if got := string(r.body); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestCodeWorksOnce(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{})
	code := c.consent("demo1", consentParams(allScopes))
	c.Advance(10*time.Minute - time.Second)
	tok := c.tokens(exchangeForm(code), basic)
	if tok.Type != "Bearer" || tok.Expires != 3600 || tok.Scope != allScopes || tok.Refresh == "" {
		t.Errorf("got type %q, expiry %d, scope %q; want Bearer, 3600, the scopes and a refresh token", tok.Type, tok.Expires, tok.Scope)
	}
	if r := c.form("/api/token", exchangeForm(code), basic); r.status != http.StatusBadRequest {
		t.Errorf("second exchange: got status %d, want 400", r.status)
	}
	c.want(http.StatusOK, http.MethodGet, "/v1/me", tok.Access, "")
}

func TestCodeDiesOfAFailedExchange(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{})
	code := c.consent("demo1", consentParams(allScopes))
	form := exchangeForm(code)
	form.Set("code_verifier", strings.Repeat("x", 43))
	c.form("/api/token", form, basic)
	if r := c.form("/api/token", exchangeForm(code), basic); r.status != http.StatusBadRequest {
		t.Errorf("got status %d, want 400", r.status)
	}
}

func TestRefreshRotates(t *testing.T) {
	t.Parallel()
	public := func(v url.Values) url.Values { v.Set("client_id", fakespotify.DemoClientID); return v }
	cases := map[string]struct {
		rotate bool
		public bool
		want   bool
	}{
		"confidential":          {want: false},
		"confidential_rotating": {rotate: true, want: true},
		"public":                {public: true, want: false},
		"public_rotating":       {rotate: true, public: true, want: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, fakespotify.Config{Rotate: tc.rotate})
			auth, form := basic, func(v url.Values) url.Values { return v }
			if tc.public {
				auth, form = nil, public
			}
			first := c.tokens(form(exchangeForm(c.consent("demo1", consentParams(allScopes)))), auth)
			second := c.tokens(form(refreshForm(first.Refresh)), auth)
			if got := second.Refresh != ""; got != tc.want {
				t.Fatalf("got a new refresh token: %t, want %t", got, tc.want)
			}
			r := c.form("/api/token", form(refreshForm(first.Refresh)), auth)
			if got := r.status == http.StatusBadRequest; got != tc.want {
				t.Errorf("old refresh token refused: got %t, want %t", got, tc.want)
			}
			if tc.want {
				if want := `{"error":"invalid_grant","error_description":"Refresh token revoked"}`; string(r.body) != want {
					t.Errorf("got %s, want %s", r.body, want)
				}
				c.tokens(form(refreshForm(second.Refresh)), auth)
			}
			c.want(http.StatusOK, http.MethodGet, "/v1/me", second.Access, "")
		})
	}
}

func TestGrantEndsSixMonthsAfterConsent(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{Rotate: true})
	start := c.Now()
	tok := c.login("demo1", allScopes)
	end := start.AddDate(0, 6, 0)
	c.Advance(end.Sub(start) - time.Second)
	tok = c.tokens(refreshForm(tok.Refresh), basic) // using it does not prolong it
	c.Advance(time.Second)
	r := c.form("/api/token", refreshForm(tok.Refresh), basic)
	if want := `{"error":"invalid_grant","error_description":"Refresh token revoked"}`; string(r.body) != want {
		t.Errorf("got %s, want %s", r.body, want)
	}
	if len(c.login("demo1", allScopes).Refresh) == 0 {
		t.Error("consenting again gave no refresh token")
	}
}

func TestAccessTokenEnds(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{})
	tok := c.login("demo1", allScopes)
	c.Advance(time.Hour - time.Second)
	c.want(http.StatusOK, http.MethodGet, "/v1/me", tok.Access, "")
	c.Advance(time.Second)
	r := c.want(http.StatusUnauthorized, http.MethodGet, "/v1/me", tok.Access, "")
	want := `Bearer realm="spotify", error="invalid_token", error_description="The access token expired"`
	if got := r.header.Get("WWW-Authenticate"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	r = c.want(http.StatusUnauthorized, http.MethodGet, "/v1/me", "", "")
	want = `Bearer realm="spotify", error="missing_token", error_description="No token provided"`
	if got := r.header.Get("WWW-Authenticate"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	c.want(http.StatusUnauthorized, http.MethodGet, "/v1/me", "forged", "")
}

func TestRevokedAppHasNoAccess(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{})
	mine, other := c.login("demo1", allScopes), c.login("demo2", allScopes)
	c.must(c.RevokeApp("demo1"))
	c.want(http.StatusUnauthorized, http.MethodGet, "/v1/me", mine.Access, "")
	if r := c.form("/api/token", refreshForm(mine.Refresh), basic); r.status != http.StatusBadRequest {
		t.Errorf("got status %d, want 400", r.status)
	}
	c.want(http.StatusOK, http.MethodGet, "/v1/me", other.Access, "")
	want := []fakespotify.Grant{{Scopes: strings.Fields(allScopes), ConsentedAt: c.clock.now, Revoked: true}}
	if diff := cmp.Diff(want, c.Grants("demo1")); diff != "" {
		t.Errorf("grants differ (-want +got):\n%s", diff)
	}
}
