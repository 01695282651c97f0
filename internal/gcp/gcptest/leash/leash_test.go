package leash_test

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/gcp/gcptest/leash"
)

const patience = 20 * time.Second

func TestKillReachesTheProgram(t *testing.T) {
	t.Parallel()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p, err := leash.Start(writer, os.Environ(), "sleep", "1000")
	if err != nil {
		t.Fatal(err)
	}
	_ = writer.Close() // the program holds the only other end
	p.Kill()
	p.Kill() // is fine
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if _, err := io.ReadAll(reader); err != nil {
			t.Error(err)
		}
	}()
	select {
	case <-gone:
	case <-time.After(patience):
		t.Error("the program outlives Kill")
	}
}

func TestEndOfTheProgramIsNoticed(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p, err := leash.Start(&out, []string{"PATH=" + os.Getenv("PATH"), "GREETING=hello"}, "sh", "-c", `echo "$GREETING"; exit 3`)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.Ended():
	case <-time.After(patience):
		t.Fatal("nobody noticed")
	}
	if got := strings.TrimSpace(out.String()); got != "hello" {
		t.Errorf("got output %q, want %q", got, "hello")
	}
}
