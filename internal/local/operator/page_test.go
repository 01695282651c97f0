package operator_test

import (
	"context"
	"encoding/json"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/net/html"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/local/memjobs"
	"github.com/weeklyarchive/weeklyarchive/internal/local/operator"
	"github.com/weeklyarchive/weeklyarchive/internal/local/releases"
	"github.com/weeklyarchive/weeklyarchive/internal/local/sqlitestore"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
	"github.com/weeklyarchive/weeklyarchive/internal/words/wordstest"
)

func browser(r *http.Request) { r.Header.Set("Accept", "text/html") }

// show returns the page as a browser gets it.
func (f *world) show(t *testing.T, path string, edits ...func(*http.Request)) string {
	t.Helper()
	answer := f.ask(http.MethodGet, path, append(edits, browser)...)
	if answer.Code != http.StatusOK {
		t.Fatalf("GET %s: got status %d, want 200:\n%s", path, answer.Code, answer.Body)
	}
	if got := answer.Header().Get("Content-Security-Policy"); !strings.Contains(got, "default-src 'none'") || strings.Contains(got, "unsafe") {
		t.Errorf("got content security policy %q", got)
	}
	return answer.Body.String()
}

func wantTexts(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			t.Errorf("the page lacks %q", text)
		}
	}
	if t.Failed() {
		t.Log(page)
	}
}

// well is a user for whom the last run saved the week.
func well(t *testing.T, name string, edits ...func(*archive.User)) archive.User {
	return archivetest.NewUser(t, name, append([]func(*archive.User){func(u *archive.User) {
		u.Discover.Access = archive.AccessReadable
		u.LastEdition, u.Discover.Done = archivetest.Week, archivetest.Week
		u.Last = outcome.Outcome{Kind: outcome.Saved, At: archivetest.WeekTime(), Edition: archivetest.Week, Found: 30, Added: 30}
	}}, edits...)...)
}

func ended(kind outcome.Kind) func(*archive.User) {
	return func(u *archive.User) { u.Last = outcome.Outcome{Kind: kind, At: archivetest.WeekTime()} }
}

func TestPageShowsTheStatus(t *testing.T) {
	t.Parallel()
	wantTexts(t, busyWorld(t).show(t, "/local?done=weekly"),
		"<title>4 things to do · Operator · Weekly Archive for Spotify</title>", "4 things need attention", "The weekly run was sent",
		"&lt;b&gt;ada&lt;/b&gt;", "v1.2.3", "another key file", "stand twice", "1 stored document of a user cannot be read",
		"after 20 attempts", "spotify is unavailable", `action="/local/weekly?wait=30s"`, `action="/local/next-monday"`,
		`action="/local/dead-letters/1/retry"`, `action="/local/dead-letters/retry"`, "1 day, 2 h 3 min", `href="/style.css"`)
}

