package gcptest

import (
	"context"
	"strconv"
	"strings"

	"cloud.google.com/go/kms/apiv1/kmspb"
	"cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// The permissions of somebody who looks and uses nothing: Viewer has them.
const (
	ViewKey        Permission = "cloudkms.cryptoKeys.get"
	ViewKeyVersion Permission = "cloudkms.cryptoKeyVersions.get"
	ViewVersion    Permission = "secretmanager.versions.get"
)

// GetCryptoKey implements the service.
func (c *kmsCaller) GetCryptoKey(_ context.Context, r *kmspb.GetCryptoKeyRequest) (*kmspb.CryptoKey, error) {
	if err := allow(c.permissions, ViewKey, r.GetName()); err != nil {
		return nil, err
	}
	c.kms.mu.Lock()
	defer c.kms.mu.Unlock()
	versions := c.kms.keys[r.GetName()]
	if len(versions) == 0 {
		return nil, status.Errorf(codes.NotFound, "CryptoKey %s not found.", r.GetName())
	}
	primary := &kmspb.CryptoKeyVersion{Name: versionName(r.GetName(), len(versions)), State: versions[len(versions)-1].state}
	return &kmspb.CryptoKey{Name: r.GetName(), Primary: primary}, nil
}

// GetCryptoKeyVersion implements the service.
func (c *kmsCaller) GetCryptoKeyVersion(_ context.Context, r *kmspb.GetCryptoKeyVersionRequest) (*kmspb.CryptoKeyVersion, error) {
	if err := allow(c.permissions, ViewKeyVersion, r.GetName()); err != nil {
		return nil, err
	}
	key, number, _ := strings.Cut(r.GetName(), "/cryptoKeyVersions/")
	c.kms.mu.Lock()
	defer c.kms.mu.Unlock()
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > len(c.kms.keys[key]) {
		return nil, status.Errorf(codes.NotFound, "CryptoKeyVersion %s not found.", r.GetName())
	}
	return &kmspb.CryptoKeyVersion{Name: r.GetName(), State: c.kms.keys[key][n-1].state}, nil
}

// GetSecretVersion implements the service. It is no access: it shows no data.
func (c *secretsCaller) GetSecretVersion(_ context.Context, r *secretmanagerpb.GetSecretVersionRequest) (*secretmanagerpb.SecretVersion, error) {
	if err := allow(c.permissions, ViewVersion, r.GetName()); err != nil {
		return nil, err
	}
	secret, version, _ := strings.Cut(r.GetName(), "/versions/")
	c.secrets.mu.Lock()
	defer c.secrets.mu.Unlock()
	versions := c.secrets.versions[secret]
	number := len(versions)
	if version != "latest" {
		number, _ = strconv.Atoi(version) // 0 is not found either
	}
	if number < 1 || number > len(versions) {
		return nil, status.Errorf(codes.NotFound, "Secret Version [%s] not found.", r.GetName())
	}
	return &secretmanagerpb.SecretVersion{Name: secret + "/versions/" + strconv.Itoa(number), State: versions[number-1].state}, nil
}
