package fakespotify

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// route is one operation of the accounts service or the Web API.
type route struct {
	method  string
	pattern string
	scopes  []string // all of them are needed, as the OpenAPI document lists them
	params  []string // query parameters
	old     bool     // gone in development mode
	serve   func(c *call) answer
}

// accounts reports whether the route belongs to accounts.spotify.com.
func (rt route) accounts() bool { return !strings.HasPrefix(rt.pattern, "/v1/") }

// call is one request on its way through a route. Its fields below the blank
// line are valid under the server's lock only.
type call struct {
	r     *http.Request
	rt    route
	id    string // what stands for {id} in the path
	query url.Values
	body  []byte
	form  url.Values // of /api/token and the consent page
	base  string     // scheme and host as the client sees them
	stale bool       // FaultStaleRead
	nulls bool       // FaultNullPlaylists

	alterations []Fault // lies and rewrites that it meets

	now    time.Time
	lagged bool    // saw a playlist as it was before its last change
	who    *member // whose access token it is
	scopes []string
}

const maxRequestBody = 1 << 20

// match returns the route of a path and method.
func (s *Server) match(method, path string) (route, string, bool) {
	if path == "/v1/me/" { // as several libraries send it
		path = "/v1/me"
	}
	for _, rt := range s.routes {
		if rt.method != method {
			continue
		}
		before, after, hasID := strings.Cut(rt.pattern, "{id}")
		if !hasID {
			if path == rt.pattern {
				return rt, "", true
			}
			continue
		}
		rest, found := strings.CutPrefix(path, before)
		id, found2 := strings.CutSuffix(rest, after)
		if found && found2 && id != "" && !strings.Contains(id, "/") {
			return rt, id, true
		}
	}
	return route{}, "", false
}

// serveAPI answers for both of Spotify's hosts.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	rt, id, known := s.match(r.Method, r.URL.Path)
	log := Request{Method: r.Method, Route: rt.pattern}
	defer func() { s.record(log) }() // also when a fault panics
	if !known {
		a := s.unknown(r)
		log.Time, log.Status = s.Now(), a.status
		a.write(w)
		return
	}
	c, a, good := s.newCall(r, rt, id)
	if !good {
		log.Time, log.Status = s.Now(), a.status
		a.write(w)
		return
	}
	plan, account, err := s.plan(c)
	log.Time, log.Account, log.Fault = c.now, account, plan.kind()
	if err == nil {
		a, err = s.run(c, plan)
	}
	if err != nil {
		a = apiError(http.StatusInternalServerError, "The stand-in cannot save its state")
	}
	log.Status, log.Stale = a.status, c.lagged
	a.write(w)
}

// run carries the call and its faults out.
func (s *Server) run(c *call, plan faultPlan) (answer, error) {
	f := plan.fault
	s.wait(c, plan.before)
	if !f.AfterEffect {
		if f.Kind == FaultDrop {
			panic(http.ErrAbortHandler)
		}
		if a, replaced := f.answer(c.rt); replaced {
			return a, nil
		}
	}
	c.stale, c.nulls = f.Kind == FaultStaleRead, f.Kind == FaultNullPlaylists
	c.alterations = plan.alterations
	if a, refused := c.refusal(); refused {
		return a, nil
	}
	a, err := s.effect(c)
	if err != nil {
		return answer{}, err
	}
	s.wait(c, plan.after)
	if f.AfterEffect {
		if f.Kind == FaultDrop {
			panic(http.ErrAbortHandler)
		}
		if replacement, replaced := f.answer(c.rt); replaced {
			return replacement, nil
		}
	}
	return f.spoil(a), nil
}

// wait delays the call. A client that gave up gets nothing.
func (s *Server) wait(c *call, d time.Duration) {
	if d <= 0 {
		return
	}
	s.cfg.Sleep(c.r.Context(), d)
	if c.r.Context().Err() != nil {
		panic(http.ErrAbortHandler)
	}
}

// effect lets the route do its work, saves what it changed and alters the
// answer.
func (s *Server) effect(c *call) (answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.now = s.now()
	s.settle()
	a, refused := s.authorize(c)
	if !refused {
		s.checkParams(c)
		a = c.rt.serve(c)
	}
	if err := s.commit(); err != nil {
		return answer{}, err
	}
	return s.alter(c, a)
}

// plan finds out whose request it is and which faults it meets.
func (s *Server) plan(c *call) (faultPlan, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.now = s.now()
	account := s.accountOf(c)
	plan, err := s.takeFaults(c, account)
	return plan, account, err
}

func (s *Server) newCall(r *http.Request, rt route, id string) (*call, answer, bool) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, badRequest("Malformed query"), false
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequestBody+1))
	if err != nil {
		return nil, badRequest("Unreadable body"), false
	}
	if len(body) > maxRequestBody {
		return nil, apiError(http.StatusRequestEntityTooLarge, "Request body too large"), false
	}
	c := &call{r: r, rt: rt, id: id, query: query, body: body, base: baseURL(r), now: s.Now()}
	if rt.accounts() && r.Method == http.MethodPost {
		if c.form, err = url.ParseQuery(string(body)); err != nil {
			return nil, oauthError("invalid_request", "Malformed form"), false
		}
	}
	return c, answer{}, true
}

// baseURL is the scheme and host under which the client reached the stand-in.
func baseURL(r *http.Request) string {
	scheme := "http"
	if r.URL.Scheme != "" {
		scheme = r.URL.Scheme
	} else if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

// unknown answers a route that Spotify does not have, or the stand-in does not.
func (s *Server) unknown(r *http.Request) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.problem(fmt.Sprintf("unknown route %s %s", r.Method, r.URL.Path))
	return apiError(http.StatusNotFound, "Service not found")
}

func (s *Server) checkParams(c *call) {
	for name, values := range c.query {
		if !slices.Contains(c.rt.params, name) {
			s.problem(fmt.Sprintf("unknown parameter %q of %s %s", name, c.rt.method, c.rt.pattern))
		}
		if len(values) > 1 {
			s.problem(fmt.Sprintf("parameter %q of %s %s given twice", name, c.rt.method, c.rt.pattern))
		}
	}
}
