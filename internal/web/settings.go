package web

import (
	"net/http"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// settingsView is what the settings page shows.
type settingsView struct {
	Note    []words.Line
	NoteBad bool

	Archives []playlistView
	Weeks    copiesView

	Denied      bool // Discover Weekly was chosen, and may not be read
	DeniedFold  bool // it may not be read, and something else is instead
	Readable    bool // and is read
	Nothing     bool // there is nothing for the person to do
	CheckedAt   time.Time
	Ways        []way
	Inbox       inboxView
	Listens     bool
	ReadUntil   time.Time
	PutOff      time.Time // when a look at plays was put off
	Discover    string    // address of the known Discover Weekly
	AskDiscover bool      // its address would help
	Shapes      []shapeView

	AskOwn bool // the person may go on with a playlist of their own
	Theirs bool // the archive is one of them

	Consent   words.Line
	Lasts     bool   // the consent does
	Reconnect string // address of the consent that renews this one
	State     state

	Messages *messagesView // nil: this copy sends none
}

// copiesView is a page of the archives of single weeks, newest first.
type copiesView struct {
	All   int // of every page
	List  []playlistView
	Later bool             // this is not the first page
	Older calendar.Edition // the next page shows the weeks before it; empty: there are none
}

type inboxView struct {
	Show  bool
	Link  string     // empty until it is made
	After words.Line // what becomes of what lies in it
}

// settings shows everything that is not about this week.
func (s *server) settings(w http.ResponseWriter, r *http.Request) error {
	user, err := s.signedIn(w, r)
	if err != nil {
		return err
	}
	var before calendar.Edition
	if text := r.URL.Query().Get("before"); text != "" {
		if before, err = calendar.ParseEdition(text); err != nil {
			return errNoPage
		}
	}
	now := s.situation(usecase.Account{User: user}, s.appPause(r))
	page := s.settingsView(now, s.takeFlash(w, r, user.ID))
	page.Weeks = s.copies(user, before)
	if page.Messages, err = s.messagesView(r.Context(), now.user); err != nil {
		return err
	}
	v := s.view(r, words.Say("settings.title"), page)
	v.SignedIn = true
	v.Secret = page.Messages != nil
	s.render(w, r, http.StatusOK, "settings", v)
	return nil
}

func (s *server) settingsView(now situation, said flash) settingsView {
	u, stands := now.user, now.standing()
	direct := u.Choice.Direct()
	denied := u.Discover.Access == archive.AccessDenied
	v := settingsView{
		Denied:     denied && direct && u.Choice != archive.ChoiceAuto,
		DeniedFold: denied && u.Choice == archive.ChoiceAuto,
		Readable:   u.Discover.Access == archive.AccessReadable && direct,
		Nothing:    (stands == standsWell || stands == standsFirst || stands == standsAgain) && now.banner().Line.Key == "",
		CheckedAt:  u.Discover.CheckedAt,
		Ways:       ways(u),
		Inbox:      inboxView{now.readsInbox(), s.playlist(u.Inbox.PlaylistID), words.Say("inbox.after")},
		Listens:    u.Listens(),
		ReadUntil:  u.Listening.Cursor,
		PutOff:     now.putOff(),
		Discover:   s.playlist(u.Discover.PlaylistID),
		Shapes:     shapes(u.Shape),
		Reconnect:  reconnectLink(u, now.banner()),
		State:      now.state(),
		AskOwn:     now.until() == "",
	}
	v.Theirs = u.Archives[u.Shape.ArchiveKey(calendar.DueEdition(now.now))].Theirs
	if until := now.until(); until != "" {
		v.Readable, v.Inbox.After = false, words.Say("note.until."+until)
	}
	v.Consent, v.Lasts = now.consent()
	v.AskDiscover = denied && v.Listens && v.Discover == ""
	v.Note, v.NoteBad = said.Note.lines(now.until())
	v.Archives = s.archives(u)
	return v
}
