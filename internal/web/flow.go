package web

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/pkce"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

const (
	// flowLife is how long a person may take at Spotify's consent page.
	flowLife = 10 * time.Minute

	// maxFlows is how many unfinished sign-ins a browser keeps; each is a
	// cookie, and a browser sends them all.
	maxFlows = 8

	// maxUsedStates bounds what one process remembers. What is forgotten
	// early is still useless: its cookie is gone, and its code is redeemed.
	maxUsedStates = 4096
)

// The ways in which a state is not good.
var (
	errStateMissing = errors.New("callback without a state")
	errStateUnknown = errors.New("callback with a state that this browser has no cookie for")
	errStateForged  = errors.New("callback with a state that is not the cookie's")
	errStateExpired = errors.New("callback with an expired state")
	errStateUsed    = errors.New("callback with a used state")
)

// flow is one sign-in under way. Its JSON form is sealed into a cookie of its
// own, so that two tabs do not disturb each other.
type flow struct {
	State    string         `json:"s"` // 32 random bytes, base64url
	Verifier string         `json:"v"` // of PKCE (RFC 7636): 43 characters
	Choice   archive.Choice `json:"c"` // empty: keep what the user has
	Listens  bool           `json:"l"` // the player's scopes were asked for
	Copies   bool           `json:"k"` // the person said that they copy Discover Weekly
	Zone     string         `json:"z"` // the browser's time zone, as it says; may be empty
	Expires  int64          `json:"e"` // Unix seconds
	TopUp    bool           `json:"t"` // asks at once for what the consent before it lacks
}

func newFlow(w wish, now time.Time) flow {
	return flow{
		State:    randomText(),
		Verifier: pkce.NewVerifier().Reveal(),
		Choice:   w.choice,
		Listens:  w.player,
		Copies:   w.copies,
		Zone:     w.zone,
		Expires:  now.Add(flowLife).Unix(),
	}
}

// randomText returns 256 random bits as 43 characters of base64url.
func randomText() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func (f flow) challenge() string { return pkce.Challenge(secret.New(f.Verifier)) }

// flowCookieName holds a short hash of the state, not the state itself, so
// that a list of cookie names gives nothing away.
func flowCookieName(state string) string {
	sum := sha256.Sum256([]byte(state))
	return flowCookie + hex.EncodeToString(sum[:8])
}

// openFlow returns the flow in a cookie's text, if it was sealed by us, is for
// this state and has not expired.
func openFlow(c codec, text, state string, now time.Time) (flow, error) {
	if state == "" {
		return flow{}, errStateMissing
	}
	if text == "" {
		return flow{}, errStateUnknown
	}
	var f flow
	if c.open(text, &f) != nil || f.State == "" ||
		subtle.ConstantTimeCompare([]byte(f.State), []byte(state)) != 1 {
		return flow{}, errStateForged
	}
	if !now.Before(time.Unix(f.Expires, 0)) {
		return flow{}, errStateExpired
	}
	return f, nil
}

// takeFlow ends the flow of a callback: its cookie goes, and its state is good
// for nothing any more.
func (s *server) takeFlow(w http.ResponseWriter, r *http.Request) (flow, error) {
	state := r.URL.Query().Get("state")
	if state == "" {
		return flow{}, errStateMissing
	}
	now := s.Clock()
	if s.used.has(state, now) {
		return flow{}, errStateUsed
	}
	name := flowCookieName(state)
	text := s.cookie(r, name)
	if text == "" {
		return flow{}, errStateUnknown
	}
	ring, err := s.keys.get(r.Context())
	if err != nil {
		return flow{}, err
	}
	f, err := openFlow(ring.flow, text, state, now)
	if err == nil && r.URL.Query().Get("code") != "" {
		// Only what would ask Spotify counts, and what is refused is kept.
		if err := s.callbacks.admit(now); err != nil {
			return flow{}, err
		}
	}
	s.clearCookie(w, name)
	if err != nil {
		return flow{}, err
	}
	if !s.used.take(state, now) {
		return flow{}, errStateUsed
	}
	return f, nil
}

// keepFlow puts the flow into its cookie. A browser that piles up unfinished
// flows loses the old ones.
func (s *server) keepFlow(w http.ResponseWriter, r *http.Request, f flow) error {
	ring, err := s.keys.get(r.Context())
	if err != nil {
		return err
	}
	text, err := ring.flow.seal(f)
	if err != nil {
		return err
	}
	var old []string
	for _, c := range r.Cookies() {
		if strings.HasPrefix(c.Name, s.cookieName(flowCookie)) {
			old = append(old, c.Name)
		}
	}
	if len(old) >= maxFlows {
		for _, name := range old {
			s.writeCookie(w, name, "", -1)
		}
	}
	s.setCookie(w, flowCookieName(f.State), text, flowLife)
	return nil
}

// usedStates remembers the states that were taken, each for as long as its
// cookie could still be replayed.
type usedStates struct {
	mu    sync.Mutex
	until map[[sha256.Size]byte]time.Time
}

func newUsedStates() *usedStates {
	return &usedStates{until: make(map[[sha256.Size]byte]time.Time)}
}

func (u *usedStates) has(state string, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	until, ok := u.until[sha256.Sum256([]byte(state))]
	return ok && now.Before(until)
}

// take reports whether the state was not taken before, and takes it.
func (u *usedStates) take(state string, now time.Time) bool {
	key := sha256.Sum256([]byte(state))
	u.mu.Lock()
	defer u.mu.Unlock()
	if until, ok := u.until[key]; ok && now.Before(until) {
		return false
	}
	if len(u.until) >= maxUsedStates {
		u.makeRoom(now)
	}
	u.until[key] = now.Add(flowLife)
	return true
}

// makeRoom forgets what has expired, or else the state that expires first.
func (u *usedStates) makeRoom(now time.Time) {
	var first [sha256.Size]byte
	var firstUntil time.Time
	for key, until := range u.until {
		if !now.Before(until) {
			delete(u.until, key)
			continue
		}
		if firstUntil.IsZero() || until.Before(firstUntil) {
			first, firstUntil = key, until
		}
	}
	if len(u.until) >= maxUsedStates {
		delete(u.until, first)
	}
}
