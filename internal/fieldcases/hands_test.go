package fieldcases

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

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
			name:   "songs_removed_pasted_and_taken_back",
			report: []string{topOfList},
			met:    "Somebody takes three songs out of a long archive, pastes the week's links, and takes back what is missing.",
			right:  "Pasting brings none of them back; taking back brings those three, once, and nothing that is there.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.pass(3 * week)
				want := p.shown(4)
				for _, at := range []int{70, 12, 4} {
					w.must(w.spotify.RemoveItem(demo, p.archive(), at))
				}
				p.paste(want[:30]...)
				w.pass(2 * day)
				p.wantOnly(slices.Concat(want[:4], want[5:12], want[13:70], want[71:]))
				p.takeBack(want...)
				w.pass(time.Hour)
				p.wantOnly(want)
				p.wantInOrder(p.archive(), slices.Concat(want[:4], want[5:12], want[13:70], want[71:], []string{want[4], want[12], want[70]}))
				p.takeBack(want...)
				w.pass(week)
				p.wantOnly(p.shown(5))
			},
		},
		{
			name:   "taken_back_out_of_a_list_that_shows_part",
			report: []string{emptyLibrary, borderSlip},
			met:    "Somebody takes a song back while Spotify shows only part of the archive.",
			right:  "It waits until the archive can be read whole; nothing doubles.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.pass(3 * week)
				want := p.shown(4)
				w.must(w.spotify.RemoveItem(demo, p.archive(), 40))
				w.must(w.spotify.Fault(fakespotify.Fault{Match: "GET /v1/playlists/{id}/items", Kind: fakespotify.LieSlippedPage, Times: -1}))
				p.takeBack(want[30:50]...)
				w.pass(6 * time.Hour)
				w.honest()
				w.pass(2 * day)
				p.wantOnly(want)
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
				w.must(w.spotify.Fault(fakespotify.Fault{Match: "* /v1/...", Account: demo, Kind: fakespotify.FaultStatus, Status: 500, Times: -1}))
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
	for kind, match := range map[fakespotify.FaultKind]string{
		fakespotify.FaultGarbage: "GET /v1/...", fakespotify.FaultDrop: "* /v1/...", fakespotify.FaultUnauthorized: "* /v1/...",
		fakespotify.FaultStaleRead: "GET /v1/...", fakespotify.FaultRateLimit: "* /v1/...",
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
						w.must(w.spotify.Fault(fakespotify.Fault{Kind: kind, Match: match, Times: -1, RetryAfter: 20}))
					})
				},
			})
		}
	}
	sortRows(rows)
	return rows
}
