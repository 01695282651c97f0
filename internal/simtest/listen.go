package simtest

import (
	"fmt"
	"slices"
	"time"
)

// played is a song that a person played from Discover Weekly.
type played struct {
	id string
	at time.Time
}

// remembered is how many plays Spotify remembers.
const remembered = 50

// heard notes a play.
func (p *person) heard(id string) {
	p.plays = append(p.plays, played{id, time.Now()})
	if len(p.plays) > remembered {
		p.plays = p.plays[len(p.plays)-remembered:]
	}
}

// listened makes debts of the plays that a look without faults could see.
func (p *person) listened(at time.Time) {
	u, ok := p.stored()
	if !ok || !u.Listens() || !p.couldRun(u, at) {
		return
	}
	// Someone else's songs between them make Spotify forget earlier ones.
	plays := slices.Clone(p.plays[len(p.plays)-min(len(p.plays), remembered/2):])
	p.w.start(fmt.Sprintf("listened %s %s", p.key, at), func() {
		p.w.sleepUntil(at.Add(catchUpTime - time.Minute))
		if !p.acted.Before(at) || !p.hurt.Before(at) || p.w.paused().After(at) || p.liedSince(at.Add(-aftermath), ofPlays) {
			return
		}
		for _, play := range plays {
			if play.at.Before(at.Add(-time.Minute)) && play.at.After(p.connected) {
				p.debts = append(p.debts, debt{id: play.id, why: "it was played from Discover Weekly", from: play.at, of: ofArchive})
			}
		}
		p.plays = slices.DeleteFunc(p.plays, func(one played) bool { return slices.Contains(plays, one) })
	})
}
