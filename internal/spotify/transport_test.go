package spotify_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify"
)

// clientOf returns a client of a server on loopback, over the real transport.
func clientOf(tb testing.TB, url string, timeout time.Duration) *spotify.Client {
	tb.Helper()
	transport := &http.Transport{}
	tb.Cleanup(transport.CloseIdleConnections)
	client, err := spotify.New(spotify.Config{
		ClientID: "app",
		ClientSecret: func(context.Context) (secret.Text, error) {
			return secret.New(canaryClientSecret), nil
		},
		RedirectURI: "http://127.0.0.1:8080/callback",
		AccountsURL: url,
		APIURL:      url + "/v1",
		Transport:   transport,
		Sleep:       func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		Timeout:     timeout,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return client
}

// lostAnswer is what a call makes of a lost answer. Only what it may have
// changed in a playlist is in doubt; a lost token is left to the next delivery.
func lostAnswer(call string) error {
	if call == "append" || call == "create" {
		return fault.ErrUnknownEffect
	}
	return fault.ErrUnavailable
}

// TestBrokenConnections breaks real connections in every way and place.
func TestBrokenConnections(t *testing.T) {
	t.Parallel()
	tests := map[string]string{ // what the server writes before it hangs up
		"before_the_answer": "",
		"in_the_status":     "HTTP/1.1 20",
		"in_the_headers":    "HTTP/1.1 200 OK\r\nContent-Le",
		"in_the_body":       "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"items\":[],\"" + canaryBody,
		"in_a_chunk":        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{\"items\"",
		"not_http":          "SSH-2.0-" + canaryBody + "\r\n",
		"bad_length":        "HTTP/1.1 200 OK\r\nContent-Length: " + canaryBody + "\r\n\r\n",
	}
	for name, raw := range tests {
		for _, call := range allCalls {
			t.Run(name+"/"+call, func(t *testing.T) {
				t.Parallel()
				url := hangUp(t, raw)
				err := calls(clientOf(t, url, time.Minute))[call](t.Context())
				checkError(t, err, lostAnswer(call))
			})
		}
	}
}

// hangUp serves raw bytes to every connection, after it read the request.
func hangUp(t *testing.T, raw string) (url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if req, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				_ = req.Body.Close()
				_, _ = fmt.Fprint(conn, raw)
			}
			_ = conn.Close()
		}
	}()
	return "http://" + listener.Addr().String()
}

// TestNobodyListens checks that a write that never left is not in doubt.
func TestNobodyListens(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	for _, call := range allCalls {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			checkError(t, calls(clientOf(t, server.URL, time.Minute))[call](t.Context()), fault.ErrUnavailable)
		})
	}
}

func TestUntrustedCertificate(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	t.Cleanup(server.Close)
	for _, call := range allCalls {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			checkError(t, calls(clientOf(t, server.URL, time.Minute))[call](t.Context()), fault.ErrUnavailable)
		})
	}
}

// TestSilentServer accepts a request and never answers.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(release) })
	for _, call := range allCalls {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			checkError(t, calls(clientOf(t, server.URL, 50*time.Millisecond))[call](t.Context()), lostAnswer(call))
		})
	}
}

// TestRedirectsAreNotFollowed checks that no header or body goes elsewhere.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("got %s %s elsewhere", r.Method, r.URL.Path)
	}))
	t.Cleanup(elsewhere.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := httptest.NewServer(http.RedirectHandler(elsewhere.URL+"?"+canaryBody, status))
		t.Cleanup(server.Close)
		for _, call := range allCalls {
			t.Run(fmt.Sprintf("%d/%s", status, call), func(t *testing.T) {
				t.Parallel()
				checkError(t, calls(clientOf(t, server.URL, time.Minute))[call](t.Context()), lostAnswer(call))
			})
		}
	}
}

// TestEndlessBody checks that a body is not read for ever.
func TestEndlessBody(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 400} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			chunk := []byte(strings.Repeat(" ", 1<<16))
			for {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}))
		t.Cleanup(server.Close)
		for _, call := range []string{"playlists", "append", "refresh"} {
			t.Run(fmt.Sprintf("%d/%s", status, call), func(t *testing.T) {
				t.Parallel()
				want := lostAnswer(call)
				if status == 400 {
					want = fault.ErrUnavailable
				}
				checkError(t, calls(clientOf(t, server.URL, time.Minute))[call](t.Context()), want)
			})
		}
	}
}

// TestTokenRequestsDoNotShareConnections: a kept connection that died
// unnoticed would cost a rotated token.
func TestTokenRequestsDoNotShareConnections(t *testing.T) {
	t.Parallel()
	accounts, tokenConns := countConnections(t, `{"access_token":"a"}`)
	api, apiConns := countConnections(t, emptyItems)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	client, err := spotify.New(spotify.Config{ClientID: "app", AccountsURL: accounts, APIURL: api, Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		for _, call := range []string{"refresh", "playlists"} {
			if err := calls(client)[call](t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got, want := tokenConns.Load(), int32(3); got != want {
		t.Errorf("got %d connections of token requests, want %d", got, want)
	}
	if got, want := apiConns.Load(), int32(1); got != want {
		t.Errorf("got %d connections of other requests, want %d", got, want)
	}
}

// countConnections serves the body and counts the connections to it.
func countConnections(t *testing.T, body string) (url string, count *atomic.Int32) {
	t.Helper()
	count = &atomic.Int32{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, body)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			count.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return server.URL, count
}
