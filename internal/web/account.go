package web

import (
	"cmp"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
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

// accountView is what the account page shows. Every text in it is plain.
type accountView struct {
	Name      string
	State     state
	Sentence  string
	At        time.Time // of the last run; zero before the first
	Waiting   int
	FirstRun  bool // no result yet
	App       string
	Note      string
	NoteBad   bool
	Paste     *archive.PasteReport
	Unsaid    int // pieces of the paste that were not understood and are not listed
	Banner    banner
	Reconnect string // address of the consent that renews this one
	Until     string // what the person has to do before anything runs; usually empty

	Archives []playlistView
	Older    []playlistView // the archives of single weeks
	History  []week

	Denied    bool // Discover Weekly was tried and may not be read
	Readable  bool // and is read
	CheckedAt time.Time
	Ways      []way
	Inbox     inboxView
	Listening listeningView
	Discover  string // address of the known Discover Weekly
	Shapes    []shapeView
	EndsAt    time.Time
	PasteMax  int

	PasteFirst bool // the paste box stands before the history
}

// state is the user's status in a word, and what buttons go with it.
type state struct {
	Word   string
	Class  string
	Run    bool
	Pause  bool
	Resume bool
}

// banner reminds of the end of the consent.
type banner struct {
	Show, Ended, Urgent, Scope bool
	Deaf                       bool // what is played was read before, and no longer may be
	Days                       int
}

type playlistView struct {
	Name, Link string
	Total      int // songs; negative when not known
}

type inboxView struct {
	Show bool
	Link string // empty until it is made
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
	page := s.accountView(account, said)
	page.App = s.appNotice(r)

	v := s.view(r, "Your archive", page)
	v.SignedIn = true
	fresh := s.Clock().Sub(account.User.Grant.AuthorizedAt) < refreshFor
	if said.Note.starts() && page.Until == "" || page.FirstRun && fresh && said.Paste == nil {
		v.Refresh = refreshEvery
	}
	s.render(w, r, http.StatusOK, "account", v)
	return nil
}

func (s *server) accountView(account archive.Account, said flash) accountView {
	u, now := account.User, s.Clock()
	v := accountView{
		Name:      cmp.Or(u.DisplayName, u.SpotifyID),
		At:        u.Last.At,
		Waiting:   account.Waiting,
		FirstRun:  u.Status == archive.StatusActive && u.Last.At.Before(u.Grant.AuthorizedAt),
		Paste:     said.Paste,
		Banner:    bannerOf(u, now),
		Reconnect: connectLink("", u.Grant.Listens()),
		History:   history(account.Entries),
		Denied:    u.Discover.Access == archive.AccessDenied,
		Readable: u.Discover.Access == archive.AccessReadable &&
			(u.Choice == archive.ChoiceAuto || u.Choice == archive.ChoiceDiscover),
		CheckedAt: u.Discover.CheckedAt,
		Ways:      ways(u),
		Inbox:     s.inboxView(u),
		Listening: listeningView{
			Show: u.Listens(), ReadUntil: u.Listening.Cursor,
			Gap: now.Sub(u.Listening.Gap.To) < gapShown, From: u.Listening.Gap.From, To: u.Listening.Gap.To,
		},
		Discover: s.playlist(u.Discover.PlaylistID),
		Shapes:   shapes(u.Shape),
		EndsAt:   u.Grant.EndsAt(),
		PasteMax: archive.MaxPaste,
	}
	switch {
	case u.Choice == archive.ChoiceListening:
		v.Reconnect = connectLink(u.Choice, true)
	case v.Banner.Deaf:
		v.Reconnect = connectLink("", true)
	}
	switch {
	case v.Banner.Ended:
		v.Until = "reconnect"
	case u.Status == archive.StatusPaused:
		v.Until = "resume"
	}
	v.State = stateOf(u, v)
	v.Sentence = sentenceOf(u, v)
	v.Note, v.NoteBad = said.Note.sentence(v.Until)
	v.Unsaid = said.Cut
	v.Archives, v.Older = s.shelves(u)
	return v
}

// sentenceOf is the result of the last run, unless something happened since.
func sentenceOf(u archive.User, v accountView) string {
	switch {
	case v.Banner.Ended:
		return archive.Outcome{Kind: archive.OutcomeReconnect}.Sentence()
	case u.Status == archive.StatusPaused:
		return archive.Outcome{Kind: archive.OutcomeStopped}.Sentence()
	case v.FirstRun && u.Last.Kind != archive.OutcomeNone:
		return "You are connected again. A run is on its way."
	default:
		return u.Last.Sentence()
	}
}

func stateOf(u archive.User, v accountView) state {
	switch {
	case v.Banner.Ended:
		return state{Word: "Reconnect needed", Class: "bad"}
	case u.Status == archive.StatusPaused:
		return state{Word: "Paused", Class: "idle", Resume: true}
	case v.FirstRun:
		return state{Word: "Connected", Class: "good", Run: true, Pause: true}
	case u.Last.Kind.Handling().Severity == archive.Attention:
		return state{Word: "Needs you", Class: "bad", Run: true, Pause: true}
	case u.Last.Kind.Handling().Severity == archive.Alert:
		return state{Word: "Waiting", Class: "idle", Run: true, Pause: true}
	default:
		return state{Word: "Active", Class: "good", Run: true, Pause: true}
	}
}

func bannerOf(u archive.User, now time.Time) banner {
	left := u.Grant.EndsAt().Sub(now)
	reminder, soon := u.Grant.EndsSoon(now)
	b := banner{
		Ended: u.Status == archive.StatusReconnect || u.Grant.Ended(now),
		Scope: u.Last.Kind == archive.OutcomeScope && !u.Last.At.Before(u.Grant.AuthorizedAt) ||
			u.Choice == archive.ChoiceListening && !u.Grant.Listens(),
		Deaf: u.Choice == archive.ChoiceAuto && !u.Grant.Listens() &&
			u.Discover.Access != archive.AccessReadable && !u.Listening.Cursor.IsZero(),
		Urgent: soon && reminder == slices.Min(archive.Reminders()),
		Days:   int(math.Ceil(left.Hours() / 24)),
	}
	b.Show = soon || b.Ended || b.Scope || b.Deaf
	return b
}

func (s *server) playlist(id string) string {
	if id == "" {
		return ""
	}
	return s.PlaylistURL + url.PathEscape(id)
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
			view.Name = "your archive"
			archives = append(archives, view)
		case err == nil:
			view.Name = "Week of " + date(edition.Monday())
			weeks = append(weeks, view)
		default:
			view.Name = "your archive of " + key
			archives = append(archives, view)
		}
	}
	return archives, weeks
}

// appNotice tells of the app's pause, if there is one.
func (s *server) appNotice(r *http.Request) string {
	if s.AppPause == nil {
		return ""
	}
	pause, err := s.AppPause(r.Context())
	if err != nil {
		s.Log.WarnContext(r.Context(), "pause not known", "request_id", reference(r.Context()), "error", err)
		return ""
	}
	if !s.Clock().Before(pause.Until) {
		return ""
	}
	var why string
	switch pause.Reason {
	case archive.PauseWave:
		why = "Spotify refuses many people at once, which looks like a fault of Spotify's."
	case archive.PausePremium:
		why = "Spotify has switched this app off, because its owner's Premium subscription has ended."
	case archive.PauseOperator:
		why = "Whoever runs this service has paused it."
	case archive.PauseClient:
		why = "Spotify does not accept this app's own credentials; its owner has to put that right."
	default:
		why = "Spotify asked this app to wait."
	}
	return strings.Join([]string{why, "For everybody, runs go on after " + moment(pause.Until) + ". Nothing is lost."}, " ")
}
