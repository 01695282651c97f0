package records

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

// encodeChanges returns the writes beside the user's own.
func (s *Store) encodeChanges(ctx context.Context, id archive.UserID, c archive.Changes) ([]document.Write, error) {
	var writes []document.Write
	if c.Entry != nil {
		body, err := encode(c.Entry)
		if err != nil {
			return nil, fmt.Errorf("entry %s: %w", c.Entry.Key, err)
		}
		writes = append(writes, document.Write{Expect: document.Any, Document: document.Document{
			Key: below(id, entries) + "/" + c.Entry.Key.String(), Body: body,
			Expires: c.Entry.DoneAt.Add(ledger.EntryLife),
		}})
	}
	if c.Seen != nil {
		pages, err := s.writeSeen(ctx, id, c.Seen)
		if err != nil {
			return nil, fmt.Errorf("seen set: %w", err)
		}
		writes = append(writes, pages...)
	}
	added, err := s.writePending(ctx, id, c.AddPending)
	if err != nil {
		return nil, fmt.Errorf("pending batches: %w", err)
	}
	writes = append(writes, added...)
	for _, p := range c.RemovePending {
		writes = append(writes, document.Write{
			Delete: true, Expect: document.Any, Document: document.Document{Key: pendingKey(id, p)},
		})
	}
	return writes, nil
}

// writePending leaves batches out whose ids are there already.
func (s *Store) writePending(ctx context.Context, id archive.UserID, batches []ledger.Batch) ([]document.Write, error) {
	if len(batches) == 0 {
		return nil, nil
	}
	stored, err := s.all(ctx, below(id, pending))
	if err != nil {
		return nil, err
	}
	there := make(map[string]bool, len(stored))
	for _, d := range stored {
		there[d.Key] = true
	}
	var writes []document.Write
	for _, p := range batches {
		key := pendingKey(id, p.ID)
		if there[key] {
			continue
		}
		there[key] = true
		body, err := encode(p)
		if err != nil {
			return nil, err
		}
		writes = append(writes, document.Write{Expect: document.Absent, Document: document.Document{Key: key, Body: body}})
	}
	return writes, nil
}

// pendingKey names a batch by a hash: its id may hold characters that a key
// may not.
func pendingKey(id archive.UserID, pendingID string) string {
	return below(id, pending) + "/" + hash(pendingID)
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// Entries implements archive.Users. An entry expires EntryLife after it was
// done and its id is its key, so the order is the store's.
func (s *Store) Entries(ctx context.Context, id archive.UserID, limit int) ([]ledger.Entry, error) {
	documents, err := s.documents.List(ctx, document.Query{
		Collection: below(id, entries), LatestFirst: true, Limit: max(limit, 1),
	})
	if err != nil {
		return nil, fmt.Errorf("reading the entries of user %s: %w", id, err)
	}
	list, err := decodeAll[ledger.Entry](entries, documents, "key", "done_at")
	if err != nil {
		return nil, fmt.Errorf("reading the entries of user %s: %w", id, err)
	}
	return list, nil
}

// Pending implements archive.Ledger.
func (s *Store) Pending(ctx context.Context, id archive.UserID) ([]ledger.Batch, error) {
	documents, err := s.all(ctx, below(id, pending))
	if err != nil {
		return nil, fmt.Errorf("reading the pending batches of user %s: %w", id, err)
	}
	list, err := decodeAll[ledger.Batch](pending, documents, "id", "entry", "tracks", "at")
	if err != nil {
		return nil, fmt.Errorf("reading the pending batches of user %s: %w", id, err)
	}
	slices.SortFunc(list, func(a, b ledger.Batch) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID))
	})
	return list, nil
}

// decodeAll decodes every document. One bad document is an error: passing over
// it could lose a song.
func decodeAll[T any](collection string, documents []document.Document, required ...string) ([]T, error) {
	list := make([]T, len(documents))
	for i, d := range documents {
		if _, err := decode(collection, d, &list[i], required...); err != nil {
			return nil, fmt.Errorf("document %s: %w", d.Key, err)
		}
	}
	return list, nil
}
