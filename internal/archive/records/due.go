package records

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
)

// dueLabel is the label of the time at which a user is looked at next, and
// dueLayout its form: as text in the order of time.
const (
	dueLabel  = "due"
	dueLayout = "2006-01-02T15:04:05Z"
)

// DueUsers implements archive.DueUsers. Whether a user is due is the core's to
// say, so a page reads documents and asks. Users whom older programs have
// stored have no label; queries that want them too go by id.
func (s *Store) DueUsers(ctx context.Context, q archive.DueQuery) (archive.DuePage, error) {
	if q.Limit < 1 {
		return archive.DuePage{}, errors.New("listing due users: the limit is below 1")
	}
	// One document more than the page holds tells whether there is another page.
	query := document.Query{
		Collection: users, Prefix: q.Prefix, After: document.Position{ID: string(q.After.User)}, Limit: q.Limit + 1,
	}
	if q.ByTime() {
		query.Label, query.From, query.Before = dueLabel, dueText(q.From), dueText(q.Before)
		query.After.Value = dueText(q.After.Due)
	}
	list, err := s.documents.List(ctx, query)
	if err != nil {
		return archive.DuePage{}, fmt.Errorf("listing due users: %w", err)
	}
	var page archive.DuePage
	more := len(list) > q.Limit
	for _, d := range list[:min(len(list), q.Limit)] {
		user, err := decodeUser(d)
		if more {
			page.Next.User = user.ID
			if q.ByTime() {
				page.Next.Due = dueTime(d)
			}
		}
		if err != nil {
			page.Bad = append(page.Bad, user.ID)
			continue
		}
		page.Consider(user, q)
	}
	return page, nil
}

// dueText is a time as a label; "" for none.
func dueText(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(dueLayout)
}

// dueTime is the time of a document's label; zero where there is none.
func dueTime(d document.Document) time.Time {
	at, err := time.Parse(dueLayout, d.Labels[dueLabel])
	if err != nil {
		return time.Time{}
	}
	return at
}
