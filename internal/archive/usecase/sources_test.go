package usecase_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

func development() fakespotify.Config {
	return fakespotify.Config{Mode: fakespotify.Development}
}

// Four users of an app made today, each with another way, end their fourth
// week with exactly what their way could see.
func TestFourWeeksOnAnAppMadeToday(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	inbox := w.connect("demo1", archive.ChoiceInbox)
	listening := w.connect("demo2", archive.ChoiceListening)
	paste := w.connect("demo3", archive.ChoicePaste)
	auto := w.connect("demo4", archive.ChoiceAuto)
	for _, id := range []archive.UserID{inbox, listening, paste, auto} {
		if _, err := w.run(id, app.RunSignUp); err != nil {
			t.Fatal(err)
		}
	}
	want := make(map[archive.UserID][]string)
	for range 4 {
		for id, account := range map[archive.UserID]string{inbox: "demo1", auto: "demo4"} {
			if err := w.spotify.CopyDiscover(account, w.user(id).Inbox.PlaylistID); err != nil {
				t.Fatal(err)
			}
			want[id] = append(want[id], w.shown(account)...)
		}
		if err := w.spotify.PlayDiscover("demo2", 11); err != nil {
			t.Fatal(err)
		}
		want[listening] = append(want[listening], w.shown("demo2")[:11]...)
		pasted := w.shown("demo3")[:20]
		report, err := w.accounts.Paste(t.Context(), paste, strings.Join(pasted, "\n"))
		if err != nil || report.New != 20 {
			t.Fatalf("pasting: got %+v and error %v, want 20 new songs", report, err)
		}
		want[paste] = append(want[paste], pasted...)
		w.send(app.RunHourly)
		w.deliver()
		w.week()
	}
	w.send(app.RunWeekly)
	for id, list := range want {
		wantURIs(t, w.archived(id), list)
	}
}

func TestFourWeeksOnAnExtendedApp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	want := make(map[archive.UserID][]string)
	ids := make(map[string]archive.UserID)
	for _, a := range []string{"demo1", "demo2", "demo3", "demo4"} {
		ids[a] = w.connect(a, archive.ChoiceDiscover)
	}
	for range 4 {
		for a, id := range ids {
			want[id] = append(want[id], w.shown(a)...)
		}
		w.week()
	}
	for id, list := range want {
		if len(list) != 120 {
			t.Fatalf("got %d songs shown, want 120", len(list))
		}
		wantURIs(t, w.archived(id), list)
	}
}

func TestLostAccessIsSeenAndNotHammered(t *testing.T) {
	t.Parallel()
	for name, choice := range map[string]archive.Choice{"discover": archive.ChoiceDiscover, "auto": archive.ChoiceAuto} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, extended())
			id := w.connect(account, choice)
			want := w.shown(account)
			w.week()
			w.spotify.SetDiscoverAccess(fakespotify.DiscoverNotFound, fakespotify.DiscoverNull)

			w.spotify.ResetRequests()
			w.send(app.RunWeekly)
			if got := w.user(id); got.Discover.Access != archive.AccessDenied {
				t.Errorf("got access %q on the day it was lost, want denied", got.Discover.Access)
			}
			w.spotify.Advance(24 * time.Hour)
			for range 6 {
				w.send(app.RunHourly)
				w.spotify.Advance(24 * time.Hour)
			}
			if _, api := w.countAPI(); api > 7*3 {
				t.Errorf("got %d Web API requests in the week, want at most 3 a day: %v", api, w.spotify.Requests())
			}
			wantURIs(t, w.archived(id), want)

			w.spotify.SetDiscoverAccess(fakespotify.DiscoverReadable, fakespotify.DiscoverListed)
			want = append(want, w.shown(account)...)
			w.send(app.RunWeekly)
			if got := w.user(id); got.Discover.Access != archive.AccessReadable {
				t.Errorf("got access %q after it came back, want readable", got.Discover.Access)
			}
			wantURIs(t, w.archived(id), want)
		})
	}
}

