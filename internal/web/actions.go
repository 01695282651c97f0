package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
)

// Every post changes something and redirects, so that reloading the page that
// follows repeats nothing.

func (s *server) run(w http.ResponseWriter, r *http.Request) error {
	user, err := s.posted(w, r)
	if err != nil {
		return err
	}
	return s.asked(w, r, user.ID, noteRun, s.Accounts.RunNow(r.Context(), user.ID))
}

// look asks for a run for a page that its reader has come back to. There is
// nothing to show: the page watches its card. Our service worker asks for one, too,
// when its person opens a message to copy (?tapped).
func (s *server) look(w http.ResponseWriter, r *http.Request) error {
	user, err := s.signedIn(w, r)
	if err != nil {
		return err
	}
	look := s.Accounts.Look
	if r.URL.Query().Has("tapped") {
		look = s.Accounts.Tapped
	}
	switch err := look(r.Context(), user.ID); {
	case errors.Is(err, fault.ErrTooOften):
		w.WriteHeader(http.StatusTooManyRequests)
		return nil
	case err != nil:
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// asked answers a post that asked for a run. After too many of them nothing
// runs, and the page does not say so.
func (s *server) asked(w http.ResponseWriter, r *http.Request, id archive.UserID, said note, err error) error {
	switch {
	case errors.Is(err, fault.ErrTooOften):
		said = noteLater
	case err != nil:
		return err
	}
	return s.done(w, r, "/account", flash{User: id, Note: said})
}

func (s *server) pause(w http.ResponseWriter, r *http.Request) error {
	user, err := s.posted(w, r)
	if err != nil {
		return err
	}
	if err := s.Accounts.Pause(r.Context(), user.ID); err != nil {
		return err
	}
	return s.done(w, r, "/account", flash{User: user.ID, Note: notePaused})
}

func (s *server) resume(w http.ResponseWriter, r *http.Request) error {
	user, err := s.posted(w, r)
	if err != nil {
		return err
	}
	return s.asked(w, r, user.ID, noteResumed, s.Accounts.Resume(r.Context(), user.ID))
}

// choose sets the source. What listens needs the player's scopes; without
// them the choice is made on the way back from Spotify's consent page.
func (s *server) choose(w http.ResponseWriter, r *http.Request) error {
	user, err := s.posted(w, r)
	if err != nil {
		return err
	}
	choice := archive.Choice(r.PostFormValue("source"))
	player := choice == archive.ChoiceListening ||
		choice == archive.ChoiceAuto && r.PostFormValue("listening") != ""
	if player && !user.Grant.Listens() {
		s.redirect(w, r, wish{choice: choice, player: player}.link())
		return nil
	}
	err = s.Accounts.Choose(r.Context(), user.ID, choice)
	if errors.Is(err, fault.ErrMalformed) {
		return errBadChoice
	}
	return s.asked(w, r, user.ID, noteSource, err)
}

func (s *server) shape(w http.ResponseWriter, r *http.Request) error {
	user, err := s.posted(w, r)
	if err != nil {
		return err
	}
	err = s.Accounts.SetShape(r.Context(), user.ID, archive.Shape(r.PostFormValue("shape")))
	if errors.Is(err, fault.ErrMalformed) {
		return errBadChoice
	}
	if err != nil {
		return err
	}
	return s.done(w, r, "/account/settings", flash{User: user.ID, Note: noteShape})
}

func (s *server) discover(w http.ResponseWriter, r *http.Request) error {
	user, err := s.posted(w, r)
	if err != nil {
		return err
	}
	link := r.PostFormValue("link")
	if _, ok := usecase.ParsePlaylistLink(link); !ok {
		return s.done(w, r, "/account/settings#source", flash{User: user.ID, Note: noteNoLink})
	}
	return s.asked(w, r, user.ID, noteDiscover, s.Accounts.SetDiscover(r.Context(), user.ID, link))
}

func (s *server) paste(w http.ResponseWriter, r *http.Request) error {
	user, err := s.signedIn(w, r)
	if err != nil {
		return err
	}
	if err := readForm(r); err != nil {
		return err
	}
	links := r.PostForm["links"] // a text, or what is ticked of a list
	text, take, none := strings.Join(links, "\n"), s.Accounts.Paste, notePasteEmpty
	if r.PostForm.Has("back") {
		take = s.Accounts.TakeBack
		if len(links) == 0 {
			none = noteBackEmpty
		}
	}
	if strings.TrimSpace(text) == "" {
		return s.done(w, r, "/account/paste", flash{User: user.ID, Note: none})
	}
	report, err := take(r.Context(), user.ID, text)
	if err != nil {
		return err
	}
	return s.done(w, r, "/account/paste", flash{User: user.ID, Paste: &report})
}

// signOut ends the user's sessions in every browser: a copy of the cookie must
// not outlive it. Without a session that still holds there is nothing to end.
func (s *server) signOut(w http.ResponseWriter, r *http.Request) error {
	user, err := s.signedIn(w, r)
	s.endSession(w)
	switch {
	case errors.Is(err, errNoSession), errors.Is(err, fault.ErrMalformed):
		s.redirect(w, r, "/signedout")
		return nil
	case err != nil:
		return err
	}
	if err := s.Accounts.SignOut(r.Context(), user.ID); err != nil && !errors.Is(err, fault.ErrNotFound) {
		return err
	}
	s.redirect(w, r, "/signedout?"+everywhere)
	return nil
}

// disconnect deletes the user, also one whose document cannot be read.
func (s *server) disconnect(w http.ResponseWriter, r *http.Request) error {
	user, err := s.posted(w, r)
	switch {
	case errors.Is(err, errGone):
		s.redirect(w, r, "/disconnected")
		return nil
	case errors.Is(err, fault.ErrMalformed):
		found, err := s.session(r)
		if err != nil {
			return err
		}
		user.ID = found.User
	case err != nil:
		return err
	}
	return s.leave(w, r, user.ID)
}

// leave deletes everything about a user.
func (s *server) leave(w http.ResponseWriter, r *http.Request, id archive.UserID) error {
	if err := s.Accounts.Disconnect(r.Context(), id); err != nil {
		return err
	}
	s.Log.InfoContext(r.Context(), "disconnected", "request_id", reference(r.Context()), "user_id", id)
	s.endSession(w)
	s.redirect(w, r, "/disconnected")
	return nil
}

// posted reads the form and returns who sent it.
func (s *server) posted(w http.ResponseWriter, r *http.Request) (archive.User, error) {
	if err := readForm(r); err != nil {
		return archive.User{}, err
	}
	return s.signedIn(w, r)
}

func readForm(r *http.Request) error {
	err := r.ParseForm()
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return errTooLarge
	case err != nil:
		return errBrokenForm
	default:
		return nil
	}
}

func (s *server) done(w http.ResponseWriter, r *http.Request, to string, f flash) error {
	if err := s.setFlash(w, r, f); err != nil {
		return err
	}
	s.redirect(w, r, to)
	return nil
}
