package notice

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

// Messages is how a person wants to be told things, and what they were told.
type Messages struct {
	Channels  []Channel `json:"channels"`           // oldest first, at most MaxChannels
	Lost      Lost      `json:"lost,omitzero"`      // the channel that ended last, until the person adds another
	Week      string    `json:"week"`               // the channel of the week's messages; empty or gone: the newest
	Day       int       `json:"day"`                // of the reminder, Monday 1 to Sunday 7; 0: DefaultDay
	Hour      int       `json:"hour"`               // of the reminder, in their zone, FirstHour to LastHour; 0: DefaultHour
	KeptOff   bool      `json:"kept_off"`           // not told when a week is kept
	AwayUntil time.Time `json:"away_until"`         // no reminders before
	Stopped   bool      `json:"stopped"`            // by the person: no message of any kind
	Declined  bool      `json:"declined,omitempty"` // the question after the first copy
	Calendar  int       `json:"calendar"`           // how often they renewed their calendar's address

	Copied     Copied           `json:"copied"`
	Reminded   calendar.Edition `json:"reminded"`   // the newest week of which they were reminded
	Unanswered int              `json:"unanswered"` // reminded weeks in a row, that one included, in which nothing came
	Trouble    Trouble          `json:"trouble"`

	TappedAt time.Time `json:"tapped_at,omitzero"` // when the person last opened a message to copy

	Told    []Told      `json:"told"` // of toldLife, oldest first
	Sending Sending     `json:"sending"`
	Tries   int         `json:"tries"`    // in vain, since the last message that was accepted
	RetryAt time.Time   `json:"retry_at"` // no sooner after the last of them
	Test    TestMessage `json:"test"`
}

// A Channel is one way to reach a person. Its address is sealed: who signs
// people up stores it and cannot read it.
type Channel struct {
	ID       string        `json:"id"` // of the address, so that a browser is one channel however often it is added
	Kind     ChannelKind   `json:"kind"`
	Name     string        `json:"name"` // by which the person knows it, such as "Firefox, Android"; may be empty
	Sealed   secret.Sealed `json:"sealed"`
	AddedAt  time.Time     `json:"added_at"`
	SeenAt   time.Time     `json:"seen_at"`          // when the browser last showed that it is there
	Refusals int           `json:"refusals"`         // messages in a row that its service did not take
	Silent   bool          `json:"silent,omitempty"` // its service did not answer the last message
}

// Lost is a channel that ended without the person's doing.
type Lost struct {
	Kind ChannelKind `json:"kind"`
	Name string      `json:"name"`
	At   time.Time   `json:"at"`
}

// Copied is the newest week into which the person put songs by hand.
type Copied struct {
	Edition calendar.Edition `json:"edition"`
	Songs   int              `json:"songs"`
	At      time.Time        `json:"at"` // since when it is as many
}

// Trouble is what is in the way of the person's weeks, if only they can help.
type Trouble struct {
	Kind  outcome.Kind `json:"kind"`
	Since time.Time    `json:"since"`
}

// Sending is the message that is under way. Nobody else sends one before Until.
type Sending struct {
	Holder string    `json:"holder"`
	Until  time.Time `json:"until"`
}

// TestMessage is the test message that the person asked for last.
type TestMessage struct {
	Channel string     `json:"channel"`
	AskedAt time.Time  `json:"asked_at"`
	DoneAt  time.Time  `json:"done_at"` // when it was accepted or refused; before AskedAt: not yet
	Result  TestResult `json:"result"`
}

// TestResult is what became of a test message.
type TestResult string

// The results. The zero TestResult means: not known yet.
const (
	TestAccepted TestResult = "accepted" // the service has it
	TestRefused  TestResult = "refused"  // the service will not take it
	TestGone     TestResult = "gone"     // the channel has ended
	TestFailed   TestResult = "failed"   // the service cannot be reached
)

