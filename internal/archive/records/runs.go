package records

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
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

func runCollection(run archive.Run, collection string) string {
	return runs + "/" + run.Name() + "/" + collection
}

// AddRun implements archive.App. Every page has a document of its own, so
// shards that run side by side do not wait for each other.
func (s *Store) AddRun(ctx context.Context, run archive.Run, page string, n int) error {
	key := runCollection(run, pages) + "/" + hash(page)
	err := change(ctx, s, document.Document{Key: key, Expires: run.At.Add(runLife)}, func(stored *runPage) bool {
		grows := n > stored.Users
		stored.Users = n
		return grows
	})
	if err != nil {
		return fmt.Errorf("adding %d users to run %s: %w", n, run.Name(), answer(err))
	}
	if err := s.noteLastRun(ctx, run); err != nil {
		return fmt.Errorf("noting run %s as the last: %w", run.Name(), err)
	}
	return nil
}

// AddRefusal implements archive.App.
func (s *Store) AddRefusal(ctx context.Context, run archive.Run, id archive.UserID) (archive.Tally, error) {
	digits := hash(run.Name() + "/" + string(id))[:tallyDigits]
	key := runCollection(run, refusals) + "/" + digits[:bucketDigits]
	err := change(ctx, s, document.Document{Key: key, Expires: run.At.Add(runLife)}, func(bucket *refusalBucket) bool {
		known := slices.Contains(bucket.Users, digits[bucketDigits:])
		bucket.Users = append(bucket.Users, digits[bucketDigits:])
		return !known
	})
	if err != nil {
		return archive.Tally{}, fmt.Errorf("adding a refusal to run %s: %w", run.Name(), err)
	}
	tally, err := s.tally(ctx, run)
	if err != nil {
		return archive.Tally{}, fmt.Errorf("reading the tally of run %s: %w", run.Name(), err)
	}
	return tally, nil
}

func (s *Store) tally(ctx context.Context, run archive.Run) (archive.Tally, error) {
	documents, err := s.all(ctx, runCollection(run, refusals))
	if err != nil {
		return archive.Tally{}, err
	}
	buckets, err := decodeAll[refusalBucket](refusals, documents)
	if err != nil {
		return archive.Tally{}, err
	}
	documents, err = s.all(ctx, runCollection(run, pages))
	if err != nil {
		return archive.Tally{}, err
	}
	sent, err := decodeAll[runPage](pages, documents, "users")
	if err != nil {
		return archive.Tally{}, err
	}
	var tally archive.Tally
	for _, bucket := range buckets {
		tally.Refused += max(len(bucket.Users), 1)
	}
	for _, page := range sent {
		tally.Users += page.Users
	}
	return tally, nil
}
