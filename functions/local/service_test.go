package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/local/operator"
)

// patience bounds everything that should happen at once.
const patience = time.Minute

// service is the program, run in the test's process.
type service struct {
	site     string // base address of the pages
	spotify  string // base address of the stand-in; empty without
	greeting string // what it printed at the start
	token    string // opens the operator's page; empty with a stand-in
	log      *syncBuffer
	stop     func() error // ends it as a signal does, and returns what run returned
}

// startService runs the program on free ports until stop or the end of the
// test. environ comes on top of a data directory and PORT=0.
func startService(tb testing.TB, dataDir string, environ ...string) *service {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	out, in := io.Pipe()
	s := &service{log: &syncBuffer{}}
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, nil, append([]string{"PORT=0", "DATA_DIR=" + dataDir}, environ...), in, s.log)
		_ = in.Close() // never fails
		ended <- err
	}()
	s.stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	tb.Cleanup(func() {
		if err := s.stop(); err != nil {
			tb.Errorf("running: %v", err)
		}
	})
	if s.readGreeting(out); s.site == "" {
		tb.Fatalf("it did not start: %v", s.stop())
	}
	token, _ := os.ReadFile(filepath.Join(dataDir, tokenFile)) // there is none with a stand-in
	s.token = strings.TrimSpace(string(token))
	return s
}

var (
	openLine    = regexp.MustCompile(`(?m)^  Open +(\S+)$`)
	spotifyLine = regexp.MustCompile(`(?m)^  Spotify +a stand-in .*: (\S+)/standin$`)
)

// readGreeting reads what the program prints until it serves, and takes the
// addresses out; they are empty if it ended instead. What is printed later is
// thrown away.
func (s *service) readGreeting(out io.Reader) {
	var text strings.Builder
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		text.WriteString(lines.Text() + "\n")
		if strings.HasPrefix(lines.Text(), "Press Ctrl-C") {
			break
		}
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // ends with the program
	s.greeting = text.String()
	s.site, s.spotify = submatch(openLine, s.greeting), submatch(spotifyLine, s.greeting)
}

func submatch(pattern *regexp.Regexp, text string) string {
	if m := pattern.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// syncBuffer is a log that is read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// post asks like curl and decodes the JSON answer.
func post(tb testing.TB, address, body string, answer any) {
	tb.Helper()
	if err := tryPost(tb.Context(), address, body, answer); err != nil {
		tb.Fatal(err)
	}
}

func tryPost(ctx context.Context, address, body string, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return err
	}
	return ask(r, answer)
}

func ask(r *http.Request, answer any) error {
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: status %d: %s", r.Method, r.URL.Path, response.StatusCode, text)
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("%s %s: %w", r.Method, r.URL.Path, err)
	}
	return nil
}

// operate asks the operator's page as a script does.
func (s *service) operate(tb testing.TB, method, path string, answer any) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, s.site+path, nil)
	if err != nil {
		tb.Fatal(err)
	}
	if s.token != "" {
		r.Header.Set("Authorization", "Bearer "+s.token)
	}
	if err := ask(r, answer); err != nil {
		tb.Fatal(err)
	}
}

// week runs the week and waits for its end.
func (s *service) week(tb testing.TB) operator.Sent {
	tb.Helper()
	var sent operator.Sent
	s.operate(tb, http.MethodPost, "/local/weekly?wait=30s", &sent)
	if sent.Done == nil || !*sent.Done {
		tb.Fatalf("the queue is not empty: %+v, left %+v\n%s", sent, sent.Left, s.log)
	}
	return sent
}

func (s *service) nextMonday(tb testing.TB) time.Time {
	tb.Helper()
	var moved struct{ Now time.Time }
	s.operate(tb, http.MethodPost, "/local/next-monday", &moved)
	return moved.Now
}

func (s *service) status(tb testing.TB) operator.Status {
	tb.Helper()
	var status operator.Status
	s.operate(tb, http.MethodGet, "/local/status", &status)
	return status
}

// only returns the one user.
func (s *service) only(tb testing.TB) operator.User {
	tb.Helper()
	status := s.status(tb)
	if len(status.Users) != 1 {
		tb.Fatalf("got %d users, want 1", len(status.Users))
	}
	return status.Users[0]
}

// person is a browser with a person before it.
type person struct {
	client *http.Client
	site   string
}

func newPerson(tb testing.TB, site string) *person {
	tb.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return &person{client: &http.Client{Jar: jar, Timeout: patience}, site: site}
}

// open follows a link and returns the page and where it led.
func (p *person) open(tb testing.TB, address string) (page string, at *url.URL) {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, address, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return p.do(tb, r)
}

// submit posts a form as a browser does.
func (p *person) submit(tb testing.TB, address string, form url.Values) (page string, at *url.URL) {
	tb.Helper()
	return p.do(tb, formRequest(tb, address, form))
}

func formRequest(tb testing.TB, address string, form url.Values) *http.Request {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		tb.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

// refused follows a link that the site must not take.
func (p *person) refused(tb testing.TB, address string) {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, address, nil)
	if err != nil {
		tb.Fatal(err)
	}
	if status, page, _ := p.send(tb, r); status < 400 || status >= 500 {
		tb.Errorf("%s: got status %d, want a refusal:\n%s", r.URL.Path, status, page)
	}
}

func (p *person) do(tb testing.TB, r *http.Request) (page string, at *url.URL) {
	tb.Helper()
	status, page, at := p.send(tb, r)
	if status != http.StatusOK {
		tb.Fatalf("%s %s: got status %d, want 200:\n%s", r.Method, r.URL.Path, status, page)
	}
	return page, at
}

func (p *person) send(tb testing.TB, r *http.Request) (status int, page string, at *url.URL) {
	tb.Helper()
	r.Header.Set("Accept", "text/html")
	response, err := p.client.Do(r)
	if err != nil {
		tb.Fatal(err)
	}
	text, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		tb.Fatal(err)
	}
	return response.StatusCode, string(text), response.Request.URL
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// connect goes through the consent page with an account and returns the
// account page, on which the person has to land.
func (p *person) connect(tb testing.TB, account string) string {
	tb.Helper()
	status, page, at := p.agree(tb, account)
	if want := p.site + "/account"; status != http.StatusOK || at.String() != want {
		tb.Fatalf("after the consent: at %s with status %d, want %s\n%s", at, status, want, page)
	}
	return page
}

// agree goes through the consent page with an account and returns where that
// led.
func (p *person) agree(tb testing.TB, account string) (status int, page string, at *url.URL) {
	tb.Helper()
	consent, at := p.open(tb, p.site+"/connect")
	form := url.Values{"account": {account}, "decision": {"agree"}}
	for _, m := range hiddenField.FindAllStringSubmatch(consent, -1) {
		form.Add(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
	}
	if !strings.Contains(consent, `value="`+account+`"`) {
		tb.Fatalf("no account %s on the consent page at %s", account, at.Path)
	}
	return p.send(tb, formRequest(tb, at.ResolveReference(&url.URL{Path: "/authorize"}).String(), form))
}

// archived sums up what a user's editions added.
func archived(u operator.User) int {
	added := 0
	for _, e := range u.Editions {
		added += e.Added
	}
	return added
}

func outcomes(kinds ...outcome.Kind) map[outcome.Kind]int {
	counts := map[outcome.Kind]int{}
	for _, kind := range kinds {
		counts[kind]++
	}
	return counts
}
