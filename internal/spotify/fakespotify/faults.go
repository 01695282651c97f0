package fakespotify

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// FaultKind says what goes wrong.
type FaultKind string

// The kinds of faults, beside the lies.
const (
	FaultStatus        FaultKind = "status"         // answers Fault.Status
	FaultDelay         FaultKind = "delay"          // waits for Fault.Delay, then goes on
	FaultDrop          FaultKind = "drop"           // drops the connection
	FaultRateLimit     FaultKind = "rate_limit"     // 429 with Fault.RetryAfter
	FaultQuota         FaultKind = "quota"          // 429 QUOTA_EXCEEDED with Fault.RetryAfter
	FaultInvalidGrant  FaultKind = "invalid_grant"  // the token endpoint refuses a good refresh token
	FaultUnauthorized  FaultKind = "unauthorized"   // 401 for a good access token
	FaultNullPlaylists FaultKind = "null_playlists" // every entry of a list of playlists is null
	FaultStaleRead     FaultKind = "stale_read"     // reads a playlist as it was before its last change
	FaultGarbage       FaultKind = "garbage"        // the answer's body is no JSON
	FaultOversized     FaultKind = "oversized"      // the answer's body has 16 MiB
	FaultRewrite       FaultKind = "rewrite"        // changes the answer: Fault.Edits, and Fault.Status if set
)

const (
	oversizedBody = 16 << 20
	tokenRoute    = "POST /api/token" //nolint:gosec // G101: a route, no credential
)

// A Fault goes wrong on purpose. It meets requests to the accounts service and
// the Web API only.
type Fault struct {
	// Match is a method and a path, a method and "*", or "*". In the path,
	// "{id}" stands for every id, an id for itself, and "*" for any part of
	// one segment: "POST /api/token", "POST /v1/playlists/{id}/items",
	// "GET /v1/playlists/37i9dQZEVXc*/items". A method "*" is any, and
	// "/v1/..." everything below. A lie has a default.
	Match   string    `json:"match,omitempty"`
	Account string    `json:"account,omitempty"` // key; empty means every account
	Kind    FaultKind `json:"kind"`

	Playlist string `json:"playlist,omitempty"` // meets what is about that playlist only; empty means everything

	Skip  int `json:"skip,omitempty"`  // how many matching requests pass first
	Times int `json:"times,omitempty"` // how many requests it meets, changed by it or not; 0 means 1, less than 0 means all

	// AfterEffect lets the request have its effect first. It goes with
	// FaultStatus, FaultDelay, FaultDrop and FaultRateLimit; garbage and
	// oversized bodies always come after the effect.
	AfterEffect bool          `json:"after_effect,omitempty"`
	Status      int           `json:"status,omitempty"`
	Delay       time.Duration `json:"delay,omitempty"`       // nanoseconds in JSON
	RetryAfter  int           `json:"retry_after,omitempty"` // seconds; 86,400 for FaultQuota if 0
	Edits       []Edit        `json:"edits,omitempty"`       // of FaultRewrite, in order
	Count       int           `json:"count,omitempty"`       // of some lies
	Text        string        `json:"text,omitempty"`        // of some lies
}

// Fault adds a fault. Faults apply in the order in which they were added; one
// request meets any number of delays, lies and rewrites, and one other fault.
// Faults survive a restart.
func (s *Server) Fault(f Fault) error {
	if err := s.validFault(f); err != nil {
		return fmt.Errorf("adding a fault: %w", err)
	}
	f.Times = cmp.Or(f.Times, 1)
	if l, named := lieOf(f.Kind); named {
		f.Status, f.Delay = cmp.Or(f.Status, l.status), cmp.Or(f.Delay, l.delay)
	}
	if f.Kind == FaultQuota && f.RetryAfter == 0 {
		f.RetryAfter = int((24 * time.Hour).Seconds())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.Faults = append(s.world.Faults, f)
	s.saveWorld()
	return s.commit()
}

// Faults returns the faults that wait for a request.
func (s *Server) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.world.Faults)
}

// ClearFaults removes every fault.
func (s *Server) ClearFaults() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.Faults = nil
	s.saveWorld()
	return s.commit()
}

// answer returns what the fault answers in place of the route, if it does.
func (f Fault) answer(rt route) (answer, bool) {
	switch f.Kind {
	case FaultStatus:
		if rt.accounts() {
			a := oauthError("server_error", "")
			a.status = f.Status
			return a, true
		}
		return apiError(f.Status, http.StatusText(f.Status)), true
	case FaultRateLimit, FaultQuota:
		return rateLimited(f.RetryAfter, f.Kind == FaultQuota), true
	case FaultInvalidGrant:
		return oauthError("invalid_grant", "Refresh token revoked"), true
	case FaultUnauthorized:
		return unauthorized("missing_token", "Access token missing"), true
	default:
		return answer{}, false
	}
}

// spoil replaces the body of an answer.
func (f Fault) spoil(a answer) answer {
	switch f.Kind {
	case FaultGarbage:
		a.json, a.raw = nil, []byte("<!doctype html><title>upstream</title>{\"items\":[")
	case FaultOversized:
		a.json, a.raw = nil, []byte(`{"filler":"`+strings.Repeat("x", oversizedBody)+`"}`)
	default:
		return a
	}
	a.header = http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	return a
}
