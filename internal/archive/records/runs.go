package records

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
)

// runLife is how long a run's tally is kept: longer than its messages live.
// Nothing in it names a user.
const runLife = 4 * 24 * time.Hour

// runPage is how many users one page of a run sent out.
type runPage struct {
	Users int `json:"users"`
}

func runCollection(run archive.Run, collection string) string {
	return runs + "/" + run.Name() + "/" + collection
}

// AddRun implements archive.App. Every page has a document of its own, so
// shards that run side by side do not wait for each other.
func (s *Store) AddRun(ctx context.Context, run archive.Run, n int) error {
	key := runCollection(run, pages) + "/" + rand.Text()
	if err := s.note(ctx, run, key, runPage{Users: n}); err != nil {
		return fmt.Errorf("adding %d users to run %s: %w", n, run.Name(), err)
	}
	if err := s.noteLastRun(ctx, run); err != nil {
		return fmt.Errorf("noting run %s as the last: %w", run.Name(), err)
	}
	return nil
}

// AddRefusal implements archive.App. As with pages, no document is written by
// everybody in a wave of refusals; whoever notes one counts them. A wave stops
// the run before there are many.
func (s *Store) AddRefusal(ctx context.Context, run archive.Run, id archive.UserID) (archive.Tally, error) {
	key := runCollection(run, refusals) + "/" + hash(run.Name()+"/"+string(id))
	if err := s.note(ctx, run, key, struct{}{}); err != nil {
		return archive.Tally{}, fmt.Errorf("adding a refusal to run %s: %w", run.Name(), err)
	}
	tally, err := s.tally(ctx, run)
	if err != nil {
		return archive.Tally{}, fmt.Errorf("reading the tally of run %s: %w", run.Name(), err)
	}
	return tally, nil
}

func (s *Store) note(ctx context.Context, run archive.Run, key string, value any) error {
	body, err := encode(value)
	if err != nil {
		return err
	}
	_, err = s.documents.Commit(ctx, document.Write{Expect: document.Any, Document: document.Document{
		Key: key, Body: body, Expires: run.At.Add(runLife),
	}})
	return answer(err)
}

func (s *Store) tally(ctx context.Context, run archive.Run) (archive.Tally, error) {
	refused, err := s.all(ctx, runCollection(run, refusals))
	if err != nil {
		return archive.Tally{}, err
	}
	documents, err := s.all(ctx, runCollection(run, pages))
	if err != nil {
		return archive.Tally{}, err
	}
	sent, err := decodeAll[runPage](pages, documents, "users")
	if err != nil {
		return archive.Tally{}, err
	}
	tally := archive.Tally{Refused: len(refused)}
	for _, page := range sent {
		tally.Users += page.Users
	}
	return tally, nil
}
