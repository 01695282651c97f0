package messaging

import (
	"context"
	"fmt"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// sealAnew seals those channels with today's version of the key that an older
// one sealed, as the run before has done with the grant: so a rotation finishes
// by itself, for channels too that no message goes to. The grant tells, without
// opening anything, which channels may be such.
func (t *Teller) sealAnew(ctx context.Context, user archive.User) error {
	for _, c := range user.Messages.Channels {
		if c.Sealed.KeyVersion == user.Grant.Sealed.KeyVersion {
			continue
		}
		sealed, old, err := resealed(ctx, t.Sealer, t.Opener, c.Sealed, archive.ChannelContext(user.ID, c.ID))
		if err != nil {
			return fmt.Errorf("sealing a channel of user %s anew: %w", user.ID, err)
		}
		if !old {
			continue
		}
		if _, err := change(ctx, t.Users, user.ID, func(u *archive.User) error {
			u.Messages.Reseal(c.ID, c.Sealed, sealed)
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// resealed opens and seals again what an older version of the key sealed; old is
// false where today's did.
func resealed(ctx context.Context, sealer archive.Sealer, opener archive.Opener, sealed secret.Sealed, binding string) (fresh secret.Sealed, old bool, err error) {
	text, old, err := open(ctx, opener, sealed, binding)
	if err != nil || !old {
		return secret.Sealed{}, false, err
	}
	fresh, err = sealer.Seal(ctx, text, binding)
	return fresh, err == nil, err
}

// open is Open, and says whether an older version of the key sealed it, where
// that can be told.
func open(ctx context.Context, opener archive.Opener, sealed secret.Sealed, binding string) (text secret.Text, old bool, err error) {
	if rotated, ok := opener.(archive.RotatedOpener); ok {
		return rotated.OpenRotated(ctx, sealed, binding)
	}
	text, err = opener.Open(ctx, sealed, binding)
	return text, false, err
}
