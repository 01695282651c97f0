package bench_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/local/sqlitestore"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// tape keeps what Spotify answered, in order, and plays it again, so that the
// stand-in's own work is not measured.
type tape struct {
	inner   http.RoundTripper // nil: play
	answers []answer
	next    int
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

// RoundTrip implements http.RoundTripper.
func (p *tape) RoundTrip(req *http.Request) (*http.Response, error) {
	if p.inner == nil {
		if req.Body != nil {
			_, _ = io.Copy(io.Discard, req.Body)
		}
		a := p.answers[p.next]
		p.next++
		return &http.Response{
			StatusCode: a.status, Header: a.header, Request: req,
			ContentLength: int64(len(a.body)), Body: io.NopCloser(bytes.NewReader(a.body)),
		}, nil
	}
	resp, body, err := whole(p.inner.RoundTrip(req))
	if err != nil {
		return nil, err
	}
	p.answers = append(p.answers, answer{resp.StatusCode, resp.Header, body})
	return resp, nil
}

// ownCPU is what a steady week of a user costs locally, whose archive holds
// so many songs: everything but Spotify, with the database on disk. The same
// week is run again, and measured where Spotify's answers come from a tape.
// Database is what the same documents cost there without the run: read once, and
// written in three commits.
func ownCPU(tb testing.TB, people, songs int) (run, database time.Duration) {
	tb.Helper()
	ctx, dir := tb.Context(), tb.TempDir()
	w := newWorld(tb, fakespotify.Config{Mode: fakespotify.Extended, Clock: func() time.Time { return start }, Accounts: crowd(people)})
	open := func(name string) *sqlitestore.Store {
		db, err := sqlitestore.Open(ctx, filepath.Join(dir, name), w.clock)
		if err != nil {
			tb.Fatal(err)
		}
		return db
	}
	first := open("first.db")
	w.store = records.New(first)
	ids := w.signUpAll(people, w.advance)
	for i, a := range w.spotify.Accounts() {
		if err := w.spotify.Fill(a.Key, w.user(ids[i]).Archives[archive.MainArchive].PlaylistID, songs); err != nil {
			tb.Fatal(err)
		}
	}
	record := &tape{inner: w.spotify.RoundTripper()}
	for range 3 { // the first reads what is new in the archive, the second is steady
		w.spotify.NextMonday()
		if err := sqlitestore.Copy(ctx, filepath.Join(dir, "first.db"), filepath.Join(dir, w.clock().Format(time.DateOnly))); err != nil {
			tb.Fatal(err)
		}
		record.answers = nil
		week := w.weekly(record)
		for _, id := range ids {
			week(id)
		}
	}
	if err := first.Close(); err != nil {
		tb.Fatal(err)
	}
	// Others who use the same cores only ever add to it, so the least of some
	// rounds counts, each on a copy of its own.
	for round := range rounds {
		name := fmt.Sprintf("round-%d.db", round)
		if err := sqlitestore.Copy(ctx, filepath.Join(dir, w.clock().Format(time.DateOnly)), filepath.Join(dir, name)); err != nil {
			tb.Fatal(err)
		}
		again := open(name)
		w.store = records.New(again)
		thisRun, thisDatabase := w.replay(again, ids, record.answers)
		if err := again.Close(); err != nil {
			tb.Fatal(err)
		}
		if round == 0 || thisRun < run {
			run = thisRun
		}
		if round == 0 || thisDatabase < database {
			database = thisDatabase
		}
	}
	return run, database
}

// rounds is how often the same week is measured.
const rounds = 5

// replay runs the week on a tape. The collector would go through the stand-in's
// world, which no service has.
func (w *world) replay(db *sqlitestore.Store, ids []archive.UserID, answers []answer) (run, database time.Duration) {
	w.tb.Helper()
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	run = middle(ids, w.weekly(&tape{answers: answers}))
	database = middle(ids, func(id archive.UserID) { readAndWrite(w.tb, db, id) })
	return run, database
}

// middle is the median of the CPU that something takes for each user: others use
// the same cores.
func middle(ids []archive.UserID, do func(archive.UserID)) time.Duration {
	all := make([]time.Duration, len(ids))
	for i, id := range ids {
		before := cpuTime()
		do(id)
		all[i] = cpuTime() - before
	}
	slices.Sort(all)
	return all[len(all)/2]
}

func readAndWrite(tb testing.TB, db *sqlitestore.Store, id archive.UserID) {
	tb.Helper()
	ctx, key := tb.Context(), "users/"+string(id)
	user, err1 := db.Get(ctx, key)
	pages, err2 := db.List(ctx, document.Query{Collection: key + "/seen", Limit: 100})
	entries, err3 := db.List(ctx, document.Query{Collection: key + "/entries", LatestFirst: true, Limit: 1})
	if err := errors.Join(err1, err2, err3); err != nil || len(pages)*len(entries) == 0 {
		tb.Fatalf("got error %v, %d pages and %d entries", err, len(pages), len(entries))
	}
	put := func(d document.Document) document.Write {
		return document.Write{Document: d, Expect: document.Any}
	}
	for _, writes := range [][]document.Write{{put(user)}, {put(user)}, {put(user), put(entries[0]), put(pages[len(pages)-1])}} {
		if _, err := db.Commit(ctx, writes...); err != nil {
			tb.Fatal(err)
		}
	}
}

// weekly runs the week of one user after the other, in one process.
func (w *world) weekly(way http.RoundTripper) func(archive.UserID) {
	archivist := w.process(w.store, w.client(way, w.advance))
	return func(id archive.UserID) {
		w.tb.Helper()
		job := archive.ArchiveJob{User: id, Run: app.Run{Kind: app.RunWeekly, At: w.clock()}}
		result, err := archivist.Run(w.tb.Context(), job)
		if err != nil || result.Kind != outcome.Saved {
			w.tb.Fatalf("got %q and error %v, want songs saved", result.Kind, err)
		}
	}
}

func BenchmarkOwnCPU(b *testing.B) {
	for _, songs := range []int{30, 1560, 7800} {
		b.Run(strconv.Itoa(songs), func(b *testing.B) {
			for range b.N {
				run, database := ownCPU(b, 20, songs)
				b.ReportMetric(float64(run.Microseconds())/1000, "ms/run")
				b.ReportMetric(float64(database.Microseconds())/1000, "ms-of-database/run")
			}
		})
	}
}