// All is well, or it is said what is not, first of all, with whom it is about
// and what helps.
func TestWhatNeedsAttention(t *testing.T) {
	t.Parallel()
	now := archivetest.WeekTime()
	lastBackup := []operate.BackupFile{{At: time.Now().Add(-time.Hour)}}
	mine := func(c *operator.Config) { c.Standin = "" }
	for name, tc := range map[string]struct {
		world   *world
		concern operator.Concern // empty: all is well
		want    []string
	}{
		"well":      {&world{users: []archive.User{well(t, "ada")}}, "", []string{"All is well. 1 person is connected", "<title>All is well · ", "</time>: saved"}},
		"nobody":    {&world{}, "", []string{"Nobody is connected yet", `<details open>`}},
		"turn":      {&world{users: []archive.User{well(t, "ada", copies)}}, "", []string{"All is well", "Their turn", "They copy this week’s songs, before their Monday"}},
		"stopped":   {&world{users: []archive.User{well(t, "ada", stopped)}}, "", []string{"All is well", "Paused", `action="/local/people/resume?user=`}},
		"unreached": {&world{users: []archive.User{well(t, "ada", ended(outcome.Unavailable))}}, "", []string{"All is well", "Another attempt, by itself"}},
		"waits": {
			&world{users: []archive.User{well(t, "ada")}, pause: app.Pause{Until: now.Add(time.Hour), Reason: app.PauseQuota}},
			"", []string{"Spotify asked this app to wait", "Runs go on by themselves after", "there is nothing for you to do"},
		},
		"spent": {
			&world{users: []archive.User{well(t, "ada")}, pause: app.Pause{Until: now.Add(time.Hour), Reason: app.PauseBudget}},
			"", []string{"good\">This app has made as many requests to Spotify today as it may. Runs go on", "<title>Waiting ·"},
		},
		"paused": {
			&world{users: []archive.User{well(t, "ada")}, pause: app.Pause{Until: now.Add(time.Hour), Reason: app.PauseOperator}},
			operator.ConcernPaused, []string{"because you said so", `action="/local/resume"`},
		},
		"premium": {
			&world{users: []archive.User{well(t, "ada", ended(outcome.PremiumLapsed))}, pause: app.Pause{Until: now.Add(time.Hour), Reason: app.PausePremium}},
			operator.ConcernPremium, []string{"has no Premium", `action="/local/resume"`},
		},
		"credentials": {
			&world{users: []archive.User{well(t, "ada", ended(outcome.App))}, pause: app.Pause{Until: now.Add(time.Hour), Reason: app.PauseClient}},
			operator.ConcernCredentials, []string{"SPOTIFY_CLIENT_SECRET"},
		},
		"not_listed":  {&world{users: []archive.User{well(t, "ada", ended(outcome.NotAllowed))}}, operator.ConcernAllow, []string{"User Management", ">ada</bdi>"}},
		"key":         {&world{users: []archive.User{well(t, "ada", ended(outcome.Key))}}, operator.ConcernKey, []string{"does not open"}},
		"other_key":   {&world{users: []archive.User{well(t, "ada", otherKey, ended(outcome.Key))}}, operator.ConcernOtherKey, []string{"another key file"}},
		"malformed":   {&world{users: []archive.User{well(t, "ada", ended(outcome.Malformed))}}, operator.ConcernMalformed, []string{"Put back a backup"}},
		"internal":    {&world{users: []archive.User{well(t, "ada", ended(outcome.Internal))}}, operator.ConcernInternal, []string{"fault of the program"}},
		"rejected":    {&world{users: []archive.User{well(t, "ada", ended(outcome.Rejected))}}, operator.ConcernSongs, []string{"refuses to add songs"}},
		"scope":       {&world{users: []archive.User{well(t, "ada", ended(outcome.Scope))}}, operator.ConcernAsks, []string{"They connect again, to give a permission"}},
		"choose":      {&world{users: []archive.User{well(t, "ada", candidates, ended(outcome.Choose))}}, operator.ConcernAsks, []string{"which Discover Weekly is theirs"}},
		"reconnect":   {&world{users: []archive.User{well(t, "ada", over)}}, operator.ConcernReconnect, []string{"has to connect again", "Permission over"}},
		"ends_soon":   {&world{users: []archive.User{well(t, "ada", endsIn(10*24*time.Hour))}}, operator.ConcernSoon, []string{"within two weeks", "Permission for 10 days"}},
		"unreadable":  {&world{users: []archive.User{well(t, "ada")}, bad: 2}, operator.ConcernUnreadable, []string{"2 stored documents of users cannot be read"}},
		"doubled":     {&world{users: []archive.User{well(t, "ada", doubled)}}, operator.ConcernDoubled, []string{"stop one of the two"}},
		"letters":     {&world{dead: []memjobs.DeadLetter{{ID: "7"}}}, operator.ConcernLetters, []string{"1 run was given up", "Everybody’s run"}},
		"no_backup":   {&world{users: []archive.User{well(t, "ada")}, edit: mine}, operator.ConcernBackup, []string{"no backup of the last four days", `action="/local/backup"`}},
		"with_backup": {&world{users: []archive.User{well(t, "ada")}, edit: mine, backups: lastBackup}, "", []string{"All is well"}},
		"no_week": {
			&world{users: []archive.User{well(t, "ada")}, edit: func(c *operator.Config) { c.Clock = func() time.Time { return now.AddDate(0, 0, 9) } }},
			operator.ConcernWeek, []string{"No weekly run was sent for more than eight days"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var status operator.Status
			if err := json.Unmarshal(tc.world.ask(http.MethodGet, "/local/status").Body.Bytes(), &status); err != nil {
				t.Fatal(err)
			}
			var got []operator.Concern
			for _, w := range status.Attention {
				got = append(got, w.Concern)
			}
			var want []operator.Concern
			if tc.concern != "" {
				want = append(want, tc.concern)
			}
			if !slices.Equal(got, want) {
				t.Errorf("got concerns %v, want %v", got, want)
			}
			page := tc.world.show(t, "/local")
			wantTexts(t, page, tc.want...)
			if strings.Contains(page, "First of all") != (tc.concern != "") {
				t.Errorf("something is shown first of all, or not, and the concerns are %v", want)
			}
		})
	}
}

