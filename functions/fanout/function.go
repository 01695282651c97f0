// Package fanout is the function FanOut: a message per due user, from one
// message of the scheduler. It sees neither tokens nor Spotify.
package fanout

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/GoogleCloudPlatform/functions-framework-go/functions"
	cloudevents "github.com/cloudevents/sdk-go/v2"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/config"
	"github.com/weeklyarchive/weeklyarchive/internal/event"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/dial"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/firestorestore"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/lazy"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/pubsubjobs"
	"github.com/weeklyarchive/weeklyarchive/internal/logging"
)

func init() {
	environ := config.Environ(os.Environ())
	log := logging.New(os.Stderr, logging.Cloud("fanout", environ))
	fanOut := lazy.New(log, func(ctx context.Context) (*usecase.FanOut, error) { return open(ctx, environ, log) })
	functions.CloudEvent("FanOut", func(ctx context.Context, e cloudevents.Event) error {
		f, err := fanOut.Get(ctx)
		if err != nil {
			return err
		}
		return event.HandleFanOut(ctx, log, event.Envelope{Type: e.Type(), ID: e.ID(), Time: e.Time(), Data: e.Data()}, f)
	})
}

func open(ctx context.Context, environ map[string]string, log *slog.Logger) (*usecase.FanOut, error) {
	c, err := config.LoadFanOut(environ)
	if err != nil {
		return nil, lazy.Permanent(fmt.Errorf("reading the configuration: %w", err))
	}
	firestore, err1 := firestorestore.Open(ctx, environ[dial.FirestoreEmulator])
	pubsub, err2 := pubsubjobs.Open(ctx, c.Project)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	store := records.New(firestorestore.New(firestore, firestorestore.Database(c.Project, c.FirestoreDatabase), time.Now))
	return &usecase.FanOut{
		Users: store, App: store, Clock: time.Now, Log: log,
		Jobs: pubsubjobs.NewArchiveJobs(pubsub, c.ArchiveTopic),
		More: pubsubjobs.NewFanOutJobs(pubsub, c.WeeklyTopic),
	}, nil
}
