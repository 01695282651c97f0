package web

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

const (
	// refreshEvery is how soon the page loads itself again, in seconds, while
	// a run is under way.
	refreshEvery = 5

	// refreshFor is how long after a sign-up it does so: a first run usually
	// takes less, and whatever a person types meanwhile is lost.
	refreshFor = 20 * time.Second

	// gapShown is for how long a stretch of missed plays is news.
	gapShown = 28 * 24 * time.Hour
)

// accountView is what the account page shows. Sentences are lines, which the
// page says in the visitor's language.
type accountView struct {
	Name       string
	State      state
	Sentence   []words.Line
	At         time.Time // of the last run; zero before the first
	Waiting    int
	WaitingFor words.Line // takes Waiting
	FirstRun   bool       // no result since the consent
	App        []words.Line
	Note       []words.Line
	NoteBad    bool
	Paste      *usecase.PasteReport
	PasteFate  words.Line // what becomes of the new songs
	Unsaid     int        // pieces of the paste that were not understood and are not listed
	Banner     banner
	Consent    words.Line
	Lasts      bool   // the consent does
	Reconnect  string // address of the consent that renews this one
	Until      string // what has to happen before anything runs; usually empty

	Archives []playlistView
	Older    []playlistView // the archives of single weeks
	History  []weekRow

	Doubled     time.Time       // the Monday of a week whose songs stand in the archive twice; zero: none
	Candidates  []candidateView // lists of which the person has to say which is theirs
	Denied      bool            // Discover Weekly was chosen, and may not be read
	DeniedFold  bool            // it may not be read, and something else is instead
	Readable    bool            // and is read
	Nothing     bool            // there is nothing for the person to do
	CheckedAt   time.Time
	Ways        []way
	Inbox       inboxView
	Listening   listeningView
	Discover    string // address of the known Discover Weekly
	AskDiscover bool   // its address would help
	Shapes      []shapeView
	PasteMax    int
}

type playlistView struct {
	Name  words.Line
	Link  string
	Total int  // songs; negative when not known
	Main  bool // opening it is the next thing to do
}

// candidateView is a playlist that may be the user's Discover Weekly.
type candidateView struct {
	ID, Link string
	Given    string // its name in Spotify; may be empty
}

type inboxView struct {
	Show bool
	Link string // empty until it is made
	Main bool   // opening it is the next thing to do
}

type listeningView struct {
	Show      bool
	From, To  time.Time // of the gap
	Gap       bool
	ReadUntil time.Time
}

func (s *server) account(w http.ResponseWriter, r *http.Request) error {
	user, err := s.signedIn(w, r)
	if err != nil {
		return err
	}
	account, err := s.Accounts.Account(r.Context(), user.ID)
	if err != nil {
		return err
	}
	said := s.takeFlash(w, r, user.ID)
	page := s.accountView(account, s.appPause(r), said)

	v := s.view(r, words.Say("account.title"), page)
	v.SignedIn = true
	v.State = page.State.Word
	fresh := s.Clock().Sub(account.User.Grant.AuthorizedAt) < refreshFor
	if page.Until == "" && (said.Note.starts() || page.FirstRun && fresh && said.Paste == nil) {
		v.Refresh = refreshEvery
	}
	s.render(w, r, http.StatusOK, "account", v)
	return nil
}

