package usecase

import (
	"context"
	"fmt"
	"slices"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/lease"
)

// AskOwn asks for the person's own playlists, of which one can be the archive.
// The run that it asks for puts them into User.Own.
func (a *Accounts) AskOwn(ctx context.Context, id archive.UserID) error {
	now := a.Clock.Now()
	if err := a.change(ctx, id, func(u *archive.User) { u.Own = archive.Own{AskedAt: now} }); err != nil {
		return err
	}
	return a.runSoon(ctx, id)
}

// errUnderWay: what a run has in hand decides where it goes.
var errUnderWay = fmt.Errorf("a run is under way: %w", fault.ErrConflict)

// GoOnWith makes a playlist of the person's own the archive, from the next songs
// on. Its songs count as archived. ErrMalformed for one that was not offered,
// ErrConflict while a run is under way.
func (a *Accounts) GoOnWith(ctx context.Context, id archive.UserID, playlistID string) error {
	now := a.Clock.Now()
	u, err := a.user(ctx, id)
	if err != nil {
		return err
	}
	offered := func(own archive.Own) bool {
		is := func(p archive.OwnPlaylist) bool { return p.PlaylistID == playlistID }
		return own.Answered(now) && slices.ContainsFunc(own.List, is)
	}
	if !offered(u.Own) {
		return fmt.Errorf("going on with a playlist: %w", fault.ErrMalformed)
	}
	_, err = lease.Retry(func() (archive.User, error) {
		u, err := a.user(ctx, id)
		if err != nil {
			return archive.User{}, err
		}
		if now.Before(u.Lease.Until) || u.Open != nil || !offered(u.Own) {
			return archive.User{}, errUnderWay
		}
		u.Own = archive.Own{}
		key := u.Shape.ArchiveKey(calendar.DueEdition(now))
		before := u.Archives[key]
		u.SetArchive(key, archive.ArchivePlaylist{
			PlaylistID: playlistID, Theirs: true, Part: max(before.Part, 1), Total: archive.UnknownTotal, Former: before.Formerly(false),
		})
		return a.Store.Put(ctx, u)
	})
	if err != nil {
		return fmt.Errorf("going on with a playlist of user %s: %w", id, err)
	}
	return a.runSoon(ctx, id)
}
