package spotify_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify"
)

// Canaries: each secret that a test hands to the client. None may turn up in
// an error.
const (
	canaryClientSecret = "canary-client-secret"
	canaryAccess       = "canary-access-token"
	canaryRenewed      = "canary-renewed-token"
	canaryRefresh      = "canary-refresh-token"
	canaryCode         = "canary-code"
	canaryVerifier     = "canary-verifier-canary-verifier-canary-verifier"
	canaryBody         = "canary-body"
)

const playlistID = "0wnPlaylistAAAAAAAAAAA"

// A step is one scripted answer. The zero status means: err instead.
type step struct {
	status int
	body   string
	header http.Header
	err    error
	delay  time.Duration // before the answer, or until the request's context ends
	cut    bool          // the connection breaks after the body
}

type sent struct {
	method, url, body string
	header            http.Header
	at                time.Time
}

// script is a RoundTripper that plays steps; the last one repeats.
type script struct {
	mu    sync.Mutex
	steps []step
	sent  []sent
}

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
		if err := req.Body.Close(); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	s.sent = append(s.sent, sent{req.Method, req.URL.String(), string(body), req.Header.Clone(), time.Now()})
	now := s.steps[0]
	if len(s.steps) > 1 {
		s.steps = s.steps[1:]
	}
	s.mu.Unlock()

	if now.delay > 0 {
		timer := time.NewTimer(now.delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
	if now.err != nil {
		return nil, now.err
	}
	var reader io.Reader = strings.NewReader(now.body)
	if now.cut {
		reader = io.MultiReader(reader, brokenReader{})
	}
	header := now.header
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: now.status, Header: header, Body: io.NopCloser(reader), Request: req}, nil
}

func (s *script) requests() []sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]sent(nil), s.sent...)
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// newClient returns a confidential client whose requests go into the script.
func newClient(tb testing.TB, transport http.RoundTripper) *spotify.Client {
	tb.Helper()
	client, err := spotify.New(spotify.Config{
		ClientID: "app",
		ClientSecret: func(context.Context) (secret.Text, error) {
			return secret.New(canaryClientSecret), nil
		},
		RedirectURI: "http://127.0.0.1:8080/callback",
		Transport:   transport,
		Sleep:       nil,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return client
}

// tokens gives one token at first and another one when asked to renew.
func tokens(_ context.Context, renew bool) (secret.Text, error) {
	if renew {
		return secret.New(canaryRenewed), nil
	}
	return secret.New(canaryAccess), nil
}

func songs(n int) []ledger.Track {
	tracks := make([]ledger.Track, n)
	for i := range tracks {
		tracks[i] = ledger.Track{ID: "4iV5W9uYEdYUVa79Axb7Rh"}
	}
	return tracks
}

// calls makes every request of the client, each by the method that sends it.
func calls(client *spotify.Client) map[string]func(context.Context) error {
	return callsOf(client, client.Library(tokens))
}

func callsOf(client *spotify.Client, library webapi.Library) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"exchange": func(ctx context.Context) error {
			_, err := client.Exchange(ctx, secret.New(canaryCode), secret.New(canaryVerifier))
			return err
		},
		"refresh": func(ctx context.Context) error {
			_, err := client.Refresh(ctx, secret.New(canaryRefresh))
			return err
		},
		"profile": func(ctx context.Context) error {
			_, err := client.Profile(ctx, secret.New(canaryAccess))
			return err
		},
		"playlists": func(ctx context.Context) error { _, err := library.Playlists(ctx, 0, webapi.PageSize); return err },
		"items":     func(ctx context.Context) error { _, err := library.Items(ctx, playlistID, 0); return err },
		"create":    func(ctx context.Context) error { _, err := library.Create(ctx, "Archive", "Text"); return err },
		"append":    func(ctx context.Context) error { _, err := library.Append(ctx, playlistID, songs(1)); return err },
		"playlist":  func(ctx context.Context) error { _, err := library.Playlist(ctx, playlistID); return err },
		"describe":  func(ctx context.Context) error { return library.Describe(ctx, playlistID, "Text") },
		"contains":  func(ctx context.Context) error { _, err := library.InLibrary(ctx, playlistID); return err },
		"recently_played": func(ctx context.Context) error {
			_, err := library.RecentlyPlayed(ctx)
			return err
		},
		"queue": func(ctx context.Context) error { _, err := library.Queue(ctx); return err },
	}
}
