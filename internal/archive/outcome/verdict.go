package outcome

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
)

// Disposition is what happens to the message of a run.
type Disposition string

// The dispositions.
const (
	Ack   Disposition = "ack"   // done with it
	Retry Disposition = "retry" // let it come again
)

// Severity is whom an outcome concerns.
type Severity string

// The severities.
const (
	Routine   Severity = "routine"   // counted
	Attention Severity = "attention" // the user has to do something, or to know
	Alert     Severity = "alert"     // the operator has to
)

// A Verdict is what one outcome means to everybody. What a person reads is the
// sentence "outcome." and its kind, in package words.
type Verdict struct {
	Kind        Kind
	Disposition Disposition
	Severity    Severity
	Reason      string // why the message is acknowledged or comes again

	// Errors end a run, or fail a source, with this verdict. None: the run went
	// well, or was not begun.
	Errors []error

	// Alone: the errors concern one request, and say nothing about another.
	Alone bool

	// Pause keeps the whole app away from Spotify for a time; zero: it does not.
	// An answer that names a time is paused until then.
	Pause AppPause

	// Alert is the alert that calls the operator, and its playbook's name.
	Alert string
}

// AppPause is a pause of our own.
type AppPause struct {
	Reason app.PauseReason
	For    time.Duration
}

// verdicts is design.md's table of outcomes. Where an error wraps several of
// these, the first row counts.
var verdicts = []Verdict{
	{Kind: Busy, Disposition: Retry, Severity: Routine, Reason: "the other run may fail", Errors: []error{fault.ErrBusy}},
	{Kind: Paused, Disposition: Retry, Severity: Alert, Reason: "Spotify named a time; for more than 15 minutes the user is due after it instead", Errors: []error{fault.ErrPaused}, Alert: "SpotifyRateLimited"},
	{
		Kind: PutOff, Disposition: Ack, Severity: Routine, Reason: "the next day has requests of its own",
		Errors: []error{fault.ErrPutOff}, Alone: true,
	},
	{Kind: Reconnect, Disposition: Ack, Severity: Attention, Reason: "only the person can help", Errors: []error{fault.ErrReconnect, fault.ErrEnded}},
	{
		Kind: Missing, Disposition: Ack, Severity: Routine, Reason: "the daily look comes again tomorrow, and then confirms it",
		Errors: []error{fault.ErrMissing}, Alone: true,
	},
	{
		Kind: InboxGone, Disposition: Ack, Severity: Attention, Reason: "only the person can help; it is read again when it shows",
		Errors: []error{fault.ErrInboxGone}, Alone: true,
	},
	{
		Kind: GrantRefused, Disposition: Ack, Severity: Routine, Reason: "the daily look asks again; one refusal proves nothing",
		Errors: []error{fault.ErrSuspected},
	},
	{
		Kind: NotWritable, Disposition: Ack, Severity: Alert, Reason: "asking again at once cannot help; the daily look tries again",
		Errors: []error{fault.ErrNotWritable}, Alone: true, Alert: "SongsRejected",
	},
	{
		Kind: Unsure, Disposition: Retry, Severity: Routine, Reason: "the next delivery looks what happened",
		Errors: []error{fault.ErrUnknownEffect}, Alone: true,
	},
	{
		Kind: NotAllowed, Disposition: Ack, Severity: Alert, Reason: "the app's owner has to allow the account",
		Errors: []error{fault.ErrNotAllowed}, Alert: "AppRefused",
	},
	{
		Kind: PremiumLapsed, Disposition: Ack, Severity: Alert, Reason: "the daily look asks again; until then the app is paused",
		Errors: []error{fault.ErrPremiumLapsed}, Pause: AppPause{app.PausePremium, time.Hour}, Alert: "AppRefused",
	},
	{
		Kind: App, Disposition: Retry, Severity: Alert, Reason: "the operator has to put the credentials right",
		Errors: []error{fault.ErrInvalidClient}, Pause: AppPause{app.PauseClient, 10 * time.Minute}, Alert: "AppRefused",
	},
	{Kind: Scope, Disposition: Ack, Severity: Attention, Reason: "only the person can help", Errors: []error{fault.ErrScope}, Alone: true},
	{
		Kind: Key, Disposition: Ack, Severity: Alert, Reason: "the sealed token is kept; the key has to be put right",
		Errors: []error{fault.ErrCannotOpen}, Alert: "KeyUnusable",
	},
	{
		Kind: Unreadable, Disposition: Ack, Severity: Attention, Reason: "one refusal says nothing of tomorrow; the daily look asks again",
		Errors: []error{fault.ErrNotReadable}, Alone: true,
	},
	{
		Kind: Rejected, Disposition: Ack, Severity: Alert, Reason: "nothing is given up; the daily look tries again",
		Errors: []error{fault.ErrSongsRefused, fault.ErrRejected}, Alone: true, Alert: "SongsRejected",
	},
	{
		Kind: Unavailable, Disposition: Retry, Severity: Routine, Reason: "outages pass",
		Errors: []error{fault.ErrUnauthorized, fault.ErrUnavailable, context.DeadlineExceeded, context.Canceled}, Alone: true,
	},
	{Kind: UnknownUser, Disposition: Ack, Severity: Routine, Reason: "the person disconnected", Errors: []error{fault.ErrLeft, fault.ErrNotFound}},
	{
		Kind: Malformed, Disposition: Ack, Severity: Alert, Reason: "trying again cannot help; nothing is overwritten",
		Errors: []error{fault.ErrMalformed}, Alert: "BadDocument",
	},
	{Kind: Saved, Disposition: Ack, Severity: Routine, Reason: "the week is done"},
	{Kind: NothingNew, Disposition: Ack, Severity: Routine, Reason: "the next run looks again"},
	{Kind: NotRefreshed, Disposition: Ack, Severity: Routine, Reason: "the daily look asks again"},
	{Kind: AlreadyDone, Disposition: Ack, Severity: Routine, Reason: "a second delivery"},
	{Kind: NotReadable, Disposition: Ack, Severity: Attention, Reason: "asking again cannot help; the weekly run checks"},
	{Kind: Choose, Disposition: Ack, Severity: Attention, Reason: "only the person can say; what shows waits"},
	{Kind: Stopped, Disposition: Ack, Severity: Routine, Reason: "the person decided so"},
	{Kind: Internal, Disposition: Retry, Severity: Alert, Reason: "ours to mend; then the dead letters", Alert: "InternalError"},
}

