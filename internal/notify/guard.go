package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/notify/address"
)

const (
	// requestTime bounds one request, from the look-up of the name to the end
	// of the answer.
	requestTime = 15 * time.Second

	// answerMost is how much of an answer is read, in bytes: nothing of it is
	// used, and a short one leaves the connection usable.
	answerMost = 4 << 10

	// headerMost bounds the headers of an answer, in bytes.
	headerMost = 16 << 10
)

// errNotPublic: the name leads to an address that is not the internet's, at this look.
var errNotPublic = errors.New("the name leads to an address that is not public")

// guard is the one way out. The zero guard lets nothing out.
type guard struct {
	hosts   address.Hosts
	standin string // host and port that stands in for all of them, in tests
	client  *http.Client
}

// newGuard returns a guard that goes to these hosts. A stand-in, if there is
// one, is an address of this machine that may be gone to as well.
func newGuard(allowed address.Hosts, standin *url.URL, roots *tls.Config) *guard {
	g := &guard{hosts: allowed}
	if standin != nil {
		g.standin = standin.Host
	}
	dialer := &net.Dialer{Timeout: requestTime / 2, Control: g.control}
	g.client = &http.Client{
		Timeout: requestTime,
		Transport: &http.Transport{
			Proxy:                  nil, // it would connect in our place, to wherever a name leads
			DialContext:            dialer.DialContext,
			TLSClientConfig:        roots,
			ForceAttemptHTTP2:      true,
			TLSHandshakeTimeout:    requestTime / 2,
			ResponseHeaderTimeout:  requestTime,
			MaxResponseHeaderBytes: headerMost,
			IdleConnTimeout:        time.Minute,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return g
}

// control looks at the address that is connected to, after the name was looked
// up: a name may lead somewhere else at the second look.
func (g *guard) control(_, dialled string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(dialled)
	if err != nil {
		return errNotPublic
	}
	if g.standin != "" && g.standin == dialled {
		return nil
	}
	if !public(at.Addr()) || at.Port() != 443 {
		return errNotPublic
	}
	return nil
}

// check is an error for an address that may not be gone to at all.
func (g *guard) check(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil, u.User != nil, u.Opaque != "", u.Fragment != "":
		return address.ErrForeign
	case g.standin != "" && u.Host == g.standin:
		return nil
	case u.Scheme != "https" || u.Port() != "" && u.Port() != "443":
		return address.ErrForeign
	case strings.HasSuffix(u.Host, ":"), !g.hosts.Has(u.Hostname()):
		return address.ErrForeign
	}
	return nil
}

// Do sends a request, if it may go where it says, and returns the answer with
// a body that is empty. It makes the guard a client for whoever builds requests.
func (g *guard) Do(r *http.Request) (*http.Response, error) {
	if err := g.check(r.URL.String()); err != nil {
		return nil, err
	}
	answer, err := g.client.Do(r)
	if err != nil {
		return nil, withoutAddress(err)
	}
	_, _ = io.CopyN(io.Discard, answer.Body, answerMost)
	if err := answer.Body.Close(); err != nil {
		return nil, withoutAddress(err)
	}
	answer.Body = http.NoBody
	return answer, nil
}

// withoutAddress takes the address out of an error of net/http: it is what a
// thief needs to send.
func withoutAddress(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	switch {
	case errors.Is(err, errNotPublic):
		return errNotPublic
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("sending: %w", err)
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return errors.New("sending: no answer in time")
	}
	return errors.New("sending: no answer")
}
