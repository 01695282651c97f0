package web_test

import (
	"net/url"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// messageStates are the answers to what a person did about messages. Each is
// the settings page after these posts.
func messageStates() []golden {
	type post struct {
		path string
		form url.Values
	}
	ntfy := post{"/account/messages/ntfy", url.Values{"topic": {"canary-topic"}}}
	odd := subscriptionForm(endpoint)
	odd.Set("auth", "x")
	var states []golden
	for name, posts := range map[string][]post{
		"messages":     {ntfy, {"/account/messages", url.Values{"day": {"3"}, "hour": {"20"}, "week": {"ntfy"}}}},
		"channel":      {ntfy},
		"channel_gone": {ntfy, {"/account/messages/remove", nil}},
		"push_foreign": {{"/push/subscribe", subscriptionForm("https://push.evil.example/x")}},
		"push_odd":     {{"/push/subscribe", odd}},
		"ntfy_server":  {{"/account/messages/ntfy", url.Values{"topic": {"https://ntfy.evil.example/x"}}}},
		"ntfy_topic":   {{"/account/messages/ntfy", url.Values{"topic": {"a b"}}}},
		"test":         {ntfy, {"/account/messages/test", nil}},
		"test_often":   {ntfy, {"/account/messages/test", nil}, {"/account/messages/test", nil}},
		"away":         {ntfy, {"/account/messages/away", url.Values{"weeks": {"2"}}}},
		"back":         {ntfy, {"/account/messages/away", url.Values{"weeks": {"0"}}}},
		"stopped":      {ntfy, {"/account/messages/stop", nil}},
		"started":      {ntfy, {"/account/messages/stop", nil}, {"/account/messages/start", nil}},
		"calendar":     {{"/account/messages/calendar", nil}},
	} {
		states = append(states, golden{name: "settings_note_" + name, config: atPublic, visit: func(t *testing.T, s *site) answer {
			b := s.browser(t)
			b.signIn("/connect")
			s.giveKey(t)
			s.edit(t, func(u *archive.User) { u.Choice = archive.ChoiceInbox })
			for _, p := range posts {
				form := p.form
				if channels := s.user(t).Messages.Channels; form == nil && len(channels) > 0 {
					form = url.Values{"channel": {channels[0].ID}}
				}
				b.post(p.path, form)
			}
			return b.get("/account/settings")
		}})
	}
	return states
}
