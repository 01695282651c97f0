package words

import (
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
)

// Messages returns the words of messages to people. local says that no link
// leads to this service from another device.
func Messages(local bool) archive.MessageWords { return messages{book: Ours(), local: local} }

type messages struct {
	book  *Book
	local bool
}

var _ archive.MessageWords = messages{}

// messageData is what the lines of a message need to know.
type messageData struct {
	notice.Notice
	Monday time.Time // of the edition
	Ends   time.Time // in the person's zone
	Pastes bool      // they paste links, and have no inbox
	Local  bool
}

func (m messages) Notice(u archive.User, n notice.Notice) (title, body string) {
	l, _ := m.book.Language(u.Language)
	data := messageData{
		Notice: n, Monday: n.Edition.Monday(), Ends: n.Ends, Pastes: u.Choice == archive.ChoicePaste, Local: m.local,
	}
	if zone, ok := calendar.ParseZone(u.Zone); ok {
		data.Ends = n.Ends.In(zone)
	}
	key := "message." + string(n.Kind) + "."
	detail := "body"
	if n.Kind == notice.Stopped {
		detail = string(n.Trouble)
	}
	return l.Text(Say(key+"title", data)), l.Text(Say(key+detail, data))
}

func (m messages) Away(tag string) string {
	l, _ := m.book.Language(tag)
	return l.Text(Say("message.away"))
}

func (m messages) Stop(tag string) string {
	l, _ := m.book.Language(tag)
	return l.Text(Say("message.stop"))
}

func (m messages) Leave(tag string) string {
	l, _ := m.book.Language(tag)
	return l.Text(Say("message.leave"))
}

// DiscoverName returns what Spotify calls Discover Weekly in that language.
func DiscoverName(tag string) string {
	l, _ := Ours().Language(tag)
	return l.Text(Say("discover.name"))
}
