package alerts_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/local/alerts"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

var message = alerts.Message{Title: "Weekly Archive: a test", Body: "First line.\nSecond line, with <b>, & and \"."}

func send(t *testing.T, addresses string) error {
	t.Helper()
	s, err := alerts.NewSender(secret.New(addresses))
	if err != nil {
		t.Fatal(err)
	}
	return s.Send(t.Context(), message)
}

func TestMail(t *testing.T) {
	t.Parallel()
	b := newMailbox(t)
	if err := send(t, "smtp://me:hunter2@"+b.address+"/?from=archive@example.com&to=me@example.com"); err != nil {
		t.Fatal(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.mails) != 1 {
		t.Fatalf("got %d mails, want 1", len(b.mails))
	}
	h := b.mails[0].Header
	if h.Get("Subject") != message.Title || !strings.Contains(h.Get("To"), "me@example.com") || !strings.Contains(h.Get("From"), "archive@example.com") {
		t.Errorf("got the header %v", h)
	}
	if got := strings.ReplaceAll(b.texts[0], "\r\n", "\n"); !strings.Contains(got, message.Body) {
		t.Errorf("got the text %q, want %q in it", got, message.Body)
	}
}

func TestWebServices(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		address     func(host string) string
		path        string
		title, body string // fields of what is posted; empty: it is no JSON
	}{
		"webhook": {func(host string) string { return "generic+http://" + host + "/hook?template=json" }, "/hook", "title", "message"},
		"ntfy":    {func(host string) string { return "ntfy://" + host + "/my-topic?scheme=http" }, "/my-topic", "", ""},
		"gotify":  {func(host string) string { return "gotify://" + host + "/Aaaaaaaaaaaaaaa?disabletls=yes" }, "/message", "title", "message"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServices(t)
			if err := send(t, row.address(s.host())); err != nil {
				t.Fatal(err)
			}
			got := s.requests()
			if len(got) != 1 || got[0].path != row.path {
				t.Fatalf("got %+v, want one request of %s", got, row.path)
			}
			title, body := got[0].header.Get("Title"), got[0].body
			if row.title != "" {
				var form map[string]any
				if err := json.Unmarshal([]byte(got[0].body), &form); err != nil {
					t.Fatal(err)
				}
				title, _ = form[row.title].(string)
				body, _ = form[row.body].(string)
			}
			if title != message.Title || body != message.Body {
				t.Errorf("got %q and %q, want %q and %q", title, body, message.Title, message.Body)
			}
		})
	}
}

// elsewhere leads every request of the process to a server of the test: Discord's
// address cannot be set.
type elsewhere struct{ to *url.URL }

func (e elsewhere) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("X-Meant-For", r.URL.Host)
	r.URL.Scheme, r.URL.Host = e.to.Scheme, e.to.Host
	return (&http.Transport{}).RoundTrip(r)
}

func TestDiscord(t *testing.T) { //nolint:paralleltest // it changes what the process has one of
	s := newServices(t)
	s.answer(http.StatusNoContent)
	to, _ := url.Parse(s.url)
	before := http.DefaultTransport
	http.DefaultTransport = elsewhere{to}
	t.Cleanup(func() { http.DefaultTransport = before })
	if err := send(t, "discord://token@4711"); err != nil {
		t.Fatal(err)
	}
	got := s.requests()
	if len(got) != 1 || got[0].header.Get("X-Meant-For") != "discord.com" || got[0].path != "/api/webhooks/4711/token" {
		t.Fatalf("got %+v, want one request of Discord's webhook", got)
	}
	var form struct {
		Embeds []struct{ Title, Description string }
	}
	if err := json.Unmarshal([]byte(got[0].body), &form); err != nil || len(form.Embeds) == 0 {
		t.Fatalf("got %s, error %v", got[0].body, err)
	}
	if e := form.Embeds[0]; e.Title != message.Title || e.Description != message.Body || len(form.Embeds) != 1 {
		t.Errorf("got %+v, want one frame with title and text", form.Embeds)
	}
}

// No error holds a part of an address, or what a service says; each says which
// service it is, and what is in the way.
func TestErrorsHoldNoAddress(t *testing.T) {
	t.Parallel()
	s, b := newServices(t), newMailbox(t)
	s.answer(http.StatusUnauthorized)
	b.refuse = "550 5.7.1 hunter2 may not send"
	for address, want := range map[string]string{
		"gotify://" + s.host() + "/Ahunter2hunter2?disabletls=yes":        "gotify: ",
		"generic+http://" + s.host() + "/hunter2":                         "generic: ",
		"ntfy://" + s.host() + "/hunter2?scheme=http":                     "ntfy: it answers 401",
		"smtp://hunter2:hunter2@" + b.address + "/?from=a@b.cd&to=e@f.gh": "smtp: it answers 550",
		"smtp://hunter2:hunter2@127.0.0.1:1/?from=a@b.cd&to=hunter2@f.gh": "smtp: it cannot be reached",
		"telegram://hunter2:x@telegram?chats=@hunter2":                    "",
		"nothing://hunter2@example.com":                                   "",
		"smtp://hunter2@exa mple.com":                                     "",
		"gotify://hunter2.example.com/short":                              "",
		"%zzhunter2":                                                      "",
		"hunter2":                                                         "",
		" ":                                                               "",
	} {
		sender, err := alerts.NewSender(secret.New(address))
		if want != "" && err != nil {
			t.Errorf("%s: got error %v, want it taken", address, err)
			continue
		}
		if err == nil {
			err = sender.Send(t.Context(), message)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want %q in it", address, err, want)
			continue
		}
		for _, leak := range []string{"hunter2", "127.0.0.1", "example", "what a service says", s.host(), "f.gh"} {
			if strings.Contains(err.Error(), leak) && !strings.Contains(err.Error(), "want such as") {
				t.Errorf("%s: %q holds %q", address, err, leak)
			}
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error holds a secret: %q", address, err)
		}
	}
}

// One service that is down does not keep another from being told, and the
// other is told once.
func TestSeveralServices(t *testing.T) {
	t.Parallel()
	up, down := newServices(t), newServices(t)
	down.answer(http.StatusBadGateway)
	if err := send(t, "generic+http://"+down.host()+"/down  generic+http://"+up.host()+"/up"); err != nil {
		t.Errorf("got error %v, want none: one has it", err)
	}
	if got := up.requests(); len(got) != 1 {
		t.Errorf("got %d requests, want 1", len(got))
	}
}

func TestSendEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s, err := alerts.NewSender(secret.New("generic+http://" + newServices(t).host() + "/"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Send(ctx, message); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}

func TestHeartbeat(t *testing.T) {
	t.Parallel()
	s := newServices(t)
	beat := alerts.Heartbeat(secret.New(s.url + "/ping/hunter2"))
	if err := beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.requests(); len(got) != 1 || got[0].path != "/ping/hunter2" {
		t.Errorf("got %+v, want one call", got)
	}
	s.answer(http.StatusNotFound)
	if err := beat(t.Context()); err == nil || err.Error() != "it answers 404" {
		t.Errorf("got error %v, want its status alone", err)
	}
	if err := alerts.Heartbeat(secret.New("http://127.0.0.1:1/hunter2"))(t.Context()); err == nil || err.Error() != "it cannot be reached" {
		t.Errorf("got error %v, want what is in the way alone", err)
	}
}
