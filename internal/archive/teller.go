package archive

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// MessageWords puts notices into words. The core holds no sentence of its own.
type MessageWords interface {
	// Notice returns what a person reads, in their language, as plain text, and
	// in their time. Title and body are together shorter than 800 bytes.
	Notice(u User, n Notice) (title, body string)

	// Away and Stop name the buttons of a message.
	Away(language string) string
	Stop(language string) string
}

// MessageLinks makes the links that messages carry.
type MessageLinks interface {
	// Notice returns where a tap on the message leads.
	Notice(u User, n Notice) string

	// Away and Stop return links that let the person say so without signing in,
	// and do nothing else. Empty where no link leads to this service.
	Away(ctx context.Context, u User) (string, error)
	Stop(ctx context.Context, u User) (string, error)
}

// Runner does one job of one user; *Archivist is one.
type Runner interface {
	Run(ctx context.Context, job ArchiveJob) (Outcome, error)
}

// Teller runs users and then tells them what they have to know. A message never
// changes how the run ended: one that was not accepted is due again.
//
// No event is told twice: a claim keeps a second process away, and what was
// accepted is noted before the claim ends. Only a process that is killed
// between the two leaves a message that is sent again, and then takes the place
// of the first.
type Teller struct {
	Runner    Runner
	Store     Ledger
	Opener    Opener
	Messenger Messenger
	Words     MessageWords
	Links     MessageLinks
	Clock     Clock
	Log       *slog.Logger
}

const (
	// tellTime bounds what is told after one run, and sendTime one message.
	tellTime = 40 * time.Second
	sendTime = 20 * time.Second

	// sendingTime is how long a claim lasts: longer than a message takes.
	sendingTime = tellTime + 20*time.Second

	// retryFirst and retryMost are how long after a message that was not
	// accepted the next try is made.
	retryFirst = 5 * time.Minute
	retryMost  = 3 * time.Hour

	// unlookedMost is how long a reminder waits for a look that fails, but not
	// longer than half of its use.
	unlookedMost = 4 * time.Hour

	// refusalsMost is after how many refusals in a row a channel ends.
	refusalsMost = 5
)

// errClaimed: another process sends this user's messages.
var errClaimed = errors.New("another process sends messages")

// Run implements Runner.
func (t *Teller) Run(ctx context.Context, job ArchiveJob) (Outcome, error) {
	if job.Run.Kind == RunMessage {
		return Outcome{Kind: OutcomeAlreadyDone, Run: RunMessage, At: t.Clock.now()}, t.test(ctx, job)
	}
	outcome, err := t.Runner.Run(ctx, job)
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), tellTime)
	defer cancel()
	if told := t.tell(bounded, job, outcome); told != nil && !errors.Is(told, errClaimed) && !errors.Is(told, ErrNotFound) {
		t.Log.WarnContext(ctx, "messages not sent", "user_id", string(job.User), "error", told)
	}
	return outcome, err
}

// tell tells what is due after a run.
func (t *Teller) tell(ctx context.Context, job ArchiveJob, outcome Outcome) error {
	user, err := t.Store.User(ctx, job.User)
	if err != nil {
		return fmt.Errorf("reading user %s: %w", job.User, err)
	}
	if len(user.Messages.Channels) == 0 || user.Status == StatusLeaving {
		return nil
	}
	if user, err = t.learn(ctx, user.believable(t.Clock.now()), outcome); err != nil {
		return err
	}
	looked := looks(job.Run.Kind, outcome)
	for _, n := range user.Notices(t.Clock.now()) {
		if n.Kind == NoticeTurn || n.Kind == NoticeLast {
			patience := min(unlookedMost, n.Until.Sub(n.From)/2)
			if !looked && t.Clock.now().Before(n.From.Add(patience)) && outcome.Kind != OutcomePaused {
				continue // a run that looks comes first
			}
			n.Unlooked = !looked
		}
		for _, channel := range n.Channels {
			if err := t.send(ctx, job.User, n, channel); err != nil {
				return err
			}
		}
	}
	return nil
}

// looks reports whether a run that ended so has seen what the person copied.
func looks(run RunKind, outcome Outcome) bool {
	switch outcome.Kind {
	case OutcomeSaved, OutcomeNothingNew, OutcomeNotRefreshed, OutcomeNotReadable:
		unread := slices.ContainsFunc(outcome.Failed, func(f Failure) bool { return f.Source == SourceInbox })
		return run != RunListening && !unread
	default:
		return false
	}
}

