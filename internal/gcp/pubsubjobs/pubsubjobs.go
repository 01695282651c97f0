// Package pubsubjobs hands jobs on through Cloud Pub/Sub.
package pubsubjobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/pubsub/v2"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/event"
)

var (
	_ archive.Jobs       = (*ArchiveJobs)(nil)
	_ archive.FanOutJobs = (*FanOutJobs)(nil)
)

// publishTimeout bounds one request with all its repetitions. FanOut has 120 s
// for a message (functions.tf), and begins nothing new after 40 s.
const publishTimeout = 15 * time.Second

// Open returns a client of a project. The library reads PUBSUB_EMULATOR_HOST.
func Open(ctx context.Context, project string) (*pubsub.Client, error) {
	client, err := pubsub.NewClient(ctx, project)
	if err != nil {
		return nil, fmt.Errorf("opening Pub/Sub: %w", err)
	}
	return client, nil
}

// ArchiveJobs publishes to the topic of ArchiveUser.
type ArchiveJobs struct{ publisher *pubsub.Publisher }

// NewArchiveJobs returns the jobs of a topic, which is an id in the client's
// project or a full name "projects/…/topics/…".
func NewArchiveJobs(client *pubsub.Client, topic string) *ArchiveJobs {
	return &ArchiveJobs{newPublisher(client, topic)}
}

// EnqueueArchive implements archive.Jobs.
func (j *ArchiveJobs) EnqueueArchive(ctx context.Context, jobs ...archive.ArchiveJob) error {
	return publish(ctx, j.publisher, jobs, event.EncodeArchive)
}

// EnqueueProbe asks for a probe.
func (j *ArchiveJobs) EnqueueProbe(ctx context.Context, job event.ProbeJob) error {
	return publish(ctx, j.publisher, []event.ProbeJob{job}, event.EncodeProbe)
}

// Stop sends what is under way and ends. Nothing can be enqueued after it.
func (j *ArchiveJobs) Stop() { j.publisher.Stop() }

// FanOutJobs publishes to the topic of FanOut.
type FanOutJobs struct{ publisher *pubsub.Publisher }

// NewFanOutJobs returns the jobs of a topic, named as for NewArchiveJobs.
func NewFanOutJobs(client *pubsub.Client, topic string) *FanOutJobs {
	return &FanOutJobs{newPublisher(client, topic)}
}

// EnqueueFanOut implements archive.FanOutJobs.
func (j *FanOutJobs) EnqueueFanOut(ctx context.Context, jobs ...archive.FanOutJob) error {
	return publish(ctx, j.publisher, jobs, event.EncodeFanOut)
}

// Stop sends what is under way and ends. Nothing can be enqueued after it.
func (j *FanOutJobs) Stop() { j.publisher.Stop() }

func newPublisher(client *pubsub.Client, topic string) *pubsub.Publisher {
	publisher := client.Publisher(topic)
	publisher.PublishSettings.Timeout = publishTimeout
	return publisher
}

// publish sends a message per job, batched by the client, and waits for the
// answer to every one: what was not confirmed is an error, so nothing is left
// to lose when the process stops afterwards.
func publish[J any](ctx context.Context, publisher *pubsub.Publisher, jobs []J, encode func(J) []byte) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("publishing %d messages: %w", len(jobs), err)
	}
	results := make([]*pubsub.PublishResult, len(jobs))
	for i, job := range jobs {
		results[i] = publisher.Publish(ctx, &pubsub.Message{Data: encode(job)})
	}
	failed := 0
	reasons := map[string]error{} // a whole batch fails for one reason
	for _, result := range results {
		if _, err := result.Get(ctx); err != nil {
			failed++
			reasons[err.Error()] = err
		}
	}
	if failed == 0 {
		return nil
	}
	var all []error
	for _, err := range reasons {
		all = append(all, err)
	}
	return fmt.Errorf("publishing to topic %s: %d of %d messages failed: %w",
		publisher.ID(), failed, len(jobs), errors.Join(all...))
}
