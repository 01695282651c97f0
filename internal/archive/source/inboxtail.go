package source

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/playlist"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

const (
	// inboxAgain is how far two readings of a whole inbox are apart, if something
	// asks for one.
	inboxAgain = 30 * 24 * time.Hour

	// inboxFurther is how many pages are read of an inbox whose end does not
	// explain what has changed: 200 songs, so that a short one is read whole.
	inboxFurther = 4
)

// A tail is what was read of an inbox.
type tail struct {
	items []webapi.Item
	total int
	whole bool  // all that has changed was read
	all   bool  // all of it was read
	exact bool  // as many songs are new as the total says
	odd   bool  // something has changed that what was read does not explain
	err   error // why not all of it could be read that should be
}

// changes reads an inbox that has changed: from its end backwards, until what is
// new explains the total and songs that are known begin. Where songs were taken out
// or moved, new ones may stand among the others: inboxFurther pages are read then,
// and, at most monthly, all of it.
func (in inbox) changes(ctx context.Context, box webapi.Playlist, seen *ledger.Seen) (tail, error) {
	known := in.User.Inbox
	if known.ReadAt.IsZero() || box.Total == archive.UnknownTotal || box.Total == 0 {
		return in.wholeOf(ctx, box)
	}
	read, err := in.back(ctx, box, seen, box.Total)
	if errors.Is(err, playlist.ErrContradicted) && read.total < box.Total {
		// The list, or the items, are older than the other: both are asked again.
		read, err = in.back(ctx, box, seen, read.total)
		read.whole = false
	}
	switch {
	case err == nil:
		return read, nil
	case !outcome.OfOneRoute(err):
		return tail{}, err
	case doubtful(box.Total, known.Total):
		return in.wholeOf(ctx, box)
	case len(read.items) == 0:
		return in.forward(ctx, box.ID, min(known.Total, box.Total-1), err)
	default:
		read.err, read.whole = err, false
		return read, nil
	}
}

// doubtful reports whether a total is none that a person makes in a week.
func doubtful(told, before int) bool { return told < before || told > before+webapi.MaxAppend }

// overdue reports whether all of an inbox has to be read at last, because of what
// its end did not explain.
func (in inbox) overdue() bool { return in.User.Inbox.Unexplained && in.monthSince() }

// monthSince reports whether it is long ago that all of the inbox was read.
func (in inbox) monthSince() bool { return in.Clock.Now().Sub(in.User.Inbox.ReadAt) >= inboxAgain }

// back reads an inbox of so many songs from its end. As many more songs than there
// were have to be new among those that were read. A changed snapshot id without
// one, or another number of them, is a hand that has moved songs or taken some out.
func (in inbox) back(ctx context.Context, box webapi.Playlist, seen *ledger.Seen, told int) (read tail, err error) {
	known := in.User.Inbox
	added := in.added(seen)
	grown, fresh, pages := 0, 0, 0
	read.items, read.total, err = playlist.Backwards(ctx, in.Library, box.ID, told, func(page []webapi.Item, start, total int) (bool, error) {
		grown = total - known.Total
		for _, item := range page {
			if added(item) {
				fresh++
			}
		}
		pages++
		read.all = start == 0
		read.odd = fresh != grown || fresh == 0 && box.Snapshot != known.Snapshot
		switch {
		case fresh < grown, added(page[0]), read.odd && in.monthSince(), in.overdue():
			return false, nil
		default:
			return !read.odd || pages >= inboxFurther, nil
		}
	})
	read.whole = err == nil && read.total == box.Total
	read.exact = read.whole && grown > 0 && fresh == grown
	read.odd = read.odd && !read.all
	return read, err
}

