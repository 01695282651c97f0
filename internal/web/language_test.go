package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/web"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
	"github.com/weeklyarchive/weeklyarchive/internal/words/wordstest"
)

// withPseudo returns the languages that we have and the made-up one.
func withPseudo(t *testing.T) *words.Book {
	t.Helper()
	files, err := wordstest.WithPseudo()
	if err != nil {
		t.Fatal(err)
	}
	book, err := words.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return book
}

// TestEveryWordComesFromTheLanguage shows every page in a language without
// ASCII letters: whatever has one comes from elsewhere.
func TestEveryWordComesFromTheLanguage(t *testing.T) {
	t.Parallel()
	for _, test := range goldens() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			body := test.show(t, wordstest.PseudoTag)
			checkHTML(t, body)
			visible := visibleTexts(t, body)
			if len(visible) < 10 {
				t.Fatalf("got %d texts on the page: the test looks at the wrong place", len(visible))
			}
			for _, text := range visible {
				if strings.ContainsFunc(foreign.Replace(text), func(c rune) bool { return c < unicode.MaxASCII && unicode.IsLetter(c) }) {
					t.Errorf("not from the language file: %q", text)
				}
			}
		})
	}
}

// foreign takes out of a text what no language has: names that somebody gave,
// and the name of the zone.
var foreign = strings.NewReplacer("Listener <One>", "", "Discover <Weekly>", "", "UTC", "",
	"operator@archive.example", "", "archive.example/contact", "", "ntfy.sh", "")

// visibleTexts returns what a page says, to eyes and to screen readers. Pieces
// of code and the names of languages are in no language.
func visibleTexts(t *testing.T, page string) []string {
	t.Helper()
	root, err := html.ParseWithOptions(strings.NewReader(page), html.ParseOptionEnableScripting(false))
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for n := range root.Descendants() {
		if n.Type == html.TextNode && strings.TrimSpace(n.Data) != "" && !within(n, func(n *html.Node) bool {
			return n.Data == "code" || n.Data == "script" || n.Data == "button" && attribute(n, "lang") != ""
		}) {
			texts = append(texts, n.Data)
		}
		for _, key := range []string{"alt", "aria-label", "title", "placeholder"} {
			if text := attribute(n, key); text != "" {
				texts = append(texts, text)
			}
		}
	}
	return texts
}

func within(n *html.Node, is func(*html.Node) bool) bool {
	for ; n != nil; n = n.Parent {
		if n.Type == html.ElementNode && is(n) {
			return true
		}
	}
	return false
}

func attribute(n *html.Node, key string) string {
	i := slices.IndexFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
	if i < 0 {
		return ""
	}
	return n.Attr[i].Val
}

func TestLanguages(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, accept, choose, lang, text string }{
		{"nothing_asked_for", "", "", "en", "Keep every Discover Weekly"},
		{"german", "de-AT,de;q=0.9,en;q=0.8", "", "de", "Behalte jeden Mix der Woche"},
		{"not_ours", "fr", "", "en", "Keep every Discover Weekly"},
		{"chosen", "de", "en", "en", "Keep every Discover Weekly"},
		{"chosen_german", "", "de", "de", "Behalte jeden Mix der Woche"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.accept = test.accept
			b := s.browser(t)
			if test.choose != "" {
				wantLocation(t, b.post("/language", url.Values{"language": {test.choose}}), "/")
			}
			for range 2 { // remembered
				a := b.get("/")
				wantText(t, a, `<html lang="`+test.lang+`">`, test.text,
					`value="`+test.lang+`" lang="`+test.lang+`" aria-current="true"`)
				if got := a.Header.Get("Vary"); !strings.Contains(got, "Accept-Language") {
					t.Errorf("got Vary %q, want it to name Accept-Language", got)
				}
			}
		})
	}
}

func TestChoosingALanguage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	wantText(t, b.get("/account"), `action="/language?back=%2faccount"`)
	wantLocation(t, b.post("/language?back=/account", url.Values{"language": {"de"}}), "/account")
	wantText(t, b.get("/account"), "Dein Archiv")
	wantText(t, b.get("/no-such-page"), "Diese Seite gibt es nicht", `action="/language?back=%2f"`)
	if got := s.user(t).Language; got != "de" {
		t.Errorf("got the stored language %q, want de", got)
	}
	for _, back := range []string{"https://evil.example/", "//evil.example", "/connect", "account"} {
		wantLocation(t, b.post("/language?back="+url.QueryEscape(back), url.Values{"language": {"en"}}), "/")
	}
	wantStatus(t, b.post("/language", url.Values{"language": {"tlh"}}), http.StatusBadRequest)
	b.header.Set("Sec-Fetch-Site", "cross-site")
	wantStatus(t, b.post("/language", url.Values{"language": {"de"}}), http.StatusForbidden)
}

