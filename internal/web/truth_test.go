package web_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/web"
)

// What a person in a state reads on their page, and must not: each of these
// was told wrongly once.
func TestWhatAPersonIsToldIsTrue(t *testing.T) {
	t.Parallel()
	direct := archive.Discover{Access: archive.AccessReadable}
	denied := archive.Discover{Access: archive.AccessDenied}
	paused := func(reason app.PauseReason) func(s *site) app.Pause {
		return func(s *site) app.Pause {
			return app.Pause{Until: s.clock().Add(20 * time.Hour), Reason: reason}
		}
	}
	last := func(kind outcome.Kind) func(*site, *archive.User) {
		return func(s *site, u *archive.User) { runDone(s, outcome.Outcome{Kind: kind})(u) }
	}
	for _, test := range []struct {
		name        string
		after       time.Duration // since the consent
		user        func(s *site, u *archive.User)
		pause       func(s *site) app.Pause
		has, hasNot []string
	}{
		{"revoked_after_three_weeks", 20 * day, func(s *site, u *archive.User) {
			runDone(s, outcome.Outcome{Kind: outcome.Reconnect})(u)
			u.Status, u.Discover = archive.StatusReconnect, direct
		}, nil, []string{"Spotify no longer accepts your permission", "since <strong>6 December 2026</strong> at the latest"},
			[]string{"six months", "15 May 2027", "There is nothing that you need to do", "reconnect.ics"}},
		{"ended", 181 * day, func(s *site, u *archive.User) {
			u.Discover = direct
			last(outcome.Saved)(s, u)
		}, nil, []string{"Spotify ends every permission after six months, and with it you are signed out here"},
			[]string{"There is nothing that you need to do", "Active"}},
		{"first_run_while_the_app_is_paused", 0, nil, paused(app.PauseQuota),
			[]string{"Your first run comes after Tuesday 17 November 2026, 09:00 UTC"},
			[]string{"about to start", "Run now", "Runs come by themselves"}},
		{"spotify_did_not_ask_to_wait", 0, func(s *site, u *archive.User) {
			runDone(s, outcome.Outcome{Kind: outcome.Paused, Until: s.clock().Add(time.Hour), Reason: app.PausePremium})(u)
		}, paused(app.PausePremium), []string{"its owner’s Premium subscription has ended", "Waiting"}, []string{"asked", "Run now"}},
		{"the_operator_let_the_app_go_on", 0, func(s *site, u *archive.User) {
			runDone(s, outcome.Outcome{Kind: outcome.Paused, Until: s.clock().Add(time.Hour), Reason: app.PauseOperator})(u)
		}, nil, []string{"Runs were paused, and may go on again", `<button class="main">Run now`}, []string{"has paused it", "go on after"}},
		{"this_week_was_saved_already_last_week", 7 * day, func(s *site, u *archive.User) {
			runDone(s, outcome.Outcome{Kind: outcome.AlreadyDone})(u)
			u.Last.At, u.Discover = s.clock().Add(-6*day), direct
			u.Grant.AuthorizedAt = u.Last.At.Add(-day)
		}, nil, []string{"This week is not in yet"}, []string{"This week is saved already"}},
		{"put_off_yesterday", day, func(s *site, u *archive.User) {
			runDone(s, outcome.Outcome{Kind: outcome.NothingNew, Failed: []outcome.Failure{{Source: ledger.SourceInbox, Kind: outcome.PutOff}}})(u)
			u.Last.At = s.clock().Add(-day + time.Hour)
		}, nil, []string{"so many requests to Spotify in a day. The next run looks again"}, []string{"left of today"}},
		{"only_the_operator_can_help", 0, last(outcome.Key), nil, []string{"has to put it right", "Run now"}, []string{`<button class="main">Run now`}},
		{"refused_once_can_reconnect", 0, last(outcome.GrantRefused), nil, []string{"press Reconnect", `<a class="button" href="/connect" rel="noreferrer">Reconnect`}, nil},
		{"nothing_comes_by_itself_for_who_pastes", 0, func(s *site, u *archive.User) {
			last(outcome.NothingNew)(s, u)
			u.Choice = archive.ChoicePaste
		}, nil, []string{"When we look"}, []string{"Runs come by themselves"}},
		{"there_is_something_to_do_before_the_permission_ends", 160 * day, func(s *site, u *archive.User) {
			last(outcome.Saved)(s, u)
			u.Discover = direct
		}, nil, []string{"Your permission ends in", "We read your Discover Weekly directly"}, []string{"There is nothing that you need to do"}},
		{"denied_for_months", 0, func(s *site, u *archive.User) {
			last(outcome.NothingNew)(s, u)
			u.Discover = archive.Discover{Access: archive.AccessDenied, Denials: 13}
		}, nil, []string{"We try again from time to time"}, []string{"again every week"}},
		{"the_pause_of_the_last_run_is_over", day, func(s *site, u *archive.User) {
			runDone(s, outcome.Outcome{Kind: outcome.Paused, Until: s.clock(), Reason: app.PauseQuota})(u)
		}, nil, []string{"Runs were paused until Tuesday 17 November 2026, 13:00 UTC"}, []string{"asked", "go on after"}},
		{"spotify_is_down", 0, last(outcome.Unavailable), nil, []string{">Waiting<", `<button class="main">Run now`}, []string{">Active<"}},
		{"spotify_refused_us_once", 0, last(outcome.GrantRefused), nil, []string{">Waiting<"}, []string{">Active<"}},
		{"run_now_is_not_the_main_button_of_a_week_that_is_saved", 0, func(s *site, u *archive.User) {
			runDone(s, outcome.Outcome{Kind: outcome.Saved, Edition: "2026-11-16", Found: 30, Added: 30})(u)
			u.Archives = map[string]archive.ArchivePlaylist{archive.MainArchive: {PlaylistID: "mainFixture00000000000", Total: 30}}
		}, nil, []string{"Week of 16 November 2026: 30 songs found, 30 new", `class="button main" href="https://open.spotify.com/playlist/mainFixture`},
			[]string{`<button class="main">Run now`}},
		{"the_archive_is_public_until_they_hide_it", 0, func(s *site, u *archive.User) {
			u.Archives = map[string]archive.ArchivePlaylist{archive.MainArchive: {PlaylistID: "mainFixture00000000000", Total: 30}}
		}, nil, []string{`<span class="small">Unless you made it private in Spotify, your archive is public on your profile. <a href="/account/settings#archives">`}, nil},
		{"it_is_their_turn", 0, func(s *site, u *archive.User) {
			last(outcome.NothingNew)(s, u)
			u.Discover, u.Inbox.PlaylistID = denied, "inboxFixture0000000000"
		}, nil, []string{">Your turn<", "It is your turn: copy Discover Weekly. 7 days are left."}, []string{">Active<", `<button class="main">Run now`}},
		{"a_listener_has_no_turn", 0, func(s *site, u *archive.User) {
			last(outcome.NothingNew)(s, u)
			u.Discover, u.Inbox.PlaylistID, u.Grant.Scopes = denied, "inboxFixture0000000000", webapi.Scopes(true)
		}, nil, []string{">Active<"}, []string{">Your turn<"}},
		{"denied_and_chosen", 0, func(s *site, u *archive.User) {
			last(outcome.NotReadable)(s, u)
			u.Discover, u.Choice = denied, archive.ChoiceDiscover
		}, nil, []string{">Needs you<", `<aside class="notice" aria-label="Discover Weekly">`}, nil},
		{"denied_and_something_else_chosen", 0, func(s *site, u *archive.User) {
			last(outcome.NothingNew)(s, u)
			u.Discover, u.Choice = denied, archive.ChoicePaste
		}, nil, []string{"Spotify did not let this app do that when we last tried"},
			[]string{`<aside class="notice" aria-label="Discover Weekly">`, "We try again every week"}},
		{"another_source_not_tried_yet", 0, func(s *site, u *archive.User) {
			last(outcome.NotReadable)(s, u)
			u.Discover, u.Choice = denied, archive.ChoicePaste
		}, nil, []string{"Your choice has not been tried yet"}, []string{"Choose another source below", ">Needs you<"}},
		{"twenty_days_and_an_hour_are_twenty_days", 160*day - time.Hour, last(outcome.Saved), nil,
			[]string{"Your permission ends in 20 days</strong>, on 15 May 2027"}, []string{"21 days"}},
		{"two_days_and_an_hour_are_two_days", 178*day - time.Hour, last(outcome.Saved), nil,
			[]string{"Your permission ends in 2 days</strong>"}, []string{"3 days</strong>"}},
		{"songs_stand_in_the_archive_twice", 0, func(s *site, u *archive.User) {
			last(outcome.Saved)(s, u)
			u.Twice = "2026-11-16"
		}, nil, []string{"Songs of the week of 16 November 2026 stand in your archive twice", "a second copy of this service"}, nil},
		{"songs_stood_there_twice_in_summer", 0, func(s *site, u *archive.User) {
			last(outcome.Saved)(s, u)
			u.Twice = "2026-07-06"
		}, nil, nil, []string{"in your archive twice"}},
		{"tomorrow", 179 * day, last(outcome.Saved), nil, []string{"Your permission ends tomorrow"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var pause app.Pause
			s := newSite(t, func(c *web.Config) {
				c.SessionLife = 500 * day
				c.AppPause = func(context.Context) (app.Pause, error) { return pause, nil }
			})
			b := s.browser(t)
			b.signIn("/connect")
			s.pass(test.after)
			if test.user != nil {
				s.edit(t, func(u *archive.User) { test.user(s, u) })
			}
			if test.pause != nil {
				pause = test.pause(s)
			}
			a := b.get("/account")
			a.body += b.get("/account/settings").body
			a.body = timeTag.ReplaceAllString(a.body, "")
			wantText(t, a, test.has...)
			wantNoText(t, a, test.hasNot...)
		})
	}
}

