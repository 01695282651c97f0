package operate_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
	"github.com/weeklyarchive/weeklyarchive/internal/operate/probe"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

func TestProbeWritesAReport(t *testing.T) {
	t.Parallel()
	p := newPlace(t, fakespotify.Extended)
	id := p.connect(t, "demo1")
	path := filepath.Join(t.TempDir(), "report.json")
	p.must(t, &map[string]string{}, "doctor", "--probe", string(id), "--report", path)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var report probe.Report
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Answers) < 15 || report.Stopped != "" {
		t.Errorf("got %d answers, stopped %q, want all", len(report.Answers), report.Stopped)
	}
	if !strings.Contains(p.log.String(), "asking: what Discover Weekly answers") {
		t.Errorf("got %q, want its progress", p.log.String())
	}
	p.spotify.ResetRequests()
	code, _ := p.command(t, "doctor", "--probe", string(id), "--report", path)
	if got := len(p.spotify.Requests()); code != operate.ExitFailed || got != 0 {
		t.Errorf("onto a file that is there: got exit code %d after %d requests, want %d after none", code, got, operate.ExitFailed)
	}
	p.keys.Faults.Before = func(string) error { return errors.New("away") }
	other := path + ".2"
	code, _ = p.command(t, "doctor", "--probe", string(id), "--report", other)
	if _, err := os.Stat(other); code != operate.ExitFailed || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a probe that failed: got exit code %d, and %v for its file, want %d and none", code, err, operate.ExitFailed)
	}
}

func TestProbeKeepsATokenThatSpotifyReplaces(t *testing.T) {
	t.Parallel()
	p := newPlace(t, fakespotify.Extended, func(c *fakespotify.Config) { c.Rotate = true })
	id := p.connect(t, "demo1")
	before := p.user(t, id).Grant.Sealed
	var report probe.Report
	p.must(t, &report, "doctor", "--probe", string(id))
	after := p.user(t, id).Grant.Sealed
	if string(before.Ciphertext) == string(after.Ciphertext) {
		t.Error("the replaced refresh token was not stored")
	}
	p.must(t, &report, "doctor", "--probe", string(id)) // with the new one
}

func TestProbeRefuses(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		plant func(t *testing.T, p *place, id archive.UserID)
		says  string
	}{
		"without_the_right_to_decrypt": {func(_ *testing.T, p *place, _ archive.UserID) {
			p.keys.Faults.Before = func(string) error { return errors.New("permission denied") }
		}, "permission denied"},
		"with_a_key_that_is_gone": {func(_ *testing.T, p *place, _ archive.UserID) {
			p.keys.Rotate()
			p.keys.Destroy("1")
		}, "cannot be opened"},
		"while_a_run_is_under_way": {func(t *testing.T, p *place, id archive.UserID) {
			u := p.user(t, id)
			u.Lease = archive.Lease{Holder: "another", Until: start.Add(time.Minute)}
			if _, err := p.store.Put(t.Context(), u); err != nil {
				t.Fatal(err)
			}
		}, "under way"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, fakespotify.Extended)
			id := p.connect(t, "demo1")
			p.spotify.ResetRequests()
			row.plant(t, p, id)
			code, _ := p.command(t, "doctor", "--probe", string(id))
			if code != operate.ExitFailed || !strings.Contains(p.log.String(), row.says) {
				t.Errorf("got exit code %d and %q, want %d and %q", code, p.log.String(), operate.ExitFailed, row.says)
			}
			if got := len(p.spotify.Requests()); got != 0 {
				t.Errorf("got %d requests, want none", got)
			}
		})
	}
}
