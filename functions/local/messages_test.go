package main

import (
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/config"
)

// Locally, without an address of its own, a message leads to Spotify and to
// nothing else: a link to 127.0.0.1 is dead on a phone.
func TestMessagesOfALocalServiceLeadToSpotifyAlone(t *testing.T) {
	t.Parallel()
	for base, own := range map[string]bool{"http://127.0.0.1:8080": false, "http://[::1]:8080": false, "https://archive.example": true} {
		cfg, err := config.LoadLocal(map[string]string{
			"DATA_DIR": t.TempDir(), "SPOTIFY_CLIENT_ID": strings.Repeat("0", 32), "SPOTIFY_CLIENT_SECRET": strings.Repeat("1", 32),
		})
		if err != nil {
			t.Fatal(err)
		}
		d, err := open(t.Context(), cfg, slog.New(slog.DiscardHandler), base)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.close() })
		led := 0
		for _, language := range []string{"en", "de"} {
			for _, n := range everyNotice() {
				u := archive.User{ID: archive.NewUserID(webapi.Profile{ID: "ada"}), Language: language, Choice: archive.ChoiceAuto}
				title, body := d.teller.Words.Notice(u, n)
				link := d.teller.Links.Notice(u, n)
				away, err1 := d.teller.Links.Away(t.Context(), u)
				stop, err2 := d.teller.Links.Stop(t.Context(), u)
				if err1 != nil || err2 != nil {
					t.Fatal(err1, err2)
				}
				for _, text := range []string{title, body, link, away, stop} {
					if strings.Contains(text, base) {
						led++
					}
					if strings.Contains(text, "127.0.0.1") || strings.Contains(text, "localhost") || strings.Contains(text, "[::1]") {
						t.Errorf("%s, %s in %s: got %q", base, n.Kind, language, text)
					}
				}
				if !own && (!strings.HasPrefix(link, "https://open.spotify.com/") || away+stop != "") {
					t.Errorf("%s, %s: got links %q, %q and %q, want one to Spotify alone", base, n.Kind, link, away, stop)
				}
			}
		}
		if (led > 0) != own {
			t.Errorf("%s: got %d links to it, want some: %t", base, led, own)
		}
	}
}

// everyNotice is one of each kind, and of each trouble.
func everyNotice() []notice.Notice {
	at := time.Date(2026, 11, 20, 18, 0, 0, 0, time.UTC)
	var list []notice.Notice
	for _, kind := range notice.Kinds() {
		n := notice.Notice{Kind: kind, Edition: "2026-11-16", From: at, Until: at.Add(time.Hour), Ends: at.AddDate(0, 0, 14), DaysLeft: 2, Songs: 30}
		if kind != notice.Stopped {
			list = append(list, n)
			continue
		}
		for _, trouble := range outcome.Kinds() {
			if n.Trouble = trouble; archive.Stops(trouble) {
				list = append(list, n)
			}
		}
	}
	return list
}

// What a local service gives away as a file is opened on a phone, too; its pages say whom
// it can reach.
func TestALocalServiceSaysWhomItReaches(t *testing.T) {
	t.Parallel()
	s := startService(t, t.TempDir(), "SPOTIFY_MODE=development")
	p := newPerson(t, s.site)
	p.connect(t, "demo1")
	site, err := url.Parse(s.site)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/account/calendar.ics", "/account/reconnect.ics"} {
		file, _ := p.open(t, s.site+path)
		file = strings.ReplaceAll(file, "\r\n ", "") // folded lines
		if !strings.Contains(file, "BEGIN:VEVENT") || strings.Contains(file, site.Host) {
			t.Errorf("%s: want a calendar without a link to this machine, got\n%s", path, file)
		}
		if !strings.Contains(file, "on the computer on which Weekly Archive runs") {
			t.Errorf("%s: does not say where to reconnect:\n%s", path, file)
		}
	}
	var page string
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if page, _ = p.open(t, s.site+"/account/settings"); strings.Contains(page, "Send messages to this device") && strings.Contains(page, "its entry repeats every week") {
			break
		}
	}
	for _, want := range []string{
		"only browsers on this computer can be reached this way. For your phone, use ntfy.",
		"so the calendar is a file: open it on your phone, and its entry repeats every week.",
		"By ntfy, an app for messages", `href="/account/calendar.ics"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the settings page does not say %q", want)
		}
	}
	if strings.Contains(page, "/calendar/") || strings.Contains(page, "Make a new address") {
		t.Error("the settings page offers an address of a calendar that no phone reaches")
	}
}
