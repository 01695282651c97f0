package operator_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/local/memjobs"
	"github.com/weeklyarchive/weeklyarchive/internal/local/operator"
	"github.com/weeklyarchive/weeklyarchive/internal/local/releases"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// world is everything that the page sees and does.
type world struct {
	users    []archive.User
	entries  []ledger.Entry // of the first user
	bad      int            // documents that cannot be read
	pause    app.Pause
	refused  time.Time // when Spotify last refused many consents at once
	requests int       // of today
	dead     []memjobs.DeadLetter
	retried  []string
	jobs     []archive.ArchiveJob
	busy     bool // the queue never becomes empty
	rest     bool // whom a run is for is not all known when it is sent
	sent     []app.Run
	sendErr  error
	tally    operator.Tally
	monday   int
	noMonday bool
	moveErr  error
	stopping chan struct{}
	newer    func() (releases.Release, bool)
	backups  []operate.BackupFile
	edit     func(*operator.Config)

	once      sync.Once
	documents *counted
	store     *records.Store
	page      http.Handler
}

// counted counts what is read.
type counted struct {
	document.Store
	questions, documents atomic.Int64
}

func (c *counted) Get(ctx context.Context, key string) (document.Document, error) {
	c.questions.Add(1)
	c.documents.Add(1)
	return c.Store.Get(ctx, key)
}

func (c *counted) List(ctx context.Context, q document.Query) ([]document.Document, error) {
	list, err := c.Store.List(ctx, q)
	c.questions.Add(1)
	c.documents.Add(int64(len(list)))
	return list, err
}

// open fills the store.
func (f *world) open() {
	memory := archivetest.NewDocuments(archivetest.WeekTime)
	f.documents = &counted{Store: memory}
	f.store = records.New(f.documents)
	ctx := context.Background()
	for _, u := range f.users {
		stored, err := f.store.Put(ctx, u)
		for i := range f.entries {
			if err == nil && u.ID == f.users[0].ID {
				stored, err = f.store.Commit(ctx, stored, archive.Changes{Entry: &f.entries[i]})
			}
		}
		if err != nil {
			panic(err)
		}
	}
	for i := range f.bad {
		memory.Plant(document.Document{Key: "users/zzz" + strconv.Itoa(i), Body: json.RawMessage("{}")})
	}
	if err := f.store.SetPause(ctx, f.pause); err != nil {
		panic(err)
	}
	if _, err := f.store.AddTraffic(ctx, webapi.Traffic{Day: archivetest.WeekTime(), Requests: f.requests}); err != nil {
		panic(err)
	}
	if err := f.store.SetMassRefusal(ctx, f.refused); err != nil {
		panic(err)
	}
	if err := f.store.NoteRun(ctx, app.Run{Kind: app.RunWeekly, At: archivetest.WeekTime()}); err != nil {
		panic(err)
	}
}

func (f *world) Backup(context.Context, time.Duration) (operate.BackupFile, error) {
	file := operate.BackupFile{Path: "backups/new", At: time.Now()}
	f.backups = append([]operate.BackupFile{file}, f.backups...)
	return file, f.sendErr
}

func (f *world) List(context.Context) ([]operate.BackupFile, error) { return f.backups, nil }

func (f *world) Stats() memjobs.Stats {
	if f.busy {
		return memjobs.Stats{Waiting: 1}
	}
	return memjobs.Stats{}
}
func (f *world) DeadLetters() []memjobs.DeadLetter { return slices.Clone(f.dead) }
func (f *world) Retry(id string) bool {
	f.retried = append(f.retried, id)
	return f.Drop(id)
}

func (f *world) Drop(id string) bool {
	before := len(f.dead)
	f.dead = slices.DeleteFunc(f.dead, func(d memjobs.DeadLetter) bool { return d.ID == id })
	return len(f.dead) < before
}

func (f *world) EnqueueArchive(_ context.Context, jobs ...archive.ArchiveJob) error {
	f.jobs = append(f.jobs, jobs...)
	return f.sendErr
}

