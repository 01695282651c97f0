package simtest

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/event"
)

// What the subscriptions are set to (terraform/pubsub.tf).
const (
	minBackoff  = 10 * time.Second
	maxBackoff  = 600 * time.Second
	maxAttempts = 100
	retention   = 7 * day
	archiveTime = 300 * time.Second // of the function ArchiveUser
	fanOutTime  = 120 * time.Second
	ackSlack    = 60 * time.Second
)

// boundaryDelivery is where a message is handed over.
const boundaryDelivery = "delivery"

// message is one message of a topic, until it is acknowledged or dead.
type message struct {
	label     string // names it in the trace, and its faults
	user      archive.UserID
	fanOut    bool
	data      []byte
	published time.Time
	attempts  int
}

// publish takes a message for delivery.
func (w *world) publish(m *message) {
	w.names[m.label]++
	if n := w.names[m.label]; n > 1 {
		m.label = fmt.Sprintf("%s (%d)", m.label, n)
	}
	m.published = time.Now()
	account := w.keyOf(m.user)
	r := dice(w.plan.Seed, "delivery "+m.label)
	delay := between(r, 5*time.Millisecond, 2*time.Second)
	switch w.draw("delivery "+m.label, account, boundaryDelivery, deliveryKinds) {
	case Duplicate:
		again := *m
		again.label += " again"
		w.deliver(&again, delay+between(r, time.Second, 15*time.Minute))
	case Hurried:
		for i := range 3 {
			again := *m
			again.label += fmt.Sprintf(" hurried %d", i+1)
			w.deliver(&again, delay+between(r, 2*time.Second, time.Minute))
		}
	case TwoAtOnce:
		again := *m
		again.label += " twin"
		w.deliver(&again, delay+between(r, 0, 50*time.Millisecond))
	case Late:
		w.trouble(account)
		delay = between(r, 10*time.Second, 3*time.Hour)
	case DaysLate:
		w.trouble(account)
		delay = between(r, 3*time.Hour, 6*day)
	case LostAck:
		again := *m
		again.label += " unacked"
		w.deliver(&again, archiveTime+ackSlack+between(r, 0, time.Minute))
	}
	w.deliver(m, delay)
}

// deliver lets the message come after a delay.
func (w *world) deliver(m *message, delay time.Duration) {
	m.attempts++
	name := fmt.Sprintf("%s #%d", m.label, m.attempts)
	at := time.Now().Add(delay)
	if at.After(w.end) {
		return
	}
	w.start(name, func() {
		w.sleepUntil(at)
		w.handle(m, name)
	})
}

// handle runs one delivery on a machine of its own, and decides when the
// message comes again.
func (w *world) handle(m *message, name string) {
	a := &actor{w: w, name: name, account: w.keyOf(m.user), began: time.Now()}
	box := w.machine(a)
	w.note(name, "delivered")
	limit := archiveTime
	if m.fanOut {
		limit = fanOutTime
	}
	crashed := true
	defer func() {
		if crashed && !w.over {
			w.again(m, limit+ackSlack)
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	watch := w.watch(a, m)
	var err error
	if m.fanOut {
		err = event.HandleFanOut(ctx, w.log, m.envelope(), box.fanOut)
	} else {
		err = event.HandleArchive(ctx, w.log, m.envelope(), watch.around(box.runner(watch.p)))
	}
	crashed = false
	w.release(box)
	if a.accepted && !a.failed && watch.p != nil {
		watch.p.refused = time.Time{} // and the run could note it
	}
	if a.waitUntil.After(w.quiet) && !a.failed && !a.late {
		w.quiet, w.quietFrom = a.waitUntil, time.Now()
	}
	if err != nil {
		w.note(name, "comes again: %v", err)
		w.secrets.scan("an error", err.Error())
		backoff := min(maxBackoff, minBackoff<<min(m.attempts-1, 10))
		w.again(m, backoff+between(dice(w.plan.Seed, "backoff "+name), 0, backoff/4))
		return
	}
	w.note(name, "acknowledged")
}

// again delivers the message once more, unless it is dead.
func (w *world) again(m *message, delay time.Duration) {
	if m.attempts >= maxAttempts || time.Since(m.published) > retention {
		w.note(m.label, "dead letter")
		return
	}
	w.deliver(m, delay)
}

// envelope is the message as the framework hands it over.
func (m *message) envelope() event.Envelope {
	data, err := json.Marshal(map[string]any{"message": map[string]any{
		"data": m.data, "messageId": m.label, "publishTime": m.published.UTC().Format(time.RFC3339Nano),
	}})
	if err != nil {
		panic("a message cannot be encoded: " + err.Error())
	}
	return event.Envelope{Type: event.MessagePublished, ID: m.label, Time: m.published, Data: data}
}
