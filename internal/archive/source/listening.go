package source

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

const (
	// recentPlays is how many plays Spotify keeps, and returns at most
	// (https://developer.spotify.com/documentation/web-api/reference/get-recently-played).
	recentPlays = 50

	// playingNow: after a play this young, the queue is worth a look.
	playingNow = time.Hour

	playlistURI = "spotify:playlist:"
)

// listening is what the person played from Discover Weekly.
type listening struct{ *View }

// readListening collects what was played. Its songs wait as batches, because
// they may be heard between runs; the week needs no daily look.
func readListening(ctx context.Context, v *View) (Reading, error) {
	if !v.User.Grant.Listens() {
		return Reading{Kind: outcome.Scope}, nil
	}
	return v.byThemselves(), Listen(ctx, v)
}

// Listen puts what was played since into waiting batches: all that a look at
// plays does. Where nothing was played, it writes nothing. fault.ErrScope.
func Listen(ctx context.Context, v *View) error { return listening{v}.collect(ctx) }

// collect puts what was played from Discover Weekly into pending. The latest
// plays are all read, every time: those made offline turn up late, with the
// times at which they were made.
func (l listening) collect(ctx context.Context) error {
	if !l.User.Grant.Listens() {
		return fault.ErrScope
	}
	known := l.User.Listening
	plays, err := l.Library.RecentlyPlayed(ctx)
	if err != nil {
		return fmt.Errorf("reading recent plays: %w", err)
	}
	next := known
	next.AskedAt = l.Clock.Now()
	dated := func(p webapi.Play) bool { return !p.PlayedAt.IsZero() }
	if i := slices.IndexFunc(plays, dated); i >= 0 {
		oldest, newest := plays[i].PlayedAt.UTC(), plays[len(plays)-1].PlayedAt.UTC()
		if len(plays) >= recentPlays && !known.Cursor.IsZero() && oldest.After(known.Cursor) {
			next.Gap = archive.Gap{From: known.Cursor, To: oldest}
		}
		if newest.After(known.Cursor) && !calendar.Ahead(newest, next.AskedAt) {
			next.Cursor = newest
		}
	}
	heard, played := l.fromDiscover(l.told(plays))
	if len(played) > 0 {
		next.Of = strings.TrimPrefix(played[len(played)-1].Context, playlistURI)
	}
	queue, err := l.comingUp(ctx, plays, known.Cursor)
	if err != nil {
		return err
	}
	heard.merge(queue.playing)
	queued := confirmed(known, played)
	if len(queue.next) > 0 {
		next.Queue, next.QueueOf, next.QueueAt = queue.next, queue.context, next.AskedAt
	} else if len(queued) > 0 {
		next.Queue, next.QueueOf, next.QueueAt = nil, "", time.Time{}
	}
	batches, err := l.unknown(ctx, heard, queued, &next)
	if err != nil {
		return err
	}
	if len(batches) == 0 && next.Cursor.Equal(known.Cursor) && next.QueueAt.Equal(known.QueueAt) {
		return nil
	}
	return l.Write(ctx, archive.Changes{AddPending: batches}, func(u *archive.User) {
		u.Listening = next
		if len(batches) > 0 {
			u.NoteWaiting(next.AskedAt)
		}
		if l.Looked != nil {
			l.Looked(u)
		}
	})
}

// heardSongs are songs of Discover Weekly by the week in which they played.
type heardSongs map[calendar.Edition][]ledger.Track

func (h heardSongs) merge(other heardSongs) {
	for edition, tracks := range other {
		h[edition] = append(h[edition], tracks...)
	}
}

// told fills in from where plays without a context were played: those that
// follow the queue that the player showed of Discover Weekly, in its order.
func (l listening) told(plays []webapi.Play) []webapi.Play {
	known := l.User.Listening
	if known.QueueAt.IsZero() {
		return plays
	}
	queue := known.Queue
	told := slices.Clone(plays)
	for i, p := range told {
		if !p.PlayedAt.After(known.QueueAt) {
			continue
		}
		at := slices.IndexFunc(queue[:min(2, len(queue))], func(t ledger.Track) bool { return ledger.SameSong(t, p.Track) })
		if at < 0 {
			break
		}
		queue = queue[at+1:]
		if p.Context == "" {
			told[i].Context = known.QueueOf
		}
	}
	return told
}

// fromDiscover sorts the plays of Discover Weekly by the person's week, and
// lists them in order.
func (l listening) fromDiscover(plays []webapi.Play) (heard heardSongs, played []webapi.Play) {
	heard = make(heardSongs)
	now := l.Clock.Now()
	for _, p := range plays {
		if !p.Usable || !l.isDiscoverContext(p.Context) {
			continue
		}
		at := p.PlayedAt
		if !calendar.Plausible(at, now) {
			at = now
		}
		edition := l.User.WeekOf(at)
		heard[edition] = append(heard[edition], p.Track)
		played = append(played, p)
	}
	return heard, played
}

