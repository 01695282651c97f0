package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/notify/address"
)

// publication is a message as ntfy takes it (https://docs.ntfy.sh/publish/#publish-as-json).
// The topic stands in the body: an address ends up in logs.
type publication struct {
	Topic    string       `json:"topic"`
	Title    string       `json:"title"`
	Message  string       `json:"message"`
	Click    string       `json:"click,omitempty"`
	Priority int          `json:"priority"`
	Actions  []ntfyAction `json:"actions,omitempty"`
	Sequence string       `json:"sequence_id"` // a later message with the same one takes its place
}

type ntfyAction struct {
	Action string `json:"action"`
	Label  string `json:"label"`
	URL    string `json:"url"`
}

// ntfy's priorities run from 1 to 5; 2 makes no sound.
var priorities = map[notice.Urgency]int{notice.UrgencyLow: 2, notice.UrgencyNormal: 3, notice.UrgencyHigh: 4}

// ntfy publishes one message to one topic.
func (m *Messenger) ntfy(ctx context.Context, to notice.Address, message notice.Message) error {
	topic, err := address.OpenNtfy(to, m.cfg.NtfyServers)
	if err != nil {
		return err
	}
	p := publication{
		Topic: topic.Topic, Title: message.Title, Message: message.Body, Click: message.Link,
		Priority: max(priorities[message.Urgency], 2), Sequence: message.Tag,
	}
	for _, a := range message.Actions {
		p.Actions = append(p.Actions, ntfyAction{Action: "view", Label: a.Name, URL: a.Link})
	}
	body, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encoding a message: %w", notice.ErrMessageRefused)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, topic.Server, bytes.NewReader(body))
	if err != nil {
		return address.ErrMalformed
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := m.guard.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }() // http.NoBody
	return verdict(answer.StatusCode)
}
