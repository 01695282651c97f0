// Command standin serves the Spotify stand-in on its own, so that any Spotify
// client can be pointed at it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

const shutdownTime = 5 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "standin:", err)
		os.Exit(1)
	}
}

// run serves until the context ends, then lets the requests under way finish.
func run(ctx context.Context, args []string, stdout io.Writer) (err error) {
	flags := flag.NewFlagSet("standin", flag.ContinueOnError)
	flags.SetOutput(stdout)
	addr := flags.String("addr", "127.0.0.1:9090", "`address` to listen on")
	mode := flags.String("mode", string(fakespotify.Development), "quota `mode`: development or extended")
	redirects := flags.String("redirect", "", "further redirect `URIs` to accept, separated by commas")
	state := flags.String("state", "", "`file` that keeps the state across restarts (default: memory only)")
	rotate := flags.Bool("rotate", false, "answer a new refresh token on every refresh")
	if err := flags.Parse(args); err != nil {
		return err
	}
	cfg := fakespotify.Config{
		Mode:         fakespotify.Mode(*mode),
		RedirectURIs: redirectURIs(*redirects),
		Accounts:     fakespotify.DemoAccounts(),
		StateFile:    *state,
		Rotate:       *rotate,
	}
	// Spotify allows 5 users to an app in development mode; the last demo
	// account shows what happens to the sixth.
	for _, a := range cfg.Accounts[:5] {
		cfg.Allowlist = append(cfg.Allowlist, a.Key)
	}
	server, err := fakespotify.New(cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", *addr)
	if err != nil {
		return err
	}
	if err := describe(stdout, listener.Addr().String(), cfg); err != nil {
		return errors.Join(err, listener.Close())
	}
	return serve(ctx, listener, server.Handler())
}

func redirectURIs(further string) []string {
	uris := []string{
		fakespotify.DemoRedirectURI,
		"http://[::1]/callback",
		"http://127.0.0.1/auth/spotify/callback",
	}
	for uri := range strings.SplitSeq(further, ",") {
		if uri = strings.TrimSpace(uri); uri != "" {
			uris = append(uris, uri)
		}
	}
	return uris
}

// describe prints what a client needs to know. The client secret is that of
// the demo app and protects nothing.
func describe(w io.Writer, addr string, cfg fakespotify.Config) error {
	base := "http://" + addr
	_, err := fmt.Fprintf(w, `Spotify stand-in in %s mode: %s/standin

  SPOTIFY_ACCOUNTS_URL=%s
  SPOTIFY_API_URL=%s/v1
  SPOTIFY_CLIENT_ID=%s
  SPOTIFY_CLIENT_SECRET=%s

Redirect URIs (a loopback address without a port matches every port):
  %s

Stop it with Ctrl-C.
`, cfg.Mode, base, base, base, fakespotify.DemoClientID, fakespotify.DemoClientSecret().Reveal(),
		strings.Join(cfg.RedirectURIs, "\n  "))
	return err
}

func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
		defer cancel()
		stopped <- server.Shutdown(limit)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}
