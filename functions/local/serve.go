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
	"syscall"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/local/memjobs"
)

// shutdownTime is what requests get to finish when the program stops. Running
// jobs get memjobs.DefaultGrace, and a moment to note where they were.
const shutdownTime = 5 * time.Second

// listen says in plain words why a port cannot be had.
func listen(ctx context.Context, host string, port int, what string) (net.Listener, error) {
	address := net.JoinHostPort(host, strconv.Itoa(port))
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
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
func (d *desk) serve(ctx context.Context, site net.Listener, pages http.Handler) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, 2)
	start := func(l net.Listener, h http.Handler) *http.Server {
		server := &http.Server{
			Handler: h, ErrorLog: slog.NewLogLogger(d.log.Handler(), slog.LevelWarn),
			ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		}
		go func() {
			if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				failed <- fmt.Errorf("serving %s: %w", l.Addr(), err)
				cancel()
			}
		}()
		return server
	}
	var servers []*http.Server
	if d.standin != nil {
		servers = append(servers, start(d.standin.listener, d.standin.server.Handler()))
	}
	servers = append(servers, start(site, pages))

	var work sync.WaitGroup
	work.Go(func() { d.queue.Run(ctx, memjobs.Handlers{Archive: d.archive, FanOut: d.fan}) })
	work.Go(func() { d.schedule.Run(ctx) })

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

// greet says where everything is.
func (d *desk) greet(w io.Writer) error {
	spotify := fmt.Sprintf("%s, app %s\n            its redirect URI must be %s%s", d.cfg.SpotifyAccountsURL, d.cfg.SpotifyClientID, d.base, callbackPath)
	if d.standin != nil {
		spotify = fmt.Sprintf("a stand-in (%s mode), no account needed: %s/standin\n"+
			"            for the real one, set SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET", d.cfg.SpotifyMode, d.standin.url)
	}
	operator := d.operatorURL()
	if operator == "" {
		operator = "/local, on the loopback address of this machine"
	}
	_, err := fmt.Fprintf(w, `Weekly Archive for Spotify

  Open      %s
  Operator  %s
  Spotify   %s
  Data      %s

Press Ctrl-C to stop.
`, d.base, operator, spotify, d.dir.Path())
	return err
}
