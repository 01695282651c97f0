package fieldcases

import (
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

const (
	localMonday  = "https://github.com/bjoernpl/DiscoveredWeekly"
	localMonday2 = "https://github.com/bdhobare/discover-weekly"
)

// weekCases: a week is the person's own.
func weekCases() []fieldCase {
	return []fieldCase{
		{
			name:   "copied_on_a_monday_at_8_30_in_sydney",
			report: []string{localMonday, localMonday2},
			met:    "It is Sunday 21:30 UTC when a person copies their new Discover Weekly.",
			right:  "It belongs to their Monday, and lies in that week's playlist.",
			mode:   development,
			config: func(cfg *fakespotify.Config) {
				at(cfg, time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC))
				living(cfg, 11*time.Hour)
			},
			run: func(w *world) {
				w.zone = "Australia/Sydney"
				p := w.join(archive.ChoiceInbox)
				p.shape(archive.ShapeEdition)
				w.until(time.Date(2026, 11, 22, 21, 30, 0, 0, time.UTC))
				p.copyDiscover()
				w.until(time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC))
				p.wantEditions("2026-11-23")
				p.wantPlaylist("2026-11-23")
			},
		},
		{
			name:   "played_on_new_years_monday_in_auckland",
			report: []string{localMonday, localMonday2},
			met:    "It is Sunday, 31 December 2028 UTC when a person plays their new Discover Weekly.",
			right:  "It belongs to 2029, and lies in that year's archive.",
			mode:   development,
			config: func(cfg *fakespotify.Config) {
				at(cfg, time.Date(2028, 12, 29, 9, 0, 0, 0, time.UTC))
				living(cfg, 13*time.Hour)
			},
			run: func(w *world) {
				w.zone = "Pacific/Auckland"
				p := w.listening()
				p.shape(archive.ShapeYearly)
				w.until(time.Date(2028, 12, 31, 19, 0, 0, 0, time.UTC))
				w.must(w.spotify.PlayDiscover(demo, 5))
				w.until(time.Date(2029, 1, 2, 14, 0, 0, 0, time.UTC))
				p.wantEditions("2029-01-01")
				p.wantPlaylist("2029")
			},
		},
		{
			name:   "copied_on_a_sunday_evening_in_honolulu",
			report: []string{localMonday, localMonday2},
			met:    "It is Monday in UTC when a person copies the Discover Weekly that ends that day.",
			right:  "It belongs to the week that ends.",
			mode:   development,
			config: func(cfg *fakespotify.Config) {
				at(cfg, time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC))
				living(cfg, -10*time.Hour)
			},
			run: func(w *world) {
				w.zone = "Pacific/Honolulu"
				p := w.join(archive.ChoiceInbox)
				w.until(time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC))
				p.copyDiscover()
				w.until(time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC))
				p.wantEditions("2026-11-16")
			},
		},
		{
			name:   "zone_of_the_browser_is_not_known_here",
			report: []string{localMonday},
			met:    "A browser names a time zone that nobody knows.",
			right:  "Signing up works, and weeks are those of UTC.",
			mode:   development,
			run: func(w *world) {
				w.zone = "Mars/Olympus_Mons"
				p := w.join(archive.ChoiceInbox)
				p.copyDiscover()
				w.pass(2 * day)
				p.wantOnly(p.shown(1))
				p.wantEditions("2026-11-16")
			},
		},
		{
			name:   "discover_weekly_changes_at_local_midnight_in_every_zone",
			report: []string{localMonday, localMonday2},
			met:    "Lists change at the local Monday, between Sunday 10:00 and Monday 12:00 UTC.",
			right:  "Everybody's four weeks are saved, under the same four Mondays.",
			mode:   extended,
			run: func(w *world) {
				for _, a := range w.spotify.Accounts() {
					w.connect(a.Key, archive.ChoiceAuto)
				}
				w.pass(3*week + time.Hour)
				for _, p := range w.people {
					p.wantOnly(p.shown(4))
					p.wantEditions("2026-12-07", "2026-11-30", "2026-11-23", "2026-11-16")
				}
			},
		},
	}
}

// wantPlaylist checks that the library lists a playlist of ours for that week
// or year, with songs in it.
func (p *person) wantPlaylist(key string) {
	var names []string
	for _, list := range p.archives() {
		if strings.Contains(list.Name, key) && list.Total > 0 {
			return
		}
		names = append(names, list.Name)
	}
	p.w.errorf("got the playlists %q, want one of %s", names, key)
}
