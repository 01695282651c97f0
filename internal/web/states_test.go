package web_test

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/web"
	"github.com/weeklyarchive/weeklyarchive/internal/web/pagetest"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// states are all the pages in all their states. A browser walks every one of
// them (internal/acceptance/pages), in every language.
func states() []golden {
	all := goldens()
	for _, more := range [][]golden{pageStates(), accountStates(), outcomeStates(), noteStates(), messageStates(), {lostState()}, problemStates()} {
		all = append(all, more...)
	}
	return all
}

// pageStates are those of the pages that are the same for everybody, or nearly.
func pageStates() []golden {
	visit := func(path string) func(*testing.T, *site) answer {
		return func(t *testing.T, s *site) answer { return s.browser(t).get(path) }
	}
	return []golden{
		{name: "home_with_standin", config: func(c *web.Config) { c.Standin, c.Operator = "http://127.0.0.1:9090/", "/local" }, visit: visit("/")},
		{name: "home_with_contact", config: func(c *web.Config) { c.Contact = "operator@archive.example" }, visit: visit("/")},
		{name: "start_denied", config: denied, visit: visit("/start")},
		{name: "privacy_without_contact", visit: visit("/privacy")},
		{name: "terms_without_contact", visit: visit("/terms")},
		{name: "no_such_page", visit: visit("/no-such-page")},
		{name: "history_empty", visit: func(t *testing.T, s *site) answer {
			b := s.browser(t)
			b.signIn("/connect")
			return b.get("/account/history")
		}},
		{name: "settings_inbox_soon", visit: func(t *testing.T, s *site) answer {
			return settingsOf(t, s, func(u *archive.User) { u.Choice = archive.ChoiceInbox })
		}},
		{name: "settings_listening", visit: func(t *testing.T, s *site) answer {
			return settingsOf(t, s, deniedUser(s), func(u *archive.User) { u.Choice = archive.ChoiceListening })
		}},
		{name: "settings_put_off", visit: func(t *testing.T, s *site) answer {
			return settingsOf(t, s, deniedUser(s), func(u *archive.User) {
				u.Choice, u.Listening.PutOff = archive.ChoiceListening, s.clock()
			})
		}},
		{name: "playlists_own", visit: func(t *testing.T, s *site) answer {
			return playlistsOf(t, s, discoverUser(s), func(u *archive.User) {
				u.Own = archive.Own{AskedAt: s.clock(), ReadAt: s.clock(), List: []archive.OwnPlaylist{
					{PlaylistID: "ownFixture000000000001", Name: "My <favourites>", Total: 1234}, {PlaylistID: "ownFixture000000000002"},
				}}
			})
		}},
		{name: "playlists_own_soon", visit: func(t *testing.T, s *site) answer {
			return playlistsOf(t, s, discoverUser(s), func(u *archive.User) { u.Own.AskedAt = s.clock() })
		}},
		{name: "playlists_own_none", visit: func(t *testing.T, s *site) answer {
			return playlistsOf(t, s, discoverUser(s), func(u *archive.User) {
				u.Own = archive.Own{AskedAt: s.clock(), ReadAt: s.clock()}
			})
		}},
		{name: "playlists_not_asked", visit: func(t *testing.T, s *site) answer { return playlistsOf(t, s, discoverUser(s)) }},
		{name: "playlists_stopped", visit: func(t *testing.T, s *site) answer {
			return playlistsOf(t, s, discoverUser(s), func(u *archive.User) { u.Status, u.Own.AskedAt = archive.StatusPaused, s.clock() })
		}},
		{name: "settings_own_note", visit: func(t *testing.T, s *site) answer {
			b := s.browser(t)
			b.signIn("/connect")
			s.edit(t, runDone(s, outcome.Outcome{Kind: outcome.Saved}))
			s.edit(t, func(u *archive.User) {
				u.Own = archive.Own{AskedAt: s.clock(), ReadAt: s.clock(), List: []archive.OwnPlaylist{{PlaylistID: "ownFixture000000000001"}}}
			})
			b.post("/account/archive", url.Values{"playlist": {"ownFixture000000000001"}})
			return b.get("/account")
		}},
		{name: "settings_first", visit: func(t *testing.T, s *site) answer { return settingsOf(t, s) }},
		{name: "history_newest", visit: func(t *testing.T, s *site) answer {
			b := s.browser(t)
			b.signIn("/connect")
			s.keepWeeks(t, 60)
			return b.get("/account/history")
		}},
	}
}

