package releases_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/local/releases"
)

const feedURL = "https://code.example/api/releases/latest?token=hush-hush"

// feed answers each request with the next of its answers; the empty one is a
// lost connection.
type feed struct {
	answers  []string
	requests []*http.Request
}

func (f *feed) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := f.answers[len(f.requests)]
	f.requests = append(f.requests, r)
	if answer == "" {
		return nil, errors.New("connection refused")
	}
	status := http.StatusOK
	if !strings.HasPrefix(answer, "{") {
		status = http.StatusNotFound
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(answer)), Request: r}, nil
}

// watch lets as many days go by as there are answers.
func watch(running string, f *feed, log io.Writer) *releases.Watch {
	days := 0
	w := releases.New(releases.Config{
		URL: feedURL, Version: running, Log: slog.New(slog.NewTextHandler(log, nil)), Transport: f,
		Sleep: func(_ context.Context, d time.Duration) error {
			days++
			if d != 24*time.Hour || days == len(f.answers) {
				return context.Canceled
			}
			return nil
		},
	})
	w.Run(context.Background())
	return w
}

func TestNewer(t *testing.T) {
	t.Parallel()
	const page = `"html_url":"https://code.example/v1.10.0"`
	for name, tc := range map[string]struct {
		running string
		answers []string
		want    releases.Release // empty: none is newer
	}{
		"newer":                 {"v1.9.0", []string{`{"tag_name":"v1.10.0",` + page + `}`}, releases.Release{Version: "v1.10.0", Page: "https://code.example/v1.10.0"}},
		"same":                  {"v1.10.0", []string{`{"tag_name":"v1.10.0"}`}, releases.Release{}},
		"older":                 {"v2.0.0", []string{`{"tag_name":"v1.10.0"}`}, releases.Release{}},
		"after_its_candidate":   {"v1.10.0-rc.1", []string{`{"tag_name":"v1.10.0"}`}, releases.Release{Version: "v1.10.0"}},
		"no_release_runs":       {"development", []string{`{"tag_name":"v1.10.0"}`}, releases.Release{}},
		"a_commit_later_runs":   {"v1.10.0-3-g0123abc", []string{`{"tag_name":"v1.10.0"}`}, releases.Release{}},
		"the_next_day":          {"v1.0.0", []string{`{"tag_name":"v1.0.0"}`, `{"tag_name":"v1.0.1"}`}, releases.Release{Version: "v1.0.1"}},
		"known_through_outages": {"v1.0.0", []string{`{"tag_name":"v1.0.1"}`, "", "not found", "{", `{"tag_name":"latest"}`}, releases.Release{Version: "v1.0.1"}},
		"page_that_runs_code":   {"v1.0.0", []string{`{"tag_name":"v1.0.1","html_url":"javascript://code.example/%0aalert(1)"}`}, releases.Release{Version: "v1.0.1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &feed{answers: tc.answers}
			var log bytes.Buffer
			got, newer := watch(tc.running, f, &log).Newer()
			if newer != (tc.want != releases.Release{}) || newer && got != tc.want {
				t.Errorf("got %+v %t, want %+v", got, newer, tc.want)
			}
			if got, want := len(f.requests), len(tc.answers); got != want {
				t.Errorf("got %d requests, want %d", got, want)
			}
			if strings.Contains(log.String(), "hush-hush") || strings.Contains(log.String(), "code.example") {
				t.Errorf("the log shows the address: %s", log.String())
			}
		})
	}
}

func TestTheFeedLearnsTheVersionOnly(t *testing.T) {
	t.Parallel()
	f := &feed{answers: []string{`{"tag_name":"v1.0.0"}`}}
	watch("v1.0.0", f, io.Discard)
	r := f.requests[0]
	for name, value := range map[string]string{"User-Agent": "WeeklyArchive/v1.0.0", "Accept": "application/json"} {
		if got := r.Header.Get(name); got != value {
			t.Errorf("%s: got %q, want %q", name, got, value)
		}
	}
	if r.Method != http.MethodGet || len(r.Header) != 2 {
		t.Errorf("got %s with %v, want a GET that says nothing else", r.Method, r.Header)
	}
}
