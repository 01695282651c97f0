package firestorestore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/firestore/apiv1/firestorepb"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// runLife is how long a run's tally is kept. Its refusals name users, of whom
// nothing may be left five days after they disconnect, and Firestore takes up
// to a day to delete what has expired.
const runLife = 4 * 24 * time.Hour

const (
	runUsersField = "users"
	refusedCount  = "refused"
)

func (s *Store) runRef(run archive.Run) *firestore.DocumentRef {
	return s.client.Collection(runsCollection).Doc(run.Name())
}

// AddRun implements archive.App. The size is incremented by the server, so
// shards that run side by side do not wait for each other.
func (s *Store) AddRun(ctx context.Context, run archive.Run, n int) error {
	_, err := s.runRef(run).Set(ctx, map[string]any{
		schemaField:   schemaVersion,
		runUsersField: firestore.Increment(n),
		expiresField:  run.At.Add(runLife),
	}, firestore.MergeAll)
	if err != nil {
		return fmt.Errorf("adding %d users to run %s: %w", n, run.Name(), err)
	}
	if err := s.noteLastRun(ctx, run); err != nil {
		return fmt.Errorf("noting run %s as the last: %w", run.Name(), err)
	}
	return nil
}

// AddRefusal implements archive.App. Every user has a document of their own,
// and the server counts them: in a wave of refusals no document is written
// by everybody.
func (s *Store) AddRefusal(ctx context.Context, run archive.Run, id archive.UserID) (archive.Tally, error) {
	refusals := s.runRef(run).Collection(refusalsCollection)
	_, err := refusals.Doc(string(id)).Set(ctx, map[string]any{
		schemaField:  schemaVersion,
		expiresField: run.At.Add(runLife),
	})
	if err != nil {
		return archive.Tally{}, fmt.Errorf("adding a refusal to run %s: %w", run.Name(), err)
	}
	counts, err := refusals.NewAggregationQuery().WithCount(refusedCount).Get(ctx)
	if err != nil {
		return archive.Tally{}, fmt.Errorf("counting the refusals of run %s: %w", run.Name(), err)
	}
	refused, ok := counts[refusedCount].(*firestorepb.Value)
	if !ok {
		return archive.Tally{}, fmt.Errorf("counting the refusals of run %s: no count: %w", run.Name(), archive.ErrMalformed)
	}
	users, err := s.runSize(ctx, run)
	if err != nil {
		return archive.Tally{}, fmt.Errorf("reading the size of run %s: %w", run.Name(), err)
	}
	return archive.Tally{Users: users, Refused: int(refused.GetIntegerValue())}, nil
}

// runSize returns how many users were sent out; zero for a run that was never
// added.
func (s *Store) runSize(ctx context.Context, run archive.Run) (int, error) {
	_, fields, err := read(ctx, s.runRef(run))
	if errors.Is(err, archive.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	size, ok := fields[runUsersField].(int64)
	if !ok {
		return 0, fmt.Errorf("field %s is no number: %w", runUsersField, archive.ErrMalformed)
	}
	return int(size), nil
}
