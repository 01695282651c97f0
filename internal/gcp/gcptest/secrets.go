package gcptest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	secretmanager "cloud.google.com/go/secretmanager/apiv1"
	"cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Secrets is a Secret Manager. Its methods are safe for concurrent use.
type Secrets struct {
	// Before is asked before every access, and may fail it or wait; Corrupt
	// changes an answer on its way to the caller. Set them before use.
	Before  func(ctx context.Context) error
	Corrupt func(answer *secretmanagerpb.AccessSecretVersionResponse)

	mu       sync.Mutex
	versions map[string][]secretVersion // by secret name
	accesses int
}

type secretVersion struct {
	data  string
	state secretmanagerpb.SecretVersion_State
}

// NewSecrets returns a Secret Manager without secrets.
func NewSecrets() *Secrets { return &Secrets{versions: map[string][]secretVersion{}} }

// Add makes a new version of the secret "projects/…/secrets/…", and the secret
// if there is none. It returns the version's name.
func (s *Secrets) Add(name, data string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.versions[name] = append(s.versions[name], secretVersion{data, secretmanagerpb.SecretVersion_ENABLED})
	return fmt.Sprintf("%s/versions/%d", name, len(s.versions[name]))
}

// SetState enables, disables or destroys a version of a secret, counted from 1.
func (s *Secrets) SetState(name string, version int, state secretmanagerpb.SecretVersion_State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.versions[name][version-1].state = state
}

// Accesses returns how often a version was asked for.
func (s *Secrets) Accesses() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accesses
}

// Serve lets one caller in, as KMS.Serve does.
func (s *Secrets) Serve(ctx context.Context, permissions ...Permission) (host string, stop func(), err error) {
	return serve(ctx, func(server *grpc.Server) {
		secretmanagerpb.RegisterSecretManagerServiceServer(server, &secretsCaller{secrets: s, permissions: permissions})
	})
}

// Client returns a client of one caller with these permissions.
func (s *Secrets) Client(tb testing.TB, permissions ...Permission) *secretmanager.Client {
	tb.Helper()
	host, stop, err := s.Serve(tb.Context(), permissions...)
	if err != nil {
		tb.Fatalf("serving Secret Manager: %v", err)
	}
	tb.Cleanup(stop)
	client, err := secretmanager.NewClient(tb.Context(), Dialing(host)...)
	if err != nil {
		tb.Fatalf("opening Secret Manager: %v", err)
	}
	tb.Cleanup(func() { _ = client.Close() })
	return client
}

type secretsCaller struct {
	secretmanagerpb.UnimplementedSecretManagerServiceServer
	secrets     *Secrets
	permissions []Permission
}

// AccessSecretVersion implements the service.
func (c *secretsCaller) AccessSecretVersion(ctx context.Context, r *secretmanagerpb.AccessSecretVersionRequest) (*secretmanagerpb.AccessSecretVersionResponse, error) {
	c.secrets.mu.Lock()
	c.secrets.accesses++
	c.secrets.mu.Unlock()
	if c.secrets.Before != nil {
		if err := c.secrets.Before(ctx); err != nil {
			return nil, err
		}
	}
	if err := allow(c.permissions, AccessVersion, r.GetName()); err != nil {
		return nil, err
	}
	answer, err := c.secrets.access(r.GetName())
	if err == nil && c.secrets.Corrupt != nil {
		c.secrets.Corrupt(answer)
	}
	return answer, err
}

func (s *Secrets) access(name string) (*secretmanagerpb.AccessSecretVersionResponse, error) {
	secret, version, _ := strings.Cut(name, "/versions/")
	s.mu.Lock()
	defer s.mu.Unlock()
	versions := s.versions[secret]
	number := len(versions)
	if version != "latest" {
		number, _ = strconv.Atoi(version)
	}
	if number < 1 || number > len(versions) {
		return nil, status.Errorf(codes.NotFound, "Secret Version [%s] not found.", name)
	}
	v := versions[number-1]
	if v.state != secretmanagerpb.SecretVersion_ENABLED {
		return nil, status.Errorf(codes.FailedPrecondition, "Secret Version [%s] is in %s state.", name, v.state)
	}
	sum := checksum([]byte(v.data)).GetValue()
	return &secretmanagerpb.AccessSecretVersionResponse{
		Name:    fmt.Sprintf("%s/versions/%d", secret, number),
		Payload: &secretmanagerpb.SecretPayload{Data: []byte(v.data), DataCrc32C: &sum},
	}, nil
}
