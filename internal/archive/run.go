package archive

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// run is one run of one user, from the lease to its conclusion.
type run struct {
	*Archivist
	job     ArchiveJob
	holder  string
	user    User      // as stored last
	asked   time.Time // Manual.AskedAt when the run began: whatever was asked for until then, it does
	outcome Outcome
	plays   bool // it only looks at plays

	library   Library
	access    secret.Text
	playlists listing
	listed    *Playlists       // what the list of playlists looks like
	confirmed bool             // the list was believed when it did not show a playlist of ours
	refusedAt time.Time        // when Spotify refused to say whether the library holds a playlist
	seen      *Seen            // with what this run has learned
	looked    Seen             // songs of it that looking at archives has shown
	shelves   map[string]Shelf // looked at in this run
	choice    Choice           // of sources, when this run read them
	readings  []reading
	failures  []failure // of single sources
	blocked   error     // why nothing can be put into the archive
	twice     Edition   // its songs stand in the archive twice
	learned   []func(*User)

	unsaved  bool     // seen holds songs that others put in the archive, and that are not stored
	refusals Refusals // of the grant, when the last of them ended the consent

	renewed bool // the grant was accepted, so earlier refusals are forgotten
	unsent  bool // the open intent's append is known to have had no effect
	again   bool // part of a refused batch waits

	accepted bool // Spotify took an append of this run
	rejected int  // appends that it found fault with
	aside    int  // songs that it refused alone, before it took any

	waits map[string]bool // pending batches that this round has put (again)
}

// lease takes the user for this run.
func (r *run) lease(ctx context.Context) error {
	user, err := retryConflict(func() (User, error) {
		now := r.Clock.now()
		if r.user.Lease.Holder != "" && now.Before(r.user.Lease.Until) {
			return User{}, errBusy
		}
		leased := r.user
		leased.Lease = Lease{Holder: r.holder, Until: now.Add(LeaseTime)}
		if r.plays = r.job.Run.Kind == RunDue && r.user.onlyPlays(now); r.plays {
			if ahead(r.user.Due.At, now) {
				return User{}, errBusy // another look was quicker
			}
			// Where nothing was played, this is all that is written.
			leased.Lease.Until = now.Add(LookTime)
			leased.Listening.AskedAt = now
			leased.Due = r.next(leased, r.job.Run, time.Time{})
		}
		stored, err := r.Store.Put(ctx, leased)
		if errors.Is(err, ErrConflict) {
			fresh, readErr := r.Store.User(ctx, r.user.ID)
			if readErr != nil {
				return User{}, readErr
			}
			r.user = fresh.believable(now)
		}
		return stored, err
	})
	if err != nil {
		return fmt.Errorf("leasing user %s: %w", r.user.ID, err)
	}
	r.user, r.asked = user, user.Manual.AskedAt
	return nil
}

// time bounds the run.
func (r *run) time() time.Duration {
	if r.plays {
		return LookTime
	}
	return RunTime
}

// write changes the user, and more in the same transaction, while the lease
// is ours. If somebody else wrote meanwhile (the person on their page), the
// change is decided anew on what they wrote.
func (r *run) write(ctx context.Context, c Changes, change func(*User)) error {
	user, err := retryConflict(func() (User, error) {
		next := r.user
		next.Shelves = maps.Clone(next.Shelves)
		next.Batches = maps.Clone(next.Batches)
		change(&next)
		stored, err := r.Store.Commit(ctx, next, c)
		if !errors.Is(err, ErrConflict) {
			return stored, err
		}
		fresh, readErr := r.Store.User(ctx, r.user.ID)
		switch {
		case errors.Is(readErr, ErrNotFound) || readErr == nil && fresh.Status == StatusLeaving:
			return User{}, errLeft
		case readErr != nil:
			return User{}, readErr
		case fresh.Lease.Holder != r.holder:
			return User{}, errBusy
		}
		r.user = fresh
		return User{}, ErrConflict
	})
	if err != nil {
		return fmt.Errorf("writing user %s: %w", r.user.ID, err)
	}
	r.user = user
	if c.Seen != nil {
		r.unsaved = false
	}
	return nil
}

// token is the run's TokenSource. A rotated refresh token is sealed and stored
// before the access token is used: Spotify has forgotten the old one.
func (r *run) token(ctx context.Context, renew bool) (secret.Text, error) {
	if !r.access.IsZero() && !renew {
		return r.access, nil
	}
	refresh, old, err := r.openGrant(ctx)
	if err != nil {
		return secret.Text{}, fmt.Errorf("opening the grant of user %s: %w", r.user.ID, err)
	}
	token, err := r.Spotify.Refresh(ctx, refresh)
	if err != nil {
		return secret.Text{}, fmt.Errorf("refreshing the grant of user %s: %w", r.user.ID, err)
	}
	r.renewed = true
	switch {
	case !token.Refresh.IsZero() && !token.Refresh.Equal(refresh):
		if err := r.keep(ctx, token.Refresh); err != nil {
			return secret.Text{}, err
		}
	case old:
		if err := r.keepOnce(ctx, refresh); err != nil {
			// The stored one still opens: the next run tries again.
			r.Log.WarnContext(ctx, "grant not sealed anew", "user_id", string(r.user.ID), "error", err)
		}
	}
	r.access = token.Access
	return r.access, nil
}

// openGrant opens the stored grant, and says whether an older version of the key
// sealed it.
func (r *run) openGrant(ctx context.Context) (refresh secret.Text, old bool, err error) {
	sealed, binding := r.user.Grant.Sealed, GrantContext(r.user.ID)
	if opener, ok := r.Opener.(RotatedOpener); ok {
		return opener.OpenRotated(ctx, sealed, binding)
	}
	refresh, err = r.Opener.Open(ctx, sealed, binding)
	return refresh, false, err
}

// keepTries is how often a rotated refresh token is stored before it is lost,
// and the person's consent with it.
const keepTries = 3

// keep stores a rotated refresh token, also when the run is being stopped.
func (r *run) keep(ctx context.Context, rotated secret.Text) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), concludeTime)
	defer cancel()
	var err error
	for range keepTries {
		if err = r.keepOnce(ctx, rotated); err == nil || errors.Is(err, errBusy) || errors.Is(err, errLeft) {
			break
		}
	}
	return err
}

func (r *run) keepOnce(ctx context.Context, refresh secret.Text) error {
	sealed, err := r.Sealer.Seal(ctx, refresh, GrantContext(r.user.ID))
	if err != nil {
		return fmt.Errorf("sealing the grant of user %s: %w", r.user.ID, err)
	}
	consent := r.user.Grant.AuthorizedAt
	return r.write(ctx, Changes{}, func(u *User) {
		// A user who reconnected meanwhile has a newer grant than ours.
		if u.Grant.AuthorizedAt.Equal(consent) {
			u.Grant.Sealed = sealed
		}
	})
}

// shown is the change that stores what looking at archives has shown, if it
// has shown anything. It goes with whatever makes a later run trust them.
func (r *run) shown() Changes {
	if !r.unsaved {
		return Changes{}
	}
	return Changes{Seen: r.seen}
}

// seenSet reads the user's seen set once a run.
func (r *run) seenSet(ctx context.Context) (*Seen, error) {
	if r.seen == nil {
		seen, err := r.Store.Seen(ctx, r.user.ID)
		if err != nil {
			return nil, fmt.Errorf("reading the seen set of user %s: %w", r.user.ID, err)
		}
		r.seen = &seen
	}
	return r.seen, nil
}
