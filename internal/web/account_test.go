package web_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/web"
)

const day = 24 * time.Hour

// runDone gives the user a result, as a run would.
func runDone(s *site, result outcome.Outcome) func(*archive.User) {
	return func(u *archive.User) {
		result.At = s.clock().Add(time.Second)
		u.Last = result
	}
}

func TestActions(t *testing.T) {
	t.Parallel()
	saved := outcome.Outcome{Kind: outcome.Saved, Found: 30, Added: 27, Already: 3}
	for _, test := range []struct {
		name, path string
		form       url.Values
		to         string
		check      func(u archive.User) bool
		runs       int
		text       string
	}{
		{"run", "/account/run", nil, "/account", nil, 1, ""},
		{"pause", "/account/pause", nil, "/account",
			func(u archive.User) bool { return u.Status == archive.StatusPaused }, 0, "You paused your archive."},
		{"resume", "/account/resume", nil, "/account",
			func(u archive.User) bool { return u.Status == archive.StatusActive }, 1, "Welcome back"},
		{"source", "/account/source", url.Values{"source": {"inbox"}}, "/account",
			func(u archive.User) bool { return u.Choice == archive.ChoiceInbox }, 1, "Your choice is saved"},
		{"source_listening", "/account/source", url.Values{"source": {"listening"}}, "/connect?source=listening",
			func(u archive.User) bool { return u.Choice == archive.ChoiceAuto }, 0, ""},
		{"source_auto_with_listening", "/account/source", url.Values{"source": {"auto"}, "listening": {"1"}},
			"/connect?listening=1&source=auto", nil, 0, ""},
		{"shape", "/account/shape", url.Values{"shape": {"yearly"}}, "/account/settings",
			func(u archive.User) bool { return u.Shape == archive.ShapeYearly }, 0, "nothing that is archived moves"},
		{"discover", "/account/discover", url.Values{"link": {"https://open.spotify.com/playlist/37i9dQZEVXcBWKkqzRzenz?si=x"}},
			"/account", func(u archive.User) bool { return u.Discover.PlaylistID == "37i9dQZEVXcBWKkqzRzenz" }, 1, "Thank you"},
		{"discover_no_link", "/account/discover", url.Values{"link": {"my favourite list"}}, "/account/settings#source",
			func(u archive.User) bool { return u.Discover.PlaylistID == "" }, 0, "not a link to a Spotify playlist"},
		{"paste_empty", "/account/paste", url.Values{"links": {" \n"}}, "/account/paste", nil, 0, "The box was empty"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			b := s.browser(t)
			b.signIn("/connect")
			s.edit(t, runDone(s, saved))
			s.queue.Archive.TakeAll()
			wantLocation(t, b.post(test.path, test.form), test.to)
			if test.check != nil && !test.check(s.user(t)) {
				t.Errorf("the user is not as wanted: %+v", s.user(t))
			}
			if got := len(s.queue.Archive.TakeAll()); got != test.runs {
				t.Errorf("got %d runs asked for, want %d", got, test.runs)
			}
			if test.text == "" {
				return
			}
			to, _, _ := strings.Cut(test.to, "#")
			wantText(t, b.get(to), test.text)
			if test.name != "pause" {
				wantNoText(t, b.get(to), test.text) // shown once
			}
		})
	}
}

func TestAfterTooManyRunsNoPagePromisesOne(t *testing.T) {
	t.Parallel()
	for path, form := range map[string]url.Values{
		"/account/run":      nil,
		"/account/resume":   nil,
		"/account/source":   {"source": {"inbox"}},
		"/account/discover": {"link": {"https://open.spotify.com/playlist/37i9dQZEVXcBWKkqzRzenz"}},
	} {
		s := newSite(t)
		b := s.browser(t)
		b.signIn("/connect")
		s.queue.Archive.TakeAll()
		s.edit(t, func(u *archive.User) { u.Manual.Spent = s.clock().Add(100 * time.Minute) })
		wantLocation(t, b.post(path, form), "/account")
		if got := len(s.queue.Archive.TakeAll()); got != 0 {
			t.Errorf("POST %s: got %d runs asked for, want none", path, got)
		}
		a := b.get("/account")
		wantText(t, a, "many runs in a short time")
		wantNoText(t, a, "Your run is about to start", "Under way")
	}
}

func TestListeningWithItsScopesIsChosenAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect?source=listening")
	wantLocation(t, b.post("/account/source", url.Values{"source": {"inbox"}}), "/account")
	wantLocation(t, b.post("/account/source", url.Values{"source": {"listening"}}), "/account")
	if got := s.user(t).Choice; got != archive.ChoiceListening {
		t.Errorf("choice: got %q, want listening", got)
	}
}

func TestPaste(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	heap := "https://open.spotify.com/intl-de/track/0123456789abcdefghijkl?si=1 spotify:track:0123456789abcdefghijkm\n" +
		"https://spotify.example/<b>odd</b>"
	wantLocation(t, b.post("/account/paste", url.Values{"links": {heap}}), "/account/paste")
	a := b.get("/account/paste")
	wantText(t, a, "2 songs understood: 2 new, 0 archived before", "&lt;b&gt;odd&lt;/b&gt;")
	wantNoText(t, a, "<b>odd")

	wantLocation(t, b.post("/account/paste", url.Values{"links": {heap}}), "/account/paste")
	wantText(t, b.get("/account/paste"), "2 songs understood: 0 new, 0 archived before, 2 waiting already")
}

func TestPasteOfHostilePiecesStillFitsACookie(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	var heap strings.Builder
	for range 20 {
		heap.WriteString("https://spotify.example/" + strings.Repeat("<\U0001F3B5", 40) + "\n")
	}
	wantLocation(t, b.post("/account/paste", url.Values{"links": {heap.String()}}), "/account/paste")
	if c := b.cookies[b.cookieNamed("flash")]; c == nil || len(c.String()) > 4096 {
		t.Fatalf("flash cookie is missing or longer than 4096 bytes: %v", c)
	}
	wantText(t, b.get("/account/paste"), "Not understood:", "more.")
}

// A table of 350 songs with everything about them is 350 songs, and 3 MB of
// junk is told for what it is.
func TestPasteOfATable(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	var table strings.Builder
	table.WriteString("Track URI,Track Name,Artist Name(s),Album URI,Album Image URL\n")
	for i := range 350 {
		fmt.Fprintf(&table, "spotify:track:%022d,%s,Somebody,spotify:album:%022d,https://i.scdn.co/image/%s\n",
			i, strings.Repeat("A long name ", 20), i, strings.Repeat("0", 300))
	}
	wantLocation(t, b.post("/account/paste", url.Values{"links": {table.String()}}), "/account/paste")
	a := b.get("/account/paste")
	wantText(t, a, "350 songs understood: 350 new")
	wantNoText(t, a, "Not understood")

	wantLocation(t, b.post("/account/paste", url.Values{"links": {strings.Repeat("junk\n", 600_000)}}), "/account/paste")
	wantText(t, b.get("/account/paste"), "No link to a song was found.", "Line 1: <code>junk</code>: there is no link in it.", "… and 599,980 more.")
}

