package bench_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/pkce"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

const redirectURI = "http://127.0.0.1:8080/callback"

// start is a Monday on which this week's Discover Weekly is out everywhere.
var start = time.Date(2026, 11, 16, 13, 5, 0, 0, time.UTC)

// store is what the records of any kind of store are to the core.
type store interface {
	archive.Ledger
	archive.App
	archive.DueUsers
}

// world is the real core and client, the stand-in, and a store, in memory if
// nothing else is said.
type world struct {
	tb      testing.TB
	spotify *fakespotify.Server
	store   store
	traffic archive.AppTraffic // what the app has learned of Spotify's limits
	keys    *archivetest.KeyRing
	queue   *archivetest.Queue
	clock   archive.Clock
	daily   int // requests that the app makes in a day, as spotify.Config says it
}

func newWorld(tb testing.TB, cfg fakespotify.Config) *world {
	tb.Helper()
	cfg.Seed = 1
	cfg.RedirectURIs = []string{redirectURI}
	cfg.Strict = func(problem string) { tb.Errorf("the stand-in does not know: %s", problem) }
	server, err := fakespotify.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = server.Close() })
	w := &world{tb: tb, spotify: server, keys: archivetest.NewKeyRing(), queue: archivetest.NewQueue(), clock: server.Now}
	w.store, w.traffic = archivetest.NewStore(w.clock), archivetest.NewStore(w.clock)
	return w
}

// client is the client of one process. Nil sleep: it waits on the clock of Go.
func (w *world) client(way http.RoundTripper, sleep func(context.Context, time.Duration) error) *spotify.Client {
	w.tb.Helper()
	client, err := spotify.New(spotify.Config{
		ClientID:      fakespotify.DemoClientID,
		ClientSecret:  func(context.Context) (secret.Text, error) { return fakespotify.DemoClientSecret(), nil },
		RedirectURI:   redirectURI,
		AccountsURL:   "http://accounts.test",
		APIURL:        "http://api.test/v1",
		Transport:     way,
		Clock:         w.clock,
		Sleep:         sleep,
		Traffic:       w.store,
		DailyRequests: w.daily,
	})
	if err != nil {
		w.tb.Fatal(err)
	}
	return client
}

// advance is a client's sleep on the stand-in's clock.
func (w *world) advance(_ context.Context, d time.Duration) error {
	w.spotify.Advance(d)
	return nil
}

// process is the part of one process that runs users.
func (w *world) process(store archive.Ledger, client *spotify.Client) *usecase.Archivist {
	return &usecase.Archivist{
		Store: store, App: w.store, Sealer: w.keys, Opener: w.keys, Spotify: client,
		Clock: w.clock, Log: slog.New(slog.DiscardHandler), Words: words.Playlists(), BaseURL: "https://archive.example",
	}
}

// connect runs the authorization flow for an account, without a first run.
func (w *world) connect(client *spotify.Client, account string, choice archive.Choice) archive.UserID {
	w.tb.Helper()
	ctx := w.tb.Context()
	verifier := pkce.NewVerifier()
	target, err := url.Parse(client.AuthorizeURL("state", pkce.Challenge(verifier), webapi.Scopes(choice == archive.ChoiceListening), false))
	if err != nil {
		w.tb.Fatal(err)
	}
	form := target.Query()
	form.Set("account", account)
	form.Set("decision", "agree")
	target.RawQuery = ""
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), strings.NewReader(form.Encode()))
	if err != nil {
		w.tb.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := w.spotify.RoundTripper().RoundTrip(request)
	if err != nil {
		w.tb.Fatal(err)
	}
	_ = answer.Body.Close()
	back, err := answer.Location()
	if err != nil {
		w.tb.Fatalf("consenting: status %d: %v", answer.StatusCode, err)
	}
	token, err := client.Exchange(ctx, secret.New(back.Query().Get("code")), verifier)
	if err != nil {
		w.tb.Fatal(err)
	}
	profile, err := client.Profile(ctx, token.Access)
	if err != nil {
		w.tb.Fatal(err)
	}
	signUp := &usecase.SignUp{Users: w.store, Sealer: w.keys, Jobs: w.queue, Clock: w.clock, Log: slog.New(slog.DiscardHandler)}
	user, err := signUp.Complete(ctx, profile, token, usecase.Wishes{Choice: choice})
	if err != nil {
		w.tb.Fatal(err)
	}
	w.queue.Archive.TakeAll()
	return user.ID
}

func (w *world) user(id archive.UserID) archive.User {
	w.tb.Helper()
	u, err := w.store.User(w.tb.Context(), id)
	if err != nil {
		w.tb.Fatal(err)
	}
	return u
}

// crowd is so many accounts.
func crowd(n int) []fakespotify.Account {
	accounts := make([]fakespotify.Account, n)
	for i := range accounts {
		key := fmt.Sprintf("u%d", i+1)
		accounts[i] = fakespotify.Account{Key: key, AccountID: "account-of-" + key}
	}
	return accounts
}
