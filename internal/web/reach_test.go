package web_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
)

const settingsPage = "/account/settings"

// A browser that tells no zone, none that there is, or a wrong one: the page says
// what time we take it to be, the person enters theirs, and no browser changes it.
func TestWhatTimeItIsForThePerson(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ told, says string }{
		"told":          {"?zone=Europe%2FBerlin", "Your time is 14:00 (Europe/Berlin)."},
		"no_script":     {"", "has not told us your time zone, so we take it to be 13:00 for you"},
		"no_such_zone":  {"?zone=Mars%2FOlympus", "has not told us your time zone, so we take it to be 13:00 for you"},
		"one_that_lies": {"?zone=UTC", "Your time is 13:00 (UTC)."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, atPublic)
			b := s.browser(t)
			b.signIn("/connect" + test.told)
			s.edit(t, func(u *archive.User) { u.Choice = archive.ChoiceInbox })
			wantNoText(t, b.get(settingsPage), "Your time is", "has not told us") // nothing is sent anywhere
			b.post("/account/messages/ntfy", url.Values{"topic": {"ada-topic"}})
			wantText(t, b.get(settingsPage), test.says)

			enter := func(zone string) {
				t.Helper()
				wantLocation(t, b.post("/account/messages", url.Values{"day": {"2"}, "hour": {"10"}, "zone": {zone}}), toMessages)
			}
			before := s.user(t)
			enter("Mars/Olympus")
			wantText(t, b.get(settingsPage), "We do not know that time zone.", test.says)
			if got := s.user(t); got.Zone != before.Zone || got.Messages.Day != 0 {
				t.Errorf("got %q and day %d, want nothing changed", got.Zone, got.Messages.Day)
			}
			enter(" America/New_York ")
			wantText(t, b.get(settingsPage), "Your time is 08:00 (America/New_York).", `value="America/New_York"`)
			b.signIn("/connect?zone=UTC")
			if got := s.user(t); got.Zone != "America/New_York" || got.Messages.Day != 2 {
				t.Errorf("after another sign-in got %q and day %d, want what was entered", got.Zone, got.Messages.Day)
			}
			enter("")
			b.signIn("/connect?zone=UTC")
			if got := s.user(t).Zone; got != "UTC" {
				t.Errorf("got %q, want the browser's word again", got)
			}
		})
	}
}

// Whose only device ends by itself is told on the page that they open, until
// another is added: no message can say so.
func TestADeviceThatEndedIsTold(t *testing.T) {
	t.Parallel()
	const says = "does not take our messages any more"
	s := newSite(t, atPublic)
	s.giveKey(t)
	b := s.browser(t)
	b.signIn("/connect")
	s.edit(t, copierUser(s))
	b.post("/push/subscribe", subscriptionForm(endpoint))
	b.post("/account/messages/ntfy", url.Values{"topic": {"ada-topic"}})
	wantNoText(t, b.get("/account"), says)
	end := func() {
		t.Helper()
		s.edit(t, func(u *archive.User) { tried(&u.Messages, notice.ErrChannelGone, s.clock()) })
	}
	end()
	s.pass(25 * time.Hour)
	b.post("/push/subscribe", subscriptionForm(endpointTwo))
	end()
	s.pass(25 * time.Hour)
	b.post("/push/renew", subscriptionForm(endpointTwo)) // a visit changes nothing
	wantText(t, b.get(settingsPage), "Your topic of ntfy "+says, "data-fresh")
	wantNoText(t, b.get("/account"), says) // one is left
	end()
	wantText(t, b.get("/account"), says, "/account/settings#messages")
	s.pass(29 * 24 * time.Hour)
	wantNoText(t, b.get("/account"), says)
	wantText(t, b.get(settingsPage), says)
	b.post("/push/subscribe", subscriptionForm(endpoint))
	wantNoText(t, b.get(settingsPage), says, "data-fresh")
	b.post("/account/messages/remove", url.Values{"channel": {s.user(t).Messages.Channels[0].ID}})
	wantNoText(t, b.get("/account"), says) // the person did it
}

// A service that does not answer is told beside its device, until it does.
func TestAServiceThatIsSilentIsTold(t *testing.T) {
	t.Parallel()
	const says = "did not answer when we had a message for you"
	s := newSite(t, atPublic)
	b := s.browser(t)
	b.signIn("/connect")
	b.post("/push/subscribe", subscriptionForm(endpoint))
	for _, test := range []struct {
		sent error
		want bool
	}{{errNoAnswer, true}, {notice.ErrMessageRefused, false}, {errNoAnswer, true}, {nil, false}} {
		s.edit(t, func(u *archive.User) { tried(&u.Messages, test.sent, s.clock()) })
		if a := b.get(settingsPage); test.want {
			wantText(t, a, says)
		} else {
			wantNoText(t, a, says)
		}
	}
}
