package notice

import (
	"slices"
	"time"
)

// Told notes that a channel's service accepted a message, or will never.
type Told struct {
	Key     string    `json:"key"` // of the Notice
	Channel string    `json:"channel"`
	At      time.Time `json:"at"`
	Refused bool      `json:"refused,omitempty"` // the service did not take it
}

// WasTold reports whether a channel has the message, or will never.
func (m Messages) WasTold(key, channel string) bool {
	return slices.ContainsFunc(m.Told, func(t Told) bool { return t.Key == key && t.Channel == channel })
}

// note notes that a channel has a message.
func (m *Messages) note(key, channel string, now time.Time) {
	m.remember(Told{Key: key, Channel: channel, At: now})
}

func (m *Messages) remember(told Told) {
	m.Told = slices.DeleteFunc(slices.Clone(m.Told), func(t Told) bool { return told.At.Sub(t.At) > toldLife })
	m.Told = append(m.Told, told)
}

// WeekChannelFor returns the channel that a message of the week goes to: the one
// that is chosen, or, where its service did not take the message, the newest
// other that may. None if the person has it, on whichever channel.
func (m Messages) WeekChannelFor(key string) (id string, open bool) {
	if slices.ContainsFunc(m.Told, func(t Told) bool { return t.Key == key && !t.Refused }) {
		return "", false
	}
	chosen, found := m.WeekChannel()
	if found && !m.WasTold(key, chosen.ID) {
		return chosen.ID, true
	}
	for _, c := range slices.Backward(m.Channels) {
		if !m.WasTold(key, c.ID) {
			return c.ID, true
		}
	}
	return "", false
}

// Replace puts a channel in the place of another, which it is under a new
// address: what the one was told, the other has.
func (m *Messages) Replace(id string, by Channel) {
	before, found := m.Channel(id)
	if !found {
		return
	}
	by.AddedAt = before.AddedAt
	chosen := m.Week
	if week, _ := m.WeekChannel(); week.ID == id {
		chosen = by.ID
	}
	m.DropChannel(id)
	m.AddChannel(by)
	m.Week = chosen
	m.Told = slices.Clone(m.Told)
	for i := range m.Told {
		if m.Told[i].Channel == id {
			m.Told[i].Channel = by.ID
		}
	}
}
