package spotify

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// maxBody is how much of an answer is read. The longest that Spotify sends
// us, a page of 50 playlists, is about an eighth of it.
const maxBody = 1 << 20

// product names us in every request, with the version after it.
const product = "WeeklyArchive/"

// A request is what can be sent, and sent again.
type request struct {
	name        string // method and path pattern, for errors: "GET /playlists/{id}/items"
	method      string
	url         string
	contentType string
	body        []byte

	repeatable bool  // doing it twice is doing it once
	lost       error // the sentinel for a request without a clear answer

	// ownConnection is not kept for another request. A kept connection may be
	// dead without saying so, which costs the next request its answer.
	ownConnection bool

	pace  *pace  // of the host
	meter *meter // nil: it does not count

	basicUser string
	basicPass secret.Text // Basic authorization if not zero
	bearer    secret.Text // Bearer authorization if not zero
}

// An answer is a complete response. The body of an answer that is not 2xx may
// be cut off at maxBody.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) ok() bool { return a.status >= 200 && a.status < 300 }

// attempt sends the request once. Its error is always a *failure. Redirects
// are answers like any other: nothing is sent to where they point.
func (c *Client) attempt(ctx context.Context, r request) (answer, error) {
	if err := ctx.Err(); err != nil {
		return answer{}, &failure{reason: "not sent", unsent: true, ended: true, cause: err}
	}
	callers := ctx
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()

	req, err := http.NewRequestWithContext(ctx, r.method, r.url, bytes.NewReader(r.body))
	if err != nil {
		return answer{}, &failure{reason: "making the request", unsent: true}
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	if r.contentType != "" {
		req.Header.Set("Content-Type", r.contentType)
	}
	if !r.basicPass.IsZero() {
		req.SetBasicAuth(r.basicUser, r.basicPass.Reveal())
	}
	if !r.bearer.IsZero() {
		req.Header.Set("Authorization", "Bearer "+r.bearer.Reveal())
	}
	req.Close = r.ownConnection

	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return answer{}, describe(callers, err)
	}
	defer func() { _ = resp.Body.Close() }()
	ans := answer{status: resp.StatusCode, header: resp.Header}
	ans.body, err = io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return answer{}, describe(callers, err)
	}
	if len(ans.body) > maxBody {
		if ans.ok() {
			return answer{}, &failure{reason: "answer is too long", ended: true}
		}
		ans.body = ans.body[:maxBody]
	}
	return ans, nil
}

// A failure is a request without a complete answer. It says what happened
// without the URL or any byte of the answer, both of which errors of net/http
// may quote.
type failure struct {
	reason string
	unsent bool  // surely nothing reached Spotify
	ended  bool  // trying again at once cannot help
	cause  error // why the caller's context ended, or nil
}

func (f *failure) Error() string {
	if f.cause != nil {
		return f.reason + ": " + f.cause.Error()
	}
	return f.reason
}

func (f *failure) Unwrap() error { return f.cause }

// describe says what became of a request. One that got no answer in its own time
// says nothing about another: only where the caller's time is over is that the
// cause.
func describe(callers context.Context, err error) *failure {
	var netErr net.Error
	switch {
	case callers.Err() != nil:
		return &failure{reason: "no answer", unsent: isDial(err), ended: true, cause: callers.Err()}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.As(err, &netErr) && netErr.Timeout():
		return &failure{reason: "no answer in time", unsent: isDial(err), ended: true}
	}
	var certErr *tls.CertificateVerificationError
	if errors.As(err, &certErr) {
		return &failure{reason: "certificate is not trusted", unsent: true, ended: true}
	}
	if isDial(err) {
		return &failure{reason: "cannot connect", unsent: true}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &failure{reason: "answer was cut off"}
	}
	return &failure{reason: fmt.Sprintf("connection broke (%T)", innermost(err))}
}

func isDial(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect")
}

func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}
