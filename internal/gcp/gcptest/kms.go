package gcptest

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"sync"
	"testing"

	kms "cloud.google.com/go/kms/apiv1"
	"cloud.google.com/go/kms/apiv1/kmspb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// Permission is an IAM permission.
type Permission string

// The permissions that the servers of this package enforce.
const (
	UseToEncrypt  Permission = "cloudkms.cryptoKeyVersions.useToEncrypt"
	UseToDecrypt  Permission = "cloudkms.cryptoKeyVersions.useToDecrypt"
	AccessVersion Permission = "secretmanager.versions.access"
)

// KMS is a Cloud KMS that encrypts for real: AES-256-GCM with the associated
// data, and checksums. Its methods are safe for concurrent use.
type KMS struct {
	// Corrupt changes answers on their way to the caller: an
	// *kmspb.EncryptResponse or a *kmspb.DecryptResponse. Set it before use.
	Corrupt func(answer any)

	mu   sync.Mutex
	keys map[string][]keyVersion // by key name; the last version is primary
}

type keyVersion struct {
	aead  cipher.AEAD
	state kmspb.CryptoKeyVersion_CryptoKeyVersionState
}

// NewKMS returns a Cloud KMS without keys.
func NewKMS() *KMS { return &KMS{keys: map[string][]keyVersion{}} }

// Rotate makes a new primary version of a key, and the key if there is none.
// It returns the version's name.
func (k *KMS) Rotate(key string) string {
	material := make([]byte, 32)
	_, _ = rand.Read(material) // never fails
	block, err := aes.NewCipher(material)
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys[key] = append(k.keys[key], keyVersion{aead, kmspb.CryptoKeyVersion_ENABLED})
	return versionName(key, len(k.keys[key]))
}

// SetState enables, disables or destroys a version of a key, counted from 1.
func (k *KMS) SetState(key string, version int, state kmspb.CryptoKeyVersion_CryptoKeyVersionState) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys[key][version-1].state = state
}

// Serve lets one caller in, on an address of their own, until stop is called.
// The caller may do what the permissions say, with every key.
func (k *KMS) Serve(ctx context.Context, permissions ...Permission) (host string, stop func(), err error) {
	return serve(ctx, func(s *grpc.Server) {
		kmspb.RegisterKeyManagementServiceServer(s, &kmsCaller{kms: k, permissions: permissions})
	})
}

// Client returns a client of one caller with these permissions.
func (k *KMS) Client(tb testing.TB, permissions ...Permission) *kms.KeyManagementClient {
	tb.Helper()
	host, stop, err := k.Serve(tb.Context(), permissions...)
	if err != nil {
		tb.Fatalf("serving Cloud KMS: %v", err)
	}
	tb.Cleanup(stop)
	client, err := kms.NewKeyManagementClient(tb.Context(), Dialing(host)...)
	if err != nil {
		tb.Fatalf("opening Cloud KMS: %v", err)
	}
	tb.Cleanup(func() { _ = client.Close() })
	return client
}

// kmsCaller is the service as one caller sees it.
type kmsCaller struct {
	kmspb.UnimplementedKeyManagementServiceServer
	kms         *KMS
	permissions []Permission
}

const versionSize = 4 // bytes at the head of a ciphertext that name the version

