package web_test

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/links"
	"github.com/weeklyarchive/weeklyarchive/internal/web"
)

// public is the address under which messages carry links.
const public = "https://archive.example"

func atPublic(c *web.Config) { c.BaseURL = public }

// subscriptionForm is what a browser posts.
func subscriptionForm(endpoint string) url.Values {
	return url.Values{
		"endpoint": {endpoint}, "auth": {"BTBZMqHH6r4Tts7J_aSIgg"},
		"p256dh": {"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"},
	}
}

const (
	endpoint    = "https://fcm.googleapis.com/fcm/send/canary-endpoint"
	endpointTwo = "https://updates.push.services.mozilla.com/wpush/v2/canary-endpoint"
	toMessages  = "/account/settings#messages"
)

func (s *site) giveKey(t *testing.T) {
	t.Helper()
	if _, err := s.store.AddPushKey(t.Context(), notice.PushKey{Public: "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"}); err != nil {
		t.Fatal(err)
	}
}

func TestSubscribing(t *testing.T) {
	t.Parallel()
	s := newSite(t, atPublic)
	b := s.browser(t)
	b.signIn("/connect")
	wantText(t, b.get("/account/settings"), "can be switched on a moment after the first run")
	s.giveKey(t)
	wantText(t, b.get("/account/settings"), `data-key="BP4z9KsN6n`, "Send messages to this device", "Messages to a browser need JavaScript")

	b.header.Set("User-Agent", "Mozilla/5.0 (Linux; Android 16; Pixel) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36")
	wantLocation(t, b.post("/push/subscribe", subscriptionForm(endpoint)), toMessages)
	wantText(t, b.get("/account/settings"), "Added. Send a test message", "<bdi>Chrome, Android</bdi>", "gets the week’s messages")
	wantLocation(t, b.post("/push/subscribe", subscriptionForm(endpoint)), toMessages)
	channels := s.user(t).Messages.Channels
	if len(channels) != 1 {
		t.Fatalf("got %d channels, want one browser once", len(channels))
	}

	// A test message is a job: the pages cannot open what they sealed.
	s.queue.Archive.Take(0)
	wantLocation(t, b.post("/account/messages/test", url.Values{"channel": {channels[0].ID}}), toMessages)
	wantText(t, b.get("/account/settings"), "A test message was asked for", "is on its way")
	job := s.queue.Archive.Waiting()[len(s.queue.Archive.Waiting())-1]
	if job.Run.Kind != app.RunMessage || job.User != s.user(t).ID {
		t.Errorf("got job %+v, want a test message", job)
	}
	wantLocation(t, b.post("/account/messages/test", url.Values{"channel": {channels[0].ID}}), toMessages)
	wantText(t, b.get("/account/settings"), "Wait a few seconds")
	wantStatus(t, b.post("/account/messages/test", url.Values{"channel": {"push-x"}}), http.StatusBadRequest)

	s.edit(t, func(u *archive.User) { u.Messages.Test.Result = notice.TestRefused })
	wantText(t, b.get("/account/settings"), "does not take our messages")

	wantLocation(t, b.post("/account/messages/remove", url.Values{"channel": {channels[0].ID}}), toMessages)
	if got := s.user(t).Messages.Channels; len(got) != 0 {
		t.Errorf("got channels %+v, want none", got)
	}
	dump, err := s.store.Dump()
	if err != nil || strings.Contains(string(dump), "canary-endpoint") || strings.Contains(s.log.String(), "canary-endpoint") {
		t.Errorf("an endpoint is stored or logged in the clear (error %v)", err)
	}
}

func TestSubscriptionsThatAreNone(t *testing.T) {
	t.Parallel()
	s := newSite(t, atPublic)
	b := s.browser(t)
	b.signIn("/connect")
	odd := subscriptionForm(endpoint)
	odd.Set("auth", "x")
	for name, c := range map[string]struct {
		form url.Values
		text string
	}{
		"foreign":    {subscriptionForm("https://push.evil.example/x"), "push service is none that we know"},
		"loopback":   {subscriptionForm("https://127.0.0.1/x"), "push service is none that we know"},
		"metadata":   {subscriptionForm("http://169.254.169.254/computeMetadata/v1/"), "push service is none that we know"},
		"odd_keys":   {odd, "no complete subscription"},
		"empty_form": {url.Values{}, "no complete subscription"},
	} {
		wantLocation(t, b.post("/push/subscribe", c.form), toMessages)
		wantText(t, b.get("/account/settings"), c.text)
		if got := s.user(t).Messages.Channels; len(got) != 0 {
			t.Errorf("%s: got channels %+v, want none", name, got)
		}
	}
	wantStatus(t, b.post("/push/renew", odd), http.StatusBadRequest)
	stranger := s.browser(t)
	wantStatus(t, stranger.post("/push/subscribe", subscriptionForm(endpoint)), http.StatusUnauthorized)
	b.header.Set("Sec-Fetch-Site", "cross-site")
	wantStatus(t, b.post("/push/subscribe", subscriptionForm(endpoint)), http.StatusForbidden)
}

