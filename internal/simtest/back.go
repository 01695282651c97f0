package simtest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

// takeBack asks for songs that the person has taken out of an archive of theirs
// to be put back. Each may be appended once more, and is judged two days later.
func (p *person) takeBack(r *rand.Rand, name string) {
	var gone []string
	for _, id := range slices.Sorted(maps.Keys(p.songs.ids)) {
		f := p.songs.ids[id]
		if !f.byHand && f.entry != (ledger.EntryKey{}) && p.follows(f.playlist) && !p.stands(id) {
			gone = append(gone, id)
		}
	}
	if len(gone) == 0 {
		return
	}
	from := r.IntN(len(gone))
	gone = gone[from:min(len(gone), from+3)]
	before := p.connected
	for _, id := range gone {
		p.wanted[id] = true
	}
	location, done := p.post(name, "/account/paste", map[string]string{"links": trackPrefix + strings.Join(gone, "\n"+trackPrefix), "back": "1"})
	if !done || route(location) != "/account/paste" || p.connected != before {
		return
	}
	p.w.strike(name, TakenBack)
	asked := time.Now()
	p.w.start(fmt.Sprintf("judge back %s", name), func() {
		p.w.sleepUntil(asked.Add(2*day + catchUpTime))
		p.judgeBack(gone, asked)
	})
}

// stands reports whether one of the person's archives holds a song.
func (p *person) stands(id string) bool {
	return slices.ContainsFunc(p.archives(), func(list *made) bool { return p.count(list.id, id) > 0 })
}

// judgeBack: what was wanted back stands in an archive, if nothing went wrong and
// the person did nothing since.
func (p *person) judgeBack(ids []string, asked time.Time) {
	u, ok := p.stored()
	now := time.Now()
	if !ok || !p.couldRun(u, now) || slices.ContainsFunc([]time.Time{p.acted, p.hurt, p.w.paused(), p.w.wrong}, asked.Before) {
		return
	}
	for of := range ofEverything + 1 {
		if p.liedSince(asked.Add(-aftermath), of) {
			return
		}
	}
	for _, id := range ids {
		if !p.stands(id) {
			p.w.fail(promiseLost, "song %s of %s was wanted back at %s, and is not in an archive", id, p.key, asked.Format(time.DateTime))
			return
		}
	}
}
