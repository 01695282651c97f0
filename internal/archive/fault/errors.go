package fault

import (
	"errors"
	"fmt"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
)

// What a store answers.
var (
	// ErrNotFound: there is no such document. A run acknowledges its message.
	ErrNotFound = errors.New("not found")

	// ErrConflict: somebody else wrote first. Read again and decide anew.
	ErrConflict = errors.New("changed meanwhile")

	// ErrMalformed: a stored document or a message is not what we write.
	// Trying again cannot help; nothing is overwritten.
	ErrMalformed = errors.New("malformed")
)

// What the account page is answered.
var (
	// ErrTooOften: a person has asked for more runs than they may cost
	// Spotify. What they changed is stored; the schedule brings the next run.
	ErrTooOften = errors.New("too many runs asked for")
)

// What a sealer or an opener answers.
var (
	// ErrCannotOpen: the ciphertext is not for this user, was changed, or the
	// key is not the one that sealed it. The ciphertext is kept; trying again
	// helps only after somebody put the key right.
	ErrCannotOpen = errors.New("cannot be opened with this key")
)

// What Spotify answers. An error of the Spotify port wraps exactly one of
// these, or is a *PausedError.
var (
	// ErrInvalidGrant: the refresh token or code was refused. An outage has
	// said so of good tokens, so one such answer proves nothing.
	ErrInvalidGrant = errors.New("spotify refused the grant")

	// ErrInvalidClient: client id or secret are wrong; every user is affected.
	ErrInvalidClient = errors.New("spotify refused the app's credentials")

	// ErrUnauthorized: the access token was refused, also after a renewal.
	ErrUnauthorized = errors.New("spotify refused the access token")

	// ErrNotAllowed: the account is not on the app's allow-list.
	ErrNotAllowed = errors.New("spotify account is not on the app's allow-list")

	// ErrPremiumLapsed: the app's owner has no Premium; every user is affected.
	ErrPremiumLapsed = errors.New("spotify premium of the app's owner has lapsed")

	// ErrScope: the user's consent does not cover the call.
	ErrScope = errors.New("spotify consent lacks a scope")

	// ErrNotReadable: 403, 404, null or a playlist without items: this app
	// may not read the playlist, or it is gone. The two cannot be told apart.
	ErrNotReadable = errors.New("playlist is not readable by this app")

	// ErrNotWritable: 403 or 404 to a write: this app may not write there, or
	// the playlist is gone. Nothing was changed.
	ErrNotWritable = errors.New("spotify does not let this app write there")

	// ErrRejected: Spotify found fault with the request (400) and did
	// nothing. Repeating the same request cannot help.
	ErrRejected = errors.New("spotify rejected the request")

	// ErrUnavailable: Spotify failed (5xx, time-out, garbage), and the request
	// changed nothing that matters. Try later.
	ErrUnavailable = errors.New("spotify is unavailable")

	// ErrUnknownEffect: a write got no clear answer. It may have taken
	// effect: look before writing again, and not before archive.VisibilityDelay has passed.
	ErrUnknownEffect = errors.New("spotify write has an unknown effect")
)

// PausedError says that Spotify asked us to wait longer than a request may take, or that
// the app keeps away from it for a reason of its own. Until is absolute. Every user of
// the app is affected.
type PausedError struct {
	Until  time.Time
	Reason app.PauseReason // of Spotify's answers, app.PauseQuota where one named QUOTA_EXCEEDED, or app.PauseRateLimit
}

// ErrPaused is what every *PausedError is.
var ErrPaused = errors.New("the app is paused")

// Is makes it an errPaused.
func (e *PausedError) Is(target error) bool { return target == ErrPaused }

func (e *PausedError) Error() string {
	return fmt.Sprintf("the app is paused until %s (%s)", e.Until.UTC().Format(time.RFC3339), e.Reason)
}

// RetryLater is what a use case returns when its message has to come again.
// Err is the reason; NotBefore, if not zero, the earliest useful time.
type RetryLater struct {
	NotBefore time.Time
	Err       error
}

func (e *RetryLater) Error() string { return "try again later: " + e.Err.Error() }

// Unwrap returns the reason.
func (e *RetryLater) Unwrap() error { return e.Err }

// What ends a run, or fails a source, by a decision of the core's own. Each has
// its row in the table of verdicts.
var (
	// ErrBusy: another run of the user holds the lease. Come back: it may fail.
	ErrBusy = errors.New("another run holds the lease")

	// ErrLeft: the person disconnected while the run was under way.
	ErrLeft = errors.New("the person left meanwhile")

	// ErrReconnect: the consent is over; only the person can help.
	ErrReconnect = errors.New("the consent is over")

	// ErrEnded is the ErrReconnect that a clock alone says. Clocks may be wrong.
	ErrEnded = fmt.Errorf("%w: its time has run out", ErrReconnect)

	// ErrMissing: a playlist of ours does not show. Look again tomorrow.
	ErrMissing = errors.New("a playlist of ours does not show, which is not believed yet")

	// ErrSongsRefused: every append was refused. Give nothing up.
	ErrSongsRefused = errors.New("spotify refuses songs that it has shown us")

	// ErrSuspected: the grant was refused once too few to believe it.
	ErrSuspected = errors.New("the grant was refused, which is not believed yet")

	// ErrPutOff: what is left of the day's requests is kept for what comes
	// first. The next day has requests of its own.
	ErrPutOff = errors.New("put off to another day: the requests that are left today are kept for what comes first")

	// ErrInboxGone: the person removed the inbox; only they can ask for another.
	ErrInboxGone = errors.New("the inbox is not in the library any more")
)

// ErrLookAgain is why a message comes again whose run went well: its person is
// about to copy.
var ErrLookAgain = errors.New("the person is about to copy: looking again")
