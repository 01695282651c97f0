package web_test

import (
	"net/url"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/web"
)

// A person who has copied is asked once whether to be reminded of the next time.
func TestWhoIsAskedToBeReminded(t *testing.T) {
	t.Parallel()
	const question = "Shall we remind you on Friday?"
	for name, test := range map[string]struct {
		config func(*web.Config)
		after  func(t *testing.T, s *site, b *browser)
		want   bool
	}{
		"somebody_who_has_copied":       {after: func(*testing.T, *site, *browser) {}, want: true},
		"on_another_day_of_their_own":   {after: edited(func(u *archive.User) { u.Messages.Day = 3 })},
		"nobody_whose_turn_it_is":       {after: edited(func(u *archive.User) { u.Weeks = nil })},
		"nobody_who_declined":           {after: posted("/account/messages/decline", nil)},
		"nobody_who_has_a_channel":      {after: posted("/push/subscribe", subscriptionForm(endpoint))},
		"nobody_who_stopped_messages":   {after: posted("/account/messages/stop", nil)},
		"nobody_who_has_nothing_to_do":  {after: edited(func(u *archive.User) { u.Choice = archive.ChoiceListening })},
		"nobody_where_no_messages_come": {config: func(c *web.Config) { c.Messages = nil }, after: func(*testing.T, *site, *browser) {}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, func(c *web.Config) {
				if test.config != nil {
					test.config(c)
				}
			})
			b := s.browser(t)
			b.signIn("/connect")
			s.edit(t, keptUser(s))
			s.edit(t, func(u *archive.User) { u.Messages.Declined = false })
			test.after(t, s, b)
			for _, path := range []string{"/account", "/account/week"} {
				if a := b.get(path); test.want {
					wantText(t, a, question, "At 18:00 of your time")
				} else {
					wantNoText(t, a, question)
				}
			}
		})
	}
}

func edited(change func(*archive.User)) func(*testing.T, *site, *browser) {
	return func(t *testing.T, s *site, _ *browser) {
		t.Helper()
		s.edit(t, change)
	}
}

func posted(path string, form url.Values) func(*testing.T, *site, *browser) {
	return func(_ *testing.T, _ *site, b *browser) { b.post(path, form) }
}
