package place

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/event"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
)

var _ operate.DeadLetters = (*DeadLetters)(nil)

// DeadLetters are the messages in the subscriptions that terraform/pubsub.tf
// makes beside each topic: "archive-dead" and "weekly-dead".
type DeadLetters struct {
	client *pubsub.Client
	queues []queue
	wait   time.Duration
}

type queue struct {
	name         string // operate.QueueArchive or QueueWeekly
	topic        string // full names
	subscription string
}

const (
	deadSuffix = "-dead"

	// pullWait is how long Pub/Sub is given to find a message.
	pullWait = 3 * time.Second

	pullSize = 100
	maxPulls = 20

	// attemptsAttribute says how often a message was delivered
	// (https://cloud.google.com/pubsub/docs/handling-failures#dead_letter_topic).
	attemptsAttribute = "CloudPubSubDeadLetterSourceDeliveryCount"
)

// NewDeadLetters returns the dead letters of the two topics, each an id in the
// project or a full name.
func NewDeadLetters(client *pubsub.Client, project, archiveTopic, weeklyTopic string) *DeadLetters {
	return &DeadLetters{client: client, wait: pullWait, queues: []queue{
		newQueue(operate.QueueArchive, project, archiveTopic), newQueue(operate.QueueWeekly, project, weeklyTopic),
	}}
}

func newQueue(name, project, topic string) queue {
	if !strings.Contains(topic, "/") {
		topic = "projects/" + project + "/topics/" + topic
	}
	return queue{name: name, topic: topic, subscription: strings.Replace(topic, "/topics/", "/subscriptions/", 1) + deadSuffix}
}

// pulled is a message that is leased to us.
type pulled struct {
	queue   queue
	message *pubsubpb.ReceivedMessage
}

// List implements operate.DeadLetters. The messages are leased for a moment
// and given back.
func (d *DeadLetters) List(ctx context.Context) (letters []operate.DeadLetter, err error) {
	all, err := d.pull(ctx)
	defer func() { err = errors.Join(err, d.release(ctx, all)) }()
	for _, p := range all {
		letters = append(letters, p.letter())
	}
	slices.SortFunc(letters, func(a, b operate.DeadLetter) int { return a.At.Compare(b.At) })
	return letters, err
}

// Retry implements operate.DeadLetters: a letter is acknowledged only when its
// message is safe in its topic again.
func (d *DeadLetters) Retry(ctx context.Context, ids ...string) error {
	return d.take(ctx, ids, func(p pulled) error {
		publisher := d.client.Publisher(p.queue.topic)
		defer publisher.Stop()
		_, err := publisher.Publish(ctx, &pubsub.Message{Data: p.message.GetMessage().GetData()}).Get(ctx)
		return err
	})
}

// Drop implements operate.DeadLetters.
func (d *DeadLetters) Drop(ctx context.Context, ids ...string) error {
	return d.take(ctx, ids, func(pulled) error { return nil })
}

// take does something with the letters that are named, and removes them.
func (d *DeadLetters) take(ctx context.Context, ids []string, do func(pulled) error) (err error) {
	all, err := d.pull(ctx)
	if err != nil {
		return errors.Join(err, d.release(ctx, all))
	}
	var problems []error
	var rest []pulled
	found := map[string]bool{}
	for _, p := range all {
		id := p.message.GetMessage().GetMessageId()
		if !slices.Contains(ids, id) {
			rest = append(rest, p)
			continue
		}
		found[id] = true
		if err := errors.Join(do(p)); err != nil {
			problems = append(problems, fmt.Errorf("dead letter %s: %w", id, err))
			rest = append(rest, p)
			continue
		}
		err := d.client.SubscriptionAdminClient.Acknowledge(ctx, &pubsubpb.AcknowledgeRequest{
			Subscription: p.queue.subscription, AckIds: []string{p.message.GetAckId()},
		})
		if err != nil {
			problems = append(problems, fmt.Errorf("removing dead letter %s: %w", id, err))
		}
	}
	for _, id := range ids {
		if !found[id] {
			problems = append(problems, fmt.Errorf("dead letter %s: %w", id, fault.ErrNotFound))
		}
	}
	return errors.Join(append(problems, d.release(ctx, rest))...)
}

// pull leases what there is. What it returns beside an error is leased, too.
func (d *DeadLetters) pull(ctx context.Context) ([]pulled, error) {
	var all []pulled
	for _, q := range d.queues {
		for range maxPulls {
			messages, err := d.pullOnce(ctx, q)
			if err != nil {
				return all, fmt.Errorf("pulling from %s: %w", q.subscription, err)
			}
			if len(messages) == 0 {
				break
			}
			for _, m := range messages {
				all = append(all, pulled{q, m})
			}
		}
	}
	return all, nil
}

// pullOnce returns nothing where Pub/Sub finds nothing in time.
func (d *DeadLetters) pullOnce(ctx context.Context, q queue) ([]*pubsubpb.ReceivedMessage, error) {
	bounded, cancel := context.WithTimeout(ctx, d.wait)
	defer cancel()
	answer, err := d.client.SubscriptionAdminClient.Pull(bounded, &pubsubpb.PullRequest{Subscription: q.subscription, MaxMessages: pullSize})
	if code := status.Code(err); ctx.Err() == nil && (code == codes.DeadlineExceeded || errors.Is(err, context.DeadlineExceeded)) {
		return nil, nil
	}
	return answer.GetReceivedMessages(), err
}

// release gives messages back at once.
func (d *DeadLetters) release(ctx context.Context, all []pulled) error {
	var problems []error
	for _, q := range d.queues {
		var ids []string
		for _, p := range all {
			if p.queue == q {
				ids = append(ids, p.message.GetAckId())
			}
		}
		if len(ids) == 0 {
			continue
		}
		err := d.client.SubscriptionAdminClient.ModifyAckDeadline(ctx, &pubsubpb.ModifyAckDeadlineRequest{
			Subscription: q.subscription, AckIds: ids, AckDeadlineSeconds: 0,
		})
		if err != nil {
			problems = append(problems, fmt.Errorf("giving messages back to %s: %w", q.subscription, err))
		}
	}
	return errors.Join(problems...)
}

// letter reads what a message says. One that is not ours is shown as such.
func (p pulled) letter() operate.DeadLetter {
	m := p.message.GetMessage()
	letter := operate.DeadLetter{ID: m.GetMessageId(), Queue: p.queue.name, At: m.GetPublishTime().AsTime()}
	letter.Attempts, _ = strconv.Atoi(m.GetAttributes()[attemptsAttribute]) // 0: not known
	message := event.Message{ID: m.GetMessageId(), Data: m.GetData(), PublishedAt: letter.At}
	if p.queue.name == operate.QueueArchive {
		job, err := event.DecodeArchive(message)
		if letter.User, letter.Kind = job.User, job.Run.Kind; err != nil {
			letter.Reason = "this is no message of ours"
		}
		return letter
	}
	job, err := event.DecodeFanOut(message)
	if letter.Kind = job.Run.Kind; err != nil {
		letter.Reason = "this is no message of ours"
	}
	return letter
}
