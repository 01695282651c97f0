package fieldcases

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// object is a JSON object of an answer.
type object = map[string]any

// mostRequests ends a row in which the requests of a run do not end.
const mostRequests = 1000

// proxy sits between the client and the stand-in, and changes answers.
type proxy struct {
	w        *world
	next     http.RoundTripper
	lies     []*lie
	all      []*lie // that were ever added
	late     []held
	requests int // to the Web API
	run      int // of them, those of the run under way
}

// A lie meets requests of one route.
type lie struct {
	match string // method and path below the API: "GET /me/playlists", "* /playlists/*/items", or "GET *"
	where func(r *http.Request) bool
	skip  int // how many matching requests pass first
	times int // how many it meets; 0 means all
	tell  func(x *exchange) (*http.Response, error)

	met  int
	told int
}

// exchange is one request on its way.
type exchange struct {
	p   *proxy
	req *http.Request
}

// held is a request that takes effect later.
type held struct {
	at  time.Time
	req *http.Request
}

// RoundTrip implements http.RoundTripper.
func (p *proxy) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	}
	if strings.HasPrefix(req.URL.Path, "/v1/") {
		p.requests++
		if p.run++; p.run > mostRequests {
			p.w.fatalf("got more than %d requests in one run", mostRequests)
		}
	}
	for _, l := range p.lies {
		if !l.meets(req) {
			continue
		}
		l.met++
		if l.met <= l.skip || l.times > 0 && l.met > l.skip+l.times {
			continue
		}
		l.told++
		return l.tell(&exchange{p: p, req: req})
	}
	return p.next.RoundTrip(req)
}

// nextLate returns the held request that takes effect first, if one does until
// then.
func (p *proxy) nextLate(until time.Time) (first held, ok bool) {
	at := -1
	for i, h := range p.late {
		if !h.at.After(until) && (at < 0 || h.at.Before(p.late[at].at)) {
			at = i
		}
	}
	if at < 0 {
		return held{}, false
	}
	first = p.late[at]
	p.late = slices.Delete(p.late, at, at+1)
	return first, true
}

func (l *lie) meets(req *http.Request) bool {
	method, pattern, _ := strings.Cut(l.match, " ")
	if method != "*" && method != req.Method {
		return false
	}
	path, api := strings.CutPrefix(req.URL.Path, "/v1")
	if pattern == "*" && !api {
		return false
	}
	return (pattern == "*" || samePath(pattern, path)) && (l.where == nil || l.where(req))
}

// samePath compares segment by segment; "*" stands for any.
func samePath(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != "*" && want[i] != got[i] {
			return false
		}
	}
	return true
}

// clone is the request with a body of its own, outside the context of the
// call.
func (x *exchange) clone() *http.Request {
	req := x.req.Clone(x.p.w.t.Context())
	if x.req.GetBody != nil {
		req.Body, _ = x.req.GetBody()
	}
	return req
}

// pass lets the stand-in answer.
func (x *exchange) pass() (*http.Response, error) { return x.p.next.RoundTrip(x.req) }

func (x *exchange) offset() int {
	n, _ := strconv.Atoi(x.req.URL.Query().Get("offset"))
	return n
}

func (x *exchange) answer(status int, body any) (*http.Response, error) {
	var text []byte
	if raw, ok := body.(string); ok {
		text = []byte(raw)
	} else {
		text, _ = json.Marshal(body)
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), StatusCode: status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/json; charset=utf-8"}},
		Body:          io.NopCloser(bytes.NewReader(text)),
		ContentLength: int64(len(text)),
		Request:       x.req,
	}, nil
}

func (x *exchange) refuse(status int, message string) (*http.Response, error) {
	return x.answer(status, object{"error": object{"status": status, "message": message}})
}

// refusing answers a status in Spotify's own form.
func refusing(status int, message string) func(x *exchange) (*http.Response, error) {
	return func(x *exchange) (*http.Response, error) { return x.refuse(status, message) }
}

// failing answers a bare status, as Spotify words it.
func failing(status int) func(x *exchange) (*http.Response, error) {
	message := http.StatusText(status)
	if status == http.StatusNotFound {
		message = "Resource not found"
	}
	return refusing(status, message)
}

// saying answers 200 with that body.
func saying(body any) func(x *exchange) (*http.Response, error) {
	return func(x *exchange) (*http.Response, error) { return x.answer(http.StatusOK, body) }
}

// empty is a page of a list without an entry.
func empty(total int) object {
	return object{"href": "", "items": []any{}, "limit": 50, "next": nil, "offset": 0, "previous": nil, "total": total}
}

// rewriting changes the JSON of a good answer.
func rewriting(edit func(x *exchange, body object)) func(x *exchange) (*http.Response, error) {
	return func(x *exchange) (*http.Response, error) {
		resp, err := x.pass()
		if err != nil || resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusCreated {
			return resp, err
		}
		var body object
		err = json.NewDecoder(resp.Body).Decode(&body)
		if closeErr := resp.Body.Close(); err != nil || closeErr != nil {
			return nil, fmt.Errorf("rewriting %s: %w", x.req.URL.Path, err)
		}
		edit(x, body)
		return x.answer(resp.StatusCode, body)
	}
}

// rewritingItems changes every entry of a page.
func rewritingItems(edit func(i int, entry object)) func(x *exchange) (*http.Response, error) {
	return rewriting(func(x *exchange, body object) {
		for i, entry := range list(body["items"]) {
			if o, ok := entry.(object); ok {
				edit(x.offset()+i, o)
			}
		}
	})
}

func list(value any) []any {
	entries, _ := value.([]any)
	return entries
}

// losing lets the request have its effect and loses the answer.
func losing(x *exchange) (*http.Response, error) {
	if resp, err := x.pass(); err == nil {
		_ = resp.Body.Close()
	}
	return nil, fmt.Errorf("reading response: %w", syscall.ECONNRESET)
}

// dropping loses the request.
func dropping(*exchange) (*http.Response, error) {
	return nil, fmt.Errorf("reading response: %w", syscall.ECONNRESET)
}

// delaying loses the answer, and the request has its effect only after d.
func delaying(d time.Duration) func(x *exchange) (*http.Response, error) {
	return func(x *exchange) (*http.Response, error) {
		x.p.late = append(x.p.late, held{at: x.p.w.now().Add(d), req: x.clone()})
		return nil, fmt.Errorf("reading response: %w", syscall.ECONNRESET)
	}
}

// of meets the requests about one playlist.
func of(id func() string) func(r *http.Request) bool {
	return func(r *http.Request) bool { return strings.Contains(r.URL.Path+"/", "/playlists/"+id()+"/") }
}

// inBody meets the requests whose body holds a text.
func inBody(text string) func(r *http.Request) bool {
	return func(r *http.Request) bool {
		if r.GetBody == nil {
			return false
		}
		copied, err := r.GetBody()
		if err != nil {
			return false
		}
		body, err := io.ReadAll(copied)
		return err == nil && bytes.Contains(body, []byte(text))
	}
}

// from meets the requests for pages from an offset on.
func from(offset int) func(r *http.Request) bool {
	return func(r *http.Request) bool { return queryInt(r.URL, "offset") >= offset }
}

func both(a, b func(r *http.Request) bool) func(r *http.Request) bool {
	return func(r *http.Request) bool { return a(r) && b(r) }
}

func queryInt(u *url.URL, name string) int {
	n, _ := strconv.Atoi(u.Query().Get(name))
	return n
}