// The archive can be a playlist of the person's own, of those that they asked
// for.
func TestGoingOnWithAnOwnPlaylist(t *testing.T) {
	t.Parallel()
	const own = "ownFixture000000000001"
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	s.edit(t, runDone(s, outcome.Outcome{Kind: outcome.Saved, Found: 30, Added: 30}))
	wantText(t, b.get("/account/settings"), "Show my playlists")
	wantLocation(t, b.post("/account/playlists", nil), "/account/playlists")
	wantText(t, b.get("/account/playlists"), "data-watched", `content="5; url=/account/playlists"`, "We are asking Spotify for your playlists.")
	wantStatus(t, b.post("/account/archive", url.Values{"playlist": {own}}), http.StatusBadRequest)
	s.edit(t, func(u *archive.User) {
		u.Own.ReadAt, u.Own.List = s.clock(), []archive.OwnPlaylist{{PlaylistID: own, Name: "Mine", Total: 40}}
	})
	a := b.get("/account/playlists")
	wantNoText(t, a, "data-watched", "refresh")
	wantText(t, a, `<option value="`+own+`">Mine (40)</option>`)
	wantLocation(t, b.post("/account/archive", url.Values{"playlist": {own}}), "/account")
	wantText(t, b.get("/account"), "the next songs go into that playlist")
	if got := s.user(t).Archives[archive.MainArchive]; got.PlaylistID != own || !got.Theirs {
		t.Errorf("got the archive %+v, want theirs", got)
	}
}

func TestPostBodies(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	wantStatus(t, b.post("/account/paste", url.Values{"links": {strings.Repeat("x", 10<<20)}}), http.StatusRequestEntityTooLarge)
	wantStatus(t, b.post("/account/source", url.Values{"source": {strings.Repeat("x", 100_000)}}), http.StatusRequestEntityTooLarge)
	wantStatus(t, b.post("/account/source", url.Values{"source": {"radio"}}), http.StatusBadRequest)
	wantStatus(t, b.post("/account/source", nil), http.StatusBadRequest)
	wantStatus(t, b.post("/account/shape", url.Values{"shape": {"pile"}}), http.StatusBadRequest)
}

func TestForgedPosts(t *testing.T) {
	t.Parallel()
	paths := []string{
		"/account/run", "/account/look", "/account/pause", "/account/resume", "/account/source", "/account/shape",
		"/account/playlists", "/account/archive", "/account/discover", "/account/paste", "/account/signout", "/disconnect",
	}
	for _, test := range []struct{ name, header, value string }{
		{"cross_site", "Sec-Fetch-Site", "cross-site"},
		{"same_site", "Sec-Fetch-Site", "same-site"},
		{"foreign_origin", "Origin", "https://evil.example"},
		{"other_port", "Origin", "http://127.0.0.1:9090"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			b := s.browser(t)
			b.signIn("/connect")
			before := s.user(t)
			b.header.Set(test.header, test.value)
			for _, path := range paths {
				a := b.post(path, nil)
				wantStatus(t, a, http.StatusForbidden)
				wantText(t, a, "This request came from another site")
			}
			if after := s.user(t); after.Revision != before.Revision {
				t.Error("a forged post changed the user")
			}
		})
	}
}

func TestOwnOriginBehindAProxyThatRenamesTheHost(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *web.Config) { c.BaseURL = "https://archive.example" })
	b := s.browser(t)
	b.signIn("/connect")
	b.header.Set("Origin", "https://archive.example")
	s.base = "https://service-1.run.example"
	wantLocation(t, b.post("/account/run", nil), "/account")
}

