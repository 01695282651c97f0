package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
)

// withCopies gives somebody a playlist for each of so many weeks.
func withCopies(n int) func(*archive.User) {
	return func(u *archive.User) {
		u.Shape = archive.ShapeEdition
		u.Archives = map[string]archive.ArchivePlaylist{archive.MainArchive: {PlaylistID: "mainFixture00000000000", Part: 1, Total: 1560}}
		edition := calendar.Edition("2026-11-16")
		for i := range n {
			u.Archives[string(edition)] = archive.ArchivePlaylist{PlaylistID: fmt.Sprintf("weekFixture%011d", i), Part: 1, Total: 30}
			edition = edition.Previous()
		}
	}
}

// The playlists of single weeks come in pages: each of them once, and no page is
// longer for having many.
func TestPlaylistsOfWeeksComeInPages(t *testing.T) {
	t.Parallel()
	const weeks = 260
	s := newSite(t)
	first := settingsOf(t, s, discoverUser(s), withCopies(weeks))
	few := settingsOf(t, newSite(t), discoverUser(s), withCopies(12))
	if more := len(first.body) - len(few.body); more > 200 {
		t.Errorf("got %d bytes more with %d weeks than with 12, want a link at most", more, weeks)
	}
	b := s.browser(t)
	b.signIn("/connect")
	s.edit(t, withCopies(weeks))
	seen := make(map[string]bool)
	pages := 0
	for path := "/account/settings"; path != ""; pages++ {
		a := b.get(path)
		wantStatus(t, a, http.StatusOK)
		for _, part := range strings.Split(a.body, "weekFixture")[1:] {
			if id := part[:11]; seen[id] {
				t.Errorf("week %s is on two pages", id)
			} else {
				seen[id] = true
			}
		}
		_, rest, more := strings.Cut(a.body, `href="/account/settings?before=`)
		if path = ""; more {
			path = "/account/settings?before=" + rest[:len("2026-11-16")]
		}
		if pages > weeks {
			t.Fatal("the pages do not end")
		}
	}
	if len(seen) != weeks || pages != (weeks+11)/12 {
		t.Errorf("got %d weeks on %d pages, want %d on %d", len(seen), pages, weeks, (weeks+11)/12)
	}
	wantStatus(t, b.get("/account/settings?before=yesterday"), http.StatusNotFound)
}
