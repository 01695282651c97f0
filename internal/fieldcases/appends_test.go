package fieldcases

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// appendCases: appends that are answered in odd ways, for weeks.
func appendCases() []fieldCase {
	var rows []fieldCase
	for _, status := range []int{200, 201, 202, 204} {
		rows = append(rows, fieldCase{
			name:   fmt.Sprintf("every_append_takes_effect_and_is_answered_%d_and_nothing", status),
			report: []string{lostAppends, snapshotLags},
			met:    "Appends name no snapshot id any more.",
			right:  "Somebody looks whether they took effect: every week is saved, once.",
			mode:   extended,
			run: func(w *world) {
				w.lie(lie{match: "POST /playlists/*/items", tell: func(x *exchange) (*http.Response, error) {
					resp, err := x.pass()
					if err != nil || resp.StatusCode != http.StatusCreated {
						return resp, err
					}
					return x.answer(status, "")
				}})
				ordinaryWeeks(w, extended, func() {})
			},
		})
	}
	return append(rows, fieldCase{
		name:   "three_discover_weekly_in_one_library",
		report: []string{friendsList, friendsList2},
		met:    "A library holds one's own Discover Weekly and those of two friends.",
		right:  "The person is asked and shown all three; however late they answer, nothing of their own is lost.",
		mode:   extended,
		run: func(w *world) {
			all := []string{w.spotify.DiscoverID(demo), w.spotify.DiscoverID(friend), w.spotify.DiscoverID("demo3")}
			for _, id := range all[1:] {
				w.must(w.spotify.Follow(demo, id))
			}
			p := w.join(archive.ChoiceAuto)
			w.pass(3 * week)
			p.wantOnly(nil)
			p.wantCandidates(slices.Clone(all)...)
			w.must(w.machine.accounts.SetDiscover(w.t.Context(), p.id, "spotify:playlist:"+all[0]))
			w.pass(day)
			p.wantOnly(p.shown(4))
		},
	})
}

// givenUpCases: songs that Spotify does not take.
func givenUpCases() []fieldCase {
	var rows []fieldCase
	for name, body := range map[string]any{
		"its_usual_form":   object{"error": object{"status": 400, "message": "Invalid track uri: spotify:track:x"}},
		"an_empty_message": object{"error": object{"status": 400, "message": ""}},
		"a_plain_error":    object{"error": "invalid_request"},
	} {
		rows = append(rows, fieldCase{
			name:   "one_song_is_refused_in_" + name,
			report: []string{oneEndpointDown, relinkedSongs},
			met:    "Spotify takes all songs of a list but one, for weeks, and says so in one form or another.",
			right:  "The others are saved, and so is the song under another id of its recording.",
			mode:   extended,
			config: func(cfg *fakespotify.Config) { cfg.Quirks.Relinked = 5 },
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				again := relinkedIn(p.shows(start.Add(week)), p.shows(start.Add(2*week)))
				if again == "" {
					w.fatalf("no song of the second week comes again in the third")
				}
				w.lie(lie{match: "POST /playlists/*/items", where: inBody(again), tell: func(x *exchange) (*http.Response, error) {
					return x.answer(http.StatusBadRequest, body)
				}})
				w.until(start.Add(2*week + 2*day))
				want := slices.DeleteFunc(slices.Concat(p.shown(1), p.shows(start.Add(week)), p.shows(start.Add(2*week))),
					func(uri string) bool { return uri == again })
				p.wantRecordings(want)
			},
		})
	}
	sortRows(rows)
	return rows
}

// relinkedIn returns a song of a list that comes under another id in the next.
func relinkedIn(list, next []string) string {
	for _, uri := range list {
		other := "spotify:track:" + fakespotify.Relinked(strings.TrimPrefix(uri, "spotify:track:"))
		if other != uri && slices.Contains(next, other) {
			return uri
		}
	}
	return ""
}
