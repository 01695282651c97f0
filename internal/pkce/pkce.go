// Package pkce binds an authorization code to the one who asked for it: Proof
// Key for Code Exchange by OAuth public clients (RFC 7636), with the method
// S256.
package pkce

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"

	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// NewVerifier returns a code verifier (section 4.1): 43 characters of
// base64url that hold 256 random bits.
func NewVerifier() secret.Text {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return secret.New(base64.RawURLEncoding.EncodeToString(b[:]))
}

// Challenge returns the S256 code challenge of a verifier (section 4.2).
func Challenge(verifier secret.Text) string {
	sum := sha256.Sum256([]byte(verifier.Reveal()))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
