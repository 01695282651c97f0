package archive_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/notice"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
)

// berlin is an hour before UTC in November.
const berlin = "Europe/Berlin"

func local(zone, text string) time.Time {
	at, err := time.ParseInLocation("2006-01-02 15:04", text, zoneOf(zone))
	if err != nil {
		panic(err)
	}
	return at.UTC()
}

func zoneOf(name string) *time.Location {
	zone, ok := calendar.ParseZone(name)
	if !ok {
		panic("no zone " + name)
	}
	return zone
}

// copier is a person who copies, and can be reached by a browser since two
// weeks before WeekTime.
func copier(t *testing.T, edits ...func(*archive.User)) archive.User {
	t.Helper()
	return archivetest.NewUser(t, "ada", append([]func(*archive.User){func(u *archive.User) {
		u.Choice, u.Zone = archive.ChoiceInbox, berlin
		u.CreatedAt = archivetest.WeekTime().AddDate(0, 0, -70)
		u.Grant.AuthorizedAt = archivetest.WeekTime().AddDate(0, 0, -70)
		u.Last = outcome.Outcome{Kind: outcome.NothingNew, At: archivetest.WeekTime()}
		u.Messages.Channels = []notice.Channel{{ID: "push-1", Kind: notice.ChannelPush, AddedAt: archivetest.WeekTime().AddDate(0, 0, -60)}}
	}}, edits...)...)
}

// told lists what is told when, if everything is accepted, from a time on: it
// walks from one NextNotice to the next, and looks at least once a day.
func told(u archive.User, from, to time.Time) []string {
	var list []string
	for _, known := range []time.Time{u.Messages.Copied.At, u.Messages.Trouble.Since} {
		if known.After(from) {
			from = known
		}
	}
	for now := from; ; {
		next := u.NextNotice(now)
		if tomorrow := now.AddDate(0, 0, 1); next.IsZero() || next.After(tomorrow) {
			next = tomorrow
		}
		if next.After(to) {
			return list
		}
		if now = next; !u.NextNotice(now).Equal(now) {
			continue
		}
		due := u.Notices(now)
		if len(due) == 0 {
			return append(list, "nothing is due at "+now.Format(time.RFC3339))
		}
		for _, n := range due {
			for _, channel := range n.Channels {
				list = append(list, now.In(zoneOf(u.Zone)).Format("Mon 2006-01-02 15:04 ")+n.Key+" "+channel)
				u.Messages.Told = append(u.Messages.Told, notice.Told{Key: n.Key, Channel: channel, At: now})
			}
			if n.Kind == notice.Turn || n.Kind == notice.Last {
				if u.Messages.Copied.Edition >= u.Messages.Reminded {
					u.Messages.Unanswered = 0
				}
				if u.Messages.Reminded != n.Edition {
					u.Messages.Unanswered++
				}
				u.Messages.Reminded = n.Edition
			}
		}
	}
}

