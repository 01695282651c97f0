package web_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/web"
)

var update = flag.Bool("update", false, "write the goldens anew")

// What differs from one build or request to the next.
var (
	versionText   = regexp.MustCompile(`\?v=[0-9a-f]{12}`)
	referenceText = regexp.MustCompile(`<code>[a-z2-7]{10}</code>`)
)

// A golden case is one state, and what of its page is kept: the sections with
// these headings, or the whole page.
type golden struct {
	name   string
	config func(*web.Config)
	visit  func(t *testing.T, s *site) answer
	keep   []string // ids of headings, and the banner and the notes; nil for all of it
}

func goldens() []golden {
	return []golden{
		{"home", nil, func(t *testing.T, s *site) answer { return s.browser(t).get("/") }, nil},
		{"home_signed_in", func(c *web.Config) { c.Standin, c.Operator = "http://127.0.0.1:9090/", "/local" },
			func(t *testing.T, s *site) answer {
				b := s.browser(t)
				b.signIn("/connect")
				return b.get("/")
			}, []string{"header", "notes", "title", "footer"}},
		{"home_direct", readable, func(t *testing.T, s *site) answer { return s.browser(t).get("/") }, []string{"title", "how"}},
		{"start", nil, func(t *testing.T, s *site) answer { return s.browser(t).get("/start") }, []string{"title"}},
		{"privacy", func(c *web.Config) { c.Contact = "operator@archive.example" },
			func(t *testing.T, s *site) answer { return s.browser(t).get("/privacy") }, []string{"title"}},
		{"terms", func(c *web.Config) { c.Contact = "https://archive.example/contact" },
			func(t *testing.T, s *site) answer { return s.browser(t).get("/terms") }, []string{"title"}},
		{"disconnected", nil, func(t *testing.T, s *site) answer { return s.browser(t).get("/disconnected") }, []string{"title"}},
		{"signed_out_here", nil, func(t *testing.T, s *site) answer { return s.browser(t).get("/signedout") }, []string{"title"}},
		{"signed_out", nil, func(t *testing.T, s *site) answer { return s.browser(t).get("/signedout?everywhere") }, []string{"title"}},
		{"problem_not_allowed", nil, func(t *testing.T, s *site) answer {
			s.spotify.profileErr = fault.ErrNotAllowed
			b := s.browser(t)
			state, challenge := b.begin("/connect")
			return b.get(callbackPath(state, s.spotify.agree(challenge)))
		}, []string{"title"}},
		{"problem", nil, func(t *testing.T, s *site) answer { return s.browser(t).get("/callback") }, []string{"title"}},
		{"problem_unreadable", nil, func(t *testing.T, s *site) answer {
			b := s.browser(t)
			b.signIn("/connect")
			s.store.Corrupt(t, s.user(t).ID)
			return b.get("/account")
		}, []string{"title"}},
		{"account_first", nil, func(t *testing.T, s *site) answer {
			b := s.browser(t)
			b.signIn("/connect")
			return b.get("/account")
		}, nil},
		{"history", nil, func(t *testing.T, s *site) answer {
			b := s.browser(t)
			b.signIn("/connect")
			s.keepWeeks(t, 30)
			return b.get("/account/history?before=2026-05-11")
		}, []string{"title"}},
		{"account_discover", nil, func(t *testing.T, s *site) answer { return accountOf(t, s, discoverUser(s)) },
			[]string{"week-title", "history"}},
		{"settings_discover", nil, func(t *testing.T, s *site) answer { return settingsOf(t, s, discoverUser(s)) }, nil},
		{"account_denied", func(c *web.Config) {
			c.AppPause = func(context.Context) (app.Pause, error) {
				return app.Pause{Until: c.Clock().Add(time.Hour), Reason: app.PauseRateLimit}, nil
			}
		}, func(t *testing.T, s *site) answer { return accountOf(t, s, deniedUser(s)) },
			[]string{"notes", "week-title"}},
		{"settings_denied", nil, func(t *testing.T, s *site) answer { return settingsOf(t, s, deniedUser(s)) },
			[]string{"inbox", "listening", "source"}},
		{"account_paused", nil, func(t *testing.T, s *site) answer {
			return accountOf(t, s, discoverUser(s), func(u *archive.User) { u.Status = archive.StatusPaused })
		}, []string{"week-title"}},
		{"settings_paused", nil, func(t *testing.T, s *site) answer {
			return settingsOf(t, s, discoverUser(s), func(u *archive.User) { u.Status = archive.StatusPaused })
		}, []string{"pausing"}},
		{"account_turn", nil, func(t *testing.T, s *site) answer {
			return accountOf(t, s, discoverUser(s), func(u *archive.User) {
				runDone(s, outcome.Outcome{Kind: outcome.NothingNew})(u)
				u.Choice, u.Inbox.PlaylistID = archive.ChoiceInbox, "inboxFixture0000000000"
				s.pass(7 * day)
			})
		}, []string{"week-title"}},
		{"account_choose", nil, func(t *testing.T, s *site) answer { return accountOf(t, s, severalDiscover(s)) },
			[]string{"week-title"}},
		{"account_ends_soon", nil, func(t *testing.T, s *site) answer {
			return accountOf(t, s, discoverUser(s), func(u *archive.User) {
				u.Grant.AuthorizedAt = s.clock().Add(-archive.ConsentLife + 12*day)
			})
		}, []string{"banner"}},
		{"account_revoked", nil, func(t *testing.T, s *site) answer {
			return accountOf(t, s, discoverUser(s), func(u *archive.User) {
				runDone(s, outcome.Outcome{Kind: outcome.Reconnect})(u)
				u.Status = archive.StatusReconnect
			})
		}, []string{"week-title"}},
		{"settings_revoked", nil, func(t *testing.T, s *site) answer {
			return settingsOf(t, s, discoverUser(s), func(u *archive.User) {
				runDone(s, outcome.Outcome{Kind: outcome.Reconnect})(u)
				u.Status = archive.StatusReconnect
			})
		}, []string{"consent"}},
		{"account_adding", nil, func(t *testing.T, s *site) answer {
			return accountOf(t, s, discoverUser(s), func(u *archive.User) {
				u.Lease = archive.Lease{Holder: "run", Until: s.clock().Add(time.Minute)}
				u.Open = &ledger.Batch{Entry: ledger.Entry{Found: 30}, Tracks: make([]ledger.Track, 27)}
			})
		}, nil},
		{"paste", nil, func(t *testing.T, s *site) answer {
			b := s.browser(t)
			b.signIn("/connect")
			return b.get("/account/paste")
		}, nil},
		{"account_pasted", nil, func(t *testing.T, s *site) answer {
			b := s.browser(t)
			b.signIn("/connect?source=paste")
			s.edit(t, runDone(s, outcome.Outcome{Kind: outcome.NothingNew}))
			s.pass(time.Minute)
			b.post("/account/paste", url.Values{"links": {songs(502) + " https://spotify.example/song"}})
			return b.get("/account/paste")
		}, nil},
	}
}

