package gcptest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/gcp/gcptest/leash"
)

// Emulator is a running emulator of the Google Cloud CLI.
type Emulator struct {
	Host string // "127.0.0.1:port", the value of the client library's variable

	process *leash.Process
	data    string
	output  *tail
}

const (
	startTimeout = 90 * time.Second // two emulators on a busy machine of two cores
	startTries   = 3                // a free port may be taken before the emulator listens
)

// StartFirestore starts a Firestore emulator on a free port and waits until it
// answers.
func StartFirestore(ctx context.Context) (*Emulator, error) {
	return start(ctx, "Firestore", func(host, _ string) []string {
		return []string{"emulators", "firestore", "start", "--host-port=" + host}
	})
}

// StartPubSub starts a Pub/Sub emulator on a free port and waits until it
// answers.
func StartPubSub(ctx context.Context) (*Emulator, error) {
	return start(ctx, "Pub/Sub", func(host, data string) []string {
		return []string{"beta", "emulators", "pubsub", "start", "--host-port=" + host, "--data-dir=" + data}
	})
}

// Missing names the programs that the emulators need and this machine lacks.
func Missing() []string {
	var missing []string
	for _, program := range []string{"gcloud", "java"} {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, program)
		}
	}
	return missing
}

func start(ctx context.Context, name string, arguments func(host, data string) []string) (*Emulator, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	var err error
	for range startTries {
		var e *Emulator
		if e, err = launch(ctx, arguments); err != nil {
			break
		}
		if err = e.awaitAnswer(ctx); err == nil {
			return e, nil
		}
		err = errors.Join(err, e.Stop())
		if ctx.Err() != nil {
			break
		}
	}
	return nil, fmt.Errorf("starting the %s emulator: %w", name, err)
}

func launch(ctx context.Context, arguments func(host, data string) []string) (*Emulator, error) {
	host, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	data, err := os.MkdirTemp("", "emulator")
	if err != nil {
		return nil, err
	}
	e := &Emulator{Host: host, data: data, output: &tail{}}
	environment := append(os.Environ(), "CLOUDSDK_CORE_DISABLE_PROMPTS=1")
	e.process, err = leash.Start(e.output, environment, "gcloud", arguments(host, data)...)
	return e, err
}

func (e *Emulator) awaitAnswer(ctx context.Context) error {
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		if e.answers(ctx) {
			return nil
		}
		select {
		case <-e.process.Ended():
			return fmt.Errorf("it ended at once; its last words:\n%s", e.output)
		case <-ctx.Done():
			return fmt.Errorf("no answer on %s: %w; its last words:\n%s", e.Host, ctx.Err(), e.output)
		case <-ticker.C:
		}
	}
}

func (e *Emulator) answers(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+e.Host+"/", http.NoBody)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// Stop ends the emulator and everything that it started.
func (e *Emulator) Stop() error {
	e.process.Kill()
	return os.RemoveAll(e.data)
}

// freeAddress returns a loopback address that nobody listens on.
func freeAddress(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("finding a free port: %w", err)
	}
	return listener.Addr().String(), listener.Close()
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailSize = 4 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if extra := len(t.text) - tailSize; extra > 0 {
		t.text = t.text[extra:]
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.text))
}
