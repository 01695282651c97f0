// Package remote asks the running service for what only it can do: its queue
// is in its memory. It speaks to the operator's page (package operator).
package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/local/operator"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

var (
	_ archive.Jobs        = (*Service)(nil)
	_ archive.FanOutJobs  = (*Service)(nil)
	_ operate.DeadLetters = (*Service)(nil)
)

// Address is where a running service can be asked, as it wrote it down.
type Address struct {
	Pages   string `json:"pages"`             // from this machine: "http://127.0.0.1:8080"
	Base    string `json:"base"`              // the public address
	Standin string `json:"standin,omitempty"` // base address of the Spotify stand-in
}

const addressMode = 0o600

// WriteAddress writes the address down.
func WriteAddress(path string, a Address) error {
	text, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("writing down the address: %w", err)
	}
	if err := os.WriteFile(path, append(text, '\n'), addressMode); err != nil {
		return fmt.Errorf("writing down the address: %w", err)
	}
	return nil
}

// ReadAddress reads what WriteAddress wrote; the zero Address where nothing
// can be read. Whether somebody is there is another question.
func ReadAddress(path string) Address {
	var a Address
	text, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(text, &a) != nil {
		return Address{}
	}
	return a
}

// Service is the running service.
type Service struct {
	Address Address
	Token   secret.Text  // opens the operator's page; empty where it needs none
	HTTP    *http.Client // http.DefaultClient with a time limit if nil
}

const (
	timeout   = 30 * time.Second
	maxAnswer = 16 << 20
)

// Running reports whether the service answers.
func (s *Service) Running(ctx context.Context) bool {
	return s.ask(ctx, http.MethodGet, "/healthz", nil) == nil
}

// EnqueueArchive implements archive.Jobs.
func (s *Service) EnqueueArchive(ctx context.Context, jobs ...archive.ArchiveJob) error {
	for _, job := range jobs {
		if err := s.ask(ctx, http.MethodPost, operator.Path+"/run?user="+url.QueryEscape(string(job.User)), nil); err != nil {
			return fmt.Errorf("sending a run of user %s: %w", job.User, err)
		}
	}
	return nil
}

// EnqueueFanOut implements archive.FanOutJobs, for weekly runs of everybody.
func (s *Service) EnqueueFanOut(ctx context.Context, jobs ...archive.FanOutJob) error {
	for _, job := range jobs {
		if job != (archive.FanOutJob{Run: job.Run}) || job.Run.Kind != app.RunWeekly {
			return errors.New("only weekly runs of everybody can be asked for")
		}
		if err := s.ask(ctx, http.MethodPost, operator.Path+"/weekly", nil); err != nil {
			return fmt.Errorf("sending the weekly run: %w", err)
		}
	}
	return nil
}

// List implements operate.DeadLetters.
func (s *Service) List(ctx context.Context) ([]operate.DeadLetter, error) {
	var status operator.Status
	if err := s.ask(ctx, http.MethodGet, operator.Path+"/status", &status); err != nil {
		return nil, fmt.Errorf("reading the dead letters: %w", err)
	}
	letters := make([]operate.DeadLetter, len(status.DeadLetters))
	for i, d := range status.DeadLetters {
		queue := operate.QueueArchive
		if d.User == "" {
			queue = operate.QueueWeekly
		}
		// The page shows the newest first.
		letters[len(letters)-1-i] = operate.DeadLetter{
			ID: d.ID, Queue: queue, User: d.User, Kind: d.Kind, Attempts: d.Attempts, At: d.At, Reason: d.Reason,
		}
	}
	return letters, nil
}

// Retry implements operate.DeadLetters.
func (s *Service) Retry(ctx context.Context, ids ...string) error { return s.each(ctx, "retry", ids) }

// Drop implements operate.DeadLetters.
func (s *Service) Drop(ctx context.Context, ids ...string) error { return s.each(ctx, "drop", ids) }

func (s *Service) each(ctx context.Context, do string, ids []string) error {
	var problems []error
	for _, id := range ids {
		if strings.Trim(id, ".") == "" { // which in a path means something else: all letters, say
			problems = append(problems, fmt.Errorf("dead letter %q: %w", id, fault.ErrNotFound))
			continue
		}
		if err := s.ask(ctx, http.MethodPost, operator.Path+"/dead-letters/"+url.PathEscape(id)+"/"+do, nil); err != nil {
			problems = append(problems, fmt.Errorf("dead letter %s: %w", id, err))
		}
	}
	return errors.Join(problems...)
}

// ask sends one request and decodes its answer. Nobody there is
// operate.ErrNotRunning.
func (s *Service) ask(ctx context.Context, method, path string, answer any) error {
	if s.Address.Pages == "" {
		return operate.ErrNotRunning
	}
	request, err := http.NewRequestWithContext(ctx, method, s.Address.Pages+path, http.NoBody)
	if err != nil {
		return operate.ErrNotRunning // what was written down is no address
	}
	if !s.Token.IsZero() {
		request.Header.Set("Authorization", "Bearer "+s.Token.Reveal())
	}
	client := s.HTTP
	if client == nil {
		client = &http.Client{Timeout: timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("%w, or does not answer at %s", operate.ErrNotRunning, s.Address.Pages)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return refusal(response.StatusCode, text)
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return errors.New("what answers is not this service, or another version of it")
	}
	return nil
}

// refusal is what the page said: sentences of our own.
func refusal(status int, text []byte) error {
	var said struct{ Error string }
	_ = json.Unmarshal(text, &said) // empty where it is no JSON
	switch {
	case status == http.StatusNotFound:
		return fault.ErrNotFound
	case said.Error != "":
		return errors.New(said.Error)
	default:
		return fmt.Errorf("the service answered with status %d", status)
	}
}