func (f *world) Wait(ctx context.Context) error {
	if f.busy {
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

func (f *world) FanOut(_ context.Context, run app.Run) (usecase.FanOutResult, error) {
	f.sent = append(f.sent, run)
	for _, u := range f.users {
		f.tally.Add(archive.ArchiveJob{User: u.ID, Run: run}, outcome.Unavailable)
		f.tally.Add(archive.ArchiveJob{User: u.ID, Run: run}, outcome.Saved)
	}
	return usecase.FanOutResult{Due: len(f.users), Continued: f.rest}, f.sendErr
}

func (f *world) config() operator.Config {
	f.once.Do(f.open)
	config := operator.Config{
		Store: f.store, Queue: f, Tally: &f.tally, Clock: archivetest.WeekTime, Log: slog.New(slog.DiscardHandler),
		Accounts:   &usecase.Accounts{Store: f.store, Jobs: f, Clock: archivetest.WeekTime, Log: slog.New(slog.DiscardHandler)},
		Next:       func() time.Time { return archivetest.WeekTime().AddDate(0, 0, 7) },
		FanOut:     f.FanOut,
		Stopping:   f.stopping,
		KeyVersion: "1",
		Version:    "v1.2.3",
		Newer:      f.newer,
		Uptime:     func() time.Duration { return 26*time.Hour + 3*time.Minute },
		Backups:    f,
		BaseURL:    "http://127.0.0.1:8080",

		RedirectURI: "http://127.0.0.1:8080/callback",
		Standin:     "http://127.0.0.1:8081/standin",
	}
	if !f.noMonday {
		config.NextMonday = func(context.Context) (time.Time, error) {
			f.monday++
			return archivetest.WeekTime().AddDate(0, 0, 7), f.moveErr
		}
	}
	if f.edit != nil {
		f.edit(&config)
	}
	return config
}

func (f *world) ask(method, path string, edits ...func(r *http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://127.0.0.1:8080"+path, nil)
	r.RemoteAddr = "127.0.0.1:50000"
	for _, edit := range edits {
		edit(r)
	}
	w := httptest.NewRecorder()
	if f.page == nil {
		f.page = operator.New(f.config())
	}
	f.page.ServeHTTP(w, r)
	return w
}

func TestGuard(t *testing.T) {
	t.Parallel()
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for name, tc := range map[string]struct {
		edit func(r *http.Request)
		want int
	}{
		"curl":                    {func(*http.Request) {}, http.StatusOK},
		"ipv6":                    {func(r *http.Request) { r.RemoteAddr, r.Host = "[::1]:50000", "[::1]:8080" }, http.StatusOK},
		"mapped_ipv4":             {func(r *http.Request) { r.RemoteAddr = "[::ffff:127.0.0.1]:50000" }, http.StatusOK},
		"localhost":               {func(r *http.Request) { r.Host = "localhost:8080" }, http.StatusOK},
		"host_without_port":       {func(r *http.Request) { r.Host = "127.0.0.1" }, http.StatusOK},
		"from_the_network":        {func(r *http.Request) { r.RemoteAddr = "192.168.1.7:50000" }, http.StatusForbidden},
		"no_remote_address":       {func(r *http.Request) { r.RemoteAddr = "" }, http.StatusForbidden},
		"rebound_name":            {func(r *http.Request) { r.Host = "evil.example:8080" }, http.StatusForbidden},
		"name_like_an_address":    {func(r *http.Request) { r.Host = "127.0.0.1.evil.example:8080" }, http.StatusForbidden},
		"name_below_localhost":    {func(r *http.Request) { r.Host = "localhost.evil.example" }, http.StatusForbidden},
		"empty_host":              {func(r *http.Request) { r.Host = "" }, http.StatusForbidden},
		"through_a_proxy":         {header("X-Forwarded-For", "203.0.113.9"), http.StatusForbidden},
		"own_form":                {header("Sec-Fetch-Site", "same-origin"), http.StatusOK},
		"forged_form":             {header("Sec-Fetch-Site", "cross-site"), http.StatusForbidden},
		"form_of_another_port":    {header("Sec-Fetch-Site", "same-site"), http.StatusForbidden},
		"forged_by_old_browser":   {header("Origin", "https://evil.example"), http.StatusForbidden},
		"own_form_of_old_browser": {header("Origin", "http://127.0.0.1:8080"), http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, path := range []string{"/local/weekly", "/local/next-monday"} {
				f := &world{}
				if got := f.ask(http.MethodPost, path, tc.edit).Code; got != tc.want {
					t.Errorf("POST %s: got %d, want %d", path, got, tc.want)
				}
				if acted := len(f.sent)+f.monday > 0; acted != (tc.want == http.StatusOK) {
					t.Errorf("POST %s: got acted %v, want %v", path, acted, !acted)
				}
			}
		})
	}
}

func TestWeekly(t *testing.T) {
	t.Parallel()
	users := []archive.User{archivetest.NewUser(t, "ada"), archivetest.NewUser(t, "bob")}
	for name, tc := range map[string]struct {
		world *world
		query string
		want  string
	}{
		"sent": {&world{users: users}, "", `{"enqueued":2}`},
		"waited": {
			&world{users: users}, "?wait=30s",
			`{"enqueued":2,"done":true,"outcomes":{"saved":2},"left":{"queued":0,"running":0,"waiting":0}}`,
		},
		"nobody": {
			&world{}, "?wait=30s",
			`{"enqueued":0,"done":true,"left":{"queued":0,"running":0,"waiting":0}}`,
		},
		"not_empty_in_time": {
			&world{users: users, busy: true}, "?wait=1ms",
			`{"enqueued":2,"done":false,"outcomes":{"saved":2},"left":{"queued":0,"running":0,"waiting":1}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := tc.world.ask(http.MethodPost, "/local/weekly"+tc.query)
			if answer.Code != http.StatusOK {
				t.Errorf("got status %d, want 200", answer.Code)
			}
			var got, want any
			if err := errors.Join(json.Unmarshal(answer.Body.Bytes(), &got), json.Unmarshal([]byte(tc.want), &want)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("got -, want +:\n%s", diff)
			}
			if diff := cmp.Diff(tc.world.sent, []app.Run{{Kind: app.RunWeekly, At: archivetest.WeekTime()}}); diff != "" {
				t.Errorf("sent, got -, want +:\n%s", diff)
			}
		})
	}
}

func TestWeeklyEndsWithTheProgram(t *testing.T) {
	t.Parallel()
	f := &world{busy: true, stopping: make(chan struct{})}
	close(f.stopping)
	if got := f.ask(http.MethodPost, "/local/weekly?wait=10m").Body.String(); !strings.Contains(got, `"done": false`) {
		t.Errorf("got %s, want it to say that the queue is not empty", got)
	}
}

func TestWeeklyRefuses(t *testing.T) {
	t.Parallel()
	for _, wait := range []string{"30", "soon", "-1s", "11m", "1h"} {
		f := &world{}
		answer := f.ask(http.MethodPost, "/local/weekly?wait="+wait)
		if answer.Code != http.StatusBadRequest || !strings.Contains(answer.Body.String(), "30s") || len(f.sent) > 0 {
			t.Errorf("wait=%s: got %d %s, want 400 with an example, and nothing sent", wait, answer.Code, answer.Body)
		}
	}
	f := &world{sendErr: errors.New("disk full")}
	answer := f.ask(http.MethodPost, "/local/weekly")
	if answer.Code != http.StatusInternalServerError || strings.Contains(answer.Body.String(), "disk") {
		t.Errorf("got %d %s, want 500 and a sentence", answer.Code, answer.Body)
	}
}

func TestNextMondayNeedsAStandin(t *testing.T) {
	t.Parallel()
	f := &world{noMonday: true}
	if got := f.ask(http.MethodPost, "/local/next-monday").Code; got != http.StatusNotFound {
		t.Errorf("got %d, want 404", got)
	}
	if page := f.ask(http.MethodGet, "/local").Body.String(); strings.Contains(page, "next-monday") {
		t.Error("the page has a button for it")
	}
}

func TestNextMondaySaysThatTheStandinIsAway(t *testing.T) {
	t.Parallel()
	f := &world{moveErr: errors.New("connection refused")}
	answer := f.ask(http.MethodPost, "/local/next-monday")
	if got := answer.Body.String(); answer.Code != http.StatusBadGateway || !strings.Contains(got, "running?") || strings.Contains(got, "connection") {
		t.Errorf("got %d %s, want 502 and a sentence", answer.Code, got)
	}
}

func TestButtonsLeadBackToThePage(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		world          *world
		path           string
		location, says string
	}{
		"monday": {&world{}, "/local/next-monday", "/local?done=monday", "It is Monday."},
		"week": {
			&world{users: []archive.User{archivetest.NewUser(t, "ada")}}, "/local/weekly?wait=30s",
			"/local?done=weekly", "How it ended is below.",
		},
		"week_of_many": {
			&world{rest: true}, "/local/weekly?wait=30s", "/local?done=weekly", "How it ended is below.",
		},
		"week_again": {&world{}, "/local/weekly?wait=30s", "/local?done=nobody", "Nobody was due: this week is done."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := tc.world.ask(http.MethodPost, tc.path, func(r *http.Request) {
				r.Header.Set("Accept", "text/html,application/xhtml+xml")
			})
			got := answer.Header().Get("Location")
			if answer.Code != http.StatusSeeOther || got != tc.location {
				t.Errorf("got %d to %q, want 303 to %q", answer.Code, got, tc.location)
			}
			if page := tc.world.ask(http.MethodGet, got).Body.String(); !strings.Contains(page, tc.says) {
				t.Errorf("the page lacks %q", tc.says)
			}
		})
	}
}

func busyWorld(t *testing.T) *world {
	t.Helper()
	user := archivetest.FullUser(t, "<b>ada</b>")
	user.Grant.Sealed.KeyVersion = "other"
	return &world{
		users:   []archive.User{user},
		bad:     1,
		entries: []ledger.Entry{archivetest.NewEntry(2, archivetest.WeekTime())},
		pause:   app.Pause{Until: archivetest.WeekTime().Add(time.Hour), Reason: app.PauseRateLimit},
		dead: []memjobs.DeadLetter{{
			User: user.ID, Run: app.Run{Kind: app.RunWeekly, At: archivetest.WeekTime()},
			ID: "1", Attempts: 20, At: archivetest.WeekTime(), Reason: "spotify is unavailable",
		}},
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	f := busyWorld(t)
	var got operator.Status
	if err := json.Unmarshal(f.ask(http.MethodGet, "/local/status").Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	u, at := f.users[0], archivetest.WeekTime()
	english, _ := words.Ours().Language(words.Fallback)
	want := operator.Status{
		Now: at, Version: "v1.2.3", Up: "26h3m0s", Standin: "http://127.0.0.1:8081/standin", LastWeekly: at, NextWeekly: at.AddDate(0, 0, 7),
		Pause:       &operator.Pause{Until: at.Add(time.Hour), Reason: app.PauseRateLimit},
		DeadLetters: []operator.DeadLetter{{ID: "1", User: u.ID, Kind: app.RunWeekly, Attempts: 20, At: at, Reason: "spotify is unavailable"}},
		People:      1,
		Attention: []operator.Worry{
			{Concern: operator.ConcernOtherKey, Count: 1}, {Concern: operator.ConcernUnreadable, Count: 1},
			{Concern: operator.ConcernDoubled, Count: 1}, {Concern: operator.ConcernLetters, Count: 1},
		},
		Users: []operator.User{{
			ID: u.ID, Name: u.DisplayName, Status: u.Status, Choice: u.Choice,
			Outcome: u.Last.Kind, At: u.Last.At,
			Sentence:    english.Texts(words.Outcome(u.Last, at)),
			ConsentEnds: u.Grant.EndsAt(), OtherKey: true, Open: true, Doubled: archivetest.WeekBefore,
			Attention: []operator.Concern{operator.ConcernOtherKey, operator.ConcernDoubled},
			Editions:  []operator.Edition{{Edition: archivetest.Week, Source: ledger.SourceInbox, Batch: 2, Found: 30, Added: 27, DoneAt: at}},
		}},
		Unreadable: 1,
	}
	if diff := cmp.Diff(got, want, cmpopts.IgnoreUnexported(operator.Worry{})); diff != "" {
		t.Errorf("got -, want +:\n%s", diff)
	}
}

func TestTallyForgetsOldRuns(t *testing.T) {
	t.Parallel()
	var tally operator.Tally
	run := func(i int) app.Run {
		return app.Run{Kind: app.RunManual, At: archivetest.WeekTime().Add(time.Duration(i) * time.Second)}
	}
	for i := range 30 {
		tally.Add(archive.ArchiveJob{User: "ada", Run: run(i)}, outcome.Saved)
	}
	if got := tally.Of(run(0)); len(got) != 0 {
		t.Errorf("oldest run: got %v, want nothing", got)
	}
	if got, want := tally.Of(run(29)), map[outcome.Kind]int{outcome.Saved: 1}; !cmp.Equal(got, want) {
		t.Errorf("newest run: got %v, want %v", got, want)
	}
}
