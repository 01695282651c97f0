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
	if r.job.Run.Kind == RunCatchUp && same && known.Settled {
		// Unchanged since it was read. Only the daily catch-up takes the
		// snapshot's word, which may lag; the weekly run reads.
		return result, nil
	}
	list, _, err := items(ctx, r.library, playlist.ID, 0)
	if err != nil {
		return reading{}, err
	}
	seen, err := r.seenSet(ctx)
	if err != nil {
		return reading{}, err
	}
	result.finds = r.byWeek(list, seen)
	now := r.Clock.now()
	result.learned = func(u *User) {
		if u.Inbox.PlaylistID != playlist.ID {
			return
		}
		if !same {
			u.Inbox.Snapshot, u.Inbox.SnapshotAt = playlist.Snapshot, now
		}
		// The id may be newer than the items that came with it.
		u.Inbox.Settled = same && now.Sub(u.Inbox.SnapshotAt) >= r.settleTime()
	}
	return result, nil
}

// byWeek sorts the inbox's new songs by the week in which they were added.
func (r *run) byWeek(list []Item, seen *Seen) []find {
	weeks := make(map[Edition]*find)
	for _, item := range list {
		if !item.Usable || seen.Has(item.Track) {
			continue
		}
		edition := WeekOf(r.Clock.now())
		if !item.AddedAt.IsZero() {
			edition = WeekOf(item.AddedAt)
		}
		week, ok := weeks[edition]
		if !ok {
			week = &find{edition: edition, source: SourceInbox}
			weeks[edition] = week
		}
		week.tracks = append(week.tracks, item.Track)
		week.found++
	}
	finds := make([]find, 0, len(weeks))
	for _, edition := range slices.Sorted(maps.Keys(weeks)) {
		finds = append(finds, *weeks[edition])
	}
	return finds
}

// inboxShows forgets that the inbox was unclear.
func (r *run) inboxShows(ctx context.Context) error {
	if r.user.Inbox.Missing.IsZero() {
		return nil
	}
	return r.write(ctx, Changes{}, func(u *User) { u.Inbox.Missing = time.Time{} })
}

// inbox returns the user's inbox: found, adopted by its marker, or made. One
// that the user removed is made again only if they chose the inbox.
func (r *run) inbox(ctx context.Context) (Playlist, error) {
	if id := r.user.Inbox.PlaylistID; id != "" {
		playlist, where, err := r.locate(ctx, id)
		if err == nil && where == unclear {
			where, err = r.believe(ctx, r.user.Inbox.Missing, func(u *User, since time.Time) { u.Inbox.Missing = since })
		}
		if err != nil {
			return Playlist{}, err
		}
		if where == present {
			return playlist, r.inboxShows(ctx)
		}
		declined := r.user.Choice != ChoiceInbox
		if err := r.write(ctx, Changes{}, func(u *User) { u.Inbox = Inbox{Declined: declined} }); err != nil {
			return Playlist{}, err
		}
	}
	if r.user.Inbox.Declined && r.user.Choice != ChoiceInbox {
		return Playlist{}, nil
	}
	list, err := r.playlists.all(ctx, r.library)
	if err != nil {
		return Playlist{}, err
	}
	i := slices.IndexFunc(list, func(p Playlist) bool { return r.markedPart(p, inboxKey) > 0 })
	var playlist Playlist
	if i >= 0 {
		playlist = list[i]
	} else if playlist, err = r.makeInbox(ctx); err != nil {
		return Playlist{}, fmt.Errorf("making the inbox of user %s: %w", r.user.ID, err)
	}
	return playlist, r.write(ctx, Changes{}, func(u *User) { u.Inbox = Inbox{PlaylistID: playlist.ID} })
}

func (r *run) makeInbox(ctx context.Context) (Playlist, error) {
	name, text := r.Words.Inbox(r.user.Language)
	return r.create(ctx, name, text, inboxKey, 1)
}
