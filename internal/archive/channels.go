package archive

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// Channels is what a person sets about messages. It can seal an address and
// open none: a test message is a job for ArchiveUser. Every method returns
// ErrNotFound for a user that is not connected (any more).
type Channels struct {
	Users  Users
	Sealer Sealer
	Jobs   Jobs
	Clock  Clock
	Log    *slog.Logger
}

// testEvery is how often a person may ask for a test message.
const testEvery = 15 * time.Second

// Add notes that a person can be reached at an address, by whatever name they
// know it, and makes it the channel of the week's messages. One that is known
// already is seen again.
func (c *Channels) Add(ctx context.Context, id UserID, a Address, name string) error {
	return c.add(ctx, id, a, name, true)
}

// Renew is Add for a browser that shows again what it was subscribed to: it
// changes no setting. A browser that is not known is taken only if it replaces
// another one.
func (c *Channels) Renew(ctx context.Context, id UserID, a Address, name string, replaces string) error {
	user, err := c.user(ctx, id)
	if err != nil {
		return err
	}
	known, found := user.Messages.Channel(ChannelID(a))
	_, replaced := user.Messages.Channel(replaces)
	switch {
	case found && c.Clock.now().Sub(known.SeenAt) < 24*time.Hour:
		return nil
	case !found && !replaced:
		return nil
	}
	if err := c.add(ctx, id, a, name, false); err != nil || found {
		return err
	}
	return c.change(ctx, id, func(m *Messages) {
		if m.Week == replaces {
			m.Week = ChannelID(a)
		}
		m.drop(replaces)
	})
}

func (c *Channels) add(ctx context.Context, id UserID, a Address, name string, chosen bool) error {
	channel := Channel{ID: ChannelID(a), Kind: a.Kind, Name: name, AddedAt: c.Clock.now(), SeenAt: c.Clock.now()}
	var err error
	if channel.Sealed, err = c.Sealer.Seal(ctx, a.Text, ChannelContext(id, channel.ID)); err != nil {
		return fmt.Errorf("sealing a channel of user %s: %w", id, err)
	}
	return c.change(ctx, id, func(m *Messages) {
		if chosen {
			m.Week, m.Stopped = channel.ID, false
		}
		if known, found := m.Channel(channel.ID); found {
			channel.AddedAt = known.AddedAt
			if known.Kind == ChannelNtfy {
				channel.AddedAt = c.Clock.now() // it may be another topic
			}
			m.edit(channel.ID, func(stored *Channel) { *stored = channel })
			return
		}
		for len(m.Channels) >= MaxChannels {
			oldest := slices.MinFunc(m.Channels, func(a, b Channel) int { return a.SeenAt.Compare(b.SeenAt) })
			m.drop(oldest.ID)
		}
		m.Channels = append(slices.Clone(m.Channels), channel)
	})
}

// Remove ends a channel. An absent one is fine.
func (c *Channels) Remove(ctx context.Context, id UserID, channel string) error {
	return c.change(ctx, id, func(m *Messages) { m.drop(channel) })
}

// Wishes of a person about messages.
type MessageWishes struct {
	Week string // the channel of the week's messages
	Day  int    // Monday 1 to Sunday 7
	Hour int    // FirstHour to LastHour
	Kept bool   // told when a week is kept
}

// Set notes what the person wants. ErrMalformed for what cannot be.
func (c *Channels) Set(ctx context.Context, id UserID, wishes MessageWishes) error {
	if wishes.Day < 1 || wishes.Day > 7 || wishes.Hour < FirstHour || wishes.Hour > LastHour {
		return fmt.Errorf("setting the time of messages: %w", ErrMalformed)
	}
	return c.change(ctx, id, func(m *Messages) {
		m.Day, m.Hour, m.KeptOff = wishes.Day, wishes.Hour, !wishes.Kept
		if _, found := m.Channel(wishes.Week); found {
			m.Week = wishes.Week
		}
	})
}

// Away asks for no reminders before a time; one that is over, or further away
// than MaxAway, asks for all of them.
func (c *Channels) Away(ctx context.Context, id UserID, until time.Time) error {
	now := c.Clock.now()
	if !until.After(now) || until.After(now.Add(MaxAway)) {
		until = time.Time{}
	}
	return c.change(ctx, id, func(m *Messages) { m.AwayUntil = until.UTC().Truncate(time.Microsecond) })
}

// Stop ends all messages, and keeps the channels; Start undoes it.
func (c *Channels) Stop(ctx context.Context, id UserID) error {
	return c.change(ctx, id, func(m *Messages) { m.Stopped = true })
}

// Start undoes Stop.
func (c *Channels) Start(ctx context.Context, id UserID) error {
	return c.change(ctx, id, func(m *Messages) { m.Stopped = false })
}

// RenewCalendar gives the calendar another address; the one before shows
// nothing any more.
func (c *Channels) RenewCalendar(ctx context.Context, id UserID) error {
	return c.change(ctx, id, func(m *Messages) { m.Calendar++ })
}

// Test asks for a message to a channel. ErrNotFound if there is no such
// channel, ErrTooOften if the last was asked for a moment ago.
func (c *Channels) Test(ctx context.Context, id UserID, channel string) error {
	var at time.Time
	_, err := retryConflict(func() (User, error) {
		u, err := c.user(ctx, id)
		if err != nil {
			return User{}, err
		}
		if _, found := u.Messages.Channel(channel); !found {
			return User{}, fmt.Errorf("testing a channel: %w", ErrNotFound)
		}
		now := c.Clock.now()
		if last := u.Messages.Test.AskedAt; now.Sub(last).Abs() < testEvery {
			return User{}, fmt.Errorf("testing a channel: %w", ErrTooOften)
		}
		at = now.Truncate(time.Second)
		u.Messages.Test = Test{Channel: channel, AskedAt: at}
		return c.Users.Put(ctx, u)
	})
	if err != nil {
		return fmt.Errorf("asking for a test message of user %s: %w", id, err)
	}
	if err := c.Jobs.EnqueueArchive(ctx, ArchiveJob{User: id, Run: Run{Kind: RunMessage, At: at}}); err != nil {
		return fmt.Errorf("enqueuing a test message of user %s: %w", id, err)
	}
	return nil
}

func (c *Channels) user(ctx context.Context, id UserID) (User, error) {
	u, err := c.Users.User(ctx, id)
	if err == nil && u.Status == StatusLeaving {
		err = ErrNotFound
	}
	if err != nil {
		return User{}, fmt.Errorf("reading user %s: %w", id, err)
	}
	return u, nil
}

func (c *Channels) change(ctx context.Context, id UserID, change func(*Messages)) error {
	_, err := retryConflict(func() (User, error) {
		u, err := c.user(ctx, id)
		if err != nil {
			return User{}, err
		}
		change(&u.Messages)
		return c.Users.Put(ctx, u)
	})
	if err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("changing the messages of user %s: %w", id, err)
	}
	return err
}
