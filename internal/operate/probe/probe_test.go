package probe_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/operate/probe"
	"github.com/weeklyarchive/weeklyarchive/internal/pkce"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

const (
	account     = "demo1"
	redirectURI = "http://127.0.0.1:8080/callback"
)

var monday = time.Date(2026, 11, 16, 13, 5, 0, 0, time.UTC)

// What Spotify answered is nowhere in the report, in either mode: neither ids
// nor names, addresses, dates, tokens or any other text.
func TestReportHoldsNothingPersonal(t *testing.T) {
	t.Parallel()
	for _, mode := range []fakespotify.Mode{fakespotify.Extended, fakespotify.Development} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, mode)
			report := w.probe(t)
			text, err := json.Marshal(report)
			if err != nil {
				t.Fatal(err)
			}
			w.heard.mu.Lock()
			defer w.heard.mu.Unlock()
			if len(w.heard.texts) < 15 {
				t.Fatalf("got %d texts in Spotify's answers, want more: the test checks nothing", len(w.heard.texts))
			}
			if bytes.Contains(text, []byte("…")) {
				t.Error("a field, or a word of a message, is not known: see the report")
			}
			w.heard.texts[w.user.SpotifyID], w.heard.texts[string(w.user.ID)] = true, true
			w.heard.texts[w.token.Access.Reveal()] = true
			for heard := range w.heard.texts {
				if bytes.Contains(text, []byte(heard)) {
					t.Errorf("the report holds %q", heard)
				}
			}
		})
	}
}

// public tells texts that name no one: kinds of objects, and words that the
// report has for its own reasons.
func public(text string) bool {
	return len(text) < 4 || slices.Contains([]string{"playlist", "track", "user", "spotify", "Discover Weekly", "album", "artist", "single", "Spotify", "context", "isrc"}, text) ||
		strings.Trim(text, "abcdefghijklmnopqrstuvwxyz_") == "" && len(text) < 8
}

func TestProbeTellsTheModesApart(t *testing.T) {
	t.Parallel()
	for mode, want := range map[fakespotify.Mode]struct {
		status int // of Discover Weekly's songs
		listed int
		nulls  int
	}{
		fakespotify.Extended:    {http.StatusOK, 1, 0},
		fakespotify.Development: {http.StatusNotFound, 0, 1},
	} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, mode)
			w.user.Discover.PlaylistID = w.server.DiscoverID(account) // pasted
			report := w.probe(t)
			songs := answer(t, report, "GET /playlists/{discover}/items")
			if songs.Status != want.status {
				t.Errorf("its songs: got status %d, want %d", songs.Status, want.status)
			}
			list := answer(t, report, "GET /me/playlists")
			if list.Counts["that look like Discover Weekly"] != want.listed || list.Counts["entries that are null"] != want.nulls {
				t.Errorf("the list: got %v, want %d of it and %d nulls", list.Counts, want.listed, want.nulls)
			}
		})
	}
}

func TestProbeAnswersTheOpenQuestions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakespotify.Extended)
	if err := w.server.PlayDiscover(account, 7); err != nil {
		t.Fatal(err)
	}
	w.server.ResetRequests()
	report := w.probe(t)
	plays := answer(t, report, "GET /me/player/recently-played")
	if plays.Counts["plays from Discover Weekly"] != 7 || plays.Counts["context: playlist"] != 7 {
		t.Errorf("plays: got %v, want 7 from Discover Weekly", plays.Counts)
	}
	if contains := answer(t, report, "GET /me/library/contains?uris={archive}"); contains.Status != http.StatusForbidden || contains.Message != "Insufficient client scope" {
		t.Errorf("contains: got %+v, want that the consent lacks a scope", contains)
	}
	if past := answer(t, report, "GET /playlists/{archive}/items"); past.Counts["items"] != 0 || past.Status != http.StatusOK {
		t.Errorf("past the end: got status %d and %v, want no items", past.Status, past.Counts)
	}
	if kept := answer(t, report, "GET /playlists/{archive}"); !slices.Contains(kept.Yes, "the total is the one that we left") {
		t.Errorf("the archive: got %+v, want the total that was stored", kept)
	}
	if songs := answer(t, report, "GET /playlists/{discover}/items"); songs.Counts["items with a date"] != 30 || songs.Counts["different dates"] != 1 {
		t.Errorf("songs: got %v, want 30 of one date", songs.Counts)
	}
	for _, r := range w.server.Requests() {
		if r.Method != http.MethodGet && strings.HasPrefix(r.Route, "/v1/") {
			t.Errorf("it sent %s %s", r.Method, r.Route)
		}
	}
}