func TestWhatIsToldWhen(t *testing.T) {
	t.Parallel()
	monday := local(berlin, "2026-11-16 00:00")
	sunday := local(berlin, "2026-11-22 23:59")
	turn, last := "Fri 2026-11-20 18:00 turn-2026-11-16 push-1", "Sun 2026-11-22 18:00 last-2026-11-16 push-1"
	in := func(songs int, at string) func(*archive.User) {
		return func(u *archive.User) {
			u.Weeks = []calendar.WeekTally{{Edition: archivetest.Week, Songs: songs, Copied: songs}}
			u.Messages.Copied = notice.Copied{Edition: archivetest.Week, Songs: songs, At: local(berlin, at)}
		}
	}
	trouble := func(kind outcome.Kind, at string) func(*archive.User) {
		return func(u *archive.User) { u.Messages.Trouble = notice.Trouble{Kind: kind, Since: local(berlin, at)} }
	}
	for name, c := range map[string]struct {
		edit func(u *archive.User)
		want []string
	}{
		"a_person_who_forgets":    {nil, []string{turn, last}},
		"nobody_without_channels": {func(u *archive.User) { u.Messages.Channels = nil }, nil},
		"their_own_day_and_hour": {
			func(u *archive.User) { u.Messages.Day, u.Messages.Hour = 3, 9 },
			[]string{"Wed 2026-11-18 09:00 turn-2026-11-16 push-1", last},
		},
		"sunday_is_told_once": {
			func(u *archive.User) { u.Messages.Day, u.Messages.Hour = 7, 20 },
			[]string{"Sun 2026-11-22 20:00 turn-2026-11-16 push-1"},
		},
		"impossible_settings_are_the_usual_ones": {
			func(u *archive.User) { u.Messages.Day, u.Messages.Hour = 9, 3 }, []string{turn, last},
		},
		"a_person_who_listens": {func(u *archive.User) { u.Choice = archive.ChoiceListening }, nil},
		"readable_comes_by_itself": {
			func(u *archive.User) { u.Choice, u.Discover.Access = archive.ChoiceAuto, archive.AccessReadable }, nil,
		},
		"a_full_copy_is_told_at_once":     {in(30, "2026-11-18 12:00"), []string{"Wed 2026-11-18 12:00 kept-2026-11-16 push-1"}},
		"a_copy_of_twelve_a_little_later": {in(12, "2026-11-18 12:00"), []string{"Wed 2026-11-18 12:20 kept-2026-11-16 push-1"}},
		"a_copy_at_night_in_the_morning":  {in(30, "2026-11-18 23:30"), []string{"Thu 2026-11-19 09:00 kept-2026-11-16 push-1"}},
		"a_copy_at_nine_in_the_evening":   {in(30, "2026-11-18 21:00"), []string{"Thu 2026-11-19 09:00 kept-2026-11-16 push-1"}},
		"a_copy_a_minute_before_that":     {in(30, "2026-11-18 20:59"), []string{"Wed 2026-11-18 20:59 kept-2026-11-16 push-1"}},
		"kept_is_switched_off":            {func(u *archive.User) { in(30, "2026-11-18 12:00")(u); u.Messages.KeptOff = true }, nil},
		"stopped_by_the_person":           {func(u *archive.User) { in(30, "2026-11-18 12:00")(u); u.Messages.Stopped = true }, nil},
		"paused_by_the_person":            {func(u *archive.User) { u.Status = archive.StatusPaused }, nil},
		"leaving":                         {func(u *archive.User) { u.Status = archive.StatusLeaving }, nil},
		"away_all_week":                   {func(u *archive.User) { u.Messages.AwayUntil = local(berlin, "2026-11-23 00:00") }, nil},
		"back_on_saturday":                {func(u *archive.User) { u.Messages.AwayUntil = local(berlin, "2026-11-21 00:00") }, []string{last}},
		"an_absence_of_ten_years_is_no_absence": {
			func(u *archive.User) { u.Messages.AwayUntil = local(berlin, "2036-11-21 00:00") }, []string{turn, last},
		},
		"a_channel_of_saturday": {
			func(u *archive.User) { u.Messages.Channels[0].AddedAt = local(berlin, "2026-11-21 10:00") }, []string{last},
		},
		"one_channel_for_the_week": {
			func(u *archive.User) {
				u.Messages.Channels = append(u.Messages.Channels, notice.Channel{ID: "ntfy", Kind: notice.ChannelNtfy})
			},
			[]string{strings.Replace(turn, "push-1", "ntfy", 1), strings.Replace(last, "push-1", "ntfy", 1)},
		},
		"the_channel_that_was_chosen": {
			func(u *archive.User) {
				u.Messages.Channels = append(u.Messages.Channels, notice.Channel{ID: "ntfy", Kind: notice.ChannelNtfy})
				u.Messages.Week = "push-1"
			},
			[]string{turn, last},
		},
		"two_unanswered_weeks_end_the_last_evening": {
			func(u *archive.User) { u.Messages.Reminded, u.Messages.Unanswered = archivetest.WeekBefore, 2 }, []string{turn},
		},
		"three_of_them": {
			func(u *archive.User) { u.Messages.Reminded, u.Messages.Unanswered = archivetest.WeekBefore, 3 }, []string{turn},
		},
		"four_of_them_one_a_month": {
			func(u *archive.User) { u.Messages.Reminded, u.Messages.Unanswered = archivetest.WeekBefore, 4 }, nil,
		},
		"a_month_later": {
			func(u *archive.User) { u.Messages.Reminded, u.Messages.Unanswered = "2026-10-19", 4 }, []string{turn},
		},
		"an_answer_begins_anew": {
			func(u *archive.User) {
				u.Messages.Reminded, u.Messages.Unanswered = archivetest.WeekBefore, 4
				u.Messages.Copied = notice.Copied{Edition: archivetest.WeekBefore, Songs: 30, At: local(berlin, "2026-11-13 19:00")}
			},
			[]string{turn, last},
		},
		"something_is_in_the_way": {
			trouble(outcome.Scope, "2026-11-17 12:00"), []string{"Tue 2026-11-17 12:00 stopped-scope-2026-11-17 push-1"},
		},
		"what_may_pass_is_told_a_day_later": {
			trouble(outcome.InboxGone, "2026-11-17 12:00"), []string{"Wed 2026-11-18 12:00 stopped-inbox_gone-2026-11-17 push-1"},
		},
		"reconnect_once": {
			func(u *archive.User) {
				u.Status = archive.StatusReconnect
				trouble(outcome.Reconnect, "2026-11-17 03:00")(u)
			},
			[]string{"Tue 2026-11-17 09:00 reconnect-2026-11-17-1 push-1"},
		},
		"and_once_more_after_two_weeks": {
			func(u *archive.User) {
				u.Status = archive.StatusReconnect
				trouble(outcome.Reconnect, "2026-11-03 12:00")(u)
				u.Messages.Told = []notice.Told{{Key: "reconnect-2026-11-03-1", Channel: "push-1", At: local(berlin, "2026-11-03 12:00")}}
			},
			[]string{"Tue 2026-11-17 12:00 reconnect-2026-11-03-2 push-1"},
		},
		"then_silence": {
			func(u *archive.User) {
				u.Status = archive.StatusReconnect
				trouble(outcome.Reconnect, "2026-10-18 12:00")(u)
			},
			nil,
		},
		"the_consent_ends_in_fourteen_days": {
			func(u *archive.User) {
				u.Grant.AuthorizedAt = local(berlin, "2026-12-01 10:00").Add(-archive.ConsentLife)
				u.Messages.Channels = append(u.Messages.Channels, notice.Channel{ID: "ntfy", Kind: notice.ChannelNtfy})
				u.Messages.Week = "push-1"
			},
			// The message of the thirty days is of use until that of the fourteen.
			[]string{
				"Mon 2026-11-16 09:00 ends-2026-12-01-30 push-1", "Mon 2026-11-16 09:00 ends-2026-12-01-30 ntfy",
				"Tue 2026-11-17 10:00 ends-2026-12-01-14 push-1", "Tue 2026-11-17 10:00 ends-2026-12-01-14 ntfy", turn, last,
			},
		},
		"a_try_in_vain_waits": {
			func(u *archive.User) { u.Messages.RetryAt = local(berlin, "2026-11-20 18:05") },
			[]string{strings.Replace(turn, "18:00", "18:05", 1), last},
		},
		"a_try_in_vain_waits_for_the_morning": {
			func(u *archive.User) { u.Messages.RetryAt = local(berlin, "2026-11-20 21:05") },
			[]string{strings.Replace(turn, "Fri 2026-11-20 18:00", "Sat 2026-11-21 09:00", 1), last},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := copier(t)
			if c.edit != nil {
				c.edit(&u)
			}
			if diff := cmp.Diff(told(u, monday, sunday), c.want); diff != "" {
				t.Errorf("told, got -, want +:\n%s", diff)
			}
		})
	}
}

