package outcome

import (
	"errors"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

// Kind says how a run ended.
type Kind string

// The outcomes; outcomes says what each means to whom.
const (
	None          Kind = ""               // no run yet
	Saved         Kind = "saved"          // songs were added
	NothingNew    Kind = "nothing_new"    // the source was read and holds nothing new
	NotRefreshed  Kind = "not_refreshed"  // the source still shows an edition that is archived
	AlreadyDone   Kind = "already_done"   // this week was done before; nothing was asked
	NotReadable   Kind = "not_readable"   // no chosen source can be read
	Unreadable    Kind = "unreadable"     // Spotify refuses to show a list that this app has read before, or made
	NotWritable   Kind = "not_writable"   // Spotify does not let this app change the person's playlists
	Choose        Kind = "choose"         // more than one Discover Weekly shows; the person has to say which is theirs
	InboxGone     Kind = "inbox_gone"     // the inbox is not in the person's library any more
	Missing       Kind = "missing"        // a playlist of ours does not show; it may be gone
	Rejected      Kind = "rejected"       // Spotify refuses songs that it has shown us
	GrantRefused  Kind = "grant_refused"  // invalid_grant, not yet believed
	Reconnect     Kind = "reconnect"      // the consent is over
	Scope         Kind = "scope"          // the consent lacks a scope
	NotAllowed    Kind = "not_allowed"    // not on the app's allow-list
	PremiumLapsed Kind = "premium_lapsed" // the app's owner lost Premium
	Paused        Kind = "paused"         // Spotify asked the app to wait
	PutOff        Kind = "put_off"        // what is left of the day's requests is kept for what comes first
	Unavailable   Kind = "unavailable"    // Spotify failed
	Unsure        Kind = "unsure"         // a write got no answer; the next run looks
	Key           Kind = "key"            // the stored consent cannot be opened
	App           Kind = "app"            // Spotify refused the app itself
	Malformed     Kind = "malformed"      // a stored document or message is not ours
	Internal      Kind = "internal"       // our bug, or our store fails
	Busy          Kind = "busy"           // another delivery is at it
	Stopped       Kind = "stopped"        // paused by the person, or leaving
	UnknownUser   Kind = "unknown_user"   // disconnected meanwhile
)

// Outcome is the result of a user's last run, as the account page tells it.
type Outcome struct {
	Kind       Kind              `json:"kind"`
	At         time.Time         `json:"at"`
	Run        app.RunKind       `json:"run"`
	Edition    calendar.Edition  `json:"edition,omitempty"`
	Mixed      bool              `json:"mixed,omitempty"` // the counts are of more editions than this one
	Source     ledger.SourceName `json:"source,omitempty"`
	Found      int               `json:"found,omitempty"`
	Added      int               `json:"added,omitempty"`
	Already    int               `json:"already,omitempty"`
	Unusable   int               `json:"unusable,omitempty"`
	Back       int               `json:"back,omitempty"`        // songs that were taken back, which no other count has
	Stood      int               `json:"stood,omitempty"`       // songs that were to be taken back, and stood in an archive
	Until      time.Time         `json:"until,omitzero"`        // of a pause
	Reason     app.PauseReason   `json:"reason,omitempty"`      // of a pause; empty when it is not known
	Stopped    ledger.SourceName `json:"stopped,omitempty"`     // that was being read when Spotify asked to wait: it is read last in the next run; none: it was the archive
	NewArchive bool              `json:"new_archive,omitempty"` // the archive was gone; a new one was made
	Plays      bool              `json:"plays,omitempty"`       // of a look at plays alone
	Failed     []Failure         `json:"failed,omitempty"`      // sources that could not be read, beside what was saved
}

// Paused is the outcome with the pause that an error tells of, if it does.
func (o Outcome) Paused(err error) Outcome {
	if paused, ok := errors.AsType[*fault.PausedError](err); ok {
		o.Until, o.Reason = paused.Until.UTC(), paused.Reason
	}
	return o
}

// A Failure is a source that could not be read in a run.
type Failure struct {
	Source ledger.SourceName `json:"source"`
	Kind   Kind              `json:"kind"` // what is in the way
}

// After is what a person is told of a run that goes on where another one of the
// same week was cut short: also what that one saved.
func (o Outcome) After(before Outcome) Outcome {
	cutShort := len(before.Kind.Verdict().Errors) > 0 && calendar.DueEdition(before.At) == calendar.DueEdition(o.At)
	if before.Added+before.Back+before.Stood == 0 || !cutShort {
		return o
	}
	o.Mixed = o.Mixed || before.Mixed || o.Edition != "" && o.Edition != before.Edition
	if o.Edition == "" {
		o.Edition, o.Source = before.Edition, before.Source
	}
	known := min(o.Already, before.Added) // counted as new before
	o.Found += before.Found - known
	o.Already += before.Already - known
	o.Added += before.Added
	o.Unusable += before.Unusable
	o.Back += before.Back
	o.Stood += before.Stood
	o.NewArchive = o.NewArchive || before.NewArchive
	switch o.Kind {
	case NothingNew, NotRefreshed, AlreadyDone:
		if o.Added+o.Back > 0 {
			o.Kind = Saved
		}
	default:
	}
	return o
}
