package usecase_test

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

const (
	quotaWindow = 30 * time.Second
	quota       = 2_400 // requests of the app in a window

	// A request takes 100 ms, and eight users are worked on at once.
	requestTime = 100 * time.Millisecond / 8
)

var crowdSize = flag.Int("crowd", 500, "how many users TestALockOutOfTwentyHours has")

// Spotify locks the app out for twenty hours, at the first request of the
// weekly run. Nobody's message waits for the end, nothing is a dead letter, and
// two hours later it is as if the run had begun then.
func TestALockOutOfTwentyHours(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, *crowdSize)
	c.lockedUntil = archivetest.WeekTime().Add(20 * time.Hour)
	c.send(app.RunWeekly)
	for tick := archivetest.WeekTime().Add(7 * time.Minute); tick.Before(archivetest.WeekTime().Add(30 * time.Hour)); tick = tick.Add(time.Hour) {
		c.workUntil(tick)
		c.send(app.RunHourly)
		if tick.Hour() == 13 {
			c.workUntil(tick.Add(30 * time.Minute))
			c.send(app.RunSweep)
		}
	}

	most, all := 0, 0
	for _, n := range c.deliveries {
		most, all = max(most, n), all+n
	}
	floor := time.Duration(*crowdSize) * 3 * quotaWindow / quota
	limit := c.lockedUntil.Add(2*time.Hour + floor*13/10)
	t.Logf("%d users, done %s after the end of the lock-out (floor %s); %d requests in the lock-out; %d deliveries in all, at most %d each; longest queue wait %s",
		*crowdSize, c.done.Sub(c.lockedUntil).Round(time.Second), floor, c.refused, all, most, c.waited.Round(time.Second))
	if c.saved != *crowdSize || c.dead > 0 {
		t.Errorf("got %d users saved and %d dead letters, want %d and none", c.saved, c.dead, *crowdSize)
	}
	if most > 4 {
		t.Errorf("got %d deliveries for somebody, want at most 4", most)
	}
	if c.done.After(limit) {
		t.Errorf("done at %s, want it by %s", c.done, limit)
	}
	if c.waited > time.Hour {
		t.Errorf("a message waited for %s: none has to wait for the end of a pause", c.waited)
	}
}

// crowd is many users of an app that may read Discover Weekly, in virtual time.
// It is their Spotify, too: at the port, for what the client does about a 429 has
// tests of its own.
type crowd struct {
	t         *testing.T
	now       time.Time
	store     *archivetest.Store
	queue     *archivetest.Queue
	fanOut    *usecase.FanOut
	archivist *usecase.Archivist

	lockedUntil time.Time
	refused     int // requests while it was locked

	messages   letters
	deliveries map[archive.UserID]int
	saved      int
	dead       int
	waited     time.Duration // the longest from the first delivery of a message to its last
	done       time.Time
}

type letter struct {
	job   archive.ArchiveJob
	at    time.Time
	first time.Time
	tries int
}

type letters []letter

func (l letters) Len() int           { return len(l) }
func (l letters) Less(i, j int) bool { return l[i].at.Before(l[j].at) }
func (l letters) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }
func (l *letters) Push(x any)        { *l = append(*l, x.(letter)) }

func (l *letters) Pop() any {
	last := (*l)[len(*l)-1]
	*l = (*l)[:len(*l)-1]
	return last
}

func newCrowd(t *testing.T, users int) *crowd {
	t.Helper()
	c := &crowd{t: t, now: archivetest.WeekTime(), queue: archivetest.NewQueue(), deliveries: map[archive.UserID]int{}}
	clock := archive.Clock(func() time.Time { return c.now })
	log := slog.New(slog.DiscardHandler)
	c.store = archivetest.NewStore(clock)
	keys := archivetest.NewKeyRing()
	c.fanOut = &usecase.FanOut{Users: c.store, App: c.store, Jobs: c.queue, More: c.queue, Clock: clock, Log: log}
	c.archivist = &usecase.Archivist{
		Store: c.store, App: c.store, Sealer: keys, Opener: keys, Spotify: c, Clock: clock, Log: log,
		Words: words.Playlists(), BaseURL: "https://archive.example",
	}
	for i := range users {
		name := fmt.Sprintf("%05d", i)
		user := archivetest.NewUser(t, name)
		sealed, err := keys.Seal(t.Context(), secret.New(name), archive.GrantContext(user.ID))
		if err != nil {
			t.Fatal(err)
		}
		user.Grant.Sealed = sealed
		user.LastEdition = archivetest.WeekBefore
		user.Discover = archive.Discover{PlaylistID: "37i9dQZEVXc" + name, Access: archive.AccessReadable, Done: archivetest.WeekBefore}
		user.Archives = map[string]archive.ArchivePlaylist{archive.MainArchive: {PlaylistID: "archive" + name, Part: 1, Total: 30, Snapshot: "before"}}
		archivetest.MustPut(t, c.store, user)
	}
	return c
}

