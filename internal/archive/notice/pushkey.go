package notice

import (
	"context"

	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// PushKey is the key pair with which this copy signs what it pushes (RFC 8292),
// as it is stored. A browser binds its subscription to the public half, so
// another pair ends every subscription.
type PushKey struct {
	Public string        `json:"public"` // an uncompressed point of P-256, base64url without padding
	Sealed secret.Sealed `json:"sealed"` // the private half
}

// PushPair is an open PushKey.
type PushPair struct {
	Public  string
	Private secret.Text // 32 bytes, base64url without padding
}

// PushKeyStore keeps the one key pair.
type PushKeyStore interface {
	// PushKey returns the pair; the zero PushKey if there is none yet.
	PushKey(ctx context.Context) (PushKey, error)

	// AddPushKey stores the pair, unless there is one: then it changes nothing
	// and returns that. However many do so at once, all get the same.
	AddPushKey(ctx context.Context, key PushKey) (PushKey, error)

	// ResealPushKey replaces the sealed half of the pair that has this public
	// half; of another pair it changes nothing.
	ResealPushKey(ctx context.Context, key PushKey) error
}
