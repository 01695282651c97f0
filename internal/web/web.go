// Package web serves the sign-up and account pages over HTTP: it sends a
// person to Spotify for their consent, takes them back, and shows and changes
// their account. It knows the core and no cloud, keeps no state but cookies
// that it sealed itself, and its pages need no JavaScript.
package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/links"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// Config is what the pages need. A field is required unless it says otherwise.
type Config struct {
	// BaseURL is the public address without a path, such as
	// "https://archive.example"; the redirect URI is BaseURL + "/callback".
	// Plain HTTP is taken on a loopback address only, and never "localhost":
	// Spotify takes no other
	// (https://developer.spotify.com/documentation/web-api/concepts/redirect_uri).
	BaseURL string

	// SessionKey returns the secret of at least 16 bytes from which the keys
	// of all cookies are derived. It is called when the first cookie is
	// sealed or opened, and again only after an error. Another secret signs
	// everybody out, and does no other harm.
	SessionKey func(ctx context.Context) (secret.Text, error)

	Authorizer webapi.Authorizer
	SignUp     *usecase.SignUp
	Accounts   *usecase.Accounts
	Clock      archive.Clock
	Log        *slog.Logger

	// Messages is what pages need to offer messages to people. Optional: they
	// offer none.
	Messages *Messages

	// Words are the languages in which the pages speak. Optional: those that
	// we have.
	Words *words.Book

	// LastWeekly returns when the weekly run was last sent out. It is asked once
	// a minute at most. Optional: without it /healthz/weekly is not served.
	LastWeekly func(ctx context.Context) (time.Time, error)

	// RunningSince is when the service was set up: no weekly run is missed
	// before. Optional.
	RunningSince time.Time

	// AppPause returns the app's pause, for a notice on the account page.
	// Optional.
	AppPause func(ctx context.Context) (app.Pause, error)

	// Reach tells whether this app may read Discover Weekly, as far as anybody's
	// account has shown. Optional: nobody has tried.
	Reach func(ctx context.Context) (archive.Access, error)

	// Version is what /healthz says of this program, for people. Optional.
	Version string

	// SessionLife is how long a visitor stays signed in after their last
	// visit, if their consent lasts as long. Optional: as long as a consent, and
	// some weeks in which they are told that it has ended.
	SessionLife time.Duration

	// Forwarded says that the platform before us adds the visitor's address
	// as the last entry of X-Forwarded-For, as Cloud Run does
	// (https://cloud.google.com/run/docs/reference/container-contract).
	// Optional: the address of the connection.
	Forwarded bool

	// PlaylistURL is what the link to a playlist begins with. Optional:
	// Spotify's.
	PlaylistURL string

	// SearchURL is what the link to a search begins with; what is searched for
	// follows, escaped as a path segment. Optional: Spotify's.
	SearchURL string

	// Standin is the address of the Spotify stand-in's control page. Set, it
	// is shown as a notice on every page. Optional.
	Standin string

	// Operator is the address of the operator's page. Optional.
	Operator string

	// Neighbours are paths beside these pages to which the choice of a language
	// may lead back. Optional.
	Neighbours []string

	// Contact is a mail address or a web address of whoever runs this copy,
	// for the privacy page. Optional.
	Contact string
}

const (
	// A session opens nothing once the consent has ended. It is known for some
	// weeks more, so that a tap on the messages of that time meets a page that
	// says so.
	defaultSessionLife = archive.ConsentLife + 35*24*time.Hour
	defaultPlaylistURL = "https://open.spotify.com/playlist/"
	defaultSearchURL   = "https://open.spotify.com/search/"
)

type server struct {
	Config
	base   *url.URL
	secure bool // BaseURL is HTTPS
	policy string
	keys   *keys
	used   *usedStates

	connects  gate
	callbacks gate
	links     gate

	reach  reach
	newest *weekly

	pages  *pages
	routes *http.ServeMux
}

// New returns the handler of every page. The error names all faults of the
// configuration.
func New(config Config) (http.Handler, error) {
	base, err := parseBaseURL(config.BaseURL)
	if err := errors.Join(err, config.missing()); err != nil {
		return nil, fmt.Errorf("configuring the pages: %w", err)
	}
	if config.SessionLife <= 0 {
		config.SessionLife = defaultSessionLife
	}
	if config.PlaylistURL == "" {
		config.PlaylistURL = defaultPlaylistURL
	}
	if config.SearchURL == "" {
		config.SearchURL = defaultSearchURL
	}
	if config.Words == nil {
		config.Words = words.Ours()
	}
	pages, err := pagesOf(config.Words)
	if err != nil {
		return nil, fmt.Errorf("loading the pages: %w", err)
	}
	s := &server{
		Config: config,
		base:   base,
		secure: base.Scheme == "https",
		policy: contentPolicy(config.Authorizer),
		keys:   &keys{load: config.SessionKey},
		used:   newUsedStates(),

		connects:  gate{problem: tooManySignIns, each: connectPace, all: connectsPace},
		callbacks: gate{problem: tooManySignIns, each: callbackPace, all: redeemsPace},
		links:     gate{problem: tooManyLinks, each: linkPace, all: linksPace},

		newest: &weekly{ask: config.LastWeekly, since: config.RunningSince, clock: config.Clock},

		pages: pages,
	}
	s.routes = s.mux()
	return Compressed(s.guard()), nil
}

