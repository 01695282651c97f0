package exactlyonce

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/lease"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/playlist"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// The world of one order of events: a playlist, a user, and what goes wrong.
// Whatever is done asks the order what becomes of it.

const (
	archiveID = "archive000000000000000"
	delay     = archive.VisibilityDelay
)

var (
	began   = time.Date(2026, 11, 16, 13, 5, 0, 0, time.UTC)
	week    = calendar.Edition("2026-11-16")
	errDown = errors.New("the store is down")
)

// killed is what a process that was killed ends with.
type killed struct{}

// order is one order of events: the choices that were made, in turn. What is
// not said is what usually happens: the first of the choices.
type order struct {
	made   []int
	limits []int
	names  []string
	at     int
	faults int // choices other than the first that may still be made
}

// choose returns one of the choices.
func (o *order) choose(names ...string) string {
	limit := len(names)
	if o.faults == 0 {
		limit = 1
	}
	if o.at == len(o.made) {
		o.made = append(o.made, 0)
		o.limits = append(o.limits, limit)
	}
	n := min(o.made[o.at], limit-1)
	o.limits[o.at] = limit
	o.at++
	if n > 0 {
		o.faults--
		o.names = append(o.names, fmt.Sprintf("%d: %s", o.at, names[n]))
	}
	return names[n]
}

// following is the next order in which another choice is made; false after the
// last one.
func (o *order) following(faults int) (*order, bool) {
	made := o.made[:o.at]
	for i := len(made) - 1; i >= 0; i-- {
		if made[i]+1 < o.limits[i] {
			return &order{made: append(slices.Clone(made[:i]), made[i]+1), limits: slices.Clone(o.limits[:i+1]), faults: faults}, true
		}
	}
	return nil, false
}

type world struct {
	webapi.Library // what is not implemented here is not asked for
	archive.Ledger

	*order
	next   func(State, Evidence) (State, Action)
	unsafe bool // nobody asks for the lease

	now      time.Time
	user     archive.User
	pending  map[string]ledger.Batch
	seen     ledger.Seen
	entries  []ledger.Entry
	items    []webapi.Item
	changes  int
	late     []lateAppend
	taken    []ledger.Track // by the person, out of the archive
	byHand   []ledger.Track
	halved   bool           // the batch is in parts
	accepted bool           // an append was taken
	free     []ledger.Track // may be there or not
	gone     bool           // the source shows other songs, now that the batch is stored
	nested   bool           // a second delivery is under way
	dead     bool           // the process is stopped: nothing it asks for is done
}

// lateAppend takes effect some time after it was sent.
type lateAppend struct {
	at     time.Time
	tracks []ledger.Track
}

func song(n int) ledger.Track {
	return ledger.Track{ID: fmt.Sprintf("song%018d", n), ISRC: fmt.Sprintf("QZES5%07d", n), Length: 1000 * (n + 100)}
}

func newWorld(o *order, next func(State, Evidence) (State, Action)) *world {
	w := &world{order: o, next: next, now: began, pending: make(map[string]ledger.Batch)}
	old := song(1)
	w.items = []webapi.Item{{Track: old, Usable: true, AddedAt: began.AddDate(0, 0, -7)}}
	w.seen.Add(old)
	w.user = archive.User{
		ID: "a2345672345672345672345672", SpotifyID: "ada", Status: archive.StatusActive, Shape: archive.ShapeSingle, Revision: "0",
		Archives: map[string]archive.ArchivePlaylist{archive.MainArchive: {
			PlaylistID: archiveID, Part: 1, Total: 1, Snapshot: w.snapshot(), ReadAt: began.AddDate(0, 0, -7),
		}},
	}
	return w
}

// batch is what has to be archived.
func batch() ledger.Batch {
	b := ledger.NewBatch(week, ledger.SourceInbox, []ledger.Track{song(2), song(3), song(4)})
	b.Entry.Added, b.ArchivePlaylist = len(b.Tracks), archive.MainArchive
	return b
}

