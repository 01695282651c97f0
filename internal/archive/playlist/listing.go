package playlist

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// listing is the user's playlists, read only as far as somebody asks: page by
// page from the top, and a few entries here and there. What Spotify fails to
// list, it fails to list for this run.
type listing struct {
	known    []webapi.Playlist
	ids      map[string]bool
	asked    bool   // something was read
	total    int    // as the first page told it, or the first entries that were read
	spans    []span // that were read
	top      int    // so many entries from the top on were read
	made     int    // playlists that this run put on top
	nulls    int    // in the pages
	next     int
	pages    int
	complete bool
	failed   error
}

// span is a part of the list: from an offset on, before another.
type span struct{ from, to int }

// glance reads a few entries from an offset on, unless they were read.
func (l *listing) glance(ctx context.Context, library webapi.Library, from, n int) error {
	if slices.ContainsFunc(l.spans, func(s span) bool { return s.from <= from && from+n <= s.to }) {
		return nil
	}
	page, err := library.Playlists(ctx, from, n)
	if err != nil {
		return fmt.Errorf("looking into the list of playlists: %w", err)
	}
	if l.pages == 0 {
		l.total = page.Total
	}
	l.read(span{from, from + n}, page)
	return nil
}

// read notes what was read. An entry comes twice where a page ends, and another
// one not at all.
func (l *listing) read(s span, page webapi.PlaylistPage) {
	l.asked, l.spans = true, append(l.spans, s)
	if s.from <= l.top {
		l.top = max(l.top, s.to)
	}
	for _, p := range page.Playlists {
		if !l.ids[p.ID] {
			l.add(p)
		}
	}
}

// find returns the first playlist that matches, reading on as long as none
// does. Not found means that the complete list was read.
func (l *listing) find(ctx context.Context, library webapi.Library, match func(webapi.Playlist) bool) (webapi.Playlist, bool, error) {
	checked := 0
	for {
		for ; checked < len(l.known); checked++ {
			if match(l.known[checked]) {
				return l.known[checked], true, nil
			}
		}
		if l.complete {
			return webapi.Playlist{}, false, nil
		}
		if err := l.more(ctx, library); err != nil {
			return webapi.Playlist{}, false, err
		}
	}
}

// all reads the complete list.
func (l *listing) all(ctx context.Context, library webapi.Library) ([]webapi.Playlist, error) {
	_, _, err := l.find(ctx, library, func(webapi.Playlist) bool { return false })
	return l.known, err
}

// first reads the first page, if none was read yet.
func (l *listing) first(ctx context.Context, library webapi.Library) ([]webapi.Playlist, error) {
	if l.pages > 0 {
		return l.known, nil
	}
	err := l.more(ctx, library)
	return l.known, err
}

func (l *listing) more(ctx context.Context, library webapi.Library) error {
	if l.failed != nil {
		return l.failed
	}
	page, err := library.Playlists(ctx, l.next, webapi.PageSize)
	if err != nil {
		l.failed = fmt.Errorf("listing playlists: %w", err)
		return l.failed
	}
	if l.pages == 0 {
		l.total = page.Total
	}
	l.pages++
	l.read(span{l.next, l.next + webapi.PageSize}, page)
	l.nulls += page.Nulls
	// The end is where the first total says, whatever a later page does.
	if page.Next <= l.next || page.Next >= l.total {
		l.complete = true
	}
	l.next = page.Next
	return nil
}

// holes is how many entries of the list were nulled, or are counted and not
// listed.
func (l *listing) holes() int { return max(l.nulls, l.total-len(l.ids)) }

// blank reports whether the list shows nothing at all: not even that there is
// something that this app may not see.
func (l *listing) blank() bool { return len(l.ids) == 0 && (l.total == 0 || l.nulls < l.total) }

// add notes a playlist that was listed, or that we just made.
func (l *listing) add(p webapi.Playlist) {
	if l.ids == nil {
		l.ids = make(map[string]bool)
	}
	l.ids[p.ID] = true
	l.known = append(l.known, p)
}

// Items reads a playlist from offset on. What was read before an error is
// returned with it.
func Items(ctx context.Context, library webapi.Library, playlistID string, offset int) (all []webapi.Item, total int, err error) {
	return items(ctx, library, playlistID, offset, math.MaxInt)
}

