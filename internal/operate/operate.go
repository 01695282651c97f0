// Package operate is the operator's commands: the same ones for the program
// that is everything on one machine and for the one that speaks to a cloud. A
// composition root says how its place is opened (Program); the commands know
// the core's ports and no place.
package operate

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/operate/probe"
)

// Program is what a composition root hands over. Name, Open, Doctor, Clock and
// the streams are required.
type Program struct {
	Name string // of the binary, as the help shows it

	// Serve is what the program does without a command. Optional: the help is
	// shown.
	Serve func(ctx context.Context) error

	// Open opens what the commands work on. Its caller closes it.
	Open func(ctx context.Context) (*Service, error)

	// Doctor looks at everything that can be wrong, and goes on after a fault
	// where that makes sense.
	Doctor func(ctx context.Context) []Finding

	// Backups opens the backups. Optional: without it the commands say that
	// there are none.
	Backups func(ctx context.Context) (Backups, error)

	// Notify returns what sends a message for trial to where alerts go, nil if
	// they go nowhere. Optional: alerts are the place's own.
	Notify func() (send func(ctx context.Context) error, err error)

	// Health asks the running service whether it serves, and returns what it
	// says. Optional: there is no such command.
	Health func(ctx context.Context) (said string, err error)

	Clock  archive.Clock                                    // the real time
	Sleep  func(ctx context.Context, d time.Duration) error // waits for d or the end of ctx, whose error it returns; a timer if nil
	Stdout io.Writer                                        // results
	Stderr io.Writer                                        // progress
}

// Service is an open place. Opener is nil where the commands may open no grant.
type Service struct {
	Store      Store
	Jobs       archive.Jobs
	FanOut     archive.FanOutJobs
	Letters    DeadLetters
	Opener     archive.Opener
	Prober     Prober
	CurrentKey func(ctx context.Context) (version string, err error) // that seals today
	Clock      archive.Clock                                         // the service's time
	Log        *slog.Logger
	Close      func() error
}

// Prober asks Spotify about a user with their consent: here, or where consents
// may be opened. Progress is told what is asked, or what is waited for.
type Prober interface {
	Probe(ctx context.Context, id archive.UserID, progress func(what string)) (probe.Report, error)
}

// Store is what the commands read and write: the core's ports, and everybody.
type Store interface {
	archive.Ledger
	archive.App
	archive.DueUsers

	// PushKey is notice.PushKeyStore's.
	PushKey(ctx context.Context) (notice.PushKey, error)

	// List returns every user in order of id, and how many documents cannot
	// be read.
	List(ctx context.Context) (users []archive.User, unreadable int, err error)
}

// DeadLetters are the jobs that were given up. Nothing is lost by one alone:
// its user is still due, and the next daily sweep sends them out again.
type DeadLetters interface {
	// List returns them, the oldest first, and leaves them where they are.
	List(ctx context.Context) ([]DeadLetter, error)

	// Retry hands them back to the queue that they came from. An id that is
	// not there is fault.ErrNotFound; the others are done.
	Retry(ctx context.Context, ids ...string) error

	// Drop removes them, under the same terms as Retry.
	Drop(ctx context.Context, ids ...string) error
}

// A DeadLetter is one of them. Empty fields are not known.
type DeadLetter struct {
	ID       string         `json:"id"`
	Queue    string         `json:"queue"` // "archive": one user's run; "weekly": a fan-out
	User     archive.UserID `json:"user,omitempty"`
	Kind     app.RunKind    `json:"kind,omitempty"`
	Attempts int            `json:"attempts,omitempty"`
	At       time.Time      `json:"at,omitzero"`
	Reason   string         `json:"reason,omitempty"`
}

// The queues of a DeadLetter.
const (
	QueueArchive = "archive"
	QueueWeekly  = "weekly"
)

// Backups makes and restores copies of everything that the service keeps.
type Backups interface {
	// Backup writes a copy, also while the service runs, and removes copies
	// that are older than keep.
	Backup(ctx context.Context, keep time.Duration) (BackupFile, error)

	// List returns the copies, the newest first, also beside an error, which
	// names the files that are no whole copies.
	List(ctx context.Context) ([]BackupFile, error)

	// Restore puts a copy in the place of what is there, after a copy of that,
	// and removes everybody who left since. ErrRunning while the service runs.
	Restore(ctx context.Context, path string) (Restored, error)
}

// BackupFile is one copy.
type BackupFile struct {
	Path       string    `json:"path"`
	At         time.Time `json:"at"`
	Size       int64     `json:"size"`
	KeyVersion string    `json:"key_version,omitempty"`
}

// Restored says what a restore did.
type Restored struct {
	From    BackupFile  `json:"from"`
	Before  *BackupFile `json:"before,omitempty"` // what was there
	Users   int         `json:"users"`
	Deleted int         `json:"deleted"` // users of the copy who have left since
}