func (w *world) snapshot() string { return fmt.Sprint("snapshot ", w.changes) }

// clock moves a little with every look at it, and lets late appends happen.
func (w *world) clock() time.Time {
	w.now = w.now.Add(time.Second)
	w.land()
	return w.now
}

func (w *world) land() {
	w.late = slices.DeleteFunc(w.late, func(l lateAppend) bool {
		if l.at.After(w.now) {
			return false
		}
		w.put(l.tracks)
		return true
	})
}

func (w *world) put(tracks []ledger.Track) {
	w.changes++
	for _, t := range tracks {
		w.items = append(w.items, webapi.Item{Track: t, Usable: true, AddedAt: w.now})
	}
}

// second may deliver the message a second time in the middle of a run.
func (w *world) second() {
	if w.nested || w.dead {
		return
	}
	switch w.choose("nothing", "a second delivery", "a second delivery, when this run was slow") {
	case "nothing":
		return
	case "a second delivery, when this run was slow":
		w.now = w.now.Add(2 * delay)
	}
	w.nested = true
	w.deliver()
	w.nested = false
}

// fault asks what becomes of something that is done. What is done in vain
// returns an error; a process that is killed does not come back.
func (w *world) fault(do func() error, fail error) error {
	if w.dead {
		return context.DeadlineExceeded
	}
	w.second()
	switch w.choose("done", "killed before", "killed after", "failed", "done and failed", "stopped") {
	case "killed before":
		panic(killed{})
	case "killed after":
		_ = do()
		panic(killed{})
	case "failed":
		return fail
	case "done and failed":
		_ = do()
		return fail
	case "stopped":
		w.dead = true
		return context.DeadlineExceeded
	default:
		return do()
	}
}

// Commit implements archive.Ledger.
func (w *world) Commit(_ context.Context, u archive.User, c archive.Changes) (archive.User, error) {
	stored := u
	err := w.fault(func() error {
		if u.Revision != w.user.Revision {
			return fault.ErrConflict
		}
		stored.Revision = fmt.Sprint(len(w.user.Revision)) + w.user.Revision
		stored.Archives, stored.Batches = maps.Clone(u.Archives), maps.Clone(u.Batches)
		w.user = stored
		w.gone = w.gone || u.Open != nil
		if c.Entry != nil {
			w.entries = append(w.entries, *c.Entry)
		}
		if c.Seen != nil {
			w.seen = ledger.Seen{}
			w.seen.Merge(*c.Seen)
		}
		for _, b := range c.AddPending {
			w.pending[b.ID] = b
		}
		for _, id := range c.RemovePending {
			delete(w.pending, id)
		}
		return nil
	}, errDown)
	return stored, err
}

// Put implements archive.Ledger. The lease is taken without faults: a run that
// has not begun changes nothing.
func (w *world) Put(_ context.Context, u archive.User) (archive.User, error) {
	if u.Revision != w.user.Revision {
		return u, fault.ErrConflict
	}
	u.Revision = "l" + w.user.Revision
	w.user = u
	return u, nil
}

// User implements archive.Ledger.
func (w *world) User(context.Context, archive.UserID) (archive.User, error) {
	u := w.user
	u.Archives, u.Batches = maps.Clone(u.Archives), maps.Clone(u.Batches)
	return u, nil
}

// Seen implements archive.Ledger.
func (w *world) Seen(context.Context, archive.UserID) (ledger.Seen, error) {
	var seen ledger.Seen
	seen.Merge(w.seen)
	return seen, nil
}

// Playlists implements webapi.Library.
func (w *world) Playlists(context.Context, int, int) (webapi.PlaylistPage, error) {
	p, _ := w.Playlist(context.Background(), archiveID)
	return webapi.PlaylistPage{Playlists: []webapi.Playlist{p}, Total: 1}, w.alive()
}

