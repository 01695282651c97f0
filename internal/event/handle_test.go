package event_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/event"
)

// archiver answers what the test wants.
type archiver func(job archive.ArchiveJob) (outcome.Outcome, error)

func (a archiver) Run(_ context.Context, job archive.ArchiveJob) (outcome.Outcome, error) {
	return a(job)
}

type fanOut func(job archive.FanOutJob) (usecase.FanOutResult, error)

func (f fanOut) Run(_ context.Context, job archive.FanOutJob) (usecase.FanOutResult, error) {
	return f(job)
}

func envelope(body string) event.Envelope {
	data := base64.StdEncoding.EncodeToString([]byte(body))
	return event.Envelope{
		Type: event.MessagePublished, ID: "7", Time: published,
		Data: []byte(`{"message":{"data":"` + data + `","messageId":"7","publishTime":"2026-11-16T13:00:01.5Z","attributes":{"a":"b"}},"subscription":"s"}`),
	}
}

const archiveBody = `{"v":1,"user":"` + user + `","kind":"weekly"}`

// logger returns a logger and what it wrote, a map per line.
func logger(t *testing.T) (*slog.Logger, func() []map[string]any) {
	t.Helper()
	var b bytes.Buffer
	return slog.New(slog.NewJSONHandler(&b, nil)), func() []map[string]any {
		var lines []map[string]any
		for decoder := json.NewDecoder(&b); decoder.More(); {
			var line map[string]any
			if err := decoder.Decode(&line); err != nil {
				t.Fatal(err)
			}
			lines = append(lines, line)
		}
		return lines
	}
}

func TestEveryOutcomeIsAcknowledgedOrRetried(t *testing.T) {
	t.Parallel()
	cases := map[outcome.Kind]struct {
		again bool
		level string
	}{
		outcome.Saved:         {false, "INFO"},
		outcome.NothingNew:    {false, "INFO"},
		outcome.NotRefreshed:  {false, "INFO"},
		outcome.AlreadyDone:   {false, "INFO"},
		outcome.NotReadable:   {false, "WARN"},
		outcome.GrantRefused:  {false, "INFO"},
		outcome.Missing:       {false, "INFO"},
		outcome.Rejected:      {false, "ERROR"},
		outcome.Reconnect:     {false, "WARN"},
		outcome.Scope:         {false, "WARN"},
		outcome.NotAllowed:    {false, "ERROR"},
		outcome.PremiumLapsed: {false, "ERROR"},
		outcome.Key:           {false, "ERROR"},
		outcome.Malformed:     {false, "ERROR"},
		outcome.Stopped:       {false, "INFO"},
		outcome.UnknownUser:   {false, "INFO"},
		outcome.Paused:        {true, "ERROR"},
		outcome.Unavailable:   {true, "INFO"},
		outcome.Unsure:        {true, "INFO"},
		outcome.App:           {true, "ERROR"},
		outcome.Internal:      {true, "ERROR"},
		outcome.Busy:          {true, "INFO"},
	}
	for kind, want := range cases {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			if got := kind.Verdict().Disposition == outcome.Retry; got != want.again {
				t.Fatalf("the core says retry %t, this test %t: put the two right", got, want.again)
			}
			log, lines := logger(t)
			err := event.HandleArchive(t.Context(), log, envelope(archiveBody), archiver(
				func(job archive.ArchiveJob) (outcome.Outcome, error) {
					o := outcome.Outcome{Kind: kind, Edition: "2026-11-16", Source: ledger.SourceInbox, Found: 30, Added: 27, Already: 3}
					if want.again {
						return o, &fault.RetryLater{Err: errors.New("reason")}
					}
					return o, nil
				}))
			if (err != nil) != want.again {
				t.Errorf("got error %v, want one: %t", err, want.again)
			}
			got := lines()
			if len(got) != 1 {
				t.Fatalf("got %d log lines, want 1", len(got))
			}
			for key, value := range map[string]any{
				"msg": "archived user", "level": want.level, "outcome": string(kind), "user_id": user, "run": "weekly",
				"edition": "2026-11-16", "source": "inbox", "found": 30.0, "added": 27.0, "already": 3.0,
				"disposition": map[bool]string{true: "retry", false: "ack"}[want.again],
			} {
				if got[0][key] != value {
					t.Errorf("%s: got %v, want %v", key, got[0][key], value)
				}
			}
		})
	}
}