// accountStates are those of a user of the account page.
func accountStates() []golden {
	last := func(kind outcome.Kind, more func(*site, *archive.User)) func(*site, *archive.User) {
		return func(s *site, u *archive.User) {
			runDone(s, outcome.Outcome{Kind: kind})(u)
			if more != nil {
				more(s, u)
			}
		}
	}
	list := []struct {
		name  string
		after time.Duration // since the consent
		user  func(s *site, u *archive.User)
	}{
		{"again", 0, func(s *site, u *archive.User) {
			u.Last = outcome.Outcome{Kind: outcome.Saved, Found: 30, Added: 30, At: s.clock().Add(-40 * day)}
		}},
		{"first_late", time.Hour, nil},
		{"listening", 0, last(outcome.Saved, func(s *site, u *archive.User) {
			deniedUser(s)(u)
			u.Choice = archive.ChoiceListening
		})},
		{"without_scope", 0, last(outcome.NothingNew, func(_ *site, u *archive.User) { u.Choice = archive.ChoiceListening })},
		{"deaf", day, last(outcome.NothingNew, func(s *site, u *archive.User) {
			u.Discover.Access, u.Listening.Cursor = archive.AccessDenied, s.clock()
		})},
		{"inbox_denied", 0, last(outcome.NotReadable, func(_ *site, u *archive.User) {
			u.Discover.Access, u.Choice = archive.AccessDenied, archive.ChoiceDiscover
		})},
		{"one_source_failed", 0, func(s *site, u *archive.User) {
			discoverUser(s)(u)
			u.Last.Failed = []outcome.Failure{{Source: ledger.SourceInbox, Kind: outcome.InboxGone}}
		}},
		{"ends_in_two_days", 178 * day, last(outcome.Saved, nil)},
		{"revoked_undated", day, func(_ *site, u *archive.User) { u.Status = archive.StatusReconnect }},
		{"looking", 0, func(s *site, u *archive.User) {
			deniedUser(s)(u)
			u.Choice, u.Lease = archive.ChoiceInbox, archive.Lease{Holder: "run", Until: s.clock().Add(time.Minute)}
		}},
		{"unsure", 0, func(s *site, u *archive.User) {
			discoverUser(s)(u)
			u.Lease = archive.Lease{Holder: "settling", Until: s.clock().Add(6 * time.Minute)}
		}},
		{"missed", 0, func(s *site, u *archive.User) {
			copierUser(s)(u)
			u.Missed = []calendar.Edition{"2026-11-02", "2026-11-09"}
		}},
		{"last_day", 0, func(s *site, u *archive.User) {
			s.pass(6 * day)
			copierUser(s)(u)
		}},
		{"partly", 0, func(s *site, u *archive.User) {
			copierUser(s)(u)
			u.Weeks = []calendar.WeekTally{{Edition: "2026-11-16", Songs: 11}}
		}},
		{"partly_heard", 0, func(s *site, u *archive.User) {
			deniedUser(s)(u)
			u.Choice, u.Weeks = archive.ChoiceListening, []calendar.WeekTally{{Edition: "2026-11-16", Songs: 1}}
		}},
		{"in", 0, func(s *site, u *archive.User) { keptUser(s)(u) }},
		{"in_twelve", 0, func(s *site, u *archive.User) {
			copierUser(s)(u)
			u.Weeks = []calendar.WeekTally{{Edition: "2026-11-16", Songs: 12, Copied: 12}}
		}},
		{"put_off", 0, func(s *site, u *archive.User) {
			deniedUser(s)(u)
			u.Choice, u.Listening.PutOff = archive.ChoiceListening, s.clock()
		}},
		{"turn_pasting", 0, func(s *site, u *archive.User) {
			copierUser(s)(u)
			u.Choice = archive.ChoicePaste
		}},
		{"gap", 0, func(s *site, u *archive.User) { deniedUser(s)(u) }},
		{"doubled", 0, last(outcome.Saved, func(_ *site, u *archive.User) { u.Twice = "2026-11-16" })},
	}
	var states []golden
	for _, state := range list {
		states = append(states, golden{
			name:   "account_" + state.name,
			config: func(c *web.Config) { c.SessionLife = 500 * day },
			visit: func(t *testing.T, s *site) answer {
				b := s.browser(t)
				b.signIn("/connect")
				s.pass(state.after)
				if state.user != nil {
					s.edit(t, func(u *archive.User) { state.user(s, u) })
				}
				return b.get("/account")
			},
		})
	}
	return append(states,
		golden{name: "account_adding_many", visit: func(t *testing.T, s *site) answer {
			b := s.browser(t)
			b.signIn("/connect")
			s.edit(t, discoverUser(s))
			s.keepWaiting(t, 500, 500)
			s.edit(t, func(u *archive.User) {
				u.Lease = archive.Lease{Holder: "run", Until: s.clock().Add(time.Minute)}
				u.Open = &ledger.Batch{Pending: []string{"waiting-0"}, Tracks: make([]ledger.Track, 500)}
			})
			return b.get("/account")
		}},
		golden{name: "account_note_declined", visit: func(t *testing.T, s *site) answer {
			b := s.browser(t)
			b.signIn("/connect")
			s.edit(t, keptUser(s))
			b.post("/account/messages/decline", nil)
			return b.get("/account")
		}},
		golden{name: "account_asks_to_remind", config: atPublic, visit: func(t *testing.T, s *site) answer {
			b := s.browser(t)
			b.signIn("/connect")
			s.giveKey(t)
			s.edit(t, keptUser(s))
			s.edit(t, func(u *archive.User) { u.Messages.Declined = false })
			return b.get("/account")
		}},
		golden{name: "account_pasted_again", visit: func(t *testing.T, s *site) answer {
			b := s.browser(t)
			b.signIn("/connect?source=paste")
			s.archived(t, strings.Repeat("0", 22))
			b.post("/account/paste", url.Values{"links": {songs(1)}})
			return b.get("/account/paste")
		}},
		golden{name: "account_pasted_all_again", visit: func(t *testing.T, s *site) answer {
			b := s.browser(t)
			b.signIn("/connect?source=paste")
			s.archived(t, strings.Fields(strings.ReplaceAll(songs(40), "spotify:track:", ""))...)
			b.post("/account/paste", url.Values{"links": {songs(40)}})
			return b.get("/account/paste")
		}},
		golden{name: "account_pasted_without_room", visit: func(t *testing.T, s *site) answer {
			b := s.browser(t)
			b.signIn("/connect?source=paste")
			s.edit(t, func(u *archive.User) { u.Waiting = true })
			for i, part := range slices.Collect(slices.Chunk(archivetest.Tracks(0, usecase.MaxWaiting-1), usecase.MaxPaste)) {
				waiting := ledger.NewBatch("2026-11-16", ledger.SourcePaste, part)
				waiting.ID = fmt.Sprintf("paste-of-before-%d", i)
				archivetest.MustCommit(t, s.store, s.user(t), archive.Changes{AddPending: []ledger.Batch{waiting}})
			}
			b.post("/account/paste", url.Values{"links": {songs(3)}})
			return b.get("/account/paste")
		}},
		golden{name: "account_taken_back", visit: func(t *testing.T, s *site) answer {
			return accountOf(t, s, func(u *archive.User) {
				keptUser(s)(u)
				runDone(s, outcome.Outcome{Kind: outcome.Saved, Back: 2, Stood: 1})(u)
			})
		}},
		golden{name: "account_long_name", visit: func(t *testing.T, s *site) answer {
			s.spotify.profile.DisplayName = strings.Repeat("W", 100)
			return accountOf(t, s, discoverUser(s))
		}},
		appPaused("account_app_paused", func(t *testing.T, s *site) answer { return accountOf(t, s, discoverUser(s)) }),
		appPaused("account_first_waits", func(t *testing.T, s *site) answer {
			b := s.browser(t)
			b.signIn("/connect")
			return b.get("/account")
		}),
		appPaused("account_pasted_while_paused", pasted))
}

