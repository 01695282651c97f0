package usecase

import (
	"context"
	"fmt"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// whereabouts is where a playlist of ours is.
type whereabouts int

const (
	present whereabouts = iota // in the user's library
	gone                       // the user removed it
	unclear                    // it does not show, which may be Spotify's fault
)

const (
	// clearOf is how far two looks are apart that count as two: what an
	// outage shows for half a day is one answer.
	clearOf = 20 * time.Hour

	// lateList is how long a new playlist may be missing from the list.
	lateList = 24 * time.Hour

	// doubtTime is after which time a list that contradicts what it said
	// before is taken for what it is.
	doubtTime = 7 * 24 * time.Hour

	// blankTime is how long a list that shows nothing of what it counts is not
	// believed to hold nothing of ours. For a new user who follows Spotify's
	// lists only, it is the truth.
	blankTime = 15 * time.Minute

	// refusedTime is how long Spotify is not asked again what it refused to
	// say.
	refusedTime = 30 * 24 * time.Hour
)

// locate finds a playlist of ours in the user's library. A playlist that is
// deleted still answers by its id, so only its absence tells. An absence is
// believed after two complete lists, clearOf apart, that nothing contradicts:
// see contradicted. absence is what spoke for it before; the one returned has
// to be stored with the playlist.
func (r *run) locate(ctx context.Context, id string, madeAt time.Time, absence archive.Absence) (archive.Playlist, whereabouts, archive.Absence, error) {
	playlist, found, err := r.playlists.find(ctx, r.library, func(p archive.Playlist) bool { return p.ID == id })
	now := r.Clock.Now()
	switch {
	case found:
		r.shape()
		return playlist, present, archive.Absence{}, nil
	case err != nil && !archive.OfOneRoute(err):
		return archive.Playlist{}, unclear, absence, err
	case err != nil:
		// A list that cannot be read says nothing about the playlist.
		playlist, err := r.byID(ctx, id)
		return playlist, present, absence, err
	case !madeAt.IsZero() && now.Sub(madeAt) < lateList:
		playlist, err := r.byID(ctx, id)
		return playlist, present, archive.Absence{}, err
	}
	return r.absent(ctx, id, absence)
}

// absent decides about a playlist that a complete list does not show.
func (r *run) absent(ctx context.Context, id string, absence archive.Absence) (archive.Playlist, whereabouts, archive.Absence, error) {
	now := r.Clock.Now()
	contradicted := r.contradicted()
	there, err := r.contains(ctx, id)
	switch {
	case err != nil:
		return archive.Playlist{}, unclear, absence, err
	case there:
		playlist, err := r.byID(ctx, id)
		return playlist, present, archive.Absence{}, err
	}
	if contradicted {
		if absence.Doubted.IsZero() {
			absence.Doubted = now
		}
		if now.Sub(absence.Doubted) < doubtTime {
			absence.Since = time.Time{}
			return archive.Playlist{}, unclear, absence, nil
		}
	}
	switch {
	case absence.Since.IsZero():
		absence.Since = now
		return archive.Playlist{}, unclear, absence, nil
	case now.Sub(absence.Since) >= clearOf:
		r.confirmed = true
		return archive.Playlist{}, gone, absence, nil
	default:
		return archive.Playlist{}, unclear, absence, nil
	}
}

// contradicted reports whether the complete list says less than it did when it
// last showed what we looked for: more holes, or much less of everything. One
// that shows nothing at all is always doubted.
func (r *run) contradicted() bool {
	before := r.user.Playlists
	now := &r.playlists
	holes := before.Holes
	if !before.Complete {
		holes = now.nulls // so many may have been there before
	}
	fewer := before.Total - now.total
	nothing := now.blank() || !before.Complete && now.nulls == now.total
	return nothing || now.holes() > holes || fewer > 2 && now.total*4 < before.Total*3
}

// wholeList reads the complete list, for whoever makes a playlist if it is not
// in there. A list that leaves out what it counts is asked for again before
// it is taken for what it is, and one of nulls alone for a while: a user who
// comes back may have an archive in it.
func (r *run) wholeList(ctx context.Context) ([]archive.Playlist, error) {
	list, err := r.playlists.all(ctx, r.library)
	if err != nil {
		return nil, err
	}
	before, l := r.user.Playlists, &r.playlists
	again := before.Complete && before.Total == l.total && before.Holes >= l.holes()
	blank, wait := l.total > 1 && l.nulls == l.total, blankTime
	if len(r.user.Shelves) > 0 && !r.confirmed && l.blank() {
		blank, wait = true, doubtTime // an archive of theirs is known
	}
	waited := again && r.Clock.Now().Sub(before.Since) >= wait
	doubted := l.holes() > l.nulls && !again || blank && !waited
	if doubted || len(r.user.Shelves) == 0 && r.user.Inbox.PlaylistID == "" {
		r.shape()
	}
	if doubted {
		return nil, errContradicted
	}
	return list, nil
}

// shape notes what the list looks like, for contradicted.
func (r *run) shape() {
	l := &r.playlists
	listed, before := archive.Playlists{Total: l.total, Holes: l.holes(), Complete: l.complete}, r.user.Playlists
	listed.Since = r.Clock.Now()
	if before.Complete && listed.Complete && before.Total == listed.Total && before.Holes == listed.Holes {
		listed.Since = before.Since
	}
	r.listed = &listed
}

// contains asks Spotify a second way whether the library holds a playlist,
// unless it refused to say. Only a yes proves something.
func (r *run) contains(ctx context.Context, id string) (bool, error) {
	now := r.Clock.Now()
	if refused := r.user.Playlists.RefusedAt; !refused.IsZero() && now.Sub(refused) < refusedTime {
		return false, nil
	}
	there, err := r.library.InLibrary(ctx, id)
	switch {
	case err == nil:
		return there, nil
	case archive.OfOneRoute(err):
		r.refusedAt = now
		return false, nil
	default:
		return false, fmt.Errorf("asking for a playlist in the library: %w", err)
	}
}

// byID reads a playlist that the list does not show. What it holds is not
// known where Spotify does not tell.
func (r *run) byID(ctx context.Context, id string) (archive.Playlist, error) {
	playlist, err := r.library.Playlist(ctx, id)
	if err != nil && archive.OfOneRoute(err) {
		return archive.Playlist{ID: id, Total: archive.UnknownTotal}, nil
	}
	return playlist, err
}
