package usecase

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// run is one run of one user, from the lease to its conclusion.
type run struct {
	*Archivist
	job     archive.ArchiveJob
	holder  string
	user    archive.User // as stored last
	asked   time.Time    // Manual.AskedAt when the run began: whatever was asked for until then, it does
	outcome archive.Outcome

	library   archive.Library
	access    secret.Text
	playlists listing
	listed    *archive.Playlists       // what the list of playlists looks like
	confirmed bool                     // the list was believed when it did not show a playlist of ours
	refusedAt time.Time                // when Spotify refused to say whether the library holds a playlist
	seen      *archive.Seen            // with what this run has learned
	looked    archive.Seen             // songs of it that looking at archives has shown
	shelves   map[string]archive.Shelf // looked at in this run
	choice    archive.Choice           // of sources, when this run read them
	readings  []reading
	failures  []failure               // of single sources
	blocked   error                   // why nothing can be put into the archive
	put       map[archive.Edition]int // songs that the person put into the archive by hand
	twice     archive.Edition         // its songs stand in the archive twice
	learned   []func(*archive.User)

	unsaved  bool             // seen holds songs that others put in the archive, and that are not stored
	refusals archive.Refusals // of the grant, when the last of them ended the consent

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
	user, err := retryConflict(func() (archive.User, error) {
		now := r.Clock.Now()
		if r.user.Lease.Holder != "" && now.Before(r.user.Lease.Until) {
			return archive.User{}, archive.ErrBusy
		}
		leased := r.user
		leased.Lease = archive.Lease{Holder: r.holder, Until: now.Add(archive.LeaseTime)}
		stored, err := r.Store.Put(ctx, leased)
		if errors.Is(err, archive.ErrConflict) {
			fresh, readErr := r.Store.User(ctx, r.user.ID)
			if readErr != nil {
				return archive.User{}, readErr
			}
			r.user = fresh.Believable(now)
		}
		return stored, err
	})
	if err != nil {
		return fmt.Errorf("leasing user %s: %w", r.user.ID, err)
	}
	r.user, r.asked = user, user.Manual.AskedAt
	return nil
}

// write changes the user, and more in the same transaction, while the lease
// is ours. If somebody else wrote meanwhile (the person on their page), the
// change is decided anew on what they wrote.
func (r *run) write(ctx context.Context, c archive.Changes, change func(*archive.User)) error {
	user, err := retryConflict(func() (archive.User, error) {
		next := r.user
		next.Shelves = maps.Clone(next.Shelves)
		next.Batches = maps.Clone(next.Batches)
		change(&next)
		stored, err := r.Store.Commit(ctx, next, c)
		if !errors.Is(err, archive.ErrConflict) {
			return stored, err
		}
		fresh, readErr := r.Store.User(ctx, r.user.ID)
		switch {
		case errors.Is(readErr, archive.ErrNotFound) || readErr == nil && fresh.Status == archive.StatusLeaving:
			return archive.User{}, archive.ErrLeft
		case readErr != nil:
			return archive.User{}, readErr
		case fresh.Lease.Holder != r.holder:
			return archive.User{}, archive.ErrBusy
		}
		r.user = fresh
		return archive.User{}, archive.ErrConflict
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
	sealed, binding := r.user.Grant.Sealed, archive.GrantContext(r.user.ID)
	if opener, ok := r.Opener.(archive.RotatedOpener); ok {
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
		if err = r.keepOnce(ctx, rotated); err == nil || errors.Is(err, archive.ErrBusy) || errors.Is(err, archive.ErrLeft) {
			break
		}
	}
	return err
}

func (r *run) keepOnce(ctx context.Context, refresh secret.Text) error {
	sealed, err := r.Sealer.Seal(ctx, refresh, archive.GrantContext(r.user.ID))
	if err != nil {
		return fmt.Errorf("sealing the grant of user %s: %w", r.user.ID, err)
	}
	consent := r.user.Grant.AuthorizedAt
	return r.write(ctx, archive.Changes{}, func(u *archive.User) {
		// A user who reconnected meanwhile has a newer grant than ours.
		if u.Grant.AuthorizedAt.Equal(consent) {
			u.Grant.Sealed = sealed
		}
	})
}

// shown is the change that stores what looking at archives has shown, if it
// has shown anything. It goes with whatever makes a later run trust them.
func (r *run) shown() archive.Changes {
	if !r.unsaved {
		return archive.Changes{}
	}
	return archive.Changes{Seen: r.seen}
}

// seenSet reads the user's seen set once a run.
func (r *run) seenSet(ctx context.Context) (*archive.Seen, error) {
	if r.seen == nil {
		seen, err := r.Store.Seen(ctx, r.user.ID)
		if err != nil {
			return nil, fmt.Errorf("reading the seen set of user %s: %w", r.user.ID, err)
		}
		r.seen = &seen
	}
	return r.seen, nil
}
