package usecase_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/pkce"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// redirectURI is where the test's app is called back.
const redirectURI = "http://127.0.0.1:8080/callback"

// world is the whole service but for pages and messages: the real core and
// the real client, a stand-in for Spotify, a store in memory, and a clock that
// moves when the test says so.
type world struct {
	t         *testing.T
	spotify   *fakespotify.Server
	client    *spotify.Client
	store     *archivetest.Store
	keys      *archivetest.KeyRing
	queue     *archivetest.Queue
	archivist *usecase.Archivist
	accounts  *usecase.Accounts
	fanOut    *usecase.FanOut
	signUp    *usecase.SignUp
	log       *strings.Builder
}

// settled is after which time anybody may look what became of a write.
const settled = archive.VisibilityDelay + calendar.MaxSkew

// start is a Monday, 17:05 UTC: this week's Discover Weekly is out everywhere,
// and at this hour of the other days every daily time has passed.
var start = time.Date(2026, 11, 16, 17, 5, 0, 0, time.UTC)

func newWorld(t *testing.T, cfg fakespotify.Config) *world {
	t.Helper()
	cfg.Clock = func() time.Time { return start }
	cfg.Seed = 1
	cfg.RedirectURIs = []string{redirectURI}
	cfg.Strict = func(problem string) { t.Errorf("the stand-in does not know: %s", problem) }
	server, err := fakespotify.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	w := &world{t: t, spotify: server, keys: archivetest.NewKeyRing(), queue: archivetest.NewQueue(), log: &strings.Builder{}}
	clock := archive.Clock(server.Now)
	w.store = archivetest.NewStore(clock)
	w.client = w.newClient(server.RoundTripper())
	log := slog.New(slog.NewTextHandler(w.log, nil))
	w.archivist = w.newArchivist(clock, log)
	w.accounts = &usecase.Accounts{Store: w.store, Jobs: w.queue, Clock: clock, Log: log}
	w.fanOut = &usecase.FanOut{Users: w.store, App: w.store, Jobs: w.queue, More: w.queue, Clock: clock, Log: log}
	w.signUp = &usecase.SignUp{Users: w.store, Sealer: w.keys, Jobs: w.queue, Clock: clock, Log: log}
	return w
}

// newClient is a client whose requests take that way, and whose waiting moves
// the clock.
func (w *world) newClient(way http.RoundTripper) *spotify.Client {
	return w.newCappedClient(way, 0)
}

