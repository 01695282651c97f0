package firestorestore

import (
	"context"
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
	pageUsersField = "users"
	countAlias     = "n"
)

func (s *Store) runRef(run archive.Run) *firestore.DocumentRef {
	return s.client.Collection(runsCollection).Doc(run.Name())
}

// AddRun implements archive.App. Every page has a document of its own, so
// shards that run side by side do not wait for each other; AddRefusal lets
// the server sum them up.
func (s *Store) AddRun(ctx context.Context, run archive.Run, n int) error {
	_, err := s.runRef(run).Collection(pagesCollection).NewDoc().Create(ctx, map[string]any{
		schemaField:    schemaVersion,
		pageUsersField: n,
		expiresField:   run.At.Add(runLife),
	})
	if err != nil {
		return fmt.Errorf("adding %d users to run %s: %w", n, run.Name(), err)
	}
	if err := s.noteLastRun(ctx, run); err != nil {
		return fmt.Errorf("noting run %s as the last: %w", run.Name(), err)
	}
	return nil
}

// AddRefusal implements archive.App. As with pages, no document is written by
// everybody in a wave of refusals.
func (s *Store) AddRefusal(ctx context.Context, run archive.Run, id archive.UserID) (archive.Tally, error) {
	refusals := s.runRef(run).Collection(refusalsCollection)
	_, err := refusals.Doc(string(id)).Set(ctx, map[string]any{
		schemaField:  schemaVersion,
		expiresField: run.At.Add(runLife),
	})
	if err != nil {
		return archive.Tally{}, fmt.Errorf("adding a refusal to run %s: %w", run.Name(), err)
	}
	refused, err := aggregate(ctx, refusals.NewAggregationQuery().WithCount(countAlias))
	if err != nil {
		return archive.Tally{}, fmt.Errorf("counting the refusals of run %s: %w", run.Name(), err)
	}
	pages := s.runRef(run).Collection(pagesCollection)
	users, err := aggregate(ctx, pages.NewAggregationQuery().WithSum(pageUsersField, countAlias))
	if err != nil {
		return archive.Tally{}, fmt.Errorf("reading the size of run %s: %w", run.Name(), err)
	}
	return archive.Tally{Users: users, Refused: refused}, nil
}

// aggregate returns the one number that the query asks for.
func aggregate(ctx context.Context, query *firestore.AggregationQuery) (int, error) {
	result, err := query.Get(ctx)
	if err != nil {
		return 0, err
	}
	value, ok := result[countAlias].(*firestorepb.Value)
	if !ok {
		return 0, fmt.Errorf("answer without a number: %w", archive.ErrMalformed)
	}
	return int(value.GetIntegerValue()), nil
}