// At each visit a browser shows that it is there. One that its maker subscribed
// anew takes its own place.
func TestRenewingASubscription(t *testing.T) {
	t.Parallel()
	s := newSite(t, atPublic)
	b := s.browser(t)
	b.signIn("/connect")
	b.post("/push/subscribe", subscriptionForm(endpoint))
	s.pass(25 * time.Hour)
	wantStatus(t, b.post("/push/renew", subscriptionForm(endpoint)), http.StatusNoContent)
	first := s.user(t).Messages
	if len(first.Channels) != 1 || !first.Channels[0].SeenAt.Equal(s.clock()) {
		t.Errorf("got %+v, want it seen now", first.Channels)
	}
	wantStatus(t, b.post("/push/renew", subscriptionForm(endpointTwo)), http.StatusNoContent)
	if got := s.user(t).Messages.Channels; len(got) != 1 || got[0].ID != first.Channels[0].ID {
		t.Errorf("got %+v, want a stranger left out", got)
	}
	form := subscriptionForm(endpointTwo)
	for name, value := range subscriptionForm(endpoint) {
		form["old_"+name] = value
	}
	wantStatus(t, b.post("/push/renew", form), http.StatusNoContent)
	if got := s.user(t).Messages; len(got.Channels) != 1 || got.Channels[0].ID == first.Channels[0].ID || got.Week != got.Channels[0].ID {
		t.Errorf("got %+v for the week %s, want the new one", got.Channels, got.Week)
	}
}

func TestSettingMessages(t *testing.T) {
	t.Parallel()
	s := newSite(t, atPublic)
	b := s.browser(t)
	b.signIn("/connect")
	s.edit(t, func(u *archive.User) { u.Choice = archive.ChoiceInbox })
	for topic, text := range map[string]string{
		"https://ntfy.evil.example/x": "may not send to that ntfy server", "https://127.0.0.1/x": "may not send to that ntfy server",
		"a b": "up to 64 letters", "": "up to 64 letters",
	} {
		wantLocation(t, b.post("/account/messages/ntfy", url.Values{"topic": {topic}}), toMessages)
		wantText(t, b.get("/account/settings"), text)
	}
	wantLocation(t, b.post("/account/messages/ntfy", url.Values{"topic": {"canary-topic"}}), toMessages)
	page := b.get("/account/settings")
	wantText(t, page, "<strong>ntfy</strong> <bdi>can…</bdi>", `<option value="5" selected>Friday</option>`, `<option value="18" selected>18:00</option>`)
	wantNoText(t, page, "canary-topic")

	wantLocation(t, b.post("/account/messages", url.Values{"day": {"3"}, "hour": {"20"}, "week": {"ntfy"}}), toMessages)
	wantText(t, b.get("/account/settings"), `<option value="3" selected>Wednesday</option>`, `<option value="20" selected>20:00</option>`)
	if got := s.user(t).Messages; got.Day != 3 || got.Hour != 20 || !got.KeptOff || got.Week != "ntfy" {
		t.Errorf("got %+v, want what was chosen", got)
	}
	for _, form := range []url.Values{{}, {"day": {"0"}, "hour": {"18"}}, {"day": {"5"}, "hour": {"3"}}, {"day": {"x"}, "hour": {"18"}}} {
		wantStatus(t, b.post("/account/messages", form), http.StatusBadRequest)
	}

	wantLocation(t, b.post("/account/messages/away", url.Values{"weeks": {"2"}}), toMessages)
	wantText(t, b.get("/account/settings"), "Reminders come again when you are back", "You are away until", "30 November 2026")
	wantLocation(t, b.post("/account/messages/away", url.Values{"weeks": {"0"}}), toMessages)
	wantText(t, b.get("/account/settings"), "Welcome back")
	wantStatus(t, b.post("/account/messages/away", url.Values{"weeks": {"99"}}), http.StatusBadRequest)

	wantLocation(t, b.post("/account/messages/stop", nil), toMessages)
	wantText(t, b.get("/account/settings"), "You stopped all messages")
	wantNoText(t, b.get("/account/settings"), "gets the week’s messages")
	wantLocation(t, b.post("/account/messages/start", nil), toMessages)
	wantNoText(t, b.get("/account/settings"), "You stopped all messages")
}

