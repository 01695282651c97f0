package main

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/messaging"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/local/operator"
	"github.com/weeklyarchive/weeklyarchive/internal/notify/address"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
	"github.com/weeklyarchive/weeklyarchive/internal/version"
	"github.com/weeklyarchive/weeklyarchive/internal/web"
)

// handler returns everything that is served on the pages' port.
func (d *daemon) handler(stopping <-chan struct{}) (http.Handler, error) {
	accounts := &usecase.Accounts{Store: d.store, Jobs: d.queue, Clock: d.clock, Log: d.log}
	config := web.Config{
		BaseURL: d.base, SessionKey: d.key.Session, Authorizer: d.client, Clock: d.clock, Log: d.log,
		SignUp:     &usecase.SignUp{Users: d.store, Sealer: d.key, Jobs: d.queue, Clock: d.clock, Log: d.log},
		Accounts:   accounts,
		LastWeekly: func(ctx context.Context) (time.Time, error) { return d.store.LastRun(ctx, app.RunWeekly) },
		AppPause:   d.store.Pause,
		Messages: &web.Messages{
			Channels: &messaging.Channels{Users: d.store, Sealer: d.key, Jobs: d.queue, Clock: d.clock},
			Links:    d.links, PushKey: d.store.PushKey, NtfyServers: address.Servers(d.cfg.NtfyURL),
		},
		Reach:      d.reach,
		Contact:    d.cfg.Contact,
		Operator:   d.operatorURL(),
		Neighbours: []string{operator.Path},
		Version:    version.Get().String(),
	}
	settings := d.judged()
	settings.Accounts, settings.Tally, settings.Next, settings.FanOut, settings.Stopping = accounts, d.tally, d.schedule.Next, d.send, stopping
	settings.Version, settings.RepositoryURL = version.Get().String(), d.cfg.RepositoryURL
	settings.Reach = d.reach
	settings.Uptime = func() time.Duration { return time.Since(d.started) }
	settings.Messages, settings.SendTest = func() bool { return d.sender != nil }, sendTest(d.sender)
	settings.Token, settings.Link, settings.BaseURL, settings.RedirectURI = d.token, d.link, d.base, d.base+callbackPath
	if d.cfg.OperatorToken.IsZero() {
		settings.TokenFile = tokenFile
	}
	if d.watch != nil {
		settings.Newer = d.watch.Newer
	}
	if d.standin != nil {
		control := d.standin.URL() + controlPath
		config.Standin = control
		config.PlaylistURL = control + "/playlists/"
		config.SearchURL = control + "/search/"
		settings.NextMonday = d.nextMonday
	}
	pages, err := web.New(config)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	page := operator.New(settings)
	mux.Handle(operator.Path, page)
	mux.Handle(operator.Path+"/", page)
	if s, ok := d.standin.(*outside); ok {
		return s.fresh(mux), nil
	}
	return mux, nil
}

// send sends a run at once and says whom.
func (d *daemon) send(ctx context.Context, run app.Run) (usecase.FanOutResult, error) {
	result, err := d.fanOut.Run(ctx, archive.FanOutJob{Run: run})
	d.noteFanOut(run, result)
	return result, err
}

// fan sends a run that the clock asks for. At least one comes every day, which
// is when copies that are too old go.
func (d *daemon) fan(ctx context.Context, job archive.FanOutJob) error {
	if err := d.store.Backups.Prune(operate.KeepBackups); err != nil {
		d.log.WarnContext(ctx, "old backups not removed", "error", err)
	}
	result, err := d.fanOut.Run(ctx, job)
	d.noteFanOut(job.Run, result)
	return err
}

// archive does one job and notes how it ended.
func (d *daemon) archive(ctx context.Context, job archive.ArchiveJob) error {
	result, err := d.teller.Run(ctx, job)
	d.tally.Add(job, result.Kind)
	d.alerts.Poke()
	level := slog.LevelInfo
	switch result.Kind.Verdict().Severity {
	case outcome.Attention:
		level = slog.LevelWarn
	case outcome.Alert:
		level = slog.LevelError
	case outcome.Routine:
	}
	d.log.Log(ctx, level, "archived user", "outcome", string(result.Kind), "user_id", string(job.User),
		"run", string(job.Run.Kind), "edition", string(result.Edition), "source", string(result.Source),
		"found", result.Found, "added", result.Added, "already", result.Already, "unusable", result.Unusable)
	return err
}