func (l listening) isDiscoverContext(uri string) bool {
	id, ok := strings.CutPrefix(uri, playlistURI)
	if !ok {
		return false
	}
	return id == l.User.Discover.PlaylistID || strings.HasPrefix(id, discoverPrefix)
}

// player is what the player shows of Discover Weekly: the song that plays, and
// what it would play next.
type player struct {
	context string
	playing heardSongs
	next    []ledger.Track
}

// comingUp asks the player while Discover Weekly may be playing: after a new
// play from it, or one of which Spotify does not tell from where it was played.
// The player is extra: where it cannot be had, the plays count.
func (l listening) comingUp(ctx context.Context, plays []webapi.Play, cursor time.Time) (player, error) {
	now := l.Clock.Now()
	var discover, silent, other bool
	for _, p := range plays {
		if now.Sub(p.PlayedAt) <= playingNow && p.PlayedAt.After(cursor) {
			discover = discover || l.isDiscoverContext(p.Context)
			silent = silent || p.Context == ""
			other = other || p.Context != ""
		}
	}
	if !discover && !silent {
		return player{}, nil
	}
	queue, err := l.Library.Queue(ctx)
	if err != nil && !outcome.OfOneRoute(err) {
		return player{}, err
	}
	if err != nil {
		l.Log.InfoContext(ctx, "queue not read", "user_id", l.User.ID, "error", err)
		return player{}, nil
	}
	if !l.isDiscoverContext(queue.Context) || queue.SmartShuffle || len(queue.Tracks) == 0 {
		return player{}, nil
	}
	playing := player{context: queue.Context, next: queue.Tracks}
	if !other {
		// No play tells its list, so this one will not either.
		playing.playing = heardSongs{l.User.WeekOf(now): queue.Tracks[:1]}
	}
	return playing, nil
}

// confirmedPlays is how many plays have to follow the queue before it is
// believed.
const confirmedPlays = 2

// confirmed returns what is left of a queue that was seen earlier, if the
// plays since show that it was Discover Weekly's own: they are its first songs,
// in its order. A queue also holds what the person put there by hand and what
// Spotify would play when the list is over, and does not tell which is which.
func confirmed(known archive.Listening, played []webapi.Play) []ledger.Track {
	var since []ledger.Track
	for _, p := range played {
		if p.PlayedAt.After(known.QueueAt) {
			since = append(since, p.Track)
		}
	}
	if known.QueueAt.IsZero() || len(since) < confirmedPlays {
		return nil
	}
	// The song that played then may have been listed as a play before or since.
	for _, start := range []int{0, 1} {
		queue := known.Queue[min(start, len(known.Queue)):]
		if len(since) <= len(queue) && slices.EqualFunc(since, queue[:len(since)], ledger.SameSong) {
			return queue[len(since):]
		}
	}
	return nil
}

// unknown makes pending batches, one an edition, of the songs that are
// neither archived nor waiting already. What came from the queue never makes
// more of a week than a Discover Weekly has.
func (l listening) unknown(ctx context.Context, heard heardSongs, queued []ledger.Track, next *archive.Listening) ([]ledger.Batch, error) {
	if len(heard) == 0 && len(queued) == 0 {
		return nil, nil
	}
	seen, err := l.Seen(ctx)
	if err != nil {
		return nil, err
	}
	waiting, err := l.Store.Pending(ctx, l.User.ID)
	if err != nil {
		return nil, fmt.Errorf("reading the waiting songs of user %s: %w", l.User.ID, err)
	}
	var known ledger.Seen
	for _, p := range waiting {
		if p.Held == "" {
			known.Add(p.Tracks...)
		}
	}
	fresh := func(tracks []ledger.Track) []ledger.Track {
		var list []ledger.Track
		for _, t := range tracks {
			if !seen.Has(t) && !known.Has(t) {
				known.Add(t)
				list = append(list, t)
			}
		}
		return list
	}
	week := l.User.WeekOf(next.AskedAt)
	if len(queued) > 0 && heard[week] == nil {
		heard[week] = nil
	}
	var batches []ledger.Batch
	for _, e := range slices.Sorted(maps.Keys(heard)) {
		tracks := fresh(heard[e])
		played := len(tracks)
		if e > next.Week {
			next.Week, next.Kept = e, 0
		}
		if e == week {
			room := max(0, calendar.DiscoverSongs-next.Kept-played)
			rest := fresh(queued)
			tracks = append(tracks, rest[:min(room, len(rest))]...)
		}
		if len(tracks) == 0 {
			continue
		}
		if e == next.Week {
			next.Kept += len(tracks)
		}
		heard := ledger.NewBatch(e, ledger.SourceListening, tracks)
		heard.ID = fmt.Sprintf("listening-%s-%d", e, next.AskedAt.UnixMilli())
		heard.Entry.Queued, heard.At = len(tracks)-played, next.AskedAt
		batches = append(batches, heard)
	}
	return batches, nil
}
