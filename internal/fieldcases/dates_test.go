package fieldcases

import (
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

const (
	dates1970 = "https://github.com/nokazn/ravyd/issues/49"
	datesNone = "https://github.com/mackorone/spotify-playlist-archive"
)

// dateCases: a date that cannot be is no date.
func dateCases() []fieldCase {
	var rows []fieldCase
	for name, date := range map[string]any{
		"1970":              "1970-01-01T00:00:00Z",
		"null":              nil,
		"2030":              "2030-01-07T00:00:00Z",
		"2036":              "2036-11-24T00:00:00Z",
		"two_days_ahead":    "ahead",
		"before_the_launch": "2014-05-05T00:00:00Z",
		"no_date_at_all":    "soon",
	} {
		for items, count := range map[string]int{"one_item": 1, "seven_items": 7, "every_item": 30} {
			rows = append(rows, fieldCase{
				name:   "dated_" + name + "_on_" + items,
				report: []string{dates1970, datesNone},
				met:    "The dates of a Spotify-made list are not those of its Monday.",
				right:  "What cannot be is no date: all four weeks are saved.",
				mode:   extended,
				run: func(w *world) {
					w.lie(lie{match: "GET /playlists/*/items", where: of(fixed(w.spotify.DiscoverID(demo))),
						tell: rewritingItems(func(i int, entry object) {
							if i%30 >= count {
								return
							}
							entry["added_at"] = date
							if date == "ahead" {
								entry["added_at"] = w.now().Add(2 * day).Format(time.RFC3339)
							}
						})})
					p := w.join(archive.ChoiceAuto)
					w.pass(3*week + time.Hour)
					p.wantOnly(p.shown(4))
				},
			})
		}
	}
	sortRows(rows)
	return append(rows, undatedCases()...)
}

// undated lets Discover Weekly tell no dates.
func undated(w *world) {
	w.lie(lie{match: "GET /playlists/*/items", where: of(fixed(w.spotify.DiscoverID(demo))),
		tell: rewritingItems(func(_ int, entry object) { entry["added_at"] = nil })})
}

// undatedCases: a list without dates belongs to the week that is due.
func undatedCases() []fieldCase {
	return []fieldCase{
		{
			name:   "undated_first_list_of_last_week_and_this_week_s_comes_two_days_late",
			report: []string{dates1970, datesNone},
			met:    "A list without dates shows the week before to a person who has just signed up, for days.",
			right:  "It is looked at again until this week's is there, and both are saved.",
			mode:   extended,
			config: func(cfg *fakespotify.Config) { living(cfg, -48*time.Hour) },
			run: func(w *world) {
				undated(w)
				old := (&person{w: w, key: demo}).shows(w.now())
				p := w.join(archive.ChoiceAuto)
				w.pass(4 * day)
				p.wantSaved(old)
				p.wantSaved(p.shows(w.now()))
			},
		},
		{
			name:   "undated_list_at_utc_less_8_on_a_monday_at_1",
			report: []string{dates1970, datesNone},
			met:    "A list without dates is read while it still shows the week before.",
			right:  "It belongs to the week that is due: the list of the next hours is saved as well.",
			mode:   extended,
			config: func(cfg *fakespotify.Config) {
				at(cfg, time.Date(2026, 11, 16, 1, 0, 0, 0, time.UTC))
				living(cfg, -8*time.Hour)
			},
			run: func(w *world) {
				undated(w)
				old := (&person{w: w, key: demo}).shows(w.now())
				p := w.join(archive.ChoiceAuto)
				w.pass(13 * time.Hour)
				p.wantSaved(old)
				p.wantSaved(p.shows(start))
				w.pass(week)
				p.wantSaved(p.shows(start.Add(week)))
			},
		},
		{
			name:   "undated_list_at_utc_plus_13_on_a_sunday_evening",
			report: []string{dates1970, datesNone},
			met:    "A list without dates is read when it shows the week to come already.",
			right:  "It is saved, and so is the week after it.",
			mode:   extended,
			config: func(cfg *fakespotify.Config) {
				at(cfg, time.Date(2026, 11, 15, 20, 0, 0, 0, time.UTC))
				living(cfg, 13*time.Hour)
			},
			run: func(w *world) {
				undated(w)
				p := w.join(archive.ChoiceAuto)
				p.wantOnly(p.shows(start))
				w.until(start.Add(week))
				p.wantOnly(p.shown(2))
			},
		},
		{
			name:   "undated_list_changes_late",
			report: []string{dates1970, datesNone},
			met:    "A list without dates shows last week's songs until Tuesday.",
			right:  "The new songs are saved on the day they show.",
			mode:   extended,
			run: func(w *world) {
				undated(w)
				p := w.join(archive.ChoiceAuto)
				want := p.shown(2)
				w.pass(6 * day)
				w.must(w.spotify.SetUTCOffset(demo, -36*time.Hour))
				w.pass(4 * day)
				p.wantOnly(want)
			},
		},
		{
			name:   "dates_of_the_inbox_are_1970",
			report: []string{dates1970, datesNone},
			met:    "The items of a playlist are dated 1970.",
			right:  "They are saved, in the week that is due.",
			mode:   development,
			run: func(w *world) {
				p := w.join(archive.ChoiceInbox)
				w.lie(lie{match: "GET /playlists/*/items", where: of(p.inbox), tell: rewritingItems(func(_ int, entry object) {
					entry["added_at"] = "1970-01-01T00:00:00Z"
				})})
				p.copyDiscover()
				w.pass(2 * day)
				p.wantOnly(p.shown(1))
				p.wantEditions("2026-11-16")
			},
		},
	}
}

// at sets the time at which a row begins.
func at(cfg *fakespotify.Config, begin time.Time) {
	cfg.Clock = func() time.Time { return begin }
}

// living sets the local time of the demo account.
func living(cfg *fakespotify.Config, offset time.Duration) {
	accounts := fakespotify.DemoAccounts()
	accounts[0].UTCOffset = offset
	cfg.Accounts = accounts
}
