package simtest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

const (
	routeToken     = "POST /api/token"
	routePlaylists = "GET /v1/me/playlists"
	routeCreate    = "POST /v1/me/playlists"
	routeItems     = "GET /v1/playlists/{id}/items"
	routeAppend    = "POST /v1/playlists/{id}/items"
	routeDescribe  = "PUT /v1/playlists/{id}"

	clientTime = 15 * time.Second // of one attempt: spotify.DefaultTimeout
	lateness   = 60 * time.Second // of an effect after the time-out, less than archive.VisibilityDelay
)

// wire is the way from a machine to Spotify.
type wire struct{ m *machine }

// RoundTrip implements http.RoundTripper.
func (t wire) RoundTrip(req *http.Request) (*http.Response, error) {
	a, w := t.m.actor, t.m.w
	x, err := newExchange(req)
	if err != nil {
		return nil, err
	}
	kind := a.harm(x.route, a.kindsOf(x))
	if err := w.sleep(req.Context(), a.latency()); err != nil {
		return nil, err
	}
	switch kind {
	case ErrorBefore:
		return nil, t.broken()
	case CrashBefore:
		a.crash()
	case SlowBefore:
		if err := w.sleep(req.Context(), a.slowness()); err != nil {
			a.hurt()
			return nil, err
		}
		a.hurt()
	case LateEffect:
		at := time.Now().Add(clientTime + between(dice(w.plan.Seed, "late "+a.name+x.route+fmt.Sprint(a.calls)), 0, lateness))
		w.start(fmt.Sprintf("%s, call %d, late", a.name, a.calls), func() {
			w.sleepUntil(at)
			_, _ = w.forward(a, x)
		})
		err := w.sleep(req.Context(), clientTime+time.Minute)
		a.hurt()
		return nil, err
	case ServerError:
		return answerOf(req, pick(dice(w.plan.Seed, a.name+fmt.Sprint(a.calls)), []int{500, 502, 503, 504, 408}), nil, "upstream connect error"), nil
	case RateShort, RateLong, Quota, Unauthorized, InvalidGrant, Rejected, NullLists, Garbage:
		if err := w.spotify.Fault(a.fault(kind, x)); err != nil {
			panic(err.Error())
		}
	}
	if kind == "" {
		a.lie(x)
	}
	resp, err := w.forward(a, x)
	if err != nil {
		return nil, err
	}
	resp.Request = req
	switch kind {
	case ErrorAfter:
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	case CrashAfter:
		a.crash()
	case SlowAfter:
		if err := w.sleep(req.Context(), a.slowness()); err != nil {
			a.hurt()
			return nil, err
		}
		a.hurt()
	case ServerErrorOK:
		return answerOf(req, 502, nil, "bad gateway"), nil
	}
	return resp, nil
}

// broken is a connection that was never there, or went before anything was sent.
func (t wire) broken() error {
	op := pick(dice(t.m.w.plan.Seed, fmt.Sprintf("broken %s %d", t.m.actor.name, t.m.actor.calls)), []string{"dial", "write"})
	return &net.OpError{Op: op, Net: "tcp", Err: syscall.ECONNREFUSED}
}

// fault makes the stand-in misbehave for the request that comes now.
func (a *actor) fault(kind Kind, x exchange) fakespotify.Fault {
	r := dice(a.w.plan.Seed, fmt.Sprintf("fault %s %d", a.name, a.calls))
	f := fakespotify.Fault{Match: x.route}
	switch kind {
	case RateShort:
		f.Kind, f.RetryAfter = fakespotify.FaultRateLimit, 1+r.IntN(9)
	case RateLong:
		f.Kind, f.RetryAfter = fakespotify.FaultRateLimit, 11+r.IntN(3600)
		a.asked(f)
	case Quota:
		f.Kind, f.RetryAfter = fakespotify.FaultQuota, 600+r.IntN(24*3600)
		a.asked(f)
	case Unauthorized:
		f.Kind = fakespotify.FaultUnauthorized
	case InvalidGrant:
		f.Kind = fakespotify.FaultInvalidGrant
		if p := a.w.people[a.account]; p != nil && p.refused.IsZero() {
			p.refused = time.Now()
			a.w.firstRefusals[p.refused.UTC().Format(time.DateOnly)]++
		}
		a.w.trouble("") // three of them are a mass refusal, which stops everybody
	case Rejected:
		f.Kind, f.Status = fakespotify.FaultStatus, http.StatusBadRequest
	case NullLists:
		f.Kind = fakespotify.FaultNullPlaylists
		if p := a.w.people[a.account]; p != nil {
			p.lied[ofList] = time.Now()
		}
	case Garbage:
		f.Kind = fakespotify.FaultGarbage
	}
	return f
}

