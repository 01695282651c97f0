package event_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/event"
)

const user = "a234567bcdefghijklmnopqrst"

var (
	monday    = time.Date(2026, 11, 16, 13, 0, 0, 0, time.UTC)
	published = monday.Add(1500 * time.Millisecond)
)

func TestBodiesAsTheyAreStored(t *testing.T) {
	t.Parallel()
	run := app.Run{Kind: app.RunWeekly, At: monday.In(time.FixedZone("", 3600))}
	cases := map[string]string{
		`{"v":1,"kind":"weekly","user":"` + user + `","at":"2026-11-16T13:00:00Z"}`: string(event.EncodeArchive(
			archive.ArchiveJob{User: user, Run: run})),
		`{"v":1,"kind":"weekly","at":"2026-11-16T13:00:00Z"}`: string(event.EncodeFanOut(archive.FanOutJob{Run: run})),
		`{"v":1,"kind":"weekly","at":"2026-11-16T13:00:00Z","prefix":"a","after":"` + user + `"}`: string(event.EncodeFanOut(
			archive.FanOutJob{Run: run, Prefix: "a", After: archive.Place{User: user}})),
		`{"v":1,"kind":"weekly","at":"2026-11-16T13:00:00Z","after":"` + user + `","from":"2026-11-16T12:00:00Z","due":"2026-11-16T12:30:00Z"}`: string(
			event.EncodeFanOut(archive.FanOutJob{Run: run, From: monday.Add(-time.Hour), After: archive.Place{Due: monday.Add(-time.Hour / 2), User: user}})),
		`{"v":1,"kind":"weekly","at":"2026-11-16T13:00:00Z","everybody":true}`: string(event.EncodeFanOut(archive.FanOutJob{Run: run, Everybody: true})),
	}
	for want, got := range cases {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestDecodeFanOut(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		data string
		want archive.FanOutJob
		bad  bool
	}{
		"scheduler_weekly":   {data: `{"v":1,"kind":"weekly"}`, want: job("weekly", monday.Add(time.Second), "", "")},
		"scheduler_hourly":   {data: `{"v":1,"kind":"hourly"}`, want: job("hourly", monday.Add(time.Second), "", "")},
		"scheduler_sweep":    {data: ` {"kind":"sweep", "v":1}`, want: job("sweep", monday.Add(time.Second), "", "")},
		"old_catchup":        {data: `{"v":1,"kind":"catchup"}`, want: everybody(job("sweep", monday.Add(time.Second), "", ""))},
		"old_listening":      {data: ` {"kind":"listening", "v":1}`, want: everybody(job("sweep", monday.Add(time.Second), "", ""))},
		"old_shard":          {data: `{"v":1,"kind":"weekly","at":"2026-11-16T14:00:00+01:00","prefix":"7"}`, want: job("weekly", monday, "7", "")},
		"old_catchup_shard":  {data: `{"v":1,"kind":"catchup","prefix":"7","after":"` + user + `"}`, want: everybody(job("sweep", monday.Add(time.Second), "7", user))},
		"rest_by_time":       {data: `{"v":1,"kind":"hourly","at":"2026-11-16T13:00:00Z","from":"2026-11-16T12:00:00Z","due":"2026-11-16T12:30:00Z","after":"` + user + `"}`, want: byTime()},
		"rest_of_old_shard":  {data: `{"v":1,"kind":"weekly","at":"2026-11-16T13:00:00Z","prefix":"a","after":"` + user + `"}`, want: job("weekly", monday, "a", user)},
		"unknown_field":      {data: `{"v":1,"kind":"weekly","colour":"red"}`, want: job("weekly", monday.Add(time.Second), "", "")},
		"fraction_of_second": {data: `{"v":1,"kind":"weekly","at":"2026-11-16T13:00:00.9Z"}`, want: job("weekly", monday, "", "")},

		"empty":             {bad: true},
		"no_json":           {data: `weekly`, bad: true},
		"other_json":        {data: `["weekly"]`, bad: true},
		"null":              {data: `null`, bad: true},
		"cut_off":           {data: `{"v":1,"kind":"wee`, bad: true},
		"twice":             {data: `{"v":1,"kind":"weekly"}{"v":1,"kind":"weekly"}`, bad: true},
		"no_version":        {data: `{"kind":"weekly"}`, bad: true},
		"newer_version":     {data: `{"v":2,"kind":"weekly"}`, bad: true},
		"version_as_text":   {data: `{"v":"1","kind":"weekly"}`, bad: true},
		"no_kind":           {data: `{"v":1}`, bad: true},
		"unknown_kind":      {data: `{"v":1,"kind":"daily"}`, bad: true},
		"kind_of_one_user":  {data: `{"v":1,"kind":"manual"}`, bad: true},
		"at_as_number":      {data: `{"v":1,"kind":"weekly","at":1763298000}`, bad: true},
		"at_as_date":        {data: `{"v":1,"kind":"weekly","at":"2026-11-16"}`, bad: true},
		"from_as_date":      {data: `{"v":1,"kind":"hourly","from":"2026-11-16"}`, bad: true},
		"due_of_no_year":    {data: `{"v":1,"kind":"hourly","due":"0001-01-01T00:00:00Z"}`, bad: true},
		"everybody_as_text": {data: `{"v":1,"kind":"sweep","everybody":"yes"}`, bad: true},
		"prefix_too_long":   {data: `{"v":1,"kind":"weekly","prefix":"ab"}`, bad: true},
		"prefix_of_no_user": {data: `{"v":1,"kind":"weekly","prefix":"1"}`, bad: true},
		"after_of_no_user":  {data: `{"v":1,"kind":"weekly","after":"../app"}`, bad: true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := event.DecodeFanOut(event.Message{Data: []byte(c.data), PublishedAt: published})
			if errors.Is(err, fault.ErrMalformed) != c.bad || (err != nil) != c.bad {
				t.Fatalf("got error %v, want %v to be %t", err, fault.ErrMalformed, c.bad)
			}
			if diff := cmp.Diff(got, c.want); diff != "" {
				t.Errorf("got -, want +:\n%s", diff)
			}
		})
	}
}

