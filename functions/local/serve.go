package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"github.com/weeklyarchive/weeklyarchive/internal/local/memjobs"
	"github.com/weeklyarchive/weeklyarchive/internal/local/operator"
)

// What a stranger may take of a local service that others can reach.
const (
	maxHeader      = 16 << 10 // bytes of a request's headers
	headerSlop     = 4 << 10  // what net/http adds to the limit that it is given
	maxConnections = 256      // more wait until one ends
	idleTime       = 30 * time.Second
)

// shutdownTime is what requests get to finish when the program stops. Running
// jobs get memjobs.DefaultGrace, and a moment to note where they were.
const shutdownTime = 5 * time.Second

// listen says in plain words why a port cannot be had.
func listen(ctx context.Context, host string, port int, what string) (net.Listener, error) {
	address := net.JoinHostPort(host, strconv.Itoa(port))
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, errAddressInUse):
		return nil, fmt.Errorf("port %d, for %s, is in use: another program, or another copy of this one, listens on %s; stop it, or set PORT to another number", port, what, address)
	case errors.Is(err, os.ErrPermission):
		return nil, fmt.Errorf("port %d, for %s, is not allowed to this user: set PORT to a number from 1024 up", port, what)
	case err != nil:
		return nil, fmt.Errorf("listening on %s for %s (ADDR and PORT say where): %w", address, what, err)
	}
	return l, nil
}

// serve runs everything until ctx ends or a part fails. Then no job and no
// request is begun any more, what runs is finished or handed back, and the
// stand-in goes last, because runs talk to it.
func (d *daemon) serve(ctx context.Context, site net.Listener, pages http.Handler) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, 2)
	start := func(l net.Listener, h http.Handler) *http.Server {
		server := &http.Server{
			Handler: h, ErrorLog: slog.NewLogLogger(d.log.Handler(), slog.LevelWarn),
			ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: time.Minute, IdleTimeout: idleTime,
			MaxHeaderBytes: maxHeader - headerSlop,
		}
		go func() {
			if err := server.Serve(netutil.LimitListener(l, maxConnections)); !errors.Is(err, http.ErrServerClosed) {
				failed <- fmt.Errorf("serving %s: %w", l.Addr(), err)
				cancel()
			}
		}()
		return server
	}
	var servers []*http.Server
	if s, ok := d.standin.(*builtIn); ok {
		servers = append(servers, start(s.listener, s.handler()))
	}
	servers = append(servers, start(site, pages))

	var work sync.WaitGroup
	work.Go(func() { d.queue.Run(ctx, memjobs.Handlers{Archive: d.archive, FanOut: d.fan}) })
	work.Go(func() { d.schedule.Run(ctx) })
	work.Go(func() { d.alerts.Run(ctx) })
	if d.watch != nil {
		work.Go(func() { d.watch.Run(ctx) })
	}
	if s, ok := d.standin.(*outside); ok {
		work.Go(func() { s.follow(ctx) })
	}

	<-ctx.Done()
	d.log.InfoContext(ctx, "stopping: no new work")
	work.Go(func() { shutdown(servers[len(servers)-1]) })
	work.Wait()
	for _, server := range servers {
		shutdown(server)
	}
	d.log.InfoContext(ctx, "stopped")
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// shutdown lets requests finish for shutdownTime and then closes them.
func shutdown(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	if server.Shutdown(ctx) != nil {
		_ = server.Close() // only listeners that are closed already can fail
	}
}

// indent is where a second line of the greeting goes on.
const indent = "\n            "

// greet says where everything is.
func (d *daemon) greet(w io.Writer) error {
	_, err := fmt.Fprintf(w, `Weekly Archive for Spotify

  Open      %s
  Operator  %s
  Spotify   %s
  Data      %s

Press Ctrl-C to stop.
`, d.base, d.whereOperator(), d.whichSpotify(), d.dir.Path())
	return err
}

// whereOperator says how the operator gets to their page.
func (d *daemon) whereOperator() string {
	switch {
	case !d.token.IsZero() && d.cfg.OperatorToken.IsZero():
		return operator.LinkURL(d.base, d.link) + indent + "opens once; later the token does, which is in " + d.dir.File(tokenFile)
	case !d.token.IsZero():
		return operator.LinkURL(d.base, d.link) + indent + "opens once; later OPERATOR_TOKEN does"
	case d.operatorURL() == "":
		return operator.Path + ", on the loopback address of this machine (set OPERATOR_TOKEN to open it from elsewhere)"
	default:
		return d.operatorURL()
	}
}

// whichSpotify says what the service talks to, and what that needs to know.
func (d *daemon) whichSpotify() string {
	switch s := d.standin.(type) {
	case *builtIn:
		return fmt.Sprintf("a stand-in (%s mode), no account needed: %s", d.cfg.SpotifyMode, s.URL()+controlPath) +
			indent + "for the real one, set SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET"
	case *outside:
		text := "a stand-in that runs on its own, no account needed: " + s.URL() + controlPath
		if cfg := d.spotifyConfig(); cfg.AccountsURL != s.URL() || cfg.APIURL != s.URL()+"/v1" {
			text += indent + "by way of " + cfg.AccountsURL + " and " + cfg.APIURL
		}
		if d.cfg.PublicURL != "" {
			text += indent + "it must know the redirect URI " + d.base + callbackPath + " (its flag -redirect)"
		}
		return text
	default:
		return fmt.Sprintf("%s, app %s", d.cfg.SpotifyAccountsURL, d.cfg.SpotifyClientID) +
			indent + "its redirect URI must be " + d.base + callbackPath
	}
}