// believed is how long Spotify may refuse a good token at most: design.md
// promises nothing beyond 48 hours.
const believed = 48*time.Hour - 2*maxSkew - time.Hour

// asked notes that Spotify asks the app to wait.
func (a *actor) asked(f fakespotify.Fault) {
	a.w.trouble("")
	a.waitUntil = time.Now().Add(time.Duration(f.RetryAfter) * time.Second)
	if a.waitUntil.After(a.w.closed) {
		a.w.closed = a.waitUntil
	}
}

func (a *actor) kindsOf(x exchange) []Kind {
	p := a.w.people[a.account]
	long := p != nil && !p.refused.IsZero() && time.Since(p.refused) > believed && !a.w.plan.massRefusal(time.Now())
	none := map[Kind]bool{
		LateEffect:   x.method == http.MethodGet,
		InvalidGrant: long || x.route != routeToken || x.form.Get("grant_type") != "refresh_token",
		NullLists:    x.route != routePlaylists,
		Rejected:     x.route != routeAppend,
		Unauthorized: x.route == routeToken,
	}
	return slices.DeleteFunc(append(slices.Clone(wireKinds), Rejected), func(k Kind) bool { return none[k] })
}

// exchange is a request, read.
type exchange struct {
	method, route string
	id            string // of the playlist in the path
	url           *url.URL
	header        http.Header
	body          []byte
	form          url.Values // of the token endpoint
}

func newExchange(req *http.Request) (exchange, error) {
	x := exchange{method: req.Method, url: req.URL, header: req.Header.Clone()}
	if req.Body != nil {
		var err error
		if x.body, err = io.ReadAll(req.Body); err != nil {
			return x, fmt.Errorf("reading a request: %w", err)
		}
	}
	path := req.URL.Path
	if rest, ok := strings.CutPrefix(path, "/v1/playlists/"); ok {
		id, tail, _ := strings.Cut(rest, "/")
		x.id = id
		path = "/v1/playlists/{id}"
		if tail != "" {
			path += "/" + tail
		}
	}
	x.route = req.Method + " " + path
	if x.route == routeToken {
		var err error
		if x.form, err = url.ParseQuery(string(x.body)); err != nil {
			return x, fmt.Errorf("reading a form: %w", err)
		}
	}
	return x, nil
}

// forward lets the request have its effect, and watches.
func (w *world) forward(a *actor, x exchange) (*http.Response, error) {
	req, err := http.NewRequestWithContext(context.Background(), x.method, x.url.String(), bytes.NewReader(x.body))
	if err != nil {
		return nil, fmt.Errorf("making a request: %w", err)
	}
	req.Header = x.header
	before := w.watchRequest(a, x)
	resp, err := w.spotify.RoundTripper().RoundTrip(req)
	if a.lied {
		_ = w.spotify.ClearFaults() // nothing is kept on disk: never fails
	}
	if err != nil {
		return nil, fmt.Errorf("reaching the stand-in: %w", err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("reading the stand-in's answer: %w", err)
	}
	if a.alters != nil && resp.StatusCode < 300 {
		body = a.alters(body)
	}
	a.alters = nil
	w.watchAnswer(a, x, before, resp.StatusCode, body)
	w.note(a.name, "%s%s: %d%s", x.route, x.tail(), resp.StatusCode, shortAnswer(x, resp.StatusCode, body))
	return answerOf(req, resp.StatusCode, resp.Header, string(body)), nil
}

func (x exchange) tail() string {
	if x.id == "" {
		return ""
	}
	return " " + x.id[:min(4, len(x.id))]
}

func shortAnswer(x exchange, status int, body []byte) string {
	if status >= 400 {
		return " " + string(body[:min(80, len(body))])
	}
	if x.route == routeAppend {
		return fmt.Sprintf(" (%d songs)", bytes.Count(x.body, []byte("spotify:track:")))
	}
	return ""
}

func answerOf(req *http.Request, status int, header http.Header, body string) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{
		StatusCode: status, Status: fmt.Sprintf("%d %s", status, http.StatusText(status)),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header,
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: req,
	}
}
