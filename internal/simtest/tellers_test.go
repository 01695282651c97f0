package simtest_test

import (
	"os/exec"
	"regexp"
	"testing"
)

// neighbourhood is the simulation that judges messages: people with channels,
// who forget, are away, listen only, copy twelve songs, and services that fail or
// end. It has no Spotify in it, so a thousand people take seconds.
const neighbourhood = "../archive/messaging"

// tellers are the mistakes that the neighbourhood has to find.
func tellers() []mutant {
	list := []mutant{
		{
			name: "told though done", file: "archive/notice.go",
			old: "!u.Copies() || m.Copied.Edition >= week || u.weekIn(u.tally(week))", new: "!u.Copies()",
		},
		{
			name: "told without a look", file: "archive/messaging/teller.go",
			old: "				continue // a run that looks comes first\n", new: "				looked = true\n",
		},
		{
			name: "told at night", file: "archive/notice.go",
			old: "	switch hour := local.Hour(); {\n	case hour > notice.LastHour:", new: "	switch hour := notice.FirstHour; {\n	case hour > notice.LastHour:",
		},
		{
			name: "told twice", file: "archive/notice/message.go",
			old: "	case sent == nil:\n		m.note(n.Key, channel, now)\n		m.Tries", new: "	case sent == nil:\n		m.Tries",
		},
		{
			name: "a lost message not sent again", file: "archive/notice/message.go",
			old: "	default:\n		m.RetryAt = now.Add(", new: "	default:\n		m.note(n.Key, channel, now)\n		m.RetryAt = now.Add(",
		},
		{
			name: "a lost message sent after its use", file: "archive/notice.go",
			old: "		return now.Before(n.From) || !now.Before(n.Until)", new: "		return now.Before(n.From)",
		},
		{
			name: "gone subscription kept", file: "archive/notice/message.go",
			old: "	case errors.Is(sent, ErrChannelGone):\n		m.lose(channel, now)\n	case errors.Is(sent, ErrMessageRefused)",
			new: "	case errors.Is(sent, ErrChannelGone):\n		m.RetryAt = now\n	case errors.Is(sent, ErrMessageRefused)",
		},
		{
			name: "told though away", file: "archive/notice.go",
			old: "func(n notice.Notice) bool { return m.Away(n.From) }", new: "func(notice.Notice) bool { return false }",
		},
		{
			name: "told who only listens", file: "archive/notice.go",
			old: "if u.Status != StatusActive || !u.Copies() ||", new: "if u.Status != StatusActive ||",
		},
	}
	for i := range list {
		list[i].neighbours = true
		list[i].quick = i%4 == 0 // building each takes longer than finding it
	}
	return list
}

var complaint = regexp.MustCompile(`forgetful_test\.go:\d+: (.*)`)

// judged runs the neighbourhood of a binary, and returns what it complains of
// first; empty if it finds nothing wrong.
func judged(t *testing.T, binary string) string {
	t.Helper()
	return complained(t, exec.CommandContext(t.Context(), binary, "-test.run=^TestThousandForgetfulPeople$", "-people=250"), complaint)
}