// When people are told things, in their own time.
const (
	DefaultDay  = 5 // Friday
	DefaultHour = 18
	FirstHour   = 9  // before it, nobody is told anything
	LastHour    = 20 // the last in which somebody is

	LastDay     = 7 // Sunday, before the week is over
	LastEvening = 18

	// MaxChannels bounds the channels of a person. One more takes the place
	// of the one that was not seen for longest.
	MaxChannels = 5

	// MaxAway bounds AwayUntil.
	MaxAway = 366 * 24 * time.Hour

	// SendingTime is how long a claim lasts: longer than a message takes, on
	// every machine's clock.
	SendingTime = time.Minute + calendar.MaxSkew

	// retryFirst and retryMost are how long after a message that was not
	// accepted the next try is made.
	retryFirst = 5 * time.Minute
	retryMost  = 3 * time.Hour

	// refusalsMost is after how many refusals in a row a channel ends.
	refusalsMost = 5

	// toldLife is how long it is remembered what was told: longer than any
	// message is of use.
	toldLife = 60 * 24 * time.Hour
)

// ChannelID names the channel of an address. An address holds too much of
// chance to be guessed from it, but for a topic of ntfy: of those a person has
// one.
func ChannelID(a Address) string {
	if a.Kind == ChannelNtfy {
		return string(ChannelNtfy)
	}
	sum := sha256.Sum256([]byte(a.Text.Reveal()))
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:10])
	return string(a.Kind) + "-" + strings.ToLower(text)
}

// Channel returns the channel of that id.
func (m Messages) Channel(id string) (Channel, bool) {
	i := slices.IndexFunc(m.Channels, func(c Channel) bool { return c.ID == id })
	if i < 0 {
		return Channel{}, false
	}
	return m.Channels[i], true
}

// WeekChannel returns the channel of the week's messages; found is false where
// there is none.
func (m Messages) WeekChannel() (c Channel, found bool) {
	if c, found := m.Channel(m.Week); found {
		return c, true
	}
	if len(m.Channels) == 0 {
		return Channel{}, false
	}
	return m.Channels[len(m.Channels)-1], true
}

// ReminderDay returns the day of the reminder, Monday 1 to Sunday 7.
func (m Messages) ReminderDay() int {
	if m.Day < 1 || m.Day > 7 {
		return DefaultDay
	}
	return m.Day
}

// ReminderHour returns the hour of the reminder.
func (m Messages) ReminderHour() int {
	if m.Hour < FirstHour || m.Hour > LastHour {
		return DefaultHour
	}
	return m.Hour
}

// Away reports whether the person asked for no reminders now.
func (m Messages) Away(now time.Time) bool {
	return now.Before(m.AwayUntil) && m.AwayUntil.Before(now.Add(MaxAway+24*time.Hour))
}

// AddChannel takes a channel, or takes it again, and reports nothing to the
// person by a channel that was not there when it became due.
func (m *Messages) AddChannel(c Channel) {
	if known, found := m.Channel(c.ID); found {
		if c.Kind != ChannelNtfy { // which may be another topic
			c.AddedAt = known.AddedAt
		}
		m.edit(c.ID, func(stored *Channel) { *stored = c })
		return
	}
	for len(m.Channels) >= MaxChannels {
		m.DropChannel(slices.MinFunc(m.Channels, func(a, b Channel) int { return a.SeenAt.Compare(b.SeenAt) }).ID)
	}
	m.Channels = append(slices.Clone(m.Channels), c)
}

// DropChannel ends a channel; an absent one is fine.
func (m *Messages) DropChannel(id string) {
	m.Channels = slices.DeleteFunc(slices.Clone(m.Channels), func(c Channel) bool { return c.ID == id })
	if m.Week == id {
		m.Week = ""
	}
}

// lose ends a channel that takes no messages any more, and notes it for the person.
func (m *Messages) lose(id string, now time.Time) {
	if c, found := m.Channel(id); found {
		m.Lost = Lost{Kind: c.Kind, Name: c.Name, At: now}
	}
	m.DropChannel(id)
}

// Reseal replaces the sealed address of a channel by the same one under another
// version of the key, unless the person gave another meanwhile.
func (m *Messages) Reseal(id string, before, sealed secret.Sealed) {
	m.edit(id, func(c *Channel) {
		if bytes.Equal(c.Sealed.Ciphertext, before.Ciphertext) {
			c.Sealed = sealed
		}
	})
}

// edit changes a channel, if it is there.
func (m *Messages) edit(id string, change func(*Channel)) {
	m.Channels = slices.Clone(m.Channels)
	for i := range m.Channels {
		if m.Channels[i].ID == id {
			change(&m.Channels[i])
		}
	}
}

