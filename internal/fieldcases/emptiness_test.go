package fieldcases

import (
	"fmt"
	"net/http"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

const (
	snapshotLags   = "https://github.com/eXPerience83/news-bulletin-playlist/issues/134"
	lostAppends    = "https://github.com/crmne/spotifast/blob/main/docs/_reference/how-it-connects.md"
	algorithmicEnd = "https://github.com/music-assistant/server/pull/3818"
)

// emptinessCases: a page that contradicts what is known is unknown, not empty.
func emptinessCases() []fieldCase {
	var rows []fieldCase
	for name, lied := range map[string]func(x *exchange) (*http.Response, error){
		"empty_with_total_0":  saying(empty(0)),
		"empty_with_total_30": saying(empty(30)),
		"status_404":          failing(404),
		"status_403":          failing(403),
		"status_500":          failing(500),
		"short": rewriting(func(_ *exchange, body object) {
			items := list(body["items"])
			body["items"] = items[:len(items)/2]
		}),
	} {
		for _, times := range []int{1, 0} {
			after := "once"
			if times == 0 {
				after = "for_two_hours"
			}
			rows = append(rows, fieldCase{
				name:   fmt.Sprintf("append_lost_then_pages_%s_%s", name, after),
				report: []string{lostAppends, snapshotLags, emptyLibrary},
				met:    "An append got no answer though it took effect, and the pages that would show it are not true.",
				right:  "It is looked at again later: every song is in the archive once.",
				mode:   extended,
				run: func(w *world) {
					p := w.join(archive.ChoiceAuto)
					w.until(start.Add(week - time.Hour))
					w.lie(lie{match: "POST /playlists/*/items", times: 1, tell: losing})
					read := w.lie(lie{match: "GET /playlists/*/items", times: times, where: of(p.archive), tell: lied})
					w.pass(3 * time.Hour)
					read.times = 1
					w.pass(2 * day)
					p.wantOnly(p.shown(2))
				},
			})
		}
	}
	sortRows(rows)
	return append(rows, moreEmptinessCases()...)
}

func moreEmptinessCases() []fieldCase {
	return []fieldCase{
		{
			name:   "append_without_effect_lost_then_empty_page",
			report: []string{lostAppends, emptyLibrary},
			met:    "An append got no answer and took no effect; the next page is empty.",
			right:  "The songs are appended once.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.until(start.Add(week - time.Hour))
				w.lie(lie{match: "POST /playlists/*/items", times: 1, tell: dropping})
				w.lie(lie{match: "GET /playlists/*/items", times: 1, where: of(p.archive), tell: saying(empty(0))})
				w.pass(2 * day)
				p.wantOnly(p.shown(2))
			},
		},
		{
			name:   "archive_with_one_song_out_and_one_in_by_hand",
			report: []string{snapshotLags, "https://github.com/spotify/web-api/issues/460"},
			met:    "An archive is edited by hand so that its total stays the same.",
			right:  "The snapshot id tells: the song that was added by hand is not appended a second time.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.pass(2 * day)
				w.must(w.spotify.RemoveItem(demo, p.archive(), 0))
				byHand := p.shows(start.Add(week))[4]
				p.put(p.archive(), byHand)
				w.pass(6 * day)
				p.wantSaved(p.shows(start.Add(week)))
				p.wantUnsaved("songs that the person took out", p.shown(1)[:1])
			},
		},
		{
			name:   "archive_with_one_song_out_and_one_in_by_hand_while_a_run_is_slow",
			report: []string{snapshotLags, "https://github.com/spotify/web-api/issues/460"},
			met:    "An archive is edited by hand between the list of playlists and the append of a slow run, so that its total stays the same.",
			right:  "The next look does not trust the id that this append returned: the song is not appended a second time.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				byHand := p.shows(start.Add(2 * week))[4]
				w.until(start.Add(week - time.Hour))
				w.lie(lie{match: "GET /me/playlists", times: 1, tell: func(x *exchange) (*http.Response, error) {
					resp, err := x.pass()
					w.must(w.spotify.RemoveItem(demo, p.archive(), 0))
					p.put(p.archive(), byHand)
					w.advance(w.now().Add(45 * time.Second))
					return resp, err
				}})
				w.pass(week + 2*day)
				p.wantSaved(p.shows(start.Add(2 * week)))
			},
		},
		{
			name:   "end_of_the_archive_shows_an_entry_twice_and_another_not_at_all",
			report: []string{borderSlip, sixOfEleven},
			met:    "An entry of a page stands there twice, and the one beside it nowhere.",
			right:  "As many are counted, so one was left out: what the person put there by hand is not appended a second time.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.pass(2 * day)
				p.put(p.archive(), p.shows(start.Add(week))[4])
				w.until(start.Add(week - time.Hour))
				read := w.lie(lie{match: "GET /playlists/*/items", where: of(p.archive), tell: rewriting(func(_ *exchange, body object) {
					items := list(body["items"])
					items[len(items)-1] = items[len(items)-2]
				})})
				w.pass(10 * time.Hour)
				read.times = 1
				w.pass(2 * day)
				p.wantSaved(p.shows(start.Add(week)))
			},
		},
		{
			name:   "archive_of_a_life_before_shows_an_entry_twice_and_another_not_at_all",
			report: []string{borderSlip, sixOfEleven},
			met:    "Somebody disconnects and connects again, and a page of their archive shows an entry twice and the one beside it nowhere.",
			right:  "The archive is read again before anything is put there.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.pass(time.Hour)
				own := p.archive()
				w.must(w.machine.accounts.Disconnect(w.t.Context(), p.id))
				w.pass(time.Hour)
				read := w.lie(lie{match: "GET /playlists/*/items", where: of(fixed(own)), tell: rewriting(func(_ *exchange, body object) {
					items := list(body["items"])
					items[4] = items[5]
				})})
				w.people = nil
				p = w.join(archive.ChoiceAuto)
				w.pass(10 * time.Hour)
				read.times = 1
				w.pass(2 * day)
				p.wantOnly(p.shown(1))
				p.wantArchives(1)
			},
		},
		{
			name:   "archive_restored_to_an_equal_total",
			report: []string{snapshotLags, "https://github.com/spotify/web-api/issues/460"},
			met:    "An archive is put back to an older state and filled up to the same total.",
			right:  "The snapshot id tells: it is read, and nothing is doubled.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.pass(week + time.Hour)
				next := p.shows(start.Add(2 * week))
				for range 10 {
					w.must(w.spotify.RemoveItem(demo, p.archive(), 50))
				}
				p.put(p.archive(), next[:10]...)
				w.pass(week)
				p.wantSaved(next)
			},
		},
		{
			name:   "discover_weekly_is_empty_on_monday",
			report: []string{emptyLibrary, algorithmicEnd},
			met:    "A list that has songs answers 200 without any.",
			right:  "It is read again the next day and saved.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.until(start.Add(week - time.Hour))
				read := w.lie(lie{match: "GET /playlists/*/items", where: of(p.discoverID), tell: saying(empty(0))})
				w.pass(10 * time.Hour)
				read.times = 1
				w.pass(2 * day)
				p.wantOnly(p.shown(2))
			},
		},
		{
			name:   "discover_weekly_is_short_on_monday",
			report: []string{sixOfEleven, borderSlip},
			met:    "A page holds fewer entries than the list's total says, and there is no next.",
			right:  "What is missing is read the next day and saved.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.until(start.Add(week - time.Hour))
				read := w.lie(lie{match: "GET /playlists/*/items", where: of(p.discoverID), tell: rewriting(func(_ *exchange, body object) {
					body["items"] = list(body["items"])[:15]
				})})
				w.pass(10 * time.Hour)
				read.times = 1
				w.pass(2 * day)
				p.wantOnly(p.shown(2))
			},
		},
		{
			name:   "discover_weekly_is_short_until_wednesday",
			report: []string{sixOfEleven, borderSlip},
			met:    "For two days pages hold fewer entries than the list's total says, and there is no next.",
			right:  "What is counted is waited for, however often it does not show.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.until(start.Add(week - time.Hour))
				w.lie(lie{match: "GET /playlists/*/items", where: of(p.discoverID), tell: rewriting(func(_ *exchange, body object) {
					body["items"] = list(body["items"])[:15]
				})})
				w.pass(2*day + 12*time.Hour)
				w.honest()
				w.pass(2 * day)
				p.wantOnly(p.shown(2))
			},
		},
		{
			name:   "inbox_is_empty_once",
			report: []string{emptyLibrary, algorithmicEnd},
			met:    "A list that has songs answers 200 without any.",
			right:  "It is read again the next day and saved.",
			mode:   development,
			run: func(w *world) {
				p := w.join(archive.ChoiceInbox)
				p.copyDiscover()
				w.lie(lie{match: "GET /playlists/*/items", times: 1, where: of(p.inbox), tell: saying(empty(0))})
				w.pass(3 * day)
				p.wantOnly(p.shown(1))
			},
		},
	}
}