// copierUser copies Discover Weekly once a week.
func copierUser(s *site) func(*archive.User) {
	return func(u *archive.User) {
		runDone(s, outcome.Outcome{Kind: outcome.NothingNew})(u)
		u.Discover = archive.Discover{Access: archive.AccessDenied, CheckedAt: s.clock()}
		u.Inbox = archive.Inbox{PlaylistID: "inboxFixture0000000000"}
		u.Archives = map[string]archive.ArchivePlaylist{archive.MainArchive: {PlaylistID: "mainFixture00000000000", Part: 1, Total: 1560}}
	}
}

// keptUser has copied this week, and wants no reminders.
func keptUser(s *site) func(*archive.User) {
	return func(u *archive.User) {
		copierUser(s)(u)
		runDone(s, outcome.Outcome{Kind: outcome.Saved, Edition: "2026-11-16", Found: 30, Added: 30})(u)
		u.Weeks = []calendar.WeekTally{{Edition: "2026-11-16", Songs: 30, Copied: 30}}
		u.Messages.Declined = true
	}
}

// appPaused is a state in which the app keeps away from Spotify.
func appPaused(name string, visit func(*testing.T, *site) answer) golden {
	return golden{name: name, visit: visit, config: func(c *web.Config) {
		c.AppPause = func(context.Context) (app.Pause, error) {
			return app.Pause{Until: c.Clock().Add(20 * time.Hour), Reason: app.PauseQuota}, nil
		}
	}}
}

