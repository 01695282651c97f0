package archive

import (
	"context"
	"fmt"
)

// listing is the user's playlists, read page by page and only as far as
// somebody asks.
type listing struct {
	known    []Playlist
	nulls    int
	next     int
	complete bool
}

// find returns the first playlist that matches, reading on as long as none
// does. Not found means that the complete list was read.
func (l *listing) find(ctx context.Context, library Library, match func(Playlist) bool) (Playlist, bool, error) {
	checked := 0
	for {
		for ; checked < len(l.known); checked++ {
			if match(l.known[checked]) {
				return l.known[checked], true, nil
			}
		}
		if l.complete {
			return Playlist{}, false, nil
		}
		if err := l.more(ctx, library); err != nil {
			return Playlist{}, false, err
		}
	}
}

// all reads the complete list.
func (l *listing) all(ctx context.Context, library Library) ([]Playlist, error) {
	_, _, err := l.find(ctx, library, func(Playlist) bool { return false })
	return l.known, err
}

func (l *listing) more(ctx context.Context, library Library) error {
	page, err := library.Playlists(ctx, l.next)
	if err != nil {
		return fmt.Errorf("listing playlists: %w", err)
	}
	l.known = append(l.known, page.Playlists...)
	l.nulls += page.Nulls
	// An offset that does not grow would make a broken answer a loop.
	if page.Next <= l.next {
		l.complete = true
	}
	l.next = page.Next
	return nil
}

// add notes a playlist that we just made.
func (l *listing) add(p Playlist) { l.known = append(l.known, p) }

// items reads a playlist from offset on.
func items(ctx context.Context, library Library, playlistID string, offset int) (all []Item, total int, err error) {
	for {
		page, err := library.Items(ctx, playlistID, offset)
		if err != nil {
			return nil, 0, fmt.Errorf("reading playlist items: %w", err)
		}
		all = append(all, page.Items...)
		if page.Next <= offset {
			return all, page.Total, nil
		}
		offset = page.Next
	}
}

// usable returns the songs among the items, in order.
func usable(list []Item) []Track {
	tracks := make([]Track, 0, len(list))
	for _, item := range list {
		if item.Usable {
			tracks = append(tracks, item.Track)
		}
	}
	return tracks
}
