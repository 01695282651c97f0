// Package kmsseal seals with Cloud KMS. The key never leaves Google; the
// context is the additional authenticated data of the encryption
// (https://cloud.google.com/kms/docs/additional-authenticated-data), and both
// directions are checked with CRC32C as
// https://cloud.google.com/kms/docs/data-integrity-guidelines asks.
package kmsseal

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"

	kms "cloud.google.com/go/kms/apiv1"
	"cloud.google.com/go/kms/apiv1/kmspb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/dial"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

var (
	_ archive.Sealer        = (*Sealer)(nil)
	_ archive.RotatedOpener = (*Opener)(nil)
)

// errTransit: bytes changed between us and Cloud KMS. Try again.
var errTransit = errors.New("a checksum does not match: bytes changed in transit")

// Open returns a client, of the emulator at a host if that is not empty.
func Open(ctx context.Context, emulator string) (*kms.KeyManagementClient, error) {
	client, err := kms.NewKeyManagementClient(ctx, dial.Options(emulator)...)
	if err != nil {
		return nil, fmt.Errorf("opening Cloud KMS: %w", err)
	}
	return client, nil
}

// Sealer encrypts; it has no way to decrypt. Its caller needs
// cloudkms.cryptoKeyVersions.useToEncrypt on the key and nothing else.
type Sealer struct {
	client *kms.KeyManagementClient
	key    string
}

// NewSealer returns a sealer with the primary version of the key
// "projects/…/locations/…/keyRings/…/cryptoKeys/…".
func NewSealer(client *kms.KeyManagementClient, key string) *Sealer {
	return &Sealer{client: client, key: key}
}

// Seal implements archive.Sealer. Cloud KMS takes up to 64 KiB.
func (s *Sealer) Seal(ctx context.Context, plaintext secret.Text, binding string) (secret.Sealed, error) {
	text, data := []byte(plaintext.Reveal()), []byte(binding)
	answer, err := s.client.Encrypt(ctx, &kmspb.EncryptRequest{
		Name:                              s.key,
		Plaintext:                         text,
		PlaintextCrc32C:                   checksum(text),
		AdditionalAuthenticatedData:       data,
		AdditionalAuthenticatedDataCrc32C: checksum(data),
	})
	if err != nil {
		return secret.Sealed{}, fmt.Errorf("encrypting with Cloud KMS: %w", err)
	}
	if !answer.GetVerifiedPlaintextCrc32C() || !answer.GetVerifiedAdditionalAuthenticatedDataCrc32C() ||
		!matches(answer.GetCiphertext(), answer.GetCiphertextCrc32C()) {
		return secret.Sealed{}, fmt.Errorf("encrypting with Cloud KMS: %w", errTransit)
	}
	return secret.Sealed{Ciphertext: answer.GetCiphertext(), KeyVersion: answer.GetName()}, nil
}

// Opener decrypts. Its caller needs cloudkms.cryptoKeyVersions.useToDecrypt.
type Opener struct {
	client *kms.KeyManagementClient
	key    string
}

// NewOpener returns an opener for what any enabled version of the key sealed.
func NewOpener(client *kms.KeyManagementClient, key string) *Opener {
	return &Opener{client: client, key: key}
}

// Open implements archive.Opener. The ciphertext itself names its key
// version; sealed.KeyVersion is for people.
func (o *Opener) Open(ctx context.Context, sealed secret.Sealed, binding string) (secret.Text, error) {
	text, _, err := o.OpenRotated(ctx, sealed, binding)
	return text, err
}

// OpenRotated implements archive.RotatedOpener. Cloud KMS says with every
// answer whether the primary version decrypted
// (https://cloud.google.com/kms/docs/reference/rpc/google.cloud.kms.v1#decryptresponse).
func (o *Opener) OpenRotated(ctx context.Context, sealed secret.Sealed, binding string) (text secret.Text, old bool, err error) {
	if len(sealed.Ciphertext) == 0 {
		return secret.Text{}, false, fmt.Errorf("decrypting with Cloud KMS: no ciphertext: %w", fault.ErrCannotOpen)
	}
	data := []byte(binding)
	answer, err := o.client.Decrypt(ctx, &kmspb.DecryptRequest{
		Name:                              o.key,
		Ciphertext:                        sealed.Ciphertext,
		CiphertextCrc32C:                  checksum(sealed.Ciphertext),
		AdditionalAuthenticatedData:       data,
		AdditionalAuthenticatedDataCrc32C: checksum(data),
	})
	if err != nil {
		return secret.Text{}, false, fmt.Errorf("decrypting with Cloud KMS: %w", openError(err))
	}
	if !matches(answer.GetPlaintext(), answer.GetPlaintextCrc32C()) {
		return secret.Text{}, false, fmt.Errorf("decrypting with Cloud KMS: %w", errTransit)
	}
	return secret.New(string(answer.GetPlaintext())), !answer.GetUsedPrimary(), nil
}

// openError tells what trying again cannot help from what it can.
// InvalidArgument: the ciphertext is not of this key and context, or was
// changed. FailedPrecondition: the key version is disabled or destroyed.
// NotFound: the key is gone. A missing permission may be a policy that has
// not spread yet, so it stays what it is.
func openError(err error) error {
	switch code := status.Code(err); code {
	case codes.InvalidArgument, codes.FailedPrecondition, codes.NotFound:
		return fmt.Errorf("%w (%s)", fault.ErrCannotOpen, code)
	default:
		return err
	}
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(b []byte) *wrapperspb.Int64Value {
	return wrapperspb.Int64(int64(crc32.Checksum(b, castagnoli)))
}

func matches(b []byte, sum *wrapperspb.Int64Value) bool {
	return sum != nil && sum.GetValue() == checksum(b).GetValue()
}