// A link of a message does one thing, after a button was pressed, for whoever
// holds it; and nothing when it is only opened.
func TestSignedLinks(t *testing.T) {
	t.Parallel()
	s := newSite(t, atPublic)
	b := s.browser(t)
	b.signIn("/connect")
	u := s.user(t)
	path := func(purpose links.Purpose) string {
		token, err := s.links.Token(t.Context(), purpose, u)
		if err != nil {
			t.Fatal(err)
		}
		return "/" + string(purpose) + "/" + token
	}
	phone := s.browser(t) // without a session
	for range 2 {
		wantText(t, phone.get(path(links.Stop)), "Stop all messages", "Nothing else changes")
		wantText(t, phone.get(path(links.Away)), "Until when are you away?", `value="4"`)
	}
	if got := s.user(t).Messages; got.Stopped || !got.AwayUntil.IsZero() {
		t.Fatalf("opening a link did something: %+v", got)
	}
	wantText(t, phone.post(path(links.Away), url.Values{"weeks": {"1"}}), "Have a good time")
	wantText(t, phone.post(path(links.Stop), nil), "Stopped.")
	if got := s.user(t).Messages; !got.Stopped || !got.AwayUntil.Equal(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("got %+v, want it stopped, and away until Monday", got)
	}
	wantStatus(t, phone.get("/account"), http.StatusUnauthorized) // it is no sign-in

	stop, away := path(links.Stop), path(links.Away)
	for _, odd := range []string{
		strings.Replace(stop, "/stop/", "/away/", 1), strings.Replace(away, "/away/", "/stop/", 1), stop[:len(stop)-1], stop + "a", "/stop/x",
		"/stop/" + string(archivetest.NewUser(t, "nobody").ID) + stop[len("/stop/")+26:], "/calendar/x", "/calendar/x.ics", path(links.Calendar),
	} {
		a := phone.get(odd)
		wantStatus(t, a, http.StatusNotFound)
		wantText(t, a, "This link does not hold any more")
	}
	for _, odd := range []string{strings.Replace(stop, "/stop/", "/away/", 1), "/stop/x"} {
		wantStatus(t, phone.post(odd, nil), http.StatusNotFound)
	}
	b.post("/disconnect", nil)
	wantStatus(t, phone.get(stop), http.StatusNotFound)
	if strings.Contains(s.log.String(), stop[len("/stop/"):]) {
		t.Error("the log holds a signed link")
	}
}

// sequence is how late a version of its first entry a calendar holds.
func sequence(t *testing.T, ics string) int {
	t.Helper()
	n, err := strconv.Atoi(append(regexp.MustCompile(`SEQUENCE:(\d+)`).FindStringSubmatch(ics), "", "")[1])
	if err != nil {
		t.Fatalf("no number of a version in\n%s", ics)
	}
	return n
}

// Whoever took this app's access away at Spotify deletes everything by the link of
// the last message, without connecting again.
func TestLeavingByTheLinkOfAMessage(t *testing.T) {
	t.Parallel()
	s := newSite(t, atPublic)
	b := s.browser(t)
	b.signIn("/connect")
	s.edit(t, func(u *archive.User) { u.Status = archive.StatusReconnect })
	link := func() string {
		address, err := s.links.Leave(t.Context(), s.user(t))
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimPrefix(address, public)
	}
	phone := s.browser(t) // without a session
	old := link()
	a := phone.get(old)
	wantText(t, a, "Disconnect and delete everything", "It cannot be undone", `<button class="danger">`)
	s.pass(time.Hour)
	b.signIn("/connect") // a link of the consent before deletes nothing
	wantStatus(t, phone.post(old, nil), http.StatusNotFound)
	s.user(t)

	s.pass(day)
	s.edit(t, func(u *archive.User) { u.Status = archive.StatusReconnect })
	wantStatus(t, s.browser(t).get(link()), http.StatusOK)
	wantLocation(t, phone.post(link(), nil), "/disconnected")
	if _, err := s.store.User(t.Context(), archive.NewUserID(s.spotify.profile)); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("got error %v, want the user gone", err)
	}
}

