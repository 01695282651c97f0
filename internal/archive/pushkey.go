package archive

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"

	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// PushKey is the key pair with which this copy signs what it pushes (RFC 8292),
// as it is stored. A browser binds its subscription to the public half, so
// another pair ends every subscription.
type PushKey struct {
	Public string `json:"public"` // an uncompressed point of P-256, base64url without padding
	Sealed Sealed `json:"sealed"` // the private half
}

// PushPair is an open PushKey.
type PushPair struct {
	Public  string
	Private secret.Text // 32 bytes, base64url without padding
}

// pushKeyContext is what the private half is bound to.
const pushKeyContext = "weekly-archive push key v1"

// PushKeyStore keeps the one key pair.
type PushKeyStore interface {
	// PushKey returns the pair; the zero PushKey if there is none yet.
	PushKey(ctx context.Context) (PushKey, error)

	// AddPushKey stores the pair, unless there is one: then it changes nothing
	// and returns that. However many do so at once, all get the same.
	AddPushKey(ctx context.Context, key PushKey) (PushKey, error)
}

// PushKeys makes the key pair once and opens it. It is for a process that may
// seal and open; others read its public half from the store.
type PushKeys struct {
	Store  PushKeyStore
	Sealer Sealer
	Opener Opener

	mu   sync.Mutex
	pair PushPair
}

// Pair returns the key pair. If there is none, it makes one.
func (k *PushKeys) Pair(ctx context.Context) (PushPair, error) {
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
		return PushPair{}, fmt.Errorf("reading the key of pushes: %w", err)
	}
	private, err := k.Opener.Open(ctx, stored.Sealed, pushKeyContext)
	if err != nil {
		return PushPair{}, fmt.Errorf("opening the key of pushes: %w", err)
	}
	k.pair = PushPair{Public: stored.Public, Private: private}
	return k.pair, nil
}

func (k *PushKeys) add(ctx context.Context) (PushKey, error) {
	made, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return PushKey{}, errors.New("making a key pair failed")
	}
	text := base64.RawURLEncoding.EncodeToString(made.Bytes())
	sealed, err := k.Sealer.Seal(ctx, secret.New(text), pushKeyContext)
	if err != nil {
		return PushKey{}, fmt.Errorf("sealing a new key pair: %w", err)
	}
	return k.Store.AddPushKey(ctx, PushKey{
		Public: base64.RawURLEncoding.EncodeToString(made.PublicKey().Bytes()), Sealed: sealed,
	})
}
