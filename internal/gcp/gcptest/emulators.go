package gcptest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"cloud.google.com/go/firestore"
	apiv1 "cloud.google.com/go/firestore/apiv1"
	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/api/option"

	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/dial"
)

// The variables that name emulators, read by Google's client libraries.
const (
	FirestoreVariable = dial.FirestoreEmulator
	PubSubVariable    = "PUBSUB_EMULATOR_HOST"
)

// Emulators are the emulators of one test binary. Each is started when the
// first test asks for it, unless FIRESTORE_EMULATOR_HOST or
// PUBSUB_EMULATOR_HOST name one that runs. The zero Emulators is ready.
type Emulators struct {
	firestore, pubsub lazyEmulator
}

type lazyEmulator struct {
	given   string // host of one that was not started here
	once    sync.Once
	host    string
	err     error
	running *Emulator
}

func (l *lazyEmulator) start(start func(context.Context) (*Emulator, error)) (string, error) {
	l.once.Do(func() {
		if l.host = l.given; l.host != "" {
			return
		}
		if l.running, l.err = start(context.Background()); l.err == nil {
			l.host = l.running.Host
		}
	})
	return l.host, l.err
}

// adopt takes the emulator that the variable names. The variable itself goes:
// while it is set, the client libraries pass over the options of a client, and
// with them what a test puts between the client and the emulator.
func (l *lazyEmulator) adopt(variable string) error {
	l.given = os.Getenv(variable)
	return os.Unsetenv(variable)
}

// Run runs the tests, stops what they started and returns the exit code.
func (e *Emulators) Run(m *testing.M) int {
	if err := errors.Join(e.firestore.adopt(FirestoreVariable), e.pubsub.adopt(PubSubVariable)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	for _, l := range []*lazyEmulator{&e.firestore, &e.pubsub} {
		if l.running == nil {
			continue
		}
		if err := l.running.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	return code
}

// FirestoreHost returns the address of the Firestore emulator.
func (e *Emulators) FirestoreHost(tb testing.TB) string {
	tb.Helper()
	return hostOf(tb, &e.firestore, "Firestore", StartFirestore)
}

// PubSubHost returns the address of the Pub/Sub emulator.
func (e *Emulators) PubSubHost(tb testing.TB) string {
	tb.Helper()
	return hostOf(tb, &e.pubsub, "Pub/Sub", StartPubSub)
}

func hostOf(tb testing.TB, l *lazyEmulator, name string, start func(context.Context) (*Emulator, error)) string {
	tb.Helper()
	if missing := Missing(); len(missing) > 0 && l.given == "" {
		archivetest.Lacks(tb, fmt.Sprintf("%s needs the %s emulator; this machine lacks %s (Google Cloud CLI, Java 17)",
			tb.Name(), name, strings.Join(missing, " and ")))
	}
	host, err := l.start(start)
	if err != nil {
		tb.Fatal(err)
	}
	return host
}

// Database is an empty Firestore database: of a project of the test's own.
type Database struct {
	API    *apiv1.Client     // the product's
	Name   string            // for the product
	Client *firestore.Client // for tests that look behind it
}

// Firestore returns an empty database.
func (e *Emulators) Firestore(tb testing.TB, opts ...option.ClientOption) Database {
	tb.Helper()
	project, options := Project(tb), append(Dialing(e.FirestoreHost(tb)), opts...)
	api, err := apiv1.NewClient(tb.Context(), options...)
	if err != nil {
		tb.Fatalf("opening Firestore: %v", err)
	}
	tb.Cleanup(func() { _ = api.Close() })
	client, err := firestore.NewClient(tb.Context(), project, options...)
	if err != nil {
		tb.Fatalf("opening Firestore: %v", err)
	}
	tb.Cleanup(func() { _ = client.Close() })
	return Database{API: api, Name: "projects/" + project + "/databases/" + firestore.DefaultDatabaseID, Client: client}
}

// PubSub returns a client of a project of the test's own, without topics.
func (e *Emulators) PubSub(tb testing.TB, opts ...option.ClientOption) *pubsub.Client {
	tb.Helper()
	client, err := pubsub.NewClient(tb.Context(), Project(tb), append(Dialing(e.PubSubHost(tb)), opts...)...)
	if err != nil {
		tb.Fatalf("opening Pub/Sub: %v", err)
	}
	tb.Cleanup(func() { _ = client.Close() })
	return client
}

// Project returns a project id that no other test has, nor the same test when
// it runs again.
func Project(tb testing.TB) string {
	tb.Helper()
	return "test-" + strings.ToLower(rand.Text()[:20])
}

// Dialing returns the options with which the client libraries reach an
// emulator when its variable is set. Tests that run in parallel cannot set
// variables.
func Dialing(host string) []option.ClientOption { return dial.FirestoreOptions(host) }
