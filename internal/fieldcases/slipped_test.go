package fieldcases

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// slippedCases: where an entry shows twice, another one does not show, and is waited
// for: also where what shows twice is no song, or one of the two has a wrong date.
func slippedCases() []fieldCase {
	var rows []fieldCase
	for name, wrong := range map[string]struct {
		date    string // of the first entry; empty: its own
		episode bool   // is what stands twice
	}{
		"a_song":                            {"", false},
		"a_song_with_one_date_of_1970":      {"1970-01-01T00:00:00Z", false},
		"a_song_with_one_date_in_ten_years": {"2036-11-23T00:00:00Z", false},
		"a_song_with_one_date_missing":      {"0001-01-01T00:00:00Z", false},
		"an_episode":                        {"", true},
	} {
		rows = append(rows, fieldCase{
			name:   fmt.Sprintf("%s_stands_in_discover_weekly_twice_for_two_days", name),
			report: []string{borderSlip},
			met:    "An entry is listed twice, and another one not at all.",
			right:  "The song that was left out is saved when it shows.",
			mode:   extended,
			config: func(cfg *fakespotify.Config) {
				if wrong.episode {
					cfg.Quirks.Episodes = 1
				}
			},
			run: func(w *world) {
				p := w.join(archive.ChoiceDiscover)
				w.until(start.Add(week - time.Hour))
				w.lie(lie{match: "GET /playlists/*/items", where: of(p.discoverID), tell: rewriting(func(_ *exchange, body object) {
					items := list(body["items"])
					twice := 1
					if wrong.episode {
						twice = slices.IndexFunc(items, func(item any) bool { return shown(item)["type"] == "episode" })
					}
					left := (twice + 1) % len(items)
					first := maps.Clone(items[twice].(object))
					if wrong.date != "" {
						first["added_at"] = wrong.date
					}
					items[left] = first
				})})
				w.pass(2 * day)
				w.honest()
				w.pass(3 * day)
				p.wantOnly(p.shown(2))
			},
		})
	}
	sortRows(rows)
	return rows
}

// shown is the song, episode or file of an item.
func shown(item any) object {
	for _, key := range []string{"item", "track"} {
		if what, ok := item.(object)[key].(object); ok {
			return what
		}
	}
	return object{}
}
