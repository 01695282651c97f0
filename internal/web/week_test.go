package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
)

// The script asks for the card alone, and gets it when something has changed.
func TestTheCardIsFetchedAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	first := b.get("/account/week")
	wantStatus(t, first, http.StatusOK)
	if !strings.HasPrefix(first.body, "\n<section") || strings.Contains(first.body, "<html") {
		t.Errorf("got more than the card:\n%s", first.body)
	}
	checkHTML(t, first.body)
	wantText(t, first, "Your first run is about to start.", `data-title="Connected · Your archive · Weekly Archive for Spotify"`)
	b.header.Set("If-None-Match", first.Header.Get("ETag"))
	same := b.get("/account/week")
	wantStatus(t, same, http.StatusNotModified)
	if same.body != "" {
		t.Errorf("got the body %q, want none", same.body)
	}
	s.edit(t, func(u *archive.User) { u.Lease = archive.Lease{Holder: "run", Until: s.clock().Add(time.Minute)} })
	wantText(t, b.get("/account/week"), "Looking at your songs in Spotify …", "data-watched")
	s.edit(t, func(u *archive.User) {
		u.Open = &ledger.Batch{Entry: ledger.Entry{Found: 30}, Tracks: make([]ledger.Track, 28)}
	})
	wantText(t, b.get("/account/week"), "30 songs found, adding 28 …")
	s.edit(t, func(u *archive.User) {
		u.Lease, u.Open = archive.Lease{}, nil
		runDone(s, outcome.Outcome{Kind: outcome.Saved, Found: 30, Added: 28})(u)
	})
	done := b.get("/account/week")
	wantText(t, done, "30 songs found, 28 new, saved.")
	wantNoText(t, done, "data-watched")
}

// A run that has not come within its time is told of as late, though nothing
// that is stored has changed.
func TestTheCardChangesWithTime(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	b.header.Set("If-None-Match", b.get("/account/week").Header.Get("ETag"))
	s.pass(archive.AskedFor)
	wantText(t, b.get("/account/week"), "Your first run has not come yet.")
}

// The card takes no message from the page that shows it.
func TestTheCardLeavesTheMessage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	b.post("/account/pause", nil)
	b.get("/account/week")
	wantText(t, b.get("/account"), `<p class="note" role="status">Paused.`)
}

// A page that is seen again looks by itself, and never more than the person
// could have asked for.
func TestLooking(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	s.edit(t, runDone(s, outcome.Outcome{Kind: outcome.NothingNew}))
	s.queue.Archive.TakeAll()
	wantStatus(t, b.post("/account/look", nil), http.StatusNoContent)
	if got := len(s.queue.Archive.TakeAll()); got != 1 {
		t.Errorf("got %d runs asked for, want one", got)
	}
	if u := s.user(t); !u.Messages.TappedAt.IsZero() {
		t.Error("a page that is seen again counts as a tap on a message")
	}
	s.edit(t, func(u *archive.User) { u.Manual.DoneAt = u.Manual.AskedAt })
	wantStatus(t, b.post("/account/look?tapped", nil), http.StatusNoContent)
	if u := s.user(t); len(s.queue.Archive.TakeAll()) != 1 || u.Messages.TappedAt.IsZero() {
		t.Errorf("tapped at %s, want it noted, and one run asked for", u.Messages.TappedAt)
	}
	s.edit(t, func(u *archive.User) { u.Manual.Spent = s.clock().Add(75 * time.Minute) })
	s.pass(2 * time.Minute)
	wantStatus(t, b.post("/account/look", nil), http.StatusTooManyRequests)
	wantLocation(t, b.post("/account/run", nil), "/account")
	if got := len(s.queue.Archive.TakeAll()); got != 1 {
		t.Errorf("got %d runs asked for, want the one of the person's own", got)
	}
}