func copies(u *archive.User) {
	u.Choice, u.Inbox.PlaylistID = archive.ChoiceInbox, "inbox"
	u.Last.Kind, u.Discover = outcome.NothingNew, archive.Discover{}
}
func stopped(u *archive.User)    { u.Status = archive.StatusPaused }
func otherKey(u *archive.User)   { u.Grant.Sealed.KeyVersion = "other" }
func over(u *archive.User)       { u.Status = archive.StatusReconnect }
func doubled(u *archive.User)    { u.Twice = archivetest.Week }
func candidates(u *archive.User) { u.Discover.Candidates = make([]archive.Candidate, 2) }
func endsIn(left time.Duration) func(*archive.User) {
	return func(u *archive.User) {
		u.Grant.AuthorizedAt = archivetest.WeekTime().Add(left - archive.ConsentLife)
	}
}

// What a person can be in, and what can be wrong, is told in every language.
func TestEverythingIsTold(t *testing.T) {
	t.Parallel()
	var lines []words.Line
	stands := []string{"ended", "revoked", "stopped", "unrun", "first", "coming", "turn", "partly", "in", "missed"}
	for _, name := range stands {
		lines = append(lines, words.Say("operator.state."+name), words.Say("operator.step."+name))
	}
	for _, c := range operator.Concerns() {
		lines = append(lines, words.Say("operator.attention."+string(c), 2))
	}
	for _, kind := range append(outcome.Kinds(), "of a newer version") {
		lines = append(lines, words.Result(kind))
	}
	for _, l := range words.Ours().Languages() {
		for _, line := range lines {
			if text := l.Text(line); text == line.Key {
				t.Errorf("%s: %s is not told", l.Tag(), line.Key)
			}
		}
	}
}

// Each kind of end of a run has its step, whoever has to take it.
func TestStepOfEveryOutcome(t *testing.T) {
	t.Parallel()
	f := &world{}
	for _, kind := range outcome.Kinds() {
		f.users = append(f.users, well(t, string(kind), ended(kind), func(u *archive.User) {
			u.Discover.Candidates = make([]archive.Candidate, 2)
		}))
	}
	for _, u := range f.users {
		page := f.show(t, "/local?user="+string(u.ID))
		if strings.Contains(page, ">operator.") {
			t.Errorf("%s: a word is missing:\n%s", u.DisplayName, page)
		}
	}
}

// Every word comes from the language file: in a made-up language, an ASCII
// letter is a word that does not.
func TestEveryWordComesFromTheLanguage(t *testing.T) {
	t.Parallel()
	files, err := wordstest.WithPseudo()
	if err != nil {
		t.Fatal(err)
	}
	book, err := words.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	f := busyWorld(t)
	f.users[0].DisplayName = "1"
	f.edit = func(c *operator.Config) {
		c.Words, c.Version, c.BaseURL = book, "1.2.3", "https://archive.example"
		c.Newer = func() (releases.Release, bool) {
			return releases.Release{Version: "1.3", Page: "https://code.example"}, true
		}
		c.RepositoryURL, c.Messages = "https://code.example", func() bool { return false }
		c.SendTest = func(context.Context) error { return nil }
	}
	pseudo := func(r *http.Request) { r.Header.Set("Cookie", "weekly_archive_language="+wordstest.PseudoTag) }
	for _, path := range []string{"/local", "/local?done=weekly", "/local?user=" + string(f.users[0].ID)} {
		page := f.show(t, path, pseudo)
		texts := visible(t, page)
		if len(texts) < 20 {
			t.Fatalf("got %d texts: the test looks at the wrong place", len(texts))
		}
		for _, text := range texts {
			text = strings.NewReplacer("UTC", "", "https://archive.example", "", "/local/status", "").Replace(text)
			if strings.ContainsFunc(text, func(c rune) bool { return c < unicode.MaxASCII && unicode.IsLetter(c) }) {
				t.Errorf("%s: not from the language file: %q", path, text)
			}
		}
	}
}

