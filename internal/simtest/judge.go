package simtest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
)

const (
	// catchUpTime is how long a run may take without faults: the longest
	// back-off, and a lease that a crash before it left behind.
	catchUpTime = time.Hour

	// aftermath is how long a fault may still be felt.
	aftermath = 30 * time.Minute
)

// owed is what a person's sources show when a run begins.
type owed struct {
	p     *person
	songs []debt
}

// expect notes at the time of a message what the sources of those whom it sends
// out show, and judges an hour later whether it is archived.
func (w *world) expect(kind app.RunKind, at time.Time, sent bool) {
	if kind == app.RunSweep {
		for _, p := range w.sorted() {
			p.judgeDue(at)
			p.judgeList(at)
		}
		return
	}
	var list []owed
	for _, p := range w.sorted() {
		u, _ := p.stored()
		switch due := !u.Due.At.Before(w.hourly) && u.Due.At.Before(at); {
		case kind == app.RunHourly && !due:
			continue
		case u.Due.Why == archive.DuePlays:
			p.listened(at)
		default:
			if songs := p.shown(kind, at); len(songs) > 0 {
				list = append(list, owed{p, songs})
			}
		}
	}
	if kind == app.RunHourly && sent {
		w.hourly = at
	}
	w.start(fmt.Sprintf("judge %s %s", kind, at), func() {
		w.sleepUntil(at.Add(catchUpTime))
		for _, o := range list {
			o.p.judgeCatchUp(kind, at, o.songs)
		}
	})
}

// nextDay is how far ahead the next daily look can be: from Sunday 13:37 to the
// end of Tuesday's.
const nextDay = 2*day + 4*time.Hour

const (
	// copyLook is how far ahead the next look at a person who copies can be.
	copyLook = 3*day + 5*time.Hour

	// nextWeek is how far ahead it can be once they have copied a whole list: to
	// the end of the Tuesday after the next weekly message.
	nextWeek = 9 * day
)

// mayWait is how far ahead the next look at a person may be whose week is open.
func (p *person) mayWait(u archive.User, at time.Time) time.Duration {
	copies := u.Choice == archive.ChoiceInbox || u.Choice == archive.ChoiceAuto && !p.usesDiscover(u)
	switch {
	case len(u.Discover.Candidates) > 0 && !u.Discover.Chosen: // for their word which is theirs
		return nextWeek
	case !copies:
		return nextDay
	case p.brought[u.WeekOf(at)] >= calendar.DiscoverSongs:
		return nextWeek
	default:
		return copyLook
	}
}

// judgeDue: a person whose week is open is looked at within a day, and one who
// copies on the days of the looks at inboxes.
func (p *person) judgeDue(at time.Time) {
	u, ok := p.stored()
	if !ok || !p.couldRun(u, at) || !u.WeekOpen(at) || p.w.paused().After(at) || p.w.wrong.After(at.Add(-9*day)) {
		return // clocks that were days ahead put looks off to the next weekly message
	}
	next := u.Due.At.Sub(at)
	if u.Due.At.IsZero() || next > p.mayWait(u, at) {
		p.w.fail(promiseEnd, "the week of %s is open, and the next look at them is in %s (%s)", p.key, next, u.Due.Why)
	}
	// A message that was days late may note a time that is over; the next sweep moves it.
	late := next < -nextDay
	if late && p.overdue.Equal(u.Due.At) {
		p.w.fail(promiseEnd, "the week of %s is open, and the look at them that was due is %s late (%s)", p.key, -next, u.Due.Why)
	}
	if p.overdue = (time.Time{}); late {
		p.overdue = u.Due.At
	}
}

// judgeList: a Discover Weekly that the person wants, and that has shown for as long
// as the next daily look may take with nothing wrong, is in the archive, whatever
// had ended the week before. One that comes days late is dated by its coming.
func (p *person) judgeList(at time.Time) {
	u, ok := p.stored()
	if !ok || !p.couldRun(u, at) || !p.usesDiscover(u) || u.Discover.Unreadable(u.Discover.Denials) || p.waitsForArchive(at) {
		return
	}
	calm := at.Add(-nextDay - catchUpTime)
	list := p.w.spotify.Discover(p.key, at)
	shows := calendar.DueEdition(calm) == calendar.DueEdition(at) && calendar.EditionOf(list[0].AddedAt) == calendar.DueEdition(at) &&
		list[0].AddedAt.Before(calm)
	if !shows || slices.ContainsFunc([]time.Time{p.connected, p.acted, p.hurt, p.w.paused(), p.w.wrong.Add(7 * day)}, calm.Before) {
		return
	}
	for of := range ofEverything + 1 {
		if p.liedSince(calm, of) {
			return
		}
	}
	for _, id := range usableIDs(list) {
		if !p.has(id) {
			p.w.fail(promiseWeek, "song %s of %s is not in the archive although Discover Weekly shows it, and nothing went wrong for %s", id, p.key, at.Sub(calm))
			return
		}
	}
}