// added tells which items were put into the inbox since it was last read: those
// with a later date than any had then, by Spotify's clock, and songs that were never
// archived.
func (in inbox) added(seen *ledger.Seen) func(webapi.Item) bool {
	now, since := in.Clock.Now(), in.User.Inbox.Newest
	if since.IsZero() { // noted by an earlier program, by our clock
		since = in.User.Inbox.SnapshotAt
	}
	return func(item webapi.Item) bool {
		dated := calendar.Plausible(item.AddedAt, now) && item.AddedAt.After(since)
		return dated || item.Usable && !seen.Has(item.Track)
	}
}

// newest is the newest date of an inbox's items that can be one, of those that
// were read.
func (in inbox) newest(list []webapi.Item) (newest time.Time) {
	now := in.Clock.Now()
	for _, item := range list {
		if item.AddedAt.After(newest) && calendar.Plausible(item.AddedAt, now) && !calendar.Ahead(item.AddedAt, now) {
			newest = item.AddedAt
		}
	}
	return newest
}

// forward reads an inbox of which the end cannot be read, from where new songs
// begin. why is what is wrong with the end.
func (in inbox) forward(ctx context.Context, id string, from int, why error) (tail, error) {
	list, total, err := playlist.Items(ctx, in.Library, id, from)
	if err != nil && !outcome.OfOneRoute(err) || len(list) == 0 {
		return tail{}, cmp.Or(err, why)
	}
	return tail{items: list, total: total, err: err}, nil
}

// wholeOf reads all of an inbox.
func (in inbox) wholeOf(ctx context.Context, box webapi.Playlist) (tail, error) {
	list, total, err := playlist.Items(ctx, in.Library, box.ID, 0)
	if err != nil && (!outcome.OfOneRoute(err) || len(list) == 0) {
		return tail{}, err
	}
	agreed := box.Total == archive.UnknownTotal || box.Total == total
	return tail{items: list, total: total, whole: len(list) == total && agreed, all: true, err: err}, nil
}

// readOther reads a further inbox: all of it at first and once a month, else from its
// end backwards until known songs begin. whole reports whether the items are those that
// the list tells of.
func (in inbox) readOther(ctx context.Context, p webapi.Playlist) (list []webapi.Item, whole bool, err error) {
	if in.User.Inbox.Others[p.ID] == "" || in.searches() || p.Total == archive.UnknownTotal || p.Total == 0 {
		list, total, err := playlist.Items(ctx, in.Library, p.ID, 0)
		return list, len(list) == total && total == p.Total, err
	}
	seen, err := in.Seen(ctx)
	if err != nil {
		return nil, false, err
	}
	fresh, pages := 0, 0
	list, total, err := playlist.Backwards(ctx, in.Library, p.ID, p.Total, func(page []webapi.Item, _, _ int) (bool, error) {
		unknown := len(seen.Unknown(playlist.Usable(page)))
		fresh += unknown
		pages++
		return unknown == 0 && (fresh > 0 || pages >= inboxFurther), nil
	})
	return list, total == p.Total, err
}

// searches reports whether it is time to look through the whole list for an inbox that
// does not show where it should.
func (in inbox) searches() bool { return in.Clock.Now().Sub(in.User.Inbox.SoughtAt) >= inboxAgain }

// lookForOthers reads as much of the list as may show another inbox: the top, where
// something has come, the places at which further ones stood, and once a month, where
// there are any, all of it.
func (in inbox) lookForOthers(ctx context.Context) error {
	known := in.User.Inbox
	err := in.lookAround(ctx, known)
	if err != nil && !outcome.OfOneRoute(err) {
		return err
	}
	return nil
}

func (in inbox) lookAround(ctx context.Context, known archive.Inbox) error {
	if len(known.Others) > 0 && in.searches() {
		_, err := in.All(ctx)
		return err
	}
	if known.Place.Of > 0 {
		if _, err := in.Newest(ctx, known.Place.Of, known.Place); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(known.OtherPlaces)) {
		if _, _, err := in.Stands(ctx, id, known.OtherPlaces[id]); err != nil {
			return err
		}
	}
	return nil
}
