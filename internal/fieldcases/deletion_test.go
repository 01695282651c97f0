package fieldcases

import (
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// deletionCases: what people really delete is noticed, and what they restore
// is theirs again.
func deletionCases() []fieldCase {
	return []fieldCase{
		{
			name:   "inbox_deleted_and_restored",
			report: []string{emptyLibrary},
			met:    "Somebody deletes the inbox and restores it from their account page at Spotify.",
			right:  "A playlist with our marker that shows again is ours again: it is read.",
			mode:   development,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.pass(2 * day)
				inbox := p.inbox()
				w.must(w.spotify.Unfollow(demo, inbox))
				w.pass(10 * day)
				w.must(w.spotify.Follow(demo, inbox))
				byHand := songs("by hand", 3)
				p.put(inbox, byHand...)
				w.pass(10 * day)
				p.wantSaved(byHand)
			},
		},
		{
			name:   "inbox_deleted_and_restored_with_discover_weekly_readable",
			report: []string{emptyLibrary},
			met:    "Somebody deletes the inbox and restores it from their account page at Spotify.",
			right:  "A playlist with our marker that shows again is ours again: it is read.",
			mode:   extended,
			run: func(w *world) {
				p := w.joinWithInbox()
				w.pass(2 * day)
				inbox := p.inbox()
				w.must(w.spotify.Unfollow(demo, inbox))
				w.pass(10 * day)
				w.must(w.spotify.Follow(demo, inbox))
				byHand := songs("by hand", 3)
				p.put(inbox, byHand...)
				w.pass(10 * day)
				p.wantSaved(byHand)
			},
		},
		{
			name:   "inbox_deleted_by_its_owner",
			report: []string{emptyLibrary},
			met:    "The page promises an inbox that is never made.",
			right:  "Nothing is promised that is not done: the inbox is made again, or the person reads that it is gone.",
			mode:   development,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.pass(2 * day)
				w.must(w.spotify.Unfollow(demo, p.inbox()))
				w.pass(10 * day)
				if !p.hasInbox() {
					p.wantTold("inbox")
				}
				p.choose(archive.ChoiceInbox)
				w.pass(10 * time.Minute)
				p.copyDiscover()
				w.pass(2 * day)
				p.wantSaved(p.shows(w.now().Add(-2 * day)))
			},
		},
		{
			name:   "archive_deleted_by_its_owner",
			report: []string{emptyLibrary, nullPlaylists},
			met:    "Somebody deletes the archive. It goes on answering by its id.",
			right:  "It is noticed, a new one is made, and no song goes where nobody sees it.",
			mode:   extended,
			run:    deletesArchive,
		},
		{
			name:   "archive_deleted_where_lists_have_a_hole",
			report: []string{emptyLibrary, nullPlaylists},
			met:    "Somebody deletes the archive. The list of an app made today always has a null where Discover Weekly is.",
			right:  "A hole that was there before is no contradiction: the deletion is noticed, and a new archive is made.",
			mode:   development,
			run:    deletesArchive,
		},
		{
			name:   "archive_deleted_and_restored_the_same_day",
			report: []string{emptyLibrary},
			met:    "Somebody deletes the archive by mistake and restores it.",
			right:  "It is the archive, and the only one.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				old := p.archive()
				w.pass(6*day + 23*time.Hour)
				w.must(w.spotify.Unfollow(demo, old))
				w.pass(6 * time.Hour)
				w.must(w.spotify.Follow(demo, old))
				w.pass(3 * day)
				p.wantOnly(p.shown(2))
				if got := p.archive(); got != old {
					w.errorf("got another archive than the one that was restored")
				}
			},
		},
		{
			name:   "archive_restored_after_a_new_one_was_made",
			report: []string{emptyLibrary},
			met:    "Somebody deletes the archive and restores it weeks later.",
			right:  "Its songs are known: none is appended a second time.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				old := p.archive()
				w.pass(2 * day)
				w.must(w.spotify.Unfollow(demo, old))
				w.pass(10 * day)
				byHand := p.shows(start.Add(2 * week))[3]
				p.put(old, byHand)
				w.must(w.spotify.Follow(demo, old))
				w.pass(8 * day)
				p.wantSaved(slices.Concat(p.shown(3)))
			},
		},
	}
}

// deletesArchive deletes the archive in the second week, and sees where the
// songs of that week and of the third are.
func deletesArchive(w *world) {
	p := w.join(archive.ChoiceInbox)
	if len(p.archives()) == 0 {
		p.copyDiscover()
		w.pass(2 * day)
	}
	old := p.archive()
	w.until(start.Add(5 * day))
	w.must(w.spotify.Unfollow(demo, old))
	w.until(start.Add(week - time.Hour))
	for n := 1; n < 3; n++ {
		w.until(start.Add(time.Duration(n)*week - 2*time.Hour))
		p.copyDiscover()
		w.pass(4 * day)
	}
	p.wantArchives(1)
	p.wantSaved(slices.Concat(p.shows(start.Add(week)), p.shows(start.Add(2*week))))
	if got := len(w.spotify.URIs(old)); got > 30 {
		w.errorf("got %d songs in the archive that nobody sees, want 30 at most", got)
	}
}
