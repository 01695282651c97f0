package archivetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// sealing is a sealer and an opener of the same key.
type sealing struct {
	sealer archive.Sealer
	opener archive.Opener
}

// Sealer checks archive.Sealer and archive.Opener. It calls open once per
// subtest, for a sealer and an opener of the same key; subtests run in
// parallel.
func Sealer(t *testing.T, open func(t *testing.T) (archive.Sealer, archive.Opener)) {
	t.Helper()
	pair := func(t *testing.T) sealing {
		sealer, opener := open(t)
		return sealing{sealer, opener}
	}
	runChecks(t, pair, append(sealChecks(), tamperChecks()...))
}

func sealChecks() []check[sealing] {
	const purpose = "purpose v1 user:ada"
	return []check[sealing]{
		{"what_was_sealed_opens", func(t *testing.T, s sealing) {
			for name, text := range map[string]string{
				"1_byte": "x", "512_bytes": rand.Text() + strings.Repeat("a", 486), "4_kib": strings.Repeat("token+/=", 512),
				"non_ascii": "käse 🧀 \u2028", "not_utf8": "\xff\xfe\x00\x80", "spaces": " \n\t",
			} {
				for _, binding := range []string{purpose, "", "zwölf 🔑 \x00", strings.Repeat("c", 1000)} {
					got, err := s.opener.Open(t.Context(), s.seal(t, text, binding), binding)
					noError(t, "Open of "+name, err)
					if got.Reveal() != text {
						t.Errorf("%s with a context of %d bytes: another text came back", name, len(binding))
					}
				}
			}
		}},
		{"sealing_twice_differs", func(t *testing.T, s sealing) {
			first, second := s.seal(t, "the same token", purpose), s.seal(t, "the same token", purpose)
			if bytes.Equal(first.Ciphertext, second.Ciphertext) {
				t.Error("got the same ciphertext twice")
			}
		}},
		{"ciphertext_does_not_show_the_text", func(t *testing.T, s sealing) {
			text := rand.Text()
			if sealed := s.seal(t, text, purpose); bytes.Contains(sealed.Ciphertext, []byte(text)) {
				t.Error("the ciphertext contains the text")
			}
		}},
		{"key_version_is_named", func(t *testing.T, s sealing) {
			if sealed := s.seal(t, "token", purpose); sealed.KeyVersion == "" {
				t.Error("got an empty key version")
			}
		}},
		{"concurrent_use", func(t *testing.T, s sealing) {
			noError(t, "sealing and opening", errors.Join(together(16, func(i int) error {
				text, binding := fmt.Sprint("token ", i), fmt.Sprint("user:", i)
				sealed, err := s.sealer.Seal(t.Context(), secret.New(text), binding)
				if err != nil {
					return err
				}
				got, err := s.opener.Open(t.Context(), sealed, binding)
				if err == nil && got.Reveal() != text {
					return errors.New("another text came back")
				}
				return err
			})...))
		}},
		{"cancelled_context_is_an_error", func(t *testing.T, s sealing) {
			sealed := s.seal(t, "token", purpose)
			wantPromptError(t, "Seal", func(ctx context.Context) error {
				_, err := s.sealer.Seal(ctx, secret.New("token"), purpose)
				return err
			})
			wantPromptError(t, "Open", func(ctx context.Context) error {
				_, err := s.opener.Open(ctx, sealed, purpose)
				return err
			})
		}},
	}
}

func tamperChecks() []check[sealing] {
	ada, bob := archive.GrantContext("ada"), archive.GrantContext("bob")
	return []check[sealing]{
		{"other_context_does_not_open", func(t *testing.T, s sealing) {
			sealed := s.seal(t, "token", ada)
			for _, other := range []string{bob, "", ada + "x", ada + "\x00", ada[:len(ada)-1], strings.ToUpper(ada)} {
				s.wantClosed(t, fmt.Sprintf("context %q", other), sealed, other)
			}
			s.wantClosed(t, "a context where none was", s.seal(t, "token", ""), ada)
		}},
		{"swapped_ciphertexts_do_not_open", func(t *testing.T, s sealing) {
			ofAda, ofBob := s.seal(t, "token of ada", ada), s.seal(t, "token of bob", bob)
			s.wantClosed(t, "bob's ciphertext as ada's", ofBob, ada)
			s.wantClosed(t, "ada's ciphertext as bob's", ofAda, bob)
			ofAda.Ciphertext, ofBob.Ciphertext = ofBob.Ciphertext, ofAda.Ciphertext
			s.wantClosed(t, "bob's ciphertext with ada's key version", ofAda, ada)
			s.wantClosed(t, "ada's ciphertext with bob's key version", ofBob, bob)
		}},
		{"flipped_byte_does_not_open", func(t *testing.T, s sealing) {
			sealed := s.seal(t, "the token that is to be flipped", ada)
			n := len(sealed.Ciphertext)
			for name, i := range map[string]int{"first": 0, "middle": n / 2, "last": n - 1} {
				for _, mask := range []byte{0x01, 0x80, 0xff} {
					flipped := bytes.Clone(sealed.Ciphertext)
					flipped[i] ^= mask
					s.wantClosed(t, fmt.Sprintf("%s byte of %d, flipped by %#x", name, n, mask), withText(sealed, flipped), ada)
				}
			}
		}},
		{"shorter_or_longer_ciphertext_does_not_open", func(t *testing.T, s sealing) {
			sealed := s.seal(t, "the token that is to be cut", ada)
			text := sealed.Ciphertext
			s.wantClosed(t, "without its last byte", withText(sealed, text[:len(text)-1]), ada)
			s.wantClosed(t, "without its first byte", withText(sealed, text[1:]), ada)
			s.wantClosed(t, "its first half", withText(sealed, text[:len(text)/2]), ada)
			s.wantClosed(t, "its first byte", withText(sealed, text[:1]), ada)
			s.wantClosed(t, "one byte more", withText(sealed, append(bytes.Clone(text), 0)), ada)
			s.wantClosed(t, "twice itself", withText(sealed, bytes.Repeat(text, 2)), ada)
			s.wantClosed(t, "nothing", withText(sealed, nil), ada)
			s.wantClosed(t, "the text in the clear", withText(sealed, []byte("the token that is to be cut")), ada)
		}},
	}
}

func withText(sealed secret.Sealed, ciphertext []byte) secret.Sealed {
	return secret.Sealed{Ciphertext: ciphertext, KeyVersion: sealed.KeyVersion}
}

func (s sealing) seal(t *testing.T, text, binding string) secret.Sealed {
	t.Helper()
	sealed, err := s.sealer.Seal(t.Context(), secret.New(text), binding)
	noError(t, "Seal", err)
	return sealed
}

// wantClosed expects ErrCannotOpen, and no text with it.
func (s sealing) wantClosed(t *testing.T, name string, sealed secret.Sealed, binding string) {
	t.Helper()
	text, err := s.opener.Open(t.Context(), sealed, binding)
	wantErrorIs(t, "Open of "+name, err, fault.ErrCannotOpen)
	if !text.IsZero() {
		t.Errorf("Open of %s: got a text", name)
	}
}