func TestAPasteWithoutALinkIsNoSuccess(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	b.post("/account/paste", url.Values{"links": {"https://open.spotify.com/album/0123456789abcdefghijkl"}})
	wantText(t, b.get("/account/paste"), `<div class="note bad" role="status">`, "No link to a song was found.", "an album. Open it in Spotify")
}

// The archive that a page opens and counts is the one into which this week's songs go.
func TestTheArchiveOfThisWeekIsOpened(t *testing.T) {
	t.Parallel()
	of := func(id string, part, total int) archive.ArchivePlaylist {
		return archive.ArchivePlaylist{PlaylistID: id, Part: part, Total: total}
	}
	for name, test := range map[string]struct {
		shape       archive.Shape
		archives    map[string]archive.ArchivePlaylist
		has, hasNot []string
	}{
		"one":       {archive.ShapeSingle, map[string]archive.ArchivePlaylist{"main": of("mainFixture", 1, 60)}, []string{"60 songs are in your archive."}, nil},
		"went_over": {archive.ShapeSingle, map[string]archive.ArchivePlaylist{"main": of("mainFixture", 2, 60)}, []string{"60 songs are in this playlist."}, []string{"in your archive."}},
		"yearly_now": {
			archive.ShapeYearly, map[string]archive.ArchivePlaylist{"main": of("mainFixture", 1, 1560), "2025": of("old", 1, 30), "2026": of("new", 1, 60)},
			[]string{`main" href="https://open.spotify.com/playlist/new"`, "Open your archive of 2026 in Spotify", "60 songs are in this playlist."}, []string{"in your archive.<", "mainFixture"},
		},
		"yearly_once": {
			archive.ShapeSingle, map[string]archive.ArchivePlaylist{"main": of("mainFixture", 1, 60), "2026": of("year", 1, 1560)},
			[]string{`main" href="https://open.spotify.com/playlist/mainFixture"`, "60 songs are in this playlist."}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			b := s.browser(t)
			b.signIn("/connect")
			s.edit(t, keptUser(s))
			s.edit(t, func(u *archive.User) { u.Shape, u.Archives = test.shape, test.archives })
			a := b.get("/account")
			a.body, _, _ = strings.Cut(a.body, "<nav class=\"tiles\"")
			wantText(t, a, test.has...)
			_, a.body, _ = strings.Cut(a.body, `<p class="archive">`)
			wantNoText(t, a, test.hasNot...)
		})
	}
}