// visible returns what a page says, without code and the names of languages.
func visible(t *testing.T, page string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for n := range root.Descendants() {
		parent := n.Parent
		if n.Type != html.TextNode || strings.TrimSpace(n.Data) == "" || parent.Data == "code" || parent.Data == "script" {
			continue
		}
		if !slices.ContainsFunc(parent.Attr, func(a html.Attribute) bool { return a.Key == "lang" && parent.Data == "button" }) {
			texts = append(texts, n.Data)
		}
	}
	return texts
}

func TestGerman(t *testing.T) {
	t.Parallel()
	f := &world{users: []archive.User{well(t, "ada")}}
	german := func(r *http.Request) { r.Header.Set("Accept-Language", "de") }
	wantTexts(t, f.show(t, "/local", german), `<html lang="de">`, "Alles ist gut. 1 Mensch ist verbunden", "Wochenlauf starten",
		`action="/language?back=/local"`)
	if page := f.show(t, "/local", german, func(r *http.Request) { r.Header.Set("Cookie", "__Host-weekly_archive_language=en") }); !strings.Contains(page, "All is well") {
		t.Error("the language that was chosen on the pages does not count here")
	}
}

func TestInvitation(t *testing.T) {
	t.Parallel()
	f := &world{}
	if page := f.show(t, "/local"); strings.Contains(page, "First send me") || !strings.Contains(page, "Only this computer can open these pages") {
		t.Error("a copy that only this computer can open invites others")
	}
	f = &world{edit: func(c *operator.Config) { c.BaseURL = "https://archive.example" }}
	wantTexts(t, f.show(t, "/local"), `<p class="ready">First send me the e-mail address of your Spotify account`,
		"open https://archive.example and press its button. From then on you copy your Discover Weekly", `<svg class="qr" viewBox="0 0 33 33"`)
	f = &world{edit: func(c *operator.Config) {
		c.BaseURL = "https://archive.example"
		c.Reach = func(context.Context) (archive.Access, error) { return archive.AccessReadable, nil }
	}}
	wantTexts(t, f.show(t, "/local"), "open https://archive.example and press its button. From then on your Discover Weekly is saved")
}

func TestFirstSteps(t *testing.T) {
	t.Parallel()
	mine := func(c *operator.Config) { c.Standin, c.Messages = "", func() bool { return true } }
	wantTexts(t, (&world{edit: mine}).show(t, "/local"), "1 of 6 are done", `<code>http://127.0.0.1:8080/callback</code>`, `<details open>`)
	done := &world{edit: mine, users: []archive.User{well(t, "ada")}, backups: []operate.BackupFile{{At: time.Now()}}}
	wantTexts(t, done.show(t, "/local"), "6 of 6 are done", `<details>`)
}

func TestNewerVersion(t *testing.T) {
	t.Parallel()
	release := func(version, page string) func() (releases.Release, bool) {
		return func() (releases.Release, bool) {
			return releases.Release{Version: version, Page: page}, version != "v1.2.3"
		}
	}
	for name, tc := range map[string]struct {
		newer    func() (releases.Release, bool)
		has, not string
	}{
		"not_asked":          {nil, "v1.2.3", "newer version"},
		"none":               {release("v1.2.3", ""), "v1.2.3", "newer version"},
		"one":                {release("v1.3.0", "https://code.example/v1.3.0"), `A newer version is out</dt><dd>v1.3.0 · <a href="https://code.example/v1.3.0"`, "nothing of it"},
		"one_without_a_page": {release("v1.3.0", ""), `A newer version is out</dt><dd>v1.3.0</dd>`, "what is new"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := (&world{newer: tc.newer}).show(t, "/local")
			if !strings.Contains(page, tc.has) || strings.Contains(page, tc.not) {
				t.Errorf("got a page without %q or with %q:\n%s", tc.has, tc.not, page)
			}
		})
	}
}

