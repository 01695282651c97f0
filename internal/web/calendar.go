package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/links"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

const (
	icsTime = "20060102T150405Z"

	// icsLine is how many octets a line may have (RFC 5545, section 3.1).
	icsLine = 75
)

// calendar serves the end of the consent as a calendar file.
func (s *server) calendar(w http.ResponseWriter, r *http.Request) error {
	user, err := s.signedIn(w, r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="weekly-archive-reconnect.ics"`)
	w.Header().Set("Vary", vary)
	s.write(w, r, []byte(reminder(user, s.language(r), s.base, s.Clock())))
	return nil
}

// reminder is a calendar with the end of the user's consent (RFC 5545).
func reminder(user archive.User, in *words.Language, base *url.URL, now time.Time) string {
	var ics icsWriter
	ics.begin("Reconnect", in)
	ics.consent(user, in, base, now)
	ics.line("END", "VCALENDAR")
	return ics.String()
}

// begin writes what a calendar begins with.
func (w *icsWriter) begin(name string, in *words.Language) {
	w.line("BEGIN", "VCALENDAR")
	w.line("VERSION", "2.0")
	w.line("PRODID", "-//Weekly Archive//"+name+"//"+strings.ToUpper(in.Tag()))
	w.line("CALSCALE", "GREGORIAN")
	w.line("METHOD", "PUBLISH")
}

// consent writes one event at the end of the user's consent, with an alarm for
// each of archive.Reminders. The UID is the user's, so the file of a later
// consent moves the event instead of adding another.
func (w *icsWriter) consent(user archive.User, in *words.Language, base *url.URL, now time.Time) {
	own, _ := inOwnZone(user)
	ends := own.Grant.EndsAt()
	address := ""
	if links.Reachable(base.String()) { // a phone would ask itself
		address = base.JoinPath("account").String()
	}
	text := in.Text(words.Say("calendar.text", struct {
		Ends    time.Time
		Address string
	}{ends, address}))
	w.line("BEGIN", "VEVENT")
	w.line("UID", "reconnect-"+string(user.ID)+"@"+base.Hostname())
	w.line("SEQUENCE", fmt.Sprint(user.Grant.AuthorizedAt.Unix()/60))
	w.line("DTSTAMP", now.UTC().Format(icsTime))
	w.line("DTSTART", ends.UTC().Format(icsTime))
	w.line("DURATION", "PT15M")
	w.line("TRANSP", "TRANSPARENT")
	w.line("SUMMARY", icsEscape(in.Text(words.Say("calendar.title"))))
	w.line("DESCRIPTION", icsEscape(text))
	if address != "" {
		w.line("URL", address)
	}
	for _, before := range archive.Reminders() {
		days := int(before / (24 * time.Hour))
		w.alarm(fmt.Sprintf("-P%dD", days), in.Text(words.Say("calendar.alarm", days)))
	}
	w.line("END", "VEVENT")
}

// alarm writes an alarm of the event that is being written.
func (w *icsWriter) alarm(trigger, text string) {
	w.line("BEGIN", "VALARM")
	w.line("ACTION", "DISPLAY")
	w.line("TRIGGER", trigger)
	w.line("DESCRIPTION", icsEscape(text))
	w.line("END", "VALARM")
}

type icsWriter struct{ strings.Builder }

// line writes a content line, folded so that no line is longer than icsLine
// octets and no character is cut.
func (w *icsWriter) line(name, value string) {
	rest := name + ":" + value
	room := icsLine
	for len(rest) > room {
		cut := room
		for cut > room-utf8.UTFMax && !utf8.RuneStart(rest[cut]) {
			cut--
		}
		_, _ = w.WriteString(rest[:cut] + "\r\n ")
		rest = rest[cut:]
		room = icsLine - 1 // the space that begins a continued line
	}
	_, _ = w.WriteString(rest + "\r\n")
}

// icsEscape writes a TEXT value (RFC 5545, section 3.3.11).
func icsEscape(text string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`).Replace(text)
}
