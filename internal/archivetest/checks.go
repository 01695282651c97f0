package archivetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

// patience is how long a suite waits for something that should happen at once.
const patience = 30 * time.Second

// check is one rule of a port, tried on a fresh adapter.
type check[S any] struct {
	name string
	run  func(t *testing.T, adapter S)
}

func runChecks[S any](t *testing.T, open func(t *testing.T) S, checks []check[S]) {
	t.Helper()
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, open(t))
		})
	}
}

// diff compares what was stored with what came back: times as instants, nil
// and empty lists as equal, seen sets by content.
func diff(got, want any) string {
	return cmp.Diff(got, want, cmpopts.EquateEmpty(), cmp.Comparer(sameSeen))
}

func sameSeen(a, b ledger.Seen) bool {
	aIDs, aISRCs := a.Pack()
	bIDs, bISRCs := b.Pack()
	return slices.Equal(chunks(aIDs, 16), chunks(bIDs, 16)) && slices.Equal(chunks(aISRCs, 8), chunks(bISRCs, 8))
}

// chunks cuts b into sorted pieces of n bytes.
func chunks(b []byte, n int) []string {
	pieces := make([]string, 0, len(b)/n+1)
	for c := range slices.Chunk(b, n) {
		pieces = append(pieces, string(c))
	}
	slices.Sort(pieces)
	return pieces
}

// together calls f n times at once and returns the errors by index.
func together(n int, f func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// wantPromptError expects a call with an ended context to fail soon, with an
// error that nobody takes for an answer.
func wantPromptError(t *testing.T, name string, call func(ctx context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	done := make(chan error, 1)
	go func() { done <- call(ctx) }()
	select {
	case err := <-done:
		if err == nil {
			t.Errorf("%s with a cancelled context: got no error", name)
		}
		for _, answer := range []error{fault.ErrNotFound, fault.ErrConflict, fault.ErrMalformed, fault.ErrCannotOpen} {
			if errors.Is(err, answer) {
				t.Errorf("%s with a cancelled context: got %v, which means something else", name, err)
			}
		}
	case <-time.After(patience):
		t.Errorf("%s with a cancelled context: no answer after %s", name, patience)
	}
}

func wantErrorIs(t *testing.T, name string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got error %v, want %v", name, err, want)
	}
}

func noError(t *testing.T, name string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}