func TestCalendarFeed(t *testing.T) {
	t.Parallel()
	s := newSite(t, atPublic)
	b := s.browser(t)
	b.signIn("/connect?zone=Europe%2FBerlin")
	s.edit(t, func(u *archive.User) { u.Choice, u.Language = archive.ChoiceInbox, "de" })
	page := b.get("/account/settings")
	_, rest, ok := strings.Cut(page.body, "<code>"+public)
	if !ok {
		t.Fatal("the page does not show the calendar's address")
	}
	path, _, _ := strings.Cut(rest, "</code>")
	wantText(t, page, `href="`+strings.Replace(public, "https:", "webcal:", 1)+path+`"`)
	phone := s.browser(t)
	a := phone.get(path)
	wantStatus(t, a, http.StatusOK)
	if got := a.Header.Get("Content-Type"); got != "text/calendar; charset=utf-8" {
		t.Errorf("got %q, want a calendar", got)
	}
	body := strings.ReplaceAll(a.body, "\r\n ", "")
	for _, line := range []string{
		"DTSTART:20261120T180000", "RRULE:FREQ=WEEKLY;BYDAY=FR", "SUMMARY:Den Mix der Woche kopieren", "TRIGGER:PT0M", "TRIGGER:-P30D",
		"URL:https://open.spotify.com/search/", "REFRESH-INTERVAL;VALUE=DURATION:PT12H",
	} {
		if !strings.Contains(body, line) {
			t.Errorf("the calendar lacks %s:\n%s", line, body)
		}
	}
	// The day moves, and the entry with it: the same one, whichever way it moves.
	before := sequence(t, a.body)
	for day, want := range map[string]string{"6": "DTSTART:20261121T090000", "1": "DTSTART:20261116T090000"} {
		s.pass(time.Hour)
		b.post("/account/messages", url.Values{"day": {day}, "hour": {"9"}})
		moved := phone.get(path)
		wantText(t, moved, want)
		now := sequence(t, moved.body)
		if now <= before {
			t.Errorf("got the sequence %d after %d, so that a calendar keeps the entry where it was", now, before)
		}
		before = now
	}

	wantLocation(t, b.post("/account/messages/calendar", nil), toMessages)
	old := phone.get(path)
	wantStatus(t, old, http.StatusNotFound)
	wantText(t, old, "replaced by a new one")
	wantNoText(t, b.get("/account/settings"), path)
	wantStatus(t, phone.get("/account/calendar.ics"), http.StatusUnauthorized)
	wantText(t, b.get("/account/calendar.ics"), "BEGIN:VEVENT")

	// A person who only pastes has no inbox, and one who only listens no day for copying.
	s.edit(t, func(u *archive.User) { u.Choice = archive.ChoicePaste })
	if text := strings.ReplaceAll(b.get("/account/calendar.ics").body, "\r\n ", ""); strings.Contains(text, "inbox") {
		t.Errorf("the calendar names an inbox that there is not:\n%s", text)
	}
	s.edit(t, func(u *archive.User) { u.Choice = archive.ChoiceListening })
	wantNoText(t, b.get("/account/calendar.ics"), "RRULE")
}

// Locally, no address leads home, so the calendar is a file.
func TestLocallyNoCalendarAddressIsOffered(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.giveKey(t)
	b := s.browser(t)
	b.signIn("/connect")
	page := b.get("/account/settings")
	wantText(t, page, "the calendar is a file", "For your phone, use ntfy")
	wantNoText(t, page, "/calendar/", "webcal:")
}

func TestServiceWorker(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser(t)
	for path, kind := range map[string]string{"/sw.js": "text/javascript; charset=utf-8", "/manifest.webmanifest": "application/manifest+json"} {
		a := b.get(path)
		wantStatus(t, a, http.StatusOK)
		if got := a.Header.Get("Content-Type"); got != kind {
			t.Errorf("%s: got %q, want %q", path, got, kind)
		}
		if got := a.Header.Get("Cache-Control"); got != "no-cache" {
			t.Errorf("%s: got Cache-Control %q, want it asked for again", path, got)
		}
	}
}

// What the settings say of reminders and of the calendar is true of whom they
// are shown to.
func TestSettingsSayWhenMessagesCome(t *testing.T) {
	t.Parallel()
	const sunday, monthly, feed = "one more reminder comes on Sunday evening", "one reminder a month is left", "shows your day for copying, every week, and the end"
	for name, test := range map[string]struct {
		user        func(u *archive.User)
		has, hasNot []string
	}{
		"copies":           {func(*archive.User) {}, []string{sunday, feed}, []string{monthly}},
		"copies_on_sunday": {func(u *archive.User) { u.Messages.Day = 7 }, []string{monthly, feed}, []string{sunday}},
		"copies_nothing": {func(u *archive.User) { u.Choice = archive.ChoiceDiscover }, []string{"It shows the end of Spotify’s permission", "every device is told"},
			[]string{sunday, monthly, feed, "Remind me on"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, atPublic)
			b := s.browser(t)
			b.signIn("/connect")
			s.giveKey(t)
			s.edit(t, copierUser(s))
			b.post("/push/subscribe", subscriptionForm(endpoint))
			s.edit(t, test.user)
			a := b.get("/account/settings")
			wantText(t, a, test.has...)
			wantNoText(t, a, test.hasNot...)
		})
	}
}
