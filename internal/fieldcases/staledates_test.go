package fieldcases

import (
	"fmt"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// staleDateCases: dates that can be, and are not those of the week.
func staleDateCases() []fieldCase {
	var rows []fieldCase
	for name, date := range map[string]func(w *world, i int) any{
		"of_the_first_week":     func(*world, int) any { return "2026-11-16T00:00:00Z" },
		"of_a_year_ago":         func(w *world, _ int) any { return w.now().Add(-year).Format(time.RFC3339) },
		"of_twelve_hours_ahead": func(w *world, _ int) any { return w.now().Add(12 * time.Hour).Format(time.RFC3339) },
		"of_1970_on_every_other": func(w *world, i int) any {
			if i%2 == 0 {
				return "1970-01-01T00:00:00Z"
			}
			return w.now().Add(-time.Hour).Format(time.RFC3339)
		},
		"that_differ_by_weeks": func(w *world, i int) any { return w.now().Add(-time.Duration(i) * week).Format(time.RFC3339) },
		"without_a_zone":       func(*world, int) any { return "2026-11-16 00:00:00" },
		"as_a_number":          func(*world, int) any { return 1_763_251_200 },
		"as_an_object":         func(*world, int) any { return object{"time": "2026-11-16"} },
	} {
		rows = append(rows, fieldCase{
			name:   "dates_" + name,
			report: []string{dates1970, datesNone},
			met:    "The dates of Discover Weekly are not those of its Monday.",
			right:  "Songs that were never archived are: all four weeks are saved.",
			mode:   extended,
			run: func(w *world) {
				w.lie(lie{match: "GET /playlists/*/items", where: of(fixed(w.spotify.DiscoverID(demo))),
					tell: rewritingItems(func(i int, entry object) { entry["added_at"] = date(w, i%30) })})
				p := w.join(archive.ChoiceAuto)
				w.pass(3*week + time.Hour)
				p.wantOnly(p.shown(4))
			},
		})
	}
	for _, ahead := range []time.Duration{-10 * year, -2 * day, 2 * day, 7 * day, 10 * year} {
		rows = append(rows, fieldCase{
			name:   strings.ReplaceAll(fmt.Sprintf("an_hour_on_a_clock_%d_days_off", int(ahead/day)), "-", "less_"),
			report: []string{clockAhead, clockBehind},
			met:    "A machine runs for an hour, over the weekly message, with a wrong clock.",
			right:  "At most a delay: every week is saved.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.until(start.Add(week - time.Hour))
				w.machine.skew = ahead
				w.pass(time.Hour)
				w.machine.skew = 0
				w.until(start.Add(3*week + 2*day))
				p.wantOnly(p.shown(4))
			},
		})
	}
	rows = append(rows, undatedAheadCases()...)
	sortRows(rows)
	return rows
}

// undatedAheadCases: nothing but the clock tells the week of a list without dates.
func undatedAheadCases() []fieldCase {
	var rows []fieldCase
	for _, ahead := range []time.Duration{2 * day, 9 * day, 30 * day} {
		for _, from := range []time.Duration{3 * day, 4*day + 20*time.Hour, 5*day + 12*time.Hour, 6 * day} {
			rows = append(rows, fieldCase{
				name: fmt.Sprintf("undated_list_read_%d_hours_before_monday_on_a_clock_%d_days_ahead",
					int((week - from).Hours()), int(ahead/day)),
				report: []string{dates1970, datesNone, clockAhead},
				met:    "A machine runs for an hour with a wrong clock, and Discover Weekly has no dates.",
				right:  "At most a delay: the weeks after it are saved.",
				mode:   extended,
				run: func(w *world) {
					undated(w)
					w.until(start.Add(from))
					w.machine.skew = ahead
					p := w.join(archive.ChoiceAuto)
					w.pass(time.Hour)
					w.machine.skew = 0
					w.until(start.Add(week + 10*time.Minute))
					p.wantOnly(p.shown(2))
					w.until(start.Add(3*week + time.Hour))
					p.wantOnly(p.shown(4))
				},
			})
		}
	}
	return rows
}
