package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/messaging"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/config"
	"github.com/weeklyarchive/weeklyarchive/internal/links"
	"github.com/weeklyarchive/weeklyarchive/internal/local/alerts"
	"github.com/weeklyarchive/weeklyarchive/internal/local/backup"
	"github.com/weeklyarchive/weeklyarchive/internal/local/datadir"
	"github.com/weeklyarchive/weeklyarchive/internal/local/keyseal"
	"github.com/weeklyarchive/weeklyarchive/internal/local/memjobs"
	"github.com/weeklyarchive/weeklyarchive/internal/local/operator"
	"github.com/weeklyarchive/weeklyarchive/internal/local/releases"
	"github.com/weeklyarchive/weeklyarchive/internal/local/schedule"
	"github.com/weeklyarchive/weeklyarchive/internal/local/sqlitestore"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
	"github.com/weeklyarchive/weeklyarchive/internal/version"
)

// The files of the data directory. The stand-in's world has a directory of its
// own below it, so trying it out never mixes demo accounts with real ones.
const (
	databaseFile = "weekly-archive.db"
	keyFile      = "key"
	tokenFile    = "operator-token"
	toldFile     = "alerts.json"
	addressFile  = "address"
	standinDir   = "standin"
)

// daemon is the open service.
type daemon struct {
	cfg     config.Local
	log     *slog.Logger
	base    string // public address
	clock   archive.Clock
	started time.Time // by this machine's clock
	dir     *datadir.Dir
	standin standin // nil with the real Spotify
	db      *sqlitestore.Store
	store   *backup.Store // in db
	key     *keyseal.Key
	queue   *memjobs.Queue
	tally   *operator.Tally
	watch   *releases.Watch // nil unless RELEASES_URL is set
	sender  *alerts.Sender  // nil unless NOTIFY_URL is set
	alerts  *alerts.Watch
	client  *spotify.Client
	token   secret.Text // opens the operator's page; empty with a stand-in, unless OPERATOR_TOKEN is set
	link    secret.Text // opens it once

	teller   *messaging.Teller
	links    *links.Links
	fanOut   *usecase.FanOut
	schedule *schedule.Schedule
}

