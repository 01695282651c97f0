package archive

import (
	"context"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// Clock tells the time; time.Now in production.
type Clock func() time.Time

// Now is the time as stores keep it: UTC, whole microseconds.
func (c Clock) Now() time.Time { return c().UTC().Truncate(time.Microsecond) }

// Users stores users. All methods are safe for concurrent use and return
// promptly when ctx ends, with an error that is none of the store's answers
// in package fault. Stores keep times to the microsecond, and what they take and
// return is a copy. Only ids that are Valid are stored.
type Users interface {
	// User returns the user, or fault.ErrNotFound. A document that is not in the
	// form that Put writes is fault.ErrMalformed.
	User(ctx context.Context, id UserID) (User, error)

	// Put writes the user, if the stored state is still u.Revision (or, for an
	// empty Revision, if there is none), and returns it with its new Revision.
	// Otherwise it changes nothing and returns fault.ErrConflict, also when the user
	// was deleted meanwhile. Every write gives a Revision that this user never
	// had, also when nothing else changes, and after a Delete. The document is
	// replaced as a whole; one that is fault.ErrMalformed is never replaced
	// (fault.ErrConflict). After any other error the write may have happened or not;
	// a repeated Put with the old Revision then either writes or is an
	// fault.ErrConflict.
	Put(ctx context.Context, u User) (User, error)

	// Entries returns the newest entries of a user's ledger first (by DoneAt,
	// then by Key.String, both descending), at most limit, which is at least 1.
	// Entries older than ledger.EntryLife may be gone. An absent user has none.
	Entries(ctx context.Context, id UserID, limit int) ([]ledger.Entry, error)

	// Delete removes the user and everything stored under it. It is
	// idempotent; deleting an absent user is fine. The user document goes
	// last, so a Delete that was cut off can be found and repeated. When it
	// returns nil nothing is left, also of a Commit at the same time. A
	// document that is fault.ErrMalformed can be deleted.
	Delete(ctx context.Context, id UserID) error
}

// Ledger is what a run adds to Users.
type Ledger interface {
	Users

	// Seen returns the user's set; the empty set if there is none yet, or no
	// such user.
	Seen(ctx context.Context, id UserID) (ledger.Seen, error)

	// Commit is Put with more writes in the same transaction: all of them
	// happen, or none.
	Commit(ctx context.Context, u User, c Changes) (User, error)

	// Pending returns the user's waiting batches, oldest first (by At, then
	// ID); none for an absent user.
	Pending(ctx context.Context, id UserID) ([]ledger.Batch, error)
}

// Changes is what one Commit writes besides the user. Zero fields write nothing.
// AddPending and RemovePending together name an id at most once; ids are not
// empty and have no '/'.
type Changes struct {
	Entry         *ledger.Entry  // inserted, or replaced if its key exists
	Seen          *ledger.Seen   // replaces the set
	AddPending    []ledger.Batch // one whose id is there already stays as it is
	RemovePending []string       // ids; absent ones are fine
}

// App stores what concerns all users of one Spotify app, under the same terms
// as Users. A run is known by its Name, so its At counts to the second.
type App interface {
	// Pause returns the current pause; the zero Pause if none was ever set.
	Pause(ctx context.Context) (app.Pause, error)

	// SetPause replaces the pause, if p.Replaces the stored one. The zero
	// Pause replaces every other: it ends them.
	SetPause(ctx context.Context, p app.Pause) error

	// CountUsers counts n users who were sent out in each of the tallies. The
	// name of the page of users is any text that is its own in the tally. A page
	// that is counted again, because its message was delivered again, counts once,
	// with the most users that it had.
	CountUsers(ctx context.Context, page string, n int, tallies ...app.Run) error

	// AddRefusal notes that a user of a tally got invalid_grant, once however
	// often it is called, and returns the tally after it. Where nobody was
	// counted, its size is zero.
	AddRefusal(ctx context.Context, tally app.Run, id UserID) (app.Tally, error)

	// SetMassRefusal notes that a mass refusal was seen at a time; LastMassRefusal
	// returns the newest such time (calendar.NewestRun), zero for none.
	SetMassRefusal(ctx context.Context, at time.Time) error
	LastMassRefusal(ctx context.Context) (time.Time, error)

	// NoteRun notes that a run sends out users, also when there are none.
	// LastRun returns the newest At (calendar.NewestRun), to the second, of the runs of
	// this kind that were noted; zero for none.
	NoteRun(ctx context.Context, run app.Run) error
	LastRun(ctx context.Context, kind app.RunKind) (time.Time, error)

	AppTraffic
}

// AppTraffic stores what an app's processes know of its requests to Spotify,
// under the same terms.
type AppTraffic interface {
	// Traffic returns what is stored; the zero Traffic if nothing was added yet.
	Traffic(ctx context.Context) (webapi.Traffic, error)

	// AddTraffic adds to it (webapi.Traffic.Add) and returns what is stored then.
	AddTraffic(ctx context.Context, more webapi.Traffic) (webapi.Traffic, error)
}

// ArchiveJob asks for one run of one user.
type ArchiveJob struct {
	User UserID
	Run  app.Run
}

// FanOutJob asks for users to be sent out. The first job of a run has a Run
// and nothing else, unless somebody wants Everybody; what follows is for the
// rest of the run.
type FanOutJob struct {
	Run       app.Run
	Everybody bool      // asks every user, as DueQuery does, whatever the kind
	From      time.Time // of an hourly run: when the one before was
	After     Place     // continue after this
	Prefix    string    // only ids that begin so; programs that had shards made such jobs
}

// Jobs hands work to ArchiveUser. Delivery is at least once and in no order;
// a job whose handler fails is delivered again. The time of a run arrives in
// UTC, to the second.
type Jobs interface {
	// EnqueueArchive returns nil only when every job is safe; when ctx has
	// ended, an error. No jobs are fine. On an error,
	// any number of them may have been enqueued.
	EnqueueArchive(ctx context.Context, jobs ...ArchiveJob) error
}

// FanOutJobs hands work to FanOut, under the same terms as Jobs.
type FanOutJobs interface {
	EnqueueFanOut(ctx context.Context, jobs ...FanOutJob) error
}

// Sealer encrypts. It cannot decrypt: who signs users up must not be able to
// read what others stored.
type Sealer interface {
	// Seal binds the ciphertext to context, byte for byte. The plaintext is
	// neither empty nor longer than 64 KiB. Sealing the same
	// text twice gives different ciphertexts. A failing key service is a
	// plain error: try later.
	Seal(ctx context.Context, plaintext secret.Text, context string) (secret.Sealed, error)
}

// Opener decrypts what a Sealer of the same key sealed with the same context.
type Opener interface {
	// Open returns fault.ErrCannotOpen for a changed ciphertext, another context or
	// a key that is not there any more; any other error means: try later.
	Open(ctx context.Context, sealed secret.Sealed, context string) (secret.Text, error)
}

// RotatedOpener is an Opener that can tell, at no further cost and with no
// further right, that an older version of the key sealed what it opened. A run
// then seals the grant anew, so a rotation finishes by itself.
type RotatedOpener interface {
	Opener

	// OpenRotated is Open; old reports whether the version that seals today is
	// another one.
	OpenRotated(ctx context.Context, sealed secret.Sealed, context string) (text secret.Text, old bool, err error)
}
