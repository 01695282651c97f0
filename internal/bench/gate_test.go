package bench_test

import (
	"bytes"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// window is the rolling window in which Spotify counts an app's requests
// (https://developer.spotify.com/documentation/web-api/concepts/rate-limits).
const window = 30 * time.Second

// gate is Spotify before the stand-in: a time that each request takes, and so
// many requests to the Web API that fit into the window, of which the app is
// told nothing.
type gate struct {
	inner   http.RoundTripper
	latency time.Duration
	fits    int
	locked  time.Time // until then every request is refused

	mu       sync.Mutex
	admitted []time.Time
	passed   int
	refused  int
	inLock   int // requests of while it was locked
}

// RoundTrip implements http.RoundTripper.
func (g *gate) RoundTrip(req *http.Request) (*http.Response, error) {
	time.Sleep(g.latency / 2)
	defer time.Sleep(g.latency / 2)
	if strings.HasPrefix(req.URL.Path, "/v1/") {
		if after, ok := g.admit(time.Now()); !ok {
			return limited(req, after), nil
		}
	}
	return g.inner.RoundTrip(req)
}

func (g *gate) admit(now time.Time) (after time.Duration, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if now.Before(g.locked) {
		g.inLock++
		return g.locked.Sub(now), false
	}
	for len(g.admitted) > 0 && now.Sub(g.admitted[0]) >= window {
		g.admitted = g.admitted[1:]
	}
	if len(g.admitted) >= g.fits {
		g.refused++
		return g.admitted[0].Add(window).Sub(now), false
	}
	g.admitted = append(g.admitted, now)
	g.passed++
	return 0, true
}

func limited(req *http.Request, after time.Duration) *http.Response {
	seconds := int(math.Ceil(after.Seconds()))
	body := []byte(`{"error":{"status":429,"message":"API rate limit exceeded"}}`)
	return &http.Response{
		StatusCode: http.StatusTooManyRequests, Request: req, Body: io.NopCloser(bytes.NewReader(body)),
		Header: http.Header{"Retry-After": {strconv.Itoa(seconds)}, "Content-Type": {"application/json"}},
	}
}