func (g golden) show(t *testing.T, language string) string {
	t.Helper()
	_, a := g.look(t, language, func(c *web.Config) { c.Words = withPseudo(t) })
	return a.body
}

// look brings a site into the state.
func (g golden) look(t *testing.T, language string, edits ...func(*web.Config)) (*site, answer) {
	t.Helper()
	if g.config != nil {
		edits = append(edits, g.config)
	}
	s := newSite(t, edits...)
	s.accept = language
	return s, g.visit(t, s)
}

func TestGoldens(t *testing.T) {
	t.Parallel()
	for _, test := range goldens() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			body := test.show(t, "en")
			checkHTML(t, body)
			got := versionText.ReplaceAllString(sections(t, body, test.keep), "?v=VERSION")
			got = referenceText.ReplaceAllString(got, "<code>REFERENCE</code>")
			path := filepath.Join("testdata", test.name+".html")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("reading the golden (go test -update writes it): %v", err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("page (-want +got; -update takes it over):\n%s", diff)
			}
		})
	}
}

// What a page is made of.
var (
	headerPart = regexp.MustCompile(`(?s)<html.*?>|<header.*?</header>`)
	footerPart = regexp.MustCompile(`(?s)<footer.*?</footer>`)
	notePart   = regexp.MustCompile(`(?s)<aside class="notice[^"]*".*?</aside>|<p class="note.*?</p>`)
	bannerPart = regexp.MustCompile(`(?s)<aside class="banner.*?</aside>`)
)