func pasted(t *testing.T, s *site) answer {
	b := s.browser(t)
	b.signIn("/connect?source=paste")
	b.post("/account/paste", url.Values{"links": {songs(3) + " https://open.spotify.com/album/0123456789abcdefghijkl"}})
	return b.get("/account/paste")
}

// lostState is the account of a person whose only device takes no messages any more.
func lostState() golden {
	return golden{name: "account_lost_device", config: atPublic, visit: func(t *testing.T, s *site) answer {
		b := s.browser(t)
		b.signIn("/connect")
		s.edit(t, copierUser(s))
		b.post("/push/subscribe", subscriptionForm(endpoint))
		s.edit(t, func(u *archive.User) { tried(&u.Messages, notice.ErrChannelGone, s.clock()) })
		return b.get("/account")
	}}
}

// outcomeStates are the ways in which the last run ended.
func outcomeStates() []golden {
	var states []golden
	for _, kind := range append(outcome.Kinds(), "of_a_newer_version") {
		if kind == outcome.None {
			continue
		}
		states = append(states, golden{name: "account_outcome_" + string(kind), visit: func(t *testing.T, s *site) answer {
			return accountOf(t, s, runDone(s, outcome.Outcome{
				Kind: kind, Edition: "2026-11-16", Found: 30, Added: 30, NewArchive: true, Until: s.clock().Add(time.Hour),
			}))
		}})
	}
	return states
}