// Where the day has another length, and on the other side of the earth, it is
// 18:00 all the same; and nobody is ever told anything at night.
func TestZones(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Pacific/Kiritimati", "Pacific/Auckland", "Asia/Kolkata", berlin, "UTC", "America/St_Johns", "America/Los_Angeles", "Pacific/Pago_Pago", "+10:30", "-12:00"} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			u := copier(t, func(u *archive.User) {
				u.Zone = zone
				u.Messages.Channels[0].AddedAt = time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
				u.Grant.AuthorizedAt = time.Date(2026, 10, 1, 3, 0, 0, 0, time.UTC)
			})
			for week := range 40 {
				from := time.Date(2026, 2, 2+7*week, 0, 0, 0, 0, zoneOf(zone))
				u.Messages.Reminded, u.Messages.Unanswered, u.Messages.Told = "", 0, nil
				list := told(u, from, from.AddDate(0, 0, 7))
				if len(list) != 2 || !strings.Contains(list[0], "Fri ") || !strings.Contains(list[0], " 18:00 turn") || !strings.Contains(list[1], "Sun ") || !strings.Contains(list[1], " 18:00 last") {
					t.Fatalf("from %s: got %v, want Friday and Sunday at 18:00", from, list)
				}
			}
		})
	}
}

func TestNobodyIsToldAnythingAtNight(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Pacific/Kiritimati", berlin, "America/Los_Angeles"} {
		for minute := range 7 * 24 * 4 {
			at := archivetest.WeekTime().Add(time.Duration(minute) * 15 * time.Minute)
			u := copier(t, func(u *archive.User) {
				u.Zone = zone
				u.Messages.Trouble = notice.Trouble{Kind: outcome.Scope, Since: at}
				u.Messages.Copied = notice.Copied{Edition: archivetest.Week, Songs: 30, At: at}
			})
			next := u.NextNotice(at)
			hour := next.In(zoneOf(zone)).Hour()
			if hour < notice.FirstHour || hour > notice.LastHour || next.Before(at) || next.Sub(at) > 12*time.Hour+time.Minute {
				t.Fatalf("%s in %s: got %s, want it in the next waking hour", at, zone, next)
			}
			if night := at.In(zoneOf(zone)).Hour() < notice.FirstHour || at.In(zoneOf(zone)).Hour() > notice.LastHour; night != (len(u.Notices(at)) == 0) {
				t.Fatalf("%s in %s: night %t, and %d notices", at, zone, night, len(u.Notices(at)))
			}
		}
	}
}

