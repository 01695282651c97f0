package web

import (
	"net/http"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

const trackURL = "https://open.spotify.com/track/"

// pasteView is what the paste page shows: the box, or after a paste what
// became of it, so that nothing which is typed can be lost to a page that
// loads itself again.
type pasteView struct {
	Card    cardView // after a paste
	Note    []words.Line
	NoteBad bool
	Paste   *usecase.PasteReport
	Fate    words.Line // what becomes of the new songs; without a key: the card says it
	More    int        // songs that were archived before and are not listed
	Unsaid  int        // pieces of the paste that were not understood and are not listed
	Max     int
	Songs   string // what the link to a song begins with; empty: none leads anywhere
}

// Track is the link to a song.
func (v pasteView) Track(id string) string {
	if v.Songs == "" {
		return ""
	}
	return v.Songs + id
}

func (s *server) pastePage(w http.ResponseWriter, r *http.Request) error {
	account, err := s.accountOf(w, r)
	if err != nil {
		return err
	}
	now := s.situation(account, s.appPause(r))
	page := s.pasteView(account, now, s.takeFlash(w, r, account.User.ID))
	v := s.view(r, words.Say("paste.title"), page)
	v.SignedIn = true
	if page.Paste != nil && page.Card.Watched {
		v.Refresh = refreshTo("/account")
	}
	s.render(w, r, http.StatusOK, "paste", v)
	return nil
}

func (s *server) pasteView(account usecase.Account, now situation, said flash) pasteView {
	v := pasteView{Card: s.card(account, now), Paste: said.Paste, Max: usecase.MaxPaste}
	if s.Standin == "" { // whose songs have no page
		v.Songs = trackURL
	}
	switch until := now.until(); {
	case until != "":
		v.Fate = words.Say("paste.wait." + until)
	case now.nextRun() == "now":
		v.Fate = words.Say("paste.on_the_way")
	case account.Waiting > 0:
		v.Fate = words.Say("paste.wait.next")
	}
	if said.Paste != nil {
		v.Unsaid = said.Paste.Odd - len(said.Paste.NotUnderstood)
		if known := len(said.Paste.Known); known > 0 {
			v.More = said.Paste.Already - known
		}
	}
	v.Note, v.NoteBad = said.Note.lines(now.until())
	return v
}
