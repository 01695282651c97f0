package fieldcases

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify"
)

const (
	brokenHTTP2  = "https://github.com/golang/go/issues/36026"
	brokenHTTP22 = "https://github.com/golang/go/issues/31643"

	pipeHost = "example.com" // that httptest's certificate is for
)

// certificate is what the row's HTTP/2 server shows.
var certificate tls.Certificate

// pipes are the networks of rows, by address.
var pipes sync.Map

// TestMain lets http.DefaultTransport, of which the client makes its own,
// trust the servers of this package and reach those on pipes.
func TestMain(m *testing.M) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	certificate = server.TLS.Certificates[0]
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		panic("http.DefaultTransport is no *http.Transport")
	}
	standard.TLSClientConfig = &tls.Config{RootCAs: x509.NewCertPool()}
	standard.TLSClientConfig.RootCAs.AddCert(server.Certificate())
	server.Close()
	standard.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if n, ok := pipes.Load(addr); ok {
			return n.(*pipeNetwork).dial()
		}
		return (&net.Dialer{}).DialContext(ctx, network, addr)
	}
	os.Exit(m.Run())
}

// transportCases: connections as they are.
func transportCases() []fieldCase {
	return []fieldCase{{
		name:   "http2_connection_is_dead",
		report: []string{brokenHTTP2, brokenHTTP22},
		met:    "A connection is dead without saying so, and every request goes into it: 24 of 24 fail.",
		right:  "It is noticed: one request fails at most.",
		mode:   extended,
		run: func(w *world) {
			p := w.join(archive.ChoiceAuto)
			token := w.machine.access(p)
			var failed, connections int
			synctest.Test(w.t, func(t *testing.T) {
				n := newPipeNetwork(pipeHost+":1", w.spotify.Handler())
				defer n.close()
				client, err := spotify.New(spotify.Config{ClientID: "app", APIURL: "https://" + pipeHost + ":1/v1"})
				if err != nil {
					t.Fatal(err)
				}
				library := client.Library(func(context.Context, bool) (secret.Text, error) { return token, nil })
				if _, err := library.Playlists(t.Context(), 0, webapi.PageSize); err != nil {
					t.Fatalf("before the connection died: %v", err)
				}
				n.silence()
				for range 24 {
					if _, err := library.Playlists(t.Context(), 0, webapi.PageSize); err != nil {
						failed++
					}
					time.Sleep(time.Second)
				}
				connections = int(n.dialed.Load())
			})
			if failed > 1 || connections < 2 {
				w.errorf("got %d of 24 calls failed over %d connections, want one at most", failed, connections)
			}
		},
	}}
}

// access is an access token of the person's.
func (m *machine) access(p *person) secret.Text {
	refresh, err := m.w.keys.Open(m.w.t.Context(), p.user().Grant.Sealed, archive.GrantContext(p.id))
	m.w.must(err)
	token, err := m.client.Refresh(m.w.t.Context(), refresh)
	m.w.must(err)
	return token.Access
}

// pipeNetwork is one HTTP/2 server and the connections to it, in memory. The
// connections that it has when it is silenced stay open and swallow
// everything.
type pipeNetwork struct {
	addr     string
	server   *http.Server
	incoming chan net.Conn
	closed   chan struct{}
	ends     sync.WaitGroup
	dialed   atomic.Int32
	epoch    atomic.Int32

	mu    sync.Mutex
	conns []net.Conn
}

func newPipeNetwork(addr string, handler http.Handler) *pipeNetwork {
	n := &pipeNetwork{addr: addr, incoming: make(chan net.Conn), closed: make(chan struct{})}
	n.server = &http.Server{
		Handler:           handler,
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
		ReadHeaderTimeout: time.Minute,
	}
	n.ends.Go(func() { _ = n.server.ServeTLS(n, "", "") })
	pipes.Store(addr, n)
	return n
}

func (n *pipeNetwork) close() {
	pipes.Delete(n.addr)
	_ = n.server.Close()
	n.mu.Lock()
	for _, c := range n.conns {
		_ = c.Close()
	}
	n.mu.Unlock()
	n.ends.Wait()
}

// Accept implements net.Listener.
func (n *pipeNetwork) Accept() (net.Conn, error) {
	select {
	case c := <-n.incoming:
		return c, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (n *pipeNetwork) Close() error {
	select {
	case <-n.closed:
	default:
		close(n.closed)
	}
	return nil
}

// Addr implements net.Listener.
func (n *pipeNetwork) Addr() net.Addr { return &net.TCPAddr{} }

func (n *pipeNetwork) silence() { n.epoch.Add(1) }

func (n *pipeNetwork) dial() (net.Conn, error) {
	near, nearEnd := net.Pipe()
	farEnd, far := net.Pipe()
	select {
	case n.incoming <- far:
	case <-n.closed:
		return nil, errors.New("nobody listens")
	}
	n.dialed.Add(1)
	n.mu.Lock()
	n.conns = append(n.conns, near, nearEnd, farEnd, far)
	n.mu.Unlock()
	epoch := n.epoch.Load()
	n.ends.Go(func() { n.hand(farEnd, nearEnd, epoch) })
	n.ends.Go(func() { n.hand(nearEnd, farEnd, epoch) })
	return near, nil
}

// hand passes bytes on until the network is silenced, and swallows them then.
func (n *pipeNetwork) hand(to, from net.Conn, epoch int32) {
	buffer := make([]byte, 1<<14)
	for {
		count, err := from.Read(buffer)
		if count > 0 && n.epoch.Load() == epoch {
			if _, err := to.Write(buffer[:count]); err != nil {
				return
			}
		}
		if err != nil {
			if errors.Is(err, io.EOF) && n.epoch.Load() == epoch {
				_ = to.Close()
			}
			return
		}
	}
}
