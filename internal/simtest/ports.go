package simtest

import (
	"context"
	"fmt"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/event"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

var (
	_ archive.Ledger     = ports{}
	_ archive.DueUsers   = ports{}
	_ archive.App        = ports{}
	_ archive.Sealer     = ports{}
	_ archive.Opener     = ports{}
	_ archive.Jobs       = ports{}
	_ archive.FanOutJobs = ports{}
)

// ports is what a machine sees of store, key service and queue: the world's,
// behind faults, and watched.
type ports struct{ m *machine }

func read[R any](ctx context.Context, p ports, boundary string, call func() (R, error)) (R, error) {
	p.m.actor.reads++
	return cross(ctx, p.m.actor, boundary, call)
}

func (p ports) write(ctx context.Context, boundary string, call func() error) error {
	p.m.actor.writes++
	_, err := cross(ctx, p.m.actor, boundary, func() (struct{}, error) { return struct{}{}, call() })
	return err
}

func (p ports) User(ctx context.Context, id archive.UserID) (archive.User, error) {
	return read(ctx, p, "store.User", func() (archive.User, error) { return p.m.w.store.User(ctx, id) })
}

func (p ports) Entries(ctx context.Context, id archive.UserID, limit int) ([]ledger.Entry, error) {
	return read(ctx, p, "store.Entries", func() ([]ledger.Entry, error) { return p.m.w.store.Entries(ctx, id, limit) })
}

func (p ports) Seen(ctx context.Context, id archive.UserID) (ledger.Seen, error) {
	return read(ctx, p, "store.Seen", func() (ledger.Seen, error) { return p.m.w.store.Seen(ctx, id) })
}

func (p ports) Pending(ctx context.Context, id archive.UserID) ([]ledger.Batch, error) {
	return read(ctx, p, "store.Pending", func() ([]ledger.Batch, error) { return p.m.w.store.Pending(ctx, id) })
}

func (p ports) DueUsers(ctx context.Context, q archive.DueQuery) (archive.DuePage, error) {
	return read(ctx, p, "store.DueUsers", func() (archive.DuePage, error) { return p.m.w.store.DueUsers(ctx, q) })
}

func (p ports) Put(ctx context.Context, u archive.User) (archive.User, error) {
	p.m.actor.writes++
	return cross(ctx, p.m.actor, "store.Put", func() (archive.User, error) {
		return p.m.watchWrite(u, archive.Changes{}, func() (archive.User, error) { return p.m.w.store.Put(ctx, u) })
	})
}

func (p ports) Commit(ctx context.Context, u archive.User, c archive.Changes) (archive.User, error) {
	p.m.actor.writes++
	return cross(ctx, p.m.actor, "store.Commit", func() (archive.User, error) {
		return p.m.watchWrite(u, c, func() (archive.User, error) { return p.m.w.store.Commit(ctx, u, c) })
	})
}

// Delete may stop half way: the store's hook asks here before the last part.
func (p ports) Delete(ctx context.Context, id archive.UserID) error {
	a := p.m.actor
	return p.write(ctx, "store.Delete", func() error {
		p.m.w.watchDelete(a, id)
		p.m.w.store.Faults.Before = func(op string) error {
			if op != "Delete.user" {
				return nil
			}
			switch a.harm("store.Delete, before the user document", []Kind{ErrorBefore, CrashBefore}) {
			case ErrorBefore:
				return fmt.Errorf("store.Delete: %w", errFault)
			case CrashBefore:
				p.m.w.store.Faults.Before = nil
				a.crash()
			}
			return nil
		}
		defer func() { p.m.w.store.Faults.Before = nil }()
		return p.m.w.store.Delete(ctx, id)
	})
}

func (p ports) Pause(ctx context.Context) (app.Pause, error) {
	return read(ctx, p, "store.Pause", func() (app.Pause, error) {
		pause, err := p.m.w.store.Pause(ctx)
		if err == nil {
			p.m.shown(pause)
		}
		return pause, err
	})
}

func (p ports) SetPause(ctx context.Context, pause app.Pause) error {
	p.m.w.storedPause(ctx)
	return p.write(ctx, "store.SetPause", func() error {
		defer p.m.w.storedPause(ctx)
		p.m.w.note(p.m.actor.name, "pause until %s: %s", pause.Until.Format(time.DateTime), pause.Reason)
		return p.m.w.store.SetPause(ctx, pause)
	})
}

func (p ports) NoteRun(ctx context.Context, run app.Run) error {
	return p.write(ctx, "store.NoteRun", func() error { return p.m.w.store.NoteRun(ctx, run) })
}

func (p ports) CountUsers(ctx context.Context, page string, n int, tallies ...app.Run) error {
	return p.write(ctx, "store.CountUsers", func() error { return p.m.w.store.CountUsers(ctx, page, n, tallies...) })
}

func (p ports) AddRefusal(ctx context.Context, run app.Run, id archive.UserID) (app.Tally, error) {
	p.m.actor.writes++
	return cross(ctx, p.m.actor, "store.AddRefusal", func() (app.Tally, error) {
		return p.m.w.store.AddRefusal(ctx, run, id)
	})
}

func (p ports) SetMassRefusal(ctx context.Context, at time.Time) error {
	return p.write(ctx, "store.SetMassRefusal", func() error { return p.m.w.store.SetMassRefusal(ctx, at) })
}

func (p ports) LastMassRefusal(ctx context.Context) (time.Time, error) {
	return read(ctx, p, "store.LastMassRefusal", func() (time.Time, error) { return p.m.w.store.LastMassRefusal(ctx) })
}

func (p ports) LastRun(ctx context.Context, kind app.RunKind) (time.Time, error) {
	return read(ctx, p, "store.LastRun", func() (time.Time, error) { return p.m.w.store.LastRun(ctx, kind) })
}

// Traffic and AddTraffic are the app's, once for all of its users, and in no
// user's budget.
func (p ports) Traffic(ctx context.Context) (webapi.Traffic, error) {
	return cross(ctx, p.m.actor, "store.Traffic", func() (webapi.Traffic, error) { return p.m.w.store.Traffic(ctx) })
}

func (p ports) AddTraffic(ctx context.Context, more webapi.Traffic) (webapi.Traffic, error) {
	return cross(ctx, p.m.actor, "store.AddTraffic", func() (webapi.Traffic, error) {
		return p.m.w.store.AddTraffic(ctx, more)
	})
}

func (p ports) Seal(ctx context.Context, plaintext secret.Text, context string) (secret.Sealed, error) {
	return cross(ctx, p.m.actor, "seal", func() (secret.Sealed, error) { return p.m.w.keys.Seal(ctx, plaintext, context) })
}

func (p ports) Open(ctx context.Context, sealed secret.Sealed, context string) (secret.Text, error) {
	p.m.actor.opens++
	return cross(ctx, p.m.actor, "open", func() (secret.Text, error) { return p.m.w.keys.Open(ctx, sealed, context) })
}

// EnqueueArchive publishes one message a job, so an error may come after a few.
func (p ports) EnqueueArchive(ctx context.Context, jobs ...archive.ArchiveJob) error {
	for _, job := range jobs {
		_, err := cross(ctx, p.m.actor, "publish", func() (struct{}, error) {
			p.m.w.publish(&message{
				label: fmt.Sprintf("%s %s %s", p.m.w.keyOf(job.User), job.Run.Kind, job.Run.At.UTC().Format("2006-01-02T15")),
				user:  job.User, data: event.EncodeArchive(job),
			})
			return struct{}{}, nil
		})
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (p ports) EnqueueFanOut(ctx context.Context, jobs ...archive.FanOutJob) error {
	for _, job := range jobs {
		_, err := cross(ctx, p.m.actor, "publish", func() (struct{}, error) {
			p.m.w.publish(&message{
				label:  fmt.Sprintf("rest %s/%s/%s %s", job.Run.Kind, job.Prefix, job.After.User, job.Run.At.UTC().Format("2006-01-02T15")),
				fanOut: true, data: event.EncodeFanOut(job),
			})
			return struct{}{}, nil
		})
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}