func TestMalformedMessagesAreAcknowledged(t *testing.T) {
	t.Parallel()
	other := envelope(archiveBody)
	other.Type = "google.cloud.storage.object.v1.finalized"
	raw := func(data string) event.Envelope {
		return event.Envelope{Type: event.MessagePublished, ID: "7", Data: []byte(data)}
	}
	cases := map[string]event.Envelope{
		"event_of_another_type": other,
		"no_json":               envelope("hello"),
		"wrong_version":         envelope(`{"v":9,"user":"` + user + `","kind":"weekly"}`),
		"unknown_kind":          envelope(`{"v":1,"user":"` + user + `","kind":"daily"}`),
		"impossible_user":       envelope(`{"v":1,"user":"x","kind":"weekly"}`),
		"no_event_data":         raw(""),
		"event_data_no_json":    raw("\x00\xff"),
		"envelope_without_data": raw(`{"message":{"messageId":"7"}}`),
		"envelope_empty_data":   raw(`{"message":{"messageId":"7","data":""}}`),
		"no_message":            raw(`{"subscription":"s"}`),
		"data_no_base64":        raw(`{"message":{"data":"***"}}`),
	}
	for name, e := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log, lines := logger(t)
			err := event.HandleArchive(t.Context(), log, e, archiver(func(archive.ArchiveJob) (outcome.Outcome, error) {
				t.Error("the message was run")
				return outcome.Outcome{}, nil
			}))
			if err != nil {
				t.Errorf("got error %v, want the message acknowledged", err)
			}
			got := lines()
			if len(got) != 1 || got[0]["msg"] != "malformed message" || got[0]["level"] != "ERROR" {
				t.Errorf("got log %v, want one line 'malformed message'", got)
			}
		})
	}
}

func TestFanOutMessages(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		body  string
		err   error
		again bool
		line  string
	}{
		"scheduler":     {`{"v":1,"kind":"weekly"}`, nil, false, ""},
		"store_is_down": {`{"v":1,"kind":"weekly"}`, errors.New("unavailable"), true, "WARN fan-out failed"},
		"malformed":     {`{"v":1}`, errors.New("must not be reached"), false, "ERROR malformed message"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log, lines := logger(t)
			err := event.HandleFanOut(t.Context(), log, envelope(c.body), fanOut(
				func(archive.FanOutJob) (usecase.FanOutResult, error) { return usecase.FanOutResult{}, c.err }))
			if (err != nil) != c.again {
				t.Errorf("got error %v, want one: %t", err, c.again)
			}
			var got []string
			for _, line := range lines() {
				got = append(got, fmt.Sprint(line["level"], " ", line["msg"]))
			}
			if text := strings.Join(got, ", "); text != c.line {
				t.Errorf("got log %q, want %q", text, c.line)
			}
		})
	}
}

// The framework prints a returned error with its text as the format.
func TestReturnedErrorsAreNoFormats(t *testing.T) {
	t.Parallel()
	log, _ := logger(t)
	reason := fmt.Errorf("reading 100%%: %w", fault.ErrUnavailable)
	err := event.HandleFanOut(t.Context(), log, envelope(`{"v":1,"kind":"weekly"}`), fanOut(
		func(archive.FanOutJob) (usecase.FanOutResult, error) { return usecase.FanOutResult{}, reason }))
	if err == nil || strings.Contains(err.Error(), "%") {
		t.Errorf("got %q, want an error without the percent sign", err)
	}
	if !errors.Is(err, fault.ErrUnavailable) {
		t.Errorf("got %v, want the chain kept", err)
	}
}

