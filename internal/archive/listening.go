package archive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	// recentPlays is how many plays Spotify keeps, and returns at most
	// (https://developer.spotify.com/documentation/web-api/reference/get-recently-played).
	recentPlays = 50

	// playingNow: after a play this young, the queue is worth a look.
	playingNow = time.Hour

	playlistURI = "spotify:playlist:"
)

// listen is a listening run: it only collects what was played. The next
// catch-up or weekly run archives it.
func (r *run) listen(ctx context.Context) error {
	if err := r.collect(ctx); err != nil {
		return err
	}
	r.outcome.Kind = OutcomeNothingNew
	return r.write(ctx, Changes{}, r.conclude)
}

// collect puts what was played from Discover Weekly since the last time into
// pending, together with the cursor, so that no play is read twice and none
// is lost in between.
func (r *run) collect(ctx context.Context) error {
	if !r.user.Grant.Listens() {
		return ErrScope
	}
	known := r.user.Listening
	plays, err := r.library.RecentlyPlayed(ctx)
	if err != nil {
		return fmt.Errorf("reading recent plays: %w", err)
	}
	heard, newest := r.fromDiscover(plays)
	queued, err := r.comingUp(ctx, newest)
	if err != nil {
		return err
	}
	next := known
	next.AskedAt = r.Clock.now()
	if len(plays) > 0 {
		next.Cursor = plays[len(plays)-1].PlayedAt.UTC()
	}
	if len(plays) >= recentPlays && !known.Cursor.IsZero() && plays[0].PlayedAt.After(known.Cursor) {
		next.Gap = Gap{From: known.Cursor, To: plays[0].PlayedAt.UTC()}
	}
	batches, err := r.unknown(ctx, heard, queued)
	if err != nil {
		return err
	}
	if len(batches) == 0 && next.Cursor.Equal(known.Cursor) {
		return nil
	}
	return r.write(ctx, Changes{AddPending: batches}, func(u *User) {
		u.Listening = next
		if len(batches) > 0 {
			u.wait(next.AskedAt)
		}
	})
}

// fromDiscover sorts the plays of Discover Weekly by week, and tells the time
// of the newest.
func (r *run) fromDiscover(plays []Play) (heard map[Edition][]Track, newest time.Time) {
	heard = make(map[Edition][]Track)
	for _, p := range plays {
		if !p.Usable || !r.isDiscoverContext(p.Context) {
			continue
		}
		edition := WeekOf(p.PlayedAt)
		heard[edition] = append(heard[edition], p.Track)
		if p.PlayedAt.After(newest) {
			newest = p.PlayedAt
		}
	}
	return heard, newest
}

func (r *run) isDiscoverContext(uri string) bool {
	id, ok := strings.CutPrefix(uri, playlistURI)
	if !ok {
		return false
	}
	return id == r.user.Discover.PlaylistID || strings.HasPrefix(id, discoverPrefix)
}

// comingUp returns the queue while Discover Weekly is playing. The queue is
// extra: where it cannot be had, the plays count.
func (r *run) comingUp(ctx context.Context, newest time.Time) ([]Track, error) {
	if newest.IsZero() || r.Clock.now().Sub(newest) > playingNow {
		return nil, nil
	}
	queue, err := r.library.Queue(ctx)
	if paused, ok := errors.AsType[*PausedError](err); ok {
		return nil, paused
	}
	if err != nil {
		r.Log.InfoContext(ctx, "queue not read", "user_id", r.user.ID, "error", err)
		return nil, nil
	}
	if !r.isDiscoverContext(queue.Context) {
		return nil, nil
	}
	return queue.Tracks, nil
}

// unknown makes pending batches, one an edition, of the songs that are
// neither archived nor waiting already.
func (r *run) unknown(ctx context.Context, heard map[Edition][]Track, queued []Track) ([]Pending, error) {
	if len(heard) == 0 && len(queued) == 0 {
		return nil, nil
	}
	seen, err := r.seenSet(ctx)
	if err != nil {
		return nil, err
	}
	waiting, err := r.Store.Pending(ctx, r.user.ID)
	if err != nil {
		return nil, fmt.Errorf("reading the waiting songs of user %s: %w", r.user.ID, err)
	}
	var known Seen
	for _, p := range waiting {
		known.Add(p.Tracks...)
	}
	fresh := func(tracks []Track) []Track {
		var list []Track
		for _, t := range tracks {
			if !seen.Has(t) && !known.Has(t) {
				known.Add(t)
				list = append(list, t)
			}
		}
		return list
	}
	now := r.Clock.now()
	editions := make([]Edition, 0, len(heard))
	for e := range heard {
		editions = append(editions, e)
	}
	slices.Sort(editions)
	var batches []Pending
	for _, e := range editions {
		tracks := fresh(heard[e])
		last := e == editions[len(editions)-1]
		count := len(tracks)
		if last {
			tracks = append(tracks, fresh(queued)...)
		}
		if len(tracks) == 0 {
			continue
		}
		batches = append(batches, Pending{
			ID: fmt.Sprintf("listening-%s-%d", e, now.UnixMilli()), Source: SourceListening, Edition: e,
			Tracks: tracks, Queued: len(tracks) - count, At: now,
		})
	}
	return batches, nil
}
