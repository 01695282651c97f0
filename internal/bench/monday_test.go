package bench_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

const (
	spotifyLatency = 100 * time.Millisecond
	storeLatency   = 30 * time.Millisecond
)

// monday is one weekly run of everybody.
type monday struct {
	name             string
	fits             int // requests to the Web API within the window, of which nobody is told
	processes, slots int
	ofFloor, refused float64 // the goals: within so many floors, so many per cent refused
}

// mondayResult is how it went.
type mondayResult struct {
	users, requests, refused, most, dead int
	took, floor                          time.Duration
}

func (r mondayResult) ofFloor() float64 { return float64(r.took) / float64(r.floor) }

// share is how many of all requests were refused, in per cent.
func (r mondayResult) share() float64 {
	return 100 * float64(r.refused) / float64(r.refused+r.requests)
}

// bigMondays lets users sign up and runs one Monday after another: the core,
// the client and the store's records that ship, pushed by a queue like the
// cloud's, in virtual time. Every Monday begins with new processes, which know
// nothing of the limit.
func bigMondays(t *testing.T, users int, mondays []monday) []mondayResult {
	t.Helper()
	var results []mondayResult
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(start))
		w := newWorld(t, fakespotify.Config{Mode: fakespotify.Extended, Clock: time.Now, Accounts: crowd(users)})
		w.clock = time.Now
		ids := w.signUpAll(users, nil)
		for _, m := range mondays {
			time.Sleep(time.Until(nextMonday(time.Now())))
			results = append(results, w.monday(ids, m))
		}
		for _, id := range ids[:min(len(ids), 200)] {
			w.wantArchived(id, 30*(1+len(mondays)))
		}
	})
	return results
}

func nextMonday(now time.Time) time.Time {
	at := start
	for !at.After(now) {
		at = at.AddDate(0, 0, 7)
	}
	return at
}

// signUpAll signs everybody up, at once and at no limit, and runs them once.
func (w *world) signUpAll(users int, sleep func(context.Context, time.Duration) error) []archive.UserID {
	client := w.client(w.spotify.RoundTripper(), sleep)
	archivist := w.process(w.store, client)
	ids := make([]archive.UserID, users)
	for i, a := range w.spotify.Accounts() {
		ids[i] = w.connect(client, a.Key, archive.ChoiceDiscover)
		job := archive.ArchiveJob{User: ids[i], Run: app.Run{Kind: app.RunSignUp, At: w.clock()}}
		if result, err := archivist.Run(w.tb.Context(), job); err != nil || result.Kind != outcome.Saved {
			w.tb.Fatalf("first run: got %q and %v", result.Kind, err)
		}
	}
	return ids
}

func (w *world) monday(ids []archive.UserID, m monday) mondayResult {
	w.spotify.ResetRequests()
	if err := w.store.SetPause(w.tb.Context(), app.Pause{}); err != nil {
		w.tb.Fatal(err)
	}
	w.traffic = archivetest.NewStore(w.clock) // what was learned on another Monday is forgotten
	way := &gate{inner: w.spotify.RoundTripper(), latency: spotifyLatency, fits: m.fits}
	began := time.Now()
	p := w.push(m, way, len(ids))
	for _, id := range ids {
		_ = p.EnqueueArchive(w.tb.Context(), archive.ArchiveJob{User: id, Run: app.Run{Kind: app.RunWeekly, At: began}})
	}
	p.stop()
	return mondayResult{
		users: len(ids), requests: way.passed, refused: way.refused, most: p.most, dead: p.dead, took: time.Since(began),
		floor: time.Duration(float64(len(ids)*3) / float64(m.fits) * float64(window)),
	}
}

func (w *world) wantArchived(id archive.UserID, songs int) {
	w.tb.Helper()
	if got := len(w.spotify.URIs(w.user(id).Archives[archive.MainArchive].PlaylistID)); got != songs {
		w.tb.Errorf("user %s: got %d songs, want %d", id, got, songs)
	}
}

// slow is the store of the cloud, as far away as it is.
type slow struct{ archive.Ledger }

func (s slow) User(ctx context.Context, id archive.UserID) (archive.User, error) {
	time.Sleep(storeLatency)
	return s.Ledger.User(ctx, id)
}

func (s slow) Put(ctx context.Context, u archive.User) (archive.User, error) {
	time.Sleep(storeLatency)
	return s.Ledger.Put(ctx, u)
}

func (s slow) Seen(ctx context.Context, id archive.UserID) (ledger.Seen, error) {
	time.Sleep(storeLatency)
	return s.Ledger.Seen(ctx, id)
}

func (s slow) Commit(ctx context.Context, u archive.User, c archive.Changes) (archive.User, error) {
	time.Sleep(storeLatency)
	return s.Ledger.Commit(ctx, u, c)
}

type slowOpener struct{ archive.Opener }

func (o slowOpener) Open(ctx context.Context, sealed secret.Sealed, context string) (secret.Text, error) {
	time.Sleep(storeLatency)
	return o.Opener.Open(ctx, sealed, context)
}

// TestBigMonday is a small one, in every test run: nearly all of what fits is
// used, and nearly nothing is refused.
func TestBigMonday(t *testing.T) {
	t.Parallel()
	m := monday{fits: 100, processes: 1, slots: 8}
	got := bigMondays(t, 300, []monday{m})[0]
	t.Logf("%+v: %.2f of the floor, %.1f %% refused", got, got.ofFloor(), got.share())
	if got.ofFloor() > 1.3 || got.share() >= 3 || got.dead > 0 {
		t.Errorf("got %.2f of the floor, %.1f %% refused, %d dead letters; want at most 1.3, less than 3 %% and none", got.ofFloor(), got.share(), got.dead)
	}
}

func mondays() []monday {
	return []monday{
		{name: "R = 100", fits: 100, processes: 1, slots: 8, ofFloor: 1.3, refused: 3},
		{name: "R = 1,000", fits: 1000, processes: 1, slots: 8, ofFloor: 1.3, refused: 3},
		{name: "R = 1,000, ten times the slots", fits: 1000, processes: 10, slots: 8, ofFloor: 1.5, refused: 5},
		{name: "R = 1,000, a hundred times the slots", fits: 1000, processes: 10, slots: 80, ofFloor: 1.5, refused: 5},
	}
}