// open opens everything that can go wrong at the start. What was opened before
// an error is closed again.
func open(ctx context.Context, cfg config.Local, log *slog.Logger, base string) (_ *daemon, err error) {
	d := &daemon{cfg: cfg, log: log, base: base, clock: time.Now, started: time.Now(), tally: &operator.Tally{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	if d.sender, err = newSender(cfg); err != nil {
		return nil, err
	}
	if d.dir, err = datadir.Open(dataPath(cfg)); err != nil {
		return nil, fmt.Errorf("the data directory (DATA_DIR) cannot be used: %w", err)
	}
	if cfg.Standin() {
		if err := d.openStandin(ctx); err != nil {
			return nil, err
		}
		d.clock = d.standin.Now
	}
	if err := d.openStore(ctx); err != nil {
		return nil, err
	}
	if err := errors.Join(d.endLeases(ctx), d.warnOfOtherKeys(ctx)); err != nil {
		return nil, fmt.Errorf("the database cannot be used: %w", err)
	}
	if err := d.openToken(); err != nil {
		return nil, fmt.Errorf("the operator token cannot be used: %w", err)
	}
	if d.client, err = spotify.New(d.spotifyConfig()); err != nil {
		return nil, err
	}
	if err := d.assemble(ctx); err != nil {
		return nil, err
	}
	return d, nil
}

// openStore opens the database and the key. A directory with a key and without
// a database has lost it: to begin with an empty one would look as if nobody
// had ever connected. At the first start the database is made first, so a
// process that is killed between the two leaves no such directory.
func (d *daemon) openStore(ctx context.Context) (err error) {
	hadKey := d.dir.Has(keyFile)
	if hadKey {
		if err := d.openKey(); err != nil {
			return err
		}
		if sqlitestore.Missing(d.dir.File(databaseFile)) {
			return fmt.Errorf("the database %s is missing or empty, but the key file beside it is there: put the database back from a backup; "+
				"to start over with nobody connected, move the key file %s away, too", d.dir.File(databaseFile), d.dir.File(keyFile))
		}
	}
	if d.db, err = sqlitestore.Open(ctx, d.dir.File(databaseFile), d.clock); err != nil {
		return fmt.Errorf("the database cannot be used: %w", err)
	}
	d.store = &backup.Store{Store: records.New(d.db), Backups: backups(d.dir.Path())}
	if !hadKey {
		return d.openKey()
	}
	return nil
}

func (d *daemon) openKey() (err error) {
	if d.key, err = keyseal.Open(d.dir.File(keyFile)); err != nil {
		return fmt.Errorf("the key cannot be used: %w", err)
	}
	return nil
}

// openToken takes the operator token from the settings or from its file, which
// the first start makes. A stand-in's accounts are made up: with one the page
// needs no token, and is for this machine alone.
func (d *daemon) openToken() (err error) {
	switch {
	case !d.cfg.OperatorToken.IsZero():
		d.token = d.cfg.OperatorToken
	case d.standin == nil:
		if d.token, err = operator.OpenToken(d.dir.File(tokenFile)); err != nil {
			return err
		}
	default:
		return nil
	}
	d.link = secret.New(rand.Text())
	return nil
}

func (d *daemon) assemble(ctx context.Context) (err error) {
	d.queue = memjobs.New(memjobs.Config{Clock: d.clock, Log: d.log})
	if err := d.assembleMessages(ctx); err != nil {
		return err
	}
	d.fanOut = &usecase.FanOut{
		Users: d.store, App: d.store, Jobs: d.queue, More: d.queue, Clock: d.clock, Log: d.log,
	}
	if d.cfg.ReleasesURL != "" {
		d.watch = releases.New(releases.Config{URL: d.cfg.ReleasesURL, Version: version.Get().Number, Log: d.log})
	}
	if d.alerts, err = d.newAlerts(); err != nil {
		return err
	}
	d.schedule = schedule.New(schedule.Config{Clock: d.clock, LastRun: d.store.LastRun, Jobs: d.queue, Log: d.log})
	return nil
}

func (d *daemon) spotifyConfig() spotify.Config {
	standin := ""
	if d.standin != nil {
		standin = d.standin.URL()
	}
	cfg := clientConfig(d.cfg, d.base, standin, d.clock)
	cfg.Traffic, cfg.DailyRequests, cfg.Log = d.store, d.cfg.DailyRequests.Cap(), d.log
	return cfg
}

// clientConfig is how the service is known to Spotify, or to the stand-in at
// that address.
func clientConfig(settings config.Local, base, standin string, clock archive.Clock) spotify.Config {
	cfg := spotify.Config{
		ClientID:     settings.SpotifyClientID,
		ClientSecret: func(context.Context) (secret.Text, error) { return settings.SpotifyClientSecret, nil },
		RedirectURI:  base + callbackPath,
		AccountsURL:  settings.SpotifyAccountsURL,
		APIURL:       settings.SpotifyAPIURL,
		Clock:        clock,

		Version:       version.Get().Number,
		Commit:        version.Get().Commit,
		RepositoryURL: settings.RepositoryURL,
	}
	if settings.Standin() {
		cfg.ClientID = fakespotify.DemoClientID
		cfg.ClientSecret = func(context.Context) (secret.Text, error) { return fakespotify.DemoClientSecret(), nil }
		cfg.AccountsURL = cmp.Or(cfg.AccountsURL, standin)
		cfg.APIURL = cmp.Or(cfg.APIURL, standin+"/v1")
	}
	return cfg
}

// endLeases takes the users back that a process held which was killed, and those
// whose runs waited in its queue: nobody else can hold a lease on a user of this
// database. A write to Spotify that was under way still gets archive.VisibilityDelay.
func (d *daemon) endLeases(ctx context.Context) error {
	changed, err := d.store.Restart(ctx, d.clock())
	if changed > 0 {
		d.log.InfoContext(ctx, "what an earlier process left is due again", "users", changed)
	}
	return err
}

// warnOfOtherKeys says at the start what would else be seen on Monday: that
// the key file is not the one that sealed the consents.
func (d *daemon) warnOfOtherKeys(ctx context.Context) error {
	other := 0
	_, err := d.store.Each(ctx, func(u archive.User) error {
		if len(u.Grant.Sealed.Ciphertext) > 0 && u.Grant.Sealed.KeyVersion != d.key.Version() {
			other++
		}
		return nil
	})
	if err != nil {
		return err
	}
	if other > 0 {
		d.log.ErrorContext(ctx, "consents were sealed with another key file: put that file back, or let the users reconnect; nothing was deleted",
			"users", other, "key_file", d.dir.File(keyFile), "key_version", d.key.Version())
	}
	return nil
}

// close closes what is open, the last opened first.
func (d *daemon) close() error {
	var problems []error
	if d.db != nil {
		problems = append(problems, d.db.Close())
	}
	if d.standin != nil {
		problems = append(problems, d.standin.Close())
	}
	if d.dir != nil {
		problems = append(problems, d.dir.Close())
	}
	return errors.Join(problems...)
}

// operatorURL is the operator's page, for a link at the foot of the pages;
// empty where others than the operator see them.
func (d *daemon) operatorURL() string {
	base, err := url.Parse(d.base)
	if err != nil || !net.ParseIP(base.Hostname()).IsLoopback() {
		return ""
	}
	return d.base + operator.Path
}

// port returns the port of a TCP listener.
func port(l net.Listener) int {
	if addr, ok := l.Addr().(*net.TCPAddr); ok {
		return addr.Port
	}
	return 0
}