func (s *server) mux() *http.ServeMux {
	mux := http.NewServeMux()
	handle := func(pattern string, h handler) { mux.Handle(pattern, s.page(h)) }

	handle("GET /{$}", s.home)
	handle("GET /start", s.start)
	handle("GET /privacy", s.static("privacy", "privacy.title"))
	handle("GET /terms", s.static("terms", "terms.title"))
	handle("GET /disconnected", s.farewell("disconnected", "disconnected.head"))
	handle("GET /signedout", s.farewell("signed_out", "signed_out.title"))

	handle("POST /language", s.chooseLanguage)

	handle("GET /connect", s.connect)
	handle("GET /callback", s.callback)

	handle("GET /account", s.account)
	handle("GET /account/week", s.week)
	handle("GET /account/settings", s.settings)
	handle("GET /account/paste", s.pastePage)
	handle("GET /account/history", s.historyPage)
	handle("GET /account/history.csv", s.historyFile)
	handle("GET /account/reconnect.ics", s.calendar)
	handle("POST /account/run", s.run)
	handle("POST /account/look", s.look)
	handle("POST /account/pause", s.pause)
	handle("POST /account/resume", s.resume)
	handle("POST /account/source", s.choose)
	handle("POST /account/shape", s.shape)
	handle("GET /account/playlists", s.ownPage)
	handle("POST /account/playlists", s.askOwn)
	handle("POST /account/archive", s.goOnWith)
	handle("POST /account/discover", s.discover)
	handle("POST /account/paste", s.paste)
	handle("POST /account/signout", s.signOut)
	handle("POST /disconnect", s.disconnect)

	if s.Messages != nil {
		s.handleMessages(handle)
	}

	handle("GET /healthz", s.health)
	if s.LastWeekly != nil {
		handle("GET /healthz/weekly", s.healthWeekly)
	}
	handle("GET /robots.txt", s.robots)
	for name := range assetTypes {
		handle("GET /"+name, s.asset(name))
	}
	for _, name := range []string{"apple-touch-icon.png", "apple-touch-icon-precomposed.png"} { // asked for without a link
		handle("GET /"+name, s.asset("icon-180.png"))
	}
	return mux
}

func (s *server) handleMessages(handle func(pattern string, h handler)) {
	handle("POST /push/subscribe", s.subscribe)
	handle("POST /push/renew", s.renewPush)
	handle("POST /account/messages", s.setMessages)
	handle("POST /account/messages/ntfy", s.addNtfy)
	handle("POST /account/messages/test", s.testChannel)
	handle("POST /account/messages/remove", s.removeChannel)
	handle("POST /account/messages/away", s.setAway)
	handle("POST /account/messages/stop", s.stopMessages)
	handle("POST /account/messages/start", s.startMessages)
	handle("POST /account/messages/decline", s.declineMessages)
	handle("POST /account/messages/calendar", s.renewCalendar)
	handle("GET /account/calendar.ics", s.calendarFile)

	handle("GET /calendar/{token}", s.calendarFeed)
	for _, purpose := range []links.Purpose{links.Stop, links.Away, links.Leave} {
		handle("GET /"+string(purpose)+"/{token}", s.signedPage(purpose))
		handle("POST /"+string(purpose)+"/{token}", s.signedPost(purpose))
	}
}

func (c Config) missing() error {
	var errs []error
	need := func(given bool, name string) {
		if !given {
			errs = append(errs, errors.New(name+" is missing"))
		}
	}
	need(c.SessionKey != nil, "SessionKey")
	need(c.Authorizer != nil, "Authorizer")
	need(c.SignUp != nil, "SignUp")
	need(c.Accounts != nil, "Accounts")
	need(c.Clock != nil, "Clock")
	need(c.Log != nil, "Log")
	return errors.Join(errs...)
}

func parseBaseURL(text string) (*url.URL, error) {
	base, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("BaseURL is no address")
	}
	switch {
	case base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return nil, fmt.Errorf("BaseURL %q is not of the form https://host", base.Redacted())
	case base.Path != "" && base.Path != "/":
		return nil, fmt.Errorf("BaseURL %q has a path; the pages need a host of their own", base.Redacted())
	case base.Scheme == "http" && !net.ParseIP(base.Hostname()).IsLoopback():
		return nil, fmt.Errorf("BaseURL %q is plain HTTP, which Spotify takes for 127.0.0.1 and [::1] only", base.Redacted())
	case base.Scheme != "http" && base.Scheme != "https":
		return nil, fmt.Errorf("BaseURL %q is neither https nor http", base.Redacted())
	}
	return &url.URL{Scheme: base.Scheme, Host: base.Host}, nil
}