// sections returns the parts of a page that are to be kept.
func sections(t *testing.T, page string, keep []string) string {
	t.Helper()
	if keep == nil {
		return page
	}
	var kept []string
	for _, name := range keep {
		part, ok := map[string]*regexp.Regexp{
			"header": headerPart, "footer": footerPart, "notes": notePart, "banner": bannerPart,
		}[name]
		if !ok {
			part = regexp.MustCompile(`(?s)<(?:section|article)[^>]* aria-labelledby="` + name + `"[^>]*>.*?</(?:section|article)>`)
		}
		found := part.FindAllString(page, -1)
		if len(found) == 0 {
			t.Errorf("the page has no %s:\n%s", name, page)
		}
		kept = append(kept, found...)
	}
	return strings.Join(kept, "\n") + "\n"
}

// readable is an app that may read Discover Weekly, denied one that may not.
func readable(c *web.Config) { reaches(c, archive.AccessReadable) }
func denied(c *web.Config)   { reaches(c, archive.AccessDenied) }

func reaches(c *web.Config, access archive.Access) {
	c.Reach = func(context.Context) (archive.Access, error) { return access, nil }
}

// accountOf shows the account page of a user who connected and is then edited.
func accountOf(t *testing.T, s *site, edits ...func(*archive.User)) answer {
	t.Helper()
	b := s.browser(t)
	b.signIn("/connect")
	for _, edit := range edits {
		s.edit(t, edit)
	}
	for i, e := range []ledger.Entry{
		{Key: ledger.EntryKey{Edition: "2026-11-16", Source: ledger.SourceInbox, Batch: 1}, Found: 30, Added: 24, Already: 5, Unusable: 1},
		{Key: ledger.EntryKey{Edition: "2026-11-16", Source: ledger.SourcePaste, Batch: 1}, Found: 3, Added: 3},
		{Key: ledger.EntryKey{Edition: "2026-11-09", Source: ledger.SourceDiscover, Batch: 1}, Found: 30, Added: 30},
		{Key: ledger.EntryKey{Edition: "2026-11-02", Source: ledger.SourceListening, Batch: 1}, Found: 12, Added: 12, Queued: 4},
	} {
		e.DoneAt = s.clock().Add(-time.Duration(i) * time.Hour)
		if _, err := s.store.Commit(t.Context(), s.user(t), archive.Changes{Entry: &e}); err != nil {
			t.Fatalf("Commit: %v", err)
		}
	}
	a := b.get("/account")
	wantStatus(t, a, http.StatusOK)
	return a
}

// settingsOf shows the settings of such a user.
func settingsOf(t *testing.T, s *site, edits ...func(*archive.User)) answer {
	t.Helper()
	return pageOf(t, s, "/account/settings", edits)
}

func playlistsOf(t *testing.T, s *site, edits ...func(*archive.User)) answer {
	t.Helper()
	return pageOf(t, s, "/account/playlists", edits)
}

// pageOf is a page of somebody who has signed up, and has become what the edits
// make of them.
func pageOf(t *testing.T, s *site, path string, edits []func(*archive.User)) answer {
	t.Helper()
	b := s.browser(t)
	b.signIn("/connect")
	for _, edit := range edits {
		s.edit(t, edit)
	}
	a := b.get(path)
	wantStatus(t, a, http.StatusOK)
	return a
}