// shown returns what has to be archived an hour after a run at that time.
func (p *person) shown(kind app.RunKind, at time.Time) []debt {
	u, ok := p.stored()
	if !ok || !p.couldRun(u, at) {
		return nil
	}
	var songs []debt
	if p.usesDiscover(u) {
		list := p.w.spotify.Discover(p.key, at)
		if calendar.EditionOf(list[0].AddedAt) == calendar.DueEdition(at) {
			for _, id := range usableIDs(list) {
				songs = append(songs, debt{id: id, why: "Discover Weekly of " + string(calendar.DueEdition(at)) + " showed it", from: list[0].AddedAt, of: ofDiscover})
			}
		}
	}
	if p.usesInbox(u, kind) && u.Inbox.PlaylistID != "" && p.follows(u.Inbox.PlaylistID) {
		age := p.w.plan.Spotify.SnapshotLag + time.Minute // by which it goes
		list := p.w.spotify.Items(u.Inbox.PlaylistID)
		for i, song := range list {
			if song.Addable() && at.Sub(song.AddedAt) > age && !p.standsUnseen(u, song, len(list)-i, at) {
				songs = append(songs, debt{id: song.ID, why: "the inbox showed it", from: song.AddedAt, of: ofInbox})
			}
		}
	}
	for _, d := range p.debts {
		if at.Sub(d.from) > time.Minute {
			songs = append(songs, d)
		}
	}
	return songs
}

// couldRun reports whether nothing stood in the way of the person's runs then,
// and nothing has just gone wrong.
func (p *person) couldRun(u archive.User, at time.Time) bool {
	return !p.connected.IsZero() && u.Status == archive.StatusActive &&
		at.Sub(p.connected) > aftermath && at.Sub(p.acted) > aftermath && at.Sub(p.hurt) > aftermath &&
		p.w.paused().Before(at.Add(-maxSkew-time.Minute)) && p.grantWorks()
}

// judgeCatchUp: whatever happened before, a run without a fault brings
// everything that the sources show into the archive.
func (p *person) judgeCatchUp(kind app.RunKind, at time.Time, songs []debt) {
	if !p.acted.Before(at) || !p.hurt.Before(at) || p.w.paused().After(at) {
		return
	}
	if u, _ := p.stored(); p.liedSince(at.Add(-aftermath), ofArchive) || p.asked(u) {
		return
	}
	for _, d := range songs {
		if !p.liedSince(at.Add(-aftermath), d.of) && !p.has(d.id) {
			if p.waitsForArchive(time.Now()) {
				return
			}
			promise := promiseLost
			if len(p.w.plan.Lies) > 0 {
				promise = promiseWeek
			}
			if p.w.plan.strikesOthers(p.key, at) {
				promise = promiseHurt
			}
			p.w.fail(promise, "song %s of %s is not in the archive an hour after the %s run of %s, in which nothing went wrong: %s at %s",
				d.id, p.key, kind, at.Format(time.DateTime), d.why, d.from.UTC().Format(time.DateTime))
			return
		}
	}
}

// waitsForArchive reports whether the person deleted a playlist of ours, and
// the service does not believe it yet: that takes a second look a day later,
// one more where the first is contradicted, and a week and these where the list
// goes on to contradict it, as one that shows nothing at all does.
func (p *person) waitsForArchive(at time.Time) bool {
	u, _ := p.stored()
	missing := func(id string, absence archive.Absence) bool {
		if id == "" || p.follows(id) {
			delete(p.missed, id)
			return false
		}
		if p.missed[id].IsZero() || p.liedSince(at.Add(-catchUpTime-aftermath), ofList) {
			p.missed[id] = at
		}
		doubted := !absence.Doubted.IsZero() && at.Sub(absence.Doubted) < 9*day
		return doubted || at.Sub(p.missed[id]) < 2*day+catchUpTime || !absence.Since.IsZero() && at.Sub(absence.Since) < day
	}
	for _, target := range u.Archives {
		if missing(target.PlaylistID, target.Absence) {
			return true
		}
	}
	return missing(u.Inbox.PlaylistID, u.Inbox.Absence)
}

