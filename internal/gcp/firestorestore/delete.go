package firestorestore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/iterator"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// deleteBatch is how many documents go in one commit. History and waiting
// songs of a user are a few hundred documents at most.
const deleteBatch = 300

// deleteTries bounds how often a Delete begins again because somebody wrote to
// the user meanwhile. Who reads the user then sees that they leave, so only
// writes that were under way can come between.
const deleteTries = 8

// Delete implements archive.Users. It marks the user as leaving, so that no
// write with an older revision succeeds any more and fan-out finds a Delete
// that was cut off; empties every collection under the user, also those that
// another version made; and deletes the user, unless they changed after all.
func (s *Store) Delete(ctx context.Context, id archive.UserID) error {
	if !id.Valid() {
		return nil
	}
	for range deleteTries {
		done, err := s.tryDelete(ctx, s.userRef(id))
		if err != nil {
			return fmt.Errorf("deleting user %s: %w", id, err)
		}
		if done {
			return nil
		}
	}
	return fmt.Errorf("deleting user %s, whom somebody keeps writing: %w", id, archive.ErrConflict)
}

func (s *Store) tryDelete(ctx context.Context, ref *firestore.DocumentRef) (done bool, err error) {
	marked, err := ref.Update(ctx, []firestore.Update{
		{Path: "status", Value: string(archive.StatusLeaving)},
		{Path: writeField, Value: rand.Text()},
	})
	absent := status.Code(err) == codes.NotFound
	if err != nil && !absent {
		return false, err
	}
	if err := s.emptyAll(ctx, ref); err != nil || absent {
		return err == nil, err
	}
	_, err = ref.Delete(ctx, firestore.LastUpdateTime(marked.UpdateTime))
	if errors.Is(conflict(err), archive.ErrConflict) {
		return false, nil
	}
	return err == nil, err
}

func (s *Store) emptyAll(ctx context.Context, ref *firestore.DocumentRef) error {
	collections := ref.Collections(ctx)
	for {
		collection, err := collections.Next()
		if errors.Is(err, iterator.Done) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("listing collections: %w", err)
		}
		if err := s.empty(ctx, collection); err != nil {
			return fmt.Errorf("emptying collection %s: %w", collection.ID, err)
		}
	}
}

// empty deletes every document of a collection, batch by batch.
func (s *Store) empty(ctx context.Context, collection *firestore.CollectionRef) error {
	for {
		snapshots, err := collection.Select().Limit(deleteBatch).Documents(ctx).GetAll()
		if err != nil || len(snapshots) == 0 {
			return err
		}
		err = s.client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
			for _, snapshot := range snapshots {
				if err := tx.Delete(snapshot.Ref); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}
