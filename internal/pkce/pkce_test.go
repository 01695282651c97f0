package pkce_test

import (
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/pkce"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// TestChallenge uses the example of RFC 7636, appendix B.
func TestChallenge(t *testing.T) {
	t.Parallel()
	got := pkce.Challenge(secret.New("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"))
	if want := "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestNewVerifier(t *testing.T) {
	t.Parallel()
	a, b := pkce.NewVerifier(), pkce.NewVerifier()
	if a.Equal(b) {
		t.Error("got the same verifier twice")
	}
	if n := len(a.Reveal()); n < 43 || n > 128 {
		t.Errorf("got a verifier of %d characters, want 43 to 128", n)
	}
}