// Nobody who is signed in reads that they are not, or that nothing is stored.
func TestAFarewellIsForWhoLeft(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	for _, path := range []string{"/signedout", "/disconnected"} {
		wantLocation(t, b.get(path), "/account")
	}
	wantLocation(t, b.post("/account/signout", nil), "/signedout?everywhere")
	a := b.get("/signedout?everywhere")
	wantText(t, a, "In this browser and in every other one")
	wantNoText(t, a, "goes on by itself")
	wantLocation(t, b.post("/account/signout", nil), "/signedout") // nothing was left to end
	a = b.get("/signedout")
	wantText(t, a, "You are signed out", "In this browser.")
	wantNoText(t, a, "every other one")
}

// What a newer version stored is shown as far as this one knows it.
func TestAResultOfANewerVersionIsShown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	s.edit(t, runDone(s, outcome.Outcome{Kind: "newer", Failed: []outcome.Failure{{Source: "radar", Kind: "newer"}}}))
	wantText(t, b.get("/account"), "Something went wrong on our side", "One source could not be read:")
}

func TestNothingRunsWhileTheAppIsPaused(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *web.Config) {
		c.AppPause = func(context.Context) (app.Pause, error) {
			return app.Pause{Until: c.Clock().Add(time.Hour), Reason: app.PauseClient}, nil
		}
	})
	b := s.browser(t)
	b.signIn("/connect")
	b.post("/account/run", nil)
	a := b.get("/account")
	wantText(t, a, "Nothing runs before this app may go on.", "does not accept this app’s own credentials")
	wantNoText(t, a, "on its way", "asked this app to wait", `http-equiv="refresh"`)
}

