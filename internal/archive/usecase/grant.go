package usecase

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/lease"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// grant is a user's consent in one run: opened, refreshed, and kept when Spotify
// rotates it.
type grant struct {
	Spotify webapi.Spotify
	Sealer  archive.Sealer
	Opener  archive.Opener
	Log     *slog.Logger
	held    *lease.Held

	access   secret.Text
	renewed  bool             // it was accepted, so earlier refusals are forgotten
	refusals archive.Refusals // of it, when the last of them ended the consent
}

// token is the run's TokenSource. A rotated refresh token is sealed and stored
// before the access token is used: Spotify has forgotten the old one.
func (g *grant) token(ctx context.Context, renew bool) (secret.Text, error) {
	if !g.access.IsZero() && !renew {
		return g.access, nil
	}
	refresh, old, err := g.openGrant(ctx)
	if err != nil {
		return secret.Text{}, fmt.Errorf("opening the grant of user %s: %w", g.held.User.ID, err)
	}
	token, err := g.Spotify.Refresh(ctx, refresh)
	if err != nil {
		return secret.Text{}, fmt.Errorf("refreshing the grant of user %s: %w", g.held.User.ID, err)
	}
	g.renewed = true
	switch {
	case !token.Refresh.IsZero() && !token.Refresh.Equal(refresh):
		if err := g.keep(ctx, token.Refresh); err != nil {
			return secret.Text{}, err
		}
	case old:
		if err := g.keepOnce(ctx, refresh); err != nil {
			// The stored one still opens: the next run tries again.
			g.Log.WarnContext(ctx, "grant not sealed anew", "user_id", string(g.held.User.ID), "error", err)
		}
	}
	g.access = token.Access
	return g.access, nil
}

// openGrant opens the stored grant, and says whether an older version of the key
// sealed it.
func (g *grant) openGrant(ctx context.Context) (refresh secret.Text, old bool, err error) {
	sealed, binding := g.held.User.Grant.Sealed, archive.GrantContext(g.held.User.ID)
	if opener, ok := g.Opener.(archive.RotatedOpener); ok {
		return opener.OpenRotated(ctx, sealed, binding)
	}
	refresh, err = g.Opener.Open(ctx, sealed, binding)
	return refresh, false, err
}

// keepTries is how often a rotated refresh token is stored before it is lost,
// and the person's consent with it.
const keepTries = 3

// keep stores a rotated refresh token, also when the run is being stopped.
func (g *grant) keep(ctx context.Context, rotated secret.Text) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), concludeTime)
	defer cancel()
	var err error
	for range keepTries {
		if err = g.keepOnce(ctx, rotated); err == nil || errors.Is(err, fault.ErrBusy) || errors.Is(err, fault.ErrLeft) {
			break
		}
	}
	return err
}

func (g *grant) keepOnce(ctx context.Context, refresh secret.Text) error {
	sealed, err := g.Sealer.Seal(ctx, refresh, archive.GrantContext(g.held.User.ID))
	if err != nil {
		return fmt.Errorf("sealing the grant of user %s: %w", g.held.User.ID, err)
	}
	consent := g.held.User.Grant.AuthorizedAt
	return g.held.Write(ctx, archive.Changes{}, func(u *archive.User) {
		// A user who reconnected meanwhile has a newer grant than ours.
		if u.Grant.AuthorizedAt.Equal(consent) {
			u.Grant.Sealed = sealed
		}
	})
}
