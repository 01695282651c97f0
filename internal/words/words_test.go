package words_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
	"github.com/weeklyarchive/weeklyarchive/internal/words/wordstest"
)

// Every language says everything that English says, of the same arguments.
func TestEveryLanguageIsWhole(t *testing.T) {
	t.Parallel()
	files, err := wordstest.WithPseudo()
	if err != nil {
		t.Fatal(err)
	}
	faults, err := wordstest.Faults(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range faults {
		t.Error(fault)
	}
	if got := len(words.Ours().Languages()); got < 2 {
		t.Errorf("got %d languages, want English and German at least", got)
	}
}

// The check above finds what it is for.
func TestFaultsOfALanguage(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"en.html": {Data: []byte(`{{define "a"}}of {{.Name}}{{end}}{{define "b"}}{{count .N "one" "x" "other" "xs"}}{{end}}{{define "c"}}c{{end}}`)},
		"xx.html": {Data: []byte(`{{define "a"}}von{{end}}{{define "b"}}{{count .N "one" "x"}}{{end}}{{define "d"}}d{{end}}`)},
		"yy.html": {Data: []byte(`{{define "a"}}{{if .Name}}{{.Name}}{{end}}{{end}}{{define "b"}}{{count .N "other" "x"}}{{end}}{{define "c"}} {{end}}`)},
	}
	got, err := wordstest.Faults(files)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"xx: a uses [], want [.Name]", `xx: b chooses by number without "other"`, "xx: c is missing", "xx: d is no key",
		"yy: c is empty",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A further language is one file, and nothing else.
func TestAFurtherLanguageIsOneFile(t *testing.T) {
	t.Parallel()
	files, err := wordstest.WithPseudo()
	if err != nil {
		t.Fatal(err)
	}
	book, err := words.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	l, ok := book.Language(wordstest.PseudoTag)
	if !ok {
		t.Fatal("the further language is not in the book")
	}
	if got, want := l.Text(words.Say("songs", 1560)), "1,560 "+wordstest.Disguise("songs"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := book.Match("en-XA, de;q=0.5").Tag(), wordstest.PseudoTag; got != want {
		t.Errorf("got the language %s for a browser that asks for it, want %s", got, want)
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	english, err := fs.ReadFile(words.Files(), "en.html")
	if err != nil {
		t.Fatal(err)
	}
	for name, files := range map[string]fstest.MapFS{
		"no_english":        {"de.html": {Data: english}},
		"no_language_tag":   {"en.html": {Data: english}, "no-such-tag-at-all.html": {Data: english}},
		"broken_definition": {"en.html": {Data: append(slices.Clone(english), "{{define"...)}},
		"eleven_months":     {"en.html": {Data: []byte(strings.Replace(string(english), "January,", "", 1))}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := words.Load(files); err == nil {
				t.Error("got no error")
			}
		})
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"": "en", "de": "de", "de-AT,de;q=0.9,en;q=0.8": "de", "en-US,en;q=0.9,de;q=0.8": "en",
		"fr,de;q=0.5": "de", "fr": "en", "*": "en", "de;q=0": "en", "no header; at all,,": "en",
	} {
		if got := words.Ours().Match(header).Tag(); got != want {
			t.Errorf("Accept-Language %q: got %s, want %s", header, got, want)
		}
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err) // the core brings the zones along
	}
	newfoundland, err := time.LoadLocation("America/St_Johns")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 1, 23, 4, 0, 0, time.UTC)
	data := struct{ Until time.Time }{at}
	for _, test := range []struct {
		name, tag string
		line      words.Line
		html      bool
		want      string
	}{
		{"english", "en", words.Say("outcome.paused", data), false, "Runs go on after Sunday 1 March 2026, 23:04 UTC. Nothing is lost."},
		{"german", "de", words.Say("outcome.paused", data), false, "Nach Sonntag, 1. März 2026, 23:04 UTC geht es weiter. Nichts geht verloren."},
		{"in_a_zone", "de", words.Say("account.last_run", at.In(berlin)), false, "Letzter Lauf: Montag, 2. März 2026, 00:04 UTC+1."},
		{"in_a_zone_of_half_hours", "en", words.Say("account.last_run", at.In(newfoundland)), false, "Last run: Sunday 1 March 2026, 19:34 UTC−3:30."},
		{"this_machines_zone_is_nobodys", "en", words.Say("account.last_run", at.In(time.Local)), false, "Last run: Sunday 1 March 2026, 23:04 UTC."},
		{"a_bare_offset_is_nobodys", "en", words.Say("account.last_run", at.In(time.FixedZone("", 3600))), false, "Last run: Sunday 1 March 2026, 23:04 UTC."},
		{"on_a_page", "en", words.Say("consent.lasts", at), true,
			`It lasts until <strong><time datetime="2026-03-01T23:04:00Z" data-form="date">1 March 2026</time></strong>. ` +
				"Spotify ends every permission after six months; one click renews it, and everything goes on where it stopped."},
		{"a_week_is_in_no_zone", "de", words.Say("account.week", calendar.Edition("2026-03-02").Monday()), true,
			`Woche vom <time datetime="2026-03-02">2. März 2026</time>`},
		{"one", "en", words.Say("songs", 1), false, "1 song"},
		{"none", "en", words.Say("songs", 0), false, "0 songs"},
		{"thousands", "en", words.Say("songs", 1560), false, "1,560 songs"},
		{"thousands_in_german", "de", words.Say("songs", 1560), false, "1.560 Songs"},
		{"arguments_are_escaped", "en", words.Say("account.who", "<b>ada</b>"), true,
			"Connected as <strong><bdi>&lt;b&gt;ada&lt;/b&gt;</bdi></strong>"},
		{"no_such_line", "en", words.Say("no.such.line"), false, "no.such.line"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l, _ := words.Ours().Language(test.tag)
			got := l.Text(test.line)
			if test.html {
				text, err := l.HTML(test.line)
				if err != nil {
					t.Fatal(err)
				}
				got = string(text)
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// A run names playlists in whatever language its user reads, and Spotify
// refuses a name or a description that is too long.
func TestPlaylists(t *testing.T) {
	t.Parallel()
	p := words.Playlists()
	ends := time.Date(2027, 5, 15, 13, 0, 0, 0, time.UTC)
	for _, test := range []struct{ tag, key, name, text, inbox, reminder string }{
		{"", archive.MainArchive, "Weekly Archive 2", "Your Discover Weekly, saved every week by Weekly Archive.",
			"Copy your Discover Weekly in here", "Reconnect by 15 May 2027: https://archive.example"},
		{"no-such-tag", "2026", "Weekly Archive 2026 · 2", "Your Discover Weekly, saved every week by Weekly Archive.",
			"Copy your Discover Weekly in here", "Reconnect by 15 May 2027: https://archive.example"},
		{"de", "2026-11-16", "Weekly Archive 2026-11-16 · 2", "Dein Mix der Woche vom 16. November 2026, gesichert von Weekly Archive.",
			"Kopiere deinen Mix der Woche hier hinein", "Neu verbinden bis 15. Mai 2027: https://archive.example"},
	} {
		name, text := p.Archive(test.tag, test.key, 2)
		inbox, inboxText := p.Inbox(test.tag)
		reminder := p.Reminder(test.tag, ends, "https://archive.example")
		if name != test.name || text != test.text || reminder != test.reminder || inbox != "Weekly Archive inbox" ||
			!strings.HasPrefix(inboxText, test.inbox) {
			t.Errorf("%q: got %q, %q, %q, %q and %q", test.tag, name, text, inbox, inboxText, reminder)
		}
		if !p.IsArchiveText(test.key, text) || p.IsArchiveText(test.key, text+" Mine.") {
			t.Errorf("%q is not told apart from what a person wrote", text)
		}
	}
	const local = "Reconnect by 15 May 2027 on the computer on which Weekly Archive runs: http://127.0.0.1:8080"
	if got := p.Reminder("en", ends, "http://127.0.0.1:8080"); got != local {
		t.Errorf("locally: got %q, want %q", got, local)
	}
	for _, l := range words.Ours().Languages() {
		_, inbox := p.Inbox(l.Tag())
		_, text := p.Archive(l.Tag(), "2026-11-16", 99)
		long := p.Reminder(l.Tag(), ends, "https://"+strings.Repeat("x", 100)) + " · " + text
		local := p.Reminder(l.Tag(), ends, "http://127.0.0.1:65535") + " · " + text
		for _, description := range []string{inbox, long, local} {
			if n := utf8.RuneCountInString(description); n > 250 || strings.ContainsAny(description, "<>\n") {
				t.Errorf("%s: a description of %d characters, want at most 250 and plain text: %s", l.Tag(), n, description)
			}
		}
	}
}

// Every outcome that a run can have is told, in every language.
func TestEveryOutcomeIsTold(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 16, 13, 0, 0, 0, time.UTC)
	kinds := append(outcome.Kinds(), "of a newer version")
	reasons := []app.PauseReason{
		"", app.PauseRateLimit, app.PauseQuota, app.PauseMassRefusal, app.PausePremium, app.PauseClient, app.PauseOperator, "newer",
	}
	for _, l := range words.Ours().Languages() {
		for _, kind := range kinds {
			for _, reason := range reasons {
				for _, until := range []time.Time{now.Add(time.Hour), now} {
					o := outcome.Outcome{Kind: kind, Found: 30, Added: 27, Until: until, Reason: reason, NewArchive: true}
					for _, line := range words.Outcome(o, now) {
						if text := l.Text(line); text == line.Key || strings.Contains(text, "<") {
							t.Errorf("%s: %s is not told: %q", l.Tag(), kind, text)
						}
					}
				}
			}
		}
	}
}

func TestOutcome(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 16, 13, 0, 0, 0, time.UTC)
	english, _ := words.Ours().Language(words.Fallback)
	for _, test := range []struct {
		name    string
		outcome outcome.Outcome
		want    string
	}{
		{"saved", outcome.Outcome{Kind: outcome.Saved, Edition: "2026-11-16", Found: 30, Added: 27},
			"Week of 16 November 2026: 30 songs found, 27 new, saved."},
		{"of_several_weeks", outcome.Outcome{Kind: outcome.Saved, Edition: "2026-11-16", Mixed: true, Found: 31, Added: 1},
			"31 songs found, 1 new, saved."},
		{"one", outcome.Outcome{Kind: outcome.Saved, Found: 1, Added: 1}, "1 song found, 1 new, saved."},
		{"in_a_new_archive", outcome.Outcome{Kind: outcome.Saved, NewArchive: true, Found: 1, Added: 1},
			"Your archive playlist was gone from your library, so we made a new one. 1 song found, 1 new, saved."},
		{"asked_to_wait", outcome.Outcome{Kind: outcome.Paused, Until: now.Add(time.Hour), Reason: app.PauseRateLimit},
			"Spotify asked this app to wait. Runs go on after Monday 16 November 2026, 14:00 UTC. Nothing is lost."},
		{"not_asked_to_wait", outcome.Outcome{Kind: outcome.Paused, Until: now.Add(time.Hour), Reason: app.PauseClient},
			"Spotify does not accept this app’s own credentials; its owner has to put that right. " +
				"Runs go on after Monday 16 November 2026, 14:00 UTC. Nothing is lost."},
		{"paused_for_a_reason_not_noted", outcome.Outcome{Kind: outcome.Paused, Until: now.Add(time.Hour)},
			"This app is paused. Runs go on after Monday 16 November 2026, 14:00 UTC. Nothing is lost."},
		{"pause_over", outcome.Outcome{Kind: outcome.Paused, Until: now, Reason: app.PauseQuota},
			"Runs were paused until Monday 16 November 2026, 13:00 UTC. The next one goes on where it stopped."},
		{"saved_beside_a_source_that_failed", outcome.Outcome{Kind: outcome.Saved, Found: 30, Added: 30,
			Failed: []outcome.Failure{{Source: ledger.SourceInbox, Kind: outcome.Unavailable}}},
			"30 songs found, 30 new, saved. " +
				"Your inbox could not be read: Spotify did not answer properly. What was saved is safe; we try again soon."},
		{"a_source_failed", outcome.Outcome{Kind: outcome.Unreadable,
			Failed: []outcome.Failure{{Source: "radar", Kind: outcome.Unreadable}}},
			"One source could not be read: Spotify refuses to show this app a list that it should. What was saved is safe; we look again within a day."},
		{"of_a_newer_version", outcome.Outcome{Kind: "newer"}, "Something went wrong on our side. Nothing is lost; we try again."},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := english.Texts(words.Outcome(test.outcome, now)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
