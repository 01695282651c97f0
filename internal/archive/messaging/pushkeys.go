package messaging

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// pushKeyContext is what the private half of the key pair is bound to.
const pushKeyContext = "weekly-archive push key v1"

// PushKeys makes the key pair once and opens it. It is for a process that may
// seal and open; others read its public half from the store.
type PushKeys struct {
	Store  notice.PushKeyStore
	Sealer archive.Sealer
	Opener archive.Opener

	mu   sync.Mutex
	pair notice.PushPair
}

// Pair returns the key pair. If there is none, it makes one.
func (k *PushKeys) Pair(ctx context.Context) (notice.PushPair, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.pair.Public != "" {
		return k.pair, nil
	}
	stored, err := k.Store.PushKey(ctx)
	if err == nil && stored.Public == "" {
		stored, err = k.add(ctx)
	}
	if err != nil {
		return notice.PushPair{}, fmt.Errorf("reading the key of pushes: %w", err)
	}
	private, old, err := open(ctx, k.Opener, stored.Sealed, pushKeyContext)
	if err != nil {
		return notice.PushPair{}, fmt.Errorf("opening the key of pushes: %w", err)
	}
	pair := notice.PushPair{Public: stored.Public, Private: private}
	if old && k.sealAnew(ctx, stored.Public, private) != nil {
		return pair, nil // what is stored still opens: whoever asks next tries again
	}
	k.pair = pair
	return pair, nil
}

// sealAnew seals the private half with today's version of the key. Every
// subscription is bound to this pair: whoever destroys the older version must
// not end them.
func (k *PushKeys) sealAnew(ctx context.Context, public string, private secret.Text) error {
	sealed, err := k.Sealer.Seal(ctx, private, pushKeyContext)
	if err != nil {
		return fmt.Errorf("sealing the key of pushes anew: %w", err)
	}
	return k.Store.ResealPushKey(ctx, notice.PushKey{Public: public, Sealed: sealed})
}

func (k *PushKeys) add(ctx context.Context) (notice.PushKey, error) {
	made, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return notice.PushKey{}, errors.New("making a key pair failed")
	}
	text := base64.RawURLEncoding.EncodeToString(made.Bytes())
	sealed, err := k.Sealer.Seal(ctx, secret.New(text), pushKeyContext)
	if err != nil {
		return notice.PushKey{}, fmt.Errorf("sealing a new key pair: %w", err)
	}
	return k.Store.AddPushKey(ctx, notice.PushKey{
		Public: base64.RawURLEncoding.EncodeToString(made.PublicKey().Bytes()), Sealed: sealed,
	})
}
