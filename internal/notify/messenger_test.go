package notify_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/messaging"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/notify"
	"github.com/weeklyarchive/weeklyarchive/internal/notify/address"
	"github.com/weeklyarchive/weeklyarchive/internal/notify/notifytest"
)

// keys returns the pair of a copy of the service.
func keys() func(context.Context) (notice.PushPair, error) {
	ring := archivetest.NewKeyRing()
	k := &messaging.PushKeys{Store: archivetest.NewStore(time.Now), Sealer: ring, Opener: ring}
	return k.Pair
}

func open(t *testing.T, s *notifytest.Server, edits ...func(*notify.Config)) *notify.Messenger {
	t.Helper()
	cfg := notify.Config{
		Keys: keys(), Contact: "operator@example.org", NtfyServers: []string{address.PublicNtfy},
		Standin: s.URL, TLS: s.TLS,
	}
	for _, edit := range edits {
		edit(&cfg)
	}
	m, err := notify.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func push(t *testing.T, s *notifytest.Server, b *notifytest.Browser) notice.Address {
	t.Helper()
	a, err := address.Push(b.Subscription, s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// shown is a notice as a browser shows it.
func shown(t *testing.T, p notifytest.Push) notice.Message {
	t.Helper()
	var payload struct {
		WebPush      int `json:"web_push"`
		Notification struct {
			Title, Body, Lang, Tag, Navigate string
			Actions                          []struct{ Action, Title, Navigate string }
		}
	}
	if err := json.Unmarshal(p.Payload, &payload); err != nil || payload.WebPush != 8030 {
		t.Fatalf("got a payload %s (error %v), want a declarative message", p.Payload, err)
	}
	n := payload.Notification
	if p.Topic != n.Tag {
		t.Errorf("got topic %q and tag %q, want one", p.Topic, n.Tag)
	}
	m := notice.Message{
		Tag: n.Tag, Title: n.Title, Body: n.Body, Language: n.Lang, Link: n.Navigate,
		Life: time.Duration(p.TTL) * time.Second, Urgency: notice.Urgency(p.Urgency),
	}
	for _, a := range n.Actions {
		m.Actions = append(m.Actions, notice.Action{Name: a.Title, Link: a.Navigate})
	}
	return m
}

func TestPushIsAMessenger(t *testing.T) {
	t.Parallel()
	archivetest.Messenger(t, func(t *testing.T) archivetest.Reach {
		s := notifytest.New(t)
		browser := s.Browser(t)
		return archivetest.Reach{
			Messenger: open(t, s), Address: push(t, s, browser),
			Shown: func() []notice.Message {
				var list []notice.Message
				for _, p := range browser.Shown() {
					list = append(list, shown(t, p))
				}
				return list
			},
			End:  func() { browser.End(http.StatusGone) },
			Fail: func(refused bool) { s.Fail(failure(refused)) },
			Lose: func() { s.Fail(notifytest.Lose) },
		}
	})
}

func TestNtfyIsAMessenger(t *testing.T) {
	t.Parallel()
	archivetest.Messenger(t, func(t *testing.T) archivetest.Reach {
		s := notifytest.New(t)
		a, err := address.Ntfy(s.URL+"/ada-s_music1", []string{s.URL})
		if err != nil {
			t.Fatal(err)
		}
		return archivetest.Reach{
			Messenger: open(t, s), Address: a,
			Shown: func() []notice.Message {
				var list []notice.Message
				for _, p := range s.Topic("ada-s_music1") {
					m := archivetest.NewMessage(p.Sequence) // a topic knows neither language nor life
					m.Title, m.Body, m.Link, m.Actions = p.Title, p.Message, p.Click, nil
					for _, action := range p.Actions {
						m.Actions = append(m.Actions, notice.Action{Name: action.Label, Link: action.URL})
					}
					list = append(list, m)
				}
				return list
			},
			Fail: func(refused bool) { s.Fail(failure(refused)) },
			Lose: func() { s.Fail(notifytest.Lose) },
		}
	})
}

func failure(refused bool) notifytest.Fault {
	if refused {
		return notifytest.Status(http.StatusForbidden)
	}
	return notifytest.Status(http.StatusServiceUnavailable)
}

func TestWhatServicesAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault notifytest.Fault
		want  error // nil: try later
	}{
		"404":                  {notifytest.Status(404), notice.ErrChannelGone},
		"410":                  {notifytest.Status(410), notice.ErrChannelGone},
		"400":                  {notifytest.Status(400), notice.ErrMessageRefused},
		"401":                  {notifytest.Status(401), notice.ErrMessageRefused},
		"413":                  {notifytest.Status(413), notice.ErrMessageRefused},
		"408":                  {notifytest.Status(408), nil},
		"429":                  {notifytest.Status(429), nil},
		"500":                  {notifytest.Status(500), nil},
		"502":                  {notifytest.Status(502), nil},
		"cut_off":              {notifytest.Cut, nil},
		"redirect_to_loopback": {notifytest.Redirect("http://127.0.0.1:1/"), notice.ErrMessageRefused},
		"redirect_to_metadata": {notifytest.Redirect("http://169.254.169.254/computeMetadata/v1/"), notice.ErrMessageRefused},
		"redirect_to_a_vendor": {notifytest.Redirect("https://fcm.googleapis.com/x"), notice.ErrMessageRefused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := notifytest.New(t)
			s.Fail(c.fault)
			err := open(t, s).Deliver(t.Context(), push(t, s, s.Browser(t)), archivetest.NewMessage("test"))
			ended := errors.Is(err, notice.ErrChannelGone) || errors.Is(err, notice.ErrMessageRefused)
			if err == nil || c.want != nil && !errors.Is(err, c.want) || c.want == nil && ended {
				t.Errorf("got error %v, want %v", err, c.want)
			}
			if got := s.Requests(); got != 1 {
				t.Errorf("got %d requests, want 1: no redirect is followed and nothing repeated", got)
			}
		})
	}
}

