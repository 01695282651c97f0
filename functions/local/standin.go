package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/config"
	"github.com/weeklyarchive/weeklyarchive/internal/local/datadir"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

const (
	standinHost  = "127.0.0.1"
	standinState = "spotify.json"
	callbackPath = "/callback"
	controlPath  = "/standin"

	// Spotify allows 5 users to an app in development mode; the last demo
	// account shows what happens to the sixth.
	allowListed = 5
)

// standin is a Spotify stand-in whose demo app the service is, and whose time
// is the service's.
type standin interface {
	URL() string    // its base address: the control page is below it
	Now() time.Time // never waits
	NextMonday(ctx context.Context) (time.Time, error)
	Close() error
}

var (
	_ standin = (*builtIn)(nil)
	_ standin = (*outside)(nil)
)

// builtIn is the stand-in in this process, on a loopback port of its own: the
// one after PORT, or a free one where PORT is 0.
type builtIn struct {
	server   *fakespotify.Server
	listener net.Listener
	url      string
}

func openBuiltIn(ctx context.Context, cfg config.Local, base string, dir *datadir.Dir) (*builtIn, error) {
	next := 0
	if cfg.Port > 0 {
		next = cfg.Port + 1
	}
	listener, err := listen(ctx, standinHost, next, "the Spotify stand-in (which takes PORT plus one)")
	if err != nil {
		return nil, err
	}
	world := fakespotify.Config{
		Mode:         fakespotify.Mode(cfg.SpotifyMode),
		RedirectURIs: []string{base + callbackPath},
		Accounts:     fakespotify.DemoAccounts(),
		StateFile:    dir.File(standinState),
	}
	for _, a := range world.Accounts[:allowListed] {
		world.Allowlist = append(world.Allowlist, a.Key)
	}
	server, err := fakespotify.New(world)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the Spotify stand-in cannot start: %w", err), listener.Close())
	}
	return &builtIn{
		server:   server,
		listener: listener,
		url:      "http://" + net.JoinHostPort(standinHost, strconv.Itoa(port(listener))),
	}, nil
}

func (s *builtIn) URL() string           { return s.url }
func (s *builtIn) Now() time.Time        { return s.server.Now() }
func (s *builtIn) handler() http.Handler { return s.server.Handler() }

func (s *builtIn) NextMonday(context.Context) (time.Time, error) { return s.server.NextMonday(), nil }

func (s *builtIn) Close() error {
	err := s.server.Close()
	closeListener(s.listener, &err)
	return err
}

// openStandin sets d.standin only if it is open.
func (d *daemon) openStandin(ctx context.Context) error {
	if d.cfg.BuiltIn() {
		s, err := openBuiltIn(ctx, d.cfg, d.base, d.dir)
		if err == nil {
			d.standin = s
		}
		return err
	}
	s, err := openOutside(ctx, d.cfg.SpotifyStandinURL, d.log)
	if err == nil {
		d.standin = s
	}
	return err
}

// reach tells whether this app may read Discover Weekly. The built-in stand-in's
// own mode says so before anybody has tried.
func (d *daemon) reach(ctx context.Context) (archive.Access, error) {
	access, err := d.store.Access(ctx)
	builtIn := d.cfg.Standin() && d.cfg.BuiltIn()
	if err == nil && access == archive.AccessUnknown && builtIn && fakespotify.Mode(d.cfg.SpotifyMode) == fakespotify.Extended {
		return archive.AccessReadable, nil
	}
	return access, err
}

// nextMonday moves the stand-in's time into another week, to the hour of its
// weekly run, which the operator then sends by hand.
func (d *daemon) nextMonday(ctx context.Context) (now time.Time, err error) {
	before := d.clock()
	d.schedule.Skip(func() {
		now, err = d.standin.NextMonday(ctx)
		if err == nil && calendar.WeekOf(now) == calendar.WeekOf(before) { // it was Monday morning
			now, err = d.standin.NextMonday(ctx)
		}
	})
	return now, err
}
