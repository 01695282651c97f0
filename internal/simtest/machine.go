package simtest

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
	"github.com/weeklyarchive/weeklyarchive/internal/web"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// machine is one process with a clock of its own. It works for one actor at a
// time; what it caches stays until it crashes or is replaced.
type machine struct {
	w     *world
	actor *actor
	skew  time.Duration
	ahead time.Duration // how wrong its clock is

	archivist *usecase.Archivist
	fanOut    *usecase.FanOut
	pages     http.Handler // made when first needed
	client    *spotify.Client
}

// machine returns a machine that has nothing to do.
func (w *world) machine(a *actor) *machine {
	var m *machine
	if n := len(w.machines); n > 0 {
		m = w.machines[n-1]
		w.machines = w.machines[:n-1]
	} else {
		m = w.build()
	}
	m.actor = a
	if m.ahead > 0 {
		a.late = true
		a.hurt()
	}
	return m
}

// release gives a machine back that did not crash.
func (w *world) release(m *machine) {
	m.actor = nil
	if m.ahead == w.ahead { // or its clock was put right
		w.machines = append(w.machines, m)
	}
}

func (w *world) build() *machine {
	w.built++
	m := &machine{w: w, ahead: w.ahead}
	r := dice(w.plan.Seed, fmt.Sprintf("machine %d", w.built))
	if chance(r, 0.5) && !w.plan.Alone {
		m.skew = between(r, -maxSkew, maxSkew)
		w.counts[ClockSkew]++
	}
	m.skew += m.ahead
	clock := archive.Clock(func() time.Time { return time.Now().Add(m.skew) })
	store := ports{m}
	var traffic archive.AppTraffic
	if w.plan.Daily > 0 {
		traffic = store
	}
	client, err := spotify.New(spotify.Config{
		Traffic: traffic, DailyRequests: w.plan.Daily, Log: w.log,
		ClientID:     fakespotify.DemoClientID,
		ClientSecret: func(context.Context) (secret.Text, error) { return fakespotify.DemoClientSecret(), nil },
		RedirectURI:  baseURL + "/callback",
		AccountsURL:  accountsURL,
		APIURL:       apiURL,
		Transport:    wire{m},
		Clock:        clock,
		Sleep:        w.sleep,
	})
	if err != nil {
		panic("the client does not take its configuration: " + err.Error())
	}
	m.client = client
	m.archivist = &usecase.Archivist{
		Store: store, App: store, Sealer: store, Opener: store, Spotify: client,
		Clock: clock, Log: w.log, Words: words.Playlists(), BaseURL: baseURL, Alone: w.plan.Alone,
	}
	m.fanOut = &usecase.FanOut{
		Users: store, App: store, Jobs: store, More: store, Clock: clock, Log: w.log, PageSize: w.plan.PageSize,
	}
	return m
}

// handler returns the pages of this machine.
func (m *machine) handler() http.Handler {
	if m.pages != nil {
		return m.pages
	}
	store := ports{m}
	clock := m.archivist.Clock
	pages, err := web.New(web.Config{
		BaseURL:     baseURL,
		SessionKey:  func(context.Context) (secret.Text, error) { return m.w.session, nil },
		Authorizer:  m.client,
		SignUp:      &usecase.SignUp{Users: store, Sealer: store, Jobs: store, Clock: clock, Log: m.w.log},
		Accounts:    &usecase.Accounts{Store: store, Jobs: store, Clock: clock, Log: m.w.log},
		Clock:       clock,
		Log:         m.w.log,
		AppPause:    store.Pause,
		SessionLife: 10 * 365 * day,
	})
	if err != nil {
		panic("the pages do not take their configuration: " + err.Error())
	}
	m.pages = pages
	return m.pages
}
