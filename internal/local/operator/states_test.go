package operator_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/local/operator"
	"github.com/weeklyarchive/weeklyarchive/internal/local/releases"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/web"
	"github.com/weeklyarchive/weeklyarchive/internal/web/pagetest"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// state is the operator's page in one state.
type state struct {
	name, path string
	world      *world
	locked     bool // behind a token, which the visitor does not have
}

func states(t *testing.T) []state {
	t.Helper()
	people := func(n int) []archive.User {
		var users []archive.User
		for i := range n {
			users = append(users, archivetest.NewUser(t, fmt.Sprintf("person %d", i)))
		}
		return users
	}
	weeks := []ledger.Entry{archivetest.NewEntry(2, archivetest.WeekTime()), archivetest.NewEntry(1, archivetest.WeekTime())}
	public := func(c *operator.Config) {
		c.BaseURL, c.RedirectURI = "https://archive.example", "https://archive.example/callback"
		c.SendTest = func(context.Context) error { return nil }
	}
	byOperator := busyWorld(t)
	byOperator.pause.Reason = app.PauseOperator
	return []state{
		{"operator_nobody", "/local", &world{noMonday: true}, false},
		{"operator_people", "/local", &world{users: people(4), entries: weeks}, false},
		{"operator_trouble", "/local", busyWorld(t), false},
		{"operator_pause", "/local?done=run", byOperator, false},
		{"operator_many", "/local", &world{users: people(250), entries: weeks}, false},
		{"operator_one", "/local?user=" + string(archivetest.NewUser(t, "person 1").ID), &world{users: people(2), entries: weeks}, false},
		{"operator_put_off", "/local", &world{users: people(1), requests: 62, edit: capped}, false},
		{"operator_put_off_inbox", "/local", &world{users: people(1), requests: 85, edit: capped}, false},
		{"operator_put_off_all", "/local", &world{users: people(1), requests: 97, edit: capped}, false},
		{"operator_run", "/local?done=weekly", &world{users: people(1), entries: weeks}, false},
		{"operator_update", "/local?done=monday", &world{newer: func() (releases.Release, bool) {
			return releases.Release{Version: "v1.3.0", Page: "https://archive.example/releases"}, true
		}}, false},
		{"operator_well", "/local", &world{users: []archive.User{well(t, "somebody")}, entries: weeks, edit: public}, false},
		{"operator_person_in_trouble", "/local?user=" + string(byOperator.users[0].ID), busyWorld(t), false},
		{"operator_refuses", "/local/weekly?wait=soon", &world{}, false},
		{"operator_token", "/local", &world{}, true},
	}
}

// TestStates shows the operator's page in every state, and with -serve-pages
// serves it to a browser.
func TestStates(t *testing.T) {
	t.Parallel()
	files := pages(t)
	var shown []pagetest.State
	for _, state := range states(t) {
		for _, language := range words.Ours().Languages() {
			page := operator.New(state.world.config())
			if state.locked {
				page = lock(state.world)
			}
			site := http.NewServeMux()
			site.Handle(operator.Path, page)
			site.Handle(operator.Path+"/", page)
			site.Handle("/", files)
			method := http.MethodGet
			if strings.HasPrefix(state.path, operator.Path+"/") { // a button
				method = http.MethodPost
			}
			r := httptest.NewRequestWithContext(t.Context(), method, "http://127.0.0.1:8080"+state.path, nil)
			r.RemoteAddr = "127.0.0.1:50000"
			r.Header.Set("Accept", "text/html")
			r.Header.Set("Accept-Language", language.Tag())
			w := httptest.NewRecorder()
			site.ServeHTTP(w, r)
			answer := w.Result()
			answer.Request = r
			if got := answer.Header.Get("Content-Type"); got != "text/html; charset=utf-8" {
				t.Errorf("%s: got %q with status %d, want a page", state.name, got, w.Code)
			}
			shown = append(shown, pagetest.State{
				Name: state.name, Language: language.Tag(), Answer: answer, Body: w.Body.String(), Site: site,
			})
		}
	}
	pagetest.Serve(t, shown)
}

// pages returns what serves the files that the operator's page shares with the
// people's.
func pages(t *testing.T) http.Handler {
	t.Helper()
	handler, err := web.New(web.Config{
		BaseURL:    "http://127.0.0.1:8080",
		SessionKey: func(context.Context) (secret.Text, error) { return secret.Text{}, errors.New("nobody signs in here") },
		Authorizer: nobody{}, SignUp: &usecase.SignUp{}, Accounts: &usecase.Accounts{},
		Clock: archivetest.WeekTime, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

// nobody is an Authorizer at which nobody signs in.
type nobody struct{ webapi.Authorizer }

func (nobody) AuthorizeURL(string, string, []string, bool) string { return "https://accounts.example/" }
