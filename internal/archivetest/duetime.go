package archivetest

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// dueTimeChecks are about queries by the users' own times.
func dueTimeChecks() []check[DueStore] {
	return []check[DueStore]{
		{"due_within_a_time", func(t *testing.T, s DueStore) {
			users := timed(t, s, 0, 1, 59, 60, 61, 120, -30)
			wantTimed(t, s, users, 0, 60, 0)
			wantTimed(t, s, users, 60, 120, 0)
			wantTimed(t, s, users, 62, 119, 0)
		}},
		{"from_the_beginning", func(t *testing.T, s DueStore) {
			users := timed(t, s, 5, -100_000, 30, 31)
			wantDue(t, s, archive.DueQuery{Before: minutes(31), Limit: 9}, expected{ids: ids(users[:3])})
		}},
		{"times_count_to_the_second", func(t *testing.T, s DueStore) {
			users := timed(t, s, 0)
			for from, want := range map[time.Duration]int{0: 1, time.Second: 0, -time.Second: 1} {
				got := allPages(t, s, archive.DueQuery{From: minutes(0).Add(from), Before: minutes(0).Add(from + time.Second), Limit: 9})
				if inside := from == 0; len(got.ids) != want && inside || !inside && len(got.ids) > 0 {
					t.Errorf("in the second that begins %s after the time of %s: got %d users", from, users[0].ID, len(got.ids))
				}
			}
		}},
		{"pages_by_time_hold_everybody_once", func(t *testing.T, s DueStore) {
			users := timed(t, s, 7, 7, 7, 3, 3, 9, 1, 7, 12, 13)
			for limit := range 12 {
				wantTimed(t, s, users, 3, 13, limit+1)
			}
		}},
		{"a_time_without_a_status_that_looks_is_none", func(t *testing.T, s DueStore) {
			var want []archive.UserID
			for status, looked := range map[archive.Status]bool{
				archive.StatusActive: true, archive.StatusLeaving: true, archive.StatusPaused: false, archive.StatusReconnect: false,
			} {
				u := MustPut(t, s, NewUser(t, string(status), func(u *archive.User) { u.Status, u.Due.At = status, WeekTime() }))
				if looked {
					want = append(want, u.ID)
				}
			}
			slices.Sort(want)
			hour := minutes(60)
			wantDue(t, s, archive.DueQuery{Before: hour, Limit: 9}, expected{ids: want})
			wantDue(t, s, archive.DueQuery{Everybody: true, Before: hour, Limit: 9}, expected{ids: want})
		}},
		{"everybody_has_users_without_a_time", func(t *testing.T, s DueStore) {
			none := []archive.UserID{
				MustPut(t, s, NewUser(t, "no time")).ID,
				MustPut(t, s, NewUser(t, "no time, done", func(u *archive.User) { u.LastEdition = Week })).ID,
			}
			MustPut(t, s, NewUser(t, "no time, paused", func(u *archive.User) { u.Status = archive.StatusPaused }))
			users := timed(t, s, 3, 10, 11, -5)
			wantDue(t, s, archive.DueQuery{Before: minutes(11), Limit: 9}, expected{ids: ids(users[:3])})
			want := slices.Concat(none, ids(users[:3]))
			slices.Sort(want)
			for _, limit := range []int{1, 2, 99} {
				wantDue(t, s, archive.DueQuery{Everybody: true, Before: minutes(11), Limit: limit}, expected{ids: want})
			}
		}},
		{"looks_at_plays_are_counted", func(t *testing.T, s DueStore) {
			for i, why := range []archive.DueReason{archive.DuePlays, archive.DueWeek, archive.DuePlays, archive.DuePause} {
				MustPut(t, s, NewUser(t, fmt.Sprint(i), func(u *archive.User) { u.Due = archive.Due{At: WeekTime(), Why: why} }))
			}
			page, err := s.DueUsers(t.Context(), archive.DueQuery{Before: minutes(1), Limit: 9})
			noError(t, "DueUsers", err)
			if page.Looks != 2 || len(page.Users) != 4 {
				t.Errorf("got %d looks at plays among %d users, want 2 among 4", page.Looks, len(page.Users))
			}
		}},
	}
}

// minutes is a time so many minutes after WeekTime.
func minutes(n int) time.Time { return WeekTime().Add(time.Duration(n) * time.Minute) }

// timed stores users who are due so many minutes after WeekTime, and returns
// them in the order of a query by time.
func timed(t *testing.T, s archive.Users, after ...int) []archive.User {
	t.Helper()
	users := make([]archive.User, len(after))
	for i, n := range after {
		users[i] = MustPut(t, s, NewUser(t, fmt.Sprintf("due %d %d", n, i), func(u *archive.User) { u.Due.At = minutes(n) }))
	}
	slices.SortFunc(users, func(a, b archive.User) int {
		return cmp.Or(a.Due.At.Compare(b.Due.At), cmp.Compare(a.ID, b.ID))
	})
	return users
}

func ids(users []archive.User) []archive.UserID {
	list := make([]archive.UserID, len(users))
	for i, u := range users {
		list[i] = u.ID
	}
	return list
}

// wantTimed wants those of the users who are due between two minutes, in their
// order, by pages of a limit (0 for one large page).
func wantTimed(t *testing.T, s archive.DueUsers, users []archive.User, from, before, limit int) {
	t.Helper()
	want := slices.DeleteFunc(slices.Clone(users), func(u archive.User) bool {
		return u.Due.At.Before(minutes(from)) || !u.Due.At.Before(minutes(before))
	})
	wantDue(t, s, archive.DueQuery{From: minutes(from), Before: minutes(before), Limit: cmp.Or(limit, 1000)}, expected{ids: ids(want)})
}
