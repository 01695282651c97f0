package words_test

import (
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

func TestMessages(t *testing.T) {
	t.Parallel()
	ends := time.Date(2026, 12, 1, 23, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		language string
		local    bool
		choice   archive.Choice
		notice   notice.Notice
		title    string
		body     string // a part of it
	}{
		{"en", false, archive.ChoiceInbox, notice.Notice{Kind: notice.Turn, DaysLeft: 3}, "Your Discover Weekly waits", "3 days left. Open it, select all songs"},
		{"en", false, archive.ChoiceInbox, notice.Notice{Kind: notice.Turn, DaysLeft: 1}, "Your Discover Weekly waits", "1 day left."},
		{"en", false, archive.ChoicePaste, notice.Notice{Kind: notice.Turn, DaysLeft: 3}, "Your Discover Weekly waits", "Paste its links"},
		{"en", false, archive.ChoiceInbox, notice.Notice{Kind: notice.Turn, DaysLeft: 3, Missed: true}, "Your Discover Weekly waits", "Nothing was copied last week."},
		{"en", false, archive.ChoiceInbox, notice.Notice{Kind: notice.Last, DaysLeft: 1, Unlooked: true}, "Tonight is the last chance for this week’s songs", "if it is done, all is well"},
		{"en", false, archive.ChoiceInbox, notice.Notice{Kind: notice.Kept, Songs: 30, Edition: archivetest.Week}, "30 of 30, kept", "the week of 16 November 2026"},
		{"en", false, archive.ChoiceInbox, notice.Notice{Kind: notice.Kept, Songs: 1, Edition: archivetest.Week}, "1 song, kept", "in your archive"},
		{"de", false, archive.ChoiceInbox, notice.Notice{Kind: notice.Kept, Songs: 12, Edition: archivetest.Week}, "12 Songs gesichert", "Woche vom 16. November 2026"},
		{"en", false, archive.ChoiceInbox, notice.Notice{Kind: notice.Ends, DaysLeft: 14, Ends: ends}, "Reconnect by 2 December 2026", "on your account page"},
		{"en", true, archive.ChoiceInbox, notice.Notice{Kind: notice.Ends, DaysLeft: 14, Ends: ends}, "Reconnect by 2 December 2026", "on the computer on which"},
		{"de", true, archive.ChoiceInbox, notice.Notice{Kind: notice.Reconnect}, "Weekly Archive muss neu verbunden werden", "auf dem Computer"},
		{"tlh", false, archive.ChoiceInbox, notice.Notice{Kind: notice.Test}, "Weekly Archive can reach you here", "test message"},
	} {
		u := archivetest.NewUser(t, "ada", func(u *archive.User) { u.Language, u.Choice, u.Zone = c.language, c.choice, "Europe/Berlin" })
		title, body := words.Messages(c.local).Notice(u, c.notice)
		if title != c.title || !strings.Contains(body, c.body) {
			t.Errorf("%s %+v: got %q and %q, want %q and %q in it", c.language, c.notice, title, body, c.title, c.body)
		}
	}
}

// Every message has its words, in every language, and is short enough for a
// push.
func TestEveryMessageHasWords(t *testing.T) {
	t.Parallel()
	for _, l := range words.Ours().Languages() {
		u := archivetest.NewUser(t, "ada", func(u *archive.User) { u.Language = l.Tag() })
		for _, kind := range notice.Kinds() {
			for _, trouble := range outcome.Kinds() {
				n := notice.Notice{
					Kind: kind, Edition: archivetest.Week, DaysLeft: 3, Missed: true, Unlooked: true, Songs: 10_000,
					Trouble: trouble, Ends: archivetest.WeekTime(),
				}
				if kind == notice.Stopped && !archive.Stops(trouble) {
					continue
				}
				title, body := words.Messages(true).Notice(u, n)
				for _, text := range []string{title, body} {
					if text == "" || strings.HasPrefix(text, "message.") || strings.ContainsAny(text, "<>&") {
						t.Errorf("%s, %s %s: got %q, want words", l.Tag(), kind, trouble, text)
					}
				}
				if size := len(title) + len(body); size > 800 {
					t.Errorf("%s, %s: got %d bytes, want at most 800", l.Tag(), kind, size)
				}
			}
		}
		if m := words.Messages(false); strings.Contains(m.Away(l.Tag())+m.Stop(l.Tag()), "message.") {
			t.Errorf("%s: the buttons of a message have no words", l.Tag())
		}
	}
}
