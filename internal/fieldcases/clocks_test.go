package fieldcases

import (
	"net/http"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

const (
	clockAhead  = "https://github.com/systemd/systemd/issues/1143"
	clockBehind = "https://github.com/raspberrypi/linux/issues/1751"
	longPauses  = "https://github.com/Yooooomi/your_spotify/issues/411"
)

const year = 365 * day

// clockCases: a clock that was wrong once does no harm after it was put right.
func clockCases() []fieldCase {
	return []fieldCase{
		{
			name:   "append_unsure_on_a_clock_30_days_ahead",
			report: []string{clockAhead, lostAppends},
			met:    "A machine starts with a wrong clock, which is put right some minutes later.",
			right:  "At most a delay: every week is saved.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.until(start.Add(week - time.Hour))
				w.machine.skew = 30 * day
				w.lie(lie{match: "POST /playlists/*/items", times: 1, tell: losing})
				p.runNow()
				w.pass(5 * time.Second)
				w.machine.skew = 0
				w.pass(2 * day)
				p.wantOnly(p.shown(2))
				w.until(start.Add(4*week + time.Hour))
				p.wantOnly(p.shown(5))
			},
		},
		{
			name:   "append_dropped_on_a_clock_30_days_ahead",
			report: []string{clockAhead, lostAppends},
			met:    "A machine starts with a wrong clock, which is put right some minutes later.",
			right:  "At most a delay: every week is saved.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.until(start.Add(week - time.Hour))
				w.machine.skew = 30 * day
				w.lie(lie{match: "POST /playlists/*/items", times: 1, tell: dropping})
				p.runNow()
				w.pass(5 * time.Second)
				w.machine.skew = 0
				w.pass(2 * day)
				p.wantOnly(p.shown(2))
				w.until(start.Add(4*week + time.Hour))
				p.wantOnly(p.shown(5))
			},
		},
		{
			name:   "weeks_archived_on_a_clock_30_days_ahead",
			report: []string{clockAhead},
			met:    "A machine runs for an hour with a wrong clock.",
			right:  "The weeks after it are saved.",
			mode:   extended,
			run: func(w *world) {
				w.machine.skew = 30 * day
				p := w.join(archive.ChoiceAuto)
				w.machine.skew = 0
				w.pass(3*week + time.Hour)
				p.wantOnly(p.shown(4))
			},
		},
		{
			name:   "weeks_archived_on_a_clock_30_days_behind",
			report: []string{clockBehind},
			met:    "A machine without a battery starts with the time of its last shutdown.",
			right:  "The weeks after it are saved, and the one that it read as well.",
			mode:   extended,
			run: func(w *world) {
				w.machine.skew = -30 * day
				p := w.join(archive.ChoiceAuto)
				w.machine.skew = 0
				w.pass(3*week + time.Hour)
				p.wantOnly(p.shown(4))
			},
		},
		{
			name:   "inbox_read_on_a_clock_30_days_ahead",
			report: []string{clockAhead},
			met:    "A machine runs for an hour with a wrong clock.",
			right:  "What is copied later is saved.",
			mode:   development,
			run: func(w *world) {
				w.machine.skew = 30 * day
				p := w.join(archive.ChoiceAuto)
				p.copyDiscover()
				p.runNow()
				w.pass(10 * time.Minute)
				w.machine.skew = 0
				for range 3 {
					w.pass(week)
					p.copyDiscover()
				}
				w.pass(2 * day)
				p.wantOnly(p.shown(4))
			},
		},
		{
			name:   "rate_limit_seen_on_a_clock_a_year_ahead",
			report: []string{clockAhead, longPauses},
			met:    "Spotify asks to wait for an hour while the machine's clock is a year ahead.",
			right:  "A pause that lies further ahead than it can is not believed.",
			mode:   extended,
			run: func(w *world) {
				w.machine.skew = year
				w.lie(lie{match: "GET /me/playlists", times: 1, tell: pausing("3600")})
				p := w.join(archive.ChoiceAuto)
				w.machine.skew = 0
				w.pass(2 * day)
				p.wantOnly(p.shown(1))
				w.pass(week)
				p.wantOnly(p.shown(2))
			},
		},
		{
			name:   "consent_looked_at_on_a_clock_a_year_ahead",
			report: []string{clockAhead},
			met:    "A machine runs for an hour with a clock that is a year ahead.",
			right:  "No consent is over because of it: the weeks after it are saved, without reconnecting.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.pass(3 * day)
				w.machine.skew = year
				p.runNow()
				w.pass(10 * time.Minute)
				w.machine.skew = 0
				w.pass(2 * week)
				p.wantOnly(p.shown(3))
			},
		},
		{
			name:   "retry_after_of_ten_years",
			report: []string{longPauses},
			met:    "Retry-After names a time that nobody can mean.",
			right:  "It is capped: the weeks go on within days.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.until(start.Add(week - time.Hour))
				w.lie(lie{match: "GET /me/playlists", times: 1, tell: pausing("315360000")})
				w.lie(lie{match: "GET /playlists/*/items", times: 1, tell: pausing("315360000")})
				w.pass(6 * day)
				p.wantOnly(p.shown(2))
			},
		},
	}
}

// pausing answers 429 with that Retry-After.
func pausing(retryAfter string) func(x *exchange) (*http.Response, error) {
	return func(x *exchange) (*http.Response, error) {
		resp, err := x.refuse(http.StatusTooManyRequests, "API rate limit exceeded")
		resp.Header.Set("Retry-After", strings.TrimSpace(retryAfter))
		return resp, err
	}
}
