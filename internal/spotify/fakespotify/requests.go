package fakespotify

import (
	"slices"
	"time"
)

// A Request is a request to the accounts service or the Web API, without
// anything secret.
type Request struct {
	Time    time.Time `json:"time"`
	Method  string    `json:"method"`
	Route   string    `json:"route"`           // the pattern, such as "/v1/playlists/{id}/items"; empty if unknown
	Account string    `json:"account"`         // key of the account, if it is known
	Status  int       `json:"status"`          // 0 if the connection was dropped
	Fault   FaultKind `json:"fault,omitempty"` // the fault that it met
	Stale   bool      `json:"stale,omitempty"` // it saw a playlist as it was before its last change
}

// Requests returns the requests since the start or the last ResetRequests, in
// order; the newest 100,000 of them.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// ResetRequests forgets the requests so far.
func (s *Server) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = nil
}

func (s *Server) record(r Request) {
	if s.cfg.Observe != nil {
		s.cfg.Observe(r)
	}
	const keep = 100_000
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.requests) >= 2*keep {
		s.requests = slices.Clone(s.requests[keep:])
	}
	s.requests = append(s.requests, r)
}
