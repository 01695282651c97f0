package archive

import (
	"fmt"
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
	Source     SourceName  `json:"source,omitempty"`
	Found      int         `json:"found,omitempty"`
	Added      int         `json:"added,omitempty"`
	Already    int         `json:"already,omitempty"`
	Unusable   int         `json:"unusable,omitempty"`
	Until      time.Time   `json:"until,omitzero"`        // of a pause
	Reason     PauseReason `json:"reason,omitempty"`      // of a pause
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
	OutcomeNotWritable:   {Ack, Attention, "asking again at once cannot help; the catch-up tries again tomorrow"},
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

// Sentence tells the person how the last run ended and what they can do.
func (o Outcome) Sentence() string {
	text := o.sentence()
	if o.NewArchive {
		text = "Your archive playlist was gone from your library, so we made a new one. " + text
	}
	for _, f := range o.Failed {
		if f.Kind != o.Kind {
			text += " " + f.sentence()
		}
	}
	return text
}

// sentence tells which source could not be read, and why.
func (f Failure) sentence() string {
	name := map[SourceName]string{
		SourceDiscover: "Your Discover Weekly", SourceInbox: "Your inbox", SourceListening: "What you played",
	}[f.Source]
	return name + " could not be read: " + Outcome{Kind: f.Kind}.sentence()
}

func (o Outcome) sentence() string {
	switch o.Kind {
	case OutcomeNone:
		return "Your first run is about to start."
	case OutcomeSaved:
		return fmt.Sprintf("%s found, %d new, saved.", songs(o.Found), o.Added)
	case OutcomeNothingNew:
		return "Nothing new this time."
	case OutcomeNotRefreshed, OutcomeAlreadyDone:
		if o.Kind == OutcomeAlreadyDone {
			return "This week is saved already."
		}
		return "This week's list is not out yet. We look again every day."
	case OutcomeNotReadable:
		return "Spotify does not let this app read your Discover Weekly. Choose another way below."
	case OutcomeUnreadable:
		return "Spotify does not show it to this app at the moment. Nothing is lost; we look again tomorrow."
	case OutcomeNotWritable:
		return "Spotify does not let this app change your playlists. Nothing is lost; we try again tomorrow."
	case OutcomeChoose:
		return "Your library shows more than one Discover Weekly. Tell us below which one is yours; until then the songs of each wait."
	case OutcomeInboxGone:
		return "Your inbox playlist is not in your library any more. Restore it in Spotify, or choose the inbox below to get a new one."
	case OutcomeMissing:
		return "A playlist of ours does not show in your library. If you removed it, we make a new one when Spotify says so for the second day. Nothing is lost."
	case OutcomeRejected:
		return "Spotify did not take the songs, which may be a passing fault. Nothing is lost; we try again tomorrow."
	case OutcomeGrantRefused:
		return "Spotify refused our access, which may be a passing fault. If you removed this app from your Spotify account, connect again. Nothing is lost; we try again tomorrow."
	case OutcomeReconnect:
		return "Your permission has ended: Spotify ends it after six months. Press Reconnect, and everything goes on where it stopped."
	case OutcomeScope:
		return "A permission is missing. Press Reconnect to give it."
	case OutcomeNotAllowed:
		return "Your Spotify account is not on this app's list of users. Ask the owner of this app to add you in Spotify's dashboard, under User Management."
	case OutcomePremiumLapsed:
		return "Spotify has switched this app off, because its owner's Premium subscription has ended. It goes on when the owner subscribes again."
	case OutcomePaused:
		if o.Reason == PauseWave || o.Reason == PauseClient {
			return "Spotify refuses this app at the moment. Nothing is lost; we try again after " + o.Until.UTC().Format("Monday 15:04 UTC") + "."
		}
		if o.Reason == PauseOperator {
			return "Whoever runs this service has paused it. Nothing is lost; it goes on after " + o.Until.UTC().Format("Monday 15:04 UTC") + "."
		}
		if o.Reason == PausePremium {
			return Outcome{Kind: OutcomePremiumLapsed}.sentence()
		}
		return "Spotify asked us to wait until " + o.Until.UTC().Format("Monday 15:04 UTC") + ". Nothing is lost."
	case OutcomeUnavailable, OutcomeUnsure:
		return "Spotify did not answer properly. Nothing is lost; we try again soon."
	case OutcomeKey, OutcomeApp, OutcomeMalformed, OutcomeInternal:
		return "Something went wrong on our side. Nothing is lost; we try again."
	case OutcomeBusy:
		return "A run is under way."
	case OutcomeStopped:
		return "You paused your archive."
	case OutcomeUnknownUser:
		return "You are not connected."
	default:
		return "Something went wrong on our side. Nothing is lost; we try again."
	}
}

func songs(n int) string {
	if n == 1 {
		return "1 song"
	}
	return fmt.Sprintf("%d songs", n)
}
