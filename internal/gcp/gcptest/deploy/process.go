package deploy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/gcp/gcptest/leash"
)

// Process is a function that runs.
type Process struct {
	URL string // "http://127.0.0.1:port"

	process *leash.Process
}

// Function says what to start.
type Function struct {
	Program     string            // as Build returns it
	Target      string            // name of the function
	Environment map[string]string // all of it
	Port        int               // 0 takes a free one
	Log         io.Writer         // of the process
}

const (
	host          = "127.0.0.1"
	listenTimeout = 30 * time.Second
)

// Start starts the function and waits until it listens, on the loopback
// address only.
func (f Function) Start(ctx context.Context) (*Process, error) {
	port, err := FreePort(ctx, f.Port)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", f.Target, err)
	}
	environment := []string{"FUNCTION_TARGET=" + f.Target, "PORT=" + strconv.Itoa(port), "HOST_FOR_TESTS=" + host}
	for name, value := range f.Environment {
		environment = append(environment, name+"="+value)
	}
	p := &Process{URL: fmt.Sprintf("http://%s:%d", host, port)}
	if p.process, err = leash.Start(f.Log, environment, f.Program); err != nil {
		return nil, err
	}
	if err := p.awaitListening(ctx); err != nil {
		p.Kill()
		return nil, fmt.Errorf("starting %s: %w", f.Target, err)
	}
	return p, nil
}

func (p *Process) awaitListening(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, listenTimeout)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", strings.TrimPrefix(p.URL, "http://"))
		if err == nil {
			return connection.Close()
		}
		select {
		case <-p.process.Ended():
			return errors.New("the process ended at once, see its log")
		case <-ctx.Done():
			return fmt.Errorf("waiting until it listens: %w", ctx.Err())
		case <-ticker.C:
		}
	}
}

// Kill ends the process without a warning, as a machine does that is taken
// away, and waits until it is gone.
func (p *Process) Kill() { p.process.Kill() }

// FreePort returns the port, or a free one for 0, if nobody listens on it.
func FreePort(ctx context.Context, port int) (int, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", fmt.Sprintf("%s:%d", host, port))
	if err != nil {
		return 0, fmt.Errorf("finding a port: %w", err)
	}
	address, ok := listener.Addr().(*net.TCPAddr)
	if err := listener.Close(); err != nil || !ok {
		return 0, fmt.Errorf("finding a port: %w", err)
	}
	return address.Port, nil
}