// send fans a run out.
func (c *crowd) send(kind app.RunKind) {
	c.t.Helper()
	jobs := []archive.FanOutJob{{Run: app.Run{Kind: kind, At: c.now}}}
	for len(jobs) > 0 {
		if _, err := c.fanOut.Run(c.t.Context(), jobs[0]); err != nil {
			c.t.Fatal(err)
		}
		jobs = append(jobs[1:], c.queue.FanOut.TakeAll()...)
	}
	for _, job := range c.queue.Archive.TakeAll() {
		heap.Push(&c.messages, letter{job: job, at: c.now})
	}
}

// workUntil delivers what is due before a time, as Pub/Sub does
// (terraform/pubsub.tf).
func (c *crowd) workUntil(end time.Time) {
	for len(c.messages) > 0 && c.messages[0].at.Before(end) && c.now.Before(end) {
		l := heap.Pop(&c.messages).(letter)
		if l.at.After(c.now) {
			c.now = l.at
		}
		l.first = cmp.Or(l.first, c.now)
		c.waited = max(c.waited, c.now.Sub(l.first))
		c.deliveries[l.job.User]++
		result, err := c.archivist.Run(c.t.Context(), l.job)
		if result.Kind == outcome.Saved {
			c.saved, c.done = c.saved+1, c.now
		}
		if err == nil {
			continue
		}
		if l.tries++; l.tries == 100 {
			c.dead++
			continue
		}
		l.at = c.now.Add(min(10*time.Second<<min(l.tries-1, 6), 10*time.Minute))
		heap.Push(&c.messages, l)
	}
	if end.After(c.now) {
		c.now = end
	}
}

// asked is one request.
func (c *crowd) asked() error {
	c.now = c.now.Add(requestTime)
	if c.now.Before(c.lockedUntil) {
		c.refused++
		return &fault.PausedError{Until: c.lockedUntil, Reason: app.PauseRateLimit}
	}
	return nil
}

// Begin implements webapi.Spotify.
func (c *crowd) Begin(context.Context) (webapi.Spending, error) { return c, nil }

// Budget implements webapi.Spending: there is no cap.
func (c *crowd) Budget() webapi.Budget { return webapi.Budget{} }

// End implements webapi.Spending.
func (c *crowd) End(context.Context) {}

// Refresh implements webapi.Spotify. The refresh token names the user.
func (c *crowd) Refresh(_ context.Context, refresh secret.Text) (webapi.Token, error) {
	c.now = c.now.Add(requestTime)
	return webapi.Token{Access: refresh, ExpiresIn: time.Hour}, nil
}

// Library implements webapi.Spotify.
func (c *crowd) Library(tokens webapi.TokenSource) webapi.Library {
	access, err := tokens(c.t.Context(), false)
	if err != nil {
		c.t.Error(err)
	}
	return &crowdLibrary{crowd: c, user: access.Reveal()}
}

// crowdLibrary is one user's library of two playlists; nothing else is asked of
// it in an ordinary week.
type crowdLibrary struct {
	webapi.Library
	crowd *crowd
	user  string
}

func (l *crowdLibrary) Playlists(context.Context, int, int) (webapi.PlaylistPage, error) {
	list := []webapi.Playlist{{ID: "archive" + l.user, OwnerID: l.user, Snapshot: "before", Total: 30}}
	return webapi.PlaylistPage{Playlists: list, Total: 1}, l.crowd.asked()
}

func (l *crowdLibrary) Items(_ context.Context, id string, _ int) (webapi.ItemPage, error) {
	if !strings.HasPrefix(id, "37i9dQZEVXc") {
		return webapi.ItemPage{}, errors.New("something else than Discover Weekly is read")
	}
	page := webapi.ItemPage{Total: 30}
	for _, track := range archivetest.Tracks(1000, 30) {
		page.Items = append(page.Items, webapi.Item{Track: track, AddedAt: archivetest.Week.Monday(), Usable: true})
	}
	return page, l.crowd.asked()
}

func (l *crowdLibrary) Append(_ context.Context, _ string, tracks []ledger.Track) (string, error) {
	if len(tracks) != 30 {
		l.crowd.t.Errorf("got an append of %d songs, want 30", len(tracks))
	}
	return "after", l.crowd.asked()
}
