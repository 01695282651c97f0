package simtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// What people do with their inbox, and with their list of playlists.

// inbox returns the id of the person's inbox, if it is in their list.
func (p *person) inbox() string {
	for _, l := range p.w.spotify.Playlists(p.key) {
		if ours := p.playlists[l.ID]; ours != nil && ours.key == "inbox" {
			return l.ID
		}
	}
	return ""
}

// copyWeek copies Discover Weekly into the inbox, or only what they liked of it.
func (p *person) copyWeek(r *rand.Rand, _ string) {
	inbox := p.inbox()
	if inbox == "" {
		return
	}
	before := len(p.w.spotify.URIs(inbox))
	ids := usableIDs(p.w.spotify.Discover(p.key, time.Now()))
	if chance(r, 0.4) {
		p.must(p.w.spotify.AddItems(p.key, inbox, trackPrefix+pick(r, ids), trackPrefix+pick(r, ids)))
	} else {
		p.must(p.w.spotify.CopyDiscover(p.key, inbox))
	}
	p.copied = time.Now()
	if p.Habits.Relinked {
		p.must(p.w.spotify.AddItems(p.key, inbox, trackPrefix+fakespotify.Relinked(pick(r, ids)), ""))
	}
	n := len(p.w.spotify.URIs(inbox))
	if before > 0 && n > before && chance(r, 0.2) { // moves them among the others
		for _, id := range idsOf(p.w.spotify.URIs(inbox)[before:]) {
			p.moved[id] = true
		}
		p.must(p.w.spotify.Reorder(p.key, inbox, before, n-before, r.IntN(before)))
	}
	if before > 0 && chance(r, 0.15) { // makes room
		p.weeded = time.Now()
		for range 1 + r.IntN(before) {
			p.must(p.w.spotify.RemoveItem(p.key, inbox, 0))
		}
	}
	if u, ok := p.stored(); ok {
		p.brought[u.WeekOf(time.Now())] += n - before
	}
	p.notePairs(inbox)
}

// standsUnseen reports whether a song that stands so far from the end of the inbox
// may wait for the monthly reading of all of it (decision 19): the person has moved
// it among the songs before the last 200, and taken others out, so that the end of
// the inbox explains nothing.
func (p *person) standsUnseen(u archive.User, song fakespotify.Song, fromEnd int, at time.Time) bool {
	const lastPages, monthly = 200, 30*day + 5*time.Minute
	return p.moved[song.ID] && fromEnd > lastPages && !p.weeded.Before(song.AddedAt) && at.Sub(u.Inbox.ReadAt) < monthly
}

// notePairs notes the songs of a list in which a double of theirs stands, too:
// two places of one list are two songs.
func (p *person) notePairs(list string) {
	ids := idsOf(p.w.spotify.URIs(list))
	for _, id := range ids {
		if slices.Contains(ids, fakespotify.Relinked(id)) {
			p.paired[id] = true
		}
	}
}

func (p *person) empty(*rand.Rand, string) {
	inbox := p.inbox()
	if inbox == "" {
		return
	}
	p.changes()
	for n := len(p.w.spotify.URIs(inbox)); n > 0; n-- {
		p.must(p.w.spotify.RemoveItem(p.key, inbox, n-1))
	}
}

func (p *person) dropInbox(_ *rand.Rand, name string) {
	if inbox := p.inbox(); inbox != "" {
		p.w.strike(name, InboxDeleted)
		p.changes()
		p.must(p.w.spotify.Unfollow(p.key, inbox))
	}
}

// collect makes playlists, which come on top of the list, removes the newest of
// their own, or moves an archive to the top.
func (p *person) collect(r *rand.Rand, name string) {
	p.changes()
	switch weighted(r, 4, 2, 1) {
	case 0:
		for n := range 1 + r.IntN(14) {
			_, err := p.w.spotify.CreatePlaylist(p.key, fmt.Sprintf("%s %d", name, n+1))
			p.must(err)
		}
	case 1:
		for _, l := range p.w.spotify.Playlists(p.key) {
			if p.playlists[l.ID] == nil && l.ID != p.w.spotify.DiscoverID(p.key) && chance(r, 0.5) {
				p.must(p.w.spotify.Unfollow(p.key, l.ID))
			}
		}
	default:
		for _, l := range p.archives() {
			p.must(p.w.spotify.Unfollow(p.key, l.id))
			p.must(p.w.spotify.Follow(p.key, l.id))
		}
	}
}
