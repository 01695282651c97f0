package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// followEvery bounds how late a time that was moved at the stand-in is
	// noticed by what no request asks for.
	followEvery = time.Second

	// controlTimeout is what an answer about the time may take on the way over
	// a loopback address.
	controlTimeout = 2 * time.Second

	maxTimeAnswer = 1 << 10
)

var errNoStandin = errors.New("no Spotify stand-in answers")

// outside is a stand-in that runs on its own. Its time is known as an offset
// from this machine's clock, which is compared before every request to the
// pages and once a second; while the stand-in is away, the last offset holds.
type outside struct {
	url    string
	client *http.Client
	log    *slog.Logger
	offset atomic.Int64 // nanoseconds

	asking sync.Mutex // one question at a time: the last answer is the newest
	away   atomic.Bool
}

// openOutside fails in one line if the stand-in is not there.
func openOutside(ctx context.Context, url string, log *slog.Logger) (*outside, error) {
	s := &outside{
		url: url,
		log: log,
		client: &http.Client{
			Transport: &http.Transport{MaxIdleConnsPerHost: 1, IdleConnTimeout: 10 * followEvery},
			Timeout:   controlTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse
			},
		},
	}
	if _, err := s.ask(ctx, http.MethodGet, ""); err != nil {
		return nil, fmt.Errorf("SPOTIFY_STANDIN_URL: %w at %s: start it (make spotify) and then this program, or leave the variable out for the built-in one", err, url)
	}
	return s, nil
}

func (s *outside) URL() string { return s.url }

func (s *outside) Now() time.Time { return time.Now().Add(time.Duration(s.offset.Load())) }

func (s *outside) NextMonday(ctx context.Context) (time.Time, error) {
	now, err := s.ask(ctx, http.MethodPost, `{"next_monday":true}`)
	if err != nil {
		return time.Time{}, fmt.Errorf("moving the time: %w at %s", err, s.url)
	}
	return now, nil
}

func (s *outside) Close() error {
	s.client.CloseIdleConnections()
	return nil
}

// ask asks for the stand-in's time, or moves it, and sets our clock by the
// answer. Its error holds no more of the answer than its status.
func (s *outside) ask(ctx context.Context, method, body string) (time.Time, error) {
	s.asking.Lock()
	defer s.asking.Unlock()
	r, err := http.NewRequestWithContext(ctx, method, s.url+controlPath+"/time", strings.NewReader(body))
	if err != nil {
		return time.Time{}, errNoStandin
	}
	sent := time.Now()
	response, err := s.client.Do(r)
	if err != nil {
		return time.Time{}, errNoStandin
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxTimeAnswer))
	received := time.Now()
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return time.Time{}, errNoStandin
	}
	var answer struct{ Now time.Time }
	if response.StatusCode != http.StatusOK || json.Unmarshal(text, &answer) != nil || answer.Now.IsZero() {
		return time.Time{}, fmt.Errorf("%w, but something else (status %d)", errNoStandin, response.StatusCode)
	}
	s.set(ctx, answer.Now, sent, received)
	return answer.Now, nil
}

// set notes that it was now at the stand-in at some moment between sent and
// received. An offset that may still be right is kept, so that our time does
// not jitter.
func (s *outside) set(ctx context.Context, now, sent, received time.Time) {
	least, most := now.Sub(received), now.Sub(sent)
	offset := time.Duration(s.offset.Load())
	if least <= offset && offset <= most {
		return
	}
	if moved := most - offset; moved < -time.Second {
		s.log.WarnContext(ctx, "the stand-in's time went back, and ours with it: it has lost its state (its flag -state keeps one)",
			"by", moved.Abs().Round(time.Second))
	}
	s.offset.Store(int64(least + (most-least)/2))
}

// sync sets our clock by the stand-in's, and says once in the log when the
// stand-in goes and when it returns.
func (s *outside) sync(ctx context.Context) {
	_, err := s.ask(ctx, http.MethodGet, "")
	switch {
	case ctx.Err() != nil: // the asker is gone, not the stand-in
	case err != nil && !s.away.Swap(true):
		s.log.WarnContext(ctx, "the Spotify stand-in is away; its time goes on at the same distance, and runs wait for it", "error", err)
	case err == nil && s.away.Swap(false):
		s.log.InfoContext(ctx, "the Spotify stand-in is back")
	}
}

// follow keeps our clock set until ctx ends.
func (s *outside) follow(ctx context.Context) {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.sync(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// fresh has every request see the time that the stand-in has at its beginning:
// a person, or a script, moves it there and goes on here. Requests do not wait
// for a stand-in that is known to be away.
func (s *outside) fresh(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.away.Load() {
			s.sync(r.Context())
		}
		next.ServeHTTP(w, r)
	})
}