// Claim keeps others from sending while a message is under way. It is false if
// somebody else does, or the channel has the message.
func (m *Messages) Claim(holder string, n Notice, channel string, now time.Time) bool {
	*m = m.Believable(now)
	if m.Sending.Holder != "" && now.Before(m.Sending.Until) || m.WasTold(n.Key, channel) {
		return false
	}
	m.Sending = Sending{Holder: holder, Until: now.Add(SendingTime)}
	return true
}

// Conclude ends a claim, and notes what became of the message: sent is what the
// Messenger answered.
func (m *Messages) Conclude(holder string, n Notice, channel string, sent error, now time.Time) {
	if m.Sending.Holder == holder {
		m.Sending = Sending{}
	}
	switch {
	case sent == nil:
		m.note(n.Key, channel, now)
		m.Tries, m.RetryAt = 0, time.Time{}
		m.edit(channel, func(c *Channel) { c.Refusals, c.Silent = 0, false })
		if (n.Kind == Turn || n.Kind == Last) && m.Reminded != n.Edition {
			m.Unanswered = m.UnansweredBefore(n.Edition) + 1
			m.Reminded = n.Edition
		}
	case errors.Is(sent, ErrChannelGone):
		m.lose(channel, now)
	case errors.Is(sent, ErrMessageRefused), errors.Is(sent, fault.ErrCannotOpen):
		m.remember(Told{Key: n.Key, Channel: channel, At: now, Refused: true})
		m.edit(channel, func(c *Channel) { c.Refusals, c.Silent = c.Refusals+1, false })
		if c, found := m.Channel(channel); found && c.Refusals >= refusalsMost {
			m.lose(channel, now)
		}
	default:
		m.RetryAt = now.Add(min(retryFirst<<min(m.Tries, 10), retryMost))
		m.Tries++
		m.edit(channel, func(c *Channel) { c.Silent = true })
	}
}

// ConcludeTest notes what became of the test message that was asked for at a
// time, unless another was asked for since.
func (m *Messages) ConcludeTest(asked TestMessage, sent error, now time.Time) {
	result := TestFailed
	switch {
	case sent == nil:
		result = TestAccepted
		m.edit(asked.Channel, func(c *Channel) { c.Refusals, c.Silent = 0, false })
	case errors.Is(sent, ErrChannelGone):
		result = TestGone
		m.lose(asked.Channel, now)
	case errors.Is(sent, ErrMessageRefused), errors.Is(sent, fault.ErrCannotOpen):
		result = TestRefused
	}
	if m.Test.AskedAt.Equal(asked.AskedAt) {
		m.Test.Result, m.Test.DoneAt = result, now
	}
}

// Believable is m without the times that cannot be. What was told in the
// future was told.
func (m Messages) Believable(now time.Time) Messages {
	if m.Sending.Until.After(now.Add(SendingTime + calendar.MaxSkew)) {
		m.Sending = Sending{}
	}
	if m.RetryAt.After(now.Add(retryMost + calendar.MaxSkew)) {
		m.RetryAt = time.Time{}
	}
	if calendar.Ahead(m.TappedAt, now) {
		m.TappedAt = time.Time{}
	}
	if calendar.Ahead(m.Trouble.Since, now) {
		m.Trouble.Since = now
	}
	if calendar.Ahead(m.Copied.At, now) || m.Copied.Edition.Impossible(now) {
		m.Copied = Copied{}
	}
	if m.Reminded.Impossible(now) {
		m.Reminded, m.Unanswered = "", 0
	}
	return m
}

// UnansweredBefore counts the weeks in a row, before this one, of which the
// person was reminded in vain.
func (m Messages) UnansweredBefore(week calendar.Edition) int {
	switch {
	case m.Reminded == "" || m.Copied.Edition >= m.Reminded:
		return 0
	case m.Reminded == week:
		return m.Unanswered - 1
	default:
		return m.Unanswered
	}
}

// AboutToCopy is when the person was last reminded of a week, or tapped on a
// message.
func (m Messages) AboutToCopy(week calendar.Edition) time.Time {
	since := m.TappedAt
	for _, t := range m.Told {
		if (t.Key == KeyOfWeek(Turn, week) || t.Key == KeyOfWeek(Last, week)) && t.At.After(since) {
			since = t.At
		}
	}
	return since
}
