package notice

import (
	"context"
	"errors"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// ChannelKind is a way to reach a person.
type ChannelKind string

// The kinds of channels.
const (
	ChannelPush ChannelKind = "push" // a browser, by Web Push
	ChannelNtfy ChannelKind = "ntfy" // a topic of ntfy
)

// Address is what a message needs to get to a person. Its text is the kind's
// own, and a secret: whoever has it can write to the person.
type Address struct {
	Kind ChannelKind
	Text secret.Text
}

// Urgency says whether a message may wake a device (RFC 8030, section 5.3).
type Urgency string

// The urgencies.
const (
	UrgencyLow    Urgency = "low"
	UrgencyNormal Urgency = "normal"
	UrgencyHigh   Urgency = "high"
)

// Message is one message as a person reads it.
type Message struct {
	// Tag names what the message is about: a later one of the same tag takes
	// its place, on its way and where it is shown. 1 to 32 letters, digits and
	// hyphens.
	Tag string

	Title, Body string   // plain text; together less than 1 KiB
	Language    string   // BCP 47 tag of both
	Link        string   // where a tap on it leads; not empty
	Actions     []Action // at most two

	Life    time.Duration // for so long it is of use; at least a second
	Urgency Urgency
}

// Action is a button of a message.
type Action struct{ Name, Link string }

// What a Messenger answers. Any other error means: not accepted, try later.
var (
	// ErrChannelGone: nobody can be reached by this address any more.
	ErrChannelGone = errors.New("the channel has ended")

	// ErrMessageRefused: this message is not taken, or not from us, and will not
	// be the next time either.
	ErrMessageRefused = errors.New("the message was refused")
)

// Messenger hands messages to the services that deliver them. It is safe for
// concurrent use.
type Messenger interface {
	// Deliver returns nil only when the service has accepted the message. An
	// error names neither the address nor what the message says. It returns
	// promptly when ctx ends; then the message may have been accepted or not,
	// as after any error that is none of the two above.
	Deliver(ctx context.Context, to Address, m Message) error
}
