package archivetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

func TestDocuments(t *testing.T) {
	t.Parallel()
	DocumentStore(t, func(_ *testing.T, clock func() time.Time) document.Store { return NewDocuments(clock) })
}

func TestStore_ledger(t *testing.T) {
	t.Parallel()
	Ledger(t, func(*testing.T) archive.Ledger { return NewStore(WeekTime) })
}

func TestStore_dueUsers(t *testing.T) {
	t.Parallel()
	DueUsers(t, func(*testing.T) DueStore { return NewStore(WeekTime) })
}

func TestStore_app(t *testing.T) {
	t.Parallel()
	App(t, func(*testing.T) archive.App { return NewStore(WeekTime) })
}

func TestKeyRing(t *testing.T) {
	t.Parallel()
	Sealer(t, func(*testing.T) (archive.Sealer, archive.Opener) {
		ring := NewKeyRing()
		return ring, ring
	})
}

func TestQueue_archive(t *testing.T) {
	t.Parallel()
	Jobs(t, func(*testing.T) JobsUnderTest {
		q := NewQueue()
		return JobsUnderTest{Jobs: q, Receive: receiver(&q.Archive)}
	})
}

func TestQueue_fanOut(t *testing.T) {
	t.Parallel()
	FanOutJobs(t, func(*testing.T) FanOutJobsUnderTest {
		q := NewQueue()
		return FanOutJobsUnderTest{Jobs: q, Receive: receiver(&q.FanOut)}
	})
}

// receiver delivers what waits, the newest first, until nothing does.
func receiver[J any](m *Messages[J]) func(context.Context, func(context.Context, J) error) {
	return func(ctx context.Context, handle func(context.Context, J) error) {
		for ctx.Err() == nil {
			job, ok := m.Take(len(m.Waiting()) - 1)
			if !ok {
				return
			}
			if handle(ctx, job) != nil {
				m.Add(job)
			}
		}
	}
}

func TestOutbox(t *testing.T) {
	t.Parallel()
	Messenger(t, func(*testing.T) Reach {
		o := NewOutbox()
		const address = "the address of ada"
		var before, after error
		o.Faults.Before = func(string) (err error) { err, before = before, nil; return err }
		o.Faults.After = func(string) (err error) { err, after = after, nil; return err }
		return Reach{
			Messenger: o, Address: notice.Address{Kind: notice.ChannelPush, Text: secret.New(address)},
			Shown: func() []notice.Message { return o.Shown(address) },
			End:   func() { o.End(address) },
			Fail: func(refused bool) {
				before = errors.New("simulated failure")
				if refused {
					before = notice.ErrMessageRefused
				}
			},
			Lose: func() { after = errors.New("simulated loss") },
		}
	})
}
