package spotify

import (
	"net/http"
	"time"
)

// Go's transport does not notice by itself that an HTTP/2 connection is dead:
// every request goes into it and times out. A connection that was silent for
// pingAfter is asked for a sign of life, and closed without one after
// pingTimeout: within DefaultTimeout, so that one request pays for it.
const (
	pingAfter   = 8 * time.Second
	pingTimeout = 4 * time.Second
)

// defaultTransport is http.DefaultTransport with pings, and with connections
// of its own.
func defaultTransport() http.RoundTripper {
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	return pinging(standard, pingAfter, pingTimeout)
}

func pinging(standard *http.Transport, after, timeout time.Duration) *http.Transport {
	transport := standard.Clone()
	transport.HTTP2 = &http.HTTP2Config{SendPingTimeout: after, PingTimeout: timeout}
	return transport
}
