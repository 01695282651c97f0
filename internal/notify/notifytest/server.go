// Package notifytest stands in for the services that deliver messages: the push
// services of browsers, and ntfy. It is as strict as the strictest of them, and
// opens what it gets with other libraries than those that closed it.
//
//	services := notifytest.New(t)
//	browser := services.Browser(t)
//	// … push to browser.Subscription …
//	browser.Shown()
package notifytest

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// bodyMost is what push services take (RFC 8030, section 7.2), and ntfy.
const bodyMost = 4096

// Server is one server for all services. It is safe for concurrent use.
type Server struct {
	URL string      // its origin
	TLS *tls.Config // trusts it

	mu       sync.Mutex
	browsers map[string]*Browser // by the path of the endpoint
	topics   map[string][]Publication
	faults   []Fault
	sizes    []int
}

// A Fault answers a request in the place of the service. It may do so after
// the service took the message (accept).
type Fault func(w http.ResponseWriter, r *http.Request, accept func())

// New starts a server that ends with the test.
func New(tb testing.TB) *Server {
	tb.Helper()
	s := &Server{browsers: map[string]*Browser{}, topics: map[string][]Publication{}}
	server := httptest.NewTLSServer(http.HandlerFunc(s.serve))
	tb.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	s.URL, s.TLS = server.URL, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return s
}

// Fail lets the next requests be answered by these faults, one each.
func (s *Server) Fail(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Requests is how many requests came.
func (s *Server) Requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sizes)
}

// Sizes is how many bytes each request carried.
func (s *Server) Sizes() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sizes)
}

// Status answers nothing but a status.
func Status(code int) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ func()) { w.WriteHeader(code) }
}

// Hang answers when whoever asks has given up.
func Hang(_ http.ResponseWriter, r *http.Request, _ func()) { <-r.Context().Done() }

// Cut ends the connection without an answer.
func Cut(http.ResponseWriter, *http.Request, func()) { panic(http.ErrAbortHandler) }

// Lose takes the message and ends the connection without an answer.
func Lose(_ http.ResponseWriter, _ *http.Request, accept func()) {
	accept()
	panic(http.ErrAbortHandler)
}

// Redirect sends to another address.
func Redirect(to string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ func()) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusTemporaryRedirect)
	}
}

// Flood answers with more than anybody should read.
func Flood(w http.ResponseWriter, _ *http.Request, accept func()) {
	accept()
	w.WriteHeader(http.StatusCreated)
	piece := []byte(strings.Repeat("x", 1<<16))
	for range 1 << 10 {
		if _, err := w.Write(piece); err != nil {
			return
		}
	}
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, bodyMost+1))
	if err != nil || r.Method != http.MethodPost {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.sizes = append(s.sizes, len(body))
	browser := s.browsers[r.URL.Path]
	var fault Fault
	if len(s.faults) > 0 {
		fault, s.faults = s.faults[0], s.faults[1:]
	}
	s.mu.Unlock()

	take := func() int { return http.StatusNotFound }
	switch {
	case len(body) > bodyMost:
		take = func() int { return http.StatusRequestEntityTooLarge }
	case r.URL.Path == "/":
		take = func() int { return s.publish(body) }
	case browser != nil:
		take = func() int { return browser.take(s.URL, r.Header, body) }
	}
	if fault != nil {
		fault(w, r, func() { take() })
		return
	}
	w.WriteHeader(take())
}

// Publication is what an ntfy topic got.
type Publication struct {
	Topic, Title, Message, Click string
	Priority                     int
	Actions                      []struct{ Action, Label, URL string }
	Sequence                     string `json:"sequence_id"`
}

// Topic returns what a topic shows: of a sequence the newest.
func (s *Server) Topic(name string) []Publication {
	s.mu.Lock()
	defer s.mu.Unlock()
	var shown []Publication
	for _, p := range s.topics[name] {
		for i := range shown {
			if shown[i].Sequence == p.Sequence {
				shown = append(shown[:i], shown[i+1:]...)
				break
			}
		}
		shown = append(shown, p)
	}
	return shown
}

func (s *Server) publish(body []byte) int {
	var p Publication
	if err := json.Unmarshal(body, &p); err != nil || p.Topic == "" || p.Message == "" || p.Priority < 1 || p.Priority > 5 || len(p.Actions) > 3 {
		return http.StatusBadRequest
	}
	for _, a := range p.Actions {
		if a.Action != "view" || a.Label == "" || a.URL == "" {
			return http.StatusBadRequest
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.topics[p.Topic] = append(s.topics[p.Topic], p)
	return http.StatusOK
}

// seconds reads a TTL header.
func seconds(text string) (int, bool) {
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0
}