func TestProbeStopsWhenSpotifyAsksToWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakespotify.Extended)
	if err := w.server.Fault(fakespotify.Fault{Match: "GET /v1/me/playlists", Kind: fakespotify.FaultQuota}); err != nil {
		t.Fatal(err)
	}
	w.server.ResetRequests()
	report := w.probe(t)
	last := report.Answers[len(report.Answers)-1]
	if report.Stopped == "" || last.Status != http.StatusTooManyRequests || last.Reason != "QUOTA_EXCEEDED" || last.RetryAfter != 86400 {
		t.Errorf("got %+v, stopped %q, want the quota told", last, report.Stopped)
	}
	if got := len(w.server.Requests()); got != 2 {
		t.Errorf("got %d requests, want 2", got)
	}
}

func TestMessagesKeepOnlyKnownWords(t *testing.T) {
	t.Parallel()
	body := `{"error":{"status":403,"message":"User Ada Lovelace (ada@example.com) is not registered: 4uLU6hMCjMI75M1A2tKUQC.","reason":"ADA_LOVELACE"},"Ada":1,"lovelace":true,"name_of_lovelace":null,"4uLU6hMCjMI75M1A2tKUQC":[{"x":1},null,"Ada"]}`
	transport := roundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusForbidden, Body: io.NopCloser(strings.NewReader(body)), Header: http.Header{}}, nil
	})
	report, err := probe.Run(t.Context(), probe.Config{APIURL: "http://api.test", HTTP: &http.Client{Transport: transport}, Now: monday})
	if err != nil {
		t.Fatal(err)
	}
	got := report.Answers[1]
	if want := "User … … … is not registered: …"; got.Message != want || got.Reason != "" {
		t.Errorf("got message %q and reason %q, want %q and none", got.Message, got.Reason, want)
	}
	text, err := json.Marshal(got.Shape)
	if err != nil {
		t.Fatal(err)
	}
	for _, personal := range []string{"Ada", "4uLU", "lovelace"} {
		if bytes.Contains(text, []byte(personal)) {
			t.Errorf("the shape %s holds %q", text, personal)
		}
	}
}

