package fieldcases

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/spotifytest"
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
	sortRows(rows)
	return rows
}

// oddPlayCases: plays as they are.
func oddPlayCases() []fieldCase {
	return []fieldCase{
		{
			name:   "plays_are_dated_1970_and_2040",
			report: []string{latePlays, dates1970},
			met:    "Plays carry times that cannot be.",
			right:  "They are saved, and later plays are as well.",
			mode:   development,
			run: func(w *world) {
				p := w.listening()
				list := p.shown(1)
				p.plays(p.discoverURI(), list[0], time.Unix(0, 0))
				p.plays(p.discoverURI(), list[1], time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC))
				w.pass(3 * time.Hour)
				p.plays(p.discoverURI(), list[2], w.now())
				w.pass(2 * day)
				p.wantOnly(list[:3])
			},
		},
		{
			name:   "sixty_plays_between_two_looks",
			report: []string{recentlyPlayedDown, "https://github.com/spotify/web-api/issues/627"},
			met:    "Spotify lists the latest 50 plays only.",
			right:  "What is listed is saved, and the gap is known.",
			mode:   development,
			run: func(w *world) {
				p := w.listening()
				list := p.shown(1)
				p.plays(p.discoverURI(), list[0], w.now())
				w.pass(2 * time.Hour)
				for i := range 60 {
					p.plays("", songs("radio", 60)[i], w.now().Add(time.Duration(i-60)*time.Second))
				}
				p.plays(p.discoverURI(), list[1], w.now())
				w.pass(2 * day)
				p.wantOnly(list[:2])
				if p.user().Listening.Gap.From.IsZero() {
					w.errorf("the gap is not known")
				}
			},
		},
		{
			name:   "plays_of_a_copy_of_the_list",
			report: []string{contextForms},
			met:    "A person plays their Discover Weekly from a copy of their own.",
			right:  "They are not taken for Discover Weekly.",
			mode:   development,
			run: func(w *world) {
				p := w.listening()
				id, err := w.spotify.CreatePlaylist(demo, "Discover Weekly")
				w.must(err)
				p.plays("spotify:playlist:"+id, songs("copy", 1)[0], w.now())
				w.pass(2 * day)
				p.wantUnsaved("songs of a copy", songs("copy", 1))
			},
		},
		{
			name:   "queue_while_shuffle_is_on",
			report: []string{smartShuffle},
			met:    "Discover Weekly is shuffled, so the queue is in an order of its own.",
			right:  "What was played is saved, and nothing that is not of the list.",
			mode:   development,
			run: func(w *world) {
				p := w.listening()
				list := p.shown(1)
				slices.Reverse(list)
				w.must(w.spotify.Fault(spotifytest.Fault{Kind: spotifytest.LieShuffle, Times: -1}))
				w.until(start.Add(50 * time.Minute))
				p.hears(list[0])
				w.must(w.spotify.SetQueue(demo, p.discoverURI(), list[1], list[2:22]...))
				w.pass(10 * time.Minute)
				p.hears(list[1:4]...)
				w.must(w.spotify.SetQueue(demo, "", ""))
				w.pass(2 * day)
				p.wantSaved(list[:4])
				p.wantNone("songs that are not of the list", slices.DeleteFunc(p.archived(), func(uri string) bool {
					return slices.Contains(list, uri)
				}))
			},
		},
	}
}

// ownHandCases: what the person does with their playlists.
func ownHandCases() []fieldCase {
	rows := []fieldCase{
		{
			name:   "archive_emptied_by_its_owner",
			report: []string{topOfList},
			met:    "Somebody takes every song out of the archive.",
			right:  "They do not come back; new weeks go in.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				for range 30 {
					w.must(w.spotify.RemoveItem(demo, p.archive(), 0))
				}
				w.pass(2*week + time.Hour)
				p.wantOnly(p.shown(3)[30:])
			},
		},
		{
			name:   "inbox_emptied_after_every_copy",
			report: []string{emptyLibrary},
			met:    "Somebody copies into the inbox and empties it once the songs are saved.",
			right:  "All weeks are saved, and an empty inbox is nothing to doubt.",
			mode:   development,
			run: func(w *world) {
				p := w.join(archive.ChoiceInbox)
				for range 3 {
					p.copyDiscover()
					w.pass(2 * day)
					for range 30 {
						w.must(w.spotify.RemoveItem(demo, p.inbox(), 0))
					}
					w.pass(5 * day)
				}
				p.wantOnly(p.shown(3))
			},
		},
		{
			name:   "archive_renamed_and_sorted_by_its_owner",
			report: []string{topOfList},
			met:    "Somebody renames the archive and moves its songs.",
			right:  "It stays the archive.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				list, _ := w.spotify.Playlist(p.archive())
				w.must(w.spotify.Rename(demo, list.ID, "Weekly Archive of mine", list.Description))
				w.must(w.spotify.Reorder(demo, list.ID, 0, 10, 30))
				w.pass(2*week + time.Hour)
				p.wantOnly(p.shown(3))
				p.wantArchives(1)
			},
		},
		{
			name:   "one_persons_lies_are_not_anothers",
			report: []string{oneEndpointDown, ownItemsForbidden},
			met:    "Everything fails for one account while it works for others.",
			right:  "The others are saved on Monday.",
			mode:   extended,
			run: func(w *world) {
				w.connectAll()
				w.until(start.Add(week - time.Hour))
				w.must(w.spotify.Fault(spotifytest.Fault{Match: "* /v1/...", Account: demo, Kind: spotifytest.FaultStatus, Status: 500, Times: -1}))
				w.until(start.Add(week + time.Hour))
				for _, p := range w.people[1:] {
					p.wantOnly(p.shown(2))
				}
				w.honest()
				w.pass(2 * day)
				w.people[0].wantOnly(w.people[0].shown(2))
			},
		},
	}
	for name, words := range map[string]string{
		"with_signs":  `Mine & <yours> "quoted" 'twice' / 100 %`,
		"of_nothing":  "",
		"of_300":      strings.Repeat("a", 300),
		"like_a_link": "https://example.com/?a=b&c=d",
	} {
		rows = append(rows, fieldCase{
			name:   "description_" + name + "_written_by_the_person",
			report: []string{ownWords},
			met:    "A person has written a description of their own; the consent is about to end, and is given again.",
			right:  "It stays as it is.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.must(w.spotify.Rename(demo, p.archive(), "Weekly Archive", words))
				w.pass(160 * day)
				p.reconnect()
				w.pass(2 * day)
				if got := w.describedAs(p); got != words {
					w.errorf("got the description %q, want %q", got, words)
				}
			},
		})
	}
	for kind, match := range map[spotifytest.FaultKind]string{
		spotifytest.FaultGarbage: "GET /v1/...", spotifytest.FaultDrop: "* /v1/...", spotifytest.FaultUnauthorized: "* /v1/...",
		spotifytest.FaultStaleRead: "GET /v1/...", spotifytest.FaultRateLimit: "* /v1/...",
	} {
		for mode, live := range lives {
			rows = append(rows, fieldCase{
				name:   fmt.Sprintf("a_day_of_%s_%s", kind, mode),
				report: []string{oneEndpointDown, lostAppends},
				met:    "All day long, every answer is broken.",
				right:  "It may delay; when it is over, every song that could be read in its week is in the archive once.",
				mode:   mode,
				run: func(w *world) {
					live(w, func() {
						w.must(w.spotify.Fault(spotifytest.Fault{Kind: kind, Match: match, Times: -1, RetryAfter: 20}))
					})
				},
			})
		}
	}
	sortRows(rows)
	return rows
}
