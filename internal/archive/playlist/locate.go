package playlist

import (
	"context"
	"fmt"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// Whereabouts is where a playlist of ours is.
type Whereabouts int

// The places.
const (
	Present Whereabouts = iota // in the user's library
	Gone                       // the user removed it
	Unclear                    // it does not show, which may be Spotify's fault
)

const (
	// lateList is how long a new playlist may be missing from the list.
	lateList = 24 * time.Hour

	// doubtTime is after which time a list that contradicts what it said
	// before is taken for what it is, unless it is silent.
	doubtTime = 7 * 24 * time.Hour

	// blankTime is how long a list that shows nothing of what it counts is not
	// believed to hold nothing of ours. For a new user who follows Spotify's
	// lists only, it is the truth.
	blankTime = 15 * time.Minute

	// refusedTime is how long Spotify is not asked again what it refused to
	// say.
	refusedTime = 30 * 24 * time.Hour
)

// Sought is what is known of a playlist that is looked for.
type Sought struct {
	ID      string
	MadeAt  time.Time         // zero for one that was found
	Absence archive.Absence   // what spoke for it before
	Place   archive.ListPlace // where it stood
}

// Locate finds a playlist of ours in the user's library. A playlist that is
// deleted still answers by its id, so only its absence tells. An absence is
// believed after two complete lists, archive.LooksApart apart, that nothing contradicts:
// see contradicted. The absence that it returns has to be stored with the
// playlist.
func (o *Ours) Locate(ctx context.Context, what Sought) (webapi.Playlist, Whereabouts, archive.Absence, error) {
	id, absence := what.ID, what.Absence
	playlist, found, err := o.find(ctx, id, what.Place)
	now := o.Clock.Now()
	switch {
	case found:
		o.shape()
		return playlist, Present, archive.Absence{}, nil
	case err != nil && !outcome.OfOneRoute(err):
		return webapi.Playlist{}, Unclear, absence, err
	case err != nil:
		// A list that cannot be read says nothing about the playlist.
		playlist, err := o.ByID(ctx, id)
		return playlist, Present, absence, err
	case !what.MadeAt.IsZero() && now.Sub(what.MadeAt) < lateList:
		playlist, err := o.ByID(ctx, id)
		return playlist, Present, archive.Absence{}, err
	}
	return o.absent(ctx, id, absence)
}

// absent decides about a playlist that a complete list does not show.
func (o *Ours) absent(ctx context.Context, id string, absence archive.Absence) (webapi.Playlist, Whereabouts, archive.Absence, error) {
	now := o.Clock.Now()
	contradicted := o.contradicted()
	there, err := o.contains(ctx, id)
	switch {
	case err != nil:
		return webapi.Playlist{}, Unclear, absence, err
	case there:
		playlist, err := o.ByID(ctx, id)
		return playlist, Present, archive.Absence{}, err
	}
	if contradicted {
		if absence.Doubted.IsZero() {
			absence.Doubted = now
		}
		if o.silent() || now.Sub(absence.Doubted) < doubtTime {
			absence.Since = time.Time{}
			return webapi.Playlist{}, Unclear, absence, nil
		}
	}
	switch {
	case absence.Since.IsZero():
		absence.Since = now
		return webapi.Playlist{}, Unclear, absence, nil
	case now.Sub(absence.Since) >= archive.LooksApart:
		o.confirmed = true
		return webapi.Playlist{}, Gone, absence, nil
	default:
		return webapi.Playlist{}, Unclear, absence, nil
	}
}

// contradicted reports whether the complete list says less than it did when it
// last showed what we looked for: more holes, or much less of everything. One
// that shows nothing at all is always doubted.
func (o *Ours) contradicted() bool {
	before := o.User.Playlists
	now := &o.list
	holes := before.Holes
	if !before.Complete {
		holes = now.nulls // so many may have been there before
	}
	fewer := before.Total - now.total
	nothing := now.blank() || !before.Complete && now.nulls == now.total
	return nothing || now.holes() > holes || fewer > 2 && now.total*4 < before.Total*3
}

// silent reports whether the list shows no playlist, and leaves out more than it
// did. It proves nothing, for however many weeks: a second archive would hold what
// the first one holds.
func (o *Ours) silent() bool {
	l := &o.list
	return l.blank() || len(l.ids) == 0 && l.holes() > o.User.Playlists.Holes
}

// WholeList reads the complete list, for whoever makes a playlist if it is not
// in there. A list that leaves out what it counts is asked for again before
// it is taken for what it is, and one of nulls alone for a while: a user who
// comes back may have an archive in it.
func (o *Ours) WholeList(ctx context.Context) ([]webapi.Playlist, error) {
	list, err := o.list.all(ctx, o.Library)
	if err != nil {
		return nil, err
	}
	before, l := o.User.Playlists, &o.list
	again := before.Complete && before.Total == l.total && before.Holes >= l.holes()
	blank, wait := l.total > 1 && l.nulls == l.total, blankTime
	if len(o.User.Archives) > 0 && !o.confirmed && l.blank() {
		blank, wait = true, doubtTime // an archive of theirs is known
	}
	waited := again && o.Clock.Now().Sub(before.Since) >= wait
	doubted := l.holes() > l.nulls && !again || blank && !waited
	if doubted || len(o.User.Archives) == 0 && o.User.Inbox.PlaylistID == "" {
		o.shape()
	}
	if doubted {
		return nil, ErrContradicted
	}
	return list, nil
}

// shape notes what the list looks like, for contradicted. Part of a list tells
// no holes, so those of the last whole one count on.
func (o *Ours) shape() {
	l := &o.list
	listed, before := archive.Playlists{Total: l.total, Holes: l.holes(), Complete: l.complete}, o.User.Playlists
	if !l.complete {
		listed.Holes, listed.Complete = before.Holes, before.Complete
	}
	listed.Since = o.Clock.Now()
	if before.Complete && listed.Complete && before.Total == listed.Total && before.Holes == listed.Holes {
		listed.Since = before.Since
	}
	o.listed = &listed
}

// contains asks Spotify a second way whether the library holds a playlist,
// unless it refused to say. Only a yes proves something.
func (o *Ours) contains(ctx context.Context, id string) (bool, error) {
	now := o.Clock.Now()
	if refused := o.User.Playlists.RefusedAt; !refused.IsZero() && now.Sub(refused) < refusedTime {
		return false, nil
	}
	there, err := o.Library.InLibrary(ctx, id)
	switch {
	case err == nil:
		return there, nil
	case outcome.OfOneRoute(err):
		o.refusedAt = now
		return false, nil
	default:
		return false, fmt.Errorf("asking for a playlist in the library: %w", err)
	}
}

// ByID reads a playlist that the list does not show. What it holds is not
// known where Spotify does not tell.
func (o *Ours) ByID(ctx context.Context, id string) (webapi.Playlist, error) {
	playlist, err := o.Library.Playlist(ctx, id)
	if err != nil && outcome.OfOneRoute(err) {
		return webapi.Playlist{ID: id, Total: archive.UnknownTotal}, nil
	}
	return playlist, err
}
