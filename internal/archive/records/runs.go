package records

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
)

// runLife is how long a tally is kept: longer than the week that the longest
// one is of, and than the messages of a run live.
// Nothing in it names a user.
const runLife = 9 * 24 * time.Hour

// A refusal is counted under a few digits of a hash of its user: enough to tell
// some thousands of users apart, and too little to know one again. The first of
// them name a document, so a mass refusal reads and writes a bounded number of
// documents, and few wait for one.
const (
	bucketDigits = 2
	tallyDigits  = 5
)

// refusalBucket is the body of a document of refusals. One of before there were
// buckets is of one user.
type refusalBucket struct {
	Users []string `json:"users"` // the digits after those of the document's id
}

// runPage is how many users one page of a run sent out.
type runPage struct {
	Users int `json:"users"`
}

func runCollection(run app.Run, collection string) string {
	return runs + "/" + run.Name() + "/" + collection
}

// lastRun is the body of app/last-{kind}. Each kind has a document of its own,
// which is small: one is written every hour.
type lastRun struct {
	At time.Time `json:"at"` // to the second
}

func lastRunKey(kind app.RunKind) string { return "app/last-" + string(kind) }

// NoteRun implements archive.App.
func (s *Store) NoteRun(ctx context.Context, run app.Run) error {
	at := run.At.UTC().Truncate(time.Second)
	err := change(ctx, s, document.Document{Key: lastRunKey(run.Kind)}, func(stored *lastRun) bool {
		before := stored.At
		stored.At = calendar.NewestRun(before, at)
		return !stored.At.Equal(before)
	})
	if err != nil {
		return fmt.Errorf("noting run %s as the last: %w", run.Name(), err)
	}
	return nil
}

// LastRun implements archive.App. Older programs noted it with the app's state.
func (s *Store) LastRun(ctx context.Context, kind app.RunKind) (time.Time, error) {
	last, revision, err := read[lastRun](ctx, s, lastRunKey(kind))
	if err == nil && revision == document.Absent {
		var state appState
		state, err = s.app(ctx)
		last.At = state.LastRuns[kind]
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the last %s run: %w", kind, err)
	}
	return last.At, nil
}

// CountUsers implements archive.App. Every page has a document of its own, so
// nobody waits for a counter, and a page that comes for the first time is one
// write of all tallies.
func (s *Store) CountUsers(ctx context.Context, page string, n int, tallies ...app.Run) error {
	body, err := encode(runPage{Users: n})
	if err != nil {
		return fmt.Errorf("encoding a page of %d users: %w", n, err)
	}
	writes := make([]document.Write, len(tallies))
	for i, tally := range tallies {
		writes[i] = document.Write{Expect: document.Absent, Document: document.Document{
			Key: runCollection(tally, pages) + "/" + hash(page), Body: body, Expires: tally.At.Add(runLife),
		}}
	}
	_, err = s.documents.Commit(ctx, writes...)
	if errors.Is(err, document.ErrConflict) {
		err = s.countAgain(ctx, n, writes)
	}
	if err != nil {
		return fmt.Errorf("counting %d users: %w", n, answer(err))
	}
	return nil
}

// countAgain counts a page of which something is there already.
func (s *Store) countAgain(ctx context.Context, n int, writes []document.Write) error {
	for _, w := range writes {
		err := change(ctx, s, w.Document, func(stored *runPage) bool {
			grows := n > stored.Users
			stored.Users = n
			return grows
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// AddRefusal implements archive.App.
func (s *Store) AddRefusal(ctx context.Context, tally app.Run, id archive.UserID) (app.Tally, error) {
	digits := hash(tally.Name() + "/" + string(id))[:tallyDigits]
	key := runCollection(tally, refusals) + "/" + digits[:bucketDigits]
	err := change(ctx, s, document.Document{Key: key, Expires: tally.At.Add(runLife)}, func(bucket *refusalBucket) bool {
		known := slices.Contains(bucket.Users, digits[bucketDigits:])
		bucket.Users = append(bucket.Users, digits[bucketDigits:])
		return !known
	})
	if err != nil {
		return app.Tally{}, fmt.Errorf("adding a refusal to tally %s: %w", tally.Name(), err)
	}
	counted, err := s.tally(ctx, tally)
	if err != nil {
		return app.Tally{}, fmt.Errorf("reading tally %s: %w", tally.Name(), err)
	}
	return counted, nil
}

func (s *Store) tally(ctx context.Context, run app.Run) (app.Tally, error) {
	documents, err := s.all(ctx, runCollection(run, refusals))
	if err != nil {
		return app.Tally{}, err
	}
	buckets, err := decodeAll[refusalBucket](refusals, documents)
	if err != nil {
		return app.Tally{}, err
	}
	documents, err = s.all(ctx, runCollection(run, pages))
	if err != nil {
		return app.Tally{}, err
	}
	sent, err := decodeAll[runPage](pages, documents, "users")
	if err != nil {
		return app.Tally{}, err
	}
	var tally app.Tally
	for _, bucket := range buckets {
		tally.Refused += max(len(bucket.Users), 1)
	}
	for _, page := range sent {
		tally.Users += page.Users
	}
	return tally, nil
}