// Of a long paste, the part that is being added waits for nothing, and the rest
// for no other run.
func TestWhatARunTakesWaitsForNoOther(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect?source=paste")
	s.edit(t, runDone(s, outcome.Outcome{Kind: outcome.NothingNew}))
	s.keepWaiting(t, 500, 400)
	wantText(t, b.get("/account"), "900 songs wait for the next run.")
	s.edit(t, func(u *archive.User) { u.Lease = archive.Lease{Holder: "run", Until: s.clock().Add(time.Minute)} })
	wantText(t, b.get("/account"), "900 songs wait for their turn.")
	s.edit(t, func(u *archive.User) {
		u.Open = &ledger.Batch{Pending: []string{"waiting-0"}, Tracks: make([]ledger.Track, 500)}
	})
	a := b.get("/account")
	wantText(t, a, "Adding 500 more songs …", "400 songs wait for their turn.")
	wantNoText(t, a, "next run")
}

// That looks at plays are put off is told on the day of it, until one comes.
func TestAPutOffLookIsTold(t *testing.T) {
	t.Parallel()
	const told = "A look at what you play was put off at"
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	s.edit(t, func(u *archive.User) {
		deniedUser(s)(u)
		u.Choice, u.Listening.PutOff = archive.ChoiceListening, s.clock()
	})
	wantText(t, b.get("/account"), told)
	wantText(t, b.get("/account/settings"), told)
	s.edit(t, func(u *archive.User) { u.Listening.AskedAt = s.clock().Add(time.Minute) })
	wantNoText(t, b.get("/account"), told)
	s.edit(t, func(u *archive.User) { u.Listening.AskedAt = time.Time{} })
	s.pass(day)
	wantNoText(t, b.get("/account"), told)
	wantNoText(t, b.get("/account/settings"), told)
}
