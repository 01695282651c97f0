package logging_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/logging"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

const traceID = "4bf92f3577b34da6a3ce929d0e0e4736"

func TestCloudLine(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	log := logging.New(&b, logging.Options{
		Format: logging.FormatCloud, Service: "signup", Environment: "test", Version: "v1.2.3", Project: "p",
	})
	header := http.Header{"Traceparent": {"00-" + traceID + "-00f067aa0ba902b7-01"}}
	ctx := logging.WithTrace(t.Context(), header)
	log.WarnContext(ctx, "something", "user_id", "a2", "token", secret.New("hidden"), "wait", time.Second)
	var got map[string]any
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if _, err := time.Parse(time.RFC3339Nano, got["time"].(string)); err != nil {
		t.Errorf("time: %v", err)
	}
	delete(got, "time")
	want := map[string]any{
		"severity": "WARNING", "message": "something", "user_id": "a2", "token": "[redacted]", "wait": 1e9,
		"logging.googleapis.com/labels":        map[string]any{"service": "signup", "environment": "test", "version": "v1.2.3"},
		"logging.googleapis.com/trace":         "projects/p/traces/" + traceID,
		"logging.googleapis.com/spanId":        "00f067aa0ba902b7",
		"logging.googleapis.com/trace_sampled": true,
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("got -, want +:\n%s", diff)
	}
}

func TestSeverities(t *testing.T) {
	t.Parallel()
	cases := map[slog.Level]string{
		slog.LevelDebug: "DEBUG", slog.LevelInfo: "INFO", slog.LevelWarn: "WARNING", slog.LevelError: "ERROR", slog.LevelError + 4: "ERROR",
	}
	for level, want := range cases {
		var b bytes.Buffer
		log := logging.New(&b, logging.Options{Format: logging.FormatCloud, Level: slog.LevelDebug})
		log.Log(t.Context(), level, "x")
		if !strings.Contains(b.String(), `"severity":"`+want+`"`) {
			t.Errorf("level %s: got %s, want severity %s", level, b.String(), want)
		}
	}
}

func TestTraceHeaders(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		header http.Header
		want   string // of the span, empty for no trace
	}{
		"w3c":              {http.Header{"Traceparent": {"00-" + traceID + "-00f067aa0ba902b7-00"}}, "00f067aa0ba902b7"},
		"google":           {http.Header{"X-Cloud-Trace-Context": {traceID + "/1;o=1"}}, "0000000000000001"},
		"google_no_option": {http.Header{"X-Cloud-Trace-Context": {traceID + "/255"}}, "00000000000000ff"},
		"w3c_first": {http.Header{
			"Traceparent": {"00-" + traceID + "-00f067aa0ba902b7-00"}, "X-Cloud-Trace-Context": {traceID + "/1;o=1"},
		}, "00f067aa0ba902b7"},
		"none":          {http.Header{}, ""},
		"garbage":       {http.Header{"Traceparent": {"\"},{\"severity\":\"x"}}, ""},
		"span_too_long": {http.Header{"X-Cloud-Trace-Context": {traceID + "/99999999999999999999"}}, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			log := logging.New(&b, logging.Options{Format: logging.FormatCloud, Project: "p"})
			handler := logging.Traced(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				log.InfoContext(r.Context(), "served")
			}))
			request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
			request.Header = c.header
			handler.ServeHTTP(httptest.NewRecorder(), request)
			var line map[string]any
			if err := json.Unmarshal(b.Bytes(), &line); err != nil {
				t.Fatal(err)
			}
			if got, _ := line["logging.googleapis.com/spanId"].(string); got != c.want {
				t.Errorf("got span %q, want %q", got, c.want)
			}
		})
	}
}

func TestOtherFormats(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	logging.New(&b, logging.Options{Format: logging.FormatJSON}).InfoContext(t.Context(), "x", "n", 1)
	if got := b.String(); !strings.Contains(got, `"level":"INFO","msg":"x","n":1`) {
		t.Errorf("json: got %s", got)
	}
	b.Reset()
	logging.New(&b, logging.Options{}).InfoContext(t.Context(), "x", "n", 1)
	got, found := strings.CutSuffix(strings.TrimPrefix(b.String(), `time="`), "\" level=INFO msg=x n=1\n")
	if _, err := time.Parse(time.DateTime, got); err != nil || !found {
		t.Errorf("text: got %s, want a date and the time of day (%v)", b.String(), err)
	}
}
