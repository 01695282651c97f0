package main

import (
	"context"
	"net/http"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/local/checkup"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify"
)

const doctorTimeout = 15 * time.Second

// doctor looks at the machine, at Spotify and at what is stored.
func (p place) doctor(ctx context.Context) []operate.Finding {
	findings := operate.CheckConfig(nil)
	files, usable := checkup.Check(ctx, checkup.Files{
		Dir: p.dir, Database: databaseFile, Key: keyFile, Private: []string{tokenFile, "backups"},
	})
	findings = append(findings, files...)
	running := p.running().Running(ctx)
	if running {
		findings = append(findings, operate.Good("service", "it runs at %s", p.address.Pages))
	} else {
		findings = append(findings, operate.Warn("service", "it does not run", "start it; what it missed it catches up"))
	}
	findings = append(findings, p.checkSpotify(ctx, running)...)
	if usable {
		findings = append(findings, p.checkStored(ctx)...)
	}
	return append(findings, checkup.Backups(ctx, backups(p.dir), time.Now()))
}

func (p place) checkSpotify(ctx context.Context, running bool) []operate.Finding {
	if p.cfg.BuiltIn() && !running {
		return []operate.Finding{{Check: "reachability", State: operate.Skipped, Found: "the built-in stand-in for Spotify runs with the service only"}}
	}
	cfg := clientConfig(p.cfg, p.base(), p.standin(), time.Now)
	client, err := spotify.New(cfg)
	if err != nil {
		return []operate.Finding{operate.Bad("configuration", err.Error(), "set these variables as the README says")}
	}
	checks := operate.SpotifyChecks{
		ClientID: cfg.ClientID, RedirectURI: cfg.RedirectURI, AccountsURL: cfg.AccountsURL, APIURL: cfg.APIURL,
		Refresh: client.Refresh, HTTP: &http.Client{Timeout: doctorTimeout}, Clock: time.Now,
	}
	if p.cfg.Standin() {
		checks.Clock = nil // a stand-in's time is its own
	}
	return operate.CheckSpotify(ctx, checks)
}

func (p place) checkStored(ctx context.Context) []operate.Finding {
	s, err := p.open(ctx)
	if err != nil {
		return []operate.Finding{operate.Bad("database", err.Error(), "the message says what is in the way")}
	}
	findings := operate.CheckService(ctx, s)
	if err := s.Close(); err != nil {
		findings = append(findings, operate.Warn("database", err.Error(), "the message says what is in the way"))
	}
	return findings
}
