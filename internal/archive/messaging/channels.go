package messaging

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
)

// Channels is what a person sets about messages. It can seal an address and
// open none: a test message is a job for ArchiveUser. Every method returns
// ErrNotFound for a user that is not connected (any more).
type Channels struct {
	Users  archive.Users
	Sealer archive.Sealer
	Jobs   archive.Jobs
	Clock  archive.Clock
}

const (
	// testEvery is how often a person may ask for a test message.
	testEvery = 15 * time.Second

	// seenEvery is how often it is noted that a browser is there.
	seenEvery = 24 * time.Hour
)

// Add notes that a person can be reached at an address, by whatever name they
// know it, and makes it the channel of the week's messages. One that is known
// already is seen again.
func (c *Channels) Add(ctx context.Context, id archive.UserID, a notice.Address, name string) error {
	channel, err := c.channel(ctx, id, a, name)
	if err != nil {
		return err
	}
	return c.change(ctx, id, func(m *notice.Messages) {
		m.AddChannel(channel)
		m.Week, m.Stopped, m.Lost = channel.ID, false, notice.Lost{}
	})
}

// Renew is Add for a browser that shows again what it was subscribed to: it
// changes no setting. A browser that is not known is taken only in the place
// of a channel that is.
func (c *Channels) Renew(ctx context.Context, id archive.UserID, a notice.Address, name, replaces string) error {
	user, err := present(ctx, c.Users, id)
	if err != nil {
		return err
	}
	known, found := user.Messages.Channel(notice.ChannelID(a))
	_, replaced := user.Messages.Channel(replaces)
	if found && c.Clock.Now().Sub(known.SeenAt) < seenEvery || !found && !replaced {
		return nil
	}
	channel, err := c.channel(ctx, id, a, name)
	if err != nil {
		return err
	}
	return c.change(ctx, id, func(m *notice.Messages) {
		if found {
			m.AddChannel(channel)
		} else {
			m.Replace(replaces, channel)
		}
	})
}

func (c *Channels) channel(ctx context.Context, id archive.UserID, a notice.Address, name string) (notice.Channel, error) {
	now := c.Clock.Now()
	channel := notice.Channel{ID: notice.ChannelID(a), Kind: a.Kind, Name: name, AddedAt: now, SeenAt: now}
	var err error
	if channel.Sealed, err = c.Sealer.Seal(ctx, a.Text, archive.ChannelContext(id, channel.ID)); err != nil {
		return notice.Channel{}, fmt.Errorf("sealing a channel of user %s: %w", id, err)
	}
	return channel, nil
}

// Remove ends a channel. An absent one is fine.
func (c *Channels) Remove(ctx context.Context, id archive.UserID, channel string) error {
	return c.change(ctx, id, func(m *notice.Messages) { m.DropChannel(channel) })
}

// Wishes of a person about messages.
type Wishes struct {
	Week string // the channel of the week's messages
	Day  int    // Monday 1 to Sunday 7
	Hour int    // notice.FirstHour to notice.LastHour
	Kept bool   // told when a week is kept
	Zone string // as the person enters it; empty: what their browser tells
}

// ErrZone says that there is no such time zone.
var ErrZone = errors.New("no time zone of that name")

// Set notes what the person wants. ErrMalformed for what cannot be, ErrZone for a
// zone that is none.
func (c *Channels) Set(ctx context.Context, id archive.UserID, wishes Wishes) error {
	if wishes.Day < 1 || wishes.Day > 7 || wishes.Hour < notice.FirstHour || wishes.Hour > notice.LastHour {
		return fmt.Errorf("setting the time of messages: %w", fault.ErrMalformed)
	}
	_, err := change(ctx, c.Users, id, func(u *archive.User) error {
		if !u.EnterZone(wishes.Zone) {
			return ErrZone
		}
		m := &u.Messages
		m.Day, m.Hour, m.KeptOff = wishes.Day, wishes.Hour, !wishes.Kept
		if _, found := m.Channel(wishes.Week); found {
			m.Week = wishes.Week
		}
		u.Reschedule(c.Clock.Now())
		return nil
	})
	return err
}

// Away asks for no reminders before a time; one that is over, or further away
// than MaxAway, asks for all of them.
func (c *Channels) Away(ctx context.Context, id archive.UserID, until time.Time) error {
	now := c.Clock.Now()
	if !until.After(now) || until.After(now.Add(notice.MaxAway)) {
		until = time.Time{}
	}
	return c.change(ctx, id, func(m *notice.Messages) { m.AwayUntil = until.UTC().Truncate(time.Microsecond) })
}

// Stop ends all messages, and keeps the channels. Start undoes it.
func (c *Channels) Stop(ctx context.Context, id archive.UserID) error {
	return c.change(ctx, id, func(m *notice.Messages) { m.Stopped = true })
}

// Start undoes Stop.
func (c *Channels) Start(ctx context.Context, id archive.UserID) error {
	return c.change(ctx, id, func(m *notice.Messages) { m.Stopped = false })
}

// Decline answers the question whether the person wants to be reminded, so that
// it is not asked again.
func (c *Channels) Decline(ctx context.Context, id archive.UserID) error {
	return c.change(ctx, id, func(m *notice.Messages) { m.Declined = true })
}

// RenewCalendar gives the calendar another address; the one before shows
// nothing any more.
func (c *Channels) RenewCalendar(ctx context.Context, id archive.UserID) error {
	return c.change(ctx, id, func(m *notice.Messages) { m.Calendar++ })
}

// Test asks for a message to a channel. ErrNotFound if there is no such
// channel, ErrTooOften if the last was asked for a moment ago.
func (c *Channels) Test(ctx context.Context, id archive.UserID, channel string) error {
	at := c.Clock.Now().Truncate(time.Second)
	_, err := change(ctx, c.Users, id, func(u *archive.User) error {
		if _, found := u.Messages.Channel(channel); !found {
			return fault.ErrNotFound
		}
		if at.Sub(u.Messages.Test.AskedAt).Abs() < testEvery {
			return fault.ErrTooOften
		}
		u.Messages.Test = notice.TestMessage{Channel: channel, AskedAt: at}
		return nil
	})
	if err != nil {
		return fmt.Errorf("asking for a test message of user %s: %w", id, err)
	}
	job := archive.ArchiveJob{User: id, Run: app.Run{Kind: app.RunMessage, At: at}}
	if err := c.Jobs.EnqueueArchive(ctx, job); err != nil {
		return fmt.Errorf("enqueuing a test message of user %s: %w", id, err)
	}
	return nil
}

func (c *Channels) change(ctx context.Context, id archive.UserID, apply func(*notice.Messages)) error {
	_, err := change(ctx, c.Users, id, func(u *archive.User) error {
		apply(&u.Messages)
		u.Reschedule(c.Clock.Now())
		return nil
	})
	return err
}
