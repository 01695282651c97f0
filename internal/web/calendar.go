package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
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

// reminder is one event at the end of the user's consent, with an alarm for
// each of archive.Reminders (RFC 5545). The UID is the user's, so the file of
// a later consent moves the event instead of adding another.
func reminder(user archive.User, in *words.Language, base *url.URL, now time.Time) string {
	own, _ := inOwnZone(user)
	ends := own.Grant.EndsAt()
	address := base.JoinPath("account").String()
	text := in.Text(words.Say("calendar.text", struct {
		Ends    time.Time
		Address string
	}{ends, address}))

	var ics icsWriter
	ics.line("BEGIN", "VCALENDAR")
	ics.line("VERSION", "2.0")
	ics.line("PRODID", "-//Weekly Archive//Reconnect//"+strings.ToUpper(in.Tag()))
	ics.line("CALSCALE", "GREGORIAN")
	ics.line("METHOD", "PUBLISH")
	ics.line("BEGIN", "VEVENT")
	ics.line("UID", "reconnect-"+string(user.ID)+"@"+base.Hostname())
	ics.line("SEQUENCE", fmt.Sprint(user.Grant.AuthorizedAt.Unix()/60))
	ics.line("DTSTAMP", now.UTC().Format(icsTime))
	ics.line("DTSTART", ends.UTC().Format(icsTime))
	ics.line("DURATION", "PT15M")
	ics.line("TRANSP", "TRANSPARENT")
	ics.line("SUMMARY", icsEscape(in.Text(words.Say("calendar.title"))))
	ics.line("DESCRIPTION", icsEscape(text))
	ics.line("URL", address)
	for _, before := range archive.Reminders() {
		days := int(before / (24 * time.Hour))
		ics.line("BEGIN", "VALARM")
		ics.line("ACTION", "DISPLAY")
		ics.line("TRIGGER", fmt.Sprintf("-P%dD", days))
		ics.line("DESCRIPTION", icsEscape(in.Text(words.Say("calendar.alarm", days))))
		ics.line("END", "VALARM")
	}
	ics.line("END", "VEVENT")
	ics.line("END", "VCALENDAR")
	return ics.String()
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
