package memjobs_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/local/memjobs"
)

func TestJobs(t *testing.T) {
	t.Parallel()
	archivetest.Jobs(t, func(*testing.T) archivetest.JobsUnderTest {
		q := impatient()
		return archivetest.JobsUnderTest{
			Jobs: q,
			Receive: func(ctx context.Context, handle func(context.Context, archive.ArchiveJob) error) {
				q.Run(ctx, memjobs.Handlers{Archive: handle})
			},
		}
	})
}

func TestFanOutJobs(t *testing.T) {
	t.Parallel()
	archivetest.FanOutJobs(t, func(*testing.T) archivetest.FanOutJobsUnderTest {
		q := impatient()
		return archivetest.FanOutJobsUnderTest{
			Jobs: q,
			Receive: func(ctx context.Context, handle func(context.Context, archive.FanOutJob) error) {
				q.Run(ctx, memjobs.Handlers{FanOut: handle})
			},
		}
	})
}

func impatient() *memjobs.Queue {
	return memjobs.New(memjobs.Config{Clock: time.Now, Log: slog.New(slog.DiscardHandler), MinBackoff: time.Millisecond})
}