func TestPanicsComeAgain(t *testing.T) {
	t.Parallel()
	const token = "AQDtoken"
	log, lines := logger(t)
	err := event.HandleArchive(t.Context(), log, envelope(archiveBody), archiver(
		func(archive.ArchiveJob) (outcome.Outcome, error) { panic(errors.New("bad response: " + token)) }))
	if err == nil {
		t.Fatal("got no error: the message would be lost")
	}
	got := lines()
	if len(got) != 2 || got[0]["msg"] != "panic" || got[1]["outcome"] != string(outcome.Internal) {
		t.Fatalf("got log %v, want the panic and the outcome internal", got)
	}
	if stack, _ := got[0]["stack"].(string); !strings.Contains(stack, "handle_test.go") {
		t.Errorf("got stack %q, want to see where", stack)
	}
	if text := fmt.Sprint(got, err); strings.Contains(text, token) {
		t.Errorf("the panic's text is shown: %s", text)
	}
	log, lines = logger(t)
	err = event.HandleFanOut(t.Context(), log, envelope(`{"v":1,"kind":"weekly"}`), fanOut(
		func(archive.FanOutJob) (usecase.FanOutResult, error) { panic("boom") }))
	if err == nil || len(lines()) == 0 {
		t.Errorf("a panic in fan-out: got %v, want an error and a log line", err)
	}
}

type prober func(id archive.UserID, asked time.Time) error

func (p prober) Answer(_ context.Context, id archive.UserID, asked time.Time) error {
	return p(id, asked)
}

func TestProbesAreToldFromRuns(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 16, 13, 0, 0, 0, time.UTC)
	probe := string(event.EncodeProbe(event.ProbeJob{User: user, At: at}))
	down := errors.New("100% down")
	for name, tc := range map[string]struct {
		body    string
		answer  prober
		mine    bool
		refused bool
	}{
		"probe":         {probe, func(archive.UserID, time.Time) error { return nil }, true, false},
		"comes_again":   {probe, func(archive.UserID, time.Time) error { return down }, true, true},
		"panics":        {probe, func(archive.UserID, time.Time) error { panic("token") }, true, true},
		"run":           {archiveBody, nil, false, false},
		"of_nobody":     {`{"v":1,"kind":"probe","user":"x","at":"2026-11-16T13:00:00Z"}`, nil, false, false},
		"without_time":  {`{"v":1,"kind":"probe","user":"` + user + `"}`, nil, false, false},
		"newer_version": {strings.Replace(probe, `"v":1`, `"v":2`, 1), nil, false, false},
		"garbage":       {`garbage`, nil, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log, lines := logger(t)
			mine, err := event.HandleProbe(t.Context(), log, envelope(tc.body), prober(func(id archive.UserID, asked time.Time) error {
				if id != user || !asked.Equal(at) {
					t.Errorf("got a probe of %s at %v, want of %s at %v", id, asked, user, at)
				}
				return tc.answer(id, asked)
			}))
			if mine != tc.mine || (err != nil) != tc.refused {
				t.Errorf("got mine %v, error %v, want %v and an error: %v", mine, err, tc.mine, tc.refused)
			}
			if err != nil && strings.Contains(err.Error(), "%") {
				t.Errorf("got error %q, which the framework takes for a format", err)
			}
			if tc.mine && len(lines()) == 0 {
				t.Error("got no line in the log")
			}
		})
	}
	log, lines := logger(t)
	if err := event.HandleArchive(t.Context(), log, envelope(probe), nil); err != nil || lines()[0]["msg"] != "malformed message" {
		t.Errorf("an older ArchiveUser: got error %v, want the message called out and acknowledged", err)
	}
}
