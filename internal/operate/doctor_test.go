package operate_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/config"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// Each planted fault is found by its check, with a remedy, and nothing else is.
func TestDoctorNamesPlantedFaults(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		plant func(t *testing.T, p *place, c *operate.SpotifyChecks)
		check string
		state operate.State
	}{
		"wrong_redirect_uri": {func(_ *testing.T, _ *place, c *operate.SpotifyChecks) {
			c.RedirectURI = "https://other.example/callback"
		}, "redirect_uri", operate.Fault},
		"wrong_client_id": {func(_ *testing.T, _ *place, c *operate.SpotifyChecks) { c.ClientID = "another" }, "client_id", operate.Fault},
		"wrong_client_secret": {func(t *testing.T, p *place, c *operate.SpotifyChecks) {
			c.Refresh = newClient(t, p.spotify, secret.New("wrong")).Refresh
		}, "credentials", operate.Fault},
		"accounts_unreachable": {func(_ *testing.T, _ *place, c *operate.SpotifyChecks) { c.AccountsURL = "http://127.0.0.1:1" }, "reachability", operate.Fault},
		"api_unreachable":      {func(_ *testing.T, _ *place, c *operate.SpotifyChecks) { c.APIURL = "http://127.0.0.1:1" }, "reachability", operate.Fault},
		"clock_wrong": {func(_ *testing.T, _ *place, c *operate.SpotifyChecks) {
			c.Clock = func() time.Time { return time.Now().Add(-time.Hour) }
		}, "clock", operate.Fault},
		"clock_somewhat_wrong": {func(_ *testing.T, _ *place, c *operate.SpotifyChecks) {
			c.Clock = func() time.Time { return time.Now().Add(2 * time.Minute) }
		}, "clock", operate.Warning},
		"key_destroyed": {func(_ *testing.T, p *place, _ *operate.SpotifyChecks) {
			p.keys.Rotate()
			p.keys.Destroy("1")
		}, "key", operate.Fault},
		"key_service_away": {func(_ *testing.T, p *place, _ *operate.SpotifyChecks) {
			p.keys.Faults.Before = func(string) error { return errors.New("away") }
		}, "key", operate.Fault},
		"database_away": {func(_ *testing.T, p *place, _ *operate.SpotifyChecks) {
			p.store.Faults.Before = func(string) error { return errors.New("away") }
		}, "database", operate.Fault},
		"document_unreadable": {func(t *testing.T, p *place, _ *operate.SpotifyChecks) {
			p.store.Corrupt(t, p.connect(t, "demo2"))
		}, "database", operate.Fault},
		"premium_lapsed": {func(t *testing.T, p *place, _ *operate.SpotifyChecks) { p.pause(t, app.PausePremium) }, "pause", operate.Fault},
		"secret_refused": {func(t *testing.T, p *place, _ *operate.SpotifyChecks) { p.pause(t, app.PauseClient) }, "pause", operate.Fault},
		"quota":          {func(t *testing.T, p *place, _ *operate.SpotifyChecks) { p.pause(t, app.PauseQuota) }, "pause", operate.Warning},
		"week_overdue":   {func(_ *testing.T, p *place, _ *operate.SpotifyChecks) { p.spotify.Advance(9 * 24 * time.Hour) }, "week", operate.Fault},
		"consent_over": {func(t *testing.T, p *place, _ *operate.SpotifyChecks) {
			archivetest.MustPut(t, p.store, archivetest.NewUser(t, "a", func(u *archive.User) {
				u.Status, u.Grant = archive.StatusReconnect, archive.Grant{}
			}))
		}, "consents", operate.Warning},
		"dead_letters": {func(_ *testing.T, p *place, _ *operate.SpotifyChecks) {
			p.letters.list = []operate.DeadLetter{{ID: "a"}}
		}, "dead_letters", operate.Warning},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, fakespotify.Extended)
			p.connect(t, "demo1")
			p.must(t, &operate.Sent{}, "week")
			p.work(t)
			checks := p.checks()
			row.plant(t, p, &checks)
			p.program.Doctor = func(ctx context.Context) []operate.Finding {
				return append(operate.CheckSpotify(ctx, checks), operate.CheckService(ctx, p.service)...)
			}
			code, found := p.examine(t)
			if want := map[bool]int{true: operate.ExitFault, false: operate.ExitOK}[row.state == operate.Fault]; code != want {
				t.Errorf("got exit code %d, want %d", code, want)
			}
			found = slices.DeleteFunc(found, func(f operate.Finding) bool { return f.State == operate.OK || f.State == operate.Skipped })
			if len(found) != 1 || found[0].Check != row.check || found[0].State != row.state || found[0].Remedy == "" || found[0].Found == "" {
				t.Errorf("got %+v, want one %s of %s, with a remedy", found, row.state, row.check)
			}
		})
	}
}

func TestDoctorFindsNothingWrong(t *testing.T) {
	t.Parallel()
	p := newPlace(t, fakespotify.Extended)
	p.program.Doctor = func(ctx context.Context) []operate.Finding {
		return append(operate.CheckSpotify(ctx, p.checks()), operate.CheckService(ctx, p.service)...)
	}
	code, found := p.examine(t)
	if code != operate.ExitOK || len(found) < 8 {
		t.Errorf("got exit code %d and %d findings, want 0 and all", code, len(found))
	}
	for _, f := range found {
		if f.State != operate.OK {
			t.Errorf("got %+v of a place without a fault", f)
		}
	}
}

func TestCheckConfigNamesEveryVariable(t *testing.T) {
	t.Parallel()
	_, err := config.LoadLocal(map[string]string{"ADDR": "localhost", "SPOTIFY_CLIENT_ID": "abc", "BASE_URL": "http://archive.example"})
	found := operate.CheckConfig(err)
	if len(found) != 3 {
		t.Fatalf("got %d findings, want 3: %+v", len(found), found)
	}
	for _, f := range found {
		if f.State != operate.Fault || f.Remedy == "" {
			t.Errorf("got %+v, want a fault with a remedy", f)
		}
	}
	if found := operate.CheckConfig(nil); len(found) != 1 || found[0].State != operate.OK {
		t.Errorf("without an error: got %+v, want it good", found)
	}
}

func TestBackupsAreNotOlderThanPromised(t *testing.T) {
	t.Parallel()
	files := []operate.BackupFile{{Path: "new", At: start}, {Path: "old", At: start.Add(-4 * 24 * time.Hour)}}
	if err := operate.Older(files, start); err != nil {
		t.Errorf("of four days: got %v, want none", err)
	}
	if err := operate.Older(files, start.Add(25*time.Hour)); err == nil {
		t.Error("of more than five days: got no error")
	}
}

func (p *place) checks() operate.SpotifyChecks {
	return operate.SpotifyChecks{
		ClientID: fakespotify.DemoClientID, RedirectURI: redirectURI, AccountsURL: p.spotify.URL, APIURL: p.spotify.URL + "/v1",
		Refresh: p.client.Refresh, HTTP: http.DefaultClient, Clock: time.Now,
	}
}

func (p *place) pause(t *testing.T, reason app.PauseReason) {
	t.Helper()
	if err := p.store.SetPause(t.Context(), app.Pause{Until: start.Add(time.Hour), Reason: reason}); err != nil {
		t.Fatal(err)
	}
}

func (p *place) examine(t *testing.T) (code int, found []operate.Finding) {
	t.Helper()
	code, out := p.command(t, "doctor", "--json")
	var findings struct {
		Findings []operate.Finding `json:"findings"`
	}
	if err := json.Unmarshal([]byte(out), &findings); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	return code, findings.Findings
}
