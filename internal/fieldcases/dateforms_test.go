package fieldcases

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// dateFormCases: dates in every form, of Discover Weekly and of an inbox.
func dateFormCases() []fieldCase {
	moved := func(by func(i int) time.Duration) func(i int, was string) string {
		return func(i int, was string) string {
			at, err := time.Parse(time.RFC3339, was)
			if err != nil {
				return was
			}
			return at.Add(by(i)).Format(time.RFC3339)
		}
	}
	var rows []fieldCase
	for name, date := range map[string]func(i int, was string) string{
		"of_the_year_1":       func(int, string) string { return "0001-01-01T00:00:00Z" },
		"of_the_year_9999":    func(int, string) string { return "9999-12-31T23:59:59Z" },
		"of_a_leap_second":    func(int, string) string { return "2026-11-15T23:59:60Z" },
		"of_nothing":          func(int, string) string { return "" },
		"with_milliseconds":   func(_ int, was string) string { return strings.TrimSuffix(was, "Z") + ".123Z" },
		"at_an_offset":        func(_ int, was string) string { return strings.TrimSuffix(was, "Z") + "+00:00" },
		"without_a_z":         func(_ int, was string) string { return strings.TrimSuffix(was, "Z") },
		"of_the_day_alone":    func(_ int, was string) string { return was[:10] },
		"among_spaces":        func(_ int, was string) string { return " " + was + " " },
		"of_two_weeks":        moved(func(i int) time.Duration { return -time.Duration(i%2) * week }),
		"a_week_ahead":        moved(func(int) time.Duration { return week }),
		"a_week_ago":          moved(func(int) time.Duration { return -week }),
		"of_the_day_after":    moved(func(int) time.Duration { return day }),
		"of_the_day_before":   moved(func(int) time.Duration { return -day }),
		"that_are_hours_late": moved(func(i int) time.Duration { return time.Duration(i) * 20 * time.Minute }),
	} {
		for often, times := range map[string]int{"once": 1, "three_times": 3, "for_weeks": 0} {
			rows = append(rows, fieldCase{
				name:   "discover_weekly_has_dates_" + name + "_" + often,
				report: []string{dates1970, datesNone},
				met:    "The dates of Discover Weekly are written, or are, in an odd way.",
				right:  "Songs that were never archived are: all four weeks are saved.",
				mode:   extended,
				run: func(w *world) {
					w.lie(lie{match: "GET /playlists/*/items", times: times, where: of(fixed(w.spotify.DiscoverID(demo))), tell: redating(date)})
					p := w.join(archive.ChoiceAuto)
					w.pass(3*week + time.Hour)
					p.wantOnly(p.shown(4))
				},
			})
		}
		rows = append(rows, fieldCase{
			name:   "inbox_has_dates_" + name,
			report: []string{dates1970, datesNone},
			met:    "The dates of an inbox are written, or are, in an odd way.",
			right:  "What is copied is saved.",
			mode:   development,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.lie(lie{match: "GET /playlists/*/items", where: of(p.inbox), tell: redating(date)})
				for range 3 {
					p.copyDiscover()
					w.pass(week)
				}
				p.wantOnly(p.shown(3))
			},
		})
	}
	sortRows(rows)
	return rows
}

// redating writes the dates of a page in another way.
func redating(date func(i int, was string) string) func(x *exchange) (*http.Response, error) {
	return rewritingItems(func(i int, entry object) {
		if was, ok := entry["added_at"].(string); ok {
			entry["added_at"] = date(i, was)
		}
	})
}

// zoneCases: people at the ends of the earth, at odd offsets, and on the move.
func zoneCases() []fieldCase {
	var rows []fieldCase
	zones := map[string]time.Duration{
		"kiritimati": 14 * time.Hour, "pago_pago": -11 * time.Hour, "baker_island": -12 * time.Hour,
		"kathmandu": 5*time.Hour + 45*time.Minute, "marquesas": -9*time.Hour - 30*time.Minute, "chatham": 12*time.Hour + 45*time.Minute,
	}
	for from, offset := range zones {
		for to, then := range map[string]time.Duration{"": offset, "_who_flies_to_kiritimati": zones["kiritimati"], "_who_flies_to_pago_pago": zones["pago_pago"]} {
			rows = append(rows, fieldCase{
				name:   fmt.Sprintf("somebody_in_%s%s", from, to),
				report: []string{localMonday, localMonday2},
				met:    "Discover Weekly changes at the Monday of where somebody is, who is elsewhere a week later.",
				right:  "All four lists are saved.",
				mode:   extended,
				config: func(cfg *fakespotify.Config) { living(cfg, offset) },
				run: func(w *world) {
					p := w.join(archive.ChoiceAuto)
					want := slices.Clone(p.shows(w.now()))
					for n := 1; n < 4; n++ {
						w.until(start.Add(time.Duration(n)*week + 36*time.Hour))
						want = append(want, p.shows(w.now())...)
						if n == 1 {
							w.pass(2 * day)
							w.must(w.spotify.SetUTCOffset(demo, then))
						}
					}
					p.wantOnly(want)
				},
			})
		}
	}
	sortRows(rows)
	return rows
}