func job(kind app.RunKind, at time.Time, prefix string, after archive.UserID) archive.FanOutJob {
	return archive.FanOutJob{Run: app.Run{Kind: kind, At: at}, Prefix: prefix, After: archive.Place{User: after}}
}

func everybody(job archive.FanOutJob) archive.FanOutJob {
	job.Everybody = true
	return job
}

func byTime() archive.FanOutJob {
	j := job(app.RunHourly, monday, "", user)
	j.From, j.After.Due = monday.Add(-time.Hour), monday.Add(-time.Hour/2)
	return j
}

func TestDecodeArchive(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		data string
		bad  bool
		kind app.RunKind
	}{
		"as_encoded":    {`{"v":1,"user":"` + user + `","kind":"manual","at":"2026-11-16T13:00:00Z"}`, false, app.RunManual},
		"due":           {string(event.EncodeArchive(archive.ArchiveJob{User: user, Run: app.Run{Kind: app.RunDue, At: monday}})), false, app.RunDue},
		"old_catchup":   {`{"v":1,"user":"` + user + `","kind":"catchup","at":"2026-11-16T13:00:00Z"}`, false, app.RunDue},
		"old_listening": {`{"v":1,"user":"` + user + `","kind":"listening","at":"2026-11-16T13:00:00Z"}`, false, app.RunDue},
		"of_a_fan_out":  {`{"v":1,"user":"` + user + `","kind":"hourly"}`, true, ""},
		"no_user":       {`{"v":1,"kind":"manual"}`, true, ""},
		"path_as_user":  {`{"v":1,"user":"a234567bcdefghijklmnop/../","kind":"manual"}`, true, ""},
		"long_user":     {`{"v":1,"user":"` + user + `a","kind":"manual"}`, true, ""},
		"upper_case":    {`{"v":1,"user":"A234567BCDEFGHIJKLMNOPQRST","kind":"manual"}`, true, ""},
		"user_as_list":  {`{"v":1,"user":["` + user + `"],"kind":"manual"}`, true, ""},
		"wrong_kind":    {`{"v":1,"user":"` + user + `","kind":"Manual"}`, true, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := event.DecodeArchive(event.Message{Data: []byte(c.data), PublishedAt: published})
			if errors.Is(err, fault.ErrMalformed) != c.bad || (err != nil) != c.bad {
				t.Errorf("got error %v, want %v to be %t", err, fault.ErrMalformed, c.bad)
			}
			if got.Run.Kind != c.kind {
				t.Errorf("got kind %q, want %q", got.Run.Kind, c.kind)
			}
		})
	}
}

func TestMessageWithoutAnyTime(t *testing.T) {
	t.Parallel()
	_, err := event.DecodeFanOut(event.Message{Data: []byte(`{"v":1,"kind":"weekly"}`)})
	if !errors.Is(err, fault.ErrMalformed) {
		t.Errorf("got %v, want %v: a run of the year 1 would find nobody due", err, fault.ErrMalformed)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"v":1,"kind":"weekly","at":"2026-11-16T13:00:00Z","prefix":"a","after":"` + user + `"}`))
	f.Add([]byte(`{"v":1,"kind":"hourly","at":"2026-11-16T13:00:00Z","from":"2026-11-16T12:00:00Z","due":"2026-11-16T12:00:00Z","after":"` + user + `"}`))
	f.Add([]byte(`{"v":1,"user":"` + user + `","kind":"signup"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m := event.Message{Data: data, PublishedAt: published}
		if job, err := event.DecodeArchive(m); err == nil {
			again, err := event.DecodeArchive(event.Message{Data: event.EncodeArchive(job)})
			if err != nil || again != job {
				t.Errorf("got %+v and %v, want %+v", again, err, job)
			}
		} else if !errors.Is(err, fault.ErrMalformed) {
			t.Errorf("got %v, want %v", err, fault.ErrMalformed)
		}
		if job, err := event.DecodeFanOut(m); err == nil {
			again, err := event.DecodeFanOut(event.Message{Data: event.EncodeFanOut(job)})
			if err != nil || again != job {
				t.Errorf("got %+v and %v, want %+v", again, err, job)
			}
		}
	})
}

func FuzzEnvelope(f *testing.F) {
	f.Add([]byte(`{"message":{"data":"e30=","messageId":"1","publishTime":"2026-11-16T13:00:00Z"}}`))
	f.Add([]byte(`{"message":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := event.Envelope{Type: event.MessagePublished, Data: data}.Open()
		if err == nil && len(m.Data) == 0 {
			t.Error("got a message without data")
		}
		if err != nil && !errors.Is(err, fault.ErrMalformed) {
			t.Errorf("got %v, want %v", err, fault.ErrMalformed)
		}
	})
}
