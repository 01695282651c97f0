package fieldcases

import (
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

const twoCopies = "https://github.com/RegsonDR/spotify-save-playlists-cron/issues/5"

// copied is a second machine with a copy of the first one's data.
func (w *world) copied() *machine {
	ctx, from := w.t.Context(), w.machine.store
	store := archivetest.NewStore(w.now)
	for _, p := range w.people {
		u, err := from.User(ctx, p.id)
		w.must(err)
		seen, err := from.Seen(ctx, p.id)
		w.must(err)
		pending, err := from.Pending(ctx, p.id)
		w.must(err)
		u.Revision = ""
		u, err = store.Commit(ctx, u, archive.Changes{Seen: &seen, AddPending: pending})
		w.must(err)
		entries, err := from.Entries(ctx, p.id, 1000)
		w.must(err)
		for _, e := range entries {
			u, err = store.Commit(ctx, u, archive.Changes{Entry: &e})
			w.must(err)
		}
	}
	second := w.newMachine(store)
	w.others = append(w.others, second)
	return second
}

// copyCases: two copies of the service are noticed.
func copyCases() []fieldCase {
	return []fieldCase{
		{
			name:   "data_directory_copied_to_a_second_machine",
			report: []string{twoCopies},
			met:    "A data directory is copied to a second machine, and both run.",
			right:  "With the first look at an archive in which this week's own songs are twice, log and person are warned.",
			mode:   extended,
			config: func(cfg *fakespotify.Config) { cfg.ItemsLag, cfg.SnapshotLag = 2*time.Second, 30*time.Second },
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				w.pass(2 * day)
				w.copied()
				w.until(start.Add(week + time.Hour))
				if got := len(p.archived()); got != 90 {
					w.errorf("got %d songs in the archive, want 90: the second machine appended nothing, so the row checks nothing", got)
				}
				w.until(start.Add(2*week + time.Hour))
				p.wantWarnedOfCopy()
				w.doublesAreFine = true
			},
		},
		{
			name:   "songs_added_by_hand_a_second_time",
			report: []string{twoCopies},
			met:    "A person adds a few songs of this week to the archive by hand.",
			right:  "It is a warning at most: the weeks go on.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				byHand := p.shown(1)[:3]
				p.put(p.archive(), byHand...)
				w.pass(week + time.Hour)
				p.wantSaved(p.shown(2))
				w.doublesAreFine = true
			},
		},
		{
			name:   "one_machine_runs_every_week_twice",
			report: []string{twoCopies},
			met:    "Every message is delivered twice.",
			right:  "Nothing is doubled, and nobody is warned.",
			mode:   extended,
			run: func(w *world) {
				p := w.join(archive.ChoiceAuto)
				for range 3 {
					w.pass(week)
					p.runNow()
					w.machine.send(app.RunWeekly)
				}
				w.pass(time.Hour)
				p.wantOnly(p.shown(4))
				if got := p.user().Twice; got != "" {
					w.errorf("the person is warned that the songs of %s are there twice, which is not true", got)
				}
			},
		},
	}
}

func (p *person) wantWarnedOfCopy() {
	w := p.w
	warned := 0
	for _, m := range w.machines() {
		u, err := m.store.User(w.t.Context(), p.id)
		w.must(err)
		if u.Twice != "" {
			warned++
		}
	}
	if warned == 0 {
		w.errorf("no machine has noted that the week's songs are in the archive twice")
	}
	if !strings.Contains(strings.ToLower(w.log.String()), "twice") {
		w.errorf("the log does not say that the week's songs are in the archive twice")
	}
}
