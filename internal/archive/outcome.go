package archive

import (
	"maps"
	"slices"
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
	Until      time.Time   `json:"until,omitzero"`        // of a pause
	Reason     PauseReason `json:"reason,omitempty"`      // of a pause; empty when it is not known
	NewArchive bool        `json:"new_archive,omitempty"` // the archive was gone; a new one was made
	Failed     []Failure   `json:"failed,omitempty"`      // sources that could not be read, beside what was saved
}

// A Failure is a source that could not be read in a run.
type Failure struct {
	Source SourceName  `json:"source"`
	Kind   OutcomeKind `json:"kind"` // what is in the way
}

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
	Attention Severity = "attention" // the user has to do something
	Alert     Severity = "alert"     // the operator has to
)

// Handling is a row of the outcome table.
type Handling struct {
	Disposition Disposition
	Severity    Severity
	Reason      string // why the message is acknowledged or retried
}

// outcomes is design.md's table of outcomes.
var outcomes = map[OutcomeKind]Handling{
	OutcomeSaved:         {Ack, Routine, "the week is done"},
	OutcomeNothingNew:    {Ack, Routine, "the next run looks again"},
	OutcomeNotRefreshed:  {Ack, Routine, "the daily catch-up asks again"},
	OutcomeAlreadyDone:   {Ack, Routine, "a second delivery"},
	OutcomeNotReadable:   {Ack, Attention, "asking again cannot help; the weekly run checks"},
	OutcomeUnreadable:    {Ack, Attention, "one refusal says nothing of tomorrow; the catch-up asks again"},
	OutcomeNotWritable:   {Ack, Alert, "asking again at once cannot help; the catch-up tries again tomorrow"},
	OutcomeChoose:        {Ack, Attention, "only the person can say; what shows waits"},
	OutcomeInboxGone:     {Ack, Attention, "only the person can help; it is read again when it shows"},
	OutcomeMissing:       {Ack, Routine, "the catch-up looks again tomorrow, and then confirms it"},
	OutcomeRejected:      {Ack, Alert, "nothing is given up; the catch-up tries again tomorrow"},
	OutcomeGrantRefused:  {Ack, Routine, "the catch-up asks again tomorrow; one refusal proves nothing"},
	OutcomeReconnect:     {Ack, Attention, "only the person can help"},
	OutcomeScope:         {Ack, Attention, "only the person can help"},
	OutcomeNotAllowed:    {Ack, Alert, "the app's owner has to allow the account"},
	OutcomePremiumLapsed: {Ack, Alert, "the catch-up asks again tomorrow; until then the app is paused"},
	OutcomePaused:        {Retry, Alert, "Spotify named a time"},
	OutcomeUnavailable:   {Retry, Routine, "outages pass"},
	OutcomeUnsure:        {Retry, Routine, "the next delivery looks what happened"},
	OutcomeKey:           {Ack, Alert, "the sealed token is kept; the key has to be put right"},
	OutcomeApp:           {Retry, Alert, "the operator has to put the credentials right"},
	OutcomeMalformed:     {Ack, Alert, "trying again cannot help; nothing is overwritten"},
	OutcomeInternal:      {Retry, Alert, "ours to mend; then the dead letters"},
	OutcomeBusy:          {Retry, Routine, "the other run may fail"},
	OutcomeStopped:       {Ack, Routine, "the person decided so"},
	OutcomeUnknownUser:   {Ack, Routine, "the person disconnected"},
}

// Handling returns what to do with a run's message.
func (k OutcomeKind) Handling() Handling {
	if h, ok := outcomes[k]; ok {
		return h
	}
	return outcomes[OutcomeInternal]
}

// OutcomeKinds lists every kind that the table has a row for, and OutcomeNone.
func OutcomeKinds() []OutcomeKind {
	return append([]OutcomeKind{OutcomeNone}, slices.Sorted(maps.Keys(outcomes))...)
}

// Known reports whether the table has a row for the kind.
func (k OutcomeKind) Known() bool {
	_, ok := outcomes[k]
	return ok
}
