package web

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// What one process lets through; several let through as many times more. A callback with a code is a request to Spotify, which counts against
// the app whoever sent it; to connect costs us a sealed cookie.
var (
	connectPace  = pace{every: 3 * time.Second, burst: 20}
	connectsPace = pace{every: 100 * time.Millisecond, burst: 200}

	callbackPace = pace{every: 15 * time.Second, burst: 20}
	redeemsPace  = pace{every: 2 * time.Second, burst: 30}

	// Signed links that open nothing. Each is a question to the store.
	linkPace  = pace{every: 15 * time.Second, burst: 20}
	linksPace = pace{every: time.Second, burst: 200}
)

// maxVisitors bounds the addresses that a gate remembers.
const maxVisitors = 10_000

// pace lets burst visits through at once, and one more after each every.
type pace struct {
	every time.Duration
	burst int
}

// take takes one visit. Full is when everything taken so far is paid back;
// if there was no room, it is unchanged, and wait is how long until there is.
func (p pace) take(full, now time.Time) (next time.Time, wait time.Duration) {
	if full.Before(now) {
		full = now
	}
	room := now.Add(time.Duration(p.burst-1) * p.every)
	if full.After(room) {
		return full, full.Sub(room)
	}
	return full.Add(p.every), 0
}

// tooManyError refuses a visit until a time.
type tooManyError struct {
	problem string // what the visitor is told
	until   time.Time
}

func (e *tooManyError) Error() string { return "too many visits in a short time" }

// The problems of a visitor who comes too often.
const (
	tooManySignIns = "too_many"
	tooManyLinks   = "too_many_links"
)

// gate bounds visits, of each address and of all together. The zero gate with
// its paces is ready.
type gate struct {
	problem   string
	each, all pace

	mu       sync.Mutex
	visitors map[netip.Prefix]time.Time
	everyone time.Time
}

// visit takes a visit of an address; the zero Prefix is any that is not known.
func (g *gate) visit(from netip.Prefix, now time.Time) error {
	if !from.IsValid() {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.visitors == nil {
		g.visitors = map[netip.Prefix]time.Time{}
	}
	if _, known := g.visitors[from]; !known && len(g.visitors) >= maxVisitors {
		g.forget(now)
		if len(g.visitors) >= maxVisitors {
			return nil // for everyone's pace to bound
		}
	}
	full, wait := g.each.take(g.visitors[from], now)
	g.visitors[from] = full
	return g.refusal(now, wait)
}

// admit takes a visit of everyone's.
func (g *gate) admit(now time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	full, wait := g.all.take(g.everyone, now)
	g.everyone = full
	return g.refusal(now, wait)
}

// repay gives back a visit of everyone's that was no junk: many people may sign
// in at once.
func (g *gate) repay() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.everyone = g.everyone.Add(-g.all.every)
}

// forgive gives back all of a visit that was no junk.
func (g *gate) forgive(from netip.Prefix) {
	g.repay()
	g.mu.Lock()
	defer g.mu.Unlock()
	if full, known := g.visitors[from]; known {
		g.visitors[from] = full.Add(-g.each.every)
	}
}

func (g *gate) refusal(now time.Time, wait time.Duration) error {
	if wait == 0 {
		return nil
	}
	return &tooManyError{problem: g.problem, until: now.Add(wait)}
}

// forget forgets who has paid everything back.
func (g *gate) forget(now time.Time) {
	for from, full := range g.visitors {
		if !full.After(now) {
			delete(g.visitors, from)
		}
	}
}

// visitor returns whose request this is: an address, or of IPv6 the network
// that one household has. Anybody may send X-Forwarded-For, so only the entry
// is read that the platform itself has added, and only where there is one. A
// loopback address is this machine, or a proxy on it, and a private one may be a
// proxy beside it, such as Caddy in a container: none is one visitor.
func (s *server) visitor(r *http.Request) netip.Prefix {
	text := r.RemoteAddr
	if s.Forwarded {
		values := r.Header.Values("X-Forwarded-For")
		if len(values) == 0 {
			return netip.Prefix{}
		}
		list := strings.Split(values[len(values)-1], ",")
		text = strings.TrimSpace(list[len(list)-1])
	}
	addr, err := netip.ParseAddr(text)
	if err != nil {
		port, err := netip.ParseAddrPort(text)
		if err != nil {
			return netip.Prefix{}
		}
		addr = port.Addr()
	}
	addr = addr.Unmap().WithZone("")
	if addr.IsLoopback() || addr.IsPrivate() || addr.IsLinkLocalUnicast() {
		return netip.Prefix{}
	}
	bits := addr.BitLen()
	if addr.Is6() {
		bits = 64
	}
	prefix, err := addr.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
}

// knock bounds the visits of one address.
func (s *server) knock(g *gate, r *http.Request) error {
	if err := g.visit(s.visitor(r), s.Clock()); err != nil {
		return fmt.Errorf("from one address: %w", err)
	}
	return nil
}