// Encrypt implements the service.
func (c *kmsCaller) Encrypt(_ context.Context, r *kmspb.EncryptRequest) (*kmspb.EncryptResponse, error) {
	if err := allow(c.permissions, UseToEncrypt, r.GetName()); err != nil {
		return nil, err
	}
	if !intact(r.GetPlaintext(), r.GetPlaintextCrc32C()) ||
		!intact(r.GetAdditionalAuthenticatedData(), r.GetAdditionalAuthenticatedDataCrc32C()) {
		return nil, status.Error(codes.InvalidArgument, "The checksum does not match the data.")
	}
	c.kms.mu.Lock()
	defer c.kms.mu.Unlock()
	number := len(c.kms.keys[r.GetName()])
	version, err := c.kms.version(r.GetName(), number)
	if err != nil {
		return nil, err
	}
	head := binary.BigEndian.AppendUint32(nil, uint32(number))                                       //nolint:gosec // G115: a count of versions
	ciphertext := version.aead.Seal(head, nil, r.GetPlaintext(), r.GetAdditionalAuthenticatedData()) //nolint:gosec // G407: the cipher makes its own nonce
	answer := &kmspb.EncryptResponse{
		Name:                    versionName(r.GetName(), number),
		Ciphertext:              ciphertext,
		CiphertextCrc32C:        checksum(ciphertext),
		VerifiedPlaintextCrc32C: r.GetPlaintextCrc32C() != nil,
		VerifiedAdditionalAuthenticatedDataCrc32C: r.GetAdditionalAuthenticatedDataCrc32C() != nil,
	}
	if c.kms.Corrupt != nil {
		c.kms.Corrupt(answer)
	}
	return answer, nil
}

// Decrypt implements the service.
func (c *kmsCaller) Decrypt(_ context.Context, r *kmspb.DecryptRequest) (*kmspb.DecryptResponse, error) {
	if err := allow(c.permissions, UseToDecrypt, r.GetName()); err != nil {
		return nil, err
	}
	if !intact(r.GetCiphertext(), r.GetCiphertextCrc32C()) ||
		!intact(r.GetAdditionalAuthenticatedData(), r.GetAdditionalAuthenticatedDataCrc32C()) {
		return nil, status.Error(codes.InvalidArgument, "The checksum does not match the data.")
	}
	errInvalid := status.Error(codes.InvalidArgument, "Decryption failed: the ciphertext is invalid.")
	if len(r.GetCiphertext()) < versionSize {
		return nil, errInvalid
	}
	c.kms.mu.Lock()
	defer c.kms.mu.Unlock()
	number := int(binary.BigEndian.Uint32(r.GetCiphertext()))
	if versions := c.kms.keys[r.GetName()]; len(versions) > 0 && (number < 1 || number > len(versions)) {
		return nil, errInvalid
	}
	version, err := c.kms.version(r.GetName(), number)
	if err != nil {
		return nil, err
	}
	plaintext, err := version.aead.Open(nil, nil, r.GetCiphertext()[versionSize:], r.GetAdditionalAuthenticatedData())
	if err != nil {
		return nil, errInvalid
	}
	answer := &kmspb.DecryptResponse{
		Plaintext: plaintext, PlaintextCrc32C: checksum(plaintext), UsedPrimary: number == len(c.kms.keys[r.GetName()]),
	}
	if c.kms.Corrupt != nil {
		c.kms.Corrupt(answer)
	}
	return answer, nil
}

func (k *KMS) version(key string, number int) (keyVersion, error) {
	versions := k.keys[key]
	if len(versions) == 0 {
		return keyVersion{}, status.Errorf(codes.NotFound, "CryptoKey %s not found.", key)
	}
	version := versions[number-1]
	if version.state != kmspb.CryptoKeyVersion_ENABLED {
		return keyVersion{}, status.Errorf(codes.FailedPrecondition, "%s is not enabled, current state is: %s.",
			versionName(key, number), version.state)
	}
	return version, nil
}

func versionName(key string, number int) string {
	return fmt.Sprintf("%s/cryptoKeyVersions/%d", key, number)
}

func allow(permissions []Permission, wanted Permission, resource string) error {
	if slices.Contains(permissions, wanted) {
		return nil
	}
	return status.Errorf(codes.PermissionDenied, "Permission '%s' denied on resource '%s' (or it may not exist).", wanted, resource)
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(b []byte) *wrapperspb.Int64Value {
	return wrapperspb.Int64(int64(crc32.Checksum(b, castagnoli)))
}

func intact(b []byte, sum *wrapperspb.Int64Value) bool {
	return sum == nil || sum.GetValue() == checksum(b).GetValue()
}