// FirstItems reads a playlist from its beginning, up to a number of items, and
// counts no more.
func FirstItems(ctx context.Context, library webapi.Library, playlistID string, most int) (all []webapi.Item, total int, err error) {
	return items(ctx, library, playlistID, 0, most)
}

func items(ctx context.Context, library webapi.Library, playlistID string, offset, most int) (all []webapi.Item, total int, err error) {
	for first := true; ; first = false {
		page, err := library.Items(ctx, playlistID, offset)
		if err != nil {
			return all, total, fmt.Errorf("reading playlist items: %w", err)
		}
		if first {
			total = min(page.Total, most)
		}
		// The end is where the first total says: pages beyond it have
		// repeated items, and had a next for ever.
		list := page.Items[:min(len(page.Items), max(0, total-offset))]
		all = append(all, list...)
		if page.Next <= offset || page.Next >= total {
			return all, total, nil
		}
		offset = page.Next
	}
}

// Backwards reads a playlist of so many items from its end, until enough of it
// was read, and returns what it read, in order, and how many items there are. enough is
// asked after each page, which begins at start. Where the items tell fewer than
// were told, it is ErrContradicted, with what they tell.
func Backwards(
	ctx context.Context, library webapi.Library, playlistID string, told int,
	enough func(page []webapi.Item, start, total int) (bool, error),
) (read []webapi.Item, total int, err error) {
	total = told
	believed := true
	for end := total; end > 0; {
		start := max(0, end-webapi.PageSize)
		page, err := library.Items(ctx, playlistID, start)
		if err != nil {
			return read, total, fmt.Errorf("reading the end of a playlist: %w", err)
		}
		list := page.Items[:min(len(page.Items), end-start)]
		if len(list) < end-start {
			return append(slices.Clone(list), read...), min(total, page.Total), ErrContradicted
		}
		if end == total && page.Total > total {
			if believed && page.Total > total+webapi.MaxAppend {
				believed, total, end = false, page.Total, page.Total // what was told is nowhere near
				continue
			}
			more, now, err := Items(ctx, library, playlistID, total)
			if err != nil {
				return list, total, err
			}
			list, total = append(list[:len(list):len(list)], more...), now
		}
		read = append(slices.Clone(list), read...)
		if done, err := enough(list, start, total); done || err != nil {
			return read, total, err
		}
		end = start
	}
	return read, total, nil
}

// ErrContradicted is when two answers of Spotify do not go together, so neither is
// believed.
var ErrContradicted = fmt.Errorf("spotify's answers contradict each other: %w", fault.ErrUnavailable)

// Slipped reports whether an entry stands in a list twice: one that moved to
// the next page while it was read, and another one is nowhere then
// (https://github.com/MarcoMadera/Rindu/issues/322). It may be an episode or a file, and
// the other one a song. A song that a person put there twice has two dates; one that
// cannot be is none.
func Slipped(list []webapi.Item, now time.Time) bool {
	dates := make(map[string][]time.Time, len(list))
	for _, item := range list {
		id, added := item.Track.ID+item.Other, item.AddedAt
		if id == "" {
			continue
		}
		for _, other := range dates[id] {
			if added.Equal(other) || !calendar.Plausible(added, now) || !calendar.Plausible(other, now) {
				return true
			}
		}
		dates[id] = append(dates[id], added)
	}
	return false
}

// Usable returns the songs among the items, in order. An ISRC that several
// songs of a list carry does not tell them apart, so it is left out.
func Usable(list []webapi.Item) []ledger.Track {
	carriers := make(map[string]map[string]bool)
	for _, item := range list {
		if isrc := item.Track.ISRC; item.Usable && isrc != "" {
			if carriers[isrc] == nil {
				carriers[isrc] = make(map[string]bool)
			}
			carriers[isrc][item.Track.ID] = true
		}
	}
	tracks := make([]ledger.Track, 0, len(list))
	for _, item := range list {
		if !item.Usable {
			continue
		}
		track := item.Track
		if len(carriers[track.ISRC]) >= sharedISRC {
			track.ISRC = ""
		}
		tracks = append(tracks, track)
	}
	return tracks
}

// sharedISRC is how many songs of one list have to carry an ISRC before it is
// taken for a placeholder.
const sharedISRC = 3
