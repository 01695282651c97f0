package web_test

import (
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/links"
)

// delivered is what may become of a message to the only channel.
var delivered = map[string]func(m *notice.Messages, now time.Time){
	"lost":   func(m *notice.Messages, now time.Time) { tried(m, notice.ErrChannelGone, now) },
	"silent": func(m *notice.Messages, now time.Time) { tried(m, errNoAnswer, now) },
}

var errNoAnswer = errors.New("no answer")

func tried(m *notice.Messages, sent error, now time.Time) {
	m.Conclude("", notice.Notice{Kind: notice.Turn, Key: "turn"}, m.Channels[0].ID, sent, now)
}

// messageStates are the settings after what a person did about their messages.
func messageStates() []golden {
	type post struct {
		path string
		form url.Values
	}
	ntfy := func(topic string) post { return post{"/account/messages/ntfy", url.Values{"topic": {topic}}} }
	away := func(weeks string) post { return post{"/account/messages/away", url.Values{"weeks": {weeks}}} }
	push := post{"/push/subscribe", subscriptionForm(endpoint)}
	odd := subscriptionForm(endpoint)
	odd.Set("auth", "x")
	ofFirst := func(path string) post { return post{path, url.Values{"channel": {"first"}}} }
	test := ofFirst("/account/messages/test")
	var states []golden
	for name, posts := range map[string][]post{
		"none":         {},
		"push":         {push},
		"push_foreign": {{"/push/subscribe", subscriptionForm("https://push.example/x")}},
		"push_odd":     {{"/push/subscribe", odd}},
		"ntfy":         {ntfy("my-topic")},
		"ntfy_server":  {ntfy("https://ntfy.example/x")},
		"ntfy_topic":   {ntfy("a b")},
		"both":         {push, ntfy("my-topic")},
		"removed":      {push, ofFirst("/account/messages/remove")},
		"test":         {push, test},
		"test_often":   {push, test, test},
		"set":          {push, {"/account/messages", url.Values{"day": {"3"}, "hour": {"20"}}}},
		"away":         {push, away("2")},
		"back":         {push, away("0")},
		"stopped":      {push, {"/account/messages/stop", nil}},
		"started":      {push, {"/account/messages/start", nil}},
		"calendar":     {{"/account/messages/calendar", nil}},
		"zone":         {push, {"/account/messages", url.Values{"day": {"5"}, "hour": {"18"}, "zone": {"Mars/Olympus"}}}},
		"lost":         {push, {"lost", nil}},
		"lost_topic":   {ntfy("my-topic"), {"lost", nil}},
		"silent":       {push, {"silent", nil}},
	} {
		states = append(states, golden{name: "settings_messages_" + name, config: atPublic, visit: func(t *testing.T, s *site) answer {
			b := s.browser(t)
			b.signIn("/connect")
			s.giveKey(t)
			s.edit(t, deniedUser(s))
			s.edit(t, func(u *archive.User) { u.Choice = archive.ChoiceInbox })
			for _, p := range posts {
				if channels := s.user(t).Messages.Channels; p.form.Get("channel") == "first" && len(channels) > 0 {
					p.form = url.Values{"channel": {channels[0].ID}}
				}
				if after, told := delivered[p.path]; told {
					s.edit(t, func(u *archive.User) { after(&u.Messages, s.clock()) })
					continue
				}
				b.post(p.path, p.form)
			}
			return b.get("/account/settings")
		}})
	}
	for _, purpose := range []links.Purpose{links.Away, links.Stop, links.Leave} {
		states = append(states, golden{name: "signed_" + string(purpose), config: atPublic, visit: func(t *testing.T, s *site) answer {
			s.browser(t).signIn("/connect")
			token, err := s.links.Token(t.Context(), purpose, s.user(t))
			if err != nil {
				t.Fatal(err)
			}
			return s.browser(t).get("/" + string(purpose) + "/" + token)
		}})
	}
	return states
}
