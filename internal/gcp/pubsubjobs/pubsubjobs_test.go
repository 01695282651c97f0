package pubsubjobs_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/event"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/gcptest"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/pubsubjobs"
)

var emulators gcptest.Emulators

func TestMain(m *testing.M) { os.Exit(emulators.Run(m)) }

func TestArchiveJobs(t *testing.T) {
	t.Parallel()
	archivetest.Jobs(t, func(t *testing.T) archivetest.JobsUnderTest {
		client, subscriber := topic(t)
		jobs := pubsubjobs.NewArchiveJobs(client, "topic")
		t.Cleanup(jobs.Stop)
		return archivetest.JobsUnderTest{
			Jobs: jobs,
			Receive: func(ctx context.Context, handle func(context.Context, archive.ArchiveJob) error) {
				receive(ctx, t, subscriber, event.DecodeArchive, handle)
			},
		}
	})
}

func TestFanOutJobs(t *testing.T) {
	t.Parallel()
	archivetest.FanOutJobs(t, func(t *testing.T) archivetest.FanOutJobsUnderTest {
		client, subscriber := topic(t)
		jobs := pubsubjobs.NewFanOutJobs(client, "topic")
		t.Cleanup(jobs.Stop)
		return archivetest.FanOutJobsUnderTest{
			Jobs: jobs,
			Receive: func(ctx context.Context, handle func(context.Context, archive.FanOutJob) error) {
				receive(ctx, t, subscriber, event.DecodeFanOut, handle)
			},
		}
	})
}

func TestTopicThatDoesNotExist(t *testing.T) {
	t.Parallel()
	jobs := pubsubjobs.NewArchiveJobs(emulators.PubSub(t), "nowhere")
	t.Cleanup(jobs.Stop)
	run := app.Run{Kind: app.RunWeekly, At: archivetest.WeekTime()}
	err := jobs.EnqueueArchive(t.Context(),
		archive.ArchiveJob{User: archivetest.NewUser(t, "ada").ID, Run: run},
		archive.ArchiveJob{User: archivetest.NewUser(t, "bob").ID, Run: run})
	if err == nil || !strings.Contains(err.Error(), "2 of 2 messages failed") {
		t.Errorf("got %v, want both messages reported", err)
	}
}

func TestStoppedJobsAreAnError(t *testing.T) {
	t.Parallel()
	client, _ := topic(t)
	jobs := pubsubjobs.NewArchiveJobs(client, "topic")
	jobs.Stop()
	if err := jobs.EnqueueArchive(t.Context(), archive.ArchiveJob{}); !errors.Is(err, pubsub.ErrPublisherStopped) {
		t.Errorf("got %v, want %v", err, pubsub.ErrPublisherStopped)
	}
}

// topic makes a topic of the test's own, and a subscription to it.
func topic(t *testing.T) (*pubsub.Client, *pubsub.Subscriber) {
	t.Helper()
	client := emulators.PubSub(t)
	name := "projects/" + client.Project() + "/topics/topic"
	if _, err := client.TopicAdminClient.CreateTopic(t.Context(), &pubsubpb.Topic{Name: name}); err != nil {
		t.Fatal(err)
	}
	subscription := &pubsubpb.Subscription{
		Name: "projects/" + client.Project() + "/subscriptions/subscription", Topic: name, AckDeadlineSeconds: 10,
		RetryPolicy: &pubsubpb.RetryPolicy{MinimumBackoff: durationpb.New(0), MaximumBackoff: durationpb.New(0)},
	}
	if _, err := client.SubscriptionAdminClient.CreateSubscription(t.Context(), subscription); err != nil {
		t.Fatal(err)
	}
	return client, client.Subscriber("subscription")
}

func receive[J any](
	ctx context.Context, t *testing.T, subscriber *pubsub.Subscriber,
	decode func(event.Message) (J, error), handle func(context.Context, J) error,
) {
	err := subscriber.Receive(ctx, func(ctx context.Context, m *pubsub.Message) {
		job, err := decode(event.Message{ID: m.ID, Data: m.Data, PublishedAt: m.PublishTime})
		if err != nil {
			t.Errorf("message %s: %v", m.ID, err)
			m.Ack()
			return
		}
		if err := handle(ctx, job); err != nil {
			m.Nack()
			return
		}
		m.Ack()
	})
	if err != nil && ctx.Err() == nil {
		t.Errorf("receiving: %v", err)
	}
}
