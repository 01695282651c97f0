package messaging_test

import (
	"context"
	"crypto/ecdh"
	"encoding/base64"
	"errors"
	"sync"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/messaging"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
)

// Two processes that begin at once agree on one pair.
func TestKeyPairIsMadeOnce(t *testing.T) {
	t.Parallel()
	store, ring := archivetest.NewStore(archivetest.WeekTime), archivetest.NewKeyRing()
	pairs := make([]notice.PushPair, 8)
	var all sync.WaitGroup
	for i := range pairs {
		all.Go(func() {
			keys := &messaging.PushKeys{Store: store, Sealer: ring, Opener: ring}
			pair, err := keys.Pair(context.Background())
			if err != nil {
				t.Error(err)
			}
			pairs[i] = pair
		})
	}
	all.Wait()
	for _, pair := range pairs {
		if pair.Public != pairs[0].Public || !pair.Private.Equal(pairs[0].Private) {
			t.Fatal("got two pairs, want one")
		}
	}
	raw, err := base64.RawURLEncoding.DecodeString(pairs[0].Private.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	private, err := ecdh.P256().NewPrivateKey(raw)
	if err != nil || base64.RawURLEncoding.EncodeToString(private.PublicKey().Bytes()) != pairs[0].Public {
		t.Errorf("the halves are no pair (error %v)", err)
	}
	// A pause that comes later leaves it where it is.
	if err := store.SetPause(t.Context(), app.Pause{Until: archivetest.WeekTime().AddDate(0, 0, 1), Reason: app.PauseQuota}); err != nil {
		t.Fatal(err)
	}
	if got, err := store.PushKey(t.Context()); err != nil || got.Public != pairs[0].Public {
		t.Errorf("got %q (error %v), want %q", got.Public, err, pairs[0].Public)
	}
}

// A pair that another key sealed is not replaced: every browser is bound to it.
func TestKeyPairOfAnotherKeyStays(t *testing.T) {
	t.Parallel()
	store, ring, other := archivetest.NewStore(archivetest.WeekTime), archivetest.NewKeyRing(), archivetest.NewKeyRing()
	first, err := (&messaging.PushKeys{Store: store, Sealer: ring, Opener: ring}).Pair(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (&messaging.PushKeys{Store: store, Sealer: other, Opener: other}).Pair(t.Context()); !errors.Is(err, fault.ErrCannotOpen) {
		t.Errorf("got error %v, want %v", err, fault.ErrCannotOpen)
	}
	if got, err := store.PushKey(t.Context()); err != nil || got.Public != first.Public {
		t.Errorf("got %q (error %v), want %q", got.Public, err, first.Public)
	}
}

// A rotation finishes by itself: the next process seals the pair with the new
// version, and the older one may be destroyed.
func TestKeyPairSurvivesARotation(t *testing.T) {
	t.Parallel()
	store, ring := archivetest.NewStore(archivetest.WeekTime), archivetest.NewKeyRing()
	process := func() notice.PushPair {
		t.Helper()
		pair, err := (&messaging.PushKeys{Store: store, Sealer: ring, Opener: ring}).Pair(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return pair
	}
	first := process()
	ring.Rotate()
	ring.Faults.Before = func(op string) error {
		if op == "Seal" {
			return errors.New("simulated")
		}
		return nil
	}
	if got := process(); got.Public != first.Public {
		t.Errorf("while nothing can be sealed, got the pair %q, want %q", got.Public, first.Public)
	}
	ring.Faults.Before = nil
	process()
	ring.Destroy("1")
	if got := process(); got.Public != first.Public || !got.Private.Equal(first.Private) {
		t.Error("got another pair, want the first one")
	}
}
