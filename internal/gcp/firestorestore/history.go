package firestorestore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cloud.google.com/go/firestore"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// Entries implements archive.Users. Firestore deletes an expired entry up to
// a day late; it is not shown meanwhile.
func (s *Store) Entries(ctx context.Context, id archive.UserID, limit int) ([]archive.Entry, error) {
	if limit < 1 {
		return nil, nil // to Firestore, no limit
	}
	query := s.userRef(id).Collection(entriesCollection).
		Where(expiresField, ">", s.clock()).
		OrderBy(expiresField, firestore.Desc).
		Limit(limit)
	entries, err := readAll[archive.Entry](ctx, query, "key", "done_at")
	if err != nil {
		return nil, fmt.Errorf("reading the entries of user %s: %w", id, err)
	}
	return entries, nil
}

// Pending implements archive.Ledger.
func (s *Store) Pending(ctx context.Context, id archive.UserID) ([]archive.Pending, error) {
	query := s.userRef(id).Collection(pendingCollection).Query
	pending, err := readAll[archive.Pending](ctx, query, "id", "source", "tracks", "at")
	if err != nil {
		return nil, fmt.Errorf("reading the pending songs of user %s: %w", id, err)
	}
	slices.SortFunc(pending, func(a, b archive.Pending) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID))
	})
	return pending, nil
}

// Seen implements archive.Ledger.
func (s *Store) Seen(ctx context.Context, id archive.UserID) (archive.Seen, error) {
	seen, err := s.seen(ctx, id)
	if err != nil {
		return archive.Seen{}, fmt.Errorf("reading the seen set of user %s: %w", id, err)
	}
	return seen, nil
}

func (s *Store) seen(ctx context.Context, id archive.UserID) (archive.Seen, error) {
	_, fields, err := read(ctx, s.seenRef(id))
	if errors.Is(err, archive.ErrNotFound) {
		return archive.Seen{}, nil
	}
	if err != nil {
		return archive.Seen{}, err
	}
	ids, idsOK := fields["ids"].([]byte)
	isrcs, isrcsOK := fields["isrcs"].([]byte)
	if !idsOK || !isrcsOK {
		return archive.Seen{}, fmt.Errorf("ids or isrcs are no bytes: %w", archive.ErrMalformed)
	}
	return archive.UnpackSeen(ids, isrcs)
}

// readAll decodes every document of a query. One bad document is an error:
// passing over it could lose a song.
func readAll[T any](ctx context.Context, query firestore.Query, required ...string) ([]T, error) {
	snapshots, err := query.Documents(ctx).GetAll()
	if err != nil {
		return nil, err
	}
	all := make([]T, len(snapshots))
	for i, snapshot := range snapshots {
		fields := snapshot.Data()
		if err := errors.Join(checkSchema(fields), require(fields, required...), decode(fields, &all[i])); err != nil {
			return nil, fmt.Errorf("document %s: %w", snapshot.Ref.ID, err)
		}
	}
	return all, nil
}
