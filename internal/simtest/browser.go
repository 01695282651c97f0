package simtest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// visitAnswer is what the browser got.
type visitAnswer struct {
	status   int
	location string
	body     string
}

// browse serves one request of the person's browser, and keeps its cookies.
func (p *person) browse(pages http.Handler, method, path string, form map[string]string) (visitAnswer, bool) {
	values := url.Values{}
	for name, value := range form {
		values.Set(name, value)
	}
	req := httptest.NewRequest(method, baseURL+path, strings.NewReader(values.Encode()))
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for name, value := range p.browser {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	rec := httptest.NewRecorder()
	pages.ServeHTTP(rec, req)
	resp := rec.Result()
	for _, c := range resp.Cookies() {
		if c.MaxAge < 0 {
			delete(p.browser, c.Name)
		} else {
			p.browser[c.Name] = c.Value
		}
	}
	body, _ := io.ReadAll(resp.Body) // of a recorder: never fails
	p.w.secrets.scan("a page", string(body))
	location := resp.Header.Get("Location")
	if !strings.HasPrefix(location, accountsURL) {
		p.w.secrets.scan("an address of ours", location)
	}
	return visitAnswer{status: resp.StatusCode, location: location, body: string(body)}, true
}

// connect goes through sign-up once: to Spotify's consent page and back. It
// reports whether the account page is where it ended.
func (p *person) connect(name string) bool {
	query := "/connect?source=" + string(p.Choice)
	if p.Player {
		query += "&listening=1"
	}
	start, ok := p.visit(name+" connect", http.MethodGet, query, nil)
	if !ok || !strings.HasPrefix(start.location, accountsURL) {
		return false
	}
	back, ok := p.consent(start.location)
	if !ok {
		return false
	}
	p.w.sleepUntil(time.Now().Add(3 * time.Second))
	end, ok := p.visit(name+" callback", http.MethodGet, strings.TrimPrefix(back, baseURL), nil)
	return ok && end.location == "/account"
}

// consent agrees at Spotify's page and returns where the browser is sent.
func (p *person) consent(address string) (string, bool) {
	target, err := url.Parse(address)
	if err != nil {
		return "", false
	}
	form := target.Query()
	form.Set("account", p.key)
	form.Set("decision", "agree")
	target.RawQuery = ""
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, target.String(), bytes.NewReader([]byte(form.Encode())))
	if err != nil {
		return "", false
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := p.w.spotify.RoundTripper().RoundTrip(req)
	if err != nil {
		return "", false
	}
	back, err := url.Parse(resp.Header.Get("Location"))
	if err != nil {
		return "", false
	}
	code := back.Query().Get("code")
	p.w.secrets.add(code)
	p.w.owners[code] = p.key
	return back.String(), code != ""
}

// enrolled reports whether the person's document says that they use the
// service now.
func (p *person) enrolled() bool {
	u, ok := p.stored()
	return ok && u.Status != archive.StatusLeaving
}

// route is an address without its query, which may hold a code.
func route(path string) string {
	before, _, _ := strings.Cut(path, "?")
	return before
}
