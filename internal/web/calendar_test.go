package web

import (
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

func TestReminder(t *testing.T) {
	t.Parallel()
	user := archive.User{
		ID:    archive.NewUserID(webapi.Profile{AccountID: "account-1"}),
		Grant: archive.Grant{AuthorizedAt: testNow},
	}
	english, _ := words.Ours().Language("en")
	base := &url.URL{Scheme: "https", Host: "archive.example"}
	ics := reminder(user, english, base, testNow)

	lines, ok := strings.CutSuffix(ics, "\r\n")
	if !ok {
		t.Error("the last line does not end in CRLF")
	}
	for line := range strings.SplitSeq(lines, "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") || !utf8.ValidString(line) {
			t.Errorf("line is longer than 75 octets, has a bare line break or half a character: %q", line)
		}
	}
	unfolded := strings.ReplaceAll(ics, "\r\n ", "")
	for _, want := range []string{
		"UID:reconnect-" + string(user.ID) + "@archive.example\r\n",
		"DTSTAMP:20261116T130000Z\r\n",
		"DTSTART:20270515T130000Z\r\n", // 180 days later
		"TRIGGER:-P30D\r\n", "TRIGGER:-P14D\r\n", "TRIGGER:-P3D\r\n",
		"DESCRIPTION:Spotify ends every permission after six months. Reconnect before Saturday 15 May 2027\\, 13:00 UTC\\, and",
		"PRODID:-//Weekly Archive//Reconnect//EN\r\n", "SUMMARY:Reconnect Weekly Archive for Spotify\r\n",
		"DESCRIPTION:Reconnect Weekly Archive for Spotify: 3 days left\r\n",
		"URL:https://archive.example/account\r\n",
	} {
		if !strings.Contains(unfolded, want) {
			t.Errorf("the calendar lacks %q:\n%s", want, unfolded)
		}
	}
	for _, name := range []string{"VCALENDAR", "VEVENT", "VALARM"} {
		begin, end := strings.Count(ics, "BEGIN:"+name), strings.Count(ics, "END:"+name)
		if want := map[string]int{"VCALENDAR": 1, "VEVENT": 1, "VALARM": 3}[name]; begin != want || end != want {
			t.Errorf("%s: got %d begins and %d ends, want %d", name, begin, end, want)
		}
	}

	local := strings.ReplaceAll(reminder(user, english, &url.URL{Scheme: "http", Host: "127.0.0.1:8080"}, testNow), "\r\n ", "")
	if strings.Contains(local, "127.0.0.1:8080") || !strings.Contains(local, "on the computer on which Weekly Archive runs\\, and your weeks") {
		t.Errorf("locally: got\n%s\nwant no link to it, and where to reconnect", local)
	}

	german, _ := words.Ours().Language("de")
	for _, want := range []string{"//DE\r\n", "SUMMARY:Weekly Archive für Spotify neu verbinden\r\n", "Samstag\\, 15. Mai 2027"} {
		if text := strings.ReplaceAll(reminder(user, german, base, testNow), "\r\n ", ""); !strings.Contains(text, want) {
			t.Errorf("the German calendar lacks %q:\n%s", want, text)
		}
	}

	user.Grant.AuthorizedAt = testNow.Add(100 * 24 * time.Hour)
	later := reminder(user, english, base, user.Grant.AuthorizedAt)
	if field(t, later, "UID") != field(t, ics, "UID") || field(t, later, "SEQUENCE") <= field(t, ics, "SEQUENCE") {
		t.Error("the reminder of a later consent does not replace the earlier one")
	}
}

func field(t *testing.T, ics, name string) string {
	t.Helper()
	for line := range strings.SplitSeq(ics, "\r\n") {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return value
		}
	}
	t.Fatalf("no %s in\n%s", name, ics)
	return ""
}

func TestFolding(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "x", strings.Repeat("x", 500), strings.Repeat("é", 200), strings.Repeat("🎵", 100), strings.Repeat("\x80", 300)} {
		var w icsWriter
		w.line("N", text)
		if got := strings.ReplaceAll(w.String(), "\r\n ", ""); got != "N:"+text+"\r\n" {
			t.Errorf("unfolding does not give back %q", text)
		}
		for line := range strings.SplitSeq(w.String(), "\r\n") {
			if len(line) > icsLine {
				t.Errorf("got a line of %d octets, want at most %d", len(line), icsLine)
			}
		}
	}
}

func TestEscape(t *testing.T) {
	t.Parallel()
	if got, want := icsEscape("a\\b;c,d\r\ne\nf"), `a\\b\;c\,d\ne\nf`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
