package operator

import (
	"net/http"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// run sends a run of one user, as the button on their account page does.
func (s *server) run(w http.ResponseWriter, r *http.Request) {
	id := archive.UserID(r.URL.Query().Get("user"))
	if !id.Valid() {
		s.refuse(w, r, http.StatusBadRequest, "user is the id of a user.")
		return
	}
	job := archive.ArchiveJob{User: id, Run: archive.Run{Kind: archive.RunManual, At: s.Clock().UTC()}}
	if err := s.Queue.EnqueueArchive(r.Context(), job); err != nil {
		s.Log.ErrorContext(r.Context(), "run not sent", "user_id", string(id), "error", err)
		s.refuse(w, r, http.StatusInternalServerError, "The run was not sent; the log says why. Try again.")
		return
	}
	s.answer(w, r, "run", map[string]archive.UserID{"user": id})
}

// letter does something with one dead letter.
func (s *server) letter(do func(id string) bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id := r.PathValue("id")
		if !do(id) {
			s.refuse(w, r, http.StatusNotFound, "There is no such dead letter.")
			return
		}
		s.Log.InfoContext(r.Context(), "dead letter taken out", "letter", id)
		s.answer(w, r, "letter", map[string]string{"id": id})
	}
}
