// Package pagetest shows pages in each of their states to a browser. A test
// brings a page into a state, keeps the answer as a State, and hands all of
// them to Serve:
//
//	pagetest.Serve(t, states)
//
// Usually Serve does nothing. With -serve-pages the program of that test
// becomes a web server, which internal/acceptance/pages walks.
package pagetest

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

var serve = flag.Bool("serve-pages", false, "serve every state to a browser, until the standard input ends")

// Ready is what the line begins with that says where the list of pages is.
const Ready = "pages at "

// listPath is where the list of pages is.
const listPath = "/pages-of-the-test"

// State is a page in one state.
type State struct {
	Name     string         // such as "account_paused"; of lower-case letters, digits and underscores
	Language string         // its tag
	Answer   *http.Response // with its Request
	Body     string         // of the answer
	Site     http.Handler   // what answered; it answers what the page asks for, too
}

// Page is a State as the list of pages has it.
type Page struct {
	Name, Language string
	Address        string // for a browser, which says by the header Asks which state it asks for
	Status         int
}

// Asks is the header of a request that says which state it is about. One
// address for all of them lets a browser keep what it has loaded and compiled.
const Asks = "Page-State"

// State is what a request for the page, or for anything that belongs to it,
// says in the header Asks.
func (p Page) State() string { return p.Name + "." + p.Language }

// Serve shows the states, if it was asked to, until the standard input ends.
// The page is what the State holds, and all else is answered by its site, with
// the cookies of whoever the page was for.
func Serve(t *testing.T, states []State) {
	t.Helper()
	if !*serve {
		return
	}
	var sites map[string]http.Handler
	var pages []Page
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == listPath {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(pages)
			return
		}
		site, ok := sites[r.Header.Get(Asks)]
		if !ok { // a tool asks for robots.txt by itself
			site = sites[pages[0].State()]
		}
		site.ServeHTTP(w, r)
	}))
	defer server.Close()
	sites, pages = list(t, states, "http://"+server.Listener.Addr().String())
	server.Start()
	fmt.Println(Ready + server.URL + listPath)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// list gives every state a site.
func list(t *testing.T, states []State, base string) (map[string]http.Handler, []Page) {
	t.Helper()
	sites, pages := map[string]http.Handler{}, make([]Page, 0, len(states))
	for _, state := range states {
		page := Page{
			Name: state.Name, Language: state.Language, Status: state.Answer.StatusCode,
			Address: base + state.Answer.Request.URL.RequestURI(),
		}
		if sites[page.State()] != nil {
			t.Fatalf("two states are called %s", state.Name)
		}
		sites[page.State()] = newShown(state)
		pages = append(pages, page)
	}
	slices.SortFunc(pages, func(a, b Page) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Language, b.Language))
	})
	return sites, pages
}

// shown answers a browser that looks at a State.
type shown struct {
	State
	mu      sync.Mutex
	cookies map[string]*http.Cookie
}

func newShown(state State) *shown {
	s := &shown{State: state, cookies: map[string]*http.Cookie{}}
	for _, c := range state.Answer.Request.Cookies() {
		s.cookies[c.Name] = c
	}
	s.keep(state.Answer)
	return s
}

func (s *shown) keep(answer *http.Response) {
	for _, c := range answer.Cookies() {
		s.cookies[c.Name] = &http.Cookie{Name: c.Name, Value: c.Value} //nolint:gosec // of a test, sent by it alone
		if c.MaxAge < 0 {
			delete(s.cookies, c.Name)
		}
	}
}

func (s *shown) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && r.URL.RequestURI() == s.Answer.Request.URL.RequestURI() {
		reply(w, s.Answer, []byte(s.Body))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ours := "http://" + r.Host
	asked := s.Answer.Request
	r.Host = cmp.Or(asked.Host, asked.URL.Host)
	if theirs, ok := strings.CutPrefix(r.Header.Get("Origin"), ours); ok {
		r.Header.Set("Origin", asked.URL.Scheme+"://"+r.Host+theirs)
	}
	r.Header.Set("Accept-Language", s.Language)
	r.Header.Del("Cookie")
	for _, c := range s.cookies {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value}) //nolint:gosec // of a test, sent by it alone
	}
	recorder := httptest.NewRecorder()
	s.Site.ServeHTTP(recorder, r)
	answer := recorder.Result()
	s.keep(answer)
	reply(w, answer, recorder.Body.Bytes())
}

func reply(w http.ResponseWriter, answer *http.Response, body []byte) {
	for name, values := range answer.Header {
		if name != "Set-Cookie" {
			w.Header()[name] = values
		}
	}
	w.WriteHeader(answer.StatusCode)
	_, _ = w.Write(body)
}
