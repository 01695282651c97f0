package playlist

import (
	"context"
	"slices"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

const (
	// ownMost is how many playlists a person is offered: some 25 kB of the user's
	// document for an hour, and of a page.
	ownMost = 300

	// ownRoom is how many songs have to fit into one.
	ownRoom = 100
)

// Offer answers the person's question which of their own playlists can be the
// archive, and forgets an answer that was not used.
func (o *Ours) Offer(ctx context.Context) error {
	now, own := o.Clock.Now(), o.User.Own
	switch {
	case own.AskedAt.IsZero(), own.Answered(now):
		return nil
	case !own.Asked(now):
		return o.Write(ctx, archive.Changes{}, func(u *archive.User) { u.Own = archive.Own{} })
	}
	list, err := o.All(ctx)
	if err != nil {
		return err
	}
	own.ReadAt = now
	for _, p := range list {
		room := p.Total != archive.UnknownTotal && p.Total+ownRoom < archive.MaxPlaylistItems
		if part, may := o.mayBeArchive(p); may && room && len(own.List) < ownMost {
			own.List = append(own.List, archive.OwnPlaylist{PlaylistID: p.ID, Name: p.Name, Total: p.Total, Part: part})
		}
	}
	return o.Write(ctx, archive.Changes{}, func(u *archive.User) {
		if u.Own.AskedAt.Equal(own.AskedAt) {
			u.Own = own
		}
	})
}

// mayBeArchive reports whether the person can name a playlist as the archive: one of
// their own that is none of ours, or a part of the archive that was left for one of
// theirs, which is the way back. What is in use can not, whatever its description says.
func (o *Ours) mayBeArchive(p webapi.Playlist) (part int, may bool) {
	current := o.User.Shape.ArchiveKey(calendar.DueEdition(o.Clock.Now()))
	if p.OwnerID != o.User.SpotifyID || p.ID == o.User.Inbox.PlaylistID {
		return 0, false
	}
	for key, target := range o.User.Archives {
		former := slices.ContainsFunc(target.Former, func(f archive.Former) bool { return f.PlaylistID == p.ID })
		if target.PlaylistID == p.ID || former && key != current {
			return 0, false
		}
	}
	marked, part := parseMarker(p.Description)
	return part, part == 0 || marked == current && o.User.Archives[current].Theirs
}