func TestWithoutASession(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{"/account", "/account/week", "/account/settings", "/account/paste", "/account/reconnect.ics"} {
		a := s.browser(t).get(path)
		wantStatus(t, a, http.StatusUnauthorized)
		wantText(t, a, "Please connect first", `href="/connect"`)
	}
	for _, path := range []string{"/account/run", "/account/look", "/account/paste", "/disconnect"} {
		wantStatus(t, s.browser(t).post(path, url.Values{"links": {"x"}}), http.StatusUnauthorized)
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		happen func(t *testing.T, s *site, b *browser)
		status int
	}{
		{"fresh", func(*testing.T, *site, *browser) {}, http.StatusOK},
		{"as_long_as_the_consent", func(_ *testing.T, s *site, _ *browser) { s.pass(archive.ConsentLife - time.Hour) }, http.StatusOK},
		{"and_no_longer", func(_ *testing.T, s *site, _ *browser) { s.pass(archive.ConsentLife) }, http.StatusUnauthorized},
		{"renewed_by_a_visit", func(_ *testing.T, s *site, b *browser) {
			s.pass(20 * day)
			b.get("/account")
			s.pass(20 * day)
		}, http.StatusOK},
		{"forged", func(_ *testing.T, _ *site, b *browser) {
			b.cookies[b.cookieNamed("session")].Value += "A"
		}, http.StatusUnauthorized},
		{"another_cookie_of_ours", func(_ *testing.T, _ *site, b *browser) {
			b.begin("/connect")
			b.cookies[b.cookieNamed("session")].Value = b.cookies[b.cookieNamed("flow")].Value
		}, http.StatusUnauthorized},
		{"of_a_deleted_user", func(t *testing.T, s *site, _ *browser) {
			if err := s.store.Delete(t.Context(), s.user(t).ID); err != nil {
				t.Fatal(err)
			}
		}, http.StatusUnauthorized},
		{"of_a_leaving_user", func(t *testing.T, s *site, _ *browser) {
			s.edit(t, func(u *archive.User) { u.Status = archive.StatusLeaving })
		}, http.StatusUnauthorized},
		{"older_than_the_user", func(t *testing.T, s *site, _ *browser) {
			if err := s.store.Delete(t.Context(), s.user(t).ID); err != nil {
				t.Fatal(err)
			}
			s.pass(time.Minute)
			s.browser(t).signIn("/connect")
		}, http.StatusUnauthorized},
		{"signed_out", func(t *testing.T, _ *site, b *browser) {
			wantLocation(t, b.post("/account/signout", nil), "/signedout?everywhere")
		}, http.StatusUnauthorized},
		{"unreadable_user", func(t *testing.T, s *site, _ *browser) {
			s.store.Corrupt(t, s.user(t).ID)
		}, http.StatusInternalServerError},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			b := s.browser(t)
			b.signIn("/connect")
			test.happen(t, s, b)
			wantStatus(t, b.get("/account"), test.status)
		})
	}
}

func TestSessionOfADeletedUserIsCleared(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	if err := s.store.Delete(t.Context(), s.user(t).ID); err != nil {
		t.Fatal(err)
	}
	b.get("/account")
	if name := b.cookieNamed("session"); name != "" {
		t.Errorf("cookie %q is still there", name)
	}
}

func TestDisconnect(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		before func(t *testing.T, s *site)
	}{
		{"ordinary", func(*testing.T, *site) {}},
		{"pressed_twice", func(t *testing.T, s *site) {
			if err := s.store.Delete(t.Context(), s.user(t).ID); err != nil {
				t.Fatal(err)
			}
		}},
		{"unreadable_user", func(t *testing.T, s *site) { s.store.Corrupt(t, s.user(t).ID) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			b := s.browser(t)
			b.signIn("/connect")
			id := s.user(t).ID
			test.before(t, s)
			wantLocation(t, b.post("/disconnect", nil), "/disconnected")
			wantText(t, b.get("/disconnected"), "https://www.spotify.com/account/apps/", "stays in Spotify")
			if name := b.cookieNamed("session"); name != "" {
				t.Errorf("cookie %q is still there", name)
			}
			if _, err := s.store.User(t.Context(), id); !errors.Is(err, fault.ErrNotFound) {
				t.Errorf("got error %v, want ErrNotFound", err)
			}
		})
	}
}

func TestDisconnectThatFailsSaysSo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	s.store.Faults.Before = func(op string) error {
		if op == "Put" {
			return errors.New("disk full")
		}
		return nil
	}
	wantStatus(t, b.post("/disconnect", nil), http.StatusInternalServerError)
	if b.cookieNamed("session") == "" {
		t.Error("the session is gone, so the person cannot try again")
	}
}

