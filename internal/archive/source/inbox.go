package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/playlist"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// inbox is a playlist of the user's own, into which they copy.
type inbox struct{ *View }

func readInbox(ctx context.Context, v *View) (Reading, error) {
	shown, err := inbox{v}.read(ctx)
	if errors.Is(err, fault.ErrInboxGone) && !v.Before.NotReadable {
		return Reading{Kind: outcome.NothingNew}, nil // it is not needed
	}
	return shown, err
}

// read reads what the user copied into their inbox. We never empty it:
// what was archived is known by the seen set. It never ends a week: more may be
// copied tomorrow, and taken out before the next weekly run.
func (in inbox) read(ctx context.Context) (Reading, error) {
	result := Reading{Kind: outcome.NothingNew}
	box, err := in.find(ctx)
	if err != nil || box.ID == "" {
		return result, err
	}
	known := in.User.Inbox
	others := in.changedOthers(box.ID)
	same := box.Snapshot != "" && box.Snapshot == known.Snapshot && (known.ReadAt.IsZero() || box.Total == archive.UnknownTotal || box.Total == known.Total)
	if in.Run != app.RunManual && same && known.Confirmed && len(others) == 0 && !in.overdue() {
		// Unchanged since it was read. The snapshot id may lag, so a person who
		// presses the button is not told so by it.
		result.Learned = func(u *archive.User) { in.placed(u, box.ID) }
		return result, nil
	}
	seen, err := in.Seen(ctx)
	if err != nil {
		return Reading{}, err
	}
	read, err := in.changes(ctx, box, seen)
	if err != nil {
		return Reading{}, err
	}
	result.Partly = read.err // what could be read is saved, and the rest told
	copied, snapshots, err := in.readOthers(ctx, others)
	if err != nil {
		return Reading{}, err
	}
	list := slices.Concat(copied, read.items)
	result.Batches = in.byWeek(list, seen)
	now := in.Clock.Now()
	counts, newest := in.copies(list)
	whole := read.err == nil && read.whole && !playlist.Slipped(read.items, in.Clock.Now())
	result.Learned = func(u *archive.User) {
		if u.Inbox.PlaylistID != box.ID {
			return
		}
		for edition, songs := range counts {
			u.NoteCopies(edition, songs)
			u.Inbox.NoteShown(edition, songs)
		}
		if newest.After(u.Inbox.CopiedAt) {
			u.Inbox.CopiedAt = newest
		}
		u.Inbox.Others = merged(u.Inbox.Others, snapshots)
		in.placed(u, box.ID)
		if whole && !same {
			u.Inbox.Snapshot, u.Inbox.SnapshotAt = box.Snapshot, now
		}
		if whole {
			in.noted(&u.Inbox, read)
		}
		// The id may be newer than the items that came with it.
		u.Inbox.Confirmed = whole && (read.exact || same && now.Sub(u.Inbox.SnapshotAt) >= in.Delay)
	}
	return result, nil
}

// noted notes a reading that showed all that has changed, as far as it explains
// that.
func (in inbox) noted(known *archive.Inbox, read tail) {
	known.Total = read.total
	if newest := in.newest(read.items); newest.After(known.Newest) || read.all {
		known.Newest = newest
	}
	switch {
	case read.all:
		known.ReadAt, known.Unexplained = in.Clock.Now(), false
	case read.odd:
		known.Unexplained = true
	}
}

// placed notes where the inbox stands in the list, and further ones. One of these
// that all of the list does not show has no place, and is looked for on top of it.
func (in inbox) placed(u *archive.User, id string) {
	if u.Inbox.PlaylistID != id {
		return
	}
	u.Inbox.Place = in.PlaceOf(id, u.Inbox.Place)
	if len(u.Inbox.Others) == 0 {
		return
	}
	places := make(map[string]archive.ListPlace)
	for other := range u.Inbox.Others {
		shown := slices.IndexFunc(in.Known(), func(p webapi.Playlist) bool { return p.ID == other })
		before, known := u.Inbox.OtherPlaces[other]
		switch {
		case shown >= 0:
			places[other] = in.PlaceOf(in.Found(in.Known()[shown]).ID, before)
		case known && !in.Complete():
			places[other] = before
		}
	}
	u.Inbox.OtherPlaces = places
	if in.Complete() {
		u.Inbox.SoughtAt = in.Clock.Now()
	}
}

// changedOthers returns every further playlist that is marked as an inbox, and
// has changed since it was read: one that was made when the list did not show the
// first. The person may copy into either. Once a month each of them is read.
func (in inbox) changedOthers(read string) []webapi.Playlist {
	var changed []webapi.Playlist
	for _, p := range in.Known() {
		other := p.ID != read && in.MarkedPart(p, playlist.InboxKey) > 0
		if snapshot, known := in.User.Inbox.Others[p.ID]; other && (!known || snapshot == "" || snapshot != p.Snapshot || in.searches()) {
			changed = append(changed, p)
		}
	}
	return changed
}

func (in inbox) readOthers(ctx context.Context, others []webapi.Playlist) (copied []webapi.Item, snapshots map[string]string, err error) {
	snapshots = make(map[string]string)
	for _, p := range others {
		list, whole, err := in.readOther(ctx, p)
		if err != nil && !outcome.OfOneRoute(err) {
			return nil, nil, err
		}
		copied = append(copied, list...)
		snapshots[p.ID] = "" // known to be there, and read again
		if err == nil && whole {
			snapshots[p.ID] = p.Snapshot
		}
	}
	return copied, snapshots, nil
}

