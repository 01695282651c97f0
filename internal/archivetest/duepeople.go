package archivetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

// person is a kind of user and what the queries say about it.
type person struct {
	name       string
	edit       func(u *archive.User)
	open       bool // Week is
	overdue    bool // for Week
	openBefore bool // WeekBefore was, when nobody could have done Week

	id archive.UserID
}

// population has every status with every kind of work.
func population() []person {
	const twoBefore calendar.Edition = "2026-11-02"
	status := func(s archive.Status, last calendar.Edition) func(*archive.User) {
		return func(u *archive.User) { u.Status, u.LastEdition = s, last }
	}
	behind := func(choice archive.Choice, access archive.Access) func(*archive.User) {
		return func(u *archive.User) {
			u.Status, u.LastEdition, u.Choice, u.Discover.Access = archive.StatusActive, twoBefore, choice, access
		}
	}
	due := func(at archive.Due) func(*archive.User) {
		return func(u *archive.User) { u.LastEdition, u.Due = Week, at }
	}
	waiting := func(s archive.Status, last calendar.Edition) func(*archive.User) {
		return func(u *archive.User) { u.Status, u.LastEdition, u.Waiting = s, last, true }
	}
	open := func(s archive.Status, last calendar.Edition) func(*archive.User) {
		return func(u *archive.User) {
			u.Status, u.LastEdition, u.Open = s, last, &ledger.Batch{Tracks: Tracks(0, 1)}
		}
	}
	pasting := func(edits ...func(*archive.User)) func(*archive.User) {
		return func(u *archive.User) {
			u.Choice, u.LastEdition = archive.ChoicePaste, twoBefore
			for _, edit := range edits {
				edit(u)
			}
		}
	}
	const (
		active, paused  = archive.StatusActive, archive.StatusPaused
		reconnect, left = archive.StatusReconnect, archive.StatusLeaving
	)
	return []person{
		{name: "new", edit: status(active, ""), open: true, openBefore: true},
		{name: "two weeks behind", edit: status(active, twoBefore), open: true, overdue: true, openBefore: true},
		{name: "two weeks behind, by inbox", edit: behind(archive.ChoiceInbox, archive.AccessUnknown), open: true, openBefore: true},
		{name: "two weeks behind, of one's own choice", edit: behind(archive.ChoiceDiscover, archive.AccessReadable), open: true, overdue: true, openBefore: true},
		{name: "two weeks behind, not readable", edit: behind(archive.ChoiceAuto, archive.AccessDenied), open: true, openBefore: true},
		{name: "one week behind", edit: status(active, WeekBefore), open: true},
		{name: "done", edit: status(active, Week), openBefore: true},
		{name: "done, never scheduled", edit: due(archive.Due{}), openBefore: true},
		{name: "done, scheduled by a clock that was wrong", edit: due(archive.Due{At: WeekTime().AddDate(0, 0, 12), Why: archive.DueMissed}), open: true, openBefore: true},
		{name: "ahead", edit: status(active, WeekAfter), open: true, openBefore: true},
		{name: "further ahead than can be", edit: status(active, "2027-01-04"), open: true, openBefore: true},
		{name: "done, waiting", edit: waiting(active, Week), open: true, openBefore: true},
		{name: "done, open", edit: open(active, Week), open: true, openBefore: true},
		{name: "behind, waiting", edit: waiting(active, twoBefore), open: true, overdue: true, openBefore: true},
		{name: "paused, behind", edit: status(paused, twoBefore)},
		{name: "paused, waiting", edit: waiting(paused, "")},
		{name: "paused, open", edit: open(paused, Week)},
		{name: "reconnect, behind", edit: status(reconnect, twoBefore)},
		{name: "reconnect, waiting", edit: waiting(reconnect, Week)},
		{name: "reconnect, open", edit: open(reconnect, WeekBefore)},
		{name: "leaving", edit: status(left, ""), open: true, openBefore: true},
		{name: "leaving, behind", edit: status(left, twoBefore), open: true, openBefore: true},
		{name: "leaving, done", edit: status(left, Week), open: true, openBefore: true},
		{name: "pastes, nothing pasted", edit: pasting()},
		{name: "pastes, new", edit: pasting(func(u *archive.User) { u.LastEdition = "" })},
		{name: "pastes, something pasted", edit: pasting(func(u *archive.User) { u.Waiting = true }), open: true, openBefore: true},
		{name: "pastes, open", edit: pasting(func(u *archive.User) { u.Open = &ledger.Batch{Tracks: Tracks(0, 1)} }), open: true, openBefore: true},
		{name: "pastes, the consent ends", edit: pasting(func(u *archive.User) {
			u.Grant.AuthorizedAt = WeekTime().Add(-archive.ConsentLife + archive.Reminders()[0])
		}), open: true},
		{name: "pastes, the consent has ended", edit: pasting(func(u *archive.User) { u.Grant.AuthorizedAt = WeekTime().AddDate(-1, 0, 0) }), open: true, openBefore: true},
	}
}

// populate stores some users of every kind.
func populate(t *testing.T, s archive.Users, each int) []person {
	t.Helper()
	var people []person
	for i := range each {
		for _, p := range population() {
			scheduled := func(u *archive.User) { u.Due = archive.Due{At: WeekTime().Add(24 * time.Hour), Why: archive.DueMissed} }
			p.id = MustPut(t, s, NewUser(t, fmt.Sprint(p.name, i), scheduled, p.edit)).ID
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

func expect(people []person, judge func(p person) (open, overdue bool)) expected {
	var want expected
	for _, p := range people {
		open, overdue := judge(p)
		if open {
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
		last := q.After.User
		for _, id := range page.Users {
			if id <= last && !q.ByTime() {
				t.Errorf("got user %s after %q, want ascending ids", id, last)
			}
			last = id
		}
		all.ids = append(all.ids, page.Users...)
		all.overdue += page.Overdue
		all.bad += len(page.Bad)
		next := page.Next
		if next == (archive.Place{}) {
			return all
		}
		onwards := next.User > q.After.User && next.User >= last && strings.HasPrefix(string(next.User), q.Prefix)
		if q.ByTime() {
			onwards = next.Due.After(q.After.Due) || next.Due.Equal(q.After.Due) && next.User > q.After.User
		}
		if !onwards {
			t.Fatalf("after %+v and users up to %q of prefix %q: got next %+v, which leads nowhere", q.After, last, q.Prefix, next)
		}
		q.After = next
	}
}
