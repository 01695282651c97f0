package usecase

import (
	"cmp"
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
	offered := func(own archive.Own) (archive.OwnPlaylist, bool) {
		i := slices.IndexFunc(own.List, func(p archive.OwnPlaylist) bool { return p.PlaylistID == playlistID })
		if i < 0 || !own.Answered(now) {
			return archive.OwnPlaylist{}, false
		}
		return own.List[i], true
	}
	if _, found := offered(u.Own); !found {
		return fmt.Errorf("going on with a playlist: %w", fault.ErrMalformed)
	}
	_, err = lease.Retry(func() (archive.User, error) {
		u, err := a.user(ctx, id)
		if err != nil {
			return archive.User{}, err
		}
		chosen, found := offered(u.Own)
		if now.Before(u.Lease.Until) || u.Open != nil || !found {
			return archive.User{}, errUnderWay
		}
		u.Own = archive.Own{}
		key := u.Shape.ArchiveKey(calendar.DueEdition(now))
		before := u.Archives[key]
		target := archive.ArchivePlaylist{
			PlaylistID: playlistID, Theirs: chosen.Part == 0, Part: cmp.Or(chosen.Part, before.Part, 1), Total: archive.UnknownTotal,
			Former: slices.DeleteFunc(before.Formerly(false), func(f archive.Former) bool { return f.PlaylistID == playlistID }),
		}
		u.SetArchive(key, target)
		return a.Store.Put(ctx, u)
	})
	if err != nil {
		return fmt.Errorf("going on with a playlist of user %s: %w", id, err)
	}
	return a.runSoon(ctx, id)
}