// A service that never answers takes the time that it is given, and no more.
func TestHangingServiceIsGivenUp(t *testing.T) {
	t.Parallel()
	s := notifytest.New(t)
	s.Fail(notifytest.Hang)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := open(t, s).Deliver(ctx, push(t, s, s.Browser(t)), archivetest.NewMessage("test"))
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got error %v, want %v", err, context.DeadlineExceeded)
	}
}

// 64 MiB of answer are not read.
func TestEndlessAnswerIsNotRead(t *testing.T) {
	t.Parallel()
	s := notifytest.New(t)
	s.Fail(notifytest.Flood)
	browser := s.Browser(t)
	started := time.Now()
	if err := open(t, s).Deliver(t.Context(), push(t, s, browser), archivetest.NewMessage("test")); err != nil {
		t.Errorf("got error %v, want none: the message was taken", err)
	}
	if took := time.Since(started); took > 10*time.Second || len(browser.Shown()) != 1 {
		t.Errorf("took %s for %d messages, want a moment for 1", took, len(browser.Shown()))
	}
}

func TestContacts(t *testing.T) {
	t.Parallel()
	for contact, want := range map[string]string{
		"operator@example.org":           "mailto:operator@example.org",
		"mailto:operator@example.org":    "mailto:operator@example.org",
		"https://archive.example":        "https://archive.example",
		"https://git.example/me/archive": "https://git.example/me/archive",
		"":                               "",
		"operator":                       "",
		"operator@localhost":             "",
		"@example.org":                   "",
		"https://localhost:8080":         "",
		"http://archive.example":         "",
		"me <operator@example.org>":      "",
	} {
		t.Run(contact, func(t *testing.T) {
			t.Parallel()
			s := notifytest.New(t)
			m, err := notify.New(notify.Config{Keys: keys(), Contact: contact, Standin: s.URL, TLS: s.TLS})
			if (err == nil) != (want != "") {
				t.Fatalf("got error %v, want one: %t", err, want == "")
			}
			if want == "" {
				return
			}
			browser := s.Browser(t)
			if err := m.Deliver(t.Context(), push(t, s, browser), archivetest.NewMessage("test")); err != nil {
				t.Fatal(err)
			}
			if got := browser.Shown()[0].Subject; got != want {
				t.Errorf("got subject %q, want %q", got, want)
			}
		})
	}
}

// Another copy of the service cannot push to a browser that this one's key
// subscribed.
func TestAnotherKeyIsRefused(t *testing.T) {
	t.Parallel()
	s := notifytest.New(t)
	browser := s.Browser(t)
	to := push(t, s, browser)
	if err := open(t, s).Deliver(t.Context(), to, archivetest.NewMessage("one")); err != nil {
		t.Fatal(err)
	}
	err := open(t, s).Deliver(t.Context(), to, archivetest.NewMessage("two"))
	if !errors.Is(err, notice.ErrMessageRefused) || len(browser.Shown()) != 1 {
		t.Errorf("got error %v and %d messages, want %v and 1", err, len(browser.Shown()), notice.ErrMessageRefused)
	}
}

// What a push service could see of a message is its size, which is always the same.
func TestPushesAreOfOneSize(t *testing.T) {
	t.Parallel()
	s := notifytest.New(t)
	m := open(t, s)
	for _, body := range []string{"", strings.Repeat("ä", 400)} {
		message := archivetest.NewMessage("size")
		message.Body = body
		if err := m.Deliver(t.Context(), push(t, s, s.Browser(t)), message); err != nil {
			t.Errorf("a body of %d bytes: got error %v", len(body), err)
		}
	}
	if diff := cmp.Diff(s.Sizes(), []int{4096, 4096}); diff != "" {
		t.Errorf("sizes, got -, want +:\n%s", diff)
	}
	long := archivetest.NewMessage("long")
	long.Body = strings.Repeat("x", 5000)
	if err := m.Deliver(t.Context(), push(t, s, s.Browser(t)), long); !errors.Is(err, notice.ErrMessageRefused) {
		t.Errorf("a message that is too long: got error %v, want %v", err, notice.ErrMessageRefused)
	}
}
