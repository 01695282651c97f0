package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

// keep puts an entry into the history of the one user.
func (s *site) keep(t *testing.T, e ledger.Entry) {
	t.Helper()
	if _, err := s.store.Commit(t.Context(), s.user(t), archive.Changes{Entry: &e}); err != nil {
		t.Fatalf("Commit: %v", err)
	}
}

// archived notes that a song was archived.
func (s *site) archived(t *testing.T, ids ...string) {
	t.Helper()
	var seen ledger.Seen
	for _, id := range ids {
		seen.Add(ledger.Track{ID: id})
	}
	if _, err := s.store.Commit(t.Context(), s.user(t), archive.Changes{Seen: &seen}); err != nil {
		t.Fatal(err)
	}
}

// keepWaiting puts batches of so many songs each, which wait.
func (s *site) keepWaiting(t *testing.T, sizes ...int) {
	t.Helper()
	var changes archive.Changes
	for i, n := range sizes {
		batch := ledger.NewBatch("2026-11-16", ledger.SourcePaste, make([]ledger.Track, n))
		batch.ID, batch.At = fmt.Sprintf("waiting-%d", i), s.clock()
		changes.AddPending = append(changes.AddPending, batch)
	}
	if _, err := s.store.Commit(t.Context(), s.user(t), changes); err != nil {
		t.Fatal(err)
	}
}

// keepWeeks puts one entry into each of so many weeks, back from this one.
func (s *site) keepWeeks(t *testing.T, n int) {
	t.Helper()
	for i := range n {
		monday := s.clock().AddDate(0, 0, -7*i)
		s.keep(t, ledger.Entry{
			Key:   ledger.EntryKey{Edition: calendar.WeekOf(monday), Source: ledger.SourceInbox, Batch: 1},
			Found: 30, Added: 30 - i%30, DoneAt: monday,
		})
	}
}

func weeksOn(a answer) int { return strings.Count(a.body, `<tr><th scope="row">`) }

func TestSixtyFourPastesAreOneWeek(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	b.signIn("/connect")
	for i := range 64 {
		s.keep(t, ledger.Entry{
			Key:   ledger.EntryKey{Edition: "2026-11-16", Source: ledger.SourcePaste, Batch: i + 1},
			Found: 1, Added: 1, DoneAt: s.clock().Add(time.Duration(i) * time.Second),
		})
	}
	a := b.get("/account")
	wantText(t, a, `<td class="number">64</td>`, "in 64 parts")
	if got := weeksOn(a); got != 1 {
		t.Errorf("got %d weeks, want one", got)
	}
}

func TestHistoryByPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	wantStatus(t, b.get("/account/history"), http.StatusUnauthorized)
	b.signIn("/connect")
	wantText(t, b.get("/account/history"), "No week is archived yet")
	s.keepWeeks(t, 60)
	if got := weeksOn(b.get("/account")); got != 4 {
		t.Errorf("account page: got %d weeks, want 4", got)
	}
	pages := []struct {
		weeks         int
		first         string
		older, newest bool
	}{
		{26, "16 November 2026", true, false},
		{26, "18 May 2026", true, true},
		{8, "17 November 2025", false, true},
	}
	path := "/account/history"
	for i, want := range pages {
		a := b.get(path)
		wantStatus(t, a, http.StatusOK)
		checkHTML(t, a.body)
		wantText(t, a, want.first)
		_, link, older := strings.Cut(a.body, `href="/account/history?before=`)
		if got := weeksOn(a); got != want.weeks || older != want.older || strings.Contains(a.body, "Newest weeks") != want.newest {
			t.Errorf("page %d: got %d weeks, older %t; want %+v", i+1, got, older, want)
		}
		before, _, _ := strings.Cut(link, `"`)
		path = "/account/history?before=" + before
	}
	wantText(t, b.get("/account/history?before=2020-01-06"), "No older week is kept")
	for _, before := range []string{"2020-01-07", "x", "' OR 1=1"} {
		wantStatus(t, b.get("/account/history?before="+url.QueryEscape(before)), http.StatusNotFound)
	}
}

func TestHistoryAsCSV(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	wantStatus(t, b.get("/account/history.csv"), http.StatusUnauthorized)
	b.signIn("/connect")
	s.keep(t, ledger.Entry{Key: ledger.EntryKey{Edition: "2026-11-16", Source: ledger.SourceListening, Batch: 1},
		Found: 12, Added: 9, Already: 2, Unusable: 1, Queued: 4, DoneAt: s.clock()})
	s.keep(t, ledger.Entry{Key: ledger.EntryKey{Edition: "2026-11-16", Source: ledger.SourceInbox, Batch: 1},
		Found: 20, Added: 20, DoneAt: s.clock()})
	s.keep(t, ledger.Entry{Key: ledger.EntryKey{Edition: "2026-11-02", Source: ledger.SourceDiscover, Batch: 1},
		Found: 30, Added: 30, DoneAt: s.clock().Add(-14 * day)})
	s.edit(t, func(u *archive.User) { u.Missed = []calendar.Edition{"2026-10-19", "2026-11-09"} })
	a := b.get("/account/history.csv")
	wantStatus(t, a, http.StatusOK)
	want := "week,new,already_there,not_usable,from_queue,sources,missed\r\n" +
		"2026-11-16,29,2,1,4,inbox listening,\r\n" +
		"2026-11-09,0,0,0,0,,yes\r\n" +
		"2026-11-02,30,0,0,0,discover,\r\n" +
		"2026-10-19,0,0,0,0,,yes\r\n"
	if a.body != want {
		t.Errorf("got:\n%s\nwant:\n%s", a.body, want)
	}
	if got := a.Header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment;") {
		t.Errorf("got Content-Disposition %q, want an attachment", got)
	}
}
