package messaging

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
)

// Runner does one job of one user; the archivist is one.
type Runner interface {
	Run(ctx context.Context, job archive.ArchiveJob) (outcome.Outcome, error)
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
	Users     archive.Users
	Sealer    archive.Sealer
	Opener    archive.Opener
	Messenger notice.Messenger
	Words     archive.MessageWords
	Links     archive.MessageLinks
	Keys      *PushKeys // made before anybody can subscribe
	Clock     archive.Clock
	Log       *slog.Logger
}

const (
	// tellTime bounds what is told after one run, sendTime one message, and
	// noteTime the note of what became of it. Where there is more to tell, each has
	// its share: a service that hangs keeps nothing from the others.
	tellTime = 40 * time.Second
	sendTime = 20 * time.Second
	noteTime = 5 * time.Second

	// unlookedMost is how long a reminder waits for a look that fails, but not
	// longer than half of its use.
	unlookedMost = 4 * time.Hour

	// testUse is how long a person waits for a test message.
	testUse = 10 * time.Minute
)

// errClaimed: another process sends this user's messages.
var errClaimed = errors.New("another process sends messages")

// Run implements Runner.
func (t *Teller) Run(ctx context.Context, job archive.ArchiveJob) (outcome.Outcome, error) {
	if job.Run.Kind == app.RunMessage {
		result := outcome.Outcome{Kind: outcome.AlreadyDone, Run: job.Run.Kind, At: t.Clock.Now()}
		return result, t.test(ctx, job)
	}
	if _, err := t.Keys.Pair(ctx); err != nil {
		t.Log.WarnContext(ctx, "pushes cannot be signed", "error", err)
	}
	result, err := t.Runner.Run(ctx, job)
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), tellTime)
	defer cancel()
	user, told := t.tell(bounded, job, result)
	if told != nil && !errors.Is(told, errClaimed) && !errors.Is(told, fault.ErrNotFound) {
		t.Log.WarnContext(ctx, "messages not sent", "user_id", string(job.User), "error", told)
	}
	if again := user.LookAgain(t.Clock.Now()); err == nil && again.After(t.Clock.Now()) {
		err = &fault.RetryLater{NotBefore: again, Err: fault.ErrLookAgain}
	}
	return result, err
}

// tell tells what is due after a run, and returns the user as they are then.
func (t *Teller) tell(ctx context.Context, job archive.ArchiveJob, result outcome.Outcome) (archive.User, error) {
	user, err := present(ctx, t.Users, job.User)
	if err != nil || len(user.Messages.Channels) == 0 {
		return user, err
	}
	if err := t.sealAnew(ctx, user); err != nil {
		// What is stored still opens: the next run tries again.
		t.Log.WarnContext(ctx, "channels not sealed anew", "user_id", string(user.ID), "error", err)
	}
	if user, err = t.learn(ctx, user, result); err != nil {
		return user, err
	}
	errands := t.errands(user, result)
	for i, e := range errands {
		within := sendTime
		if end, bounded := ctx.Deadline(); bounded {
			within = min(within, time.Until(end)/time.Duration(len(errands)-i))
		}
		if user, err = t.send(ctx, job.User, e.notice, e.channel, within); err != nil {
			return user, err
		}
	}
	return user, nil
}

// errand is a notice for one channel.
type errand struct {
	notice  notice.Notice
	channel string
}

// errands lists what the person has to be told now, after a run that ended so.
func (t *Teller) errands(user archive.User, result outcome.Outcome) []errand {
	var list []errand
	looked := archive.Looked(result) || user.LooksInVain()
	for _, n := range user.Notices(t.Clock.Now()) {
		if n.Kind == notice.Turn || n.Kind == notice.Last {
			patience := min(unlookedMost, n.Until.Sub(n.From)/2)
			if !looked && result.Kind != outcome.Paused && t.Clock.Now().Before(n.From.Add(patience)) {
				continue // a run that looks comes first
			}
			n.Unlooked = !looked
		}
		for _, channel := range n.Channels {
			list = append(list, errand{n, channel})
		}
	}
	return list
}

// learn notes what a run has shown that messages depend on.
func (t *Teller) learn(ctx context.Context, user archive.User, result outcome.Outcome) (archive.User, error) {
	known, learned := user.Messages, user.Learned(result, t.Clock.Now())
	if learned.Copied == known.Copied && learned.Trouble == known.Trouble {
		return user, nil
	}
	return change(ctx, t.Users, user.ID, func(u *archive.User) error {
		u.Messages = u.Learned(result, t.Clock.Now())
		u.Reschedule(t.Clock.Now())
		return nil
	})
}

