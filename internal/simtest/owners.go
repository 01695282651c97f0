package simtest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// What people do in Spotify's own apps, and with their account page.

// archives returns the person's archive playlists that are in their list.
func (p *person) archives() []*made {
	var list []*made
	for _, l := range p.w.spotify.Playlists(p.key) {
		if ours := p.playlists[l.ID]; ours != nil && ours.key != "inbox" && !ours.isCopy() {
			list = append(list, ours)
		}
	}
	return list
}

// must does something at Spotify that cannot fail.
func (p *person) must(err error) {
	if err != nil {
		panic("a person cannot do at Spotify what they can: " + err.Error())
	}
}

// play listens to some of Discover Weekly, and to something else. Some begin
// offline, on the way: what they heard there is listed after what followed.
func (p *person) play(r *rand.Rand, name string) {
	if !p.Player {
		return
	}
	uri := "spotify:playlist:" + p.w.spotify.DiscoverID(p.key)
	ids := usableIDs(p.w.spotify.Discover(p.key, time.Now()))
	from := r.IntN(len(ids))
	ids = ids[from:min(len(ids), from+1+r.IntN(12))]
	p.must(p.w.spotify.Play(p.key, "", trackPrefix+fakespotify.TrackID("other", p.key, fmt.Sprint(p.acts)), time.Now()))
	if chance(r, 0.4) {
		p.must(p.w.spotify.QueueDiscover(p.key))
	}
	way, offline, late := dice(p.w.plan.Seed, "offline "+name), 0, time.Duration(0)
	if chance(way, 0.4) {
		offline, late = way.IntN(len(ids)+1), between(way, 20*time.Minute, 5*time.Hour)
	}
	for i, id := range ids {
		p.w.sleepUntil(time.Now().Add(between(r, 2*time.Minute, 4*time.Minute)))
		if i == offline {
			late = 0
		}
		p.hear(uri, id, late)
	}
	p.must(p.w.spotify.SetQueue(p.key, "", ""))
}

func (p *person) remove(r *rand.Rand, name string) {
	list := p.archives()
	if len(list) == 0 {
		return
	}
	p.w.strike(name, ArchiveEdited)
	from := pick(r, list)
	p.changes()
	for range 1 + r.IntN(4) {
		n := len(p.w.spotify.URIs(from.id))
		if n == 0 {
			return
		}
		p.must(p.w.spotify.RemoveItem(p.key, from.id, r.IntN(n)))
		if n > 3 && chance(r, 0.5) {
			p.must(p.w.spotify.Reorder(p.key, from.id, r.IntN(n-2), 1, r.IntN(n-1)))
		}
	}
}

// add puts a song into the archive by hand: an odd one, or one of this week,
// which the service is about to find.
func (p *person) add(r *rand.Rand, name string) {
	list := p.archives()
	if len(list) == 0 {
		return
	}
	p.w.strike(name, ArchiveEdited)
	to := pick(r, list)
	p.changes()
	id := fakespotify.TrackID("added", name)
	if chance(r, 0.6) {
		id = pick(r, usableIDs(p.w.spotify.Discover(p.key, time.Now().Add(time.Duration(r.IntN(2))*week))))
	}
	if p.songs.held(id) {
		return
	}
	p.must(p.w.spotify.AddItems(p.key, to.id, trackPrefix+id))
	p.songs.put(&fate{id: id, isrc: isrcOf(id), playlist: to.id, byHand: true, at: time.Now()})
	if many := dice(p.w.plan.Seed, "many "+name); chance(many, 0.3) { // a list of theirs after it, longer than a page
		p.must(p.w.spotify.Fill(p.key, to.id, webapi.PageSize+many.IntN(2*webapi.PageSize)))
	}
}

// swap leaves the archive as long as it was: its first song goes, and a song of
// the next week comes. Not within a minute before a run: the list of playlists
// tells of it no sooner, and what a run appends meanwhile hides it for good.
func (p *person) swap(r *rand.Rand, name string) {
	if since := time.Now().UTC().Truncate(day).Add(13 * time.Hour); time.Since(since).Abs() < 10*time.Minute {
		p.w.sleepUntil(since.Add(10 * time.Minute))
	}
	list := p.archives()
	if len(list) == 0 {
		return
	}
	in := pick(r, list)
	id := pick(r, usableIDs(p.w.spotify.Discover(p.key, time.Now().Add(week))))
	if len(p.w.spotify.URIs(in.id)) == 0 || p.songs.held(id) {
		return
	}
	p.w.strike(name, ArchiveEdited)
	p.changes()
	p.must(p.w.spotify.RemoveItem(p.key, in.id, 0))
	p.must(p.w.spotify.AddItems(p.key, in.id, trackPrefix+id))
	p.songs.put(&fate{id: id, isrc: isrcOf(id), playlist: in.id, byHand: true, swapped: true, at: time.Now()})
	p.w.sleepUntil(time.Now().Add(2 * time.Minute))
}

// fill puts songs into the archive until it is almost full.
func (p *person) fill(r *rand.Rand, name string) {
	for _, to := range p.archives() {
		if n := archive.MaxPlaylistItems - 40 + r.IntN(20) - len(p.w.spotify.URIs(to.id)); n > 0 {
			p.w.strike(name, ArchiveFilled)
			p.changes()
			p.must(p.w.spotify.Fill(p.key, to.id, n))
			return
		}
	}
}

// rename gives an archive another name, and a description without the marker
// by which it would be found if the database forgot it.
func (p *person) rename(r *rand.Rand, name string) {
	if list := p.archives(); len(list) > 0 {
		p.w.strike(name, ArchiveRenamed)
		p.changes()
		p.must(p.w.spotify.Rename(p.key, pick(r, list).id, "Mine", ""))
	}
}

