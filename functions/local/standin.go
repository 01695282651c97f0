package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/weeklyarchive/weeklyarchive/internal/config"
	"github.com/weeklyarchive/weeklyarchive/internal/local/datadir"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/spotifytest"
)

const (
	standinHost  = "127.0.0.1"
	standinState = "spotify.json"
	callbackPath = "/callback"

	// Spotify allows 5 users to an app in development mode; the last demo
	// account shows what happens to the sixth.
	allowListed = 5
)

// standin is the built-in Spotify, on a loopback port of its own: the one
// after PORT, or a free one where PORT is 0.
type standin struct {
	server   *spotifytest.Server
	listener net.Listener
	url      string
}

func openStandin(ctx context.Context, cfg config.Local, base string, dir *datadir.Dir) (*standin, error) {
	next := 0
	if cfg.Port > 0 {
		next = cfg.Port + 1
	}
	listener, err := listen(ctx, standinHost, next, "the Spotify stand-in (which takes PORT plus one)")
	if err != nil {
		return nil, err
	}
	world := spotifytest.Config{
		Mode:         spotifytest.Mode(cfg.SpotifyMode),
		RedirectURIs: []string{base + callbackPath},
		Accounts:     spotifytest.DemoAccounts(),
		StateFile:    dir.File(standinState),
	}
	for _, a := range world.Accounts[:allowListed] {
		world.Allowlist = append(world.Allowlist, a.Key)
	}
	server, err := spotifytest.New(world)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the Spotify stand-in cannot start: %w", err), listener.Close())
	}
	return &standin{
		server:   server,
		listener: listener,
		url:      "http://" + net.JoinHostPort(standinHost, strconv.Itoa(port(listener))),
	}, nil
}

// configure points the client at the stand-in.
func (s *standin) configure(cfg *spotify.Config) {
	cfg.ClientID = spotifytest.DemoClientID
	cfg.ClientSecret = func(context.Context) (secret.Text, error) { return spotifytest.DemoClientSecret(), nil }
	cfg.AccountsURL = s.url
	cfg.APIURL = s.url + "/v1"
}

func (s *standin) close() error {
	err := s.server.Close()
	closeListener(s.listener, &err)
	return err
}
