// Package messaging gets people told: Teller tells what a run has shown, and
// Channels is what a person sets about it. What is told, and when, are rules
// of package archive (Notice).
package messaging

import (
	"context"
	"errors"
	"fmt"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
)

// changeTries bounds how often a change is decided anew because somebody else
// wrote first. A user has few writers: the person, and a run or two.
const changeTries = 8

// change changes a user who has not left. An error of change is returned, and
// nothing written.
func change(ctx context.Context, users archive.Users, id archive.UserID, change func(*archive.User) error) (archive.User, error) {
	var user archive.User
	var err error
	for range changeTries {
		if user, err = present(ctx, users, id); err != nil {
			return archive.User{}, err
		}
		if err = change(&user); err != nil {
			return archive.User{}, err
		}
		if user, err = users.Put(ctx, user); !errors.Is(err, fault.ErrConflict) {
			break
		}
	}
	if err != nil {
		return archive.User{}, fmt.Errorf("changing the messages of user %s: %w", id, err)
	}
	return user, nil
}

// present returns a user who has not left; ErrNotFound for one who has.
func present(ctx context.Context, users archive.Users, id archive.UserID) (archive.User, error) {
	user, err := users.User(ctx, id)
	if err == nil && user.Status == archive.StatusLeaving {
		err = fault.ErrNotFound
	}
	if err != nil {
		return archive.User{}, fmt.Errorf("reading user %s: %w", id, err)
	}
	return user, nil
}
