package web

import (
	"errors"
	"net/http"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// ownView is what the page shows on which the person chooses the archive from
// their own playlists. It has no other form, so that nothing which is typed is
// lost when it loads itself again.
type ownView struct {
	Note    []words.Line
	NoteBad bool
	Stands  words.Line // the question
	Soon    bool       // its answer is on its way
	Ask     bool       // it may be asked
	List    []ownPlaylistView
}

type ownPlaylistView struct {
	ID, Given string
	Total     int
}

func (s *server) ownPage(w http.ResponseWriter, r *http.Request) error {
	user, err := s.signedIn(w, r)
	if err != nil {
		return err
	}
	now := s.situation(usecase.Account{User: user}, s.appPause(r))
	page := now.own(s.takeFlash(w, r, user.ID))
	v := s.view(r, words.Say("own.title"), page)
	v.SignedIn = true
	if page.Soon {
		v.Refresh = refreshTo("/account/playlists")
	}
	s.render(w, r, http.StatusOK, "own", v)
	return nil
}

func (s situation) own(said flash) ownView {
	u, until := s.user, s.until()
	v := ownView{Stands: words.Say("own.not_asked")}
	v.Note, v.NoteBad = said.Note.lines(until)
	switch {
	case u.Own.Answered(s.now) && len(u.Own.List) == 0:
		v.Stands = words.Say("own.none")
	case u.Own.Answered(s.now):
		v.Stands = words.Say("own.choose")
		for _, p := range u.Own.List {
			v.List = append(v.List, ownPlaylistView{p.PlaylistID, shortened(p.Name), p.Total})
		}
	case until != "":
		v.Stands = words.Say("note.until." + until)
	case u.Own.Asked(s.now):
		v.Stands, v.Soon = words.Say("own.soon"), true
	default:
		v.Ask = true
	}
	return v
}

// askOwn asks for the person's own playlists, to choose the archive from.
func (s *server) askOwn(w http.ResponseWriter, r *http.Request) error {
	user, err := s.posted(w, r)
	if err != nil {
		return err
	}
	err = s.Accounts.AskOwn(r.Context(), user.ID)
	if err != nil && !errors.Is(err, fault.ErrTooOften) {
		return err
	}
	said := note("")
	if err != nil {
		said = noteLater
	}
	return s.done(w, r, "/account/playlists", flash{User: user.ID, Note: said})
}

// goOnWith makes one of them the archive.
func (s *server) goOnWith(w http.ResponseWriter, r *http.Request) error {
	user, err := s.posted(w, r)
	if err != nil {
		return err
	}
	err = s.Accounts.GoOnWith(r.Context(), user.ID, r.PostFormValue("playlist"))
	if errors.Is(err, fault.ErrMalformed) {
		return errBadChoice
	}
	return s.asked(w, r, user.ID, noteOwn, err)
}
