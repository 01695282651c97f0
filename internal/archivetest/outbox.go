package archivetest

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
)

// Outbox is a notice.Messenger in memory.
type Outbox struct {
	Faults Faults // of the operation "Deliver"

	mu       sync.Mutex
	accepted map[string][]notice.Message // by address
	ended    map[string]bool
	refused  map[string]bool
}

var _ notice.Messenger = (*Outbox)(nil)

// NewOutbox returns an Outbox that accepts everything.
func NewOutbox() *Outbox {
	return &Outbox{accepted: map[string][]notice.Message{}, ended: map[string]bool{}, refused: map[string]bool{}}
}

// Deliver implements notice.Messenger.
func (o *Outbox) Deliver(ctx context.Context, to notice.Address, m notice.Message) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if to.Kind != notice.ChannelPush && to.Kind != notice.ChannelNtfy {
		return fmt.Errorf("delivering to an unknown kind of channel: %w", notice.ErrMessageRefused)
	}
	if err := o.Faults.before(ctx, "Deliver"); err != nil {
		return err
	}
	if err := o.take(to.Text.Reveal(), m); err != nil {
		return err
	}
	return o.Faults.after(ctx, "Deliver")
}

func (o *Outbox) take(address string, m notice.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.ended[address]:
		return notice.ErrChannelGone
	case o.refused[address]:
		return notice.ErrMessageRefused
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
func (o *Outbox) Accepted(address string) []notice.Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.accepted[address])
}

// Shown is Accepted without those whose place a later one took.
func (o *Outbox) Shown(address string) []notice.Message {
	var shown []notice.Message
	for _, m := range o.Accepted(address) {
		shown = slices.DeleteFunc(shown, func(earlier notice.Message) bool { return earlier.Tag == m.Tag })
		shown = append(shown, m)
	}
	return shown
}