func merged(known, more map[string]string) map[string]string {
	if len(more) == 0 {
		return known
	}
	all := maps.Clone(known)
	if all == nil {
		all = make(map[string]string)
	}
	maps.Copy(all, more)
	return all
}

// copies counts the inbox's songs of the newest weeks, known ones too, by the
// person's week in which they were added, and tells when the newest was.
func (in inbox) copies(list []webapi.Item) (counts map[calendar.Edition]int, newest time.Time) {
	now := in.Clock.Now()
	current := in.User.WeekOf(now)
	counts = make(map[calendar.Edition]int)
	for _, item := range list {
		if !item.Usable || !calendar.Plausible(item.AddedAt, now) {
			continue
		}
		if week := in.User.WeekOf(item.AddedAt); week == current || week == current.Previous() {
			counts[week]++
		}
		if item.AddedAt.After(newest) && !calendar.Ahead(item.AddedAt, now) {
			newest = item.AddedAt
		}
	}
	return counts, newest
}

// byWeek sorts the inbox's new songs by the person's week in which they were
// added; one without a date that can be belongs to the week of now.
func (in inbox) byWeek(list []webapi.Item, seen *ledger.Seen) []ledger.Batch {
	now := in.Clock.Now()
	added := make(map[string]time.Time)
	for _, item := range list {
		added[item.Track.ID] = item.AddedAt
	}
	weeks := make(map[calendar.Edition][]ledger.Track)
	for _, track := range seen.Unknown(playlist.Usable(list)) {
		at := added[track.ID]
		if !calendar.Plausible(at, now) {
			at = now
		}
		edition := in.User.WeekOf(at)
		weeks[edition] = append(weeks[edition], track)
	}
	batches := make([]ledger.Batch, 0, len(weeks))
	for _, edition := range slices.Sorted(maps.Keys(weeks)) {
		batches = append(batches, ledger.NewBatch(edition, ledger.SourceInbox, weeks[edition]))
	}
	return batches
}

// find returns the user's inbox: where it was, adopted by its marker, or
// made. One that is gone is made again only if the person asks for it, and
// read again whenever it shows.
func (in inbox) find(ctx context.Context) (webapi.Playlist, error) {
	known := in.User.Inbox
	wasGone := known.Gone || known.Declined
	if known.PlaylistID != "" && !wasGone {
		box, where, absence, err := in.Locate(ctx, playlist.Sought{
			ID: known.PlaylistID, MadeAt: known.MadeAt, Absence: known.Absence, Place: known.Place,
		})
		if err != nil {
			return webapi.Playlist{}, err
		}
		if absence != known.Absence || where == playlist.Gone {
			err := in.Write(ctx, archive.Changes{}, func(u *archive.User) { u.Inbox.Absence, u.Inbox.Gone = absence, where == playlist.Gone })
			if err != nil {
				return webapi.Playlist{}, err
			}
		}
		switch where {
		case playlist.Present:
			return box, in.lookForOthers(ctx)
		case playlist.Unclear:
			return webapi.Playlist{}, fault.ErrMissing
		}
	}
	list, err := in.listFor(ctx, wasGone)
	if err != nil {
		return webapi.Playlist{}, err
	}
	i := slices.IndexFunc(list, func(p webapi.Playlist) bool {
		return p.ID == known.PlaylistID || in.MarkedPart(p, playlist.InboxKey) > 0
	})
	if i >= 0 {
		return in.Found(list[i]), in.Write(ctx, archive.Changes{}, func(u *archive.User) {
			if u.Inbox.PlaylistID != list[i].ID {
				u.Inbox = archive.Inbox{PlaylistID: list[i].ID}
			}
			u.Inbox.Gone, u.Inbox.Declined = false, false
		})
	}
	if (wasGone || in.User.Inbox.Gone) && !in.User.Choice.Has(ledger.SourceInbox) {
		return webapi.Playlist{}, cmp.Or(in.sought(ctx), fault.ErrInboxGone)
	}
	made, err := in.makeInbox(ctx)
	if err != nil {
		return webapi.Playlist{}, fmt.Errorf("making the inbox of user %s: %w", in.User.ID, err)
	}
	return made, in.Write(ctx, archive.Changes{}, func(u *archive.User) { u.Inbox = archive.Inbox{PlaylistID: made.ID, MadeAt: in.Clock.Now()} })
}

// listFor is the list of playlists as far as an inbox may stand in it. One that is
// gone and shows again has come on top since. The whole list is searched where the
// person asks for it, and once in inboxAgain.
func (in inbox) listFor(ctx context.Context, wasGone bool) ([]webapi.Playlist, error) {
	known := in.User.Inbox
	if !wasGone || in.searches() || in.Run == app.RunManual || in.User.Choice.Has(ledger.SourceInbox) {
		return in.WholeList(ctx)
	}
	return in.Newest(ctx, known.Place.Of, known.Place)
}

// sought notes how long the list is in which an inbox that is gone does not show,
// and when all of it was searched.
func (in inbox) sought(ctx context.Context) error {
	now, place := in.User.Inbox, archive.ListPlace{Of: in.Total()}
	if in.Complete() {
		now.SoughtAt = in.Clock.Now()
	}
	if place == now.Place && now.SoughtAt.Equal(in.User.Inbox.SoughtAt) {
		return nil
	}
	return in.Write(ctx, archive.Changes{}, func(u *archive.User) { u.Inbox.Place, u.Inbox.SoughtAt = place, now.SoughtAt })
}

func (in inbox) makeInbox(ctx context.Context) (webapi.Playlist, error) {
	name, text := in.Words.Inbox(in.User.Language)
	return in.Create(ctx, name, text, playlist.InboxKey, 1)
}
