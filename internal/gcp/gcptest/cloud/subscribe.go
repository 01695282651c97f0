package cloud

import (
	"context"
	"fmt"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/types/known/durationpb"
)

func (c *Cloud) createTopic(ctx context.Context, topic string) error {
	_, err := c.pubsub.TopicAdminClient.CreateTopic(ctx, &pubsubpb.Topic{Name: c.topicName(topic)})
	if err != nil {
		return fmt.Errorf("creating topic %s: %w", topic, err)
	}
	return nil
}

// SubscribeArchive lets Pub/Sub deliver the jobs of ArchiveUser.
func (c *Cloud) SubscribeArchive(ctx context.Context) error {
	return c.subscribe(ctx, archiveTopic, c.Balancer.url)
}

// subscribe pushes a topic's messages to a function. The path tells the
// Functions Framework the topic.
func (c *Cloud) subscribe(ctx context.Context, topic, url string) error {
	_, err := c.pubsub.SubscriptionAdminClient.CreateSubscription(ctx, &pubsubpb.Subscription{
		Name:               c.subscriptionName(topic),
		Topic:              c.topicName(topic),
		PushConfig:         &pubsubpb.PushConfig{PushEndpoint: url + "/" + c.topicName(topic)},
		AckDeadlineSeconds: 60,
		RetryPolicy: &pubsubpb.RetryPolicy{
			MinimumBackoff: durationpb.New(time.Second), MaximumBackoff: durationpb.New(5 * time.Second),
		},
	})
	if err != nil {
		return fmt.Errorf("subscribing to topic %s: %w", topic, err)
	}
	return nil
}

func (c *Cloud) topicName(topic string) string {
	return fmt.Sprintf("projects/%s/topics/%s", c.project, topic)
}

// UnsubscribeArchive undoes SubscribeArchive: what was not delivered is lost.
func (c *Cloud) UnsubscribeArchive(ctx context.Context) error {
	err := c.pubsub.SubscriptionAdminClient.DeleteSubscription(ctx, &pubsubpb.DeleteSubscriptionRequest{
		Subscription: c.subscriptionName(archiveTopic),
	})
	if err != nil {
		return fmt.Errorf("unsubscribing from topic %s: %w", archiveTopic, err)
	}
	return nil
}

func (c *Cloud) subscriptionName(topic string) string {
	return fmt.Sprintf("projects/%s/subscriptions/%s-push", c.project, topic)
}
