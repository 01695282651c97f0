package simtest

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

// watchWrite lets a write happen, and judges what it says.
func (m *machine) watchWrite(u archive.User, c archive.Changes, write func() (archive.User, error)) (archive.User, error) {
	w := m.w
	p := w.byUser[u.ID]
	before, existed := p.stored()
	var waiting []ledger.Batch
	if len(c.RemovePending) > 0 {
		waiting, _ = w.store.Pending(context.Background(), u.ID)
	}
	after, err := write()
	if err != nil {
		return after, err
	}
	w.scanStored(after, c)
	if !existed && after.Status != archive.StatusLeaving {
		p.connected = time.Now()
	}
	if !p.adopted && len(after.Archives) > 0 {
		p.adopted = true
		p.remember()
	}
	switch {
	case after.Status == archive.StatusLeaving:
		p.leave()
	case after.Status == archive.StatusReconnect && before.Status != archive.StatusReconnect:
		p.judgeReconnect(m.actor, before)
	}
	if after.Open != nil {
		if _, known := p.intents[after.Open.Entry.Key]; !known {
			p.intents[after.Open.Entry.Key] = time.Now()
		}
	}
	p.judgeRecorded(m.actor, before, c, waiting)
	if after.Discover.Done > before.Discover.Done && !p.mislinked(after) {
		p.judgeDone(m.actor, after.Discover.Done)
	}
	if c.Entry != nil && m.actor.recorded != nil {
		m.actor.recorded[c.Entry.Key] = c.Entry.Added
	}
	return after, err
}

// scanStored looks for secrets in what is stored.
func (w *world) scanStored(u archive.User, c archive.Changes) {
	w.secrets.scan("the store", string(w.store.Document(u.ID).Body))
	for _, part := range []any{c.Entry, c.AddPending} {
		text, err := json.Marshal(part)
		if err != nil {
			w.fail(promiseTruth, "a document of user %s cannot be encoded: %v", u.ID, err)
			return
		}
		w.secrets.scan("the store", string(text))
	}
	w.secrets.scan("a sealed token", string(u.Grant.Sealed.Ciphertext))
}

// judgeReconnect: a person is asked to reconnect only if their consent is over.
func (p *person) judgeReconnect(a *actor, before archive.User) {
	if p.w.plan.massRefusal(time.Now()) && p.w.firstRefusals[before.Grant.Refusals.First.Format(time.DateOnly)] < massSize {
		return // too few to be a mass refusal; two days of refusals are believed
	}
	if a.late {
		return // the consent is over, by that clock
	}
	const believable = archive.ConsentLife - 7*day - maxSkew
	if p.ageOfGrant() < believable && p.grantWorks() {
		p.w.fail(promiseWord, "%s marked %s as in need of a new consent, which works: %d refusals since %s",
			a.name, p.key, before.Grant.Refusals.Count, before.Grant.Refusals.First.Format(time.DateTime))
	}
}

// massSize is how many people whose first refusal is on the same day make
// every refusal of them all a mass refusal: the first two of a run are noted, and the
// rest are enough for a mass refusal on each of three days.
const massSize = 7

// massRefusal reports whether everybody's token is refused for longer than one
// person's alone would have to be to be believed.
func (p Plan) massRefusal(at time.Time) bool {
	for _, w := range p.Weather {
		if w.Mass && !at.Before(w.From) && at.Before(w.To) {
			return true
		}
	}
	return false
}

// judgeRecorded: what is recorded as saved, and what does not wait any more, is
// in the archive.
func (p *person) judgeRecorded(a *actor, before archive.User, c archive.Changes, waiting []ledger.Batch) {
	if c.Entry != nil && before.Open != nil && before.Open.Entry.Key == c.Entry.Key && !before.Open.GivenUp {
		for _, t := range before.Open.Tracks {
			if !p.songs.held(t.ID) {
				p.w.fail(promiseTruth, "%s recorded %s of %s as saved, but song %s never reached the archive", a.name, c.Entry.Key, p.key, t.ID)
				return
			}
		}
	}
	if len(c.RemovePending) == 0 {
		return
	}
	waits := make(map[string]bool) // still, or in another batch
	left, _ := p.w.store.Pending(context.Background(), p.id)
	for _, batch := range left {
		for _, t := range batch.Tracks {
			waits[t.ID], waits[isrcOf(t.ID)] = true, true
		}
	}
	now, _ := p.stored()
	for _, batch := range waiting {
		if !slices.Contains(c.RemovePending, batch.ID) || batch.Held != "" && batch.Held != now.Discover.PlaylistID {
			continue // it stays, or is of a list that is not theirs, as the person said
		}
		for _, t := range batch.Tracks {
			if !p.has(t.ID) && !waits[t.ID] && !waits[isrcOf(t.ID)] {
				p.w.fail(promiseLost, "%s dropped the waiting batch %s of %s, but its song %s never reached the archive", a.name, batch.ID, p.key, t.ID)
				return
			}
		}
	}
}

// judgeDone: an edition that counts as archived is.
func (p *person) judgeDone(a *actor, done calendar.Edition) {
	list := p.w.spotify.Discover(p.key, time.Now())
	if calendar.EditionOf(list[0].AddedAt) != done {
		return // it changed since it was read
	}
	for _, id := range usableIDs(list) {
		if !p.has(id) {
			p.w.fail(promiseLost, "%s marked week %s of %s as done, but its song %s never reached the archive", a.name, done, p.key, id)
			return
		}
	}
}

// watchDelete: only who asked to leave is deleted.
func (w *world) watchDelete(a *actor, id archive.UserID) {
	p := w.byUser[id]
	if u, ok := p.stored(); ok && (!p.leaving || u.Status != archive.StatusLeaving) {
		w.fail(promiseWord, "%s deleted %s, who did not ask for it", a.name, p.key)
	}
}
