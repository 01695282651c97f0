package archive

import (
	"context"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// Clock tells the time; time.Now in production.
type Clock func() time.Time

// Now is the time as stores keep it: UTC, whole microseconds.
func (c Clock) Now() time.Time { return c().UTC().Truncate(time.Microsecond) }

// Users stores users. All methods are safe for concurrent use and return
// promptly when ctx ends, with an error that is none of the store's answers
// in errors.go. Stores keep times to the microsecond, and what they take and
// return is a copy. Only ids that are Valid are stored.
type Users interface {
	// User returns the user, or ErrNotFound. A document that is not in the
	// form that Put writes is ErrMalformed.
	User(ctx context.Context, id UserID) (User, error)

	// Put writes the user, if the stored state is still u.Revision (or, for an
	// empty Revision, if there is none), and returns it with its new Revision.
	// Otherwise it changes nothing and returns ErrConflict, also when the user
	// was deleted meanwhile. Every write gives a Revision that this user never
	// had, also when nothing else changes, and after a Delete. The document is
	// replaced as a whole; one that is ErrMalformed is never replaced
	// (ErrConflict). After any other error the write may have happened or not;
	// a repeated Put with the old Revision then either writes or is an
	// ErrConflict.
	Put(ctx context.Context, u User) (User, error)

	// Entries returns the newest entries of a user's ledger first (by DoneAt,
	// then by Key.String, both descending), at most limit, which is at least 1.
	// Entries older than EntryLife may be gone. An absent user has none.
	Entries(ctx context.Context, id UserID, limit int) ([]Entry, error)

	// Delete removes the user and everything stored under it. It is
	// idempotent; deleting an absent user is fine. The user document goes
	// last, so a Delete that was cut off can be found and repeated. When it
	// returns nil nothing is left, also of a Commit at the same time. A
	// document that is ErrMalformed can be deleted.
	Delete(ctx context.Context, id UserID) error
}

// Ledger is what a run adds to Users.
type Ledger interface {
	Users

	// Seen returns the user's set; the empty set if there is none yet, or no
	// such user.
	Seen(ctx context.Context, id UserID) (Seen, error)

	// Commit is Put with more writes in the same transaction: all of them
	// happen, or none.
	Commit(ctx context.Context, u User, c Changes) (User, error)

	// Pending returns the user's waiting batches, oldest first (by At, then
	// ID); none for an absent user.
	Pending(ctx context.Context, id UserID) ([]Batch, error)
}

// Changes is what one Commit writes besides the user. Zero fields write nothing.
// AddPending and RemovePending together name an id at most once; ids are not
// empty and have no '/'.
type Changes struct {
	Entry         *Entry   // inserted, or replaced if its key exists
	Seen          *Seen    // replaces the set
	AddPending    []Batch  // one whose id is there already stays as it is
	RemovePending []string // ids; absent ones are fine
}

// App stores what concerns all users of one Spotify app, under the same terms
// as Users. A run is known by its Name, so its At counts to the second.
type App interface {
	// Pause returns the current pause; the zero Pause if none was ever set.
	Pause(ctx context.Context) (Pause, error)

	// SetPause replaces the pause, if p.Replaces the stored one. The zero
	// Pause replaces every other: it ends them.
	SetPause(ctx context.Context, p Pause) error

	// CountUsers counts n users who were sent out in each of the tallies. The
	// name of the page of users is any text that is its own in the tally. A page
	// that is counted again, because its message was delivered again, counts once,
	// with the most users that it had.
	CountUsers(ctx context.Context, page string, n int, tallies ...Run) error

	// AddRefusal notes that a user of a tally got invalid_grant, once however
	// often it is called, and returns the tally after it. Where nobody was
	// counted, its size is zero.
	AddRefusal(ctx context.Context, tally Run, id UserID) (Tally, error)

	// SetMassRefusal notes that a mass refusal was seen at a time; LastMassRefusal
	// returns the newest such time (NewestRun), zero for none.
	SetMassRefusal(ctx context.Context, at time.Time) error
	LastMassRefusal(ctx context.Context) (time.Time, error)

	// NoteRun notes that a run sends out users, also when there are none.
	// LastRun returns the newest At (NewestRun), to the second, of the runs of
	// this kind that were noted; zero for none.
	NoteRun(ctx context.Context, run Run) error
	LastRun(ctx context.Context, kind RunKind) (time.Time, error)

	AppTraffic
}

// AppTraffic stores what an app's processes know of its requests to Spotify,
// under the same terms.
type AppTraffic interface {
	// Traffic returns what is stored; the zero Traffic if nothing was added yet.
	Traffic(ctx context.Context) (Traffic, error)

	// AddTraffic adds to it (Traffic.Add) and returns what is stored then.
	AddTraffic(ctx context.Context, more Traffic) (Traffic, error)
}

// Pause keeps every user away from Spotify until a time.
type Pause struct {
	Until  time.Time   `json:"until"`
	Reason PauseReason `json:"reason"`
}

// PauseReason says why the app is paused.
type PauseReason string

// The reasons.
const (
	PauseRateLimit   PauseReason = "rate_limit"
	PauseQuota       PauseReason = "quota"
	PauseBudget      PauseReason = "budget" // our own cap of a day's requests
	PauseMassRefusal PauseReason = "refusal_wave"
	PausePremium     PauseReason = "premium_lapsed"
	PauseClient      PauseReason = "invalid_client"
	PauseOperator    PauseReason = "operator" // by whoever runs the service
)

// Tally is how a run goes.
type Tally struct {
	Users   int // sent out so far
	Refused int // different users with invalid_grant
}

// RunKind says why users are sent out.
type RunKind string

// The kinds of runs of one user. Signing up and a person's own wish lead to
// one, and so does the clock.
const (
	RunWeekly  RunKind = "weekly" // of the weekly message, to everybody whose week is open
	RunSignUp  RunKind = "signup"
	RunManual  RunKind = "manual"
	RunMessage RunKind = "message" // no run: a test message that a person asked for

	// RunDue is of a user whose time has come. It has the name of the daily run
	// of earlier programs, which understand it.
	RunDue RunKind = "catchup"
)

// The kinds of runs that send out users, besides RunWeekly. Each of their users
// has a RunDue.
const (
	RunHourly RunKind = "hourly" // whose time fell between the one before and this one
	RunSweep  RunKind = "sweep"  // once a day: whose time passed long ago
)

// No runs, but tallies over several: of all runs of a day, and of the weekly
// runs of a week.
const (
	tallyDay  RunKind = "day"
	tallyWeek RunKind = "week"
)

// OfOneUser reports whether the kind is of one user's run.
func (k RunKind) OfOneUser() bool {
	switch k {
	case RunWeekly, RunDue, RunSignUp, RunManual, RunMessage:
		return true
	default:
		return false
	}
}

// SendsOut reports whether the kind is of a run that sends out users.
func (k RunKind) SendsOut() bool { return k == RunWeekly || k == RunHourly || k == RunSweep }

// Run names one sending out of users. At is when its first message was made.
type Run struct {
	Kind RunKind
	At   time.Time
}

// Name returns a name that is safe in documents: "weekly-20261116T130000Z".
func (r Run) Name() string {
	return string(r.Kind) + "-" + r.At.UTC().Format("20060102T150405Z")
}

// TallyOfDay names the tally of the day that t lies in. It begins at noon UTC,
// before the weekly run and the daily looks, so that these and what follows them
// are in one.
func TallyOfDay(t time.Time) Run {
	const noon = 12 * time.Hour
	return Run{Kind: tallyDay, At: t.UTC().Add(-noon).Truncate(24 * time.Hour).Add(noon)}
}

// TallyOfWeek names the tally of the week that t lies in. It begins at Monday noon.
func TallyOfWeek(t time.Time) Run {
	return Run{Kind: tallyWeek, At: DueEdition(t).Monday().Add(latestMonday)}
}

// ArchiveJob asks for one run of one user.
type ArchiveJob struct {
	User UserID
	Run  Run
}

// FanOutJob asks for users to be sent out. The first job of a run has a Run
// and nothing else, unless somebody wants Everybody; what follows is for the
// rest of the run.
type FanOutJob struct {
	Run       Run
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

// Sealed is an encrypted secret and the name of the key that can open it.
type Sealed struct {
	Ciphertext []byte `json:"ciphertext"`
	KeyVersion string `json:"key_version"`
}

// Sealer encrypts. It cannot decrypt: who signs users up must not be able to
// read what others stored.
type Sealer interface {
	// Seal binds the ciphertext to context, byte for byte. The plaintext is
	// neither empty nor longer than 64 KiB. Sealing the same
	// text twice gives different ciphertexts. A failing key service is a
	// plain error: try later.
	Seal(ctx context.Context, plaintext secret.Text, context string) (Sealed, error)
}

// Opener decrypts what a Sealer of the same key sealed with the same context.
type Opener interface {
	// Open returns ErrCannotOpen for a changed ciphertext, another context or
	// a key that is not there any more; any other error means: try later.
	Open(ctx context.Context, sealed Sealed, context string) (secret.Text, error)
}

// RotatedOpener is an Opener that can tell, at no further cost and with no
// further right, that an older version of the key sealed what it opened. A run
// then seals the grant anew, so a rotation finishes by itself.
type RotatedOpener interface {
	Opener

	// OpenRotated is Open; old reports whether the version that seals today is
	// another one.
	OpenRotated(ctx context.Context, sealed Sealed, context string) (text secret.Text, old bool, err error)
}
