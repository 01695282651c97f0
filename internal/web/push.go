package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/notify/address"
)

// subscribe takes the subscription of a browser whose person pressed the
// button for it.
func (s *server) subscribe(w http.ResponseWriter, r *http.Request) error {
	user, err := s.posted(w, r)
	if err != nil {
		return err
	}
	to, err := address.Push(subscription(r, ""), s.Messages.PushStandin)
	switch {
	case errors.Is(err, address.ErrForeign):
		return s.messagesDone(w, r, user.ID, notePushForeign, nil)
	case err != nil:
		return s.messagesDone(w, r, user.ID, notePushOdd, nil)
	}
	return s.messagesDone(w, r, user.ID, noteChannel, s.Messages.Channels.Add(r.Context(), user.ID, to, deviceOf(r.UserAgent())))
}

// renewPush notes at a visit that a browser is there, and what its subscription
// is now. It answers nothing.
func (s *server) renewPush(w http.ResponseWriter, r *http.Request) error {
	user, err := s.posted(w, r)
	if err != nil {
		return err
	}
	to, err := address.Push(subscription(r, ""), s.Messages.PushStandin)
	if err != nil {
		return errBadChoice
	}
	replaces := ""
	if before, err := address.Push(subscription(r, "old_"), s.Messages.PushStandin); err == nil {
		replaces = notice.ChannelID(before)
	}
	if err := s.Messages.Channels.Renew(r.Context(), user.ID, to, deviceOf(r.UserAgent()), replaces); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func subscription(r *http.Request, prefix string) address.Subscription {
	return address.Subscription{
		Endpoint: r.PostFormValue(prefix + "endpoint"), P256dh: r.PostFormValue(prefix + "p256dh"), Auth: r.PostFormValue(prefix + "auth"),
	}
}

// deviceOf names a browser as its person does, as far as it says what it is.
// The order matters: most say that they are others as well.
func deviceOf(userAgent string) string {
	find := func(names [][2]string) string {
		for _, name := range names {
			if strings.Contains(userAgent, name[0]) {
				return name[1]
			}
		}
		return ""
	}
	browser := find([][2]string{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser", "Samsung Internet"}, {"Firefox", "Firefox"}, {"FxiOS", "Firefox"},
		{"CriOS", "Chrome"}, {"Chrome", "Chrome"}, {"Safari", "Safari"},
	})
	system := find([][2]string{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Mac OS X", "Mac"}, {"CrOS", "Chromebook"}, {"Linux", "Linux"},
	})
	return strings.Trim(browser+", "+system, ", ")
}
