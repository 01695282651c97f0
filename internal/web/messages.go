package web

import (
	"context"
	"errors"
	htmltemplate "html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/messaging"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/links"
	"github.com/weeklyarchive/weeklyarchive/internal/notify/address"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// Messages is what the pages need to offer messages to people. Every field is
// required, but for the last.
type Messages struct {
	Channels *messaging.Channels
	Links    *links.Links

	// PushKey returns the key pair of pushes, of which pages show the public
	// half; the zero PushKey as long as there is none.
	PushKey func(ctx context.Context) (notice.PushKey, error)

	// NtfyServers are the ntfy servers that may be used, the usual one first.
	NtfyServers []string

	// PushStandin is the origin of a push service that stands in for all
	// others, in tests.
	PushStandin string
}

// messagesView is the section about messages.
type messagesView struct {
	Push     pushView
	Channels []channelView
	Days     []optionView
	Hours    []optionView
	Weeks    []optionView // of being away
	Kept     bool
	Stopped  bool
	Away     time.Time // until when; zero: not away
	Copies   bool      // reminders are for people who copy
	Last     bool      // and one more comes on the last evening
	Ntfy     string    // the usual server, without https://
	Topic    string    // a new one that nobody guesses
	Calendar string    // its address; empty: there is only the file

	// Subscribe is Calendar in the form that a phone hands to its calendar.
	Subscribe htmltemplate.URL

	Test    words.Line
	TestBad bool
	Lost    lostView
	Time    timeView
}

// lostView is a channel that ended by itself.
type lostView struct {
	Ntfy  bool
	Given string
	At    time.Time // zero: there is none
}

// timeView is what time it is for the person, as far as we know.
type timeView struct {
	Zone string // empty: not known
	Now  string // in that zone, or UTC; a browser's own would say nothing of ours
}

type channelView struct {
	ID      string
	Given   string     // its name; may be empty
	Kind    words.Line // what it is
	Week    bool       // it gets the week's messages
	Refused bool       // its service took nothing lately
	Silent  bool       // its service did not answer lately
}

// pushView is what it takes to send messages to this browser.
type pushView struct {
	Key   string // empty until it is made
	Local bool   // only browsers on this computer are reached
	First bool   // nothing else is there yet
	Fresh bool   // what a browser was subscribed to may have ended
}

type optionView struct {
	Value  int
	Label  words.Line
	Chosen bool
}

// timeOfDay is how hours are written where a person chooses one.
const timeOfDay = "15:04"

// awayWeeks are the absences that are offered, in weeks.
var awayWeeks = []int{1, 2, 4, 8}

func (s *server) messagesView(ctx context.Context, u archive.User) (*messagesView, error) {
	if s.Messages == nil {
		return nil, nil //nolint:nilnil // without messages there is no such section
	}
	key, err := s.Messages.PushKey(ctx)
	if err != nil {
		return nil, err
	}
	calendar, err := s.Messages.Links.CalendarURL(ctx, u)
	if err != nil {
		return nil, err
	}
	topic, err := s.Messages.Links.Topic(ctx, u)
	if err != nil {
		return nil, err
	}
	m := u.Messages
	const sunday = 7
	v := &messagesView{
		Last: m.ReminderDay() != sunday,
		Push: pushView{Key: key.Public, Local: !links.Reachable(s.BaseURL), First: len(m.Channels) == 0, Fresh: !m.Lost.At.IsZero()}, Kept: !m.KeptOff, Stopped: m.Stopped, Copies: u.Copies(),
		Ntfy: strings.TrimPrefix(s.Messages.NtfyServers[0], "https://"), Topic: topic, Calendar: calendar,
		Subscribe: htmltemplate.URL(strings.Replace(calendar, "https:", "webcal:", 1)), //nolint:gosec // G203: an address of our own making
	}
	if m.Away(s.Clock()) {
		v.Away = m.AwayUntil.In(u.Location())
	}
	v.Time = timeView{Zone: u.Zone, Now: s.Clock().In(u.Location()).Format(timeOfDay)}
	v.Lost = lost(u)
	week, _ := m.WeekChannel()
	for _, c := range m.Channels {
		v.Channels = append(v.Channels, channelView{
			ID: c.ID, Given: shortened(c.Name), Kind: words.Say("channel." + string(c.Kind)), Week: c.ID == week.ID, Refused: c.Refusals > 0, Silent: c.Silent,
		})
	}
	for day := 1; day <= 7; day++ {
		v.Days = append(v.Days, optionView{day, words.Say("messages.day", day), day == m.ReminderDay()})
	}
	for hour := notice.FirstHour; hour <= notice.LastHour; hour++ {
		v.Hours = append(v.Hours, optionView{hour, words.Say("messages.hour", hour), hour == m.ReminderHour()})
	}
	for _, weeks := range awayWeeks {
		v.Weeks = append(v.Weeks, optionView{weeks, words.Say("messages.away.weeks", s.backAfter(u, weeks)), weeks == 1})
	}
	if t := m.Test; !t.AskedAt.IsZero() && s.Clock().Sub(t.AskedAt) < testShown {
		v.Test, v.TestBad = words.Say("messages.test.under_way"), t.Result != "" && t.Result != notice.TestAccepted
		if t.Result != "" {
			v.Test = words.Say("messages.test." + string(t.Result))
		}
	}
	return v, nil
}

func lost(u archive.User) lostView {
	l := u.Messages.Lost
	if l.At.IsZero() {
		return lostView{}
	}
	return lostView{Ntfy: l.Kind == notice.ChannelNtfy, Given: shortened(l.Name), At: l.At.In(u.Location())}
}

// lostShown is for how long the account page says that nobody can be reached.
const lostShown = 28 * 24 * time.Hour

// lastLost is a channel that ended by itself, where none is left: nothing else
// would tell the person.
func lastLost(now situation) lostView {
	m := now.user.Messages
	if len(m.Channels) > 0 || m.Stopped || now.now.Sub(m.Lost.At) > lostShown {
		return lostView{}
	}
	return lost(now.user)
}

// testShown is for how long the result of a test message is news.
const testShown = 10 * time.Minute

// backAfter is the Monday on which a person is back who is away for so many
// weeks, at 00:00 of theirs.
func (s *server) backAfter(u archive.User, weeks int) time.Time {
	monday := u.WeekOf(s.Clock()).Monday().AddDate(0, 0, 7*weeks)
	return time.Date(monday.Year(), monday.Month(), monday.Day(), 0, 0, 0, 0, u.Location())
}

// setMessages sets when a person is told what, and where.
func (s *server) setMessages(w http.ResponseWriter, r *http.Request) error {
	user, err := s.posted(w, r)
	if err != nil {
		return err
	}
	day, errDay := strconv.Atoi(r.PostFormValue("day"))
	hour, errHour := strconv.Atoi(r.PostFormValue("hour"))
	if errDay != nil || errHour != nil {
		return errBadChoice
	}
	err = s.Messages.Channels.Set(r.Context(), user.ID, messaging.Wishes{
		Week: r.PostFormValue("week"), Day: day, Hour: hour, Kept: r.PostFormValue("kept") != "",
		Zone: r.PostFormValue("zone"),
	})
	if errors.Is(err, messaging.ErrZone) {
		return s.messagesDone(w, r, user.ID, noteZone, nil)
	}
	return s.messagesDone(w, r, user.ID, noteMessages, err)
}

// addNtfy takes a topic of ntfy.
func (s *server) addNtfy(w http.ResponseWriter, r *http.Request) error {
	user, err := s.posted(w, r)
	if err != nil {
		return err
	}
	to, err := address.Ntfy(r.PostFormValue("topic"), s.Messages.NtfyServers)
	switch {
	case errors.Is(err, address.ErrForeign):
		return s.messagesDone(w, r, user.ID, noteNtfyServer, nil)
	case err != nil:
		return s.messagesDone(w, r, user.ID, noteNtfyTopic, nil)
	}
	return s.messagesDone(w, r, user.ID, noteChannel, s.Messages.Channels.Add(r.Context(), user.ID, to, topicOf(r.PostFormValue("topic"))))
}

// topicOf hides most of a topic: whoever knows it can read along.
func topicOf(text string) string {
	topic := strings.TrimSuffix(strings.TrimSpace(text), "/")
	topic = topic[strings.LastIndexByte(topic, '/')+1:]
	if len(topic) <= 6 {
		return ""
	}
	return topic[:3] + "…"
}

// testChannel asks for a test message.
func (s *server) testChannel(w http.ResponseWriter, r *http.Request) error {
	user, err := s.posted(w, r)
	if err != nil {
		return err
	}
	err = s.Messages.Channels.Test(r.Context(), user.ID, r.PostFormValue("channel"))
	switch {
	case errors.Is(err, fault.ErrTooOften):
		return s.messagesDone(w, r, user.ID, noteTestOften, nil)
	case errors.Is(err, fault.ErrNotFound):
		return errBadChoice
	}
	return s.messagesDone(w, r, user.ID, noteTest, err)
}

func (s *server) removeChannel(w http.ResponseWriter, r *http.Request) error {
	user, err := s.posted(w, r)
	if err != nil {
		return err
	}
	return s.messagesDone(w, r, user.ID, noteChannelGone, s.Messages.Channels.Remove(r.Context(), user.ID, r.PostFormValue("channel")))
}

func (s *server) setAway(w http.ResponseWriter, r *http.Request) error {
	user, err := s.posted(w, r)
	if err != nil {
		return err
	}
	until, err := s.awayUntil(r, user)
	if err != nil {
		return err
	}
	said := noteAway
	if until.IsZero() {
		said = noteBack
	}
	return s.messagesDone(w, r, user.ID, said, s.Messages.Channels.Away(r.Context(), user.ID, until))
}

// awayUntil reads for how many weeks a person is away; none: they are back.
func (s *server) awayUntil(r *http.Request, u archive.User) (time.Time, error) {
	weeks, err := strconv.Atoi(r.PostFormValue("weeks"))
	if err != nil || weeks < 0 || weeks > 52 {
		return time.Time{}, errBadChoice
	}
	if weeks == 0 {
		return time.Time{}, nil
	}
	return s.backAfter(u, weeks), nil
}

func (s *server) stopMessages(w http.ResponseWriter, r *http.Request) error {
	user, err := s.posted(w, r)
	if err != nil {
		return err
	}
	return s.messagesDone(w, r, user.ID, noteStopped, s.Messages.Channels.Stop(r.Context(), user.ID))
}

func (s *server) startMessages(w http.ResponseWriter, r *http.Request) error {
	user, err := s.posted(w, r)
	if err != nil {
		return err
	}
	return s.messagesDone(w, r, user.ID, noteStarted, s.Messages.Channels.Start(r.Context(), user.ID))
}

func (s *server) renewCalendar(w http.ResponseWriter, r *http.Request) error {
	user, err := s.posted(w, r)
	if err != nil {
		return err
	}
	return s.messagesDone(w, r, user.ID, noteCalendar, s.Messages.Channels.RenewCalendar(r.Context(), user.ID))
}

// messagesDone goes back to the section about messages.
func (s *server) messagesDone(w http.ResponseWriter, r *http.Request, id archive.UserID, said note, err error) error {
	switch {
	case errors.Is(err, fault.ErrMalformed):
		return errBadChoice
	case err != nil:
		return err
	}
	return s.done(w, r, "/account/settings#messages", flash{User: id, Note: said})
}