// strikesOthers reports whether things go wrong for somebody else only.
func (p Plan) strikesOthers(account string, at time.Time) bool {
	for _, w := range p.Weather {
		if w.Only != nil && !w.Only[account] && !at.Before(w.From) && at.Before(w.To) {
			return true
		}
	}
	return false
}

// judgeEnd: faults stopped two days ago, and the last weekly run was hours
// ago. Nothing is left undone.
func (w *world) judgeEnd() {
	for _, p := range w.sorted() {
		u, ok := p.stored()
		switch {
		case !ok:
			p.judgeGone()
		case u.Status == archive.StatusLeaving:
			w.fail(promiseEnd, "%s disconnected, and is still not deleted", p.key)
		case !p.couldRun(u, w.end) || p.asked(u) || (u.Open != nil || u.Waiting) && p.waitsForArchive(w.end):
		case u.Open != nil:
			w.fail(promiseEnd, "the batch %s of %s is still open", u.Open.Entry.Key, p.key)
		case u.Lease.Until.After(w.end):
			w.fail(promiseEnd, "somebody still holds the lease of %s", p.key)
		case u.Waiting && !p.waitsUntilTomorrow():
			w.fail(promiseEnd, "songs of %s still wait", p.key)
		default:
			p.judgeDue(w.end)
			p.judgeDebts()
		}
		p.judgeOnce()
	}
}

// judgeDebts: nothing that was shown to a run, or taken from the person, is
// missing in the end.
func (p *person) judgeDebts() {
	for _, d := range p.debts {
		if !p.has(d.id) && p.w.end.Sub(d.from) > day && !p.waitsForArchive(p.w.end) {
			p.w.fail(promiseWeek, "song %s of %s is not in the archive in the end: %s at %s", d.id, p.key, d.why, d.from.UTC().Format(time.DateTime))
			return
		}
	}
}

// owe makes debts of songs that a run was shown, whatever else Spotify told it.
func (p *person) owe(ids []string, name string) {
	for _, id := range ids {
		if !p.has(id) && !slices.ContainsFunc(p.debts, func(d debt) bool { return d.id == id }) {
			p.debts = append(p.debts, debt{id: id, why: name + " was shown it", from: time.Now(), of: ofArchive})
		}
	}
}

// has reports whether a song is in the archive, or looks like one that is to
// whom Spotify told that many songs have one ISRC.
func (p *person) has(id string) bool {
	if p.songs.held(id) {
		return true
	}
	if p.lied[ofShared].IsZero() {
		return false
	}
	same := func(other string) bool {
		return (lengthOf(other)-lengthOf(id)).Abs() < 2*time.Second && p.mayShareISRC(other, id)
	}
	for other := range p.songs.ids {
		if same(other) {
			return true
		}
	}
	return slices.ContainsFunc(p.archives(), func(list *made) bool { // filled by hand
		return slices.ContainsFunc(idsOf(p.w.spotify.URIs(list.id)), same)
	})
}

// judgeGone: of who left, nothing is kept.
func (p *person) judgeGone() {
	ctx := context.Background()
	entries, _ := p.w.store.Entries(ctx, p.id, 1)
	pending, _ := p.w.store.Pending(ctx, p.id)
	seen, _ := p.w.store.Seen(ctx, p.id)
	if len(entries) > 0 || len(pending) > 0 || seen.Len() > 0 {
		p.w.fail(promiseEnd, "%s left, but something of them is still stored", p.key)
	}
}

// judgeOnce: what the service put is in the archive at most once.
func (p *person) judgeOnce() {
	count := make(map[string]int)
	for _, list := range p.w.spotify.Playlists(p.key) {
		ours := p.playlists[list.ID]
		known := ours != nil && markerPattern.MatchString(list.Description) // in another life too
		if known && ours.key != "inbox" && !ours.isCopy() {
			for _, id := range idsOf(p.w.spotify.URIs(list.ID)) {
				count[id]++
			}
		}
	}
	for id, n := range count {
		if f := p.songs.ids[id]; n > 1 && f != nil && !f.byHand && p.Habits.Add+p.Habits.Fill+p.Habits.Swap == 0 {
			p.w.fail(promiseDoubled, "song %s is %d times in the archives of %s", id, n, p.key)
		}
	}
}