func TestConsentOverTime(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		after  time.Duration
		has    []string
		hasNot []string
	}{
		{"day_149", 149 * day, nil, []string{"Your permission ends", "has ended"}},
		{"day_150", 150 * day, []string{"Your permission ends in 30 days"}, []string{"banner bad"}},
		{"day_166", 166 * day, []string{"Your permission ends in 14 days"}, []string{"banner bad"}},
		{"day_177", 177 * day, []string{"Your permission ends in 3 days", "banner bad"}, nil},
		{"last_hour", 180*day - time.Hour, []string{"Your permission ends today"}, nil},
		{"day_181", 181 * day, []string{"Your permission has ended", "you are signed out here", `href="/connect"`},
			[]string{"Run now", "/account/pause"}},
		{"day_400", 400 * day, []string{"Your permission has ended", "you are signed out here"}, []string{"Run now"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, func(c *web.Config) { c.SessionLife = 500 * day })
			b := s.browser(t)
			b.signIn("/connect")
			s.edit(t, runDone(s, outcome.Outcome{Kind: outcome.Saved, Found: 30, Added: 30}))
			s.pass(test.after)
			a := b.get("/account")
			wantText(t, a, test.has...)
			wantNoText(t, a, test.hasNot...)
		})
	}
}

func TestReconnectAsksForWhatTheUserUses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, connect, link string }{
		{"basic", "/connect", `href="/connect"`},
		{"listening", "/connect?source=listening", `href="/connect?source=listening"`},
		{"auto_and_listening", "/connect?source=auto&listening=1", `href="/connect?listening=1"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			b := s.browser(t)
			b.signIn(test.connect)
			s.edit(t, func(u *archive.User) { u.Status = archive.StatusReconnect })
			wantText(t, b.get("/account"), test.link)
		})
	}
}

func TestRefreshOnlyWhileARunIsUnderWay(t *testing.T) {
	t.Parallel()
	const refresh = `<noscript><meta http-equiv="refresh" content="5; url=/account"></noscript>`
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	wantText(t, b.get("/account"), refresh, "Your first run is about to start.", " data-watched>")
	s.pass(archive.AskedFor - time.Second)
	wantText(t, b.get("/account"), refresh)
	s.pass(time.Second)
	a := b.get("/account")
	wantText(t, a, `href="/account">Reload</a>`, "Your first run has not come yet.")
	wantNoText(t, a, refresh, "data-watched")
	s.edit(t, runDone(s, outcome.Outcome{Kind: outcome.Saved, Found: 30, Added: 30}))
	wantNoText(t, b.get("/account"), refresh)
	s.pass(time.Minute)
	b.post("/account/run", nil)
	a = b.get("/account")
	wantText(t, a, refresh, "Your run is about to start.")
	wantNoText(t, a, "30 songs found")
	s.edit(t, func(u *archive.User) { u.Last = outcome.Outcome{Kind: outcome.Unavailable, At: s.clock()} })
	a = b.get("/account")
	wantNoText(t, a, refresh)
	wantText(t, a, "Spotify did not answer properly.")
}

func TestAfterReconnectTheOldResultIsNotShown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	s.edit(t, runDone(s, outcome.Outcome{Kind: outcome.Reconnect}))
	s.edit(t, func(u *archive.User) { u.Status = archive.StatusReconnect })
	s.pass(time.Hour)
	b.signIn("/connect")
	a := b.get("/account")
	wantText(t, a, "You are connected again. A run is on its way.")
	wantNoText(t, a, "Press Reconnect", "has ended")
}

func TestGapIsNewsForFourWeeks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect?source=listening")
	wantNoText(t, b.get("/account"), "We may have missed songs")
	s.edit(t, func(u *archive.User) {
		u.Listening.Gap = archive.Gap{From: s.clock().Add(-3 * time.Hour), To: s.clock()}
	})
	wantText(t, b.get("/account"),
		"We may have missed songs between Monday 16 November 2026, 10:00 UTC and Monday 16 November 2026, 13:00 UTC")
	s.pass(28 * day)
	wantNoText(t, b.get("/account"), "We may have missed songs")
}

// A song that the person removed stays out, and is offered back by a button.
// Only its id is known, so whether it was removed is for the run to see.
func TestARemovedSongCanBeTakenBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect?source=paste")
	id := strings.Repeat("0", 22)
	s.archived(t, id)
	b.post("/account/paste", url.Values{"links": {songs(2)}})
	a := b.get("/account/paste")
	wantText(t, a, "2 songs understood: 1 new, 1 archived before.", "Take back what you removed", "This song was archived before.",
		`<input type="hidden" name="back" value="1">`, `<input name="links" value="spotify:track:`+id+`" type="hidden">`,
		`>Take it back</button>`, `<a href="https://open.spotify.com/track/`+id+`"`)
	wantNoText(t, a, "checkbox")
	back := url.Values{"back": {"1"}, "links": {"spotify:track:" + id}}
	for _, want := range []string{
		"1 song is wanted back: a run adds it, if it is not in your archive.",
		"1 song understood: 0 new, 0 archived before, 1 waiting already.", // pressed twice
	} {
		wantLocation(t, b.post("/account/paste", back), "/account/paste")
		a = b.get("/account/paste")
		wantText(t, a, want)
		wantNoText(t, a, "Take back what you removed")
	}
	waits, err := s.store.Pending(t.Context(), s.user(t).ID)
	wanted := slices.DeleteFunc(slices.Clone(waits), func(b ledger.Batch) bool { return !b.TakesBack() })
	if err != nil || len(waits) != 2 || len(wanted) != 1 || len(wanted[0].Tracks) != 1 || wanted[0].Tracks[0].ID != id {
		t.Errorf("got %+v waiting, %v, want the new song, and the one that is wanted back", waits, err)
	}
	b.post("/account/paste", url.Values{"links": {strings.Replace(songs(3), songs(2), "", 1)}})
	wantNoText(t, b.get("/account/paste"), "Take back what you removed")
}

// Of several songs, those that are ticked; of more than a page lists, all of them
// by a box under the paste.
func TestSeveralRemovedSongsCanBeTakenBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect?source=paste")
	s.archived(t, strings.Fields(strings.ReplaceAll(songs(100), "spotify:track:", ""))...)
	s.queue.Archive.TakeAll()
	b.post("/account/paste", url.Values{"links": {songs(100)}})
	if c := b.cookies[b.cookieNamed("flash")]; c == nil || len(c.String()) > 4096 {
		t.Fatalf("flash cookie is missing or longer than 4096 bytes: %v", c)
	}
	a := b.get("/account/paste")
	wantText(t, a, "100 songs understood: 0 new, 100 archived before.", "These songs were archived before.", "Take these back",
		"70 more songs were archived before. To take those back, paste them again and tick")
	if got := strings.Count(a.body, `type="checkbox" checked`); got != 30 {
		t.Errorf("got %d songs to tick, want 30", got)
	}
	b.post("/account/paste", url.Values{"back": {"1"}})
	wantText(t, b.get("/account/paste"), "No song was ticked, so none is taken back.")
	if got := len(s.queue.Archive.TakeAll()); got != 0 {
		t.Errorf("got %d runs for what was only looked at, want none", got)
	}
	b.post("/account/paste", url.Values{"back": {"1"}, "links": strings.Split(songs(2), "\n")})
	wantText(t, b.get("/account/paste"), "2 songs are wanted back: a run adds those of them that are not in your archive.")
	b.post("/account/paste", url.Values{"back": {"1"}, "links": {songs(100)}})
	wantText(t, b.get("/account/paste"), "98 songs are wanted back")
	if got := len(s.queue.Archive.TakeAll()); got != 1 {
		t.Errorf("got %d runs, want one for all of it", got)
	}
	wantText(t, b.get("/account/paste"), "Also take back songs that I removed from my archive")
}
