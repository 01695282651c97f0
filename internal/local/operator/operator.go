// Package operator is the page at /local for whoever runs the program on their
// own machine, and its JSON twins:
//
//	GET  /local               the page
//	GET  /local/status        what it shows, as JSON
//
// Both show a page of users; ?after=ID shows the next one, ?user=ID one user.
//
//	POST /local/weekly        sends the weekly run; ?wait=30s waits until the queue is empty
//	POST /local/next-monday   moves the stand-in's time; only with a stand-in
//	POST /local/run           sends a run of one user; ?user=ID, ?wait= as above
//	POST /local/people/pause, …/resume, …/remove   ?user=ID; remove wants the form field sure=yes
//	POST /local/dead-letters/{id}/retry, …/drop; /local/dead-letters/retry for all
//	POST /local/resume        ends the app's pause
//	POST /local/backup        copies the database and the key
//	POST /local/notify-test   sends a message for trial to where alerts go
//	POST /local/sign-in       takes the operator token (form field token) and gives a cookie
//
// It answers to whoever has the operator token, wherever they are. Where there
// is no token, with a stand-in and its made-up accounts, it answers only to
// this machine.
package operator

import (
	"context"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/local/memjobs"
	"github.com/weeklyarchive/weeklyarchive/internal/local/releases"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/web"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// Path is where the page is; everything else is below it.
const Path = "/local"

// Store is what the page reads, and the app's pause, which it ends.
type Store interface {
	User(ctx context.Context, id archive.UserID) (archive.User, error)
	Page(ctx context.Context, after archive.UserID, limit int) (records.UserPage, error)
	Pause(ctx context.Context) (app.Pause, error)
	Traffic(ctx context.Context) (webapi.Traffic, error)
	SetPause(ctx context.Context, p app.Pause) error
	LastRun(ctx context.Context, kind app.RunKind) (time.Time, error)
	LastMassRefusal(ctx context.Context) (time.Time, error)
}

// Backups makes and lists copies of what the service keeps.
type Backups interface {
	Backup(ctx context.Context, keep time.Duration) (operate.BackupFile, error)
	List(ctx context.Context) ([]operate.BackupFile, error)
}

// Queue is what the page asks the queue.
type Queue interface {
	Stats() memjobs.Stats
	DeadLetters() []memjobs.DeadLetter
	Retry(id string) bool
	Drop(id string) bool
	EnqueueArchive(ctx context.Context, jobs ...archive.ArchiveJob) error
	Wait(ctx context.Context) error
}

// Config configures the page. A field is required unless it says otherwise.
type Config struct {
	Store    Store
	Accounts *usecase.Accounts // reads histories, and does what people ask the operator for
	Queue    Queue
	Tally    *Tally
	Clock    archive.Clock
	Log      *slog.Logger
	Next     func() time.Time                                                     // when the clock sends the next weekly run
	FanOut   func(ctx context.Context, run app.Run) (usecase.FanOutResult, error) // sends a run
	Stopping <-chan struct{}                                                      // closed when the program ends: nobody waits any more

	KeyVersion    string // of the key that opens grants
	DailyRequests int    // of the app: how many, 0 for no cap, or webapi.AutoDailyRequests

	Version       string               // of this program, for people
	RepositoryURL string               // where its code is; empty: nowhere
	Uptime        func() time.Duration // since the program was started

	// Backups are the copies. Optional: nothing is said of them.
	Backups Backups

	// Reach tells whether this app may read Discover Weekly, for whom the operator
	// invites. Optional: it is taken for one that may not, as most are.
	Reach func(ctx context.Context) (archive.Access, error)

	// RedirectURI is what the app at Spotify has to know.
	RedirectURI string

	// Messages reports that alerts reach the operator elsewhere, and SendTest
	// sends one for trial. Optional: the page says nothing of it, and has no
	// button.
	Messages func() bool
	SendTest func(ctx context.Context) error

	// Words are the languages in which the page speaks. Optional: those that
	// we have.
	Words *words.Book

	// Newer returns the newest release if it is newer than this program.
	// Optional: only where the operator wants to be told.
	Newer func() (releases.Release, bool)

	// NextMonday moves the time and returns the new one. Optional: only with a
	// stand-in.
	NextMonday func(ctx context.Context) (time.Time, error)

	// Standin is the address of the stand-in's control page. Optional.
	Standin string

	// Token opens the page from anywhere. Optional: without one the page is for
	// this machine alone.
	Token     secret.Text
	TokenFile string      // the name of the file that Token is from; empty if it is from none
	Link      secret.Text // what LinkURL was called with; opens the page once
	BaseURL   string      // public address of the pages
}

// LinkURL returns the address that a Link opens at the base address.
func LinkURL(base string, link secret.Text) string {
	return base + Path + "?" + linkParameter + "=" + url.QueryEscape(link.Reveal())
}

type server struct {
	Config
	pages  map[string]*template.Template // by language and page
	census census
}

// New returns the handler of everything below Path.
func New(config Config) http.Handler {
	if config.Words == nil {
		config.Words = words.Ours()
	}
	s := &server{Config: config, pages: loadPages(config.Words)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path, s.page)
	mux.HandleFunc("GET "+Path+"/status", s.status)
	mux.HandleFunc("GET "+stylesheet, s.stylesheet)
	mux.HandleFunc("POST "+Path+"/weekly", s.weekly)
	mux.HandleFunc("POST "+Path+"/run", s.run)
	mux.HandleFunc("POST "+Path+"/people/pause", s.forPerson("paused", s.Accounts.Pause))
	mux.HandleFunc("POST "+Path+"/people/resume", s.forPerson("resumed", s.Accounts.Resume))
	mux.HandleFunc("POST "+Path+"/people/remove", s.remove)
	mux.HandleFunc("POST "+Path+"/dead-letters/{id}/retry", s.letter(s.Queue.Retry))
	mux.HandleFunc("POST "+Path+"/dead-letters/{id}/drop", s.letter(s.Queue.Drop))
	mux.HandleFunc("POST "+Path+"/dead-letters/retry", s.retryAll)
	mux.HandleFunc("POST "+Path+"/resume", s.endPause)
	if s.Backups != nil {
		mux.HandleFunc("POST "+Path+"/backup", s.backup)
	}
	if s.SendTest != nil {
		mux.HandleFunc("POST "+Path+"/notify-test", s.notifyTest)
	}
	if s.NextMonday != nil {
		mux.HandleFunc("POST "+Path+"/next-monday", s.nextMonday)
	}
	guarded := s.onlyHere(mux)
	if !s.Token.IsZero() {
		guarded = (&access{server: s, link: s.Link}).guard(mux)
	}
	return web.Compressed(s.protect(guarded))
}