// collected are writes that wait for one commit.
type collected struct {
	document.Store
	writes []document.Write
}

func (c *collected) Commit(_ context.Context, writes ...document.Write) ([]string, error) {
	c.writes = append(c.writes, writes...)
	return make([]string, len(writes)), nil
}

// However many people there are, a page is small and reads little; who needs
// somebody is counted beside it.
func TestTenThousandPeople(t *testing.T) {
	t.Parallel()
	const all, perPage = 10_000, 25
	var users []archive.User
	for i := range all {
		users = append(users, well(t, strconv.Itoa(i), func(u *archive.User) {
			if i%2500 == 0 {
				over(u)
			}
		}))
	}
	slices.SortFunc(users, func(a, b archive.User) int { return strings.Compare(string(a.ID), string(b.ID)) })
	var ids []archive.UserID
	var writes collected
	store := records.New(&writes)
	for i, u := range users {
		ids = append(ids, u.ID)
		var changes archive.Changes
		if i < perPage {
			entry := archivetest.NewEntry(1, archivetest.WeekTime())
			changes.Entry = &entry
		}
		archivetest.MustCommit(t, store, u, changes)
	}
	database, err := sqlitestore.Open(t.Context(), filepath.Join(t.TempDir(), "db"), archivetest.WeekTime)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = database.Close() })
	if _, err := database.Commit(t.Context(), writes.writes...); err != nil {
		t.Fatal(err)
	}
	f := &world{}
	f.config()
	f.documents.Store = database

	f.documents.questions.Store(0)
	f.documents.documents.Store(0)
	started := time.Now()
	page := f.show(t, "/local")
	if !strings.Contains(page, "are being counted") {
		t.Error("the page does not say that people are being counted")
	}
	t.Logf("%d bytes by %d questions for %d documents in %v", len(page), f.documents.questions.Load(), f.documents.documents.Load(), time.Since(started))
	if len(page) > 60<<10 {
		t.Errorf("got a page of %d bytes, want at most 60 kB", len(page))
	}

	var status operator.Status
	for deadline := time.Now().Add(time.Minute); ; {
		if err := json.Unmarshal(f.ask(http.MethodGet, "/local/status").Body.Bytes(), &status); err != nil {
			t.Fatal(err)
		}
		if !status.Counting || time.Now().After(deadline) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if status.People != all || len(status.Attention) != 1 || status.Attention[0].Count != 4 {
		t.Errorf("got %d people and %+v, want %d, four of them to connect again", status.People, status.Attention, all)
	}
	f.documents.questions.Store(0)
	f.documents.documents.Store(0)
	wantTexts(t, f.show(t, "/local"), "4 people have to connect again", "and 1 more", `href="/local?after=`+string(ids[perPage-1])+`"`)
	if questions, documents := f.documents.questions.Load(), f.documents.documents.Load(); questions > perPage+5 || documents > 3*perPage {
		t.Errorf("a page asked %d questions and read %d documents, want at most %d and %d", questions, documents, perPage+5, 3*perPage)
	}

	var shown []archive.UserID
	for after := ""; ; {
		if err := json.Unmarshal(f.ask(http.MethodGet, "/local/status?after="+after).Body.Bytes(), &status); err != nil {
			t.Fatal(err)
		}
		for _, u := range status.Users {
			shown = append(shown, u.ID)
		}
		if after = string(status.Next); after == "" || len(shown) > 10*perPage {
			break
		}
	}
	for i, id := range shown {
		if id != ids[i] {
			t.Fatalf("person %d is %s, want %s: everybody once, in order", i, id, ids[i])
		}
	}
}

func TestOnePerson(t *testing.T) {
	t.Parallel()
	f := busyWorld(t)
	id := string(f.users[0].ID)
	wantTexts(t, f.show(t, "/local?user="+id+"&done=run"), "<code>"+id+"</code>", `<td><time datetime="2026-11-16">16 November 2026</time></td><td>Inbox</td>`,
		"The run was sent", "is half done", "another key file", `action="/local/people/remove?user=`+id+`"`, `back=person"`)
	wantTexts(t, f.show(t, "/local?user=nobody"), "Nobody is here.", `href="/local"`)
}
