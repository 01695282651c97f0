package web

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// minKeyLength is the least that SessionKey may give, in bytes. A client
// secret of Spotify's has 32.
const minKeyLength = 16

// What each derived key is for. A cookie of one purpose does not open under
// another.
const (
	purposeSession = "weekly-archive web session v1"
	purposeFlow    = "weekly-archive web flow v1"
	purposeFlash   = "weekly-archive web flash v1"
)

// errNotSealed: a cookie that we did not seal, or not with this key.
var errNotSealed = errors.New("cookie is not ours")

// codec seals values into cookies (AES-256-GCM under a random nonce), so that
// a browser can keep them, but neither read nor change them.
type codec struct {
	aead cipher.AEAD
}

func newCodec(key secret.Text, purpose string) (codec, error) {
	derived, err := hkdf.Key(sha256.New, []byte(key.Reveal()), nil, purpose, 32)
	if err != nil {
		return codec{}, fmt.Errorf("deriving a cookie key: %w", err)
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return codec{}, fmt.Errorf("preparing a cookie key: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return codec{}, fmt.Errorf("preparing a cookie key: %w", err)
	}
	return codec{aead: aead}, nil
}

// seal returns value as JSON, encrypted and in the alphabet of cookies.
func (c codec) seal(value any) (string, error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("encoding a cookie: %w", err)
	}
	sealed := c.aead.Seal(nil, nil, plain, nil) //nolint:gosec // G407: this AEAD makes its own random nonce
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// open is the inverse of seal; errNotSealed for every other text.
func (c codec) open(text string, value any) error {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	// Decoding ignores line breaks and spare bits; only our spelling counts.
	if err != nil || base64.RawURLEncoding.EncodeToString(raw) != text {
		return errNotSealed
	}
	plain, err := c.aead.Open(nil, nil, raw, nil)
	if err != nil {
		return errNotSealed
	}
	if err := json.Unmarshal(plain, value); err != nil {
		return errNotSealed
	}
	return nil
}

// keyring holds one codec for each purpose.
type keyring struct {
	session, flow, flash codec
}

func newKeyring(key secret.Text) (*keyring, error) {
	if n := len(key.Reveal()); n < minKeyLength {
		return nil, fmt.Errorf("session key has %d bytes, at least %d are needed", n, minKeyLength)
	}
	session, errSession := newCodec(key, purposeSession)
	flow, errFlow := newCodec(key, purposeFlow)
	flash, errFlash := newCodec(key, purposeFlash)
	if err := errors.Join(errSession, errFlow, errFlash); err != nil {
		return nil, err
	}
	return &keyring{session: session, flow: flow, flash: flash}, nil
}

// keys derives the keyring when it is first needed, and keeps it.
type keys struct {
	load func(context.Context) (secret.Text, error)

	mu   sync.Mutex
	ring *keyring
}

func (k *keys) get(ctx context.Context) (*keyring, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ring != nil {
		return k.ring, nil
	}
	key, err := k.load(ctx)
	if err != nil {
		return nil, fmt.Errorf("loading the session key: %w", err)
	}
	ring, err := newKeyring(key)
	if err != nil {
		return nil, err
	}
	k.ring = ring
	return ring, nil
}
