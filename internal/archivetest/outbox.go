package archivetest

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// Outbox is an archive.Messenger in memory.
type Outbox struct {
	Faults Faults // of the operation "Deliver"

	mu       sync.Mutex
	accepted map[string][]archive.Message // by address
	ended    map[string]bool
	refused  map[string]bool
}

var _ archive.Messenger = (*Outbox)(nil)

// NewOutbox returns an Outbox that accepts everything.
func NewOutbox() *Outbox {
	return &Outbox{accepted: map[string][]archive.Message{}, ended: map[string]bool{}, refused: map[string]bool{}}
}

// Deliver implements archive.Messenger.
func (o *Outbox) Deliver(ctx context.Context, to archive.Address, m archive.Message) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if to.Kind != archive.ChannelPush && to.Kind != archive.ChannelNtfy {
		return fmt.Errorf("delivering to an unknown kind of channel: %w", archive.ErrMessageRefused)
	}
	if err := o.Faults.before(ctx, "Deliver"); err != nil {
		return err
	}
	if err := o.take(to.Text.Reveal(), m); err != nil {
		return err
	}
	return o.Faults.after(ctx, "Deliver")
}

func (o *Outbox) take(address string, m archive.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.ended[address]:
		return archive.ErrChannelGone
	case o.refused[address]:
		return archive.ErrMessageRefused
	}
	o.accepted[address] = append(o.accepted[address], m)
	return nil
}

// End ends a channel.
func (o *Outbox) End(address string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended[address] = true
}

// Refuse lets a channel refuse everything, or nothing.
func (o *Outbox) Refuse(address string, refuse bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.refused[address] = refuse
}

// Accepted returns every message that was accepted for an address, oldest first.
func (o *Outbox) Accepted(address string) []archive.Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.accepted[address])
}

// Shown is Accepted without those whose place a later one took.
func (o *Outbox) Shown(address string) []archive.Message {
	var shown []archive.Message
	for _, m := range o.Accepted(address) {
		shown = slices.DeleteFunc(shown, func(earlier archive.Message) bool { return earlier.Tag == m.Tag })
		shown = append(shown, m)
	}
	return shown
}
