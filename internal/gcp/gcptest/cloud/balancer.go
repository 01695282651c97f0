package cloud

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/event"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/gcptest/deploy"
)

// Balancer hands deliveries to processes in turn, as the cloud's front end
// does, and notes each. Its methods are safe for concurrent use.
type Balancer struct {
	url string

	mu          sync.Mutex
	processes   []*deploy.Process
	next        int
	invocations []Invocation
}

// Invocation is one delivery to ArchiveUser.
type Invocation struct {
	Job    archive.ArchiveJob // zero for a malformed message
	Status int                // of the answer; 502 when the process went away
}

const requestTime = 5 * time.Minute

func newBalancer() *Balancer { return &Balancer{} }

func (b *Balancer) add(p *deploy.Process) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.processes = append(b.processes, p)
}

// KillOne takes a process away while it works.
func (b *Balancer) KillOne() {
	b.mu.Lock()
	killed := b.processes[0]
	b.processes = slices.Clone(b.processes[1:])
	b.mu.Unlock()
	killed.Kill()
}

// Invocations returns every delivery that was answered so far.
func (b *Balancer) Invocations() []Invocation {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.invocations)
}

// Forget forgets the deliveries so far.
func (b *Balancer) Forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.invocations = nil
}

// ServeHTTP implements http.Handler.
func (b *Balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "unreadable request", http.StatusBadRequest)
		return
	}
	status, answer := b.forward(r, body)
	invocation := Invocation{Status: status}
	if message, err := (event.Envelope{Type: event.MessagePublished, Data: body}).Open(); err == nil {
		invocation.Job, _ = event.DecodeArchive(message) // zero if malformed
	}
	b.mu.Lock()
	b.invocations = append(b.invocations, invocation)
	b.mu.Unlock()
	w.WriteHeader(status)
	_, _ = w.Write(answer) //nolint:gosec // G705: the other end is Pub/Sub, which reads the status only
}

func (b *Balancer) forward(r *http.Request, body []byte) (status int, answer []byte) {
	b.mu.Lock()
	if len(b.processes) == 0 {
		b.mu.Unlock()
		return http.StatusServiceUnavailable, nil
	}
	process := b.processes[b.next%len(b.processes)]
	b.next++
	b.mu.Unlock()

	ctx, cancel := context.WithTimeout(r.Context(), requestTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, r.Method, process.URL+r.URL.Path, bytes.NewReader(body)) //nolint:gosec // G704: to a process that we started
	if err != nil {
		return http.StatusInternalServerError, nil
	}
	request.Header = r.Header.Clone()
	response, err := http.DefaultClient.Do(request) //nolint:gosec // G704: to a process that we started
	if err != nil {
		return http.StatusBadGateway, nil
	}
	answer, err = io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return http.StatusBadGateway, nil
	}
	return response.StatusCode, answer
}

// serveHTTP answers on a loopback port until stop is called.
func serveHTTP(ctx context.Context, port int, handler http.Handler) (url string, stop func() error, err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return "", nil, fmt.Errorf("listening: %w", err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	stop = func() error {
		err := server.Close()
		if served := <-done; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	}
	return "http://" + listener.Addr().String(), stop, nil
}
