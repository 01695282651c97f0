package operate

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
)

// minPrefix is how much of an id names an account where no other begins so.
const minPrefix = 4

// find returns the one user whom the text names: their id or its beginning,
// the name that Spotify shows, or their Spotify user id.
func (s *Service) find(ctx context.Context, text string) (archive.User, error) {
	if strings.TrimSpace(text) == "" { // an unset variable of a script, and no name: people may have none
		return archive.User{}, usage("say which ACCOUNT: its id, or its beginning, or the name")
	}
	users, _, err := s.Store.List(ctx)
	if err != nil {
		return archive.User{}, err
	}
	var found []archive.User
	for _, u := range users {
		switch {
		case string(u.ID) == text:
			return u, nil
		case len(text) >= minPrefix && strings.HasPrefix(string(u.ID), text), u.DisplayName == text, u.SpotifyID == text:
			found = append(found, u)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return archive.User{}, fmt.Errorf("no account is called %q, neither by id nor by name: %w", text, fault.ErrNotFound)
	default:
		return archive.User{}, usage(fmt.Sprintf("%q names %d accounts: give the id of one", text, len(found)))
	}
}

// findAny also finds by its whole id an account whose document cannot be read,
// or is gone while something below it may be left.
func (s *Service) findAny(ctx context.Context, text string) (archive.User, error) {
	user, err := s.find(ctx, text)
	id := archive.UserID(text)
	if !errors.Is(err, fault.ErrNotFound) || !id.Valid() {
		return user, err
	}
	switch _, stored := s.Store.User(ctx, id); {
	case errors.Is(stored, fault.ErrMalformed):
		return archive.User{ID: id}, nil
	case errors.Is(stored, fault.ErrNotFound):
		return archive.User{ID: id}, err
	default:
		return archive.User{}, errors.Join(err, stored)
	}
}

// accounts is what people do on their account page.
func (s *Service) accounts() *usecase.Accounts {
	return &usecase.Accounts{Store: s.Store, Jobs: s.Jobs, Clock: s.Clock, Log: s.Log}
}

// change changes a user's document, however often somebody else writes first.
func (s *Service) change(ctx context.Context, id archive.UserID, change func(*archive.User)) error {
	const tries = 5
	var err error
	for range tries {
		var u archive.User
		if u, err = s.Store.User(ctx, id); err != nil {
			break
		}
		change(&u)
		if _, err = s.Store.Put(ctx, u); !isConflict(err) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("changing user %s: %w", id, err)
	}
	return nil
}
