package spotify_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify"
)

var showSecrets = cmp.Comparer(func(a, b secret.Text) bool { return a.Equal(b) })

func TestAuthorizeURL(t *testing.T) {
	t.Parallel()
	client := newClient(t, &script{})
	got, err := url.Parse(client.AuthorizeURL("st&te", "ch+llenge", []string{"one", "two"}, false))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := got.Scheme+"://"+got.Host+got.Path, "https://accounts.spotify.com/authorize"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	want := url.Values{
		"client_id":             {"app"},
		"response_type":         {"code"},
		"redirect_uri":          {"http://127.0.0.1:8080/callback"},
		"scope":                 {"one two"},
		"state":                 {"st&te"},
		"code_challenge_method": {"S256"},
		"code_challenge":        {"ch+llenge"},
	}
	if diff := cmp.Diff(got.Query(), want); diff != "" {
		t.Errorf("wrong query (-got +want):\n%s", diff)
	}
	if got, err = url.Parse(client.AuthorizeURL("st&te", "ch+llenge", []string{"one", "two"}, true)); err != nil {
		t.Fatal(err)
	}
	want.Set("show_dialog", "true")
	if diff := cmp.Diff(got.Query(), want); diff != "" {
		t.Errorf("wrong query of a page that asks (-got +want):\n%s", diff)
	}
}

