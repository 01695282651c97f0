package archive

import (
	"errors"
	"time"
)

// OutcomeKind says how a run ended.
type OutcomeKind string

// The outcomes; outcomes says what each means to whom.
const (
	OutcomeNone          OutcomeKind = ""               // no run yet
	OutcomeSaved         OutcomeKind = "saved"          // songs were added
	OutcomeNothingNew    OutcomeKind = "nothing_new"    // the source was read and holds nothing new
	OutcomeNotRefreshed  OutcomeKind = "not_refreshed"  // the source still shows an edition that is archived
	OutcomeAlreadyDone   OutcomeKind = "already_done"   // this week was done before; nothing was asked
	OutcomeNotReadable   OutcomeKind = "not_readable"   // no chosen source can be read
	OutcomeUnreadable    OutcomeKind = "unreadable"     // Spotify refuses to show a list that this app has read before, or made
	OutcomeNotWritable   OutcomeKind = "not_writable"   // Spotify does not let this app change the person's playlists
	OutcomeChoose        OutcomeKind = "choose"         // more than one Discover Weekly shows; the person has to say which is theirs
	OutcomeInboxGone     OutcomeKind = "inbox_gone"     // the inbox is not in the person's library any more
	OutcomeMissing       OutcomeKind = "missing"        // a playlist of ours does not show; it may be gone
	OutcomeRejected      OutcomeKind = "rejected"       // Spotify refuses songs that it has shown us
	OutcomeGrantRefused  OutcomeKind = "grant_refused"  // invalid_grant, not yet believed
	OutcomeReconnect     OutcomeKind = "reconnect"      // the consent is over
	OutcomeScope         OutcomeKind = "scope"          // the consent lacks a scope
	OutcomeNotAllowed    OutcomeKind = "not_allowed"    // not on the app's allow-list
	OutcomePremiumLapsed OutcomeKind = "premium_lapsed" // the app's owner lost Premium
	OutcomePaused        OutcomeKind = "paused"         // Spotify asked the app to wait
	OutcomePutOff        OutcomeKind = "put_off"        // what is left of the day's requests is kept for what comes first
	OutcomeUnavailable   OutcomeKind = "unavailable"    // Spotify failed
	OutcomeUnsure        OutcomeKind = "unsure"         // a write got no answer; the next run looks
	OutcomeKey           OutcomeKind = "key"            // the stored consent cannot be opened
	OutcomeApp           OutcomeKind = "app"            // Spotify refused the app itself
	OutcomeMalformed     OutcomeKind = "malformed"      // a stored document or message is not ours
	OutcomeInternal      OutcomeKind = "internal"       // our bug, or our store fails
	OutcomeBusy          OutcomeKind = "busy"           // another delivery is at it
	OutcomeStopped       OutcomeKind = "stopped"        // paused by the person, or leaving
	OutcomeUnknownUser   OutcomeKind = "unknown_user"   // disconnected meanwhile
)

// Outcome is the result of a user's last run, as the account page tells it.
type Outcome struct {
	Kind       OutcomeKind `json:"kind"`
	At         time.Time   `json:"at"`
	Run        RunKind     `json:"run"`
	Edition    Edition     `json:"edition,omitempty"`
	Mixed      bool        `json:"mixed,omitempty"` // the counts are of more editions than this one
	Source     SourceName  `json:"source,omitempty"`
	Found      int         `json:"found,omitempty"`
	Added      int         `json:"added,omitempty"`
	Already    int         `json:"already,omitempty"`
	Unusable   int         `json:"unusable,omitempty"`
	Back       int         `json:"back,omitempty"`        // songs that were taken back, which no other count has
	Stood      int         `json:"stood,omitempty"`       // songs that were to be taken back, and stood in an archive
	Until      time.Time   `json:"until,omitzero"`        // of a pause
	Reason     PauseReason `json:"reason,omitempty"`      // of a pause; empty when it is not known
	Stopped    SourceName  `json:"stopped,omitempty"`     // that was being read when Spotify asked to wait: it is read last in the next run
	NewArchive bool        `json:"new_archive,omitempty"` // the archive was gone; a new one was made
	Plays      bool        `json:"plays,omitempty"`       // of a look at plays alone
	Failed     []Failure   `json:"failed,omitempty"`      // sources that could not be read, beside what was saved
}

// Paused is the outcome with the pause that an error tells of, if it does.
func (o Outcome) Paused(err error) Outcome {
	if paused, ok := errors.AsType[*PausedError](err); ok {
		o.Until, o.Reason = paused.Until.UTC(), paused.Reason
	}
	return o
}

// A Failure is a source that could not be read in a run.
type Failure struct {
	Source SourceName  `json:"source"`
	Kind   OutcomeKind `json:"kind"` // what is in the way
}

// After is what a person is told of a run that goes on where another one of the
// same week was cut short: also what that one saved.
func (o Outcome) After(before Outcome) Outcome {
	cutShort := len(before.Kind.Verdict().Errors) > 0 && DueEdition(before.At) == DueEdition(o.At)
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
	case OutcomeNothingNew, OutcomeNotRefreshed, OutcomeAlreadyDone:
		if o.Added+o.Back > 0 {
			o.Kind = OutcomeSaved
		}
	default:
	}
	return o
}
