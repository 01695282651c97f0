package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
)

const standinCommand = "../../internal/spotify/fakespotify/standin"

// ownStandin is a stand-in that runs on its own, as `make spotify` starts it.
type ownStandin struct {
	binary, state string
	addr          string // where it listens, again after a restart
	url           string
	command       *exec.Cmd
}

func newOwnStandin(t *testing.T) *ownStandin {
	t.Helper()
	s := &ownStandin{binary: build(t, standinCommand), state: filepath.Join(t.TempDir(), "state"), addr: "127.0.0.1:0"}
	s.start(t)
	return s
}

var accountsLine = regexp.MustCompile(`SPOTIFY_ACCOUNTS_URL=(\S+)`)

func (s *ownStandin) start(t *testing.T) {
	t.Helper()
	s.command = exec.CommandContext(t.Context(), s.binary, "-addr", s.addr, "-mode", "extended", "-state", s.state)
	stdout, err := s.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	for s.url = ""; s.url == "" && lines.Scan(); {
		s.url = submatch(accountsLine, lines.Text())
	}
	if s.url == "" {
		t.Fatal("the stand-in did not start")
	}
	s.addr = strings.TrimPrefix(s.url, "http://")
	go func() { _, _ = io.Copy(io.Discard, stdout) }() // ends with the stand-in
}

func (s *ownStandin) kill(t *testing.T) {
	t.Helper()
	if err := s.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = s.command.Wait() // says that it was killed
}

// proxy passes everything on and counts it. Requests for the stand-in's time
// and control page have no business here.
type proxy struct {
	url      string
	requests atomic.Int64
}

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{}
	reverse := httputil.NewSingleHostReverseProxy(target)
	reverse.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, controlPath) && !strings.HasSuffix(r.URL.Path, ".css") {
			t.Errorf("%s %s went through the proxy, want it to go to the stand-in", r.Method, r.URL.Path)
		}
		p.requests.Add(1)
		reverse.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

// Three processes: a stand-in, the service, and between them a proxy for each
// of Spotify's hosts. Weeks move with the stand-in's time, whoever moves it,
// and both processes are killed on the way.
func TestStandinThatRunsOnItsOwn(t *testing.T) {
	t.Parallel()
	s := newOwnStandin(t)
	accounts, api := newProxy(t, s.url), newProxy(t, s.url)
	m := &machine{binary: build(t, "."), dir: t.TempDir(), environ: []string{
		"SPOTIFY_STANDIN_URL=" + s.url, "SPOTIFY_ACCOUNTS_URL=" + accounts.url, "SPOTIFY_API_URL=" + api.url + "/v1",
	}}
	p := m.start(t)
	if p.spotify != s.url {
		t.Errorf("the greeting leads to a control page at %q, want %q", p.spotify, s.url)
	}
	browser := newPerson(t, p.site)
	if home, _ := browser.open(t, p.site); !strings.Contains(home, `href="`+s.url+`/standin"`) {
		t.Error("the start page does not lead to the stand-in's control page")
	}
	p.nextMonday(t) // whatever day it is today
	browser.connect(t, "demo1")
	p.week(t)
	p.wantArchived(t, 30)

	post(t, s.url+"/standin/time", `{"next_monday":true}`, new(any))
	if sent := p.week(t); sent.Enqueued != 1 {
		t.Errorf("after the stand-in's time moved: got %d users due at once, want 1", sent.Enqueued)
	}
	p.wantArchived(t, 60)

	before := p.status(t).Now
	if now := p.nextMonday(t); now.Weekday() != time.Monday || calendar.WeekOf(now) == calendar.WeekOf(before) {
		t.Errorf("next Monday: got %s after %s, want another week's", now, before)
	}
	s.wantTime(t, p.status(t).Now)
	p.week(t)
	p.wantArchived(t, 90)

	p.kill(t)
	post(t, s.url+"/standin/time", `{"advance":"168h"}`, new(any))
	p = m.start(t)
	p.week(t)
	p.wantArchived(t, 120)

	s.kill(t)
	away := p.status(t).Now
	if away.Before(before) {
		t.Errorf("while the stand-in is away: got time %s, want it to go on from %s", away, before)
	}
	if err := tryPost(t.Context(), p.site+"/local/next-monday", "", new(any)); err == nil || !strings.Contains(err.Error(), "502") {
		t.Errorf("next Monday while the stand-in is away: got error %v, want status 502", err)
	}
	post(t, p.site+"/local/weekly", "", new(any)) // a run may wait for it
	s.start(t)
	p.untilBack(t)
	p.nextMonday(t)
	p.week(t)
	p.wantArchived(t, 150)
	p.terminate(t)

	if accounts.requests.Load() == 0 || api.requests.Load() == 0 {
		t.Errorf("got %d and %d requests through the proxies, want some", accounts.requests.Load(), api.requests.Load())
	}
	entries, err := os.ReadDir(m.dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Name() != standinDir {
		t.Errorf("got %v in the data directory, want the demo folder alone", entries)
	}
}

func (p *process) wantArchived(t *testing.T, want int) {
	t.Helper()
	user := p.only(t)
	if got := archived(user); got != want {
		t.Fatalf("got %d songs archived, want %d; last outcome %s\n%s", got, want, user.Outcome, p.errors)
	}
}

// untilBack waits until the service has noticed that the stand-in is back.
func (p *process) untilBack(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for !strings.Contains(p.errors.String(), "stand-in is back") {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("the service has not noticed that the stand-in is back:\n%s", p.errors)
		}
	}
}

func (s *ownStandin) wantTime(t *testing.T, want time.Time) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/standin/time", nil)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct{ Now time.Time }
	if err := ask(r, &answer); err != nil {
		t.Fatal(err)
	}
	if apart := answer.Now.Sub(want).Abs(); apart > time.Minute {
		t.Errorf("the stand-in's time is %s, the service's %s", answer.Now, want)
	}
}

func TestStandinThatIsNotThere(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(other.Close)
	gone := httptest.NewServer(nil)
	gone.Close()
	for name, tc := range map[string]struct{ url, says string }{
		"nobody_listens":  {gone.URL, "no Spotify stand-in answers at " + gone.URL},
		"another_program": {other.URL, "something else (status 404) at " + other.URL},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := run(t.Context(), nil, []string{"PORT=0", "DATA_DIR=" + t.TempDir(), "SPOTIFY_STANDIN_URL=" + tc.url}, io.Discard, io.Discard)
			if err == nil {
				t.Fatal("got no error")
			}
			for _, want := range []string{"SPOTIFY_STANDIN_URL", tc.says, "make spotify"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got error %q, want it to say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("got error %q, want one line", err)
			}
		})
	}
}
