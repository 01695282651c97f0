package exactlyonce

import (
	"context"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/playlist"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// look sees what of an open batch is in the archive, unless it is known that
// nothing was sent.
func (e *Engine) look(ctx context.Context, open ledger.Batch, seen *Evidence) error {
	target := e.held.User.Archives[open.ArchivePlaylist]
	if target.PlaylistID != open.PlaylistID {
		target = archive.ArchivePlaylist{PlaylistID: open.PlaylistID} // a copy, or an archive that was replaced
	}
	found, where, _, err := e.archives.Locate(ctx, playlist.Sought{
		ID: open.PlaylistID, MadeAt: target.MadeAt, Absence: target.Absence, Place: e.placeOf(open.PlaylistID),
	})
	if err != nil {
		return err
	}
	seen.Event, seen.Missing = Looked, open.Tracks
	if where == playlist.Gone {
		seen.Event = Vanished
	}
	if where != playlist.Present || open.Unsent {
		return nil
	}
	missing, total, err := e.missing(ctx, open, found)
	if err != nil {
		return err
	}
	seen.Missing = missing
	known := e.held.User.Archives[open.ArchivePlaylist]
	known.PlaylistID, known.Total = found.ID, total
	if len(missing) == 0 {
		known.Total -= len(open.Tracks) // commit counts them
	}
	// The id of a moment ago may not be the last one: the next look reads the tail.
	known.Snapshot, known.Absence = "", archive.Absence{}
	e.archives.Use(open.ArchivePlaylist, known)
	return nil
}

// placeOf is where an archive, or a copy, stood in the list of playlists.
func (e *Engine) placeOf(playlistID string) archive.ListPlace {
	for _, target := range e.held.User.Archives {
		if target.PlaylistID == playlistID {
			return target.Place
		}
	}
	return archive.ListPlace{}
}

// missing returns the intent's songs that never reached its playlist, and how
// many items the playlist has. Usually they are the last items or none of
// them is there; only otherwise the whole playlist is read. An append takes
// effect whole or not at all, so where most of it is there the rest was taken
// out by the user meanwhile, and stays out. A song that is known by its id alone
// may be there under another one.
//
// Songs are missing only if two answers agree on it. An empty page has been
// given of a list that was not empty, and no page at all of the end of one.
func (e *Engine) missing(ctx context.Context, open ledger.Batch, listed webapi.Playlist) (missing []ledger.Track, total int, err error) {
	tail, total, readErr := e.tailOf(ctx, open, listed)
	if readErr != nil && !outcome.OfOneRoute(readErr) {
		return nil, 0, readErr
	}
	if err := e.noteUnknown(ctx, tail); err != nil {
		return nil, 0, err
	}
	if err := e.learnOthers(ctx, open, tail); err != nil {
		return nil, 0, err
	}
	if readErr == nil && endsWith(tail, open.Tracks) {
		return nil, total, nil
	}
	if readErr != nil || total != listed.Total {
		return e.byTotals(ctx, open, listed, total, readErr)
	}
	if e.standsWhereSent(open, tail, total) {
		return nil, total, nil
	}
	if total == open.TotalBefore && !slices.ContainsFunc(tail, func(i webapi.Item) bool { return e.mayHold(open, i) }) {
		return open.Tracks, total, nil
	}
	return e.missingFromAll(ctx, open)
}

// noteUnknown notes which ids of a list no run has seen in an archive yet: the others
// were there before the append.
func (e *Engine) noteUnknown(ctx context.Context, list []webapi.Item) error {
	seen, err := e.held.Seen(ctx)
	if err != nil {
		return err
	}
	if e.unknown == nil {
		e.unknown = make(map[string]bool)
	}
	for _, item := range list {
		if !seen.HasID(item.Track) {
			e.unknown[item.Track.ID] = true
		}
	}
	return nil
}

// learnOthers adds what others put into an archive since to the seen set: nothing
// looks there again before the next batch is appended.
func (e *Engine) learnOthers(ctx context.Context, open ledger.Batch, tail []webapi.Item) error {
	if open.Copy {
		return nil
	}
	others := slices.DeleteFunc(slices.Clone(tail), func(i webapi.Item) bool { return holds(open, i) })
	_, err := e.held.Learn(ctx, playlist.Usable(others))
	return err
}

// tailOf reads the items that an append would have added, and as many before
// them: the person may have taken so many out that the total is what it was,
// and a page that begins where the list ends may be refused. So of a list
// that seems to be empty the playlist's own total is asked.
func (e *Engine) tailOf(ctx context.Context, open ledger.Batch, listed webapi.Playlist) ([]webapi.Item, int, error) {
	start := open.TotalBefore
	if listed.Total != archive.UnknownTotal {
		start = min(start, listed.Total)
	}
	if start > 0 || listed.Total > 0 {
		return playlist.Items(ctx, e.archives.Library, open.PlaylistID, max(0, start-len(open.Tracks)))
	}
	p, err := e.archives.ByID(ctx, open.PlaylistID)
	if err != nil || p.Total != 0 {
		return playlist.Items(ctx, e.archives.Library, open.PlaylistID, 0)
	}
	return nil, 0, nil
}

// holds reports whether the item is one of the intent's songs.
func holds(open ledger.Batch, item webapi.Item) bool {
	return item.Usable && open.Holds(item.Track)
}

func endsWith(list []webapi.Item, tracks []ledger.Track) bool {
	songs := playlist.Usable(list)
	return len(songs) >= len(tracks) && slices.EqualFunc(songs[len(songs)-len(tracks):], tracks, ledger.SameSong)
}

// standsWhereSent reports whether the list holds, where the append would have
// put its songs and added when it was sent, as many items that may be them.
// Spotify shows a song under another id, and a pasted one, or one without its
// ISRC, is known by its id alone.
func (e *Engine) standsWhereSent(open ledger.Batch, tail []webapi.Item, total int) bool {
	first := len(tail) - (total - open.TotalBefore)
	if first < 0 || first+len(open.Tracks) > len(tail) {
		return false
	}
	if end := first + len(open.Tracks); end < len(tail) && tail[end].AddedAt.Equal(tail[end-1].AddedAt) {
		return false // more came at once than was sent
	}
	dated := false
	for i, track := range open.Tracks {
		item := tail[first+i]
		if !item.Usable || !mayBe(item, track) {
			return false
		}
		if item.AddedAt.IsZero() {
			continue
		}
		dated = true
		if !e.whenSent(open, item) {
			return false
		}
	}
	return dated
}

// mayBe reports whether an item may be that song: it is, or too little is known of
// either to say that it is not.
func mayBe(item webapi.Item, track ledger.Track) bool {
	return ledger.SameSong(item.Track, track) || item.Track.Recording() == "" || track.Recording() == ""
}

// whenSent reports whether an item came when the append may have had its effect.
func (e *Engine) whenSent(open ledger.Batch, item webapi.Item) bool {
	late := item.AddedAt.Sub(open.At)
	return late >= -calendar.MaxSkew && late <= e.held.Delay+calendar.MaxSkew
}

// mayBeSent reports whether an item that is none of the batch's songs by its id may
// be one under another.
func (e *Engine) mayBeSent(open ledger.Batch, item webapi.Item) bool {
	return item.Usable && e.unknown[item.Track.ID] && !holds(open, item) && e.whenSent(open, item) &&
		slices.ContainsFunc(open.Tracks, func(t ledger.Track) bool { return mayBe(item, t) })
}

// mayHold reports whether the item is one of the batch's songs, as far as can be
// said.
func (e *Engine) mayHold(open ledger.Batch, item webapi.Item) bool {
	return holds(open, item) || e.mayBeSent(open, item)
}

// underOtherIDs returns how many of the batch's songs may stand in a list under
// other ids, wherever the person has moved them to: what one append adds has one
// date, and nothing else has it.
func (e *Engine) underOtherIDs(open ledger.Batch, list []webapi.Item) (most int) {
	together, maybe := make(map[time.Time]int), make(map[time.Time]int)
	for _, item := range list {
		together[item.AddedAt]++
		if e.mayBeSent(open, item) {
			maybe[item.AddedAt]++
		}
	}
	for at, n := range maybe {
		if together[at] <= len(open.Tracks) {
			most = max(most, n)
		}
	}
	return most
}

// byTotals decides about an append where the items cannot be read, or do not
// go together with the list of playlists: the playlist itself is asked how
// much it holds, and the total that two answers tell counts. Where the playlist
// refuses everything, that of the list has to do after a day: it may go on refusing
// for ever.
func (e *Engine) byTotals(ctx context.Context, open ledger.Batch, listed webapi.Playlist, total int, readErr error) ([]ledger.Track, int, error) {
	witness, err := e.archives.ByID(ctx, open.PlaylistID)
	if err != nil {
		return nil, 0, err
	}
	waited := e.held.Clock.Now().Sub(open.At) >= archive.LooksApart
	if readErr != nil && witness.Total == archive.UnknownTotal && waited {
		witness.Total = listed.Total
	}
	agreed := witness.Total != archive.UnknownTotal && (witness.Total == listed.Total || readErr == nil && witness.Total == total)
	alone := readErr == nil && witness.Total == archive.UnknownTotal && listed.Total == archive.UnknownTotal
	switch {
	case alone && waited:
		return e.missingFromAll(ctx, open)
	case !agreed && readErr != nil:
		return nil, 0, readErr
	case !agreed:
		return nil, 0, playlist.ErrContradicted
	case witness.Total == open.TotalBefore+len(open.Tracks):
		return nil, witness.Total, nil
	case witness.Total == open.TotalBefore:
		return open.Tracks, witness.Total, nil
	case readErr == nil && witness.Total == total:
		return e.missingFromAll(ctx, open)
	case readErr != nil:
		return nil, 0, readErr
	default:
		return nil, 0, playlist.ErrContradicted
	}
}

// missingFromAll reads the whole playlist: somebody else changed it, too.
func (e *Engine) missingFromAll(ctx context.Context, open ledger.Batch) (missing []ledger.Track, total int, err error) {
	all, total, err := playlist.Items(ctx, e.archives.Library, open.PlaylistID, 0)
	if err != nil {
		return nil, 0, err
	}
	if len(all) < total {
		return nil, 0, playlist.ErrContradicted
	}
	if err := e.noteUnknown(ctx, all); err != nil {
		return nil, 0, err
	}
	if !open.Copy {
		if _, err := e.held.Learn(ctx, playlist.Usable(all)); err != nil {
			return nil, 0, err
		}
	}
	present := func(t ledger.Track) bool {
		return slices.ContainsFunc(all, func(i webapi.Item) bool { return i.Usable && ledger.SameSong(i.Track, t) })
	}
	missing = slices.DeleteFunc(slices.Clone(open.Tracks), present)
	renamed := e.underOtherIDs(open, all)
	nowhere := len(missing) - renamed
	switch {
	case nowhere*2 < len(open.Tracks), nowhere*2 == len(open.Tracks) && renamed > 1:
		return nil, total, nil // of those under other ids nobody can say which they are
	case playlist.Slipped(all, e.held.Clock.Now()) && e.held.Clock.Now().Sub(open.At) < archive.LooksApart:
		return nil, 0, playlist.ErrContradicted // what was left out may be what is missing
	default:
		return missing, total, nil
	}
}
