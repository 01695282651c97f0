package simtest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

// played is a song that a person played from Discover Weekly, and since when
// Spotify lists it.
type played struct {
	id         string
	at, listed time.Time
}

// remembered is how many plays Spotify remembers.
const remembered = 50

// hear plays a song, on a device that tells Spotify of it so much later.
func (p *person) hear(uri, id string, late time.Duration) {
	one := played{id: id, at: time.Now(), listed: time.Now().Add(late)}
	p.must(p.w.spotify.PlayOffline(p.key, uri, trackPrefix+id, one.at, one.listed))
	p.plays = append(p.plays, one)
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
	plays = slices.DeleteFunc(plays, func(one played) bool { return !one.listed.Before(at.Add(-time.Minute)) })
	p.w.start(fmt.Sprintf("listened %s %s", p.key, at), func() {
		p.w.sleepUntil(at.Add(catchUpTime - time.Minute))
		if !p.acted.Before(at) || !p.hurt.Before(at) || p.w.paused().After(at) || p.liedSince(at.Add(-aftermath), ofPlays) {
			return
		}
		for _, play := range plays {
			if play.at.After(p.connected) {
				p.debts = append(p.debts, debt{id: play.id, why: "it was played from Discover Weekly", from: play.at, of: ofArchive})
			}
		}
		p.plays = slices.DeleteFunc(p.plays, func(one played) bool { return slices.Contains(plays, one) })
	})
}

// waitsUntilTomorrow reports whether all that waits was heard in looks after the last
// weekly message. A look at plays saves nothing, and a song that was played offline
// before everybody stopped acting may be listed hours later.
func (p *person) waitsUntilTomorrow() bool {
	lastWeekly := p.w.end.UTC().Truncate(day).Add(13 * time.Hour)
	list, err := p.w.store.Pending(context.Background(), p.id)
	list = slices.DeleteFunc(list, func(b ledger.Batch) bool { return b.Held != "" })
	return err == nil && len(list) > 0 && !slices.ContainsFunc(list, func(b ledger.Batch) bool {
		return b.Entry.Key.Source != ledger.SourceListening || b.At.Before(lastWeekly.Add(-maxSkew))
	})
}
