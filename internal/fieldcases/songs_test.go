package fieldcases

import (
	"slices"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

const (
	oneISRC         = "https://github.com/spotify/web-api/issues/2"
	isrcReported    = "https://github.com/music-assistant/support/issues/2316"
	isrcHyphens     = "https://github.com/FoxxMD/multi-scrobbler/issues/644"
	relinkedSongs   = "https://github.com/aome510/spotify-player/pull/286"
	relinkedSongs2  = "https://github.com/thlucas1/homeassistantcomponent_spotifyplus/issues/152"
	originalOfPaste = "https://developer.spotify.com/documentation/web-api/concepts/track-relinking"
)

// track returns the song of an entry; both names of it are one object in some
// answers and two in others.
func tracksOf(entry object) []object {
	var tracks []object
	for _, name := range []string{"item", "track"} {
		if track, ok := entry[name].(object); ok {
			tracks = append(tracks, track)
		}
	}
	return tracks
}

// isrcs changes the ISRCs of the places of Discover Weekly that pick chooses.
func (w *world) isrcs(pick func(i int) bool, change func(isrc string) string) *lie {
	return w.lie(lie{match: "GET /playlists/*/items", where: of(fixed(w.spotify.DiscoverID(demo))),
		tell: rewritingItems(func(i int, entry object) {
			for _, track := range tracksOf(entry) {
				if ids, ok := track["external_ids"].(object); ok && pick(i) {
					isrc, _ := ids["isrc"].(string)
					ids["isrc"] = change(isrc)
				}
			}
		})})
}

func hyphens(isrc string) string {
	if len(isrc) != 12 {
		return isrc
	}
	return isrc[:2] + "-" + isrc[2:5] + "-" + isrc[5:7] + "-" + isrc[7:]
}

func everyPlace(int) bool { return true }

// songCases: what makes two songs one, and what does not.
func songCases() []fieldCase {
	relinked := func(cfg *fakespotify.Config) { cfg.Quirks.Relinked = 5 }
	var rows []fieldCase
	for name, change := range map[string]func(string) string{
		"with_hyphens":  hyphens,
		"in_lower_case": strings.ToLower,
		"with_spaces":   func(isrc string) string { return " " + strings.ReplaceAll(hyphens(isrc), "-", " ") + " " },
		"as_it_is":      func(isrc string) string { return isrc },
	} {
		rows = append(rows, fieldCase{
			name:   "isrc_" + name,
			report: []string{isrcHyphens, relinkedSongs},
			met:    "A recording comes again under another id, its ISRC written in another way.",
			right:  "It is the same song, and not saved twice.",
			mode:   extended,
			config: relinked,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.isrcs(everyPlace, change)
				w.pass(week + time.Hour)
				p.wantRecordingsOnce()
				if got := len(p.archived()); got != 55 {
					w.errorf("got %d songs, want 55: 30, and 25 of the second week", got)
				}
			},
		})
	}
	sortRows(rows)
	return slices.Concat(rows, sharedISRCCases(), otherIDCases())
}

// sharedISRCCases: one ISRC for several songs.
func sharedISRCCases() []fieldCase {
	var rows []fieldCase
	for name, shared := range map[string]string{
		"one_isrc":                "USRC17607839",
		"placeholder_zeros":       "000000000000",
		"placeholder_words":       "N/A",
		"placeholder_x":           "XXXXXXXXXXXX",
		"placeholder_a_dash":      "-",
		"one_isrc_of_odd_letters": "ÜSRC17607839",
	} {
		for places, count := range map[string]int{"two_songs": 2, "thirty_songs": 30} {
			rows = append(rows, fieldCase{
				name:   name + "_for_" + places,
				report: []string{oneISRC, isrcReported},
				met:    "A label reports one ISRC for several songs of one list.",
				right:  "Two places of one list are two songs: both are saved, that week and the next.",
				mode:   extended,
				run: func(w *world) {
					w.isrcs(func(i int) bool { return i < count }, func(string) string { return shared })
					p := w.join(archive.ChoiceAuto)
					w.pass(week + time.Hour)
					p.wantOnly(p.shown(2))
				},
			})
		}
	}
	sortRows(rows)
	return rows
}

