// Package keyseal seals grants with a key that lives in a file of its own:
// Tink's AES-SIV (RFC 5297) with a random nonce.
//
// AES-SIV and not AES-GCM, because the Tink packages of the latter link
// google.golang.org/protobuf, and the program that runs on one machine links
// nothing of Google Cloud's family; it also forgives a repeated nonce.
package keyseal

import (
	"bytes"
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/daead/subtle"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

var (
	_ archive.Sealer = (*Key)(nil)
	_ archive.Opener = (*Key)(nil)
)

// What the root key is used for. Keys for different purposes tell nothing
// about each other (RFC 5869, section 3.2).
const (
	purposeSeal    = "weekly-archive seal v1"
	purposeSession = "weekly-archive session v1"
	purposeName    = "weekly-archive key name v1"
)

const (
	rootSize    = 32
	sessionSize = 32
	nameSize    = 4
	nonceSize   = 16
)

// Key seals, opens, and gives the secret of the session cookies.
type Key struct {
	siv     *subtle.AESSIV
	version string
	session secret.Text
}

func newKey(root []byte) (*Key, error) {
	derived := make(map[string][]byte)
	for purpose, size := range map[string]int{
		purposeSeal: subtle.AESSIVKeySize, purposeSession: sessionSize, purposeName: nameSize,
	} {
		key, err := hkdf.Key(sha256.New, root, nil, purpose, size)
		if err != nil {
			return nil, fmt.Errorf("deriving a key: %w", err)
		}
		derived[purpose] = key
	}
	siv, err := subtle.NewAESSIV(derived[purposeSeal])
	if err != nil {
		return nil, fmt.Errorf("preparing the sealing key: %w", err)
	}
	return &Key{
		siv:     siv,
		version: hex.EncodeToString(derived[purposeName]),
		session: secret.New(base64.RawStdEncoding.EncodeToString(derived[purposeSession])),
	}, nil
}

// Seal implements archive.Sealer. The ciphertext is a nonce of 16 bytes and
// what AES-SIV gives; the nonce comes before the context in the associated
// data.
func (k *Key) Seal(ctx context.Context, plaintext secret.Text, context string) (secret.Sealed, error) {
	if err := ctx.Err(); err != nil {
		return secret.Sealed{}, fmt.Errorf("sealing: %w", err)
	}
	nonce := make([]byte, nonceSize)
	_, _ = rand.Read(nonce) // never fails
	box, err := k.siv.EncryptDeterministically([]byte(plaintext.Reveal()), associated(nonce, context))
	if err != nil {
		return secret.Sealed{}, fmt.Errorf("sealing: %w", err)
	}
	return secret.Sealed{Ciphertext: append(nonce, box...), KeyVersion: k.version}, nil
}

// Open implements archive.Opener.
func (k *Key) Open(ctx context.Context, sealed secret.Sealed, context string) (secret.Text, error) {
	if err := ctx.Err(); err != nil {
		return secret.Text{}, fmt.Errorf("opening: %w", err)
	}
	if sealed.KeyVersion != k.version {
		return secret.Text{}, fmt.Errorf("opening what key %q sealed with key %q: %w", sealed.KeyVersion, k.version, fault.ErrCannotOpen)
	}
	if len(sealed.Ciphertext) < nonceSize {
		return secret.Text{}, fmt.Errorf("opening %d bytes: %w", len(sealed.Ciphertext), fault.ErrCannotOpen)
	}
	nonce, box := sealed.Ciphertext[:nonceSize], sealed.Ciphertext[nonceSize:]
	plaintext, err := k.siv.DecryptDeterministically(box, associated(nonce, context))
	if err != nil {
		return secret.Text{}, fmt.Errorf("opening with key %q: %w", k.version, fault.ErrCannotOpen)
	}
	return secret.New(string(plaintext)), nil
}

// Session returns the secret from which a site derives the keys of its
// cookies: 43 characters, the same for the life of the key file.
func (k *Key) Session(context.Context) (secret.Text, error) { return k.session, nil }

// Version names the key: 8 characters of hex that tell nothing about it.
func (k *Key) Version() string { return k.version }

// associated has no ambiguity, because every nonce has the same length.
func associated(nonce []byte, context string) []byte {
	return append(bytes.Clone(nonce), context...)
}
