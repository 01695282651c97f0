// Package secrets reads the app's client secret from Secret Manager.
package secrets

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"sync"
	"time"

	secretmanager "cloud.google.com/go/secretmanager/apiv1"
	"cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"
	"golang.org/x/sync/singleflight"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/dial"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

const (
	// freshTime is how long a value is used before it is asked for again: a
	// rotation needs no deploy, and reaches every instance within minutes.
	freshTime = 5 * time.Minute

	// staleTime is how long a value is used although it cannot be asked for:
	// an outage of Secret Manager stops nobody for that long, and a secret
	// that was destroyed on purpose is out of use after it.
	staleTime = time.Hour

	// againTime is how long a failed attempt is not repeated while there is a
	// value to use.
	againTime = 30 * time.Second

	// accessTime bounds one attempt, which does not end with the request that
	// began it: others may wait for it too.
	accessTime = 10 * time.Second
)

// Open returns a client, of the emulator at a host if that is not empty.
func Open(ctx context.Context, emulator string) (*secretmanager.Client, error) {
	client, err := secretmanager.NewClient(ctx, dial.Options(emulator)...)
	if err != nil {
		return nil, fmt.Errorf("opening Secret Manager: %w", err)
	}
	return client, nil
}

// Secret is the value of one secret version. It is safe for concurrent use.
type Secret struct {
	client *secretmanager.Client
	name   string
	clock  archive.Clock
	flight singleflight.Group

	mu            sync.Mutex
	value         secret.Text
	readAt, askAt time.Time
}

// New returns the secret version "projects/…/secrets/…/versions/…". With the
// version "latest" a rotation is noticed within minutes.
func New(client *secretmanager.Client, name string, clock archive.Clock) *Secret {
	return &Secret{client: client, name: name, clock: clock}
}

// Get returns the value, without the line break that often ends a file. The
// error wraps fault.ErrInvalidClient where the operator has to put things
// right: the version is absent, disabled or destroyed, it may not be read, or
// it is empty. Any other error passes.
func (s *Secret) Get(ctx context.Context) (secret.Text, error) {
	if value, ok := s.cached(); ok {
		return value, nil
	}
	attempt := s.flight.DoChan("", func() (any, error) {
		if value, ok := s.cached(); ok { // an attempt ended since we looked
			return value, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), accessTime)
		defer cancel()
		return s.refresh(ctx)
	})
	select {
	case <-ctx.Done():
		return secret.Text{}, fmt.Errorf("waiting for a secret: %w", ctx.Err())
	case result := <-attempt:
		if result.Err != nil {
			return secret.Text{}, result.Err
		}
		return result.Val.(secret.Text), nil
	}
}

func (s *Secret) cached() (secret.Text, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.value, !s.readAt.IsZero() && s.clock().Before(s.askAt)
}

func (s *Secret) refresh(ctx context.Context) (secret.Text, error) {
	value, err := s.access(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	if err == nil {
		s.value, s.readAt, s.askAt = value, now, now.Add(freshTime)
		return value, nil
	}
	if !s.readAt.IsZero() && now.Sub(s.readAt) < staleTime {
		s.askAt = now.Add(againTime)
		return s.value, nil
	}
	return secret.Text{}, fmt.Errorf("reading a secret from Secret Manager: %w", err)
}

func (s *Secret) access(ctx context.Context) (secret.Text, error) {
	answer, err := s.client.AccessSecretVersion(ctx, &secretmanagerpb.AccessSecretVersionRequest{Name: s.name})
	switch status.Code(err) {
	case codes.OK:
	case codes.NotFound, codes.FailedPrecondition, codes.PermissionDenied:
		return secret.Text{}, fmt.Errorf("%w: %w", fault.ErrInvalidClient, err)
	default:
		return secret.Text{}, err
	}
	payload := answer.GetPayload()
	sum := int64(crc32.Checksum(payload.GetData(), crc32.MakeTable(crc32.Castagnoli)))
	if payload.DataCrc32C == nil || payload.GetDataCrc32C() != sum {
		return secret.Text{}, errors.New("the checksum does not match: bytes changed in transit")
	}
	value := strings.TrimRight(string(payload.GetData()), "\r\n")
	if value == "" {
		return secret.Text{}, fmt.Errorf("%w: the secret is empty", fault.ErrInvalidClient)
	}
	return secret.New(value), nil
}