// noteStates are the answers to what a person did on the account page.
func noteStates() []golden {
	var states []golden
	for name, post := range map[string]struct {
		path string
		form url.Values
	}{
		"later":       {"/account/run", nil},
		"run":         {"/account/run", nil},
		"paused":      {"/account/pause", nil},
		"resumed":     {"/account/resume", nil},
		"source":      {"/account/source", url.Values{"source": {"inbox"}}},
		"shape":       {"/account/shape", url.Values{"shape": {"yearly"}}},
		"discover":    {"/account/discover", url.Values{"link": {"https://open.spotify.com/playlist/37i9dQZEVXcBWKkqzRzenz"}}},
		"no_link":     {"/account/discover", url.Values{"link": {"my favourite list"}}},
		"paste_empty": {"/account/paste", url.Values{"links": {" "}}},
		"back_empty":  {"/account/paste", url.Values{"back": {"1"}}},
		"wanted_back": {"/account/paste", url.Values{"back": {"1"}, "links": {"spotify:track:" + strings.Repeat("0", 22)}}},
		"pasted":      {"/account/paste", url.Values{"links": {songs(3)}}},
		"no_song":     {"/account/paste", url.Values{"links": {"https://spotify.link/x"}}},
	} {
		states = append(states, golden{name: "account_note_" + name, visit: func(t *testing.T, s *site) answer {
			b := s.browser(t)
			b.signIn("/connect")
			s.edit(t, discoverUser(s))
			if name == "wanted_back" {
				s.archived(t, strings.Repeat("0", 22))
			}
			if name == "later" {
				s.edit(t, func(u *archive.User) { u.Manual.Spent = s.clock().Add(100 * time.Minute) })
			}
			to, _, _ := strings.Cut(b.post(post.path, post.form).location(), "#")
			return b.get(to)
		}})
	}
	return states
}

// problemStates are the pages of everything that can be in the way.
func problemStates() []golden {
	var states []golden
	for name, err := range web.ProblemErrors(time.Date(2026, 11, 17, 9, 0, 0, 0, time.UTC)) {
		states = append(states, golden{name: "refused_" + name, visit: func(t *testing.T, s *site) answer {
			b := s.browser(t)
			b.signIn("/connect")
			s.store.Faults.Before = func(string) error { return err }
			return b.get("/account")
		}})
	}
	return states
}

// TestStates holds every page in every state and language to what needs no
// browser. With -serve-pages it then shows them to one.
func TestStates(t *testing.T) {
	t.Parallel()
	var shown []pagetest.State
	text, secrets := "", 0
	for _, state := range states() {
		for _, language := range words.Ours().Languages() {
			s, a := state.look(t, language.Tag())
			if kind := a.Header.Get("Content-Type"); kind != "text/html; charset=utf-8" {
				t.Errorf("%s in %s: got %q with status %d, want a page", state.name, language.Tag(), kind, a.StatusCode)
			}
			checkHTML(t, a.body)
			if checkSecret(t, state.name, a) {
				secrets++
			}
			text += a.body
			shown = append(shown, pagetest.State{
				Name: state.name, Language: language.Tag(), Answer: a.Response, Body: a.body, Site: s.handler,
			})
		}
	}
	for _, key := range words.Ours().Languages()[0].Keys() {
		if !needsState(key) {
			continue
		}
		if said := words.Ours().Languages()[0].Text(words.Say(key)); !strings.Contains(text, said) {
			t.Errorf("no state shows %s, %q: give it one in states_test.go", key, said)
		}
	}
	if secrets < 10 {
		t.Errorf("got %d pages with an address that opens something, want those of the messages", secrets)
	}
	pagetest.Serve(t, shown)
}

// needsState tells the keys of which each has to show in a state. What they
// say takes nothing that differs.
func needsState(key string) bool {
	return strings.HasPrefix(key, "state.") ||
		strings.HasPrefix(key, "problem.") && strings.HasSuffix(key, ".title") ||
		strings.HasPrefix(key, "note.") && slices.Contains(web.Notes(), strings.TrimPrefix(key, "note.")) ||
		strings.HasPrefix(key, "copy.")
}
