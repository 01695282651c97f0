package operator

import (
	"context"
	"net/http"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/local/memjobs"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// maxWait bounds ?wait=; the answer's own deadline is that much later.
const maxWait = 10 * time.Minute

func parseWait(r *http.Request) (wait time.Duration, ok bool) {
	text := r.URL.Query().Get("wait")
	if text == "" {
		return 0, true
	}
	wait, err := time.ParseDuration(text)
	return wait, err == nil && wait >= 0 && wait <= maxWait
}

// Sent is the answer to a weekly run. Done and Left are there when the caller
// waited, Outcomes when there was somebody to wait for. Runs of one second
// share their outcomes.
type Sent struct {
	Enqueued int                  `json:"enqueued"`
	Done     *bool                `json:"done,omitempty"`     // the queue became empty in time
	Outcomes map[outcome.Kind]int `json:"outcomes,omitempty"` // users by the outcome of their run
	Left     *memjobs.Stats       `json:"left,omitempty"`     // jobs that are not done
}

// weekly sends the weekly run at once, not through the clock.
func (s *server) weekly(w http.ResponseWriter, r *http.Request) {
	wait, ok := parseWait(r)
	if !ok {
		s.refuse(w, r, http.StatusBadRequest, words.Say("operator.error.wait"))
		return
	}
	run := app.Run{Kind: app.RunWeekly, At: s.Clock().UTC().Truncate(time.Second)}
	result, err := s.FanOut(r.Context(), run)
	if err != nil {
		s.Log.ErrorContext(r.Context(), "weekly run not sent", "error", err)
		s.refuse(w, r, http.StatusInternalServerError, words.Say("operator.error.weekly"))
		return
	}
	sent := Sent{Enqueued: result.Due}
	if wait > 0 {
		s.wait(w, r, wait)
		left := s.Queue.Stats()
		done := left.Empty()
		sent.Done, sent.Left = &done, &left
		if sent.Enqueued > 0 {
			sent.Outcomes = s.Tally.Of(run)
		}
	}
	done := "weekly"
	if result == (usecase.FanOutResult{}) {
		done = "nobody"
	}
	s.answer(w, r, done, sent)
}

// wait returns when the queue is empty, the time is over, the caller is gone
// or the program ends.
func (s *server) wait(w http.ResponseWriter, r *http.Request, limit time.Duration) {
	const margin = 10 * time.Second
	if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(limit + margin)); err != nil {
		s.Log.DebugContext(r.Context(), "write deadline not moved", "error", err)
	}
	ctx, cancel := context.WithTimeout(r.Context(), limit)
	defer cancel()
	go func() {
		select {
		case <-s.Stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	if err := s.Queue.Wait(ctx); err != nil {
		s.Log.DebugContext(r.Context(), "queue not empty yet", "error", err)
	}
}

func (s *server) nextMonday(w http.ResponseWriter, r *http.Request) {
	now, err := s.NextMonday(r.Context())
	if err != nil {
		s.Log.ErrorContext(r.Context(), "stand-in's time not moved", "error", err)
		s.refuse(w, r, http.StatusBadGateway, words.Say("operator.error.monday"))
		return
	}
	s.Log.InfoContext(r.Context(), "stand-in's time moved", "now", now)
	s.answer(w, r, "monday", map[string]time.Time{"now": now})
}
