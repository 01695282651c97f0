package fieldcases

import (
	"fmt"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// lateCases: a write may take effect long after its answer was lost.
func lateCases() []fieldCase {
	var rows []fieldCase
	for _, d := range []time.Duration{2 * time.Second, 9 * time.Second, 40 * time.Second, 80 * time.Second} {
		for name, alone := range map[string]bool{"on_one_machine": true, "in_the_cloud": false} {
			rows = append(rows, fieldCase{
				name:   fmt.Sprintf("append_takes_effect_after_%ds_%s", int(d.Seconds()), name),
				report: []string{snapshotLags, lostAppends},
				met:    "An append that got no answer takes effect some time after it was sent.",
				right:  "Nobody looks before that: every song is in the archive once.",
				mode:   extended,
				run: func(w *world) {
					w.machine.archivist.Alone = alone
					p := w.join(archive.ChoiceAuto)
					w.until(start.Add(week - time.Hour))
					w.lie(lie{match: "POST /playlists/*/items", times: 1, tell: delaying(d)})
					w.pass(2 * day)
					p.wantOnly(p.shown(2))
				},
			})
		}
	}
	sortRows(rows)
	return append(rows, fieldCase{
		name:   "making_the_archive_takes_effect_after_40s",
		report: []string{snapshotLags, lostAppends},
		met:    "A playlist that was asked for without an answer turns up some time later.",
		right:  "It is recognised: there is one archive.",
		mode:   extended,
		run: func(w *world) {
			w.machine.archivist.Alone = true
			w.lie(lie{match: "POST /me/playlists", times: 1, tell: delaying(40 * time.Second)})
			p := w.join(archive.ChoiceAuto)
			w.pass(2 * day)
			p.wantOnly(p.shown(1))
			p.wantArchives(1)
		},
	}, fieldCase{
		name:   "another_machine_whose_clock_is_ahead_takes_over_before_an_append_shows",
		report: []string{snapshotLags, lostAppends, clockAhead},
		met:    "Two machines take the messages of one user; the clock of one is four minutes ahead.",
		right:  "It does not look before an append of the other has had time to show: every song is in the archive once.",
		mode:   extended,
		run: func(w *world) {
			p := w.join(archive.ChoiceAuto)
			second := w.newMachine(w.machine.store)
			second.skew = 4 * time.Minute
			w.others = append(w.others, second)
			w.until(start.Add(week - time.Hour))
			w.lie(lie{match: "POST /playlists/*/items", times: 1, tell: delaying(80 * time.Second)})
			w.pass(2 * day)
			p.wantOnly(p.shown(2))
		},
	}, fieldCase{
		name:   "items_show_a_write_after_a_minute",
		report: []string{snapshotLags},
		met:    "Reads show an append a minute after it was made.",
		right:  "Every song is in the archive once.",
		mode:   extended,
		config: func(cfg *fakespotify.Config) { cfg.ItemsLag, cfg.SnapshotLag = time.Minute, 90*time.Second },
		run: func(w *world) {
			w.machine.archivist.Alone = true
			p := w.join(archive.ChoiceAuto)
			w.until(start.Add(week - time.Hour))
			w.lie(lie{match: "POST /playlists/*/items", times: 1, tell: losing})
			w.pass(2 * day)
			p.wantOnly(p.shown(2))
		},
	})
}
