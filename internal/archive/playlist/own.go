package playlist

import (
	"context"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

const (
	// ownMost is how many playlists a person is offered.
	ownMost = 100

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
		_, part := parseMarker(p.Description)
		room := p.Total != archive.UnknownTotal && p.Total+ownRoom < archive.MaxPlaylistItems
		if p.OwnerID == o.User.SpotifyID && part == 0 && room && len(own.List) < ownMost {
			own.List = append(own.List, archive.OwnPlaylist{PlaylistID: p.ID, Name: p.Name, Total: p.Total})
		}
	}
	return o.Write(ctx, archive.Changes{}, func(u *archive.User) {
		if u.Own.AskedAt.Equal(own.AskedAt) {
			u.Own = own
		}
	})
}
