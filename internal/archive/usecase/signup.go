package usecase

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/lease"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// SignUp records a consent: a new user, or a new consent of a known one.
type SignUp struct {
	Users  archive.Users
	Sealer archive.Sealer
	Jobs   archive.Jobs
	Clock  archive.Clock
	Log    *slog.Logger

	joined lately
}

// latelyKept bounds what a process remembers of who has connected.
const latelyKept = 10_000

// lately bounds the first runs of people who leave and come back, which read all of an
// archive: of somebody who left nothing is stored, so the process remembers it.
type lately struct {
	mu    sync.Mutex
	spent map[archive.UserID]archive.Manual
}

// mayRun takes one of the runs that a person may ask for.
func (l *lately) mayRun(id archive.UserID, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.spent) >= latelyKept {
		maps.DeleteFunc(l.spent, func(_ archive.UserID, m archive.Manual) bool { return !m.Spent.After(now) })
	}
	if l.spent == nil || len(l.spent) >= latelyKept {
		l.spent = make(map[archive.UserID]archive.Manual)
	}
	u := archive.User{Manual: l.spent[id]}
	may := u.MayRun(now)
	l.spent[id] = u.Manual
	return may
}

// Wishes is what a person's browser says beside the consent.
type Wishes struct {
	Choice   archive.Choice // of sources; empty: as it was
	Copies   bool           // they copy Discover Weekly once a week; false: as it was
	Zone     string         // IANA name of their time zone; anything else is ignored
	Language string         // BCP 47 tag of what they read; empty: as it was
}

// Complete stores the consent and asks for a first run. A user who reconnects
// keeps archive, history and settings; a user who paused stays so, because
// signing in is how they get to see their page.
//
// A first run that could not be asked for is only logged: the user is due
// within a day.
func (s *SignUp) Complete(ctx context.Context, profile webapi.Profile, token webapi.Token, wishes Wishes) (archive.User, error) {
	if profile.ID == "" && profile.AccountID == "" {
		return archive.User{}, fmt.Errorf("signing up: profile without an id: %w", fault.ErrMalformed)
	}
	if token.Refresh.IsZero() {
		return archive.User{}, fmt.Errorf("signing up: consent without a refresh token: %w", fault.ErrMalformed)
	}
	id := archive.NewUserID(profile)
	grant := archive.Grant{Scopes: token.Scopes, AuthorizedAt: s.Clock.Now()}
	if !grant.Covers(webapi.Scopes(false)) {
		return archive.User{}, fmt.Errorf("signing up user %s: %w", id, fault.ErrScope)
	}
	sealed, err := s.Sealer.Seal(ctx, token.Refresh, archive.GrantContext(id))
	if err != nil {
		return archive.User{}, fmt.Errorf("sealing the grant of user %s: %w", id, err)
	}
	grant.Sealed = sealed

	user, runs, err := s.store(ctx, id, profile, grant, wishes)
	if err != nil {
		return archive.User{}, fmt.Errorf("storing user %s: %w", id, err)
	}
	if !runs {
		s.Log.WarnContext(ctx, "connected too often in a short time: no run enqueued", "user_id", id)
		return user, nil
	}
	job := archive.ArchiveJob{User: id, Run: app.Run{Kind: app.RunSignUp, At: s.Clock.Now()}}
	if err := s.Jobs.EnqueueArchive(ctx, job); err != nil {
		s.Log.WarnContext(ctx, "first run not enqueued", "user_id", id, "error", err)
	}
	return user, nil
}

// store reports whether a run may begin. After another sign-in it is one of those
// that a person may ask for, and costs as much.
func (s *SignUp) store(ctx context.Context, id archive.UserID, profile webapi.Profile, grant archive.Grant, wishes Wishes) (stored archive.User, runs bool, err error) {
	first := s.joined.mayRun(id, s.Clock.Now())
	stored, err = lease.Retry(func() (archive.User, error) {
		user, err := s.Users.User(ctx, id)
		switch {
		case errors.Is(err, fault.ErrNotFound):
			user = archive.User{ID: id, CreatedAt: s.Clock.Now(), Choice: archive.ChoiceAuto, Shape: archive.ShapeSingle}
			runs = first
		case err != nil:
			return archive.User{}, err
		case user.Status == archive.StatusLeaving:
			if err := s.Users.Delete(ctx, id); err != nil {
				return archive.User{}, fmt.Errorf("finishing an earlier disconnect: %w", err)
			}
			return archive.User{}, fault.ErrConflict
		default:
			runs = user.MayRun(s.Clock.Now())
		}
		if user.Status == archive.StatusReconnect || user.Grant.Ended(s.Clock.Now()) && !user.Grant.AuthorizedAt.IsZero() {
			user.SignOuts++ // sessions ended with the consent, and do not come back with another
		}
		user.SpotifyID = profile.ID
		user.DisplayName = profile.DisplayName
		user.Language = cmp.Or(wishes.Language, user.Language)
		user.Grant = grant
		if user.Status != archive.StatusPaused {
			user.Status = archive.StatusActive
		}
		if wishes.Choice != "" {
			user.Choose(wishes.Choice, s.Clock.Now())
		}
		user.Copier = user.Copier || wishes.Copies
		if _, ok := calendar.ParseZone(wishes.Zone); ok && !user.OwnZone {
			user.Zone = wishes.Zone
		}
		user.Reschedule(s.Clock.Now())
		return s.Users.Put(ctx, user)
	})
	return stored, runs, err
}
