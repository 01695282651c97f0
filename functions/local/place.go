package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/config"
	"github.com/weeklyarchive/weeklyarchive/internal/local/backup"
	"github.com/weeklyarchive/weeklyarchive/internal/local/keyseal"
	"github.com/weeklyarchive/weeklyarchive/internal/local/operator"
	"github.com/weeklyarchive/weeklyarchive/internal/local/remote"
	"github.com/weeklyarchive/weeklyarchive/internal/local/sqlitestore"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
	"github.com/weeklyarchive/weeklyarchive/internal/operate/probe"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify"
	"github.com/weeklyarchive/weeklyarchive/internal/version"
)

// program is this program to the operator's commands.
func program(environ map[string]string, stdout, stderr io.Writer) operate.Program {
	load := func() (place, error) {
		cfg, err := config.LoadLocal(environ)
		if err != nil {
			return place{}, fmt.Errorf("these settings (environment variables) are wrong:\n%w", err)
		}
		return newPlace(cfg), nil
	}
	return operate.Program{
		Name:  "weekly-archive",
		Serve: func(ctx context.Context) error { return serve(ctx, environ, stdout, stderr) },
		Open: func(ctx context.Context) (*operate.Service, error) {
			p, err := load()
			if err != nil {
				return nil, err
			}
			return p.open(ctx)
		},
		Doctor: func(ctx context.Context) []operate.Finding {
			cfg, err := config.LoadLocal(environ)
			if findings := operate.CheckConfig(err); err != nil {
				return findings
			}
			return newPlace(cfg).doctor(ctx)
		},
		Backups: func(context.Context) (operate.Backups, error) {
			p, err := load()
			if err != nil {
				return nil, err
			}
			return backups(p.dir), nil
		},
		Notify: func() (func(context.Context) error, error) {
			cfg, err := config.LoadLocal(environ)
			if err != nil {
				return nil, fmt.Errorf("these settings (environment variables) are wrong:\n%w", err)
			}
			sender, err := newSender(cfg)
			return sendTest(sender), err
		},
		Health: func(ctx context.Context) (string, error) {
			cfg, err := config.LoadLocal(environ)
			if err != nil {
				return "", fmt.Errorf("these settings (environment variables) are wrong:\n%w", err)
			}
			return checkHealth(ctx, cfg)
		},
		Clock: time.Now, Stdout: stdout, Stderr: stderr,
	}
}

// place is the service seen from another process of the same machine. The
// database takes both; the queue is asked for over the operator's page.
type place struct {
	cfg     config.Local
	dir     string
	address remote.Address // of the service that wrote it down last
}

func newPlace(cfg config.Local) place {
	dir := dataPath(cfg)
	return place{cfg: cfg, dir: dir, address: remote.ReadAddress(filepath.Join(dir, addressFile))}
}

// dataPath is the data directory, or the stand-in's in it.
func dataPath(cfg config.Local) string {
	if cfg.Standin() {
		return filepath.Join(cfg.DataDir, standinDir)
	}
	return cfg.DataDir
}

func backups(dir string) *backup.Backups {
	return backup.New(backup.Config{Data: dir, Database: databaseFile, Key: keyFile, Clock: time.Now})
}

// writeAddress tells the operator's commands where the service can be asked,
// which another shell's settings need not say.
func (d *daemon) writeAddress(site net.Listener) error {
	host := d.cfg.Addr
	if ip := net.ParseIP(host); ip.IsUnspecified() {
		host = standinHost
	}
	address := remote.Address{Pages: "http://" + net.JoinHostPort(host, strconv.Itoa(port(site))), Base: d.base}
	if d.standin != nil {
		address.Standin = d.standin.URL()
	}
	return remote.WriteAddress(d.dir.File(addressFile), address)
}

// open opens the database and the key beside a service that may run.
func (p place) open(ctx context.Context) (*operate.Service, error) {
	for _, name := range []string{databaseFile, keyFile} {
		if sqlitestore.Missing(filepath.Join(p.dir, name)) {
			return nil, fmt.Errorf("there is no %s in %s: start the service once, or set DATA_DIR to the directory that it uses; `doctor` says more%s", name, p.dir, p.otherSettings())
		}
	}
	key, err := keyseal.Open(filepath.Join(p.dir, keyFile))
	if err != nil {
		return nil, fmt.Errorf("the key cannot be used: %w", err)
	}
	log := slog.New(slog.DiscardHandler)
	clock := p.clock(ctx, log)
	settings := clientConfig(p.cfg, p.base(), p.standin(), clock)
	client, err := spotify.New(settings)
	if err != nil {
		return nil, err
	}
	db, err := sqlitestore.Open(ctx, filepath.Join(p.dir, databaseFile), clock)
	if err != nil {
		return nil, fmt.Errorf("the database cannot be used: %w", err)
	}
	running := p.running()
	store := &backup.Store{Store: records.New(db), Backups: backups(p.dir)}
	return &operate.Service{
		Store: store, Jobs: running, FanOut: running, Letters: running, Opener: key,
		Prober: &probe.Prober{
			Users: store, Sealer: key, Opener: key, Spotify: client, APIURL: settings.APIURL, Program: version.Get().Number, Clock: clock,
		},
		CurrentKey: func(context.Context) (string, error) { return key.Version(), nil },
		Clock:      clock, Log: log, Close: db.Close,
	}, nil
}

// otherSettings is what to say where these settings are about demo accounts and
// a real service has kept its data beside them; empty where there is none.
func (p place) otherSettings() string {
	if _, err := os.Stat(filepath.Join(p.cfg.DataDir, databaseFile)); !p.cfg.Standin() || err != nil {
		return ""
	}
	return ". SPOTIFY_CLIENT_ID is not set, so this is about demo accounts: give this command the settings of the service"
}

func (p place) running() *remote.Service {
	token, err := p.token()
	if err != nil {
		token = secret.Text{} // the service says what is wrong with it
	}
	return &remote.Service{Address: p.address, Token: token}
}

// token is the operator token of the settings, or of its file; empty where
// there is none.
func (p place) token() (secret.Text, error) {
	file := filepath.Join(p.dir, tokenFile)
	if _, err := os.Stat(file); err != nil || p.cfg.Standin() || !p.cfg.OperatorToken.IsZero() {
		return p.cfg.OperatorToken, nil //nolint:nilerr // the service makes the file
	}
	return operator.OpenToken(file)
}

// clock is the service's time: the stand-in's, where one runs.
func (p place) clock(ctx context.Context, log *slog.Logger) archive.Clock {
	if !p.cfg.Standin() {
		return time.Now
	}
	s, err := openOutside(ctx, p.standin(), log)
	if err != nil {
		return time.Now
	}
	return s.Now
}

// standin is where the stand-in answers, or would: the built-in one takes the
// port after the pages'.
func (p place) standin() string {
	return cmp.Or(p.cfg.SpotifyStandinURL, p.address.Standin, "http://"+net.JoinHostPort(standinHost, strconv.Itoa(p.cfg.Port+1)))
}

func (p place) base() string {
	return cmp.Or(p.cfg.PublicURL, p.address.Base, p.cfg.BaseURL(p.cfg.Port))
}
