package archive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
)

// SignUp records a consent: a new user, or a new consent of a known one.
type SignUp struct {
	Users  Users
	Sealer Sealer
	Jobs   Jobs
	Clock  Clock
	Log    *slog.Logger
}

// Wishes is what a person's browser says beside the consent.
type Wishes struct {
	Choice   Choice // of sources; empty: as it was
	Zone     string // IANA name of their time zone; anything else is ignored
	Language string // BCP 47 tag of what they read; empty: as it was
}

// Complete stores the consent and asks for a first run. A user who reconnects
// keeps archive, history and settings; a user who paused stays so, because
// signing in is how they get to see their page.
//
// A first run that could not be asked for is only logged: the user is due
// within a day.
func (s *SignUp) Complete(ctx context.Context, profile Profile, token Token, wishes Wishes) (User, error) {
	if profile.ID == "" && profile.AccountID == "" {
		return User{}, fmt.Errorf("signing up: profile without an id: %w", ErrMalformed)
	}
	if token.Refresh.IsZero() {
		return User{}, fmt.Errorf("signing up: consent without a refresh token: %w", ErrMalformed)
	}
	id := NewUserID(profile)
	grant := Grant{Scopes: token.Scopes, AuthorizedAt: s.Clock.now()}
	if !grant.Covers(Scopes(false)) {
		return User{}, fmt.Errorf("signing up user %s: %w", id, ErrScope)
	}
	sealed, err := s.Sealer.Seal(ctx, token.Refresh, GrantContext(id))
	if err != nil {
		return User{}, fmt.Errorf("sealing the grant of user %s: %w", id, err)
	}
	grant.Sealed = sealed

	user, err := s.store(ctx, id, profile, grant, wishes)
	if err != nil {
		return User{}, fmt.Errorf("storing user %s: %w", id, err)
	}
	job := ArchiveJob{User: id, Run: Run{Kind: RunSignUp, At: s.Clock.now()}}
	if err := s.Jobs.EnqueueArchive(ctx, job); err != nil {
		s.Log.WarnContext(ctx, "first run not enqueued", "user_id", id, "error", err)
	}
	return user, nil
}

func (s *SignUp) store(ctx context.Context, id UserID, profile Profile, grant Grant, wishes Wishes) (User, error) {
	return retryConflict(func() (User, error) {
		user, err := s.Users.User(ctx, id)
		switch {
		case errors.Is(err, ErrNotFound):
			user = User{ID: id, CreatedAt: s.Clock.now(), Choice: ChoiceAuto, Shape: ShapeSingle}
		case err != nil:
			return User{}, err
		case user.Status == StatusLeaving:
			if err := s.Users.Delete(ctx, id); err != nil {
				return User{}, fmt.Errorf("finishing an earlier disconnect: %w", err)
			}
			return User{}, ErrConflict
		}
		user.SpotifyID = profile.ID
		user.DisplayName = profile.DisplayName
		user.Language = cmp.Or(wishes.Language, user.Language)
		user.Grant = grant
		if user.Status != StatusPaused {
			user.Status = StatusActive
		}
		if wishes.Choice != "" {
			user.choose(wishes.Choice, s.Clock.now())
		}
		if _, ok := ParseZone(wishes.Zone); ok {
			user.Zone = wishes.Zone
		}
		user.reschedule(s.Clock.now())
		return s.Users.Put(ctx, user)
	})
}

// conflictTries bounds how often a write is decided anew because somebody
// else wrote first. A user has few writers: the person, and one run.
const conflictTries = 8

func retryConflict(write func() (User, error)) (User, error) {
	var user User
	var err error
	for range conflictTries {
		user, err = write()
		if !errors.Is(err, ErrConflict) {
			return user, err
		}
	}
	return user, err
}
