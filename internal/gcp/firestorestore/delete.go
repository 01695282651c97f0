package firestorestore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/api/iterator"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
)

// deleteBatch is how many documents go in one commit.
const deleteBatch = 300

// deleteTries bounds how often a Delete begins again because somebody wrote the
// document meanwhile.
const deleteTries = 8

// Delete implements document.Store. It touches the document, so that no write
// with an older revision succeeds any more; empties every collection below it,
// also those that another version made; and deletes the document, unless it
// changed after all.
func (s *Store) Delete(ctx context.Context, key string) error {
	for range deleteTries {
		done, err := s.tryDelete(ctx, s.name(key))
		if err != nil {
			return fmt.Errorf("deleting %s: %w", key, err)
		}
		if done {
			return nil
		}
	}
	return fmt.Errorf("deleting %s, which somebody keeps writing: %w", key, document.ErrConflict)
}

func (s *Store) tryDelete(ctx context.Context, name string) (done bool, err error) {
	touched, err := s.touch(ctx, name)
	if err != nil {
		return false, err
	}
	if err := s.emptyAll(ctx, name); err != nil || touched == nil {
		return err == nil, err
	}
	_, err = s.commit(ctx, &firestorepb.Write{
		Operation: &firestorepb.Write_Delete{Delete: name}, CurrentDocument: unchangedSince(touched),
	})
	switch status.Code(err) {
	case codes.FailedPrecondition, codes.NotFound, codes.Aborted:
		return false, nil
	default:
		return err == nil, err
	}
}

// touch gives the document another revision, and returns it; nil for an absent
// document.
func (s *Store) touch(ctx context.Context, name string) (*timestamppb.Timestamp, error) {
	results, err := s.commit(ctx, &firestorepb.Write{
		Operation: &firestorepb.Write_Update{Update: &firestorepb.Document{
			Name: name, Fields: fields{writeField: text(rand.Text())},
		}},
		UpdateMask:      &firestorepb.DocumentMask{FieldPaths: []string{writeField}},
		CurrentDocument: exists(true),
	})
	switch {
	case status.Code(err) == codes.NotFound:
		return nil, nil //nolint:nilnil // absent is no error
	case err != nil:
		return nil, err
	case len(results) != 1:
		return nil, errors.New("empty answer")
	}
	return results[0].GetUpdateTime(), nil
}

func (s *Store) emptyAll(ctx context.Context, name string) error {
	collections := s.client.ListCollectionIds(ctx, &firestorepb.ListCollectionIdsRequest{Parent: name})
	for {
		collection, err := collections.Next()
		if errors.Is(err, iterator.Done) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("listing collections: %w", err)
		}
		if err := s.empty(ctx, name, collection); err != nil {
			return fmt.Errorf("emptying collection %s: %w", collection, err)
		}
	}
}

// empty deletes every document of a collection, batch by batch.
func (s *Store) empty(ctx context.Context, parent, collection string) error {
	names := &firestorepb.StructuredQuery_Projection{Fields: []*firestorepb.StructuredQuery_FieldReference{field(nameField)}}
	for {
		found, err := s.run(ctx, parent, &firestorepb.StructuredQuery{
			From:   []*firestorepb.StructuredQuery_CollectionSelector{{CollectionId: collection}},
			Select: names, Limit: wrapperspb.Int32(deleteBatch),
		})
		if err != nil || len(found) == 0 {
			return err
		}
		writes := make([]*firestorepb.Write, len(found))
		for i, d := range found {
			writes[i] = &firestorepb.Write{Operation: &firestorepb.Write_Delete{Delete: d.GetName()}}
		}
		if _, err := s.commit(ctx, writes...); err != nil {
			return err
		}
	}
}
