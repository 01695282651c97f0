package bench_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/local/memjobs"
	"github.com/weeklyarchive/weeklyarchive/internal/local/sqlitestore"
)

// many is a database on disk of so many users whose week is open. Their
// documents are full: every field that a user may have is set.
func many(tb testing.TB, users int) (*sqlitestore.Store, *records.Store) {
	tb.Helper()
	ctx := tb.Context()
	db, err := sqlitestore.Open(ctx, filepath.Join(tb.TempDir(), "many.db"), archivetest.WeekTime)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	store := records.New(db)
	first := archivetest.NewUser(tb, "first")
	first.Due = archive.Due{At: archivetest.WeekTime().Add(time.Hour), Why: archive.DueWeek}
	first = archivetest.MustPut(tb, store, first)
	model, err := db.Get(ctx, "users/"+string(first.ID))
	if err != nil {
		tb.Fatal(err)
	}
	writes := make([]document.Write, 0, 1000)
	for i := range users - 1 {
		d := model
		d.Key = "users/" + string(archive.NewUserID(webapi.Profile{AccountID: strconv.Itoa(i)}))
		if writes = append(writes, document.Write{Document: d, Expect: document.Absent}); len(writes) == cap(writes) || i == users-2 {
			if _, err := db.Commit(ctx, writes...); err != nil {
				tb.Fatal(err)
			}
			writes = writes[:0]
		}
	}
	return db, store
}

// fanOutRatio compares the CPU that fan-out takes locally with that of a
// bare loop over the same documents, which decodes them and hands the same jobs
// to the same queue. Both take turns; the median counts.
func fanOutRatio(tb testing.TB, users int) (ratio float64, perUser time.Duration) {
	tb.Helper()
	ctx := tb.Context()
	_, store := many(tb, users)
	queue := func() *memjobs.Queue {
		return memjobs.New(memjobs.Config{Clock: archivetest.WeekTime, Log: slog.New(slog.DiscardHandler)})
	}
	at := archivetest.WeekTime()
	var bare, whole []time.Duration
	for i := range 7 {
		run := app.Run{Kind: app.RunWeekly, At: at.Add(time.Duration(i) * time.Second)}
		runtime.GC()
		began := cpuTime()
		loop(tb, store, queue(), run)
		bare = append(bare, cpuTime()-began)

		jobs := queue()
		fanOut := &usecase.FanOut{Users: store, App: store, Jobs: jobs, More: jobs, Clock: archivetest.WeekTime, Log: slog.New(slog.DiscardHandler)}
		runtime.GC()
		began = cpuTime()
		result, err := fanOut.Run(ctx, archive.FanOutJob{Run: run})
		if err != nil || result.Due != users {
			tb.Fatalf("got %+v and error %v, want %d users", result, err, users)
		}
		whole = append(whole, cpuTime()-began)
	}
	slices.Sort(bare)
	slices.Sort(whole)
	middle := len(bare) / 2
	return float64(bare[middle]) / float64(whole[middle]), whole[middle] / time.Duration(users)
}

func loop(tb testing.TB, store *records.Store, jobs archive.Jobs, run app.Run) {
	tb.Helper()
	ctx := tb.Context()
	for after, more := archive.UserID(""), true; more; {
		page, err := store.Page(ctx, after, usecase.DefaultPageSize)
		if err != nil {
			tb.Fatal(err)
		}
		list := make([]archive.ArchiveJob, len(page.Users))
		for i, u := range page.Users {
			list[i] = archive.ArchiveJob{User: u.ID, Run: run}
		}
		if err := jobs.EnqueueArchive(ctx, list...); err != nil {
			tb.Fatal(err)
		}
		after, more = page.Next, page.Next != ""
	}
}

// held is a queue that keeps nothing, and looks at what the process holds.
type held struct {
	pages int
	most  uint64
}

// EnqueueArchive implements archive.Jobs.
func (h *held) EnqueueArchive(context.Context, ...archive.ArchiveJob) error {
	if h.pages++; h.pages%20 == 0 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		h.most = max(h.most, m.HeapAlloc)
	}
	return nil
}

// fanOutMemory is the most that a process holds while it sends out so many
// users, in bytes above what it held before.
func fanOutMemory(tb testing.TB, users int) uint64 {
	tb.Helper()
	_, store := many(tb, users)
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	jobs := &held{}
	fanOut := &usecase.FanOut{Users: store, App: store, Jobs: jobs, Clock: archivetest.WeekTime, Log: slog.New(slog.DiscardHandler), MaxTime: time.Hour}
	if _, err := fanOut.Run(tb.Context(), archive.FanOutJob{Run: app.Run{Kind: app.RunWeekly, At: archivetest.WeekTime()}}); err != nil {
		tb.Fatal(err)
	}
	return max(jobs.most, before.HeapAlloc) - before.HeapAlloc
}

func BenchmarkFanOut(b *testing.B) {
	for range b.N {
		ratio, perUser := fanOutRatio(b, 20_000)
		b.ReportMetric(ratio, "ratio")
		b.ReportMetric(float64(perUser.Microseconds()), "us/user")
		b.ReportMetric(float64(fanOutMemory(b, 10_000))/1e6, "MB/10k")
		b.ReportMetric(float64(fanOutMemory(b, 100_000))/1e6, "MB/100k")
	}
}
