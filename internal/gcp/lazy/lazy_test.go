package lazy_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/gcp/lazy"
)

func TestOpensOnce(t *testing.T) {
	t.Parallel()
	var opens atomic.Int32
	v := lazy.New(slog.New(slog.DiscardHandler), func(context.Context) (int, error) { return int(opens.Add(1)), nil })
	if opens.Load() != 0 {
		t.Error("opened before it was needed")
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if got, err := v.Get(t.Context()); got != 1 || err != nil {
				t.Errorf("got %d and %v, want 1", got, err)
			}
		})
	}
	wg.Wait()
}

func TestFailures(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		err       error
		wantOpens int // of three requests
	}{
		"wrong_configuration": {lazy.Permanent(errors.New("BASE_URL: not set")), 1},
		"client_not_opened":   {errors.New("BASE_URL: not set"), 3},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			opens := 0
			v := lazy.New(slog.New(slog.NewTextHandler(&log, nil)), func(context.Context) (http.Handler, error) {
				opens++
				return nil, c.err
			})
			for range 3 {
				recorder := httptest.NewRecorder()
				sorry := func(*http.Request) string { return "Later." }
				lazy.Serve(v, sorry)(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
				if recorder.Code != http.StatusInternalServerError || recorder.Body.String() != "Later.\n" {
					t.Errorf("got %d %q, want 500 without the reason", recorder.Code, recorder.Body)
				}
			}
			if lines := strings.Count(log.String(), "BASE_URL: not set"); opens != c.wantOpens || lines != c.wantOpens {
				t.Errorf("got %d attempts and %d log lines, want %d", opens, lines, c.wantOpens)
			}
		})
	}
}

func TestRecoversFromAFailure(t *testing.T) {
	t.Parallel()
	fail := true
	v := lazy.New(slog.New(slog.DiscardHandler), func(ctx context.Context) (http.Handler, error) {
		if ctx.Err() != nil {
			t.Error("the context of a request that ended reached the clients")
		}
		if fail {
			return nil, errors.New("no credentials yet")
		}
		return http.NotFoundHandler(), nil
	})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := v.Get(ended); !errors.Is(err, lazy.ErrNotReady) {
		t.Errorf("got %v, want %v", err, lazy.ErrNotReady)
	}
	fail = false
	if handler, err := v.Get(ended); handler == nil || err != nil {
		t.Errorf("got %v, want the handler", err)
	}
}
