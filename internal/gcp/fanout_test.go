package gcp_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/gcptest"
)

const (
	manyUsers = 2000
	someBad   = 5
)

// Many users are sent out in a chain of messages, a message that is delivered
// twice does no harm, and bad documents are counted and stop nobody.
func TestFanOutAtSize(t *testing.T) {
	t.Parallel()
	db := emulators.Firestore(t)
	ids := seed(t, db)
	queue := archivetest.NewQueue()
	store := in(db, archivetest.WeekTime)
	fanOut := &usecase.FanOut{
		Users: store, App: store, Jobs: queue, More: queue, PageSize: 40, MaxTime: time.Nanosecond,
		Clock: ticking(), Log: slog.New(slog.DiscardHandler),
	}
	run := app.Run{Kind: app.RunWeekly, At: archivetest.WeekTime()}
	first, err := fanOut.Run(t.Context(), archive.FanOutJob{Run: run})
	if err != nil || !first.Continued {
		t.Fatalf("got %+v and %v, want the rest handed on", first, err)
	}
	total := drain(t, fanOut, queue)
	if total.Bad+first.Bad != someBad || !total.Continued {
		t.Errorf("got %+v, want %d bad documents and messages that were continued", total, someBad-first.Bad)
	}
	sent := map[archive.UserID]bool{}
	for _, job := range queue.Archive.TakeAll() {
		if sent[job.User] || job.Run != run {
			t.Errorf("got job %+v, want every user once, in run %+v", job, run)
		}
		sent[job.User] = true
	}
	for _, id := range ids {
		if !sent[id] {
			t.Errorf("user %s was not sent out", id)
		}
	}
	if len(sent) != len(ids) {
		t.Errorf("got %d users, want %d", len(sent), len(ids))
	}
	last, err := store.LastRun(t.Context(), app.RunWeekly)
	if err != nil || !last.Equal(run.At) {
		t.Errorf("got last run %v and %v, want %v", last, err, run.At)
	}

	// A message for one of the shards that there once were sends their users, and
	// no others.
	again, err := fanOut.Run(t.Context(), archive.FanOutJob{Run: run, Prefix: string(ids[0][0])})
	if err != nil || again.Due == 0 {
		t.Errorf("a shard: got %+v and %v", again, err)
	}
	for _, job := range queue.Archive.TakeAll() {
		if !sent[job.User] || job.User[0] != ids[0][0] {
			t.Errorf("got user %s from shard %q", job.User, ids[0][0])
		}
	}
}

// drain runs every fan-out job that waits, several at once, until none is
// left, and adds the results up.
func drain(t *testing.T, fanOut *usecase.FanOut, queue *archivetest.Queue) usecase.FanOutResult {
	t.Helper()
	var mu sync.Mutex
	var total usecase.FanOutResult
	for jobs := queue.FanOut.TakeAll(); len(jobs) > 0; jobs = queue.FanOut.TakeAll() {
		var wg sync.WaitGroup
		for _, job := range jobs {
			wg.Go(func() {
				result, err := fanOut.Run(t.Context(), job)
				if err != nil {
					t.Errorf("after %+v: %v", job.After, err)
				}
				mu.Lock()
				defer mu.Unlock()
				total.Due += result.Due
				total.Bad += result.Bad
				total.Continued = total.Continued || result.Continued
			})
		}
		wg.Wait()
	}
	return total
}

// ticking returns a clock that moves with every look at it.
func ticking() archive.Clock {
	var mu sync.Mutex
	at := archivetest.WeekTime()
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		at = at.Add(time.Microsecond)
		return at
	}
}

// seed stores users who are due, users who are done, and bad documents, and
// returns the ids of the due ones.
func seed(t *testing.T, db gcptest.Database) []archive.UserID {
	t.Helper()
	template, done := stored(t, db)
	writer := db.Client.BulkWriter(t.Context())
	var due []archive.UserID
	for i := range manyUsers + someBad {
		id := archive.NewUserID(webapi.Profile{ID: fmt.Sprint(t.Name(), i)})
		fields := template
		switch {
		case i >= manyUsers:
			fields = map[string]any{"schema": 1, "status": "active", "last_edition": i}
		case i%10 == 0:
			fields = done
		default:
			due = append(due, id)
		}
		if _, err := writer.Create(db.Client.Collection("users").Doc(string(id)), fields); err != nil {
			t.Fatal(err)
		}
	}
	writer.End()
	return due
}

// stored returns the documents of a user who is due and of one who is done, as
// the store writes them.
func stored(t *testing.T, db gcptest.Database) (due, done map[string]any) {
	t.Helper()
	store := in(db, archivetest.WeekTime)
	read := func(ctx context.Context, user archive.User) map[string]any {
		archivetest.MustPut(t, store, user)
		snapshot, err := db.Client.Collection("users").Doc(string(user.ID)).Get(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Delete(ctx, user.ID); err != nil {
			t.Fatal(err)
		}
		return snapshot.Data()
	}
	due = read(t.Context(), archivetest.NewUser(t, "due"))
	done = read(t.Context(), archivetest.NewUser(t, "done", func(u *archive.User) { u.LastEdition = archivetest.Week }))
	return due, done
}
