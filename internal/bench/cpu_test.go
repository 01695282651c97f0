package bench_test

import (
	"bytes"
	"io"
	"net/http"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
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
	resp, err := p.inner.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	p.answers = append(p.answers, answer{resp.StatusCode, resp.Header, body})
	return resp, nil
}

// ownCPU is what a steady week of a user costs at the desk, whose archive holds
// so many songs: everything but Spotify, with the database on disk. The same
// week is run twice, and measured where Spotify's answers come from a tape.
func ownCPU(tb testing.TB, people, songs int) time.Duration {
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
		w.weekly(ids, record)
	}
	if err := first.Close(); err != nil {
		tb.Fatal(err)
	}
	again := open(w.clock().Format(time.DateOnly))
	defer func() { _ = again.Close() }()
	w.store = records.New(again)
	runtime.GC()
	before := cpuTime()
	w.weekly(ids, &tape{answers: record.answers})
	return (cpuTime() - before) / time.Duration(people)
}

// weekly runs everybody's week, one after the other, in one process.
func (w *world) weekly(ids []archive.UserID, way http.RoundTripper) {
	w.tb.Helper()
	archivist := w.process(w.store, w.client(way, w.advance))
	for _, id := range ids {
		job := archive.ArchiveJob{User: id, Run: archive.Run{Kind: archive.RunWeekly, At: w.clock()}}
		outcome, err := archivist.Run(w.tb.Context(), job)
		if err != nil || outcome.Kind != archive.OutcomeSaved {
			w.tb.Fatalf("got %q and error %v, want songs saved", outcome.Kind, err)
		}
	}
}

func BenchmarkOwnCPU(b *testing.B) {
	for _, songs := range []int{30, 1560, 7800} {
		b.Run(strconv.Itoa(songs), func(b *testing.B) {
			for range b.N {
				b.ReportMetric(float64(ownCPU(b, 40, songs).Microseconds())/1000, "ms/run")
			}
		})
	}
}
