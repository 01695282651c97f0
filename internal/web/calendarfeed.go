package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/links"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// floatingTime is a time of the day wherever the reader of a calendar is
// (RFC 5545, section 3.3.5, form 1).
const floatingTime = "20060102T150405"

// icsDays are the days of the week, Monday first.
var icsDays = []string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}

// calendarFeed serves a person's calendar at the address that is theirs.
func (s *server) calendarFeed(w http.ResponseWriter, r *http.Request) error {
	token, ok := strings.CutSuffix(r.PathValue("token"), ".ics")
	if !ok {
		return errOldLink
	}
	user, err := s.signed(r, links.Calendar, token)
	if err != nil {
		return err
	}
	in, _ := s.Words.Language(user.Language)
	s.writeCalendar(w, r, user, in)
	return nil
}

// calendarFile serves the same as a file.
func (s *server) calendarFile(w http.ResponseWriter, r *http.Request) error {
	user, err := s.signedIn(w, r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", `attachment; filename="weekly-archive.ics"`)
	w.Header().Set("Vary", vary)
	s.writeCalendar(w, r, user, s.language(r))
	return nil
}

func (s *server) writeCalendar(w http.ResponseWriter, r *http.Request, user archive.User, in *words.Language) {
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	s.write(w, r, []byte(s.weekly(user, in)))
}

// weekly is a calendar with the person's day for copying, every week, and the
// end of their consent. It holds nothing of what they did: calendars ask for it
// again when they like. Each is a later one than those before, so that a file of
// another day moves the entry.
func (s *server) weekly(user archive.User, in *words.Language) string {
	now := s.Clock()
	title := icsEscape(in.Text(words.Say("product.title")))
	var ics icsWriter
	ics.begin("Week", in)
	ics.line("NAME", title)
	ics.line("X-WR-CALNAME", title)
	ics.line("REFRESH-INTERVAL;VALUE=DURATION", "PT12H")
	ics.line("X-PUBLISHED-TTL", "PT12H")
	if user.Copies() {
		day, hour := user.Messages.ReminderDay(), user.Messages.ReminderHour()
		first := user.WeekOf(user.CreatedAt).Monday().AddDate(0, 0, day-1)
		link := s.Messages.Links.Discover(user)
		ics.line("BEGIN", "VEVENT")
		ics.line("UID", "copy-"+string(user.ID)+"@"+s.base.Hostname())
		ics.line("SEQUENCE", fmt.Sprint(now.Unix()/60))
		ics.line("DTSTAMP", now.UTC().Format(icsTime))
		ics.line("DTSTART", first.Add(time.Duration(hour)*time.Hour).Format(floatingTime))
		ics.line("DURATION", "PT15M")
		ics.line("RRULE", "FREQ=WEEKLY;BYDAY="+icsDays[day-1])
		ics.line("TRANSP", "TRANSPARENT")
		ics.line("SUMMARY", icsEscape(in.Text(words.Say("feed.copy.title"))))
		ics.line("DESCRIPTION", icsEscape(in.Text(words.Say("feed.copy.text", struct {
			Link   string
			Pastes bool
		}{link, user.Choice == archive.ChoicePaste}))))
		ics.line("URL", link)
		ics.alarm("PT0M", in.Text(words.Say("feed.copy.title")))
		ics.line("END", "VEVENT")
	}
	ics.consent(user, in, s.base, now)
	ics.line("END", "VCALENDAR")
	return ics.String()
}
