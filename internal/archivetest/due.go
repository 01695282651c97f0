package archivetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

// DueStore is what the suite DueUsers needs: due users, and a way to put
// users. If it is a Corrupter too, unreadable documents are tested.
type DueStore = interface {
	archive.Users
	archive.DueUsers
}

// DueUsers checks archive.DueUsers. It calls open once per subtest, for an
// empty store; subtests run in parallel.
func DueUsers(t *testing.T, open func(t *testing.T) DueStore) {
	t.Helper()
	runChecks(t, open, append(openWeekChecks(), dueTimeChecks()...))
}

// openWeek asks for everybody whose Week is open.
func openWeek(limit int) archive.DueQuery { return archive.DueQuery{Open: WeekTime(), Limit: limit} }

func openWeekChecks() []check[DueStore] {
	return []check[DueStore]{
		{"empty_store", func(t *testing.T, s DueStore) {
			wantDue(t, s, openWeek(1000), expected{})
			wantDue(t, s, archive.DueQuery{Open: WeekTime(), Prefix: "a", Limit: 1}, expected{})
			wantDue(t, s, archive.DueQuery{Before: WeekTime(), Limit: 1}, expected{})
		}},
		{"open_weeks", func(t *testing.T, s DueStore) {
			people := populate(t, s, 2)
			wantDue(t, s, openWeek(1000), expect(people, func(p person) (bool, bool) { return p.open, p.overdue }))
		}},
		{"weeks_that_were_open_before", func(t *testing.T, s DueStore) {
			people := populate(t, s, 1)
			query := archive.DueQuery{Open: WeekTime().AddDate(0, 0, -7), Limit: 1000}
			wantDue(t, s, query, expect(people, func(p person) (bool, bool) { return p.openBefore, false }))
		}},
		{"pages_hold_everybody_once", func(t *testing.T, s DueStore) {
			people := populate(t, s, 3)
			want := expect(people, func(p person) (bool, bool) { return p.open, p.overdue })
			for _, limit := range []int{1, 7, len(want.ids), len(people) - 1, len(people), len(people) + 1} {
				wantDue(t, s, openWeek(limit), want)
			}
		}},
		{"prefixes_hold_everybody_once", prefixesHoldEverybody},
		{"only_ids_after", func(t *testing.T, s DueStore) {
			want := expect(populate(t, s, 2), func(p person) (bool, bool) { return p.open, p.overdue })
			middle := len(want.ids) / 2
			query := openWeek(4)
			query.After.User = want.ids[middle]
			got := allPages(t, s, query)
			if d := diff(got.ids, want.ids[middle+1:]); d != "" {
				t.Errorf("users after the middle one (-got +want):\n%s", d)
			}
			query.After.User = want.ids[len(want.ids)-1]
			wantDue(t, s, query, expected{})
		}},
		{"changes_are_followed", changesAreFollowed},
		{"unreadable_documents_are_counted", unreadableAreCounted},
		{"cancelled_context_is_an_error", func(t *testing.T, s DueStore) {
			wantPromptError(t, "DueUsers", func(ctx context.Context) error { _, err := s.DueUsers(ctx, openWeek(9)); return err })
		}},
	}
}

func prefixesHoldEverybody(t *testing.T, s DueStore) {
	want := expect(populate(t, s, 3), func(p person) (bool, bool) { return p.open, p.overdue })
	var got expected
	for _, c := range archive.UserIDAlphabet {
		shard := allPages(t, s, archive.DueQuery{Open: WeekTime(), Prefix: string(c), Limit: 2})
		for _, id := range shard.ids {
			if !strings.HasPrefix(string(id), string(c)) {
				t.Errorf("prefix %q: got user %s", c, id)
			}
		}
		got.ids = append(got.ids, shard.ids...)
		got.overdue += shard.overdue
	}
	if d := diff(got.ids, want.ids); d != "" {
		t.Errorf("users of all prefixes (-got +want):\n%s", d)
	}
	if got.overdue != want.overdue {
		t.Errorf("got %d overdue users of all prefixes, want %d", got.overdue, want.overdue)
	}
	one := want.ids[0]
	got = allPages(t, s, archive.DueQuery{Open: WeekTime(), Prefix: string(one), Limit: 2})
	if d := diff(got.ids, []archive.UserID{one}); d != "" {
		t.Errorf("users of a prefix that is one id (-got +want):\n%s", d)
	}
}

func changesAreFollowed(t *testing.T, s DueStore) {
	user := MustPut(t, s, NewUser(t, "ada"))
	hour := archive.DueQuery{From: WeekTime(), Before: WeekTime().Add(time.Hour), Limit: 10}
	want := func(open, due bool) {
		t.Helper()
		only := func(yes bool) (e expected) {
			if yes {
				e.ids = []archive.UserID{user.ID}
			}
			return e
		}
		wantDue(t, s, openWeek(10), only(open))
		wantDue(t, s, hour, only(due))
	}
	change := func(edit func(u *archive.User)) {
		t.Helper()
		edit(&user)
		user = MustPut(t, s, user)
	}
	want(true, false)
	change(func(u *archive.User) { u.LastEdition = Week })
	want(false, false)
	change(func(u *archive.User) { u.Due.At = WeekTime().Add(time.Minute) })
	want(false, true)
	change(func(u *archive.User) { u.Waiting = true })
	want(true, true)
	change(func(u *archive.User) { u.Waiting, u.Open = false, &ledger.Batch{Tracks: Tracks(0, 1)} })
	want(true, true)
	change(func(u *archive.User) { u.Due.At = WeekTime().Add(2 * time.Hour) })
	want(true, false)
	change(func(u *archive.User) { u.Due.At, u.Status = WeekTime(), archive.StatusPaused })
	want(false, false)
	change(func(u *archive.User) { u.Status = archive.StatusLeaving })
	want(true, true)
	noError(t, "Delete", s.Delete(t.Context(), user.ID))
	want(false, false)
}

func unreadableAreCounted(t *testing.T, s DueStore) {
	corrupter, ok := s.(Corrupter)
	if !ok {
		t.Log("not tried: the store is no Corrupter")
		return
	}
	var healthy []archive.UserID
	for i := range 6 {
		user := NewUser(t, fmt.Sprint(i), func(u *archive.User) { u.Due.At = WeekTime() })
		healthy = append(healthy, MustPut(t, s, user).ID)
	}
	slices.Sort(healthy)
	for _, i := range []int{5, 2, 0} {
		corrupter.Corrupt(t, healthy[i])
		healthy = slices.Delete(healthy, i, i+1)
	}
	for _, limit := range []int{1, 2, 1000} {
		wantDue(t, s, openWeek(limit), expected{ids: healthy, bad: 3})
		wantDue(t, s, archive.DueQuery{Before: WeekTime().Add(time.Hour), Limit: limit}, expected{ids: healthy, bad: 3})
		wantDue(t, s, archive.DueQuery{Everybody: true, Before: WeekTime().Add(time.Hour), Limit: limit}, expected{ids: healthy, bad: 3})
	}
}
