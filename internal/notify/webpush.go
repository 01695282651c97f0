package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	webpush "github.com/SherClockHolmes/webpush-go"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/notify/address"
)

// declarative marks a payload that a browser can show without our script, as
// Safari does from 18.4 on (https://www.w3.org/TR/push-api/#declarative-push-message).
// The service worker reads the same form.
const declarative = 8030

// payload is what a browser gets.
type payload struct {
	WebPush      int          `json:"web_push"`
	Notification notification `json:"notification"`
}

type notification struct {
	Title    string   `json:"title"`
	Body     string   `json:"body"`
	Language string   `json:"lang,omitempty"`
	Tag      string   `json:"tag"`
	Navigate string   `json:"navigate"`
	Actions  []action `json:"actions,omitempty"`
}

type action struct {
	Name     string `json:"action"`
	Title    string `json:"title"`
	Navigate string `json:"navigate"`
}

func encodePush(m notice.Message) ([]byte, error) {
	n := notification{Title: m.Title, Body: m.Body, Language: m.Language, Tag: m.Tag, Navigate: m.Link}
	for i, a := range m.Actions {
		n.Actions = append(n.Actions, action{Name: "action-" + strconv.Itoa(i+1), Title: a.Name, Navigate: a.Link})
	}
	return json.Marshal(payload{WebPush: declarative, Notification: n})
}

// push sends one message to one browser.
func (m *Messenger) push(ctx context.Context, to notice.Address, message notice.Message) error {
	subscription, err := address.OpenPush(to, m.cfg.Standin)
	if err != nil {
		return err
	}
	body, err := encodePush(message)
	if err != nil {
		return fmt.Errorf("encoding a message: %w", notice.ErrMessageRefused)
	}
	pair, err := m.cfg.Keys(ctx)
	if err != nil {
		return fmt.Errorf("opening the key of pushes: %w", err)
	}
	answer, err := webpush.SendNotificationWithContext(ctx, body,
		&webpush.Subscription{
			Endpoint: subscription.Endpoint,
			Keys:     webpush.Keys{P256dh: subscription.P256dh, Auth: subscription.Auth},
		},
		&webpush.Options{
			HTTPClient: m.guard, Subscriber: m.cfg.Contact, Topic: message.Tag,
			TTL: int(message.Life.Seconds()), Urgency: webpush.Urgency(message.Urgency),
			VAPIDPublicKey: pair.Public, VAPIDPrivateKey: pair.Private.Reveal(),
		})
	switch {
	case errors.Is(err, webpush.ErrMaxPadExceeded):
		return fmt.Errorf("the message is too long: %w", notice.ErrMessageRefused)
	case err != nil:
		return withoutAddress(err)
	}
	defer func() { _ = answer.Body.Close() }() // http.NoBody
	if answer.StatusCode == http.StatusNotFound || answer.StatusCode == http.StatusGone {
		return fmt.Errorf("the push service answers %d: %w", answer.StatusCode, notice.ErrChannelGone)
	}
	return verdict(answer.StatusCode)
}