// newCappedClient is a client whose app makes so many requests a day.
func (w *world) newCappedClient(way http.RoundTripper, daily int) *spotify.Client {
	w.t.Helper()
	client, err := spotify.New(spotify.Config{
		Traffic: w.store, DailyRequests: daily,
		ClientID:     fakespotify.DemoClientID,
		ClientSecret: func(context.Context) (secret.Text, error) { return fakespotify.DemoClientSecret(), nil },
		RedirectURI:  redirectURI,
		AccountsURL:  "http://accounts.test",
		APIURL:       "http://api.test/v1",
		Transport:    way,
		Clock:        w.spotify.Now,
		Sleep: func(_ context.Context, d time.Duration) error {
			w.spotify.Advance(d)
			return nil
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return client
}

func (w *world) newArchivist(clock archive.Clock, log *slog.Logger) *usecase.Archivist {
	return &usecase.Archivist{
		Store: w.store, App: w.store, Sealer: w.keys, Opener: w.keys, Spotify: w.client,
		Clock: clock, Log: log, Words: words.Playlists(), BaseURL: "https://archive.example",
	}
}

// connect runs the authorization flow for an account and signs it up, without
// a first run.
func (w *world) connect(account string, choice archive.Choice) archive.UserID {
	w.t.Helper()
	ctx := w.t.Context()
	verifier := pkce.NewVerifier()
	target, err := url.Parse(w.client.AuthorizeURL("state", pkce.Challenge(verifier), webapi.Scopes(choice == archive.ChoiceListening), false))
	if err != nil {
		w.t.Fatal(err)
	}
	form := target.Query()
	form.Set("account", account)
	form.Set("decision", "agree")
	target.RawQuery = ""
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := w.spotify.RoundTripper().RoundTrip(request)
	if err != nil {
		w.t.Fatal(err)
	}
	_ = answer.Body.Close()
	back, err := answer.Location()
	if err != nil {
		w.t.Fatalf("consenting: status %d: %v", answer.StatusCode, err)
	}
	token, err := w.client.Exchange(ctx, secret.New(back.Query().Get("code")), verifier)
	if err != nil {
		w.t.Fatal(err)
	}
	profile, err := w.client.Profile(ctx, token.Access)
	if err != nil {
		w.t.Fatal(err)
	}
	user, err := w.signUp.Complete(ctx, profile, token, usecase.Wishes{Choice: choice})
	if err != nil {
		w.t.Fatal(err)
	}
	w.queue.Archive.TakeAll()
	return user.ID
}

// run runs one job of a user, whatever it returns. Where the user has to be due,
// they are.
func (w *world) run(id archive.UserID, kind app.RunKind) (outcome.Outcome, error) {
	w.t.Helper()
	if kind == app.RunDue {
		w.come(id, archive.DueWeek)
	}
	return w.archivist.Run(w.t.Context(), archive.ArchiveJob{User: id, Run: app.Run{Kind: kind, At: w.spotify.Now()}})
}

// come makes a user due.
func (w *world) come(id archive.UserID, why archive.DueReason) {
	w.t.Helper()
	u := w.user(id)
	u.Due = archive.Due{At: w.spotify.Now().Truncate(time.Second), Why: why}
	archivetest.MustPut(w.t, w.store, u)
}

// look runs a look at a user's plays, whatever it returns.
func (w *world) look(id archive.UserID) (outcome.Outcome, error) {
	w.t.Helper()
	w.come(id, archive.DuePlays)
	return w.archivist.Run(w.t.Context(), archive.ArchiveJob{User: id, Run: app.Run{Kind: app.RunDue, At: w.spotify.Now()}})
}

// mustLook runs a look that has to end well.
func (w *world) mustLook(id archive.UserID) {
	w.t.Helper()
	if got, err := w.look(id); err != nil || got.Kind != outcome.NothingNew {
		w.t.Fatalf("a look at plays: got outcome %q and error %v", got.Kind, err)
	}
}

// mustRun runs one job that has to end well, with this outcome.
func (w *world) mustRun(id archive.UserID, kind app.RunKind, want outcome.Kind) outcome.Outcome {
	w.t.Helper()
	got, err := w.run(id, kind)
	if err != nil {
		w.t.Fatalf("%s run: %v", kind, err)
	}
	if got.Kind != want {
		w.t.Fatalf("%s run: got outcome %q, want %q", kind, got.Kind, want)
	}
	return got
}

// week runs what the clock sends in a week: the weekly message and, on the six
// other days, whoever is due, each followed by every job that it enqueued.
func (w *world) week() {
	w.t.Helper()
	for day := range 7 {
		kind := app.RunHourly
		if day == 0 {
			kind = app.RunWeekly
		}
		w.send(kind)
		if day < 6 {
			w.nextDay()
		}
	}
	w.spotify.NextMonday()
}

// nextDay moves the clock to the evening of the next day, when every daily time
// has passed.
func (w *world) nextDay() {
	now := w.spotify.Now()
	w.spotify.Advance(time.Date(now.Year(), now.Month(), now.Day()+1, start.Hour(), start.Minute(), 0, 0, time.UTC).Sub(now))
}

// send fans out one run and delivers its jobs once.
func (w *world) send(kind app.RunKind) {
	w.t.Helper()
	job := archive.FanOutJob{Run: app.Run{Kind: kind, At: w.spotify.Now()}}
	if _, err := w.fanOut.Run(w.t.Context(), job); err != nil {
		w.t.Fatal(err)
	}
	w.deliver()
}

// deliver runs every job that waits, once.
func (w *world) deliver() {
	w.t.Helper()
	for _, job := range w.queue.Archive.TakeAll() {
		_, _ = w.archivist.Run(w.t.Context(), job)
	}
}

func (w *world) user(id archive.UserID) archive.User {
	w.t.Helper()
	u, err := w.store.User(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return u
}

// archived returns the URIs in the user's main archive.
func (w *world) archived(id archive.UserID) []string {
	w.t.Helper()
	return w.spotify.URIs(w.user(id).Archives[archive.MainArchive].PlaylistID)
}

// shown returns the URIs that an account's Discover Weekly shows now.
func (w *world) shown(account string) []string {
	return uris(w.spotify.Discover(account, w.spotify.Now()))
}

func uris(songs []fakespotify.Song) []string {
	list := make([]string, len(songs))
	for i, s := range songs {
		list[i] = s.URI
	}
	return list
}

// countAPI counts the requests since the last reset: to the token endpoint,
// and to the Web API.
func (w *world) countAPI() (token, api int) {
	for _, r := range w.spotify.Requests() {
		switch {
		case strings.HasPrefix(r.Route, "/v1/"):
			api++
		case r.Route == "/api/token":
			token++
		}
	}
	return token, api
}

func (w *world) fault(f fakespotify.Fault) {
	w.t.Helper()
	if err := w.spotify.Fault(f); err != nil {
		w.t.Fatal(err)
	}
}

func wantURIs(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		at := 0
		for at < min(len(got), len(want)) && got[at] == want[at] {
			at++
		}
		t.Errorf("got %d songs, want %d; they differ from song %d on", len(got), len(want), at)
	}
}
