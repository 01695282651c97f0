package alerts_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"
)

// mailbox is a mail server that speaks SMTP (RFC 5321), with a password.
type mailbox struct {
	address string // host and port
	refuse  string // what it answers to a sender, instead of taking the mail

	mu    sync.Mutex
	mails []*mail.Message
	texts []string
}

func newMailbox(t *testing.T) *mailbox {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &mailbox{address: l.Addr().String()}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() { b.serve(conn) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		open.Wait()
	})
	return b
}

func (b *mailbox) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	say := func(line string) { _, _ = fmt.Fprintf(conn, "%s\r\n", line) }
	lines := bufio.NewReader(conn)
	say("220 mail.test ESMTP")
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		switch verb, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " "); verb {
		case "EHLO":
			say("250-mail.test")
			say("250 AUTH PLAIN")
		case "AUTH":
			say("235 2.7.0 accepted")
		case "MAIL":
			if b.refuse != "" {
				say(b.refuse)
				continue
			}
			say("250 ok")
		case "DATA":
			say("354 go on")
			b.take(lines)
			say("250 ok")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func (b *mailbox) take(lines *bufio.Reader) {
	var text strings.Builder
	for {
		line, err := lines.ReadString('\n')
		if err != nil || line == ".\r\n" {
			break
		}
		text.WriteString(strings.TrimPrefix(line, "."))
	}
	m, err := mail.ReadMessage(strings.NewReader(text.String()))
	if err != nil {
		return
	}
	body, _ := io.ReadAll(m.Body)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mails = append(b.mails, m)
	b.texts = append(b.texts, string(body))
}

// request is what a web server was asked.
type request struct {
	path, body string
	header     http.Header
}

// services is a web server in the place of Discord, ntfy, and whoever takes
// webhooks.
type services struct {
	url string

	mu     sync.Mutex
	status int // that it answers; 0: 200
	got    []request
}

func newServices(t *testing.T) *services {
	t.Helper()
	s := &services{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.got = append(s.got, request{r.URL.Path, string(body), r.Header})
		if s.status != 0 {
			w.WriteHeader(s.status)
		}
		answer := "{}"
		if s.status >= http.StatusBadRequest {
			answer = "what a service says stays there"
		}
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *services) answer(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
}

func (s *services) requests() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]request{}, s.got...)
}

// host is the server without its scheme.
func (s *services) host() string { return strings.TrimPrefix(s.url, "http://") }
