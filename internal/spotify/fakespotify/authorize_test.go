package fakespotify_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

func TestConsentPage(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{Allowlist: []string{"demo1"}})
	r := c.want(http.StatusOK, http.MethodGet, "/authorize?"+consentParams("playlist-read-private").Encode(), "", "")
	for _, want := range []string{
		"stand-in for Spotify", "Demo account 1", "Demo account 5", "See your private playlists",
		`value="st ate"`, ">Agree<", ">Cancel<", "not on the app’s allow-list", `name="viewport"`,
	} {
		if !strings.Contains(string(r.body), want) {
			t.Errorf("consent page lacks %q", want)
		}
	}
	if strings.Contains(string(r.body), "<script") {
		t.Error("consent page has a script")
	}
	policy := r.header.Get("Content-Security-Policy")
	if want := "form-action 'self' http://127.0.0.1:8080"; !strings.Contains(policy, want) {
		t.Errorf("got policy %q, want it to contain %q", policy, want)
	}
}

func TestConsentDecisions(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change func(url.Values)
		status int
		want   string // query of the redirect, or part of the page
	}{
		"cancel":            {func(v url.Values) { v.Set("decision", "cancel") }, 303, "error=access_denied&state=st+ate"},
		"no_decision":       {func(v url.Values) { v.Del("decision") }, 400, "Choose an account"},
		"unknown_account":   {func(v url.Values) { v.Set("account", "nobody") }, 400, "Choose an account"},
		"wrong_client":      {func(v url.Values) { v.Set("client_id", "other") }, 400, "INVALID_CLIENT: Invalid client"},
		"wrong_redirect":    {func(v url.Values) { v.Set("redirect_uri", "http://127.0.0.1:8080/callback/") }, 400, "INVALID_CLIENT: Invalid redirect URI"},
		"localhost":         {func(v url.Values) { v.Set("redirect_uri", "http://localhost:8080/callback") }, 400, "INVALID_CLIENT: Invalid redirect URI"},
		"no_redirect":       {func(v url.Values) { v.Del("redirect_uri") }, 400, "INVALID_CLIENT: Invalid redirect URI"},
		"implicit_grant":    {func(v url.Values) { v.Set("response_type", "token") }, 303, "error=unsupported_response_type&state=st+ate"},
		"unknown_scope":     {func(v url.Values) { v.Set("scope", "everything") }, 303, "error=invalid_scope&state=st+ate"},
		"plain_challenge":   {func(v url.Values) { v.Set("code_challenge_method", "plain") }, 303, "error=invalid_request&state=st+ate"},
		"short_challenge":   {func(v url.Values) { v.Set("code_challenge", "x") }, 303, "error=invalid_request&state=st+ate"},
		"method_alone":      {func(v url.Values) { v.Del("code_challenge") }, 303, "error=invalid_request&state=st+ate"},
		"bad_show_dialog":   {func(v url.Values) { v.Set("show_dialog", "maybe") }, 303, "error=invalid_request&state=st+ate"},
		"cancel_no_state":   {func(v url.Values) { v.Set("decision", "cancel"); v.Del("state") }, 303, "error=access_denied"},
		"cancel_show_again": {func(v url.Values) { v.Set("decision", "cancel"); v.Set("show_dialog", "true") }, 303, "error=access_denied&state=st+ate"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, fakespotify.Config{Strict: ignore})
			form := consentParams(allScopes)
			form.Set("account", "demo1")
			form.Set("decision", "agree")
			tc.change(form)
			r := c.form("/authorize", form, nil)
			if r.status != tc.status {
				t.Fatalf("got status %d, want %d", r.status, tc.status)
			}
			got := string(r.body)
			if r.status == http.StatusSeeOther {
				got = strings.TrimPrefix(r.header.Get("Location"), redirectURI+"?")
			}
			if !strings.HasPrefix(got, tc.want) && (r.status == http.StatusSeeOther || !strings.Contains(got, tc.want)) {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestConsentRefusesForgedPosts(t *testing.T) {
	t.Parallel()
	c := newClient(t, fakespotify.Config{})
	form := consentParams(allScopes)
	form.Set("account", "demo1")
	form.Set("decision", "agree")
	r := c.form("/authorize", form, func(req *http.Request) { req.Header.Set("Sec-Fetch-Site", "cross-site") })
	if r.status != http.StatusForbidden {
		t.Errorf("got status %d, want 403", r.status)
	}
}

func TestRedirectURIs(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		registered, used string
		want             bool
	}{
		"exact":               {"https://example.org/cb", "https://example.org/cb", true},
		"trailing_slash":      {"https://example.org/cb", "https://example.org/cb/", false},
		"case":                {"https://example.org/cb", "https://example.org/CB", false},
		"query":               {"https://example.org/cb", "https://example.org/cb?x=1", false},
		"https_port":          {"https://example.org/cb", "https://example.org:444/cb", false},
		"loopback_any_port":   {"http://127.0.0.1/cb", "http://127.0.0.1:4711/cb", true},
		"loopback_no_port":    {"http://127.0.0.1/cb", "http://127.0.0.1/cb", true},
		"loopback_other_path": {"http://127.0.0.1/cb", "http://127.0.0.1:4711/cb2", false},
		"loopback_other_port": {"http://127.0.0.1:80/cb", "http://127.0.0.1:4711/cb", false},
		"ipv6_any_port":       {"http://[::1]/cb", "http://[::1]:4711/cb", true},
		"other_loopback":      {"http://127.0.0.1/cb", "http://[::1]:4711/cb", false},
		"userinfo":            {"http://127.0.0.1/cb", "http://127.0.0.1:1@evil.example/cb", false},
		"localhost":           {"http://127.0.0.1/cb", "http://localhost:4711/cb", false},
		"custom_scheme":       {"app:/cb", "app:/cb", true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, fakespotify.Config{RedirectURIs: []string{tc.registered}})
			params := consentParams("")
			params.Set("redirect_uri", tc.used)
			r := c.api(http.MethodGet, "/authorize?"+params.Encode(), "", "")
			if got := r.status == http.StatusOK; got != tc.want {
				t.Errorf("%s registered, %s used: got accepted %t, want %t", tc.registered, tc.used, got, tc.want)
			}
		})
	}
}

func TestConfigurationIsChecked(t *testing.T) {
	t.Parallel()
	_, err := fakespotify.New(fakespotify.Config{
		Mode:         "none",
		RedirectURIs: []string{"http://localhost/cb", "http://192.168.0.2/cb", "cb", "https://example.org/#x"},
		Accounts:     []fakespotify.Account{{Key: "a"}, {Key: "a"}, {Key: "spotify"}},
		Allowlist:    []string{"b"},
		Quirks:       fakespotify.Quirks{Null: 31},
	})
	if err == nil {
		t.Fatal("got no error")
	}
	for _, want := range []string{`mode "none"`, "localhost is not allowed", "192.168.0.2", `"cb" is no absolute`,
		"fragment", `key "a"`, `key "spotify"`, `account "b"`, "quirks"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error lacks %q: %v", want, err)
		}
	}
}