// A person who never answers gets two messages a week for two weeks, one for
// two more, and then one a month.
func TestUnansweredWeeksGetFewerMessages(t *testing.T) {
	t.Parallel()
	u := copier(t, func(u *archive.User) { u.Grant.AuthorizedAt = archivetest.WeekTime() })
	list := told(u, local(berlin, "2026-11-16 00:00"), local(berlin, "2027-03-14 23:00"))
	var got []string
	for _, line := range list {
		got = append(got, strings.Fields(line)[3])
	}
	want := []string{
		"turn-2026-11-16", "last-2026-11-16", "turn-2026-11-23", "last-2026-11-23", "turn-2026-11-30", "turn-2026-12-07",
		"turn-2027-01-04", "turn-2027-02-01", "turn-2027-03-01",
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("got -, want +:\n%s", diff)
	}
}

// What is due is due until it is told or means nothing any more, and NextNotice
// never names a time at which nothing is due.
func TestNextNoticeNamesWhatIsDue(t *testing.T) {
	t.Parallel()
	for i := range 2000 {
		r := dice(uint64(i))
		u := copier(t, func(u *archive.User) {
			u.Zone = []string{berlin, "Pacific/Auckland", "America/Los_Angeles", "", "+05:45"}[r.IntN(5)]
			u.Messages.Day, u.Messages.Hour = r.IntN(9), r.IntN(24)
			u.Messages.Unanswered, u.Messages.Reminded = r.IntN(6), []calendar.Edition{"", archivetest.WeekBefore, archivetest.Week}[r.IntN(3)]
			u.Grant.AuthorizedAt = archivetest.WeekTime().Add(-time.Duration(r.IntN(200)) * 24 * time.Hour)
			u.Status = []archive.Status{archive.StatusActive, archive.StatusReconnect, archive.StatusPaused}[r.IntN(3)]
			u.Messages.Trouble = notice.Trouble{
				Kind:  []outcome.Kind{"", outcome.Reconnect, outcome.InboxGone}[r.IntN(3)],
				Since: archivetest.WeekTime().Add(-time.Duration(r.IntN(900)) * time.Hour),
			}
			if r.IntN(3) == 0 {
				u.Messages.AwayUntil = archivetest.WeekTime().Add(time.Duration(r.IntN(400)) * time.Hour)
			}
			if r.IntN(3) == 0 {
				u.Messages.Copied = notice.Copied{Edition: archivetest.Week, Songs: 1 + r.IntN(30), At: archivetest.WeekTime()}
			}
		})
		now := archivetest.WeekTime().Add(time.Duration(r.IntN(7*24*60)) * time.Minute)
		next := u.NextNotice(now)
		switch {
		case next.IsZero():
		case next.Before(now):
			t.Fatalf("case %d: at %s got %s, which is over", i, now, next)
		case len(u.Notices(next)) == 0:
			t.Fatalf("case %d: at %s nothing is due at %s", i, now, next)
		}
		if due := u.Notices(now); len(due) > 0 != next.Equal(now) {
			t.Fatalf("case %d: at %s %d are due, and the next at %s", i, now, len(due), next)
		}
	}
}