func TestInboxHoldsAwkwardItems(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	id := w.connect(account, archive.ChoiceInbox)
	w.mustRun(id, app.RunSignUp, outcome.NothingNew)
	inbox := w.user(id).Inbox.PlaylistID
	if p, ok := w.spotify.Playlist(inbox); !ok || p.Name != "Weekly Archive inbox" {
		t.Fatalf("got inbox %+v, want one that is named so", p)
	}
	if err := w.spotify.Fill(account, inbox, 250); err != nil {
		t.Fatal(err)
	}
	all := w.spotify.URIs(inbox)
	if err := w.spotify.AddItems(account, inbox, "spotify:local:a:b:c:10", "spotify:episode:"+strings.Repeat("e", 22), all[0]); err != nil {
		t.Fatal(err)
	}
	w.mustRun(id, app.RunManual, outcome.Saved)
	wantURIs(t, w.archived(id), all)
	w.mustRun(id, app.RunManual, outcome.NothingNew)
	wantURIs(t, w.archived(id), all)
	if got := len(w.spotify.URIs(inbox)); got != 253 {
		t.Errorf("got %d items in the inbox, want the 253 that the user put there", got)
	}
}

func TestUnchangedInboxIsNotReadDaily(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	id := w.connect(account, archive.ChoiceInbox)
	w.mustRun(id, app.RunSignUp, outcome.NothingNew)
	w.spotify.Advance(24 * time.Hour)
	w.mustRun(id, app.RunDue, outcome.NothingNew) // the snapshot settles
	w.spotify.Advance(24 * time.Hour)
	w.spotify.ResetRequests()
	w.mustRun(id, app.RunDue, outcome.NothingNew)
	if token, api := w.countAPI(); token != 1 || api != 1 {
		t.Errorf("got %d token and %d Web API requests, want 1 and 1", token, api)
	}
}

func TestPastedSongThatDoesNotExistIsGivenUpAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	id := w.connect(account, archive.ChoicePaste)
	good := w.shown(account)
	text := strings.Join(good[:12], " ") + " https://open.spotify.com/intl-de/track/" + strings.Repeat("0", 22) + "?si=abc " + strings.Join(good[12:], "\n")
	if _, err := w.accounts.Paste(t.Context(), id, text); err != nil {
		t.Fatal(err)
	}
	w.fault(fakespotify.Fault{Match: postItems, Kind: fakespotify.FaultStatus, Status: 400, Times: 3})
	result := w.mustRun(id, app.RunManual, outcome.Saved)
	got := w.archived(id)
	for _, u := range good {
		if n := count(got, u); n > 1 {
			t.Errorf("got %s %d times, want once at most", u, n)
		}
	}
	if result.Added+result.Unusable != 31 {
		t.Errorf("got %d added and %d unusable, want 31 together", result.Added, result.Unusable)
	}
	if u := w.user(id); u.Waiting || u.Open != nil {
		t.Errorf("got waiting %t and open %v, want nothing left", u.Waiting, u.Open)
	}
}

func count(list []string, s string) int {
	n := 0
	for _, x := range list {
		if x == s {
			n++
		}
	}
	return n
}

func TestPasteDuringARunKeepsWaiting(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	id := w.connect(account, archive.ChoicePaste)
	songs := w.shown(account)
	paste := func(list []string) {
		t.Helper()
		if _, err := w.accounts.Paste(t.Context(), id, strings.Join(list, " ")); err != nil {
			t.Fatal(err)
		}
	}
	paste(songs[:5])
	once := true
	w.store.Faults.After = func(op string) error {
		if op == "Pending" && once {
			once = false
			paste(songs[5:9])
		}
		return nil
	}
	w.mustRun(id, app.RunManual, outcome.Saved)
	w.spotify.Advance(time.Minute)
	w.mustRun(id, app.RunManual, outcome.Saved)
	wantURIs(t, w.archived(id), songs[:9])
}

// The queue is believed once plays have followed it.
func TestQueueGivesTheSongsToCome(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	id := w.connect(account, archive.ChoiceListening)
	w.mustRun(id, app.RunSignUp, outcome.NothingNew)
	if err := errors.Join(w.spotify.PlayDiscover(account, 1), w.spotify.QueueDiscover(account)); err != nil {
		t.Fatal(err)
	}
	w.mustLook(id)
	if got := w.user(id); len(got.Listening.Queue) == 0 || got.Listening.Kept != 1 {
		t.Fatalf("got %+v, want one song kept and a queue that is remembered", got.Listening)
	}
	w.spotify.Advance(10 * time.Minute)
	if err := w.spotify.PlayDiscover(account, 4); err != nil {
		t.Fatal(err)
	}
	w.mustRun(id, app.RunWeekly, outcome.Saved)
	got := w.archived(id)
	if len(got) < 10 || !slices.Contains(w.shown(account), got[len(got)-1]) {
		t.Errorf("got %d songs, want those played and those that come", len(got))
	}
}

