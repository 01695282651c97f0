package archivetest

import (
	"bytes"
	"context"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

type twistedRing struct {
	*KeyRing
	context func(string) string
	seal    func(k *KeyRing, plaintext secret.Text, s *secret.Sealed)
	open    func(k *KeyRing, s *secret.Sealed)
	failed  func(s secret.Sealed, err error) (secret.Text, error)
}

func (k *twistedRing) Seal(ctx context.Context, plaintext secret.Text, binding string) (secret.Sealed, error) {
	if k.context != nil {
		binding = k.context(binding)
	}
	sealed, err := k.KeyRing.Seal(ctx, plaintext, binding)
	if k.seal != nil && err == nil {
		k.seal(k.KeyRing, plaintext, &sealed)
	}
	return sealed, err
}

func (k *twistedRing) Open(ctx context.Context, sealed secret.Sealed, binding string) (secret.Text, error) {
	if k.context != nil {
		binding = k.context(binding)
	}
	if k.open != nil {
		k.open(k.KeyRing, &sealed)
	}
	text, err := k.KeyRing.Open(ctx, sealed, binding)
	if err != nil && k.failed != nil {
		return k.failed(sealed, err)
	}
	return text, err
}

func sealerMutants() []mutant {
	var mutants []mutant
	add := func(name string, twist func(k *twistedRing), fails ...string) {
		mutants = append(mutants, mutant{name, func(t *testing.T) {
			Sealer(t, func(*testing.T) (archive.Sealer, archive.Opener) {
				k := &twistedRing{KeyRing: NewKeyRing()}
				twist(k)
				return k, k
			})
		}, fails})
	}
	add("ignores_the_binding", func(k *twistedRing) {
		k.context = func(string) string { return "" }
	}, "other_context_does_not_open", "swapped_ciphertexts_do_not_open")
	add("cuts_the_binding", func(k *twistedRing) {
		k.context = func(binding string) string { return binding[:min(len(binding), len(archive.GrantContext("ada")))] }
	}, "other_context_does_not_open")
	add("ignores_the_first_byte", func(k *twistedRing) {
		k.seal = func(_ *KeyRing, _ secret.Text, s *secret.Sealed) { s.Ciphertext = append([]byte{1}, s.Ciphertext...) }
		k.open = func(_ *KeyRing, s *secret.Sealed) { s.Ciphertext = s.Ciphertext[min(1, len(s.Ciphertext)):] }
	}, "flipped_byte_does_not_open")
	add("ignores_the_last_byte", func(k *twistedRing) {
		k.seal = func(_ *KeyRing, _ secret.Text, s *secret.Sealed) { s.Ciphertext = append(s.Ciphertext, 1) }
		k.open = func(_ *KeyRing, s *secret.Sealed) { s.Ciphertext = s.Ciphertext[:max(0, len(s.Ciphertext)-1)] }
	}, "flipped_byte_does_not_open")
	add("seals_in_the_clear", func(k *twistedRing) {
		k.seal = func(_ *KeyRing, plaintext secret.Text, s *secret.Sealed) { s.Ciphertext = []byte(plaintext.Reveal()) }
		k.failed = func(s secret.Sealed, _ error) (secret.Text, error) { return secret.New(string(s.Ciphertext)), nil }
	}, "ciphertext_does_not_show_the_text", "sealing_twice_differs", "flipped_byte_does_not_open")
	add("names_no_key", func(k *twistedRing) {
		k.seal = func(_ *KeyRing, _ secret.Text, s *secret.Sealed) { s.KeyVersion = "" }
		k.open = func(k *KeyRing, s *secret.Sealed) { s.KeyVersion = k.current }
	}, "key_version_is_named")
	add("takes_damage_for_an_outage", func(k *twistedRing) {
		k.failed = func(secret.Sealed, error) (secret.Text, error) { return secret.Text{}, context.DeadlineExceeded }
	}, "flipped_byte_does_not_open", "other_context_does_not_open")
	add("takes_an_outage_for_damage", func(k *twistedRing) {
		k.failed = func(secret.Sealed, error) (secret.Text, error) { return secret.Text{}, fault.ErrCannotOpen }
	}, "cancelled_context_is_an_error")
	add("cuts_at_a_zero_byte", func(k *twistedRing) {
		k.open = func(_ *KeyRing, s *secret.Sealed) { s.Ciphertext, _, _ = bytes.Cut(s.Ciphertext, []byte{0}) }
	}, "what_was_sealed_opens")
	return mutants
}
