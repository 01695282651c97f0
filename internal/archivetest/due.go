package archivetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
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
	week := archive.DueQuery{Edition: Week, Limit: 1000}
	runChecks(t, open, []check[DueStore]{
		{"empty_store", func(t *testing.T, s DueStore) {
			wantDue(t, s, week, expected{})
			wantDue(t, s, archive.DueQuery{Edition: Week, Prefix: "a", Limit: 1}, expected{})
		}},
		{"due_for_an_edition", func(t *testing.T, s DueStore) {
			people := populate(t, s, 2)
			wantDue(t, s, week, expect(people, func(p person) (bool, bool) { return p.due, p.overdue }))
		}},
		{"due_for_an_older_edition", func(t *testing.T, s DueStore) {
			people := populate(t, s, 1)
			query := archive.DueQuery{Edition: WeekBefore, Limit: 1000}
			wantDue(t, s, query, expect(people, func(p person) (bool, bool) { return p.dueBefore, false }))
		}},
		{"due_for_listening", func(t *testing.T, s DueStore) {
			people := populate(t, s, 2)
			query := archive.DueQuery{Edition: Week, Listening: true, Limit: 1000}
			wantDue(t, s, query, expect(people, func(p person) (bool, bool) { return p.listens, false }))
		}},
		{"pages_hold_everybody_once", func(t *testing.T, s DueStore) {
			people := populate(t, s, 3)
			want := expect(people, func(p person) (bool, bool) { return p.due, p.overdue })
			for _, limit := range []int{1, 7, len(want.ids), len(people) - 1, len(people), len(people) + 1} {
				wantDue(t, s, archive.DueQuery{Edition: Week, Limit: limit}, want)
			}
			listening := expect(people, func(p person) (bool, bool) { return p.listens, false })
			wantDue(t, s, archive.DueQuery{Edition: Week, Listening: true, Limit: 3}, listening)
		}},
		{"shards_hold_everybody_once", shardsHoldEverybody},
		{"only_ids_after", func(t *testing.T, s DueStore) {
			want := expect(populate(t, s, 2), func(p person) (bool, bool) { return p.due, p.overdue })
			middle := len(want.ids) / 2
			query := archive.DueQuery{Edition: Week, After: want.ids[middle], Limit: 4}
			got := allPages(t, s, query)
			if d := diff(got.ids, want.ids[middle+1:]); d != "" {
				t.Errorf("users after the middle one (-got +want):\n%s", d)
			}
			wantDue(t, s, archive.DueQuery{Edition: Week, After: want.ids[len(want.ids)-1], Limit: 4}, expected{})
		}},
		{"changes_are_followed", changesAreFollowed},
		{"unreadable_documents_are_counted", unreadableAreCounted},
		{"cancelled_context_is_an_error", func(t *testing.T, s DueStore) {
			wantPromptError(t, "DueUsers", func(ctx context.Context) error { _, err := s.DueUsers(ctx, week); return err })
		}},
	})
}

func shardsHoldEverybody(t *testing.T, s DueStore) {
	want := expect(populate(t, s, 3), func(p person) (bool, bool) { return p.due, p.overdue })
	var got expected
	for _, c := range archive.UserIDAlphabet {
		shard := allPages(t, s, archive.DueQuery{Edition: Week, Prefix: string(c), Limit: 2})
		for _, id := range shard.ids {
			if !strings.HasPrefix(string(id), string(c)) {
				t.Errorf("shard %q: got user %s", c, id)
			}
		}
		got.ids = append(got.ids, shard.ids...)
		got.overdue += shard.overdue
	}
	if d := diff(got.ids, want.ids); d != "" {
		t.Errorf("users of all shards (-got +want):\n%s", d)
	}
	if got.overdue != want.overdue {
		t.Errorf("got %d overdue users in all shards, want %d", got.overdue, want.overdue)
	}
	one := want.ids[0]
	got = allPages(t, s, archive.DueQuery{Edition: Week, Prefix: string(one), Limit: 2})
	if d := diff(got.ids, []archive.UserID{one}); d != "" {
		t.Errorf("users of a shard that is one id (-got +want):\n%s", d)
	}
}

func changesAreFollowed(t *testing.T, s DueStore) {
	week := archive.DueQuery{Edition: Week, Limit: 10}
	user := MustPut(t, s, NewUser(t, "ada"))
	wantDue(t, s, week, expected{ids: []archive.UserID{user.ID}})
	user.LastEdition = Week
	user = MustPut(t, s, user)
	wantDue(t, s, week, expected{})
	user.Waiting = true
	user = MustPut(t, s, user)
	wantDue(t, s, week, expected{ids: []archive.UserID{user.ID}})
	user.Waiting = false
	user.Open = &archive.Batch{Tracks: Tracks(0, 1)}
	user = MustPut(t, s, user)
	wantDue(t, s, week, expected{ids: []archive.UserID{user.ID}})
	user.Status = archive.StatusPaused
	user = MustPut(t, s, user)
	wantDue(t, s, week, expected{})
	user.Status = archive.StatusLeaving
	user = MustPut(t, s, user)
	wantDue(t, s, week, expected{ids: []archive.UserID{user.ID}})
	noError(t, "Delete", s.Delete(t.Context(), user.ID))
	wantDue(t, s, week, expected{})
}

func unreadableAreCounted(t *testing.T, s DueStore) {
	corrupter, ok := s.(Corrupter)
	if !ok {
		t.Log("not tried: the store is no Corrupter")
		return
	}
	var healthy []archive.UserID
	for i := range 6 {
		healthy = append(healthy, MustPut(t, s, NewUser(t, fmt.Sprint(i))).ID)
	}
	slices.Sort(healthy)
	for _, i := range []int{5, 2, 0} {
		corrupter.Corrupt(t, healthy[i])
		healthy = slices.Delete(healthy, i, i+1)
	}
	for _, limit := range []int{1, 2, 1000} {
		wantDue(t, s, archive.DueQuery{Edition: Week, Limit: limit}, expected{ids: healthy, bad: 3})
	}
}
