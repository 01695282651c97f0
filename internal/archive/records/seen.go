package records

import (
	"context"
	"fmt"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

// pageSize is how many hashes of a kind a page holds: with 16 bytes per id and
// 8 per recording, 24 kB at most are written in a week. A page of an older program
// holds 20,000.
const pageSize = 1_000

// seenPage is the body of a page. The page's bytes are the hashes, one kind
// after the other; the body tells how many bytes are of which. A further kind
// is a further field.
type seenPage struct {
	IDBytes        int `json:"id_bytes"`
	RecordingBytes int `json:"recording_bytes"`
}

// Seen implements archive.Ledger. All pages but the last are full.
func (s *Store) Seen(ctx context.Context, id archive.UserID) (ledger.Seen, error) {
	set, err := s.readSeen(ctx, id)
	if err != nil {
		return ledger.Seen{}, fmt.Errorf("reading the seen set of user %s: %w", id, err)
	}
	return set, nil
}

func (s *Store) readSeen(ctx context.Context, id archive.UserID) (ledger.Seen, error) {
	documents, err := s.all(ctx, below(id, seen))
	if err != nil {
		return ledger.Seen{}, err
	}
	pages := make([]ledger.Seen, len(documents))
	numbered := true
	for i, d := range documents {
		if pages[i], err = decodeSeen(d); err != nil {
			return ledger.Seen{}, fmt.Errorf("page %s: %w", d.Key, err)
		}
		numbered = numbered && d.Key == pageKey(id, i+1)
	}
	if numbered {
		return ledger.JoinSeen(pages...), nil
	}
	// Of before there were pages. The next commit writes it anew.
	var all ledger.Seen
	for _, page := range pages {
		all.Merge(page)
	}
	return all, nil
}

// writeSeen returns the writes that store the set: of one that was read, only
// the last page and what is new.
func (s *Store) writeSeen(ctx context.Context, id archive.UserID, set *ledger.Seen) ([]document.Write, error) {
	full, open, known := set.OpenPages(pageSize)
	var writes []document.Write
	written := map[string]bool{}
	for i, page := range open {
		d, err := encodeSeen(pageKey(id, full+i+1), page)
		if err != nil {
			return nil, err
		}
		written[d.Key] = true
		writes = append(writes, document.Write{Expect: document.Any, Document: d})
	}
	if known {
		return writes, nil
	}
	stored, err := s.all(ctx, below(id, seen))
	if err != nil {
		return nil, err
	}
	for _, d := range stored {
		if _, err := decodeSeen(d); err != nil {
			return nil, fmt.Errorf("page %s: %w", d.Key, err)
		}
		if !written[d.Key] {
			writes = append(writes, document.Write{
				Delete: true, Expect: document.Any, Document: document.Document{Key: d.Key},
			})
		}
	}
	return writes, nil
}

func pageKey(id archive.UserID, number int) string {
	return fmt.Sprintf("%s/%04d", below(id, seen), number)
}

// encodeSeen and decodeSeen are the only code that knows the form of a page.
func encodeSeen(key string, set ledger.Seen) (document.Document, error) {
	ids, recordings := set.Pack()
	body, err := encode(seenPage{IDBytes: len(ids), RecordingBytes: len(recordings)})
	return document.Document{Key: key, Body: body, Bytes: append(ids, recordings...)}, err
}

func decodeSeen(d document.Document) (ledger.Seen, error) {
	var page seenPage
	hashes, err := decode(seen, d, &page, "id_bytes", "recording_bytes")
	if err != nil {
		return ledger.Seen{}, err
	}
	if page.IDBytes < 0 || page.RecordingBytes < 0 || page.IDBytes+page.RecordingBytes != len(hashes) {
		return ledger.Seen{}, fmt.Errorf("%d bytes, not %d and %d: %w", len(hashes), page.IDBytes, page.RecordingBytes, fault.ErrMalformed)
	}
	return ledger.UnpackSeen(hashes[:page.IDBytes], hashes[page.IDBytes:])
}
