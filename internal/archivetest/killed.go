package archivetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

// killedWriter is set, to the store's address, in the process that writes
// until it is killed.
const killedWriter = "ARCHIVETEST_KILLED_WRITER"

const (
	killedUser    = archive.UserID("killedkilledkilledkilledki")
	killedCounter = "commits" // in User.Batches: how many commits there were
	kills         = 12
	killsEnough   = 3 // where a store takes killTime for them
	killTime      = 30 * time.Second
)

// IsKilledWriter reports whether this is the process that is killed.
func IsKilledWriter() bool { return os.Getenv(killedWriter) != "" }

// KilledWriter checks that a process that is killed with SIGKILL leaves whole
// commits only. Call it in a test of its own; address names a store that
// two processes can open one after the other, and open opens it. The test
// starts itself again, as the process that is killed.
func KilledWriter(t *testing.T, address string, open func(t *testing.T, address string) (books archive.Ledger, closeStore func())) {
	if IsKilledWriter() {
		books, _ := open(t, os.Getenv(killedWriter))
		commitForever(t, books)
		return
	}
	committed, started := 0, time.Now()
	for kill := range kills {
		if kill >= killsEnough && time.Since(started) > killTime {
			break
		}
		written := runAndKill(t, address)
		books, closeStore := open(t, address)
		committed = checkWhole(t, books)
		closeStore()
		if committed < written {
			t.Fatalf("kill %d: got %d commits in the store, want the %d that were answered", kill, committed, written)
		}
	}
	if committed < killsEnough {
		t.Errorf("got %d commits, want more: the test kills too early", committed)
	}
}

// commitForever commits, and says after each how many there were. A store may
// hold what a killed process had locked for a while, and answer ErrConflict.
func commitForever(t *testing.T, books archive.Ledger) {
	for {
		err := commitNext(t, books)
		for err == nil {
			err = commitNext(t, books)
		}
		if !errors.Is(err, fault.ErrConflict) {
			t.Fatal(err)
		}
	}
}

func commitNext(t *testing.T, books archive.Ledger) error {
	ctx := t.Context()
	user, err := books.User(ctx, killedUser)
	if errors.Is(err, fault.ErrNotFound) {
		user, err = NewUser(t, "killed"), nil
		user.ID = killedUser
	}
	seen, seenErr := books.Seen(ctx, killedUser)
	if err := errors.Join(err, seenErr); err != nil {
		return err
	}
	n := user.Batches[killedCounter] + 1
	user.Batches = map[string]int{killedCounter: n}
	entry := NewEntry(n, WeekTime().Add(time.Duration(n)*time.Second))
	seen.Add(Tracks(n, 1)...)
	pending := NewPending(fmt.Sprintf("batch-%d", n), WeekTime())
	changes := archive.Changes{Entry: &entry, Seen: &seen, AddPending: []ledger.Batch{pending}}
	if n > 1 {
		changes.RemovePending = []string{fmt.Sprintf("batch-%d", n-1)}
	}
	if _, err := books.Commit(ctx, user, changes); err != nil {
		return err
	}
	fmt.Printf("\ncommitted %d\n", n)
	return nil
}

// runAndKill runs the writer until it has committed a few times, kills it at
// a random moment after, and returns the last commit that it told of.
func runAndKill(t *testing.T, address string) (written int) {
	t.Helper()
	writer := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	writer.Env = append(os.Environ(), killedWriter+"="+address)
	output, err := writer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	writer.Stderr = os.Stderr
	if err := writer.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(output)
	said := ""
	count := func() bool {
		for lines.Scan() {
			said += lines.Text() + "\n"
			if _, err := fmt.Sscanf(strings.TrimSpace(lines.Text()), "committed %d", &written); err == nil {
				return true
			}
		}
		return false
	}
	for range 1 + rand.IntN(5) {
		if !count() {
			t.Fatalf("the writer ended by itself: %v\n%s", writer.Wait(), said)
		}
	}
	timer := time.AfterFunc(time.Duration(rand.IntN(20_000))*time.Microsecond, func() { _ = writer.Process.Kill() })
	defer timer.Stop()
	for count() {
	}
	_, _ = io.Copy(io.Discard, output)
	_ = writer.Wait() // killed
	return written
}

// checkWhole checks that user, entries, seen set and pending batches tell of
// the same number of commits, and returns it.
func checkWhole(t *testing.T, books archive.Ledger) int {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	user, err := books.User(ctx, killedUser)
	if err != nil {
		t.Fatal(err)
	}
	n := user.Batches[killedCounter]
	entries, entriesErr := books.Entries(ctx, killedUser, n+1)
	seen, seenErr := books.Seen(ctx, killedUser)
	pending, pendingErr := books.Pending(ctx, killedUser)
	if err := errors.Join(entriesErr, seenErr, pendingErr); err != nil {
		t.Fatal(err)
	}
	if len(entries) != n || seen.Len() != n || len(pending) != 1 {
		t.Fatalf("got %d entries, %d songs seen and %d pending batches, want %d, %d and 1: half a commit", len(entries), seen.Len(), len(pending), n, n)
	}
	return n
}
