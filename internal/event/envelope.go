package event

import (
	"encoding/json"
	"time"
)

// MessagePublished is the type of the CloudEvents that carry a Pub/Sub
// message.
const MessagePublished = "google.cloud.pubsub.topic.v1.messagePublished"

// An Envelope is a CloudEvent as it came
// (https://github.com/cloudevents/spec/blob/main/cloudevents/spec.md).
type Envelope struct {
	Type string
	ID   string
	Time time.Time
	Data []byte
}

// Open takes the Pub/Sub message out of the event
// (https://cloud.google.com/pubsub/docs/push#receive_push). Everything else is
// fault.ErrMalformed.
func (e Envelope) Open() (Message, error) {
	if e.Type != MessagePublished {
		return Message{}, malformed("event is of another type")
	}
	var data struct {
		Message *struct {
			Data        []byte    `json:"data"`
			MessageID   string    `json:"messageId"`
			PublishTime time.Time `json:"publishTime"`
		} `json:"message"`
	}
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return Message{}, malformed("envelope is no JSON of a Pub/Sub message")
	}
	if data.Message == nil || len(data.Message.Data) == 0 {
		return Message{}, malformed("envelope without data")
	}
	m := Message{ID: data.Message.MessageID, Data: data.Message.Data, PublishedAt: data.Message.PublishTime}
	if m.ID == "" {
		m.ID = e.ID
	}
	if m.PublishedAt.IsZero() {
		m.PublishedAt = e.Time
	}
	return m, nil
}
