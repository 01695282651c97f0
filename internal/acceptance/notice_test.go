package acceptance_test

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/serviceworker"
	"github.com/chromedp/chromedp"

	"github.com/weeklyarchive/weeklyarchive/internal/acceptance/chromium"
	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/links"
	"github.com/weeklyarchive/weeklyarchive/internal/notify"
	"github.com/weeklyarchive/weeklyarchive/internal/notify/address"
	"github.com/weeklyarchive/weeklyarchive/internal/notify/notifytest"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// What a browser does with our messages. Chromium subscribes at its vendor's
// service alone, so the subscription is made up here, and the push comes in
// by the protocol of its developer tools.
func TestNoticeInABrowser(t *testing.T) {
	t.Parallel()
	registrations := &seenRegistrations{}
	ctx, cancel := chromedp.NewContext(chromium.New(t), chromedp.WithListener(registrations.hear))
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(cancel)
	site, _ := startLocal(t, t.TempDir(), "development")
	must := func(what string, actions ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, actions...); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	must("connecting",
		chromedp.Navigate(site), click(".hero .button.main"), click(".choice .button.main"),
		click(`input[name="account"]`), click(`button[value="agree"]`), chromedp.WaitVisible(chromedp.CSS("#week")),
	)
	_, err := chromedp.CallBrowser(ctx, browser.SetPermission, browser.SetPermissionParams{
		Origin: site, Permission: &browser.PermissionDescriptor{Name: "notifications"}, Setting: browser.PermissionSettingGranted,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, serviceworker.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	must("opening the settings", chromedp.Navigate(site+"/account/settings"), chromedp.WaitVisible(chromedp.CSS("#push button")))
	run[bool](ctx, t, standinSubscription(t))
	press(t, ctx, "#push button")
	must("seeing the channel", chromedp.WaitVisible(chromedp.CSS(`form[action="/account/messages/test"] button`)))

	u := archive.User{Language: "en"}
	u.Discover.PlaylistID = "37i9dQZEVXcFriday"
	n := notice.Notice{Kind: notice.Turn, Edition: "2026-11-16", DaysLeft: 3}
	title, body := words.Messages(true).Notice(u, n)
	link := (&links.Links{Base: site}).Notice(u, n)
	payload := pushed(t, notice.Message{Tag: n.Tag(), Title: title, Body: body, Language: "en", Link: link, Life: time.Hour, Urgency: notice.UrgencyNormal})
	deliver := func(data string) {
		t.Helper()
		_, err := chromedp.Call(ctx, serviceworker.DeliverPushMessage, serviceworker.DeliverPushMessageParams{
			Origin: site, RegistrationID: registrations.of(t, site), Data: data,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	run[bool](ctx, t, `navigator.serviceWorker.ready.then(() => true)`)
	wantNotices(ctx, t, deliver, payload, title+" | "+body+" | "+n.Tag())
	deliver(payload) // again, which the service may do
	wantNotices(ctx, t, deliver, payload, title+" | "+body+" | "+n.Tag())
	if got := opened(ctx, t); got != link || !strings.HasPrefix(link, "https://open.spotify.com/") {
		t.Errorf("a tap opens %q, want %q", got, link)
	}
	// Something shows nevertheless: a browser ends who shows nothing.
	wantNotices(ctx, t, deliver, "no JSON", "Weekly Archive |  | account")
}

// run evaluates a script in the page.
func run[T any](ctx context.Context, t *testing.T, script string) T {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return value
}

// standinSubscription lets the page subscribe to a service that is not asked.
func standinSubscription(t *testing.T) string {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	auth := make([]byte, 16)
	_, _ = rand.Read(auth) // never fails
	encode := base64.RawURLEncoding.EncodeToString
	return fmt.Sprintf(`PushManager.prototype.subscribe = async () => ({
		toJSON: () => ({ endpoint: "https://fcm.googleapis.com/fcm/send/made-up", keys: { p256dh: %q, auth: %q } }),
	}), true`, encode(key.PublicKey().Bytes()), encode(auth))
}

// pushed is what a browser makes of a message that we push.
func pushed(t *testing.T, m notice.Message) string {
	t.Helper()
	services := notifytest.New(t)
	device := services.Browser(t)
	to, err := address.Push(device.Subscription, services.URL)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	messenger, err := notify.New(notify.Config{
		Contact: "operator@example.com", Standin: services.URL, TLS: services.TLS,
		Keys: func(context.Context) (notice.PushPair, error) {
			return notice.PushPair{Public: encode(key.PublicKey().Bytes()), Private: secret.New(encode(key.Bytes()))}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := messenger.Deliver(t.Context(), to, m); err != nil {
		t.Fatal(err)
	}
	return string(device.Shown()[0].Payload)
}

// seenRegistrations are the service workers that the browser tells of.
type seenRegistrations struct {
	mu   sync.Mutex
	seen map[string]serviceworker.RegistrationID // by scope
}

func (s *seenRegistrations) hear(event any) {
	updated, ok := event.(*serviceworker.EventWorkerRegistrationUpdated)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil {
		s.seen = map[string]serviceworker.RegistrationID{}
	}
	for _, r := range updated.Registrations {
		s.seen[r.ScopeURL] = r.RegistrationID
	}
}

func (s *seenRegistrations) of(t *testing.T, site string) serviceworker.RegistrationID {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		s.mu.Lock()
		id, found := s.seen[site+"/"]
		s.mu.Unlock()
		if found {
			return id
		}
	}
	t.Fatal("the browser tells of no service worker")
	return ""
}

// wantNotices has a push delivered until the browser shows this notice, and no
// other of its tag. DevTools does not tell whether a worker has taken a push; one
// that has just begun may miss it, and a push service sends it again then, too. So
// one that was asked for twice may show after it was tapped.
func wantNotices(ctx context.Context, t *testing.T, deliver func(string), payload, want string) {
	t.Helper()
	const script = `navigator.serviceWorker.ready.then((r) => r.getNotifications()).then((all) => JSON.stringify(all.map((n) => [n.title, n.body, n.tag].join(" | "))))`
	var shown []string
	for range 12 {
		deliver(payload)
		for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
			shown = nil
			if err := json.Unmarshal([]byte(run[string](ctx, t, script)), &shown); err != nil {
				t.Fatal(err)
			}
			tag := want[strings.LastIndex(want, " | "):]
			shown = slices.DeleteFunc(shown, func(n string) bool { return !strings.HasSuffix(n, tag) })
			if len(shown) == 1 && shown[0] == want {
				return
			}
		}
	}
	t.Fatalf("got the notices %q, want %q alone", shown, want)
}

// opened is what a tap on the notice that shows opens. The browser lets nobody
// open a window but a person's finger, so that is noted instead.
func opened(ctx context.Context, t *testing.T) string {
	t.Helper()
	targets, err := chromedp.Targets(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range targets {
		if info.Type != "service_worker" {
			continue
		}
		worker, cancel := chromedp.NewContext(ctx, chromedp.WithTargetID(info.TargetID))
		defer cancel()
		return run[string](worker, t, `(async () => {
			const opened = [];
			Object.defineProperty(self.clients, "openWindow", { value: async (to) => opened.push(to) });
			const [notification] = await self.registration.getNotifications();
			self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
			return opened.join(" ");
		})()`)
	}
	t.Fatalf("no service worker runs: %v", targets)
	return ""
}
