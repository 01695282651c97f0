package spotify

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// TestDeadConnection puts a proxy that goes silent before an HTTP/2 server:
// what is sent over the connections of then is swallowed, a new one works. The
// calls are appends, which are never repeated.
func TestDeadConnection(t *testing.T) {
	t.Parallel()
	const attempt, calls = time.Second, 2
	tests := map[string]struct {
		transport func(*http.Transport) *http.Transport
		failed    int
	}{
		"pings": {func(t *http.Transport) *http.Transport { return pinging(t, attempt/5, attempt/5) }, 1},
		// This is the trap: should Go notice some day, the pings may go.
		"no_pings": {(*http.Transport).Clone, calls},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := startHTTP2(t)
			proxy := startProxy(t, server.Listener.Addr().String())
			transport := tt.transport(server.Client().Transport.(*http.Transport))
			t.Cleanup(transport.CloseIdleConnections)
			library := libraryOver(t, transport, "https://"+proxy.addr, attempt)
			if _, err := library.InLibrary(t.Context(), "a"); err != nil {
				t.Fatal(err)
			}
			proxy.silence()
			failed := 0
			for range calls {
				if _, err := library.Append(t.Context(), "a", []ledger.Track{{ID: "a"}}); err != nil {
					failed++
				}
			}
			if failed != tt.failed {
				t.Errorf("got %d of %d calls failed, want %d", failed, calls, tt.failed)
			}
		})
	}
}

// TestDefaultTransport wants pings that end within one attempt.
func TestDefaultTransport(t *testing.T) {
	t.Parallel()
	client, err := New(Config{ClientID: "app"})
	if err != nil {
		t.Fatal(err)
	}
	transport, ok := client.transport.(*http.Transport)
	if !ok || transport == http.DefaultTransport {
		t.Fatalf("got %T, want a transport of its own", client.transport)
	}
	if transport.HTTP2 == nil {
		t.Fatal("got no settings of HTTP/2")
	}
	if got := transport.HTTP2.SendPingTimeout + transport.HTTP2.PingTimeout; got <= 0 || got >= DefaultTimeout {
		t.Errorf("got a dead connection noticed after %s, want less than %s", got, DefaultTimeout)
	}
}

func libraryOver(t *testing.T, transport http.RoundTripper, url string, timeout time.Duration) webapi.Library {
	t.Helper()
	client, err := New(Config{
		ClientID: "app", APIURL: url, Transport: transport, Timeout: timeout,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	if err != nil {
		t.Fatal(err)
	}
	return client.Library(func(context.Context, bool) (secret.Text, error) { return secret.New("a"), nil })
}

func startHTTP2(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("got %s, want HTTP/2", r.Proto)
		}
		answer := "[true]"
		if r.Method == http.MethodPost {
			answer = `{"snapshot_id":"a"}`
		}
		_, _ = io.WriteString(w, answer)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// A proxy hands bytes on. The connections that it has when it is silenced stay
// open and swallow everything from then on.
type proxy struct {
	addr  string
	epoch atomic.Int32
}

func startProxy(t *testing.T, target string) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{addr: listener.Addr().String()}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(func() { cancel(); _ = listener.Close() })
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := (&net.Dialer{}).DialContext(ctx, "tcp", target)
			if err != nil {
				_ = near.Close()
				return
			}
			context.AfterFunc(ctx, func() { _ = near.Close(); _ = far.Close() })
			epoch := p.epoch.Load()
			go p.hand(far, near, epoch)
			go p.hand(near, far, epoch)
		}
	}()
	return p
}

func (p *proxy) silence() { p.epoch.Add(1) }

func (p *proxy) hand(to, from net.Conn, epoch int32) {
	buffer := make([]byte, 1<<14)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if p.epoch.Load() != epoch {
			continue
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}
