package simtest

import (
	"context"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/event"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// watched is one delivery and what its person looked like before.
type watched struct {
	a      *actor
	p      *person
	steady bool
	quiet  bool // nothing has changed that the run would have to read
	week   int  // Web API requests that an ordinary week takes
	budget int
	inner  event.Archiver
}

// watch notes what a delivery may cost.
func (w *world) watch(a *actor, m *message) *watched {
	d := &watched{a: a, p: w.byUser[m.user]}
	if d.p == nil {
		return d
	}
	a.recorded = make(map[ledger.EntryKey]int)
	u, ok := d.p.stored()
	d.steady = ok && d.p.isSteady(u)
	d.quiet = ok && d.p.isQuiet(u)
	d.week = d.p.ordinaryWeek(u)
	d.budget = d.p.ceiling()
	return d
}

func (d *watched) around(inner event.Archiver) event.Archiver {
	d.inner = inner
	return d
}

// Run implements event.Archiver.
func (d *watched) Run(ctx context.Context, job archive.ArchiveJob) (outcome.Outcome, error) {
	result, err := d.inner.Run(ctx, job)
	a, w := d.a, d.a.w
	w.note(a.name, "outcome %s: %d found, %d added, %d already", result.Kind, result.Found, result.Added, result.Already)
	if d.p == nil {
		return result, err
	}
	d.countBudget(result)
	added := 0
	for _, n := range a.recorded {
		added += n
	}
	if result.Kind == outcome.Saved && result.Added+result.Back != added {
		w.fail(promiseTruth, "%s says that %d songs were saved for %s, the ledger says %d", a.name, result.Added+result.Back, d.p.key, added)
	}
	if result.Kind == outcome.Saved && added == 0 {
		w.fail(promiseTruth, "%s ended %s for %s with %d songs added", a.name, result.Kind, d.p.key, result.Added)
	}
	if a.late {
		a.hurt() // until its end
	}
	d.judgeBudget(job, result)
	if !a.struck && result.Kind != outcome.Unsure && !d.p.connected.IsZero() {
		d.p.owe(a.saw, a.name)
	}
	return result, err
}

// countBudget counts what had to wait for another day, which is then no fault
// of the run's.
func (d *watched) countBudget(result outcome.Outcome) {
	w := d.a.w
	if result.Kind == outcome.Paused && result.Reason == app.PauseBudget {
		w.counts[SpentDay]++
	}
	putOff := func(source concern) {
		w.counts[PutOff]++
		d.p.lied[source] = time.Now()
	}
	if result.Kind == outcome.PutOff && len(result.Failed) == 0 {
		putOff(ofPlays)
		putOff(ofInbox)
	}
	for _, f := range result.Failed {
		switch {
		case f.Kind != outcome.PutOff:
		case f.Source == ledger.SourceInbox:
			putOff(ofInbox)
		case f.Source == ledger.SourceDiscover: // finishing what was open took the rest
			putOff(ofDiscover)
		default:
			putOff(ofPlays)
		}
	}
}

// judgeBudget: the ordinary week costs one token and three requests, or four, three
// reads and five writes; no other run costs more than what is there to read.
func (d *watched) judgeBudget(job archive.ArchiveJob, result outcome.Outcome) {
	a, w := d.a, d.a.w
	if a.struck || d.p.acted.After(a.began.Add(-time.Minute)) {
		return
	}
	if a.lied {
		if most := 3*d.budget + result.Added; a.api > most {
			w.fail(promiseBudget, "%s took %d Web API requests for %s while Spotify lied, at most %d can be explained", a.name, a.api, d.p.key, most)
		}
		return
	}
	ordinary := d.steady && d.p.Device == (Device{}) && result.Kind == outcome.Saved && result.Added <= webapi.MaxAppend &&
		(job.Run.Kind == app.RunWeekly || job.Run.Kind == app.RunDue)
	if ordinary && (a.tokens > 1 || a.api > d.week || a.reads > 3 || a.writes > 5 || a.opens > 1) {
		w.fail(promiseBudget, "%s took %d token and %d Web API requests, %d reads, %d writes and %d decryptions for an ordinary week of %s",
			a.name, a.tokens, a.api, a.reads, a.writes, a.opens, d.p.key)
	}
	quiet := d.quiet && result.Kind == outcome.NothingNew && result.Found == 0 &&
		(job.Run.Kind == app.RunWeekly || job.Run.Kind == app.RunDue)
	most := 1
	if job.Run.Kind == app.RunWeekly {
		most = 2 // the archive, where it stands far from the inbox
	}
	if quiet && (a.tokens > 1 || a.api > most) {
		w.fail(promiseBudget, "%s took %d token and %d Web API requests to see that nothing has changed in the inbox of %s",
			a.name, a.tokens, a.api, d.p.key)
	}
	if a.tokens > 1 || a.api > d.budget+result.Added {
		w.fail(promiseBudget, "%s took %d token and %d Web API requests for %s, at most 1 and %d can be explained",
			a.name, a.tokens, a.api, d.p.key, d.budget+result.Added)
	}
}

// ordinaryWeek is how many Web API requests an ordinary week takes: the songs, the
// archive in the list, the append. A person who deleted an archive of theirs may take
// it back, and it comes on top of the list, so they take one more where something has
// come since.
func (p *person) ordinaryWeek(u archive.User) int {
	const requests = 3
	target := u.Archives[archive.MainArchive]
	gone := slices.ContainsFunc(target.Former, func(f archive.Former) bool { return f.Gone })
	if gone && len(p.w.spotify.Playlists(p.key)) > target.Place.Of {
		return requests + 1
	}
	return requests
}

// isSteady reports whether nothing but an ordinary week is there to be done.
func (p *person) isSteady(u archive.User) bool {
	inbox := u.Choice == archive.ChoiceAuto && u.Inbox.PlaylistID != ""
	if u.Status != archive.StatusActive || u.Open != nil || u.Waiting || !p.usesDiscover(u) || inbox ||
		u.Discover.Access != archive.AccessReadable || u.Discover.PlaylistID == "" || p.mislinked(u) || u.Shape != archive.ShapeSingle {
		return false
	}
	if _, soon := u.Grant.EndsSoon(time.Now().Add(maxSkew)); soon {
		return false
	}
	for _, target := range u.Archives {
		if target.Reminder != "" {
			return false
		}
	}
	target := u.Archives[archive.MainArchive]
	ours := p.playlists[target.PlaylistID]
	if ours == nil {
		return false
	}
	list, _ := p.w.spotify.Playlist(ours.id)
	if !p.standsWhereItStood(target, u.Discover) {
		return false
	}
	return list.Followed && time.Since(ours.written) > 2*time.Minute && // the snapshot id shows after a minute
		target.Total == list.Total && target.Snapshot == list.SnapshotID && target.Unlearned == 0 &&
		target.Total < archive.MaxPlaylistItems-webapi.MaxAppend
}

// isQuiet reports whether the person's inbox, their only source, and their
// archives are as the service left them.
func (p *person) isQuiet(u archive.User) bool {
	if u.Status != archive.StatusActive || u.Open != nil || u.Waiting || u.Choice != archive.ChoiceInbox || !u.Inbox.Confirmed || u.Inbox.Unexplained || u.Inbox.Gone ||
		u.Inbox.Absence != (archive.Absence{}) || len(u.Inbox.Others) > 0 || !p.standsNear(u.Inbox.PlaylistID, u.Inbox.Place) {
		return false
	}
	if _, soon := u.Grant.EndsSoon(time.Now().Add(maxSkew)); soon {
		return false
	}
	inbox, _ := p.w.spotify.Playlist(u.Inbox.PlaylistID)
	asLeft := inbox.Total == u.Inbox.Total && inbox.SnapshotID == u.Inbox.Snapshot
	for id, ours := range p.playlists {
		asLeft = asLeft && (ours.key != "inbox" || id == u.Inbox.PlaylistID)
	}
	for _, target := range u.Archives {
		list, found := p.w.spotify.Playlist(target.PlaylistID)
		asLeft = asLeft && found && list.Total == target.Total && target.Reminder == ""
	}
	return asLeft && len(p.w.spotify.Playlists(p.key)) <= u.Inbox.Place.Of
}

// standsNear reports whether a playlist is among the few entries around its place.
func (p *person) standsNear(id string, place archive.ListPlace) bool {
	const above, after = 2, 7
	at := slices.IndexFunc(p.w.spotify.Playlists(p.key), func(l fakespotify.Playlist) bool { return l.ID == id })
	moved := at - place.Offset
	return at >= 0 && place.Of > 0 && -above <= moved && moved <= after
}

// standsWhereItStood reports whether the archive is found without reading more of
// the list than a few entries, and whether none has come that may be another
// Discover Weekly.
func (p *person) standsWhereItStood(target archive.ArchivePlaylist, discover archive.Discover) bool {
	return p.standsNear(target.PlaylistID, target.Place) &&
		(discover.Chosen || len(p.w.spotify.Playlists(p.key)) <= discover.Among)
}

// ceiling is how many Web API requests a run can need at the very most: it
// reads everything twice.
func (p *person) ceiling() int {
	const pageSize = 50
	requests := 12
	lists := p.w.spotify.Playlists(p.key)
	requests += 2 * (len(lists)/pageSize + 1)
	for _, l := range lists {
		requests += 4 + 2*(l.Total/pageSize+1)
	}
	return requests
}