// learn notes what a run has shown that messages depend on.
func (t *Teller) learn(ctx context.Context, user User, outcome Outcome) (User, error) {
	now := t.Clock.now()
	copied := user.newestCopy(user.Messages.Copied, now)
	trouble := user.trouble(outcome, now)
	if copied == user.Messages.Copied && trouble == user.Messages.Trouble {
		return user, nil
	}
	return t.change(ctx, user.ID, func(m *Messages) error {
		if copied.Edition > m.Copied.Edition {
			m.Unanswered = 0
		}
		m.Copied, m.Trouble = copied, trouble
		return nil
	})
}

// newestCopy returns the newest week into which the person put songs by hand,
// with all songs of it: some may have been heard before.
func (u User) newestCopy(known Copied, now time.Time) Copied {
	for _, week := range slices.Backward(u.Weeks) {
		if !u.byHand(week) || week.Edition < known.Edition || week.Edition == known.Edition && week.Songs <= known.Songs {
			continue
		}
		return Copied{Edition: week.Edition, Songs: week.Songs, At: now}
	}
	return known
}

// byHand reports whether the person copied into that week.
func (u User) byHand(week WeekTally) bool { return week.Copied > 0 && u.Copies() }

// trouble returns what is in the person's way after a run that ended so.
func (u User) trouble(outcome Outcome, now time.Time) Trouble {
	known := u.Messages.Trouble
	kind, clear := OutcomeNone, looks(RunManual, outcome)
	if u.Status == StatusReconnect {
		kind = OutcomeReconnect
	} else {
		for _, f := range append([]Failure{{Kind: outcome.Kind}}, outcome.Failed...) {
			if slices.Contains(stops, f.Kind) && !u.Answered(f.Kind) {
				kind = f.Kind
				break
			}
		}
	}
	switch {
	case kind == known.Kind, kind == OutcomeNone && !clear:
		return known
	case kind == OutcomeNone:
		return Trouble{}
	default:
		return Trouble{Kind: kind, Since: now}
	}
}

// send sends one notice to one channel. An error is about our own store: what
// a service answers is noted.
func (t *Teller) send(ctx context.Context, id UserID, n Notice, channel string) error {
	holder := rand.Text()
	user, err := t.change(ctx, id, func(m *Messages) error {
		now := t.Clock.now()
		if m.Sending.Holder != "" && now.Before(m.Sending.Until) || m.told(n.Key, channel) {
			return errClaimed
		}
		m.Sending = Sending{Holder: holder, Until: now.Add(sendingTime)}
		return nil
	})
	if err != nil {
		return err
	}
	sent := t.deliver(ctx, user, n, channel)
	if sent != nil {
		t.Log.InfoContext(ctx, "message not accepted", "user_id", string(id), "kind", string(n.Kind), "error", sent)
	} else {
		t.Log.InfoContext(ctx, "message accepted", "user_id", string(id), "kind", string(n.Kind))
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), concludeTime)
	defer cancel()
	_, err = t.change(ctx, id, func(m *Messages) error {
		if m.Sending.Holder == holder {
			m.Sending = Sending{}
		}
		m.conclude(n, channel, sent, t.Clock.now())
		return nil
	})
	return err
}

// conclude notes what became of a message.
func (m *Messages) conclude(n Notice, channel string, sent error, now time.Time) {
	switch {
	case sent == nil:
		m.note(n.Key, channel, now)
		m.Tries, m.RetryAt = 0, time.Time{}
		m.edit(channel, func(c *Channel) { c.Refusals = 0 })
		if (n.Kind == NoticeTurn || n.Kind == NoticeLast) && m.Reminded != n.Edition {
			m.Unanswered = m.unansweredBefore(n.Edition) + 1
			m.Reminded = n.Edition
		}
	case errors.Is(sent, ErrChannelGone):
		m.drop(channel)
	case errors.Is(sent, ErrMessageRefused), errors.Is(sent, ErrCannotOpen):
		m.note(n.Key, channel, now)
		m.edit(channel, func(c *Channel) { c.Refusals++ })
		if c, found := m.Channel(channel); found && c.Refusals >= refusalsMost {
			m.drop(channel)
		}
	default:
		m.RetryAt = now.Add(min(retryFirst<<min(m.Tries, 10), retryMost))
		m.Tries++
	}
}

// deliver hands a notice to the service of a channel.
func (t *Teller) deliver(ctx context.Context, user User, n Notice, channel string) error {
	c, found := user.Messages.Channel(channel)
	if !found {
		return fmt.Errorf("the channel is gone: %w", ErrChannelGone)
	}
	text, err := t.Opener.Open(ctx, c.Sealed, ChannelContext(user.ID, c.ID))
	if err != nil {
		return fmt.Errorf("opening a channel: %w", err)
	}
	message, err := t.message(ctx, user, n)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	return t.Messenger.Deliver(ctx, Address{Kind: c.Kind, Text: text}, message)
}

