package operator

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// of returns the user whom a request is about, or refuses it.
func (s *server) of(w http.ResponseWriter, r *http.Request) (id archive.UserID, ok bool) {
	id = archive.UserID(r.URL.Query().Get("user"))
	if !id.Valid() {
		s.refuse(w, r, http.StatusBadRequest, words.Say("operator.error.user"))
		return "", false
	}
	return id, true
}

// run sends a run of one user, as the button on their account page does.
func (s *server) run(w http.ResponseWriter, r *http.Request) {
	id, ok := s.of(w, r)
	if !ok {
		return
	}
	wait, ok := parseWait(r)
	if !ok {
		s.refuse(w, r, http.StatusBadRequest, words.Say("operator.error.wait"))
		return
	}
	job := archive.ArchiveJob{User: id, Run: app.Run{Kind: app.RunManual, At: s.Clock().UTC()}}
	if err := s.Queue.EnqueueArchive(r.Context(), job); err != nil {
		s.Log.ErrorContext(r.Context(), "run not sent", "user_id", string(id), "error", err)
		s.refuse(w, r, http.StatusInternalServerError, words.Say("operator.error.run"))
		return
	}
	if wait > 0 {
		s.wait(w, r, wait)
	}
	s.answer(w, r, "run", map[string]archive.UserID{"user": id})
}

// forPerson does what a person asked for and could do on their account page.
func (s *server) forPerson(done string, do func(context.Context, archive.UserID) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id, ok := s.of(w, r)
		if !ok {
			return
		}
		if err := do(r.Context(), id); err != nil && !errors.Is(err, fault.ErrTooOften) {
			s.failed(w, r, id, err)
			return
		}
		s.Log.InfoContext(r.Context(), "changed by the operator", "user_id", string(id), "change", done)
		s.answer(w, r, done, map[string]archive.UserID{"user": id})
	}
}

// remove deletes everything about a person, who asked for it. It wants to be
// told so twice.
func (s *server) remove(w http.ResponseWriter, r *http.Request) {
	id, ok := s.of(w, r)
	if !ok {
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if r.PostFormValue("sure") != "yes" {
		s.refuse(w, r, http.StatusBadRequest, words.Say("operator.error.sure"))
		return
	}
	if err := s.Accounts.Disconnect(r.Context(), id); err != nil {
		s.failed(w, r, id, err)
		return
	}
	s.Log.InfoContext(r.Context(), "removed by the operator", "user_id", string(id))
	s.answer(w, r, "removed", map[string]archive.UserID{"user": id})
}

func (s *server) failed(w http.ResponseWriter, r *http.Request, id archive.UserID, err error) {
	if errors.Is(err, fault.ErrNotFound) {
		s.refuse(w, r, http.StatusNotFound, words.Say("operator.error.nobody"))
		return
	}
	s.Log.ErrorContext(r.Context(), "person not changed", "user_id", string(id), "error", err)
	s.refuse(w, r, http.StatusInternalServerError, words.Say("operator.error.change"))
}

// letter does something with one dead letter.
func (s *server) letter(do func(id string) bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id := r.PathValue("id")
		if !do(id) {
			s.refuse(w, r, http.StatusNotFound, words.Say("operator.error.letter"))
			return
		}
		s.Log.InfoContext(r.Context(), "dead letter taken out", "letter", id)
		s.answer(w, r, "letter", map[string]string{"id": id})
	}
}

// retryAll sends every job again that was given up.
func (s *server) retryAll(w http.ResponseWriter, r *http.Request) {
	retried := 0
	for _, d := range s.Queue.DeadLetters() {
		if s.Queue.Retry(d.ID) {
			retried++
		}
	}
	s.Log.InfoContext(r.Context(), "dead letters sent again", "letters", retried)
	s.answer(w, r, "letter", map[string]int{"retried": retried})
}

// endPause lets the app go on, whoever made it pause. The zero pause lies so
// far back that it replaces every other.
func (s *server) endPause(w http.ResponseWriter, r *http.Request) {
	if err := s.Store.SetPause(r.Context(), app.Pause{}); err != nil {
		s.Log.ErrorContext(r.Context(), "pause not ended", "error", err)
		s.refuse(w, r, http.StatusInternalServerError, words.Say("operator.error.change"))
		return
	}
	s.answer(w, r, "unpaused", map[string]bool{"paused": false})
}

func (s *server) backup(w http.ResponseWriter, r *http.Request) {
	file, err := s.Backups.Backup(r.Context(), operate.KeepBackups)
	if err != nil {
		s.Log.ErrorContext(r.Context(), "no backup made", "error", err)
		s.refuse(w, r, http.StatusInternalServerError, words.Say("operator.error.backup"))
		return
	}
	s.answer(w, r, "backup", file)
}

// notifyTest sends a message for trial to where alerts go.
func (s *server) notifyTest(w http.ResponseWriter, r *http.Request) {
	if err := s.SendTest(r.Context()); err != nil {
		s.Log.WarnContext(r.Context(), "test message not sent", "error", err)
		s.refuse(w, r, http.StatusBadGateway, words.Say("operator.error.notify"))
		return
	}
	s.answer(w, r, "notified", map[string]bool{"sent": true})
}

// answer leads a browser back to the page, and gives everybody else JSON.
func (s *server) answer(w http.ResponseWriter, r *http.Request, done string, body any) {
	if !fromPage(r) {
		s.writeJSON(w, r, http.StatusOK, body)
		return
	}
	to := url.Values{"done": {done}}
	if query := r.URL.Query(); query.Get("back") == "person" {
		to.Set("user", query.Get("user"))
	}
	http.Redirect(w, r, Path+"?"+to.Encode(), http.StatusSeeOther)
}
