package acceptance_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"
)

// MessageWaits has to call when a function cannot be reached, which no log line
// tells, and not when Spotify lets the app wait. Its condition is PromQL, so it
// is asked here what Cloud Monitoring would ask it.
func TestTerraformMessageWaits(t *testing.T) {
	t.Parallel()
	query := messageWaitsQuery(t)
	const (
		waiting = "pubsub_googleapis_com:subscription_oldest_unacked_message_age"
		runs    = "logging_googleapis_com:user_weekly_archive_runs"
	)
	archive := map[string]string{"monitored_resource": "pubsub_subscription", "subscription_id": "archive-push"}
	weekly := map[string]string{"monitored_resource": "pubsub_subscription", "subscription_id": "weekly-push"}
	dead := map[string]string{"monitored_resource": "pubsub_subscription", "subscription_id": "archive-dead"}
	ended := func(outcome string) map[string]string {
		return map[string]string{"monitored_resource": "cloud_run_revision", "outcome": outcome}
	}
	constant := func(v float64) func(int) float64 { return func(int) float64 { return v } }
	counted := func(minute int) float64 { return float64(minute / 10) } // one run in ten minutes

	cases := map[string]struct {
		measured []measured
		calls    bool
	}{
		"nothing_was_ever_measured":                  {nil, false},
		"nothing_waits":                              {[]measured{{waiting, archive, constant(0)}, {waiting, weekly, constant(0)}}, false},
		"an_hour_is_no_fault":                        {[]measured{{waiting, archive, constant(3600)}}, false},
		"archiveuser_cannot_be_reached":              {[]measured{{waiting, archive, constant(7300)}, {waiting, weekly, constant(0)}}, true},
		"fanout_cannot_be_reached":                   {[]measured{{waiting, archive, constant(0)}, {waiting, weekly, constant(7300)}}, true},
		"spotify_lets_the_app_wait":                  {[]measured{{waiting, archive, constant(40000)}, {runs, ended("paused"), counted}}, false},
		"a_pause_that_is_over_excuses_nothing":       {[]measured{{waiting, archive, constant(7300)}, {runs, ended("paused"), constant(12)}}, true},
		"runs_that_fail_excuse_nothing":              {[]measured{{waiting, archive, constant(7300)}, {runs, ended("unavailable"), counted}}, true},
		"fanout_does_not_wait_for_spotify":           {[]measured{{waiting, weekly, constant(7300)}, {runs, ended("paused"), counted}}, true},
		"dead_letters_wait_for_the_operator_already": {[]measured{{waiting, dead, constant(90000)}}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := evaluate(t, query, c.measured); got != c.calls {
				t.Errorf("calls: got %t, want %t for\n%s", got, c.calls, query)
			}
		})
	}
}

// messageWaitsQuery puts the parts of alerts.tf together as Terraform does.
func messageWaitsQuery(t *testing.T) string {
	t.Helper()
	parts := map[string]string{}
	for _, block := range terraformBlocks(t) {
		for _, name := range []string{"waits", "paused", "query_alerts"} {
			if _, ok := block.Body.Attributes[name]; ok && block.Type == "locals" && block.file == "alerts.tf" {
				parts[name] = block.text(name)
			}
		}
	}
	written := regexp.MustCompile(`(?m)^\s*query\s*= "(.*)"$`).FindStringSubmatch(parts["query_alerts"])
	if written == nil || parts["waits"] == "" || parts["paused"] == "" {
		t.Fatalf("alerts.tf has no condition of the known form: %v", parts)
	}
	waits := strings.Trim(strings.ReplaceAll(parts["waits"], "${var.waiting_hours * 3600}", "7200"), `"`)
	return strings.ReplaceAll(strings.NewReplacer(
		`${format(local.waits, google_pubsub_subscription.push["weekly"].name)}`, strings.Replace(waits, "%s", "weekly-push", 1),
		`${format(local.waits, google_pubsub_subscription.push["archive"].name)}`, strings.Replace(waits, "%s", "archive-push", 1),
		`${local.paused}`, strings.Trim(strings.ReplaceAll(parts["paused"], `${replace(local.name, "-", "_")}`, "weekly_archive"), `"`),
	).Replace(written[1]), `\"`, `"`)
}

// measured is a time series: its value in each minute of the last three hours.
type measured struct {
	name   string
	labels map[string]string
	value  func(minute int) float64
}

const measuredMinutes = 180

// evaluate tells whether a condition is true at the end of what was measured.
func evaluate(t *testing.T, query string, series []measured) bool {
	t.Helper()
	engine := promql.NewEngine(promql.EngineOpts{
		MaxSamples: 1e6, Timeout: time.Minute, LookbackDelta: 5 * time.Minute,
	})
	end := time.Date(2026, 11, 30, 16, 0, 0, 0, time.UTC)
	asked, err := engine.NewInstantQuery(t.Context(), memory{end, series}, nil, query, end)
	if err != nil {
		t.Fatalf("the condition is no PromQL: %v\n%s", err, query)
	}
	defer asked.Close()
	result := asked.Exec(t.Context())
	if result.Err != nil {
		t.Fatal(result.Err)
	}
	vector, err := result.Vector()
	if err != nil {
		t.Fatal(err)
	}
	return len(vector) > 0
}

// memory is a store of time series that holds what was measured.
type memory struct {
	end    time.Time
	series []measured
}

func (m memory) Querier(int64, int64) (storage.Querier, error) { return m, nil }

func (m memory) Select(_ context.Context, _ bool, _ *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	var found []storage.Series
	for _, s := range m.series {
		set := labels.NewBuilder(labels.FromMap(s.labels)).Set(labels.MetricName, s.name).Labels()
		matches := true
		for _, matcher := range matchers {
			matches = matches && matcher.Matches(set.Get(matcher.Name))
		}
		if matches {
			found = append(found, storage.NewListSeries(set, m.samples(s)))
		}
	}
	return &listed{series: found}
}

func (m memory) samples(s measured) []chunks.Sample {
	var samples []chunks.Sample
	for minute := range measuredMinutes + 1 {
		at := m.end.Add(time.Duration(minute-measuredMinutes) * time.Minute)
		samples = append(samples, sample{at.UnixMilli(), s.value(minute)})
	}
	return samples
}

func (memory) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

func (memory) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

func (memory) Close() error { return nil }

type listed struct {
	series []storage.Series
	next   int
}

func (l *listed) Next() bool                      { l.next++; return l.next <= len(l.series) }
func (l *listed) At() storage.Series              { return l.series[l.next-1] }
func (*listed) Err() error                        { return nil }
func (*listed) Warnings() annotations.Annotations { return nil }

// sample is a value at a time, in milliseconds since 1970.
type sample struct {
	at    int64
	value float64
}

func (s sample) T() int64                    { return s.at }
func (s sample) F() float64                  { return s.value }
func (sample) H() *histogram.Histogram       { return nil }
func (sample) FH() *histogram.FloatHistogram { return nil }
func (sample) Type() chunkenc.ValueType      { return chunkenc.ValFloat }