func TestShapesOfLists(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ body, want string }{
		"null_entries":      {`[{"id":"a"},null]`, `{"list of":2,"items":{"id":"string","or":"null"}}`},
		"fields_that_lack":  {`[{"id":"a"},{"id":null,"name":"b"}]`, `{"list of":2,"items":{"id":"null|string","name":"absent|string"}}`},
		"lists_in_lists":    {`[[1],[2,3]]`, `{"list of":2,"items":{"list of":2,"items":"number"}}`},
		"list_or_object":    {`[[1],{"a":true}]`, `{"list of":2,"items":{"list of":1,"items":"number","or":{"a":"bool"}}}`},
		"empty":             {`[]`, `{"list of":0}`},
		"names_like_values": {`{"a":1,"4uLU6h":"x"}`, `{"a":"number","…":"string"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			transport := roundTrip(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(row.body)), Header: http.Header{}}, nil
			})
			report, err := probe.Run(t.Context(), probe.Config{APIURL: "http://api.test", HTTP: &http.Client{Transport: transport}, Now: monday})
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(report.Answers[1].Shape)
			if err != nil {
				t.Fatal(err)
			}
			var got, want any
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(row.want), &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("got -, want +:\n%s", diff)
			}
		})
	}
}

// world is a stand-in with one account that has an archive, and everything
// that it said.
type world struct {
	server *fakespotify.Server
	client *spotify.Client
	token  webapi.Token
	user   archive.User
	heard  *heard
}

func newWorld(t *testing.T, mode fakespotify.Mode) *world {
	t.Helper()
	server := fakespotify.Start(t, fakespotify.Config{
		Mode: mode, Seed: 1, RedirectURIs: []string{redirectURI}, Clock: func() time.Time { return monday },
	})
	w := &world{server: server, heard: &heard{next: http.DefaultTransport, texts: map[string]bool{}}}
	client, err := spotify.New(spotify.Config{
		ClientID: fakespotify.DemoClientID, RedirectURI: redirectURI, AccountsURL: server.URL, APIURL: server.URL + "/v1", Clock: server.Now,
		ClientSecret: func(context.Context) (secret.Text, error) { return fakespotify.DemoClientSecret(), nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.client, w.token = client, consent(t, client)
	profile, err := client.Profile(t.Context(), w.token.Access)
	if err != nil {
		t.Fatal(err)
	}
	library := client.Library(func(context.Context, bool) (secret.Text, error) { return w.token.Access, nil })
	made, err := library.Create(t.Context(), "Ada's archive", "what was found")
	if err != nil {
		t.Fatal(err)
	}
	w.user = archive.User{
		ID: archive.NewUserID(profile), SpotifyID: profile.ID, DisplayName: profile.DisplayName,
		Archives: map[string]archive.ArchivePlaylist{archive.MainArchive: {PlaylistID: made.ID, Snapshot: made.Snapshot, Total: 0}},
	}
	return w
}

func (w *world) probe(t *testing.T) probe.Report {
	t.Helper()
	report, err := probe.Run(t.Context(), probe.Config{
		APIURL: w.server.URL + "/v1", Token: w.token, User: w.user, Now: w.server.Now(), HTTP: &http.Client{Transport: w.heard},
	})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// answer returns the last answer of a route.
func answer(t *testing.T, report probe.Report, route string) probe.Answer {
	t.Helper()
	for _, a := range slices.Backward(report.Answers) {
		if a.Route == route && !strings.Contains(a.Question, "ETag") && !strings.Contains(a.Question, "beyond the list") {
			return a
		}
	}
	t.Fatalf("nobody asked %s", route)
	return probe.Answer{}
}

func consent(t *testing.T, client *spotify.Client) webapi.Token {
	t.Helper()
	verifier := pkce.NewVerifier()
	target, err := url.Parse(client.AuthorizeURL("state", pkce.Challenge(verifier), webapi.Scopes(true), false))
	if err != nil {
		t.Fatal(err)
	}
	form := target.Query()
	form.Set("account", account)
	form.Set("decision", "agree")
	target.RawQuery = ""
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target.String(), strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	back, err := answer.Location()
	if err != nil {
		t.Fatal(err)
	}
	token, err := client.Exchange(t.Context(), secret.New(back.Query().Get("code")), verifier)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// heard notes every text in the answers that pass.
type heard struct {
	next http.RoundTripper

	mu    sync.Mutex
	texts map[string]bool
}

func (h *heard) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := h.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	answer.Body = io.NopCloser(bytes.NewReader(body))
	var value any
	if json.Unmarshal(body, &value) == nil {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.note(value, false)
	}
	return answer, err
}

// note leaves out messages of errors, of which the report keeps known words.
func (h *heard) note(value any, message bool) {
	switch v := value.(type) {
	case map[string]any:
		for name, field := range v {
			h.note(field, name == "message")
		}
	case []any:
		for _, item := range v {
			h.note(item, false)
		}
	case string:
		if !message && !public(v) {
			h.texts[v] = true
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
