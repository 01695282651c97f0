package kmsseal_test

import (
	"errors"
	"strings"
	"testing"

	"cloud.google.com/go/kms/apiv1/kmspb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/gcptest"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/kmsseal"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

const key = "projects/p/locations/l/keyRings/r/cryptoKeys/grants"

func TestSealer(t *testing.T) {
	t.Parallel()
	archivetest.Sealer(t, func(t *testing.T) (archive.Sealer, archive.Opener) {
		kms := gcptest.NewKMS()
		kms.Rotate(key)
		return kmsseal.NewSealer(kms.Client(t, gcptest.UseToEncrypt), key),
			kmsseal.NewOpener(kms.Client(t, gcptest.UseToDecrypt), key)
	})
}

func TestRotation(t *testing.T) {
	t.Parallel()
	kms := gcptest.NewKMS()
	first := kms.Rotate(key)
	sealer, opener := kmsseal.NewSealer(kms.Client(t, gcptest.UseToEncrypt), key), kmsseal.NewOpener(kms.Client(t, gcptest.UseToDecrypt), key)
	old := seal(t, sealer)
	second := kms.Rotate(key)
	fresh := seal(t, sealer)
	if old.KeyVersion != first || fresh.KeyVersion != second {
		t.Errorf("got versions %s and %s, want %s and %s", old.KeyVersion, fresh.KeyVersion, first, second)
	}
	for _, sealed := range []secret.Sealed{old, fresh} {
		text, isOld, err := opener.OpenRotated(t.Context(), sealed, "user")
		if err != nil || text.Reveal() != "token" {
			t.Errorf("opening what %s sealed: got %d bytes, error %v", sealed.KeyVersion, len(text.Reveal()), err)
		}
		if want := sealed.KeyVersion == first; isOld != want {
			t.Errorf("opening what %s sealed: got old %t, want %t", sealed.KeyVersion, isOld, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		permissions []gcptest.Permission
		key         string
		state       kmspb.CryptoKeyVersion_CryptoKeyVersionState
		cannotOpen  bool // trying again cannot help
	}{
		"disabled_version":           {[]gcptest.Permission{gcptest.UseToDecrypt}, key, kmspb.CryptoKeyVersion_DISABLED, true},
		"destroyed_version":          {[]gcptest.Permission{gcptest.UseToDecrypt}, key, kmspb.CryptoKeyVersion_DESTROYED, true},
		"absent_key":                 {[]gcptest.Permission{gcptest.UseToDecrypt}, key + "x", kmspb.CryptoKeyVersion_ENABLED, true},
		"sign_up_may_not_decrypt":    {[]gcptest.Permission{gcptest.UseToEncrypt}, key, kmspb.CryptoKeyVersion_ENABLED, false},
		"fan_out_may_not_do_a_thing": {nil, key, kmspb.CryptoKeyVersion_ENABLED, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kms := gcptest.NewKMS()
			kms.Rotate(key)
			sealed := seal(t, kmsseal.NewSealer(kms.Client(t, gcptest.UseToEncrypt), key))
			kms.SetState(key, 1, c.state)
			_, err := kmsseal.NewOpener(kms.Client(t, c.permissions...), c.key).Open(t.Context(), sealed, "user")
			if got := errors.Is(err, fault.ErrCannotOpen); err == nil || got != c.cannotOpen {
				t.Errorf("got error %v, want %v to be %t", err, fault.ErrCannotOpen, c.cannotOpen)
			}
		})
	}
}

// Whoever runs users may seal again (a rotated token) and fan-out holds no client;
// a primary version that is disabled is an outage, and nothing else.
func TestSealRefusals(t *testing.T) {
	t.Parallel()
	kms := gcptest.NewKMS()
	kms.Rotate(key)
	if _, err := kmsseal.NewSealer(kms.Client(t, gcptest.UseToDecrypt), key).Seal(t.Context(), secret.New("token"), "user"); err == nil {
		t.Error("sealing without the permission: got no error")
	}
	kms.SetState(key, 1, kmspb.CryptoKeyVersion_DISABLED)
	_, err := kmsseal.NewSealer(kms.Client(t, gcptest.UseToEncrypt), key).Seal(t.Context(), secret.New("token"), "user")
	if err == nil || errors.Is(err, fault.ErrCannotOpen) || strings.Contains(err.Error(), "token") {
		t.Errorf("sealing with a disabled version: got %v, want a plain error without the text", err)
	}
}

func TestBytesThatChangeInTransit(t *testing.T) {
	t.Parallel()
	cases := map[string]func(any){
		"ciphertext_changed": func(a any) {
			if e, ok := a.(*kmspb.EncryptResponse); ok {
				e.Ciphertext[5] ^= 1
			}
		},
		"ciphertext_without_checksum": func(a any) {
			if e, ok := a.(*kmspb.EncryptResponse); ok {
				e.CiphertextCrc32C = nil
			}
		},
		"plaintext_not_verified": func(a any) {
			if e, ok := a.(*kmspb.EncryptResponse); ok {
				e.VerifiedPlaintextCrc32C = false
			}
		},
		"context_not_verified": func(a any) {
			if e, ok := a.(*kmspb.EncryptResponse); ok {
				e.VerifiedAdditionalAuthenticatedDataCrc32C = false
			}
		},
		"plaintext_changed": func(a any) {
			if d, ok := a.(*kmspb.DecryptResponse); ok {
				d.Plaintext[0] ^= 1
			}
		},
		"plaintext_with_another_checksum": func(a any) {
			if d, ok := a.(*kmspb.DecryptResponse); ok {
				d.PlaintextCrc32C = wrapperspb.Int64(1)
			}
		},
	}
	for name, corrupt := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kms := gcptest.NewKMS()
			kms.Corrupt = corrupt
			kms.Rotate(key)
			client := kms.Client(t, gcptest.UseToEncrypt, gcptest.UseToDecrypt)
			sealed, err := kmsseal.NewSealer(client, key).Seal(t.Context(), secret.New("token"), "user")
			if err == nil {
				_, err = kmsseal.NewOpener(client, key).Open(t.Context(), sealed, "user")
			}
			if err == nil || errors.Is(err, fault.ErrCannotOpen) {
				t.Errorf("got %v, want an error that can be tried again", err)
			}
		})
	}
}

func seal(t *testing.T, sealer *kmsseal.Sealer) secret.Sealed {
	t.Helper()
	sealed, err := sealer.Seal(t.Context(), secret.New("token"), "user")
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}
