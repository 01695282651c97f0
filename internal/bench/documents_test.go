package bench_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/api/option"
	"google.golang.org/grpc"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/firestorestore"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/gcptest"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

var emulators gcptest.Emulators

func TestMain(m *testing.M) { os.Exit(emulators.Run(m)) }

// documents counts what is read and written of people, as Google counts it:
// by the document. What is read and written of the app is by the process, or
// by the page of users, and not counted.
type documents struct {
	document.Store
	seen documentCount
}

type documentCount struct{ reads, writes, commits int }

func (c documentCount) String() string {
	return fmt.Sprintf("%d reads, %d writes in %d commits", c.reads, c.writes, c.commits)
}

func ofPeople(key string) bool { return strings.HasPrefix(key, "users/") }

// Get implements document.Store.
func (d *documents) Get(ctx context.Context, key string) (document.Document, error) {
	if ofPeople(key) {
		d.seen.reads++
	}
	return d.Store.Get(ctx, key)
}

// List implements document.Store. Google counts an empty answer as a document;
// the store is asked once for all who is due.
func (d *documents) List(ctx context.Context, q document.Query) ([]document.Document, error) {
	list, err := d.Store.List(ctx, q)
	d.seen.reads += len(list)
	if ofPeople(q.Collection) && len(list) == 0 {
		d.seen.reads++
	}
	return list, err
}

// Commit implements document.Store.
func (d *documents) Commit(ctx context.Context, writes ...document.Write) ([]string, error) {
	of := 0
	for _, w := range writes {
		if ofPeople(w.Document.Key) {
			of++
		}
	}
	d.seen.writes += of
	if of > 0 {
		d.seen.commits++
	}
	return d.Store.Commit(ctx, writes...)
}

// scheduled is a week of the clock with one user: the weekly message, the
// hourly ones and the daily sweep, and whoever they send out. It returns how
// many runs that was.
func (p *person) scheduled(y way) (runs int) {
	p.tb.Helper()
	fanOut := &usecase.FanOut{
		Users: p.store, App: p.store, Jobs: p.queue, More: p.queue, Clock: p.clock, Log: slog.New(slog.DiscardHandler),
	}
	send := func(kind app.RunKind) {
		if _, err := fanOut.Run(p.tb.Context(), archive.FanOutJob{Run: app.Run{Kind: kind, At: p.clock.Now()}}); err != nil {
			p.tb.Fatal(err)
		}
		for _, job := range p.queue.Archive.TakeAll() {
			runs++
			if _, err := p.archivist.Run(p.tb.Context(), job); err != nil {
				p.tb.Fatal(err)
			}
		}
	}
	if y.monday != nil {
		if err := y.monday(p); err != nil {
			p.tb.Fatal(err)
		}
	}
	send(app.RunWeekly)
	for hour := range 7*24 - 1 {
		p.spotify.Advance(time.Hour)
		if y.hour != nil {
			if err := y.hour(p, hour); err != nil {
				p.tb.Fatal(err)
			}
		}
		if hour%24 == 3 {
			send(app.RunSweep)
		}
		send(app.RunHourly)
	}
	p.spotify.NextMonday()
	return runs
}

// A steady week of Discover Weekly reads three documents, and one for each
// further page of seen songs, and writes five in three commits.
func TestDocumentsOfAWeek(t *testing.T) {
	t.Parallel()
	for songs, want := range map[int]documentCount{60: {3, 5, 3}, 7800: {3 + 7, 5, 3}} {
		t.Run(fmt.Sprint(songs), func(t *testing.T) {
			t.Parallel()
			if got := documentsOfAWeek(t, songs); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func documentsOfAWeek(tb testing.TB, songs int) documentCount {
	var counted *documents
	p := newPersonIn(tb, fakespotify.Extended, archive.ChoiceDiscover, 0, func(clock archive.Clock) store {
		counted = &documents{Store: archivetest.NewDocuments(clock)}
		return records.New(counted)
	})
	p.fill(p.user(p.id).Archives[archive.MainArchive].PlaylistID, songs)
	p.spotify.NextMonday()
	p.scheduled(way{})
	p.scheduled(way{})
	counted.seen = documentCount{}
	p.scheduled(way{})
	return counted.seen
}

// calls counts what goes to Firestore.
type calls struct {
	mu     sync.Mutex
	made   map[string]int // by the method's name
	writes []int          // of each commit
}

func (c *calls) options() []option.ClientOption {
	return []option.ClientOption{
		option.WithGRPCDialOption(grpc.WithChainUnaryInterceptor(func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, call grpc.UnaryInvoker, opts ...grpc.CallOption) error {
			c.count(method)
			if commit, ok := req.(*firestorepb.CommitRequest); ok {
				c.mu.Lock()
				c.writes = append(c.writes, len(commit.GetWrites()))
				c.mu.Unlock()
			}
			return call(ctx, method, req, reply, cc, opts...)
		})),
		option.WithGRPCDialOption(grpc.WithChainStreamInterceptor(func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, call grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
			c.count(method)
			return call(ctx, desc, cc, method, opts...)
		})),
	}
}

func (c *calls) count(method string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made[method[strings.LastIndexByte(method, '/')+1:]]++
}

// A run asks Firestore for a document by one call, and writes a set of
// documents by one call: no transaction is begun for what reads nothing.
func TestCallsOfARun(t *testing.T) {
	t.Parallel()
	c := &calls{made: map[string]int{}}
	db := emulators.Firestore(t, c.options()...)
	p := newPersonIn(t, fakespotify.Extended, archive.ChoiceDiscover, 0, func(clock archive.Clock) store {
		return records.New(firestorestore.New(db.API, db.Name, clock))
	})
	p.spotify.NextMonday()
	p.run(app.RunWeekly)
	p.spotify.NextMonday()
	c.mu.Lock()
	c.made, c.writes = map[string]int{}, nil
	c.mu.Unlock()
	p.run(app.RunWeekly)

	// The process reads the pause of the app and the day's requests once in a
	// while, and notes the latter: one call each.
	want := map[string]int{"BatchGetDocuments": 1 + 1 + 1, "RunQuery": 1, "Commit": 3 + 1}
	for method, n := range c.made {
		if n > want[method] {
			t.Errorf("got %d calls of %s, want at most %d", n, method, want[method])
		}
	}
	t.Logf("%v, writes of the commits: %v", c.made, c.writes)
	total := 0
	for _, n := range c.writes {
		total += n
	}
	if total < 5 || total > 6 {
		t.Errorf("got commits of %v documents, want 5 of the user and one of the app at most", c.writes)
	}
}
