package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/operate"
)

// pager is where an operator is told, and where good weeks are reported.
type pager struct {
	host string

	mu    sync.Mutex
	told  []string // titles
	text  string   // of the newest
	beats int
}

func newPager(t *testing.T) *pager {
	t.Helper()
	p := &pager{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if r.URL.Path == "/beat" {
			p.beats++
			return
		}
		var form struct{ Title, Message string }
		body, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(body, &form) // an empty title shows
		p.told = append(p.told, strings.TrimPrefix(form.Title, "Weekly Archive: "))
		p.text = form.Message
	}))
	t.Cleanup(server.Close)
	p.host = strings.TrimPrefix(server.URL, "http://")
	return p
}

const hookPath = "/a-secret-path"

func (p *pager) environ() []string {
	return []string{"NOTIFY_URL=generic+http://" + p.host + hookPath + "?template=json", "HEARTBEAT_URL=http://" + p.host + "/beat"}
}

func (p *pager) sees(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		p.mu.Lock()
		done := is()
		p.mu.Unlock()
		if done {
			return
		}
	}
	t.Fatalf("never: %s; got %q and %d good weeks", what, p.told, p.beats)
}

// An alert is told where NOTIFY_URL says, once, with what to do, and once that
// it is over; and a good week is reported. Nothing of the address is logged.
func TestOperatorIsTold(t *testing.T) {
	t.Parallel()
	p, dir := newPager(t), t.TempDir()
	e := &exercise{dir: dir, service: startService(t, dir, p.environ()...)}
	newPerson(t, e.site).connect(t, "demo1")
	e.settle(t)
	e.monday(t)
	p.sees(t, "a good week", func() bool { return p.beats == 1 && len(p.told) == 0 })

	e.fault(t, `{"match":"POST /v1/playlists/{id}/items","kind":"status","status":400,"times":-1}`)
	e.monday(t)
	const refuses = "Spotify refuses our appends"
	p.sees(t, "an alert", func() bool {
		return slices.Equal(p.told, []string{refuses}) && strings.Contains(p.text, "the songs wait") && strings.Contains(p.text, "on the computer on which it runs") && !strings.Contains(p.text, "127.0.0.1")
	})
	e.catchUp(t)
	if err := e.stop(); err != nil {
		t.Fatal(err)
	}
	e.service = startService(t, dir, p.environ()...)
	e.honest(t)
	e.catchUp(t)
	e.advance(t, "16m")
	e.commands(t, "week", "--wait", "1m")
	p.sees(t, "its end, and another good week", func() bool {
		return slices.Equal(p.told, []string{refuses, "over: " + refuses}) && p.beats > 1
	})
	told, err := os.ReadFile(filepath.Join(dir, standinDir, toldFile))
	for _, text := range []string{e.log.String(), string(told)} {
		if err != nil || strings.Contains(text, hookPath) || strings.Contains(text, p.host) {
			t.Errorf("the address that the operator is told at is written down (error %v): %s", err, text)
		}
	}
}

func TestTestMessage(t *testing.T) {
	t.Parallel()
	p, dir := newPager(t), t.TempDir()
	if code, _, said := command(t, dir, nil, "notify", "test"); code != operate.ExitUsage || !strings.Contains(said, "NOTIFY_URL") {
		t.Errorf("got exit code %d: %s; want what is missing", code, said)
	}
	if code, _, said := command(t, dir, p.environ(), "notify", "test"); code != operate.ExitOK {
		t.Errorf("got exit code %d: %s", code, said)
	}
	p.sees(t, "the test message", func() bool { return slices.Equal(p.told, []string{"a test"}) })
	s := startService(t, dir, p.environ()...)
	s.operate(t, http.MethodPost, "/local/notify-test", new(any))
	p.sees(t, "two test messages", func() bool { return slices.Equal(p.told, []string{"a test", "a test"}) })
	bad := []string{"NOTIFY_URL=smtp://hunter2@mail.test"}
	if code, _, said := command(t, t.TempDir(), bad, "notify", "test"); code != operate.ExitFailed || strings.Contains(said, "hunter2") || !strings.Contains(said, "address 1") {
		t.Errorf("got exit code %d: %s; want which address is wrong, and nothing of it", code, said)
	}
	if code, _, said := command(t, t.TempDir(), append(bad, "HEARTBEAT_URL=hunter2")); code == operate.ExitOK || strings.Contains(said, "hunter2") {
		t.Errorf("got exit code %d: %s; want it not to start, and no secret", code, said)
	}
}
