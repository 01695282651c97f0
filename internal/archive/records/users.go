package records

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
)

// User implements archive.Users.
func (s *Store) User(ctx context.Context, id archive.UserID) (archive.User, error) {
	if !id.Valid() {
		return archive.User{}, fmt.Errorf("reading a user with an impossible id: %w", fault.ErrNotFound)
	}
	d, err := s.documents.Get(ctx, userKey(id))
	if err != nil {
		return archive.User{}, fmt.Errorf("reading user %s: %w", id, answer(err))
	}
	user, err := decodeUser(d)
	if err != nil {
		return archive.User{}, fmt.Errorf("reading user %s: %w", id, err)
	}
	return user, nil
}

// Put implements archive.Users.
func (s *Store) Put(ctx context.Context, u archive.User) (archive.User, error) {
	return s.Commit(ctx, u, archive.Changes{})
}

// Commit implements archive.Ledger. Everything is guarded by the user's
// revision, so what is beside it is written whatever is there. It reads
// nothing, unless pending batches are added, or the stored seen set is not
// the one that was read.
func (s *Store) Commit(ctx context.Context, u archive.User, c archive.Changes) (archive.User, error) {
	if !u.ID.Valid() {
		return archive.User{}, errors.New("writing a user with an impossible id")
	}
	user, err := encodeUser(u)
	if err != nil {
		return archive.User{}, fmt.Errorf("encoding user %s: %w", u.ID, err)
	}
	changes, err := s.encodeChanges(ctx, u.ID, c)
	if err != nil {
		return archive.User{}, fmt.Errorf("writing user %s: %w", u.ID, answer(err))
	}
	writes := append([]document.Write{{Document: user, Expect: u.Revision}}, changes...)
	revisions, err := s.documents.Commit(ctx, writes...)
	if err != nil {
		return archive.User{}, fmt.Errorf("writing user %s: %w", u.ID, answer(err))
	}
	u.Revision = revisions[0]
	return u, nil
}

// Delete implements archive.Users.
func (s *Store) Delete(ctx context.Context, id archive.UserID) error {
	if !id.Valid() {
		return nil
	}
	if err := s.documents.Delete(ctx, userKey(id)); err != nil {
		return fmt.Errorf("deleting user %s: %w", id, answer(err))
	}
	return nil
}

// List returns every user in order of id, and how many documents cannot be
// read.
func (s *Store) List(ctx context.Context) (list []archive.User, bad int, err error) {
	bad, err = s.Each(ctx, func(u archive.User) error {
		list = append(list, u)
		return nil
	})
	return list, bad, err
}

// Each visits every user in order of id, of whom it holds a page at a time, and
// returns how many documents cannot be read. An error of visit ends it.
func (s *Store) Each(ctx context.Context, visit func(archive.User) error) (bad int, err error) {
	for after, more := archive.UserID(""), true; more; {
		page, err := s.Page(ctx, after, listed)
		if err != nil {
			return bad, err
		}
		bad += page.Bad
		for _, u := range page.Users {
			if err := visit(u); err != nil {
				return bad, err
			}
		}
		after, more = page.Next, page.Next != ""
	}
	return bad, nil
}

// UserPage is one page of users in order of id. After a Next that is not empty
// the next page may still be.
type UserPage struct {
	Users []archive.User
	Bad   int            // documents that cannot be read
	Next  archive.UserID // continue after this id; empty when there are no more
}

// Page returns the users behind an id ("" for the first page) by one question
// to the store. Limit, at least 1, is how many documents are looked at.
func (s *Store) Page(ctx context.Context, after archive.UserID, limit int) (UserPage, error) {
	list, err := s.documents.List(ctx, document.Query{
		Collection: users, After: document.Position{ID: string(after)}, Limit: limit + 1,
	})
	if err != nil {
		return UserPage{}, fmt.Errorf("listing a page of users: %w", err)
	}
	var page UserPage
	more := len(list) > limit
	for _, d := range list[:min(len(list), limit)] {
		user, err := decodeUser(d)
		if more {
			page.Next = user.ID
		}
		if err != nil {
			page.Bad++
			continue
		}
		page.Users = append(page.Users, user)
	}
	return page, nil
}

// Restart prepares the users for a program that is alone with its store and has
// just started, so that its queue is empty: no lease outlives archive.VisibilityDelay,
// every run can be asked for again, and users whose week is open are due. It
// returns how many users it changed. A user that changes meanwhile, or cannot
// be read, is passed over.
func (s *Store) Restart(ctx context.Context, now time.Time) (int, error) {
	changed := 0
	_, err := s.Each(ctx, func(u archive.User) error {
		if !restart(&u, now) {
			return nil
		}
		_, err := s.Put(ctx, u)
		switch {
		case errors.Is(err, fault.ErrConflict):
			return nil
		case err == nil:
			changed++
		}
		return err
	})
	if err != nil {
		return changed, fmt.Errorf("preparing users: %w", err)
	}
	return changed, nil
}

// restart reports whether it changed the user.
func restart(u *archive.User, now time.Time) bool {
	until := now.Add(archive.VisibilityDelay)
	held, lost := u.Lease.Until.After(until), u.Manual.AskedAt.After(u.Manual.DoneAt)
	// What waits for the end of a pause waited for no message.
	late := u.WeekOpen(now) && u.Due.At.After(now) && u.Due.Why != archive.DuePause
	if held {
		u.Lease.Until = until
	}
	if lost {
		u.Manual.DoneAt = u.Manual.AskedAt
	}
	if late {
		u.Due.At = now.UTC().Truncate(time.Second)
	}
	return held || lost || late
}

func encodeUser(u archive.User) (document.Document, error) {
	body, err := encode(u)
	d := document.Document{Key: userKey(u.ID), Body: body}
	if at, ok := u.DueAt(); ok {
		d.Labels = map[string]string{dueLabel: dueText(at)}
	}
	return d, err
}

// decodeUser returns at least the id of a document that cannot be read.
func decodeUser(d document.Document) (archive.User, error) {
	_, id := document.Split(d.Key)
	user := archive.User{ID: archive.UserID(id)}
	if !user.ID.Valid() {
		return user, fmt.Errorf("decoding user: impossible id: %w", fault.ErrMalformed)
	}
	_, err := decode(users, d, &user, "status", "choice", "shape", "grant", "created_at", "last_edition")
	if err == nil {
		err = checkUser(user)
	}
	if err != nil {
		return archive.User{ID: user.ID}, fmt.Errorf("decoding user %s: %w", user.ID, err)
	}
	user.Revision = d.Revision
	return user, nil
}

// checkUser wants the words that decide about a user to be ones that this
// program knows.
func checkUser(user archive.User) error {
	statuses := []archive.Status{
		"", archive.StatusActive, archive.StatusPaused, archive.StatusReconnect, archive.StatusLeaving,
	}
	if !slices.Contains(statuses, user.Status) {
		return fmt.Errorf("status %q: %w", user.Status, fault.ErrMalformed)
	}
	if user.Choice != "" && !user.Choice.Valid() {
		return fmt.Errorf("choice %q: %w", user.Choice, fault.ErrMalformed)
	}
	if user.Shape != "" && !slices.Contains(archive.Shapes(), user.Shape) {
		return fmt.Errorf("shape %q: %w", user.Shape, fault.ErrMalformed)
	}
	if user.LastEdition != "" {
		if _, err := calendar.ParseEdition(string(user.LastEdition)); err != nil {
			return fmt.Errorf("last edition: %w", fault.ErrMalformed)
		}
	}
	return nil
}
