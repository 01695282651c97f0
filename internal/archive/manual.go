package archive

import (
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
)

const (
	// manualBurst is how many runs a person can ask for at once, and
	// manualEvery how long one of them takes to come back: at most 154 runs a
	// day, of two or three requests each.
	manualBurst = 10
	manualEvery = 10 * time.Minute

	// ManualReserve is how many of them are left to the person by a page that
	// asks by itself.
	ManualReserve = 3

	// manualLost is after how long a run that was asked for and has not begun
	// may be asked for again: its message may be lost, or wait behind a pause.
	manualLost = time.Minute
)

// Manual is the run that a person asked for last. Of all that they asked for,
// only that one has still to be done; the messages of the ones before are
// acknowledged unread. Times are whole seconds, which is what a message keeps,
// and each is later than the one before it, whatever the clocks say.
type Manual struct {
	AskedAt time.Time `json:"asked_at"` // app.Run.At of its message
	DoneAt  time.Time `json:"done_at"`  // AskedAt of the newest one that is done
	Spent   time.Time `json:"spent"`    // when everything that was asked for is paid back
}

func (m Manual) believable(now time.Time) Manual {
	if calendar.Ahead(m.AskedAt, now) || calendar.Ahead(m.DoneAt, now) || m.Spent.After(now.Add(manualBurst*manualEvery+calendar.MaxSkew)) {
		return Manual{}
	}
	return m
}

// Done reports whether the run asked for at a time has nothing left to do.
func (m Manual) Done(at time.Time) bool {
	return at.Before(m.AskedAt) || !m.DoneAt.IsZero() && !at.After(m.DoneAt)
}

// Finish notes that a run which began when asked was the newest is done.
func (m *Manual) Finish(asked time.Time) {
	if asked.After(m.DoneAt) {
		m.DoneAt = asked
	}
}

// Ask takes one more run and leaves so many to be asked for. Sent is false when
// one is on its way that has not begun. fault.ErrTooOften when too many were asked
// for.
func (u *User) Ask(now time.Time, reserve int) (sent bool, err error) {
	u.Manual = u.Manual.believable(now)
	m := &u.Manual
	begun := u.Lease.Holder != "" && now.Before(u.Lease.Until)
	if m.AskedAt.After(m.DoneAt) && !begun && now.Before(m.AskedAt.Add(manualLost)) {
		return false, nil
	}
	if !m.spend(now, reserve) {
		return false, fault.ErrTooOften
	}
	at := now.Truncate(time.Second)
	if !at.After(m.AskedAt) {
		at = m.AskedAt.Add(time.Second)
	}
	m.AskedAt = at
	return true, nil
}

// MayRun takes one of the runs that the person may ask for, for one that follows
// from what they did. False when they did it too often in a short time.
func (u *User) MayRun(now time.Time) bool {
	u.Manual = u.Manual.believable(now)
	return u.Manual.spend(now, 0)
}

func (m *Manual) spend(now time.Time, reserve int) bool {
	spent := m.Spent
	if spent.Before(now) {
		spent = now
	}
	if spent = spent.Add(manualEvery); spent.After(now.Add(time.Duration(manualBurst-reserve) * manualEvery)) {
		return false
	}
	m.Spent = spent
	return true
}