// Verdicts returns the table.
func Verdicts() []Verdict { return slices.Clone(verdicts) }

// Kinds lists every kind that the table has a row for, and None.
func Kinds() []Kind {
	kinds := []Kind{None}
	for _, v := range verdicts {
		kinds = append(kinds, v.Kind)
	}
	return kinds
}

// Verdict returns the kind's row; that of Internal for a kind that has
// none.
func (k Kind) Verdict() Verdict {
	for _, v := range verdicts {
		if v.Kind == k {
			return v
		}
	}
	return verdicts[len(verdicts)-1]
}

// Known reports whether the table has a row for the kind.
func (k Kind) Known() bool { return k.Verdict().Kind == k }

// VerdictOf returns the row of an error.
func VerdictOf(err error) Verdict {
	for _, v := range verdicts {
		for _, sentinel := range v.Errors {
			if errors.Is(err, sentinel) {
				return v
			}
		}
	}
	return Internal.Verdict()
}

// OfOneRoute reports whether an error says something about one request, and so
// nothing about another: not that the grant, the app or our store fails, that
// Spotify asks us to wait, or that our own time is over.
func OfOneRoute(err error) bool {
	ended := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	return !ended && !errors.Is(err, fault.ErrInvalidGrant) && VerdictOf(err).Alone
}

// Barred reports whether Spotify says that this account, or this app, may do nothing.
// One route has said so alone, so what another shows is read, and waits.
func Barred(err error) bool {
	return errors.Is(err, fault.ErrNotAllowed) || errors.Is(err, fault.ErrPremiumLapsed)
}