func otherIDCases() []fieldCase {
	return []fieldCase{
		{
			name:   "pasted_song_comes_under_another_id",
			report: []string{originalOfPaste, relinkedSongs2},
			met:    "A song that was pasted by its link comes in Discover Weekly under another id.",
			right:  "Its ISRC was learned when the archive was read, and it is known.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				coming := strings.TrimPrefix(p.shows(start.Add(week))[4], "spotify:track:")
				p.paste("spotify:track:" + fakespotify.Relinked(coming))
				w.pass(day)
				p.put(p.archive(), songs("by hand", 1)...) // so that it is read
				w.pass(week)
				p.wantRecordingsOnce()
			},
		},
		{
			name:   "pasted_song_waits_while_it_comes_under_another_id",
			report: []string{originalOfPaste, relinkedSongs2},
			met:    "A song that was pasted by its link is in this week's Discover Weekly under another id.",
			right:  "Where the archive is read before the next week, it is known then.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				coming := strings.TrimPrefix(p.shows(start.Add(week))[4], "spotify:track:")
				p.paste("https://open.spotify.com/track/" + fakespotify.Relinked(coming) + "?si=0")
				w.pass(week + time.Hour)
				p.wantRecordingsOnce()
			},
		},
		{
			name:   "songs_show_under_other_ids_after_a_lost_answer",
			report: []string{relinkedSongs, lostAppends},
			met:    "The answer to an append is lost, and the archive shows its songs under the ids of another market.",
			right:  "They are known by their recording: nothing is appended again.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.until(start.Add(week - time.Hour))
				w.lie(lie{match: "POST /playlists/*/items", times: 1, tell: losing})
				w.must(w.spotify.Fault(fakespotify.Fault{
					Match: "GET /v1/playlists/{id}/items", Playlist: p.archive(), Kind: fakespotify.LieRelinked, Times: -1,
				}))
				w.pass(2 * day)
				w.honest()
				p.wantOnly(p.shown(2))
			},
		},
		{
			name:   "pasted_songs_show_under_other_ids_after_a_lost_answer",
			report: []string{originalOfPaste, lostAppends},
			met:    "The append of pasted songs gets no answer, and the archive shows them under other ids.",
			right:  "They stand where they would, since when they would: nothing is appended again.",
			mode:   development,
			run: func(w *world) {
				p := w.join(archive.ChoicePaste)
				p.paste(songs("before", 2)...)
				w.pass(day)
				w.lie(lie{match: "POST /playlists/*/items", times: 1, tell: losing})
				w.must(w.spotify.Fault(fakespotify.Fault{Kind: fakespotify.LieRelinked, Match: "GET /v1/playlists/{id}/items", Times: -1}))
				p.paste(songs("pasted", 3)...)
				w.pass(2 * day)
				w.honest()
				p.wantOnly(slices.Concat(songs("before", 2), songs("pasted", 3)))
				w.wantNothingDoubled()
			},
		},
		{
			name:   "song_comes_again_weeks_later",
			report: []string{relinkedSongs},
			met:    "Discover Weekly repeats songs of the week before.",
			right:  "They are in the archive once.",
			mode:   extended,
			config: func(cfg *fakespotify.Config) { cfg.Quirks.Repeated = 5 },
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.pass(3*week + time.Hour)
				if got := len(p.archived()); got != 30+3*25 {
					w.errorf("got %d songs, want 105", got)
				}
			},
		},
		{
			name:   "one_song_is_in_the_list_twice",
			report: []string{borderSlip},
			met:    "A list shows one song in two places.",
			right:  "It is saved once.",
			mode:   development,
			run: func(w *world) {
				p := w.join(archive.ChoiceInbox)
				p.put(p.inbox(), slices.Concat(songs("copied", 3), songs("copied", 3))...)
				w.pass(2 * day)
				p.wantOnly(songs("copied", 3))
			},
		},
	}
}
