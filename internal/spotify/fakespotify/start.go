package fakespotify

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// TB is what Start needs of a *testing.T or *testing.B.
type TB interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Start returns a server that listens on a free loopback port until the test
// ends. Unless Config.Strict says otherwise, an unknown route, parameter or
// field fails the test.
func Start(tb TB, cfg Config) *Server {
	tb.Helper()
	if cfg.Strict == nil {
		cfg.Strict = func(problem string) { tb.Errorf("Spotify stand-in: %s", problem) }
	}
	s, err := New(cfg)
	if err != nil {
		tb.Fatalf("starting the Spotify stand-in: %v", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("starting the Spotify stand-in: %v", err)
	}
	s.URL = "http://" + listener.Addr().String()
	server := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: time.Minute}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	tb.Cleanup(func() {
		if err := errors.Join(server.Close(), s.Close()); err != nil {
			tb.Errorf("closing the Spotify stand-in: %v", err)
		}
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			tb.Errorf("serving the Spotify stand-in: %v", err)
		}
	})
	return s
}