// send sends one notice to one channel, whose service has so long to take it, and
// returns the user as they are then. An error is about our own store: what a
// service answers is noted.
func (t *Teller) send(ctx context.Context, id archive.UserID, n notice.Notice, channel string, within time.Duration) (archive.User, error) {
	holder := rand.Text()
	user, err := change(ctx, t.Users, id, func(u *archive.User) error {
		if !u.Messages.Claim(holder, n, channel, t.Clock.Now()) {
			return errClaimed
		}
		return nil
	})
	if err != nil {
		return user, err
	}
	sent := t.deliver(ctx, user, n, channel, within)
	if sent == nil {
		t.Log.InfoContext(ctx, "message accepted", "user_id", string(id), "kind", string(n.Kind))
	} else {
		t.Log.InfoContext(ctx, "message not accepted", "user_id", string(id), "kind", string(n.Kind), "error", sent)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
	defer cancel()
	return change(ctx, t.Users, id, func(u *archive.User) error {
		u.Messages.Conclude(holder, n, channel, sent, t.Clock.Now())
		u.Told(t.Clock.Now())
		return nil
	})
}

// deliver hands a notice to the service of a channel.
func (t *Teller) deliver(ctx context.Context, user archive.User, n notice.Notice, channel string, within time.Duration) error {
	c, found := user.Messages.Channel(channel)
	if !found {
		return fmt.Errorf("delivering a message: %w", notice.ErrChannelGone)
	}
	text, err := t.Opener.Open(ctx, c.Sealed, archive.ChannelContext(user.ID, c.ID))
	if err != nil {
		return fmt.Errorf("opening a channel: %w", err)
	}
	message, err := t.message(ctx, user, n)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	return t.Messenger.Deliver(ctx, notice.Address{Kind: c.Kind, Text: text}, message)
}

// message is a notice as the person reads it.
func (t *Teller) message(ctx context.Context, user archive.User, n notice.Notice) (notice.Message, error) {
	m := notice.Message{
		Tag: n.Tag(), Language: user.Language, Link: t.Links.Notice(user, n), Urgency: n.Urgency(),
		Life: max(n.Until.Sub(t.Clock.Now()).Truncate(time.Second), time.Second),
	}
	m.Title, m.Body = t.Words.Notice(user, n)
	first, name := t.Links.Away, t.Words.Away
	if n.Kind == notice.Reconnect { // no reminder follows, and a browser shows two buttons
		first, name = t.Links.Leave, t.Words.Leave
	}
	link, err1 := first(ctx, user)
	stop, err2 := t.Links.Stop(ctx, user)
	if err := errors.Join(err1, err2); err != nil {
		return notice.Message{}, fmt.Errorf("signing the links of a message: %w", err)
	}
	if link != "" {
		m.Actions = append(m.Actions, notice.Action{Name: name(user.Language), Link: link})
	}
	if stop != "" {
		m.Actions = append(m.Actions, notice.Action{Name: t.Words.Stop(user.Language), Link: stop})
	}
	return m, nil
}

// test sends the test message that was asked for last, once.
func (t *Teller) test(ctx context.Context, job archive.ArchiveJob) error {
	user, err := present(ctx, t.Users, job.User)
	if errors.Is(err, fault.ErrNotFound) || errors.Is(err, fault.ErrMalformed) {
		return nil
	}
	if err != nil {
		return &fault.RetryLater{Err: err}
	}
	asked := user.Messages.Test
	if !asked.AskedAt.Equal(job.Run.At) || asked.Result != "" || t.Clock.Now().Sub(asked.AskedAt) > testUse {
		return nil
	}
	n := notice.Notice{Kind: notice.Test, From: asked.AskedAt, Until: asked.AskedAt.Add(testUse)}
	sent := t.deliver(ctx, user, n, asked.Channel, sendTime)
	if sent != nil {
		t.Log.InfoContext(ctx, "test message not accepted", "user_id", string(job.User), "error", sent)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
	defer cancel()
	_, err = change(ctx, t.Users, job.User, func(u *archive.User) error {
		u.Messages.ConcludeTest(asked, sent, t.Clock.Now())
		return nil
	})
	if err != nil && !errors.Is(err, fault.ErrNotFound) {
		t.Log.WarnContext(ctx, "result of a test message not noted", "user_id", string(job.User), "error", err)
	}
	return nil
}
