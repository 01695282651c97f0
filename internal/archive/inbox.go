package archive

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// readInbox reads what the user copied into their inbox. We never empty it:
// what was archived is known by the seen set. It never ends a week: more may be
// copied tomorrow, and taken out before the next weekly run.
func (r *run) readInbox(ctx context.Context) (reading, error) {
	result := reading{kind: OutcomeNothingNew, learned: func(*User) {}}
	playlist, err := r.inbox(ctx)
	if err != nil || playlist.ID == "" {
		return result, err
	}
	known := r.user.Inbox
	same := playlist.Snapshot != "" && playlist.Snapshot == known.Snapshot
	if r.job.Run.Kind == RunDue && same && known.Settled {
		// Unchanged since it was read. Only the daily look takes the
		// snapshot's word, which may lag; the weekly run reads.
		return result, nil
	}
	list, total, err := items(ctx, r.library, playlist.ID, 0)
	if err != nil && (!ofOneRoute(err) || len(list) == 0) {
		return reading{}, err
	}
	if err != nil {
		// What could be read is saved, and the rest told.
		r.failures = append(r.failures, failure{SourceInbox, err})
	}
	copied, err := r.otherInboxes(ctx, playlist.ID)
	if err != nil {
		return reading{}, err
	}
	seen, err := r.seenSet(ctx)
	if err != nil {
		return reading{}, err
	}
	result.finds = r.byWeek(append(copied, list...), seen)
	now := r.Clock.now()
	whole := len(list) == total && !slipped(list) && (playlist.Total == UnknownTotal || playlist.Total == total)
	result.learned = func(u *User) {
		if u.Inbox.PlaylistID != playlist.ID {
			return
		}
		if !same {
			u.Inbox.Snapshot, u.Inbox.SnapshotAt = playlist.Snapshot, now
		}
		// The id may be newer than the items that came with it.
		u.Inbox.Settled = whole && same && now.Sub(u.Inbox.SnapshotAt) >= r.settleTime()
	}
	return result, nil
}

// otherInboxes reads every further playlist that is marked as an inbox: one
// that was made when the list did not show the first. The person may copy into
// either.
func (r *run) otherInboxes(ctx context.Context, read string) ([]Item, error) {
	var copied []Item
	for _, p := range r.playlists.known {
		if p.ID == read || r.markedPart(p, inboxKey) == 0 {
			continue
		}
		list, _, err := items(ctx, r.library, p.ID, 0)
		if err != nil && !ofOneRoute(err) {
			return nil, err
		}
		copied = append(copied, list...)
	}
	return copied, nil
}

// byWeek sorts the inbox's new songs by the person's week in which they were
// added; one without a date that can be belongs to the week of now.
func (r *run) byWeek(list []Item, seen *Seen) []find {
	now := r.Clock.now()
	added := make(map[string]time.Time)
	for _, item := range list {
		added[item.Track.ID] = item.AddedAt
	}
	weeks := make(map[Edition]*find)
	for _, track := range seen.unknown(usable(list)) {
		at := added[track.ID]
		if !plausible(at, now) {
			at = now
		}
		edition := r.user.weekOf(at)
		week, ok := weeks[edition]
		if !ok {
			week = &find{edition: edition, source: SourceInbox}
			weeks[edition] = week
		}
		week.tracks = append(week.tracks, track)
		week.found++
	}
	finds := make([]find, 0, len(weeks))
	for _, edition := range slices.Sorted(maps.Keys(weeks)) {
		finds = append(finds, *weeks[edition])
	}
	return finds
}

// inbox returns the user's inbox: where it was, adopted by its marker, or
// made. One that is gone is made again only if the person asks for it, and
// read again whenever it shows.
func (r *run) inbox(ctx context.Context) (Playlist, error) {
	known := r.user.Inbox
	wasGone := known.Gone || known.Declined
	if known.PlaylistID != "" && !wasGone {
		playlist, where, absence, err := r.locate(ctx, known.PlaylistID, known.MadeAt, known.Absence)
		if err != nil {
			return Playlist{}, err
		}
		if absence != known.Absence || where == gone {
			err := r.write(ctx, Changes{}, func(u *User) { u.Inbox.Absence, u.Inbox.Gone = absence, where == gone })
			if err != nil {
				return Playlist{}, err
			}
		}
		switch where {
		case present:
			return playlist, nil
		case unclear:
			return Playlist{}, errMissing
		}
	}
	list, err := r.wholeList(ctx)
	if err != nil {
		return Playlist{}, err
	}
	i := slices.IndexFunc(list, func(p Playlist) bool {
		return p.ID == known.PlaylistID || r.markedPart(p, inboxKey) > 0
	})
	if i >= 0 {
		return list[i], r.write(ctx, Changes{}, func(u *User) {
			if u.Inbox.PlaylistID != list[i].ID {
				u.Inbox = Inbox{PlaylistID: list[i].ID}
			}
			u.Inbox.Gone, u.Inbox.Declined = false, false
		})
	}
	if (wasGone || r.user.Inbox.Gone) && r.user.Choice != ChoiceInbox {
		return Playlist{}, errInboxGone
	}
	made, err := r.makeInbox(ctx)
	if err != nil {
		return Playlist{}, fmt.Errorf("making the inbox of user %s: %w", r.user.ID, err)
	}
	return made, r.write(ctx, Changes{}, func(u *User) { u.Inbox = Inbox{PlaylistID: made.ID, MadeAt: r.Clock.now()} })
}

func (r *run) makeInbox(ctx context.Context) (Playlist, error) {
	name, text := r.Words.Inbox(r.user.Language)
	return r.create(ctx, name, text, inboxKey, 1)
}