func discoverUser(s *site) func(*archive.User) {
	return func(u *archive.User) {
		runDone(s, outcome.Outcome{Kind: outcome.Saved, Found: 30, Added: 27, Already: 3})(u)
		u.Discover = archive.Discover{PlaylistID: "37i9dQZEVXcBWKkqzRzenz", Access: archive.AccessReadable, CheckedAt: s.clock()}
		u.Shape = archive.ShapeEdition
		u.Archives = map[string]archive.ArchivePlaylist{
			archive.MainArchive: {PlaylistID: "mainFixture00000000000", Part: 1, Total: 1560},
			"2026":              {PlaylistID: "yearFixture00000000000", Part: 1, Total: archive.UnknownTotal},
			"2026-11-09":        {PlaylistID: "weekFixture00000000001", Part: 1, Total: 30},
			"2026-11-16":        {PlaylistID: "weekFixture00000000002", Part: 1, Total: 1},
		}
	}
}

func deniedUser(s *site) func(*archive.User) {
	return func(u *archive.User) {
		runDone(s, outcome.Outcome{Kind: outcome.NothingNew})(u)
		u.Discover = archive.Discover{Access: archive.AccessDenied, CheckedAt: s.clock()}
		u.Grant.Scopes = webapi.Scopes(true)
		u.Inbox = archive.Inbox{PlaylistID: "inboxFixture0000000000"}
		u.Listening.Cursor = s.clock().Add(-time.Hour)
		u.Listening.Gap = archive.Gap{From: s.clock().Add(-30 * time.Hour), To: s.clock().Add(-20 * time.Hour)}
		u.Archives = map[string]archive.ArchivePlaylist{archive.MainArchive: {PlaylistID: "mainFixture00000000000", Part: 1, Total: 27}}
	}
}

func songs(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "spotify:track:%022d\n", i)
	}
	return text.String()
}

// checkHTML finds what browsers silently mend: elements that are not closed in
// order, ids given twice, and references and labels that lead nowhere. It also
// finds what the policy would block: inline scripts and styles.
func checkHTML(t *testing.T, page string) {
	t.Helper()
	void := map[string]bool{"meta": true, "link": true, "img": true, "input": true, "br": true}
	ids, wanted := map[string]bool{}, map[string]string{}
	var open []string
	var inputs []string
	inScript := false
	tokens := html.NewTokenizer(strings.NewReader(page))
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			if err := tokens.Err(); err != nil && !errors.Is(err, io.EOF) {
				t.Errorf("reading the page: %v", err)
			}
			break
		}
		token := tokens.Token()
		switch kind {
		case html.TextToken:
			if inScript {
				t.Errorf("inline script: %s", token.Data)
			}
		case html.StartTagToken:
			if !void[token.Data] {
				open = append(open, token.Data)
			}
			inScript = token.Data == "script"
			if token.Data == "style" {
				t.Error("the page has a style element")
			}
			attributes := map[string]string{}
			for _, a := range token.Attr {
				if _, twice := attributes[a.Key]; twice {
					t.Errorf("attribute %s is given twice: %s", a.Key, token)
				}
				attributes[a.Key] = a.Val
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("inline style or script: %s", token)
				}
			}
			if id, ok := attributes["id"]; ok {
				if ids[id] {
					t.Errorf("id %q is given twice", id)
				}
				ids[id] = true
			}
			for _, key := range []string{"for", "aria-labelledby", "aria-describedby"} {
				if id, ok := attributes[key]; ok {
					wanted[id] = key
				}
			}
			if anchor, ok := strings.CutPrefix(attributes["href"], "#"); ok {
				wanted[anchor] = "href"
			}
			field := token.Data == "input" && attributes["type"] != "hidden" || token.Data == "textarea" || token.Data == "select"
			if field && attributes["aria-labelledby"] == "" {
				inputs = append(inputs, attributes["id"])
			}
			if _, ok := attributes["alt"]; token.Data == "img" && !ok {
				t.Error("an image has no alt")
			}
		case html.EndTagToken:
			inScript = false
			if len(open) == 0 || open[len(open)-1] != token.Data {
				t.Fatalf("</%s> closes nothing; open are %v", token.Data, open)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("not closed: %v", open)
	}
	for id, key := range wanted {
		if !ids[id] {
			t.Errorf("%s names the id %q, which is not there", key, id)
		}
	}
	for _, id := range inputs {
		if wanted[id] != "for" {
			t.Errorf("the field %q has no label", id)
		}
	}
}