// Playlist implements webapi.Library.
func (w *world) Playlist(context.Context, string) (webapi.Playlist, error) {
	w.land()
	return webapi.Playlist{ID: archiveID, OwnerID: "ada", Total: len(w.items), Snapshot: w.snapshot()}, w.alive()
}

// Items implements webapi.Library.
func (w *world) Items(_ context.Context, _ string, offset int) (webapi.ItemPage, error) {
	w.land()
	return webapi.ItemPage{Items: slices.Clone(w.items[min(offset, len(w.items)):]), Total: len(w.items)}, w.alive()
}

func (w *world) alive() error {
	if w.dead {
		return context.DeadlineExceeded
	}
	return nil
}

// Append implements webapi.Library.
func (w *world) Append(_ context.Context, _ string, tracks []ledger.Track) (string, error) {
	if err := w.alive(); err != nil {
		return "", err
	}
	switch w.choose("as usual", "late, and no answer", "refused", "not sent") {
	case "late, and no answer":
		w.late = append(w.late, lateAppend{w.now.Add(delay / 2), tracks})
		return "", fault.ErrUnknownEffect
	case "refused":
		w.halved = true
		if len(tracks) == 1 && w.accepted {
			w.free = append(w.free, tracks[0]) // given up
		}
		return "", fault.ErrRejected
	case "not sent":
		return "", fault.ErrNotWritable
	}
	err := w.fault(func() error { w.put(tracks); return nil }, fault.ErrUnknownEffect)
	w.accepted = w.accepted || err == nil
	return w.snapshot(), err
}

// deliver runs one delivery of the message: what is open is finished first, what
// is not archived yet is put.
func (w *world) deliver() {
	w.dead = false
	defer func() {
		if end := recover(); end != nil {
			if _, ok := end.(killed); !ok {
				panic(end)
			}
		}
		w.dead = false
	}()
	ctx := context.Background()
	user, _ := w.User(ctx, w.user.ID)
	if w.unsafe {
		user.Lease = archive.Lease{}
	}
	held, err := lease.Take(ctx, lease.Terms{Store: w, Clock: w.clock, Delay: delay}, user, func(*archive.User) error { return nil })
	if err != nil {
		return
	}
	log := slog.New(slog.DiscardHandler)
	engine := New(held, playlist.New(playlist.Config{Log: log}, held, w), log, func(ledger.Entry) {})
	engine.next = w.next
	err = w.run(ctx, held, engine)
	w.dead = false // what is noted at the end of a run has time of its own
	_ = held.Write(ctx, archive.Changes{}, func(u *archive.User) {
		u.Lease = archive.Lease{}
		if errors.Is(err, fault.ErrUnknownEffect) || errors.Is(err, context.DeadlineExceeded) {
			u.Lease = held.Waiting()
		}
		engine.Unsent(u)
	})
}

// run is what a run does with its engine: all that waits goes first.
func (w *world) run(ctx context.Context, held *lease.Held, engine *Engine) error {
	if err := engine.Resume(ctx); err != nil {
		return err
	}
	for {
		seen, err := held.Seen(ctx)
		if err != nil {
			return err
		}
		var todo []ledger.Batch
		for _, id := range slices.Sorted(maps.Keys(w.pending)) {
			b := w.pending[id]
			b.Pending, b.ArchivePlaylist = []string{id}, archive.MainArchive
			todo = append(todo, b)
		}
		if !w.gone {
			todo = append(todo, batch())
		}
		for _, b := range todo {
			b.Tracks = seen.Unknown(b.Tracks)
			b.Entry.Added = len(b.Tracks)
			if len(b.Tracks) == 0 && b.ID == "" {
				continue
			}
			if err := engine.Put(ctx, b, nil); err != nil {
				return err
			}
		}
		if !engine.Again() {
			return nil
		}
		engine.Round()
	}
}
