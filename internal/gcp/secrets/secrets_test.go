package secrets_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/gcptest"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/secrets"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

const name = "projects/p/secrets/client"

// clock is moved by the test.
type clock struct{ nanos atomic.Int64 }

func (c *clock) now() time.Time { return time.Unix(1_800_000_000, c.nanos.Load()) }

func (c *clock) advance(d time.Duration) { c.nanos.Add(int64(d)) }

func TestRotationNeedsNoDeploy(t *testing.T) {
	t.Parallel()
	manager, time5 := gcptest.NewSecrets(), &clock{}
	manager.Add(name, "first\n")
	s := secrets.New(manager.Client(t, gcptest.AccessVersion), name+"/versions/latest", time5.now)
	want(t, s, "first")
	manager.Add(name, "second")
	want(t, s, "first")
	if got := manager.Accesses(); got != 1 {
		t.Errorf("got %d accesses, want 1", got)
	}
	time5.advance(5 * time.Minute)
	want(t, s, "second")
}

func TestOutageIsBridgedForAnHour(t *testing.T) {
	t.Parallel()
	manager, at := gcptest.NewSecrets(), &clock{}
	manager.Add(name, "value")
	s := secrets.New(manager.Client(t, gcptest.AccessVersion), name+"/versions/1", at.now)
	want(t, s, "value")
	manager.SetState(name, 1, secretmanagerpb.SecretVersion_DESTROYED)
	at.advance(59 * time.Minute)
	want(t, s, "value")
	want(t, s, "value")
	if got := manager.Accesses(); got != 2 {
		t.Errorf("got %d accesses, want 2: a failed one is not repeated at once", got)
	}
	at.advance(time.Minute)
	if _, err := s.Get(t.Context()); err == nil {
		t.Error("a secret that was destroyed an hour ago is still in use")
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	const value = "the-value-that-must-not-show"
	cases := map[string]struct {
		prepare     func(*gcptest.Secrets)
		permissions []gcptest.Permission
		operator    bool // has to put it right
	}{
		"absent":            {func(*gcptest.Secrets) {}, []gcptest.Permission{gcptest.AccessVersion}, true},
		"permission_denied": {func(s *gcptest.Secrets) { s.Add(name, value) }, nil, true},
		"empty":             {func(s *gcptest.Secrets) { s.Add(name, "\n") }, []gcptest.Permission{gcptest.AccessVersion}, true},
		"disabled": {func(s *gcptest.Secrets) {
			s.Add(name, value)
			s.SetState(name, 1, secretmanagerpb.SecretVersion_DISABLED)
		}, []gcptest.Permission{gcptest.AccessVersion}, true},
		"destroyed": {func(s *gcptest.Secrets) {
			s.Add(name, value)
			s.SetState(name, 1, secretmanagerpb.SecretVersion_DESTROYED)
		}, []gcptest.Permission{gcptest.AccessVersion}, true},
		"changed_in_transit": {func(s *gcptest.Secrets) {
			s.Add(name, value)
			s.Corrupt = func(a *secretmanagerpb.AccessSecretVersionResponse) { a.Payload.Data[0] ^= 1 }
		}, []gcptest.Permission{gcptest.AccessVersion}, false},
		"without_checksum": {func(s *gcptest.Secrets) {
			s.Add(name, value)
			s.Corrupt = func(a *secretmanagerpb.AccessSecretVersionResponse) { a.Payload.DataCrc32C = nil }
		}, []gcptest.Permission{gcptest.AccessVersion}, false},
		"internal": {func(s *gcptest.Secrets) {
			s.Add(name, value)
			s.Before = func(context.Context) error { return status.Error(codes.Internal, "broken") }
		}, []gcptest.Permission{gcptest.AccessVersion}, false},
	}
	for title, c := range cases {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			manager := gcptest.NewSecrets()
			c.prepare(manager)
			s := secrets.New(manager.Client(t, c.permissions...), name+"/versions/latest", time.Now)
			got, err := s.Get(t.Context())
			if err == nil || !got.IsZero() {
				t.Fatalf("got error %v, want one and no value", err)
			}
			if got := errors.Is(err, fault.ErrInvalidClient); got != c.operator {
				t.Errorf("got %v, want %v to be %t", err, fault.ErrInvalidClient, c.operator)
			}
			if strings.Contains(err.Error(), value[1:]) {
				t.Errorf("the error shows the secret: %v", err)
			}
		})
	}
}

func TestConcurrentCallsAskOnce(t *testing.T) {
	t.Parallel()
	manager := gcptest.NewSecrets()
	manager.Add(name, "value")
	asked, answer := make(chan struct{}, 1), make(chan struct{})
	manager.Before = func(context.Context) error {
		asked <- struct{}{}
		<-answer
		return nil
	}
	s := secrets.New(manager.Client(t, gcptest.AccessVersion), name+"/versions/latest", time.Now)

	// The first caller gives up; what they asked for goes to the others.
	impatient, cancel := context.WithCancel(t.Context())
	gaveUp := make(chan error, 1)
	go func() { _, err := s.Get(impatient); gaveUp <- err }()
	<-asked
	cancel()
	if err := <-gaveUp; err == nil {
		t.Error("a cancelled caller got no error")
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { want(t, s, "value") })
	}
	close(answer)
	wg.Wait()
	if got := manager.Accesses(); got != 1 {
		t.Errorf("got %d accesses, want 1", got)
	}
}

func want(t *testing.T, s *secrets.Secret, value string) {
	t.Helper()
	got, err := s.Get(t.Context())
	if err != nil {
		t.Errorf("got error %v", err)
	}
	if !got.Equal(secret.New(value)) {
		t.Errorf("got another value than %q", value)
	}
}