// message is a notice as the person reads it.
func (t *Teller) message(ctx context.Context, user User, n Notice) (Message, error) {
	m := Message{
		Tag: n.tag(), Language: user.Language, Link: t.Links.Notice(user, n),
		Life: max(n.Until.Sub(t.Clock.now()).Truncate(time.Second), time.Second), Urgency: n.urgency(),
	}
	m.Title, m.Body = t.Words.Notice(user, n)
	away, err1 := t.Links.Away(ctx, user)
	stop, err2 := t.Links.Stop(ctx, user)
	if err := errors.Join(err1, err2); err != nil {
		return Message{}, fmt.Errorf("signing the links of a message: %w", err)
	}
	if away != "" {
		m.Actions = append(m.Actions, Action{Name: t.Words.Away(user.Language), Link: away})
	}
	if stop != "" {
		m.Actions = append(m.Actions, Action{Name: t.Words.Stop(user.Language), Link: stop})
	}
	return m, nil
}

// tag is what the notice is about. Of one week a later message takes the place
// of an earlier one.
func (n Notice) tag() string {
	switch n.Kind {
	case NoticeTurn, NoticeLast, NoticeKept:
		return "week-" + string(n.Edition)
	case NoticeTest:
		return "test"
	default:
		return "account"
	}
}

func (n Notice) urgency() Urgency {
	switch n.Kind {
	case NoticeKept:
		return UrgencyLow
	case NoticeLast, NoticeTest:
		return UrgencyHigh
	default:
		return UrgencyNormal
	}
}

// testUse is how long a person waits for a test message.
const testUse = 10 * time.Minute

// test sends the test message that was asked for last, once.
func (t *Teller) test(ctx context.Context, job ArchiveJob) error {
	user, err := t.Store.User(ctx, job.User)
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrMalformed) {
		return nil
	}
	if err != nil {
		return &RetryLater{Err: fmt.Errorf("reading user %s: %w", job.User, err)}
	}
	asked := user.Messages.Test
	if user.Status == StatusLeaving || !asked.AskedAt.Equal(job.Run.At) || asked.Result != "" || t.Clock.now().Sub(asked.AskedAt) > testUse {
		return nil
	}
	n := Notice{Kind: NoticeTest, From: asked.AskedAt, Until: asked.AskedAt.Add(testUse)}
	result, sent := TestAccepted, t.deliver(ctx, user, n, asked.Channel)
	switch {
	case sent == nil:
	case errors.Is(sent, ErrChannelGone):
		result = TestGone
	case errors.Is(sent, ErrMessageRefused), errors.Is(sent, ErrCannotOpen):
		result = TestRefused
	default:
		result = TestFailed
	}
	_, err = t.change(context.WithoutCancel(ctx), job.User, func(m *Messages) error {
		if m.Test.AskedAt.Equal(asked.AskedAt) {
			m.Test.Result, m.Test.DoneAt = result, t.Clock.now()
		}
		switch result {
		case TestGone:
			m.drop(asked.Channel)
		case TestAccepted:
			m.edit(asked.Channel, func(c *Channel) { c.Refusals = 0 })
		case TestRefused, TestFailed:
		}
		return nil
	})
	if sent != nil {
		t.Log.InfoContext(ctx, "test message not accepted", "user_id", string(job.User), "error", sent)
	}
	if err != nil && !errors.Is(err, ErrNotFound) {
		t.Log.WarnContext(ctx, "result of a test message not noted", "user_id", string(job.User), "error", err)
	}
	return nil
}

// change changes what is stored about messages, decided anew if somebody else
// wrote meanwhile.
func (t *Teller) change(ctx context.Context, id UserID, change func(*Messages) error) (User, error) {
	user, err := retryConflict(func() (User, error) {
		u, err := t.Store.User(ctx, id)
		switch {
		case err != nil:
			return User{}, err
		case u.Status == StatusLeaving:
			return User{}, ErrNotFound
		}
		u.Messages = u.Messages.believable(t.Clock.now())
		if err := change(&u.Messages); err != nil {
			return User{}, err
		}
		return t.Store.Put(ctx, u)
	})
	if err != nil {
		return User{}, fmt.Errorf("changing the messages of user %s: %w", id, err)
	}
	return user, nil
}