// Whoever signs up is written to in the language that they read, and a later
// sign-in in another one counts.
func TestLanguageOfASignUpIsStored(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, language := range []string{"de", "en"} {
		s.accept = language
		s.browser(t).signIn("/connect")
		if got := s.user(t).Language; got != language {
			t.Errorf("got the stored language %q, want %q", got, language)
		}
	}
}

func TestCalendarSpeaksTheVisitorsLanguage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.accept = "de"
	b := s.browser(t)
	b.signIn("/connect")
	a := b.get("/account/reconnect.ics")
	wantStatus(t, a, http.StatusOK)
	wantText(t, a, "SUMMARY:Weekly Archive für Spotify neu verbinden")
}

// A choice, a shape, a note and a source without words would show nothing, or
// fail their page.
func TestEverythingToChooseHasWords(t *testing.T) {
	t.Parallel()
	var keys []string
	for _, c := range archive.Choices() {
		for _, part := range []string{"name", "catches", "effort"} {
			keys = append(keys, "choice."+string(c)+"."+part)
		}
	}
	for _, shape := range archive.Shapes() {
		keys = append(keys, "shape."+string(shape)+".name", "shape."+string(shape)+".explain")
	}
	for _, source := range []ledger.SourceName{
		ledger.SourceDiscover, ledger.SourceInbox, ledger.SourceListening, ledger.SourcePaste,
	} {
		keys = append(keys, "source."+string(source))
	}
	for _, note := range web.Notes() {
		if note != "run" { // told by the card
			keys = append(keys, "note."+note)
		}
	}
	for _, stage := range []archive.Stage{
		archive.StageAsked, archive.StageLooking, archive.StageAdding, archive.StageUnsure,
	} {
		keys = append(keys, "progress."+string(stage))
	}
	for _, why := range usecase.OddReasons() {
		keys = append(keys, "paste.why."+string(why))
	}
	for _, until := range web.Untils() {
		keys = append(keys, "note.until."+until, "account.waiting."+until, "paste.wait."+until)
	}
	for _, problem := range web.ProblemNames() {
		keys = append(keys, "problem."+problem+".title", "problem."+problem+".text")
	}
	have := words.Ours().Languages()[0].Keys()
	for _, key := range keys {
		if !slices.Contains(have, key) {
			t.Errorf("there are no words for %s", key)
		}
	}
}

// The browser's zone comes with the sign-in, and times are told in it.
func TestTimesAreThePersonsOwn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, connect, zone, text string }{
		{"berlin", "/connect?zone=Europe%2FBerlin", "Europe/Berlin", "Last run: Monday 16 November 2026, 14:00 UTC+1"},
		{"none", "/connect", "", "Last run: Monday 16 November 2026, 13:00 UTC"},
		{"no_such_zone", "/connect?zone=Mars/Olympus_Mons", "", "13:00 UTC"},
		{"a_path", "/connect?zone=..%2F..%2Fetc%2Fpasswd", "", "13:00 UTC"},
		{"too_long", "/connect?zone=" + strings.Repeat("x", 5000), "", "13:00 UTC"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			b := s.browser(t)
			b.signIn(test.connect)
			if got := s.user(t).Zone; got != test.zone {
				t.Errorf("got the stored zone %q, want %q", got, test.zone)
			}
			s.edit(t, runDone(s, outcome.Outcome{Kind: outcome.NothingNew}))
			wantText(t, b.get("/account"), test.text)
		})
	}
}

// Under another name of this machine the zone goes along to the right one.
func TestZoneSurvivesTheWayToTheRightHost(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	s.base = "http://localhost:8080"
	wantLocation(t, b.get("/connect?zone=Europe/Berlin&source=inbox"), local+"/connect?source=inbox&zone=Europe%2FBerlin&moved=1")
}

func TestSayingWhichDiscoverWeeklyIsTheirs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	wantNoText(t, b.get("/account"), "Which Discover Weekly is yours?")
	s.edit(t, func(u *archive.User) { severalDiscover(s)(u) })
	wantText(t, b.get("/account"), ">Needs you<", "Tell us which one is yours", "Which Discover Weekly is yours?",
		"<bdi>Discover &lt;Weekly&gt;</bdi>", "A list without a name", `name="link" value="candidateFixture000000"`)
	wantLocation(t, b.post("/account/discover", url.Values{"link": {"candidateFixture000000"}}), "/account")
	wantNoText(t, b.get("/account"), "Which Discover Weekly is yours?", "Tell us which")
	if got := s.user(t).Discover; got.PlaylistID != "candidateFixture000000" || !got.Chosen {
		t.Errorf("got %+v, want the list that was chosen", got)
	}
}

func severalDiscover(s *site) func(*archive.User) {
	return func(u *archive.User) {
		runDone(s, outcome.Outcome{Kind: outcome.Choose})(u)
		u.Discover.Candidates = []archive.Candidate{
			{PlaylistID: "candidateFixture000000", Name: "Discover <Weekly>"}, {PlaylistID: "candidateFixture000001"},
		}
	}
}
