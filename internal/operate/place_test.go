package operate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
	"github.com/weeklyarchive/weeklyarchive/internal/operate/probe"
	"github.com/weeklyarchive/weeklyarchive/internal/pkce"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

const redirectURI = "http://127.0.0.1:8080/callback"

// start is a Monday, 13:05 UTC.
var start = time.Date(2026, 11, 16, 13, 5, 0, 0, time.UTC)

// place is a service whose parts are in memory, but for the stand-in of
// Spotify, which listens.
type place struct {
	spotify   *fakespotify.Server
	client    *spotify.Client
	store     *everybody
	keys      *archivetest.KeyRing
	queue     *archivetest.Queue
	letters   *letters
	archivist *usecase.Archivist
	signUp    *usecase.SignUp
	out, log  bytes.Buffer
	slept     []time.Duration
	program   operate.Program
	service   *operate.Service
}

func newPlace(t *testing.T, mode fakespotify.Mode, edits ...func(*fakespotify.Config)) *place {
	t.Helper()
	cfg := fakespotify.Config{Mode: mode, Seed: 1, RedirectURIs: []string{redirectURI}, Clock: func() time.Time { return start }}
	for _, edit := range edits {
		edit(&cfg)
	}
	server := fakespotify.Start(t, cfg)
	p := &place{spotify: server, keys: archivetest.NewKeyRing(), queue: archivetest.NewQueue(), letters: &letters{}}
	clock := archive.Clock(server.Now)
	p.store = &everybody{Store: archivetest.NewStore(clock)}
	p.client = newClient(t, server, fakespotify.DemoClientSecret())
	log := slog.New(slog.DiscardHandler)
	p.archivist = &usecase.Archivist{
		Store: p.store, App: p.store, Sealer: p.keys, Opener: p.keys, Spotify: p.client, Clock: clock, Log: log, Words: words.Playlists(), Alone: true,
	}
	p.signUp = &usecase.SignUp{Users: p.store, Sealer: p.keys, Jobs: p.queue, Clock: clock, Log: log}
	p.service = &operate.Service{
		Store: p.store, Jobs: p.queue, FanOut: p.queue, Letters: p.letters, Opener: p.keys,
		CurrentKey: func(ctx context.Context) (string, error) {
			sealed, err := p.keys.Seal(ctx, secret.New("which version"), "which version")
			return sealed.KeyVersion, err
		},
		Prober: &probe.Prober{
			Users: p.store, Sealer: p.keys, Opener: p.keys, Spotify: p.client, APIURL: server.URL + "/v1", Program: "v1.2.3", Clock: clock,
		},
		Clock: clock, Log: log, Close: func() error { return nil },
	}
	p.program = operate.Program{
		Name:   "weekly-archive",
		Open:   func(context.Context) (*operate.Service, error) { return p.service, nil },
		Doctor: func(ctx context.Context) []operate.Finding { return operate.CheckService(ctx, p.service) },
		Clock:  clock,
		Sleep: func(_ context.Context, d time.Duration) error {
			p.slept = append(p.slept, d)
			server.Advance(d)
			return nil
		},
		Stdout: &p.out, Stderr: &p.log,
	}
	return p
}

func newClient(t *testing.T, server *fakespotify.Server, clientSecret secret.Text) *spotify.Client {
	t.Helper()
	client, err := spotify.New(spotify.Config{
		ClientID:     fakespotify.DemoClientID,
		ClientSecret: func(context.Context) (secret.Text, error) { return clientSecret, nil },
		RedirectURI:  redirectURI, AccountsURL: server.URL, APIURL: server.URL + "/v1", Clock: server.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// command runs a command and returns its exit code and what it printed.
func (p *place) command(t *testing.T, args ...string) (code int, out string) {
	t.Helper()
	p.out.Reset()
	cmd := operate.Command(p.program)
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(t.Context())
	if err != nil {
		p.log.WriteString(err.Error() + "\n")
	}
	return operate.ExitCode(err), p.out.String()
}

// must runs a command that has to succeed, and decodes its JSON.
func (p *place) must(t *testing.T, target any, args ...string) {
	t.Helper()
	code, out := p.command(t, append(args, "--json")...)
	if code != operate.ExitOK {
		t.Fatalf("%v: got exit code %d\n%s", args, code, &p.log)
	}
	if err := json.Unmarshal([]byte(out), target); err != nil {
		t.Fatalf("%v: %v in %s", args, err, out)
	}
}

// connect lets a demo account consent and sign up.
func (p *place) connect(t *testing.T, account string) archive.UserID {
	t.Helper()
	verifier := pkce.NewVerifier()
	target, err := url.Parse(p.client.AuthorizeURL("state", pkce.Challenge(verifier), webapi.Scopes(true), false))
	if err != nil {
		t.Fatal(err)
	}
	form := target.Query()
	form.Set("account", account)
	form.Set("decision", "agree")
	target.RawQuery = ""
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target.String(), strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	back, err := answer.Location()
	if err != nil {
		t.Fatalf("consenting: status %d: %v", answer.StatusCode, err)
	}
	token, err := p.client.Exchange(t.Context(), secret.New(back.Query().Get("code")), verifier)
	if err != nil {
		t.Fatal(err)
	}
	profile, err := p.client.Profile(t.Context(), token.Access)
	if err != nil {
		t.Fatal(err)
	}
	user, err := p.signUp.Complete(t.Context(), profile, token, usecase.Wishes{Choice: archive.ChoiceAuto})
	if err != nil {
		t.Fatal(err)
	}
	p.deliver(t)
	return user.ID
}

// deliver runs every job that waits.
func (p *place) deliver(t *testing.T) {
	t.Helper()
	for _, job := range p.queue.Archive.TakeAll() {
		if _, err := p.archivist.Run(t.Context(), job); err != nil {
			t.Fatal(err)
		}
	}
}

func (p *place) user(t *testing.T, id archive.UserID) archive.User {
	t.Helper()
	u, err := p.store.User(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// everybody is the store in memory, which can list.
type everybody struct {
	*archivetest.Store
	ids []archive.UserID
}

func (e *everybody) Put(ctx context.Context, u archive.User) (archive.User, error) {
	if !slices.Contains(e.ids, u.ID) {
		e.ids = append(e.ids, u.ID)
	}
	return e.Store.Put(ctx, u)
}

func (e *everybody) List(ctx context.Context) (users []archive.User, unreadable int, err error) {
	slices.Sort(e.ids)
	for _, id := range e.ids {
		u, err := e.User(ctx, id)
		switch {
		case errors.Is(err, fault.ErrNotFound):
		case errors.Is(err, fault.ErrMalformed):
			unreadable++
		case err != nil:
			return nil, 0, err
		default:
			users = append(users, u)
		}
	}
	return users, unreadable, nil
}

// letters are dead letters in memory.
type letters struct {
	list    []operate.DeadLetter
	retried []string
}

func (l *letters) List(context.Context) ([]operate.DeadLetter, error) { return l.list, nil }

func (l *letters) Retry(ctx context.Context, ids ...string) error {
	l.retried = append(l.retried, ids...)
	return l.Drop(ctx, ids...)
}

func (l *letters) Drop(_ context.Context, ids ...string) error {
	for _, id := range ids {
		i := slices.IndexFunc(l.list, func(d operate.DeadLetter) bool { return d.ID == id })
		if i < 0 {
			return fault.ErrNotFound
		}
		l.list = slices.Delete(l.list, i, i+1)
	}
	return nil
}
