// Package entry registers the functions with the Functions Framework. It is what
// their composition roots have in common: a name, a configuration, and a wiring
// that waits for the first request.
package entry

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"github.com/GoogleCloudPlatform/functions-framework-go/functions"
	cloudevents "github.com/cloudevents/sdk-go/v2"

	"github.com/weeklyarchive/weeklyarchive/internal/config"
	"github.com/weeklyarchive/weeklyarchive/internal/event"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/lazy"
	"github.com/weeklyarchive/weeklyarchive/internal/logging"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// A Root is what a function is made of: how its configuration is read, and how
// its adapters are opened. An error of open that no other attempt can mend is
// lazy.Permanent.
type Root[C, T any] struct {
	Load func(environ map[string]string) (C, error)
	Open func(ctx context.Context, c C, environ map[string]string, log *slog.Logger) (T, error)
}

// HTTP registers a function that answers requests.
func HTTP[C any](name string, root Root[C, http.Handler]) {
	pages, _ := root.wire(name)
	functions.HTTP(name, logging.Traced(lazy.Serve(pages, sorry)).ServeHTTP)
}

// sorry is what a visitor reads of a function that is not ready.
func sorry(r *http.Request) string {
	return words.Ours().Match(r.Header.Get("Accept-Language")).Text(words.Say("problem.unready"))
}

// Event registers a function that is sent messages. An error of handle lets the
// message come again.
func Event[C, T any](name string, root Root[C, T], handle func(context.Context, *slog.Logger, event.Envelope, T) error) {
	opened, log := root.wire(name)
	functions.CloudEvent(name, func(ctx context.Context, e cloudevents.Event) error {
		function, err := opened.Get(ctx)
		if err != nil {
			return err
		}
		return handle(ctx, log, event.Envelope{Type: e.Type(), ID: e.ID(), Time: e.Time(), Data: e.Data()}, function)
	})
}

func (r Root[C, T]) wire(name string) (*lazy.Value[T], *slog.Logger) {
	environ := config.Environ(os.Environ())
	log := logging.New(os.Stderr, logging.Cloud(strings.ToLower(name), environ))
	return lazy.New(log, func(ctx context.Context) (none T, err error) {
		c, err := r.Load(environ)
		if err != nil {
			return none, lazy.Permanent(fmt.Errorf("reading the configuration: %w", err))
		}
		return r.Open(ctx, c, environ, log)
	}), log
}
