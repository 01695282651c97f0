package archivetest

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"fmt"
	"strconv"
	"sync"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

var (
	_ archive.Sealer        = (*KeyRing)(nil)
	_ archive.RotatedOpener = (*KeyRing)(nil)
)

// KeyRing is a sealer and opener whose keys live in memory: AES-256-GCM with
// the context as additional data.
type KeyRing struct {
	Faults Faults

	mu      sync.Mutex
	current string
	keys    map[string]cipher.AEAD
}

// NewKeyRing returns a key ring with one key.
func NewKeyRing() *KeyRing {
	k := &KeyRing{keys: map[string]cipher.AEAD{}}
	k.Rotate()
	return k
}

// Rotate makes a new key, which seals from now on, and returns its version.
// The older ones still open.
func (k *KeyRing) Rotate() string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.current = strconv.Itoa(len(k.keys) + 1)
	k.keys[k.current] = aead
	return k.current
}

// Destroy makes everything unreadable that this version sealed.
func (k *KeyRing) Destroy(version string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys[version] = nil
}

// Seal implements archive.Sealer.
func (k *KeyRing) Seal(ctx context.Context, plaintext secret.Text, context string) (secret.Sealed, error) {
	if err := k.Faults.before(ctx, "Seal"); err != nil {
		return secret.Sealed{}, err
	}
	k.mu.Lock()
	version, aead := k.current, k.keys[k.current]
	k.mu.Unlock()
	if aead == nil {
		return secret.Sealed{}, fmt.Errorf("sealing with key %s: the key was destroyed", version)
	}
	ciphertext := aead.Seal(nil, nil, []byte(plaintext.Reveal()), []byte(context))
	if err := k.Faults.after(ctx, "Seal"); err != nil {
		return secret.Sealed{}, err
	}
	return secret.Sealed{Ciphertext: ciphertext, KeyVersion: version}, nil
}

// Open implements archive.Opener.
func (k *KeyRing) Open(ctx context.Context, sealed secret.Sealed, context string) (secret.Text, error) {
	if err := k.Faults.before(ctx, "Open"); err != nil {
		return secret.Text{}, err
	}
	k.mu.Lock()
	aead := k.keys[sealed.KeyVersion]
	k.mu.Unlock()
	if aead == nil {
		return secret.Text{}, fmt.Errorf("opening with key %s: %w", sealed.KeyVersion, fault.ErrCannotOpen)
	}
	plaintext, err := aead.Open(nil, nil, sealed.Ciphertext, []byte(context))
	if err != nil {
		return secret.Text{}, fmt.Errorf("opening with key %s: %w", sealed.KeyVersion, fault.ErrCannotOpen)
	}
	if err := k.Faults.after(ctx, "Open"); err != nil {
		return secret.Text{}, err
	}
	return secret.New(string(plaintext)), nil
}

// OpenRotated implements archive.RotatedOpener.
func (k *KeyRing) OpenRotated(ctx context.Context, sealed secret.Sealed, context string) (secret.Text, bool, error) {
	text, err := k.Open(ctx, sealed, context)
	k.mu.Lock()
	defer k.mu.Unlock()
	return text, err == nil && sealed.KeyVersion != k.current, err
}
