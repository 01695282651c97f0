package fieldcases

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

const (
	pastTheEnd = "https://github.com/music-assistant/server/pull/3155"
)

// endless adds a next page to every page.
func endless(x *exchange, body object) {
	body["next"] = fmt.Sprintf("http://api.test%s?offset=%d&limit=50", x.req.URL.Path, x.offset()+50)
}

// wrapping answers pages beyond the end with the first one again, and a next
// page always.
func wrapping(x *exchange) (*http.Response, error) {
	lied := rewriting(func(_ *exchange, body object) { endless(x, body) })
	resp, err := lied(x)
	if err != nil || resp.StatusCode != http.StatusOK || x.offset() == 0 {
		return resp, err
	}
	var page object
	if err := json.NewDecoder(resp.Body).Decode(&page); err != nil {
		return nil, err
	}
	if len(list(page["items"])) > 0 {
		return x.answer(http.StatusOK, page)
	}
	first := x.clone()
	query := first.URL.Query()
	query.Set("offset", "0")
	first.URL.RawQuery = query.Encode()
	return lied(&exchange{p: x.p, req: first})
}

// listCases: a list ends at its total, and every loop is bounded.
func listCases() []fieldCase {
	return []fieldCase{
		{
			name:   "page_at_the_end_fails_after_an_append_without_effect",
			report: []string{algorithmicEnd},
			met:    "Items answer 5xx for offset == total, where an empty page is due.",
			right:  "The archive goes on at once; no request is made for what the total says is empty.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.until(start.Add(week - time.Hour))
				w.lie(lie{match: "POST /playlists/*/items", times: 1, tell: dropping})
				w.lie(lie{match: "GET /playlists/*/items", where: both(of(p.archive), atTheEnd(w, p)), tell: failing(500)})
				before := w.proxy.requests
				w.pass(4 * time.Hour)
				p.wantOnly(p.shown(2))
				w.wantRequests(before, 40)
				w.pass(3 * week)
				p.wantOnly(p.shown(5))
			},
		},
		{
			name:   "page_at_the_end_fails_after_an_append_with_effect",
			report: []string{algorithmicEnd},
			met:    "Items answer 5xx for offset == total, where an empty page is due.",
			right:  "The archive goes on at once.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.until(start.Add(week - time.Hour))
				w.lie(lie{match: "POST /playlists/*/items", times: 1, tell: losing})
				w.lie(lie{match: "GET /playlists/*/items", where: both(of(p.archive), atTheEnd(w, p)), tell: failing(502)})
				w.pass(3 * week)
				p.wantOnly(p.shown(4))
			},
		},
		{
			name:   "next_of_discover_weekly_never_ends",
			report: []string{pastTheEnd},
			met:    "Pages beyond the end repeat items, and there is always a next.",
			right:  "The list ends at its total.",
			mode:   extended,
			run: func(w *world) {
				w.lie(lie{match: "GET /playlists/*/items", where: func(r *http.Request) bool {
					return of(fixed(w.spotify.DiscoverID(demo)))(r)
				}, tell: wrapping})
				p := w.join(archive.ChoiceAuto)
				w.pass(week + time.Hour)
				p.wantOnly(p.shown(2))
				w.wantRequests(0, 40)
			},
		},
		{
			name:   "pages_beyond_the_end_of_the_inbox_repeat_items",
			report: []string{pastTheEnd},
			met:    "Pages beyond the end repeat items, and there is always a next.",
			right:  "The list ends at its total.",
			mode:   development,
			run: func(w *world) {
				p := w.join(archive.ChoiceInbox)
				p.copyDiscover()
				w.lie(lie{match: "GET /playlists/*/items", where: of(p.inbox), tell: wrapping})
				w.pass(2 * day)
				p.wantOnly(p.shown(1))
				w.wantRequests(0, 40)
			},
		},
		{
			name:   "pages_beyond_the_end_of_the_archive_repeat_items",
			report: []string{pastTheEnd},
			met:    "Pages beyond the end repeat items, and there is always a next.",
			right:  "The list ends at its total, and what it holds is known.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				p.put(p.archive(), songs("by hand", 25)...)
				w.lie(lie{match: "GET /playlists/*/items", where: of(p.archive), tell: wrapping})
				before := w.proxy.requests
				w.pass(week + time.Hour)
				p.wantSaved(p.shown(2))
				w.wantRequests(before, 40)
			},
		},
		{
			name:   "next_of_the_playlists_never_ends",
			report: []string{pastTheEnd, borderSlip},
			met:    "There is always a next page.",
			right:  "The list ends at its total.",
			mode:   development,
			run: func(w *world) {
				w.lie(lie{match: "GET /me/playlists", tell: wrapping})
				p := w.join(archive.ChoiceInbox)
				p.copyDiscover()
				w.pass(2 * day)
				p.wantOnly(p.shown(1))
				w.wantRequests(0, 80)
			},
		},
		{
			name:   "next_points_back",
			report: []string{pastTheEnd},
			met:    "The next page of a list is the same page.",
			right:  "The list ends at its total.",
			mode:   extended,
			run: func(w *world) {
				w.lie(lie{match: "GET /playlists/*/items", tell: rewriting(func(x *exchange, body object) {
					body["next"] = fmt.Sprintf("http://api.test%s?offset=%d&limit=50", x.req.URL.Path, x.offset())
				})})
				p := w.join(archive.ChoiceAuto)
				w.pass(week + time.Hour)
				p.wantOnly(p.shown(2))
				w.wantRequests(0, 40)
			},
		},
		{
			name:   "next_is_missing_before_the_end",
			report: []string{pastTheEnd, sixOfEleven},
			met:    "A page names no next though the total says that there is more.",
			right:  "The list ends at its total: all of the inbox is saved.",
			mode:   development,
			run: func(w *world) {
				p := w.join(archive.ChoiceInbox)
				copied := songs("copied", 70)
				p.put(p.inbox(), copied...)
				w.lie(lie{match: "GET /playlists/*/items", where: of(p.inbox), tell: rewriting(func(_ *exchange, body object) {
					body["next"] = nil
				})})
				w.pass(2 * day)
				p.wantOnly(copied)
			},
		},
		{
			name:   "page_holds_more_than_its_total",
			report: []string{pastTheEnd},
			met:    "The last page holds items that the total does not count.",
			right:  "The list ends at its total.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.until(start.Add(week - time.Hour))
				w.lie(lie{match: "GET /playlists/*/items", where: of(p.discoverID), tell: rewriting(func(_ *exchange, body object) {
					items := list(body["items"])
					body["items"] = append(items, items[:5]...)
				})})
				w.pass(2 * time.Hour)
				p.wantOnly(p.shown(2))
			},
		},
	}
}

// atTheEnd meets requests for a page at or beyond the end of the archive.
func atTheEnd(w *world, p *person) func(r *http.Request) bool {
	return func(r *http.Request) bool {
		return queryInt(r.URL, "offset") >= len(w.spotify.URIs(p.archive()))
	}
}
