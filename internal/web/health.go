package web

import (
	"fmt"
	"net/http"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
)

// overdueAfter is how old the newest weekly run may be: a week, and a day for
// the catch-up.
const overdueAfter = 8 * 24 * time.Hour

func (s *server) health(w http.ResponseWriter, r *http.Request) error {
	text := "ok"
	if s.Version != "" {
		text += "\nWeekly Archive " + s.Version
	}
	s.plain(w, r, http.StatusOK, text)
	return nil
}

// healthWeekly answers 503 when the weekly run is overdue, or when nobody can
// tell.
func (s *server) healthWeekly(w http.ResponseWriter, r *http.Request) error {
	last, err := s.newest.last(r.Context())
	if err != nil {
		s.Log.ErrorContext(r.Context(), "last weekly run not known", "request_id", reference(r.Context()), "error", err)
		s.plain(w, r, http.StatusServiceUnavailable, "the last weekly run is not known")
		return nil
	}
	if err := usecase.Overdue(last, s.Clock(), overdueAfter); err != nil {
		s.plain(w, r, http.StatusServiceUnavailable, err.Error())
		return nil
	}
	s.plain(w, r, http.StatusOK, "ok")
	return nil
}

func (s *server) plain(w http.ResponseWriter, r *http.Request, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	s.write(w, r, fmt.Appendln(nil, text))
}
