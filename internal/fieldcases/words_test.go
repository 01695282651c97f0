package fieldcases

import (
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

const ownWords = "https://github.com/metabrainz/troi-recommendation-playground/pull/155"

// wordCases: words of others stay theirs.
func wordCases() []fieldCase {
	return []fieldCase{
		{
			name:   "description_written_by_the_person",
			report: []string{ownWords},
			met:    "A person has written a description of their own; the consent is about to end.",
			right:  "Only a description that is still ours is changed.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				const words = "My finds, since 2026. Do not touch."
				w.must(w.spotify.Rename(demo, p.archive(), "My finds", words))
				w.pass(170 * day)
				if got := w.describedAs(p); got != words {
					w.errorf("got the description %q, want that of the person", got)
				}
			},
		},
		{
			name:   "description_written_by_the_person_around_our_marker",
			report: []string{ownWords},
			met:    "A person has written before our words; the consent is about to end.",
			right:  "What they wrote stays.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				list, _ := w.spotify.Playlist(p.archive())
				words := "Mine. " + list.Description
				w.must(w.spotify.Rename(demo, p.archive(), list.Name, words))
				w.pass(170 * day)
				if got := w.describedAs(p); !strings.Contains(got, "Mine. ") {
					w.errorf("got the description %q, want that of the person in it", got)
				}
			},
		},
		{
			name:   "description_that_is_still_ours",
			report: []string{ownWords},
			met:    "The consent is about to end.",
			right:  "The archive's description says so, and says so no longer after reconnecting.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				before := w.describedAs(p)
				w.pass(170 * day)
				if got := w.describedAs(p); !strings.Contains(got, "Reconnect") {
					w.errorf("got the description %q, want the reminder in it", got)
				}
				p.reconnect()
				w.pass(2 * day)
				if got := w.describedAs(p); got != before {
					w.errorf("got the description %q, want %q again", got, before)
				}
			},
		},
		{
			name:   "marker_is_quiet",
			report: []string{ownWords},
			met:    "People read \"[weekly-archive main 1]\" in the description of their playlist.",
			right:  "The marker is short and quiet.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				if got := w.describedAs(p); strings.Contains(got, "weekly-archive main") {
					w.errorf("got the description %q, want a quieter marker", got)
				}
			},
		},
		{
			name:   "archive_with_an_older_marker",
			report: []string{ownWords, emptyLibrary},
			met:    "Somebody connects again whose archive an earlier release made.",
			right:  "Every older form of the marker is recognised: it is their archive, and the only one.",
			mode:   extended,
			run: func(w *world) {
				id, err := w.spotify.CreatePlaylist(demo, "Weekly Archive")
				w.must(err)
				w.must(w.spotify.Rename(demo, id, "Weekly Archive",
					"Your Discover Weekly, saved every week by Weekly Archive. [weekly-archive main 1]"))
				already := (&person{w: w, key: demo}).shows(start)[:10]
				w.must(w.spotify.AddItems(demo, id, already...))
				p := w.join(archive.ChoiceAuto)
				w.pass(week + time.Hour)
				p.wantOnly(p.shown(2))
				if got := p.archive(); got != id {
					w.errorf("got another archive than the one that was there")
				}
			},
		},
		{
			name:   "disconnected_and_connected_again",
			report: []string{ownWords, emptyLibrary},
			met:    "Somebody disconnects and connects again.",
			right:  "Their archive is recognised by its marker, and nothing is doubled.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.must(w.machine.accounts.Disconnect(w.t.Context(), p.id))
				w.pass(time.Hour)
				w.people = nil
				p = w.join(archive.ChoiceAuto)
				w.pass(week + time.Hour)
				p.wantOnly(p.shown(2))
				p.wantArchives(1)
			},
		},
	}
}

// describedAs is the description of the person's archive, whatever its name is.
func (w *world) describedAs(p *person) string {
	list, ok := w.spotify.Playlist(p.user().Archives[archive.MainArchive].PlaylistID)
	if !ok {
		w.fatalf("there is no archive")
	}
	return list.Description
}