func (p *person) drop(r *rand.Rand, name string) {
	if list := p.archives(); len(list) > 0 {
		p.w.strike(name, ArchiveDeleted)
		p.changes()
		p.must(p.w.spotify.Unfollow(p.key, pick(r, list).id))
	}
}

func (p *person) revoke(_ *rand.Rand, name string) {
	p.w.strike(name, Revoked)
	p.changes()
	p.must(p.w.spotify.RevokeApp(p.key))
	for token, facts := range p.w.grants {
		if facts.account == p.key {
			delete(p.w.grants, token)
		}
	}
}

// paste pastes links: new ones, this week's, some that are archived.
func (p *person) paste(r *rand.Rand, name string) {
	var ids []string
	for i := range 1 + r.IntN(5) {
		ids = append(ids, fakespotify.TrackID("pasted", name, fmt.Sprint(i)))
	}
	discover := usableIDs(p.w.spotify.Discover(p.key, time.Now()))
	for range r.IntN(4) {
		id := pick(r, discover)
		if p.Habits.Relinked && chance(r, 0.3) {
			id = fakespotify.Relinked(id)
		}
		ids = append(ids, id)
	}
	if chance(r, 0.1) { // more than one append
		for i := range 120 {
			ids = append(ids, fakespotify.TrackID("pasted many", name, fmt.Sprint(i)))
		}
	}
	var text strings.Builder
	for _, id := range ids {
		p.legit[isrcOf(id)] = true
		text.WriteString("https://open.spotify.com/track/" + id + "?si=x\n")
	}
	before := p.connected
	location, done := p.post(name, "/account/paste", map[string]string{"links": text.String()})
	if !done || route(location) != "/account/paste" || p.connected != before {
		return
	}
	for _, id := range ids {
		p.debts = append(p.debts, debt{id: id, why: "its link was pasted and taken", from: time.Now(), of: ofArchive})
	}
}

// link pastes the link of their Discover Weekly, or what is not it: rubbish, a
// playlist of their own, one that the service made.
func (p *person) link(r *rand.Rand, name string) {
	target := "https://open.spotify.com/playlist/" + p.w.spotify.DiscoverID(p.key) + "?si=x"
	switch weighted(r, 5, 1, 2, 1) {
	case 1:
		target = "my favourite list"
	case 2:
		mine, err := p.w.spotify.CreatePlaylist(p.key, "Mine alone")
		p.must(err)
		song := fakespotify.TrackID("mine", name)
		p.must(p.w.spotify.AddItems(p.key, mine, trackPrefix+song))
		p.legit[isrcOf(song)] = true
		target = "spotify:playlist:" + mine
	case 3:
		if list := p.archives(); len(list) > 0 {
			target = pick(r, list).id
		}
	}
	p.post(name, "/account/discover", map[string]string{"link": target})
	if u, ok := p.stored(); ok && p.mislinked(u) { // what waited for their word is not theirs
		p.debts = slices.DeleteFunc(p.debts, func(d debt) bool { return d.of == ofArchive })
	}
}

// look reads the account page, which has to say what is stored. Where
// something goes before the last result, the tests of the page hold it to that.
func (p *person) look(_ *rand.Rand, name string) {
	before, ok := p.stored()
	answer, ok2 := p.visit(name, http.MethodGet, "/account", nil)
	after, ok3 := p.stored()
	if !ok || !ok2 || !ok3 || answer.status != http.StatusOK || before.Revision != after.Revision {
		return
	}
	const grace = 2*maxSkew + time.Minute
	plain := after.Status == archive.StatusActive && after.Last.At.After(after.Grant.AuthorizedAt.Add(grace)) &&
		time.Now().Before(after.Grant.EndsAt().Add(-grace))
	// The page goes by the clock of its own machine, which may be days ahead.
	underWay := slices.ContainsFunc([]time.Duration{-maxSkew, 0, maxSkew, p.w.ahead}, func(skew time.Duration) bool {
		return after.Progress(time.Now().Add(skew)).Stage != archive.StageNone
	}) || after.Lease.Until.After(time.Now())
	if !plain || underWay || answerable(after.Last) || after.Last.Kind == outcome.Paused {
		return
	}
	english, _ := words.Ours().Language(words.Fallback)
	said := func(line words.Line) bool {
		sentence, err := english.HTML(line)
		p.must(err)
		return strings.Contains(answer.body, string(sentence))
	}
	// What it says of the same result in a later week, or on another day.
	later := map[string]words.Line{
		"outcome.already_done": words.Say("status.coming"), "outcome.not_refreshed": words.Say("status.coming"),
		"outcome.put_off": words.Say("outcome.put_off_over"), "outcome.put_off_over": words.Say("outcome.put_off"),
	}
	for _, line := range words.Outcome(after.Last, time.Now()) {
		if other, may := later[line.Key]; !said(line) && (!may || !said(other)) {
			p.w.fail(promiseTruth, "the account page of %s does not say %q", p.key, english.Text(line))
		}
	}
}

// answerable reports whether the outcome asks something that the person may
// have done since.
func answerable(o outcome.Outcome) bool {
	asks := func(f outcome.Failure) bool {
		return slices.Contains([]outcome.Kind{
			outcome.NotReadable, outcome.Choose, outcome.InboxGone,
		}, f.Kind)
	}
	return asks(outcome.Failure{Kind: o.Kind}) || slices.ContainsFunc(o.Failed, asks)
}
