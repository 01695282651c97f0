package archive

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// whereabouts is where a playlist of ours is.
type whereabouts int

const (
	present whereabouts = iota // in the user's library
	gone                       // the user removed it
	unclear                    // it does not show, which may be Spotify's fault
)

// missingTime is how long a playlist has to be unclear before it is taken for
// gone: a catch-up later, less an hour for late messages.
const missingTime = 23 * time.Hour

// locate finds a playlist of ours in the user's library. A playlist that is
// deleted still answers by its id, so only its absence tells; and since an
// outage has answered null for playlists, Spotify is asked a second way. An
// app may lack the scopes for that; then a list without holes is believed.
func (r *run) locate(ctx context.Context, id string) (Playlist, whereabouts, error) {
	playlist, found, err := r.playlists.find(ctx, r.library, func(p Playlist) bool { return p.ID == id })
	if err != nil {
		return Playlist{}, unclear, err
	}
	if found {
		return playlist, present, nil
	}
	there, err := r.library.InLibrary(ctx, id)
	elsewhere := Playlist{ID: id, Total: UnknownTotal}
	switch {
	case errors.Is(err, ErrNotReadable) || errors.Is(err, ErrScope) || errors.Is(err, ErrRejected):
		if r.playlists.nulls > 0 {
			return elsewhere, unclear, nil
		}
		return Playlist{}, gone, nil
	case err != nil:
		return Playlist{}, unclear, fmt.Errorf("asking for a playlist in the library: %w", err)
	case there:
		return elsewhere, present, nil
	default:
		return Playlist{}, gone, nil
	}
}

// believe decides about an unclear playlist: it is gone if it was unclear for
// long enough. Until then the run ends with errMissing, and note stores since
// when it is unclear. Nothing is appended meanwhile, so nothing goes where the
// user cannot see it.
func (r *run) believe(ctx context.Context, since time.Time, note func(u *User, since time.Time)) (whereabouts, error) {
	now := r.Clock.now()
	if !since.IsZero() && now.Sub(since) >= missingTime {
		return gone, nil
	}
	if since.IsZero() {
		if err := r.write(ctx, Changes{}, func(u *User) { note(u, now) }); err != nil {
			return unclear, err
		}
	}
	return unclear, errMissing
}
