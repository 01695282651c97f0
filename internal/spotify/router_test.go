package spotify_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// router plays a script of its own for each route, such as "GET /me/player".
// A route without one fails the test.
type router struct {
	t       *testing.T
	mu      sync.Mutex
	scripts map[string]*script
	names   []string // of what was asked, in order
}

func newRouter(t *testing.T, routes map[string][]step) *router {
	t.Helper()
	r := &router{t: t, scripts: map[string]*script{}}
	for name, steps := range routes {
		r.scripts[name] = &script{steps: steps}
	}
	return r
}

func (r *router) RoundTrip(req *http.Request) (*http.Response, error) {
	name := req.Method + " " + strings.TrimPrefix(req.URL.Path, "/v1")
	r.mu.Lock()
	r.names = append(r.names, name)
	s := r.scripts[name]
	r.mu.Unlock()
	if s == nil {
		r.t.Errorf("got the request %s", name)
		s = &script{steps: []step{{status: http.StatusTeapot}}}
	}
	return s.RoundTrip(req)
}

func (r *router) asked() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.names...)
}

// query is the unescaped query of the only request of a route.
func (r *router) query(name string) string {
	r.t.Helper()
	sent := r.scripts[name].requests()
	if len(sent) != 1 {
		r.t.Fatalf("got %d requests %s, want 1", len(sent), name)
	}
	_, query, _ := strings.Cut(sent[0].url, "?")
	plain, err := url.QueryUnescape(query)
	if err != nil {
		r.t.Fatal(err)
	}
	return "?" + plain
}
