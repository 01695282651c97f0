package spotify

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"

	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// NewState returns a value for the state parameter of an authorization
// request: at least 128 random bits in characters that are safe in URLs.
func NewState() string { return rand.Text() }

// NewVerifier returns a PKCE code verifier (RFC 7636, section 4.1): 52
// characters that hold 256 random bits.
func NewVerifier() secret.Text { return secret.New(rand.Text() + rand.Text()) }

// Challenge returns the S256 code challenge of a verifier (RFC 7636, section 4.2).
func Challenge(verifier secret.Text) string {
	sum := sha256.Sum256([]byte(verifier.Reveal()))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
