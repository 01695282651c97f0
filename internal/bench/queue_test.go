package bench_test

import (
	"context"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/local/memjobs"
)

// drainLocal puts jobs that do nothing into the local service's queue and waits until it
// has done them all.
func drainLocal(tb testing.TB, jobs int) {
	tb.Helper()
	queue := memjobs.New(memjobs.Config{Clock: time.Now, Log: slog.New(slog.DiscardHandler)})
	list := make([]archive.ArchiveJob, jobs)
	for i := range list {
		list[i] = archive.ArchiveJob{User: archive.UserID(strconv.Itoa(i)), Run: app.Run{Kind: app.RunWeekly, At: archivetest.WeekTime()}}
	}
	if err := queue.EnqueueArchive(tb.Context(), list...); err != nil {
		tb.Fatal(err)
	}
	ctx, stop := context.WithCancel(tb.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		queue.Run(ctx, memjobs.Handlers{Archive: func(context.Context, archive.ArchiveJob) error { return nil }})
	}()
	if err := queue.Wait(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	stop()
	<-ended
}