// TestTokenRequests checks what is sent to the token endpoint.
func TestTokenRequests(t *testing.T) {
	t.Parallel()
	const basic = "Basic YXBwOmNhbmFyeS1jbGllbnQtc2VjcmV0" // app:canary-client-secret
	tests := map[string]struct {
		public bool
		call   string
		auth   string
		form   url.Values
	}{
		"exchange": {false, "exchange", basic, url.Values{
			"grant_type": {"authorization_code"}, "code": {canaryCode}, "code_verifier": {canaryVerifier},
			"redirect_uri": {"http://127.0.0.1:8080/callback"},
		}},
		"exchange_public": {true, "exchange", "", url.Values{
			"grant_type": {"authorization_code"}, "code": {canaryCode}, "code_verifier": {canaryVerifier},
			"redirect_uri": {"http://127.0.0.1:8080/callback"}, "client_id": {"app"},
		}},
		"refresh": {false, "refresh", basic, url.Values{
			"grant_type": {"refresh_token"}, "refresh_token": {canaryRefresh},
		}},
		"refresh_public": {true, "refresh", "", url.Values{
			"grant_type": {"refresh_token"}, "refresh_token": {canaryRefresh}, "client_id": {"app"},
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &script{steps: []step{{status: 200, body: `{"access_token":"a"}`}}}
			client := newClient(t, s)
			if tt.public {
				var err error
				client, err = spotify.New(spotify.Config{
					ClientID: "app", RedirectURI: "http://127.0.0.1:8080/callback", Transport: s,
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			if err := calls(client)[tt.call](t.Context()); err != nil {
				t.Fatal(err)
			}
			got := s.requests()[0]
			form, err := url.ParseQuery(got.body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(form, tt.form); diff != "" {
				t.Errorf("wrong form (-got +want):\n%s", diff)
			}
			if got := got.header.Get("Authorization"); got != tt.auth {
				t.Errorf("got authorization %q, want %q", got, tt.auth)
			}
			if got, want := got.method+" "+got.url, "POST https://accounts.spotify.com/api/token"; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if got, want := got.header.Get("Content-Type"), "application/x-www-form-urlencoded"; got != want {
				t.Errorf("got content type %q, want %q", got, want)
			}
		})
	}
}

func TestUserAgent(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ version, commit, repository, want string }{
		"without_a_repository_it_leads_nowhere": {"", "", "", "WeeklyArchive/development"},
		"with_one_it_names_it":                  {"v1.2.3", "", "https://git.example/me/weekly-archive", "WeeklyArchive/v1.2.3 (+https://git.example/me/weekly-archive)"},
		"a_commit":                              {"v1.2.3", "0123456789abcdef", "", "WeeklyArchive/v1.2.3 (0123456789ab)"},
		"both":                                  {"", "0123", "https://git.example/a", "WeeklyArchive/development (0123; +https://git.example/a)"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &script{steps: []step{{status: 200, body: `{"access_token":"a"}`}}}
			client, err := spotify.New(spotify.Config{ClientID: "app", Transport: s, Version: tt.version, Commit: tt.commit, RepositoryURL: tt.repository})
			if err != nil {
				t.Fatal(err)
			}
			if err := calls(client)["refresh"](t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := s.requests()[0].header.Get("User-Agent"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTokenAnswers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body string
		want webapi.Token
	}{
		"rotated": {
			`{"access_token":"a","token_type":"Bearer","scope":"one two","expires_in":1800,"refresh_token":"r"}`,
			webapi.Token{Access: secret.New("a"), Refresh: secret.New("r"), Scopes: []string{"one", "two"}, ExpiresIn: 30 * time.Minute},
		},
		"not_rotated": {
			`{"access_token":"a","token_type":"Bearer","scope":"one","expires_in":3600}`,
			webapi.Token{Access: secret.New("a"), Scopes: []string{"one"}, ExpiresIn: time.Hour},
		},
		"null_refresh_token": {
			`{"access_token":"a","scope":"","expires_in":3600,"refresh_token":null}`,
			webapi.Token{Access: secret.New("a"), Scopes: []string{}, ExpiresIn: time.Hour},
		},
		"no_expiry": {
			`{"access_token":"a","scope":"one"}`,
			webapi.Token{Access: secret.New("a"), Scopes: []string{"one"}, ExpiresIn: time.Hour},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, &script{steps: []step{{status: 200, body: tt.body}}})
			got, err := client.Refresh(t.Context(), secret.New(canaryRefresh))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, tt.want, showSecrets); diff != "" {
				t.Errorf("wrong token (-got +want):\n%s", diff)
			}
		})
	}
}

// TestLibraryRequests checks what each call sends: one request, to the new
// endpoints, with nothing more than needed.
func TestLibraryRequests(t *testing.T) {
	t.Parallel()
	const (
		api    = "https://api.spotify.com/v1"
		fields = "total,next,items(added_at,is_local,item(id,type,uri,is_local,duration_ms,external_ids(isrc)),track(id,type,uri,is_local,duration_ms,external_ids(isrc)))"
	)
	tests := map[string]struct {
		call  func(context.Context, webapi.Library) error
		reply string
		want  string // method and unescaped URL
		body  string
	}{
		"playlists": {
			func(ctx context.Context, l webapi.Library) error {
				_, err := l.Playlists(ctx, 100, webapi.PageSize)
				return err
			},
			emptyItems, "GET " + api + "/me/playlists?limit=50&offset=100", "",
		},
		"items": {
			func(ctx context.Context, l webapi.Library) error { _, err := l.Items(ctx, playlistID, 50); return err },
			emptyItems,
			"GET " + api + "/playlists/" + playlistID + "/items?additional_types=track,episode&fields=" + fields + "&limit=50&offset=50", "",
		},
		"create": {
			func(ctx context.Context, l webapi.Library) error {
				_, err := l.Create(ctx, " Weekly\nArchive ", "One\r\n two")
				return err
			},
			`{"id":"a"}`, "POST " + api + "/me/playlists", `{"name":"Weekly Archive","description":"One two","public":false}`,
		},
		"append": {
			func(ctx context.Context, l webapi.Library) error {
				_, err := l.Append(ctx, playlistID, []ledger.Track{{ID: "a1"}, {ID: "B2"}})
				return err
			},
			`{"snapshot_id":"x"}`, "POST " + api + "/playlists/" + playlistID + "/items", `{"uris":["spotify:track:a1","spotify:track:B2"]}`,
		},
		"describe": {
			func(ctx context.Context, l webapi.Library) error { return l.Describe(ctx, playlistID, "a\nb") },
			"", "PUT " + api + "/playlists/" + playlistID, `{"description":"a b"}`,
		},
		"contains": {
			func(ctx context.Context, l webapi.Library) error { _, err := l.InLibrary(ctx, playlistID); return err },
			"[true]", "GET " + api + "/me/library/contains?uris=spotify:playlist:" + playlistID, "",
		},
		"recently_played": {
			func(ctx context.Context, l webapi.Library) error { _, err := l.RecentlyPlayed(ctx); return err },
			`{"items":[]}`, "GET " + api + "/me/player/recently-played?limit=50", "",
		},
		"playlist": {
			func(ctx context.Context, l webapi.Library) error { _, err := l.Playlist(ctx, playlistID); return err },
			`{"id":"` + playlistID + `"}`,
			"GET " + api + "/playlists/" + playlistID + "?fields=id,name,description,snapshot_id,owner(id),items(total),tracks(total)", "",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &script{steps: []step{{status: 200, body: tt.reply}}}
			if err := tt.call(t.Context(), newClient(t, s).Library(tokens)); err != nil {
				t.Fatal(err)
			}
			if n := len(s.requests()); n != 1 {
				t.Errorf("got %d requests, want 1", n)
			}
			got := s.requests()[0]
			plain, err := url.QueryUnescape(got.url)
			if err != nil {
				t.Fatal(err)
			}
			if got := got.method + " " + plain; got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if got.body != tt.body {
				t.Errorf("got body %s, want %s", got.body, tt.body)
			}
			if got, want := got.header.Get("Authorization"), "Bearer "+canaryAccess; got != want {
				t.Errorf("got authorization %q, want %q", got, want)
			}
			if got, want := got.header.Get("Content-Type") != "", tt.body != ""; got != want {
				t.Errorf("got content type %q", s.requests()[0].header.Get("Content-Type"))
			}
		})
	}
}

func TestTokenSourceErrors(t *testing.T) {
	t.Parallel()
	errStore := errors.New("store is away")
	tests := map[string]struct {
		tokens webapi.TokenSource
		want   error
		sent   int
	}{
		"at_first": {func(context.Context, bool) (secret.Text, error) { return secret.Text{}, errStore }, errStore, 0},
		"empty":    {func(context.Context, bool) (secret.Text, error) { return secret.Text{}, nil }, fault.ErrUnauthorized, 0},
		"on_renewal": {func(_ context.Context, renew bool) (secret.Text, error) {
			if renew {
				return secret.Text{}, errStore
			}
			return secret.New(canaryAccess), nil
		}, errStore, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &script{steps: []step{{status: 401}}}
			_, err := newClient(t, s).Library(tt.tokens).Playlists(t.Context(), 0, webapi.PageSize)
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if n := len(s.requests()); n != tt.sent {
				t.Errorf("got %d requests, want %d", n, tt.sent)
			}
		})
	}
}

func TestClientSecretError(t *testing.T) {
	t.Parallel()
	errSecrets := errors.New("secrets are away")
	s := &script{}
	client, err := spotify.New(spotify.Config{
		ClientID: "app", Transport: s,
		ClientSecret: func(context.Context) (secret.Text, error) { return secret.Text{}, errSecrets },
	})
	if err != nil {
		t.Fatal(err)
	}
	err = calls(client)["refresh"](t.Context())
	checkError(t, err, fault.ErrUnavailable)
	if !errors.Is(err, errSecrets) {
		t.Errorf("got %v, want %v", err, errSecrets)
	}
	if n := len(s.requests()); n != 0 {
		t.Errorf("got %d requests, want 0", n)
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		config spotify.Config
		want   []string
	}{
		"defaults":        {spotify.Config{ClientID: "app"}, nil},
		"local":           {spotify.Config{ClientID: "app", AccountsURL: "http://127.0.0.1:9090", APIURL: "http://[::1]:9090/v1/"}, nil},
		"everything":      {spotify.Config{AccountsURL: "accounts", APIURL: "ftp://api", Timeout: -1}, []string{"client id", "accounts URL", "API URL", "timeout"}},
		"query":           {spotify.Config{ClientID: "app", APIURL: "https://api.example/?a=canary"}, []string{"API URL"}},
		"password":        {spotify.Config{ClientID: "app", APIURL: "https://a:canary@api.example/"}, []string{"API URL"}},
		"not_a_url":       {spotify.Config{ClientID: "app", AccountsURL: "https://canary\x7f"}, []string{"accounts URL"}},
		"without_scheme":  {spotify.Config{ClientID: "app", APIURL: "//api.example"}, []string{"API URL"}},
		"without_a_host":  {spotify.Config{ClientID: "app", APIURL: "https:///v1"}, []string{"API URL"}},
		"with_a_fragment": {spotify.Config{ClientID: "app", APIURL: "https://api.example/#canary"}, []string{"API URL"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := spotify.New(tt.config)
			if got, want := err != nil, len(tt.want) > 0; got != want {
				t.Fatalf("got %v, want an error: %v", err, want)
			}
			if err == nil {
				return
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want it to name %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "canary") {
				t.Errorf("got %q, which shows the value", err)
			}
		})
	}
}
