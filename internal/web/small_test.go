package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/web"
)

func TestHeadLeavesTheMessage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	b.post("/account/pause", nil)
	wantStatus(t, b.do(http.MethodHead, "/account", nil), http.StatusOK)
	wantText(t, b.get("/account"), `<p class="note" role="status">`)
	wantNoText(t, b.get("/account"), `<p class="note" role="status">`)
}

func TestTheTitleTellsTheState(t *testing.T) {
	t.Parallel()
	saved := outcome.Outcome{Kind: outcome.Saved, Found: 30, Added: 30}
	for _, test := range []struct {
		name  string
		edit  func(*archive.User)
		title string
	}{
		{"active", func(*archive.User) {}, "Active"},
		{"paused", func(u *archive.User) { u.Status = archive.StatusPaused }, "Paused"},
		{"reconnect", func(u *archive.User) { u.Status = archive.StatusReconnect }, "Reconnect needed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, func(c *web.Config) { c.SessionLife = 30 * 24 * time.Hour })
			b := s.browser(t)
			b.signIn("/connect")
			s.edit(t, runDone(s, saved))
			s.edit(t, test.edit)
			wantText(t, b.get("/account"), fmt.Sprintf("<title>%s · Your archive · Weekly Archive for Spotify</title>", test.title))
		})
	}
}

func TestLongNamesAreCutAndKeptApart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.spotify.profile.DisplayName = "\u202e" + strings.Repeat("long ", 100)
	b := s.browser(t)
	b.signIn("/connect")
	a := b.get("/account")
	wantText(t, a, "<bdi>\u202elong ", "…</bdi>")
	wantNoText(t, a, strings.Repeat("long ", 13))
}

// On paper, a card of which only the form was of use is not there.
func TestCardsWithNothingButAFormAreNotPrinted(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	a := b.get("/account/settings")
	for _, id := range []string{"source", "shape", "leave"} {
		wantText(t, a, `<section class="card tool" aria-labelledby="`+id+`">`)
	}
	_, printed, ok := strings.Cut(b.get("/style.css").body, "@media print {")
	if rule, _, _ := strings.Cut(printed, "display: none"); !ok || !strings.Contains(rule, ".tool,") {
		t.Error("the stylesheet prints them")
	}
}
