// Package fanout is the function FanOut: a message per due user, from one
// message of the scheduler. It sees neither tokens nor Spotify.
package fanout

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/config"
	"github.com/weeklyarchive/weeklyarchive/internal/event"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/dial"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/entry"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/firestorestore"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/pubsubjobs"
)

func init() {
	entry.Event("FanOut", entry.Root[config.FanOut, event.FanOuter]{Load: config.LoadFanOut, Open: open}, event.HandleFanOut)
}

func open(ctx context.Context, c config.FanOut, environ map[string]string, log *slog.Logger) (event.FanOuter, error) {
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