func TestGapInListeningIsNoticed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	id := w.connect(account, archive.ChoiceListening)
	w.mustRun(id, app.RunSignUp, outcome.NothingNew)
	if err := w.spotify.PlayDiscover(account, 1); err != nil {
		t.Fatal(err)
	}
	w.mustLook(id)
	cursor := w.user(id).Listening.Cursor
	w.spotify.Advance(24 * time.Hour)
	for i := range 60 {
		at := w.spotify.Now().Add(time.Duration(i-60) * 3 * time.Minute)
		if err := w.spotify.Play(account, "", w.shown(account)[i%30], at); err != nil {
			t.Fatal(err)
		}
	}
	w.mustRun(id, app.RunDue, outcome.Saved)
	if gap := w.user(id).Listening.Gap; !gap.From.Equal(cursor) || !gap.To.After(gap.From) {
		t.Errorf("got gap %+v, want one from %s on", gap, cursor)
	}
}

func TestShapes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceDiscover)
	first := w.shown(account)
	w.mustRun(id, app.RunSignUp, outcome.Saved)
	if err := w.accounts.SetShape(t.Context(), id, archive.ShapeEdition); err != nil {
		t.Fatal(err)
	}
	w.spotify.NextMonday()
	second := w.shown(account)
	w.mustRun(id, app.RunWeekly, outcome.Saved)
	wantURIs(t, w.archived(id), append(slices.Clone(first), second...))
	wantURIs(t, w.spotify.URIs(w.user(id).Archives["2026-11-23"].PlaylistID), second)

	if err := w.accounts.SetShape(t.Context(), id, archive.ShapeYearly); err != nil {
		t.Fatal(err)
	}
	w.spotify.NextMonday()
	third := w.shown(account)
	w.mustRun(id, app.RunWeekly, outcome.Saved)
	w.spotify.Advance(6 * 7 * 24 * time.Hour)
	fourth := w.shown(account)
	w.mustRun(id, app.RunWeekly, outcome.Saved)
	wantURIs(t, w.archived(id), append(slices.Clone(first), second...))
	wantURIs(t, w.spotify.URIs(w.user(id).Archives["2026"].PlaylistID), third)
	wantURIs(t, w.spotify.URIs(w.user(id).Archives["2027"].PlaylistID), fourth)
}

func TestLostCopyIsFinished(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceDiscover)
	if err := w.accounts.SetShape(t.Context(), id, archive.ShapeEdition); err != nil {
		t.Fatal(err)
	}
	w.fault(fakespotify.Fault{Match: postItems, Kind: fakespotify.FaultDrop, Skip: 1, AfterEffect: true})
	if _, err := w.run(id, app.RunWeekly); err == nil {
		t.Fatal("got no error from a lost answer")
	}
	w.spotify.Advance(settled)
	if _, err := w.run(id, app.RunWeekly); err != nil {
		t.Fatal(err)
	}
	wantURIs(t, w.archived(id), w.shown(account))
	wantURIs(t, w.spotify.URIs(w.user(id).Archives["2026-11-16"].PlaylistID), w.shown(account))
}

func TestConsentOfSixMonths(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceAuto)
	w.mustRun(id, app.RunSignUp, outcome.Saved)
	target := w.user(id).Archives[archive.MainArchive].PlaylistID
	description := func() string {
		p, _ := w.spotify.Playlist(target)
		return p.Description
	}
	usual := description()

	w.spotify.Advance(175 * day)
	w.mustRun(id, app.RunWeekly, outcome.Saved)
	if got := description(); !strings.HasPrefix(got, "Reconnect by 15 May 2027: https://archive.example") {
		t.Errorf("got description %q after 175 days, want a reminder", got)
	}
	w.spotify.Advance(6 * day)
	before := w.archived(id)
	w.spotify.ResetRequests()
	w.mustRun(id, app.RunWeekly, outcome.Reconnect)
	w.spotify.Advance(219 * day)
	w.mustRun(id, app.RunWeekly, outcome.Reconnect)
	if token, api := w.countAPI(); token+api != 0 {
		t.Errorf("got %d requests after the end, want none", token+api)
	}
	w.send(app.RunHourly)
	wantURIs(t, w.archived(id), before)

	w.connect(account, "")
	w.mustRun(id, app.RunSignUp, outcome.Saved)
	wantURIs(t, w.archived(id), append(before, w.shown(account)...))
	if got := description(); got != usual {
		t.Errorf("got description %q after reconnecting, want %q", got, usual)
	}
}

func TestMassRefusalMarksNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	ids := make([]archive.UserID, 0, 5)
	for _, a := range []string{"demo1", "demo2", "demo3", "demo4", "demo5"} {
		ids = append(ids, w.connect(a, archive.ChoiceAuto))
	}
	w.fault(fakespotify.Fault{Match: "POST /api/token", Kind: fakespotify.FaultInvalidGrant, Times: -1})
	w.send(app.RunWeekly)
	pause, err := w.store.Pause(t.Context())
	if err != nil || !pause.Until.IsZero() || !strings.Contains(w.log.String(), "mass refusal") {
		t.Errorf("got pause %+v and error %v, want none, and an alert in the log", pause, err)
	}
	if err := w.spotify.ClearFaults(); err != nil {
		t.Fatal(err)
	}
	w.spotify.Advance(24 * time.Hour)
	w.send(app.RunHourly)
	for _, id := range ids {
		if u := w.user(id); u.Status != archive.StatusActive || u.Last.Kind != outcome.Saved || u.Grant.Refusals.Count != 0 {
			t.Errorf("got status %q, outcome %q and %d refusals, want active, saved and none", u.Status, u.Last.Kind, u.Grant.Refusals.Count)
		}
	}
}

// An outage of three days, in which people press Run now besides, marks nobody
// either: a mass refusal explains what is refused until the next day shows more.
func TestMassRefusalOfDaysMarksNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	ids := make([]archive.UserID, 0, 5)
	for _, a := range []string{"demo1", "demo2", "demo3", "demo4", "demo5"} {
		ids = append(ids, w.connect(a, archive.ChoiceAuto))
	}
	w.fault(fakespotify.Fault{Match: "POST /api/token", Kind: fakespotify.FaultInvalidGrant, Times: -1})
	w.send(app.RunWeekly)
	for _, id := range ids {
		w.mustRun(id, app.RunManual, outcome.GrantRefused)
	}
	w.catchUps(3)
	for _, id := range ids {
		if u := w.user(id); u.Status != archive.StatusActive {
			t.Errorf("got status %q after %d refusals, want active", u.Status, u.Grant.Refusals.Count)
		}
	}
}

func TestSingleRefusalIsSuspectedThenBelieved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, extended())
	id := w.connect(account, archive.ChoiceAuto)
	if err := w.spotify.RevokeApp(account); err != nil {
		t.Fatal(err)
	}
	w.mustRun(id, app.RunWeekly, outcome.GrantRefused)
	w.spotify.Advance(24 * time.Hour)
	w.mustRun(id, app.RunDue, outcome.GrantRefused)
	w.spotify.Advance(24 * time.Hour)
	w.mustRun(id, app.RunDue, outcome.Reconnect)
	if u := w.user(id); u.Status != archive.StatusReconnect || len(u.Grant.Sealed.Ciphertext) == 0 {
		t.Errorf("got status %q and a grant of %d bytes, want reconnect and nothing deleted", u.Status, len(u.Grant.Sealed.Ciphertext))
	}
	w.spotify.ResetRequests()
	w.mustRun(id, app.RunManual, outcome.Reconnect)
	if token, _ := w.countAPI(); token != 0 {
		t.Errorf("got %d token requests after the end, want none", token)
	}
}

func TestWhatTheOwnerHasToDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	id := w.connect(account, archive.ChoiceInbox)
	if err := w.spotify.Disallow(account); err != nil {
		t.Fatal(err)
	}
	w.mustRun(id, app.RunWeekly, outcome.NotAllowed)
	if err := errors.Join(w.spotify.Allow(account), w.spotify.SetPremium(false)); err != nil {
		t.Fatal(err)
	}
	w.mustRun(id, app.RunWeekly, outcome.PremiumLapsed)
	if pause, err := w.store.Pause(t.Context()); err != nil || pause.Reason != app.PausePremium {
		t.Errorf("got pause %+v and error %v, want one for everybody", pause, err)
	}
}
