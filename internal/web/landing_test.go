package web_test

import (
	"context"
	"errors"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/web"
)

// The start page promises what this installation can do, and asks before the
// consent only where there is something to ask.
func TestTheStartPageIsTrueForThisApp(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name        string
		config      func(*web.Config)
		has, hasNot []string
		question    string // in it; empty: there is none
	}{
		{"readable", readable, []string{`href="/connect"`, "we add the new songs"}, []string{"you copy", `href="/start"`}, ""},
		{"denied", denied, []string{`href="/start"`, "Once a week you copy"}, []string{"we add the new songs"}, "Spotify does not let this app read Discover Weekly"},
		{"never_tried", nil, []string{`href="/start"`, "Once a week you copy"}, []string{"we add the new songs"}, "most likely you will copy"},
		{"not_known", func(c *web.Config) {
			c.Reach = func(context.Context) (archive.Access, error) { return "", errors.New("store down") }
		}, []string{`href="/start"`}, nil, "most likely you will copy"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var edits []func(*web.Config)
			if test.config != nil {
				edits = append(edits, test.config)
			}
			b := newSite(t, edits...).browser(t)
			a := b.get("/")
			wantText(t, a, test.has...)
			wantNoText(t, a, test.hasNot...)
			if test.question == "" {
				wantLocation(t, b.get("/start"), "/")
				return
			}
			wantText(t, b.get("/start"), test.question, `href="/connect?copies=1"`, `href="/connect?copies=1&amp;listening=1"`)
		})
	}
}

func TestTheReachOfTheAppIsAskedOnceAMinute(t *testing.T) {
	t.Parallel()
	asked := 0
	s := newSite(t, func(c *web.Config) {
		c.Reach = func(context.Context) (archive.Access, error) { asked++; return archive.AccessDenied, nil }
	})
	b := s.browser(t)
	for range 20 {
		b.get("/")
		s.pass(10 * time.Second)
	}
	if asked != 4 {
		t.Errorf("got %d questions in 200 seconds, want 4", asked)
	}
}

// One consent covers what the person answered before it.
func TestTheQuestionBeforeTheConsent(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, link string
		listens    bool
	}{
		{"copies", "/connect?copies=1", false},
		{"copies_and_plays", "/connect?copies=1&listening=1", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.browser(t).signIn(test.link)
			u := s.user(t)
			if !u.Copier || u.Choice != archive.ChoiceAuto || u.Grant.Listens() != test.listens {
				t.Errorf("got copier %t, choice %q, listens %t", u.Copier, u.Choice, u.Grant.Listens())
			}
			s.browser(t).begin("/connect")
			if !s.user(t).Copier {
				t.Error("signing in again forgot the answer")
			}
		})
	}
}

// A link to the start page shows what it is, wherever it is pasted; a link to
// somebody's account shows nothing of theirs.
func TestALinkShowsThePicture(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *web.Config) { c.BaseURL = "https://archive.example" })
	b := s.browser(t)
	a := b.get("/")
	wantText(t, a, `<meta name="description" content="Spotify replaces the 30 songs`, `property="og:title" content="Keep every Discover Weekly"`,
		`property="og:url" content="https://archive.example/"`)
	_, rest, ok := strings.Cut(a.body, `property="og:image" content="https://archive.example`)
	path, _, _ := strings.Cut(rest, `"`)
	if !ok {
		t.Fatalf("no picture:\n%s", a.body)
	}
	img, err := png.Decode(strings.NewReader(b.get(path).body))
	if err != nil {
		t.Fatal(err)
	}
	if got := img.Bounds().Size(); got.X != 1200 || got.Y != 630 {
		t.Errorf("got a picture of %v", got)
	}
	b.signIn("/connect")
	wantNoText(t, b.get("/account"), "og:")
}

// What browsers and robots ask for without a link to it.
func TestWhatIsAskedForWithoutALink(t *testing.T) {
	t.Parallel()
	b := newSite(t).browser(t)
	for path, kind := range map[string]string{
		"/favicon.ico": "image/vnd.microsoft.icon", "/apple-touch-icon.png": "image/png",
		"/apple-touch-icon-precomposed.png": "image/png", "/robots.txt": "text/plain; charset=utf-8",
	} {
		a := b.get(path)
		wantStatus(t, a, http.StatusOK)
		if got := a.Header.Get("Content-Type"); got != kind {
			t.Errorf("%s: got type %q, want %q", path, got, kind)
		}
	}
	wantText(t, b.get("/robots.txt"), "Disallow: /connect\n")
}

// No page with everything of ours that it loads weighs more than 60 kB.
func TestPagesAreLight(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	s.keepWeeks(t, 60)
	for _, path := range []string{"/", "/start", "/account", "/account/settings", "/account/paste", "/account/history", "/privacy"} {
		total := len(b.get(path).body)
		for _, name := range []string{"/style.css", "/page.js", "/icon.svg", "/favicon.ico"} {
			total += len(b.get(name).body)
		}
		if total > 60_000 {
			t.Errorf("%s: got %d bytes uncompressed, want at most 60,000", path, total)
		}
	}
}
