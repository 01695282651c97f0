package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/local/checkup"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify"
)

const doctorTimeout = 15 * time.Second

// doctor looks at the machine, at Spotify and at what is stored.
func (p place) doctor(ctx context.Context) []operate.Finding {
	_, err := newSender(p.cfg)
	findings := operate.CheckConfig(err)
	if p.otherSettings() != "" {
		findings = append(findings, operate.Warn("configuration", "SPOTIFY_CLIENT_ID is not set, so this is about demo accounts; a real service has kept its data in "+p.cfg.DataDir,
			"give this command the settings of the service"))
	}
	files, usable := checkup.Check(ctx, checkup.Files{
		Dir: p.dir, Database: databaseFile, Key: keyFile, Private: []string{tokenFile, "backups"},
	})
	findings = append(findings, files...)
	if _, err := p.token(); err != nil {
		findings = append(findings, operate.Bad("operator_token", err.Error(), "the service does not start with it; do as the message says"))
	}
	running := p.running().Running(ctx)
	if running {
		findings = append(findings, operate.Good("service", "it runs at %s", p.address.Pages))
		if p.base() != p.address.Pages {
			findings = append(findings, p.checkPages(ctx))
		}
	} else {
		findings = append(findings, operate.Warn("service", "it does not run", "start it; what it missed it catches up"))
	}
	findings = append(findings, p.checkSpotify(ctx, running)...)
	if usable {
		stored := p.checkStored(ctx)
		if p.cfg.BuiltIn() && !running { // whose time was moved, and is not known now
			stored = slices.DeleteFunc(stored, func(f operate.Finding) bool { return f.Check == "week" || f.Check == "pause" })
		}
		findings = append(findings, stored...)
	}
	return append(findings, checkup.Backups(ctx, backups(p.dir), time.Now()))
}

// checkPages asks for the pages where people do, by way of whatever stands
// before the service.
func (p place) checkPages(ctx context.Context) operate.Finding {
	const remedy = "look at BASE_URL, at the proxy before the service and where it passes requests on to, and at the proxy's certificate"
	ctx, cancel := context.WithTimeout(ctx, doctorTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.base()+healthPath, http.NoBody)
	if err != nil {
		return operate.Bad("pages", "BASE_URL is no address", remedy)
	}
	answer, err := http.DefaultClient.Do(request)
	if e, ok := errors.AsType[*net.OpError](err); ok && e.Op == "dial" || ctx.Err() != nil {
		return operate.Warn("pages", p.base()+" cannot be reached from here",
			"open it from outside your network, which not every router lets you do from inside; if it does not open there either, look at the name's address, the router and the proxy")
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return operate.Warn("pages", p.base()+" has a certificate of an authority that this machine does not know",
			"if the authority is your own, and people's browsers know it, nothing is wrong; else let the proxy fetch one that everybody knows")
	}
	if err != nil {
		return operate.Bad("pages", fmt.Sprintf("%s does not answer: %s", p.base(), operate.Reason(err)), remedy)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxHealth))
	if err != nil || answer.StatusCode != http.StatusOK || !bytes.Contains(text, []byte("Weekly Archive")) {
		return operate.Bad("pages", fmt.Sprintf("at %s something else answers than the service (status %d)", p.base(), answer.StatusCode), remedy)
	}
	return operate.Good("pages", "%s leads to the service", p.base())
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
