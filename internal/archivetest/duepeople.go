package archivetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// person is a kind of user and what the queries say about it.
type person struct {
	name      string
	edit      func(u *archive.User)
	due       bool // for Week
	overdue   bool // for Week
	dueBefore bool // for WeekBefore
	listens   bool

	id archive.UserID
}

// population has every status with every kind of work.
func population() []person {
	const twoBefore archive.Edition = "2026-11-02"
	status := func(s archive.Status, last archive.Edition) func(*archive.User) {
		return func(u *archive.User) { u.Status, u.LastEdition = s, last }
	}
	behind := func(choice archive.Choice, access archive.Access) func(*archive.User) {
		return func(u *archive.User) {
			u.Status, u.LastEdition, u.Choice, u.Discover.Access = archive.StatusActive, twoBefore, choice, access
		}
	}
	waiting := func(s archive.Status, last archive.Edition) func(*archive.User) {
		return func(u *archive.User) { u.Status, u.LastEdition, u.Waiting = s, last, true }
	}
	open := func(s archive.Status, last archive.Edition) func(*archive.User) {
		return func(u *archive.User) {
			u.Status, u.LastEdition, u.Open = s, last, &archive.Batch{Tracks: Tracks(0, 1)}
		}
	}
	listening := func(s archive.Status, choice archive.Choice, access archive.Access) func(*archive.User) {
		return func(u *archive.User) {
			u.Status, u.LastEdition, u.Choice, u.Discover.Access = s, Week, choice, access
			u.Grant.Scopes = archive.Scopes(true)
		}
	}
	const (
		active, paused  = archive.StatusActive, archive.StatusPaused
		reconnect, left = archive.StatusReconnect, archive.StatusLeaving
	)
	return []person{
		{name: "new", edit: status(active, ""), due: true, dueBefore: true},
		{name: "two weeks behind", edit: status(active, twoBefore), due: true, overdue: true, dueBefore: true},
		{name: "two weeks behind, by inbox", edit: behind(archive.ChoiceInbox, archive.AccessUnknown), due: true, dueBefore: true},
		{name: "two weeks behind, of one's own choice", edit: behind(archive.ChoiceDiscover, archive.AccessReadable), due: true, overdue: true, dueBefore: true},
		{name: "two weeks behind, not readable", edit: behind(archive.ChoiceAuto, archive.AccessDenied), due: true, dueBefore: true},
		{name: "one week behind", edit: status(active, WeekBefore), due: true},
		{name: "done", edit: status(active, Week)},
		{name: "ahead", edit: status(active, WeekAfter), dueBefore: true},
		{name: "further ahead than can be", edit: status(active, "2027-01-04"), due: true, dueBefore: true},
		{name: "done, waiting", edit: waiting(active, Week), due: true, dueBefore: true},
		{name: "done, open", edit: open(active, Week), due: true, dueBefore: true},
		{name: "behind, waiting", edit: waiting(active, twoBefore), due: true, overdue: true, dueBefore: true},
		{name: "paused, behind", edit: status(paused, twoBefore)},
		{name: "paused, waiting", edit: waiting(paused, "")},
		{name: "paused, open", edit: open(paused, Week)},
		{name: "reconnect, behind", edit: status(reconnect, twoBefore)},
		{name: "reconnect, waiting", edit: waiting(reconnect, Week)},
		{name: "reconnect, open", edit: open(reconnect, WeekBefore)},
		{name: "leaving", edit: status(left, ""), due: true, dueBefore: true},
		{name: "leaving, behind", edit: status(left, twoBefore), due: true, dueBefore: true},
		{name: "leaving, done", edit: status(left, Week), due: true, dueBefore: true},
		{name: "listening", edit: listening(active, archive.ChoiceListening, archive.AccessReadable), listens: true},
		{name: "auto, denied", edit: listening(active, archive.ChoiceAuto, archive.AccessDenied), listens: true},
		{name: "auto, never tried", edit: listening(active, archive.ChoiceAuto, archive.AccessUnknown), listens: true},
		{name: "auto, readable", edit: listening(active, archive.ChoiceAuto, archive.AccessReadable)},
		{name: "inbox", edit: listening(active, archive.ChoiceInbox, archive.AccessDenied)},
		{name: "listening, paused", edit: listening(paused, archive.ChoiceListening, archive.AccessDenied)},
		{name: "listening, leaving", edit: listening(left, archive.ChoiceListening, ""), due: true, dueBefore: true},
		{name: "listening without consent", edit: func(u *archive.User) { u.Choice, u.LastEdition = archive.ChoiceListening, Week }},
	}
}

// populate stores some users of every kind.
func populate(t *testing.T, s archive.Users, each int) []person {
	t.Helper()
	var people []person
	for i := range each {
		for _, p := range population() {
			p.id = MustPut(t, s, NewUser(t, fmt.Sprint(p.name, i), p.edit)).ID
			people = append(people, p)
		}
	}
	return people
}

// expected is what all pages of a query give together.
type expected struct {
	ids     []archive.UserID
	overdue int
	bad     int
}

func expect(people []person, judge func(p person) (due, overdue bool)) expected {
	var want expected
	for _, p := range people {
		due, overdue := judge(p)
		if due {
			want.ids = append(want.ids, p.id)
		}
		if overdue {
			want.overdue++
		}
	}
	slices.Sort(want.ids)
	return want
}

func wantDue(t *testing.T, s archive.DueUsers, q archive.DueQuery, want expected) {
	t.Helper()
	got := allPages(t, s, q)
	if d := diff(got.ids, want.ids); d != "" {
		t.Errorf("users for %+v (-got +want):\n%s", q, d)
	}
	if got.overdue != want.overdue || got.bad != want.bad {
		t.Errorf("for %+v: got %d overdue and %d bad, want %d and %d", q, got.overdue, got.bad, want.overdue, want.bad)
	}
}

// allPages follows Next to the end and checks each page on the way.
func allPages(t *testing.T, s archive.DueUsers, q archive.DueQuery) expected {
	t.Helper()
	var all expected
	for {
		page, err := s.DueUsers(t.Context(), q)
		noError(t, "DueUsers", err)
		if n := len(page.Users) + len(page.Bad); n > q.Limit {
			t.Errorf("got %d documents on a page, want at most %d", n, q.Limit)
		}
		last := q.After
		for _, id := range page.Users {
			if id <= last {
				t.Errorf("got user %s after %q, want ascending ids", id, last)
			}
			last = id
		}
		all.ids = append(all.ids, page.Users...)
		all.overdue += page.Overdue
		all.bad += len(page.Bad)
		if page.Next == "" {
			return all
		}
		if page.Next <= q.After || page.Next < last || !strings.HasPrefix(string(page.Next), q.Prefix) {
			t.Fatalf("after %q and users up to %q of shard %q: got next %q, which leads nowhere", q.After, last, q.Prefix, page.Next)
		}
		q.After = page.Next
	}
}
