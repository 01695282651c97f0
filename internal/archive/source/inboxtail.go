package source

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/playlist"
)

// inboxAgain is how far two readings of a whole inbox are apart, if something
// asks for one.
const inboxAgain = 30 * 24 * time.Hour

// A tail is what was read of an inbox.
type tail struct {
	items []archive.Item
	total int
	whole bool  // all that has changed was read
	all   bool  // all of it was read
	exact bool  // as many songs are new as the total says
	err   error // why not all of it could be read that should be
}

// changes reads an inbox that has changed: from its end backwards, until what is
// new explains the total and songs that are known begin. It is read from its
// beginning where it never was, and, at most monthly, where songs were taken out
// or moved: new ones may stand among the others then.
func (in inbox) changes(ctx context.Context, box archive.Playlist, seen *archive.Seen) (tail, error) {
	known, now := in.User.Inbox, in.Clock.Now()
	if known.ReadAt.IsZero() || box.Total == archive.UnknownTotal || box.Total == 0 {
		return in.wholeOf(ctx, box)
	}
	read, grown, fresh, err := in.back(ctx, box, seen, box.Total)
	if errors.Is(err, playlist.ErrContradicted) && read.total < box.Total {
		// The list, or the items, are older than the other: both are asked again.
		read, grown, fresh, err = in.back(ctx, box, seen, read.total)
		read.whole = false
	}
	switch {
	case err == nil:
	case !archive.OfOneRoute(err):
		return tail{}, err
	case doubtful(box.Total, known.Total):
		return in.wholeOf(ctx, box)
	case len(read.items) == 0:
		return in.forward(ctx, box.ID, min(known.Total, box.Total-1), err)
	default:
		read.err, read.whole = err, false
		return read, nil
	}
	read.exact = read.whole && grown > 0 && fresh == grown
	if odd := read.whole && fresh != grown; odd && !read.all && now.Sub(known.ReadAt) >= inboxAgain {
		return in.wholeOf(ctx, box)
	}
	return read, nil
}

// doubtful reports whether a total is none that a person makes in a week.
func doubtful(told, before int) bool { return told < before || told > before+archive.MaxAppend }

// back reads an inbox of so many songs from its end. grown is how many more there
// are than when it was last read, fresh how many of those that were read were not
// there then.
func (in inbox) back(ctx context.Context, box archive.Playlist, seen *archive.Seen, told int) (read tail, grown, fresh int, err error) {
	now, known := in.Clock.Now(), in.User.Inbox
	added := func(item archive.Item) bool {
		dated := archive.Plausible(item.AddedAt, now) && item.AddedAt.After(known.SnapshotAt)
		return dated || item.Usable && !seen.Has(item.Track)
	}
	read.items, read.total, err = playlist.Backwards(ctx, in.Library, box.ID, told, func(page []archive.Item, start, total int) (bool, error) {
		grown = total - known.Total
		for _, item := range page {
			if added(item) {
				fresh++
			}
		}
		read.all = start == 0
		return fresh >= grown && !added(page[0]), nil
	})
	read.whole = err == nil && read.total == box.Total
	return read, grown, fresh, err
}

// forward reads an inbox of which the end cannot be read, from where new songs
// begin. why is what is wrong with the end.
func (in inbox) forward(ctx context.Context, id string, from int, why error) (tail, error) {
	list, total, err := playlist.Items(ctx, in.Library, id, from)
	if err != nil && !archive.OfOneRoute(err) || len(list) == 0 {
		return tail{}, cmp.Or(err, why)
	}
	return tail{items: list, total: total, err: err}, nil
}

// wholeOf reads all of an inbox.
func (in inbox) wholeOf(ctx context.Context, box archive.Playlist) (tail, error) {
	list, total, err := playlist.Items(ctx, in.Library, box.ID, 0)
	if err != nil && (!archive.OfOneRoute(err) || len(list) == 0) {
		return tail{}, err
	}
	agreed := box.Total == archive.UnknownTotal || box.Total == total
	return tail{items: list, total: total, whole: len(list) == total && agreed, all: true, err: err}, nil
}

// lookForOthers reads as much of the list as may show another inbox: the top,
// where something has come, and all of it where there was one.
func (in inbox) lookForOthers(ctx context.Context) error {
	var err error
	if known := in.User.Inbox; len(known.Others) > 0 {
		_, err = in.All(ctx)
	} else if known.Place.Of > 0 {
		_, err = in.Newest(ctx, known.Place.Of, known.Place)
	}
	if err != nil && !archive.OfOneRoute(err) {
		return err
	}
	return nil
}
