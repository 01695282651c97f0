package records

import (
	"context"
	"errors"
	"fmt"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
)

// DueUsers implements archive.DueUsers. Whether a user is due is the core's to
// say, so a page reads documents in order of id and asks. It asks for no label:
// documents of older programs have none.
func (s *Store) DueUsers(ctx context.Context, q archive.DueQuery) (archive.DuePage, error) {
	if q.Limit < 1 {
		return archive.DuePage{}, errors.New("listing due users: the limit is below 1")
	}
	// One document more than the page holds tells whether there is another page.
	list, err := s.documents.List(ctx, document.Query{
		Collection: users, Prefix: q.Prefix, After: document.Position{ID: string(q.After)}, Limit: q.Limit + 1,
	})
	if err != nil {
		return archive.DuePage{}, fmt.Errorf("listing due users: %w", err)
	}
	var page archive.DuePage
	more := len(list) > q.Limit
	for _, d := range list[:min(len(list), q.Limit)] {
		user, err := decodeUser(d)
		if more {
			page.Next = user.ID
		}
		if err != nil {
			page.Bad = append(page.Bad, user.ID)
			continue
		}
		page.Consider(user, q)
	}
	return page, nil
}