func TestEveryNoticeFitsItsUse(t *testing.T) {
	t.Parallel()
	u := copier(t, func(u *archive.User) {
		u.Missed = []calendar.Edition{archivetest.WeekBefore}
		u.Grant.AuthorizedAt = local(berlin, "2026-11-23 10:00").Add(-archive.ConsentLife)
	})
	friday := local(berlin, "2026-11-20 18:30")
	list := u.Notices(friday)
	i := slices.IndexFunc(list, func(n notice.Notice) bool { return n.Kind == notice.Turn })
	if i < 0 || !list[i].Missed || list[i].DaysLeft != 3 || !list[i].Until.Equal(local(berlin, "2026-11-22 18:00")) {
		t.Errorf("got %+v, want a turn with three days left after a missed week, of use until Sunday 18:00", list)
	}
	for _, n := range list {
		if !n.Until.After(friday) || n.From.After(friday) {
			t.Errorf("%s: got %s to %s at %s", n.Key, n.From, n.Until, friday)
		}
	}
	if got := fmt.Sprint(len(list)); got != "2" {
		t.Errorf("got %s notices, want the turn and the end of the consent", got)
	}
}

// A message is a reason to be looked at: at its time, also while Spotify asks to
// be left alone, and for a person whose consent is over.
func TestMessagesAreDue(t *testing.T) {
	t.Parallel()
	friday := local(berlin, "2026-11-20 18:00")
	u := copier(t)
	if due := u.NextLook(friday.Add(-time.Hour), time.Time{}); due.Why != archive.DueMessage || !friday.After(due.At) || friday.Sub(due.At) > time.Minute {
		t.Errorf("got %+v, want the reminder of %s", due, friday)
	}
	if due := u.NextLook(friday.Add(-time.Hour), friday.AddDate(0, 0, 1)); due.Why != archive.DueMessage {
		t.Errorf("while Spotify asks to wait: got %+v, want the reminder of %s", due, friday)
	}
	gone := copier(t, func(u *archive.User) {
		u.Status = archive.StatusReconnect
		u.Messages.Trouble = notice.Trouble{Kind: outcome.Reconnect, Since: local(berlin, "2026-11-20 23:00")}
	})
	gone.Reschedule(local(berlin, "2026-11-20 23:00"))
	if at, ok := gone.DueAt(); !ok || local(berlin, "2026-11-21 09:00").Sub(at) > time.Minute {
		t.Errorf("got %s (%t), want the next morning", at, ok)
	}
	gone.Messages.Told = []notice.Told{{Key: "reconnect-2026-11-20-1", Channel: "push-1"}, {Key: "reconnect-2026-11-20-2", Channel: "push-1"}}
	gone.Told(local(berlin, "2026-12-05 09:00"))
	if at, ok := gone.DueAt(); ok {
		t.Errorf("after everything was told: got %s, want no look", at)
	}
}
