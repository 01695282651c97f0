// Package lazy wires a function when its first request comes. A configuration
// that is wrong or a client that cannot be opened then is an answer and a log
// line. During start-up it would be a crash, and the next one.
package lazy

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
)

// ErrNotReady is what a caller is told of a failed wiring. The reason is in
// the log: a caller must not learn it, and the Functions Framework would print
// it once more.
var ErrNotReady = errors.New("the function is not ready, see its log")

// Value is wired once and safe for concurrent use.
type Value[T any] struct {
	log  *slog.Logger
	open func(context.Context) (T, error)

	mu     sync.Mutex
	value  T
	opened bool
	failed bool // for good
}

// New returns a value that open makes when it is first needed. Clients that
// open makes may keep its context, which never ends. A failed open is tried
// again with the next request, unless its error is Permanent.
func New[T any](log *slog.Logger, open func(context.Context) (T, error)) *Value[T] {
	return &Value[T]{log: log, open: open}
}

type permanentError struct{ error }

func (e permanentError) Unwrap() error { return e.error }

// Permanent marks an error that another attempt cannot mend before a new
// deployment, as a wrong configuration. It is logged once. Nil stays nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanentError{err}
}

// Get returns the value, or ErrNotReady.
func (v *Value[T]) Get(ctx context.Context) (T, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.failed {
		return v.value, ErrNotReady
	}
	if v.opened {
		return v.value, nil
	}
	value, err := v.open(context.WithoutCancel(ctx))
	if err != nil {
		_, v.failed = errors.AsType[permanentError](err)
		v.log.ErrorContext(ctx, "function not ready", "error", err)
		return v.value, ErrNotReady
	}
	v.value, v.opened = value, true
	return value, nil
}

// Serve answers with the handler, or 500 and what sorry says while it is not ready.
func Serve(v *Value[http.Handler], sorry func(*http.Request) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		handler, err := v.Get(r.Context())
		if err != nil {
			w.Header().Set("Cache-Control", "no-store")
			http.Error(w, sorry(r), http.StatusInternalServerError)
			return
		}
		handler.ServeHTTP(w, r)
	}
}
