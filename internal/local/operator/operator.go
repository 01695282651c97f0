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
//	POST /local/run           sends a run of one user; ?user=ID
//	POST /local/dead-letters/{id}/retry, …/drop
//	POST /local/sign-in       takes the operator token (form field token) and gives a cookie
//
// It answers to whoever has the operator token, wherever they are. Where there
// is no token, with a stand-in and its made-up accounts, it answers only to
// this machine.
package operator

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/local/memjobs"
	"github.com/weeklyarchive/weeklyarchive/internal/local/releases"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// Path is where the page is; everything else is below it.
const Path = "/local"

// Store is what the page reads.
type Store interface {
	User(ctx context.Context, id archive.UserID) (archive.User, error)
	Page(ctx context.Context, after archive.UserID, limit int) (records.UserPage, error)
	Entries(ctx context.Context, id archive.UserID, limit int) ([]archive.Entry, error)
	Pause(ctx context.Context) (archive.Pause, error)
	LastRun(ctx context.Context, kind archive.RunKind) (time.Time, error)
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
	Queue    Queue
	Tally    *Tally
	Clock    archive.Clock
	Log      *slog.Logger
	Next     func() time.Time                                                         // when the clock sends the next weekly run
	FanOut   func(ctx context.Context, run archive.Run) (usecase.FanOutResult, error) // sends a run
	Stopping <-chan struct{}                                                          // closed when the program ends: nobody waits any more

	KeyVersion string // of the key that opens grants

	Version string // of this program, for people

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
}

// New returns the handler of everything below Path.
func New(config Config) http.Handler {
	s := &server{Config: config}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path, s.page)
	mux.HandleFunc("GET "+Path+"/status", s.status)
	mux.HandleFunc("POST "+Path+"/weekly", s.weekly)
	mux.HandleFunc("POST "+Path+"/run", s.run)
	mux.HandleFunc("POST "+Path+"/dead-letters/{id}/retry", s.letter(s.Queue.Retry))
	mux.HandleFunc("POST "+Path+"/dead-letters/{id}/drop", s.letter(s.Queue.Drop))
	if s.NextMonday != nil {
		mux.HandleFunc("POST "+Path+"/next-monday", s.nextMonday)
	}
	if s.Token.IsZero() {
		return s.protect(onlyHere(mux))
	}
	return s.protect((&access{server: s, link: s.Link}).guard(mux))
}

// maxWait bounds ?wait=; the answer's own deadline is that much later.
const maxWait = 10 * time.Minute

var errWait = errors.New("wait is a duration up to 10m, such as 30s")

func parseWait(r *http.Request) (time.Duration, error) {
	text := r.URL.Query().Get("wait")
	if text == "" {
		return 0, nil
	}
	wait, err := time.ParseDuration(text)
	if err != nil || wait < 0 || wait > maxWait {
		return 0, errWait
	}
	return wait, nil
}

// Sent is the answer to a weekly run. Done and Left are there when the caller
// waited, Outcomes when there was somebody to wait for. Runs of one second
// share their outcomes.
type Sent struct {
	Enqueued int                         `json:"enqueued"`
	Done     *bool                       `json:"done,omitempty"`     // the queue became empty in time
	Outcomes map[archive.OutcomeKind]int `json:"outcomes,omitempty"` // users by the outcome of their run
	Left     *memjobs.Stats              `json:"left,omitempty"`     // jobs that are not done
}

// weekly sends the weekly run at once, not through the clock.
func (s *server) weekly(w http.ResponseWriter, r *http.Request) {
	wait, err := parseWait(r)
	if err != nil {
		s.refuse(w, r, http.StatusBadRequest, err.Error())
		return
	}
	run := archive.Run{Kind: archive.RunWeekly, At: s.Clock().UTC().Truncate(time.Second)}
	result, err := s.FanOut(r.Context(), run)
	if err != nil {
		s.Log.ErrorContext(r.Context(), "weekly run not sent", "error", err)
		s.refuse(w, r, http.StatusInternalServerError, "The weekly run was not sent; the log says why. Try again.")
		return
	}
	sent := Sent{Enqueued: result.Due}
	if wait > 0 {
		s.wait(w, r, wait)
		left := s.Queue.Stats()
		done := left.Empty()
		sent.Done, sent.Left = &done, &left
		if sent.Enqueued > 0 {
			sent.Outcomes = s.Tally.Of(run)
		}
	}
	done := "weekly"
	if result == (usecase.FanOutResult{}) {
		done = "nobody"
	}
	s.answer(w, r, done, sent)
}

// wait returns when the queue is empty, the time is over, the caller is gone
// or the program ends.
func (s *server) wait(w http.ResponseWriter, r *http.Request, limit time.Duration) {
	const margin = 10 * time.Second
	if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(limit + margin)); err != nil {
		s.Log.DebugContext(r.Context(), "write deadline not moved", "error", err)
	}
	ctx, cancel := context.WithTimeout(r.Context(), limit)
	defer cancel()
	go func() {
		select {
		case <-s.Stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	if err := s.Queue.Wait(ctx); err != nil {
		s.Log.DebugContext(r.Context(), "queue not empty yet", "error", err)
	}
}

func (s *server) nextMonday(w http.ResponseWriter, r *http.Request) {
	now, err := s.NextMonday(r.Context())
	if err != nil {
		s.Log.ErrorContext(r.Context(), "stand-in's time not moved", "error", err)
		s.refuse(w, r, http.StatusBadGateway, "The stand-in did not answer, so its time may not have moved. Is it running? Try again.")
		return
	}
	s.Log.InfoContext(r.Context(), "stand-in's time moved", "now", now)
	s.answer(w, r, "monday", map[string]time.Time{"now": now})
}