func (s *server) accountView(account usecase.Account, pause archive.Pause, said flash) accountView {
	u, zone := inOwnZone(account.User)
	now := situation{user: u, entries: account.Entries, pause: pause.Current(s.Clock()), now: s.Clock()}
	now.pause.Until = now.pause.Until.In(zone)
	stands := now.standing()
	direct := u.Choice == archive.ChoiceAuto || u.Choice == archive.ChoiceDiscover
	denied := u.Discover.Access == archive.AccessDenied
	v := accountView{
		Name:       shortened(cmp.Or(u.DisplayName, u.SpotifyID)),
		State:      now.state(),
		Sentence:   now.sentence(),
		At:         u.Last.At,
		Waiting:    account.Waiting,
		FirstRun:   stands == standsFirst || stands == standsAgain,
		App:        now.appNotice(),
		Paste:      said.Paste,
		Unsaid:     said.Cut,
		Banner:     now.banner(),
		Until:      now.until(),
		History:    rows(history(account.Entries), s.lastWeek()),
		Doubled:    u.Doubled(s.Clock()).Monday(),
		Candidates: s.candidates(u),
		Denied:     denied && u.Choice == archive.ChoiceDiscover,
		DeniedFold: denied && u.Choice == archive.ChoiceAuto,
		Readable:   u.Discover.Access == archive.AccessReadable && direct,
		Nothing:    stands == standsWell || stands == standsFirst || stands == standsAgain,
		CheckedAt:  u.Discover.CheckedAt,
		Ways:       ways(u),
		Inbox:      s.inboxView(u),
		Listening: listeningView{
			Show: u.Listens(), ReadUntil: u.Listening.Cursor,
			Gap: now.now.Sub(u.Listening.Gap.To) < gapShown, From: u.Listening.Gap.From, To: u.Listening.Gap.To,
		},
		Discover: s.playlist(u.Discover.PlaylistID),
		Shapes:   shapes(u.Shape),
		PasteMax: usecase.MaxPaste,
	}
	v.Consent, v.Lasts = now.consent()
	v.AskDiscover = denied && v.Listening.Show && v.Discover == ""
	v.Inbox.Main = stands == standsTurn
	v.Reconnect = reconnectLink(u, v.Banner)
	v.WaitingFor = words.Say("account.waiting." + cmp.Or(v.Until, "next"))
	v.PasteFate = words.Say("paste.on_the_way")
	if v.Until != "" {
		v.PasteFate = words.Say("paste.wait." + v.Until)
	}
	v.Note, v.NoteBad = said.Note.lines(v.Until)
	v.Archives, v.Older = s.shelves(u)
	if len(v.Archives) > 0 {
		v.Archives[0].Main = stands == standsWell
	}
	return v
}

// inOwnZone puts every time that the page tells into the person's zone, as far
// as it is known.
func inOwnZone(u archive.User) (archive.User, *time.Location) {
	zone, ok := archive.ParseZone(u.Zone)
	if !ok {
		zone = time.UTC
	}
	for _, t := range []*time.Time{
		&u.Last.At, &u.Last.Until, &u.Grant.AuthorizedAt, &u.Discover.CheckedAt,
		&u.Listening.Cursor, &u.Listening.Gap.From, &u.Listening.Gap.To,
	} {
		*t = t.In(zone)
	}
	return u, zone
}

// reconnectLink asks for what the user uses.
func reconnectLink(u archive.User, b banner) string {
	if u.Choice == archive.ChoiceListening {
		return connectLink(u.Choice, true, "")
	}
	return connectLink("", b.deaf || u.Grant.Listens(), "")
}

func (s *server) playlist(id string) string {
	if id == "" {
		return ""
	}
	return s.PlaylistURL + url.PathEscape(id)
}

func (s *server) candidates(u archive.User) []candidateView {
	views := make([]candidateView, 0, len(u.Discover.Candidates))
	for _, c := range u.Discover.Candidates {
		views = append(views, candidateView{ID: c.PlaylistID, Link: s.playlist(c.PlaylistID), Given: shortened(c.Name)})
	}
	return views
}

func (s *server) inboxView(u archive.User) inboxView {
	reads := u.Choice == archive.ChoiceInbox ||
		u.Choice == archive.ChoiceAuto && (u.Discover.Access == archive.AccessDenied || u.Inbox.PlaylistID != "")
	return inboxView{Show: reads, Link: s.playlist(u.Inbox.PlaylistID)}
}

// shelves returns the archives: the one archive first, then years and weeks,
// each with the newest first.
func (s *server) shelves(u archive.User) (archives, weeks []playlistView) {
	keys := slices.Sorted(maps.Keys(u.Shelves))
	slices.Reverse(keys) // "main" comes after every digit
	for _, key := range keys {
		shelf := u.Shelves[key]
		if shelf.PlaylistID == "" {
			continue
		}
		view := playlistView{Link: s.playlist(shelf.PlaylistID), Total: shelf.Total}
		switch edition, err := archive.ParseEdition(key); {
		case key == archive.ShelfMain:
			view.Name = words.Say("account.open.main")
			archives = append(archives, view)
		case err == nil:
			view.Name = words.Say("account.week", edition.Monday())
			weeks = append(weeks, view)
		default:
			view.Name = words.Say("account.open.year", key)
			archives = append(archives, view)
		}
	}
	return archives, weeks
}

// appPause returns the app's pause, as far as it is known.
func (s *server) appPause(r *http.Request) archive.Pause {
	if s.AppPause == nil {
		return archive.Pause{}
	}
	pause, err := s.AppPause(r.Context())
	if err != nil {
		s.Log.WarnContext(r.Context(), "pause not known", "request_id", reference(r.Context()), "error", err)
		return archive.Pause{}
	}
	return pause
}
