package firestorestore

import (
	"context"
	"fmt"
	"time"

	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
)

// Commit implements document.Store. It reads nothing.
func (s *Store) Commit(ctx context.Context, writes ...document.Write) ([]string, error) {
	if len(writes) == 0 {
		return nil, nil
	}
	all := make([]*firestorepb.Write, len(writes))
	for i, w := range writes {
		var err error
		if all[i], err = s.encodeWrite(w); err != nil {
			return nil, fmt.Errorf("writing %s: %w", w.Document.Key, err)
		}
	}
	results, err := s.commit(ctx, all...)
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", writes[0].Document.Key, s.conflict(ctx, writes[0].Document.Key, err))
	}
	if len(results) != len(writes) {
		return nil, fmt.Errorf("writing %s: %d results of %d writes", writes[0].Document.Key, len(results), len(writes))
	}
	revisions := make([]string, len(writes))
	for i, w := range writes {
		if !w.Delete {
			revisions[i] = revision(results[i].GetUpdateTime())
		}
	}
	return revisions, nil
}

func (s *Store) encodeWrite(w document.Write) (*firestorepb.Write, error) {
	if err := w.Check(); err != nil {
		return nil, err
	}
	write := &firestorepb.Write{}
	switch w.Expect {
	case document.Any:
	case document.Absent:
		write.CurrentDocument = exists(false)
	default:
		updated, err := time.Parse(time.RFC3339Nano, w.Expect)
		if err != nil {
			return nil, fmt.Errorf("revision of another store: %w", document.ErrConflict)
		}
		write.CurrentDocument = unchangedSince(timestamppb.New(updated))
	}
	name := s.name(w.Document.Key)
	if w.Delete {
		write.Operation = &firestorepb.Write_Delete{Delete: name}
		return write, nil
	}
	all, err := encode(w.Document)
	write.Operation = &firestorepb.Write_Update{Update: &firestorepb.Document{Name: name, Fields: all}}
	return write, err
}

func exists(yes bool) *firestorepb.Precondition {
	return &firestorepb.Precondition{ConditionType: &firestorepb.Precondition_Exists{Exists: yes}}
}

func unchangedSince(updated *timestamppb.Timestamp) *firestorepb.Precondition {
	return &firestorepb.Precondition{ConditionType: &firestorepb.Precondition_UpdateTime{UpdateTime: updated}}
}

// How often, and after which wait, a commit is sent again that met others at
// the same documents and had no effect.
const (
	commitTries = 5
	commitWait  = 20 * time.Millisecond
)

func (s *Store) commit(ctx context.Context, writes ...*firestorepb.Write) ([]*firestorepb.WriteResult, error) {
	wait := commitWait
	for try := 1; ; try++ {
		answer, err := s.client.Commit(ctx, &firestorepb.CommitRequest{Database: s.database, Writes: writes})
		if status.Code(err) != codes.Aborted || try == commitTries {
			return answer.GetWriteResults(), err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(wait):
			wait *= 2
		}
	}
}

// conflict turns the answer to a commit into document.ErrConflict where a
// precondition did not hold: FailedPrecondition or, of an absent document,
// NotFound; AlreadyExists of a create. Aborted lost against others as often as
// it was tried.
func (s *Store) conflict(ctx context.Context, key string, err error) error {
	switch code := status.Code(err); code {
	case codes.NotFound:
		// So is a database that does not exist. A read tells them apart.
		if _, readErr := s.Get(ctx, key); status.Code(readErr) == codes.NotFound {
			return err
		}
		return fmt.Errorf("%w (%s)", document.ErrConflict, code)
	case codes.FailedPrecondition, codes.AlreadyExists, codes.Aborted:
		return fmt.Errorf("%w (%s)", document.ErrConflict, code)
	default:
		return err
	}
}
