package archive_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
)

// No run looks at a person who only pastes, and no message but the weekly one finds
// somebody whose time lies too far ahead: it has to take them whenever they have to be
// told something sooner.
func TestWeeklyMessageTakesWhomItIsTimeToRemind(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	monday := archivetest.WeekTime().Truncate(day).Add(13 * time.Hour)
	for name, c := range map[string]struct {
		edit  func(u *archive.User)
		noted time.Time // when the next look was
		want  bool
	}{
		"noted_yesterday":                  {func(*archive.User) {}, monday.Add(-day), false},
		"noted_by_a_clock_nine_days_ahead": {func(*archive.User) {}, monday.Add(8 * day), true},
		"noted_by_a_clock_a_month_ahead":   {func(*archive.User) {}, monday.Add(29 * day), true},
		"away_until_yesterday":             {func(u *archive.User) { u.Messages.AwayUntil = monday.Add(-day) }, monday.Add(-22 * day), true},
		"away_for_three_more_weeks":        {func(u *archive.User) { u.Messages.AwayUntil = monday.Add(21 * day) }, monday.Add(-day), false},
		"did_not_answer_and_the_month_is_out": {func(u *archive.User) {
			u.Messages.Reminded, u.Messages.Unanswered = calendar.WeekOf(monday.Add(-28*day)), 5
		}, monday.Add(-20 * day), true},
		"wants_no_messages": {func(u *archive.User) { u.Messages.Stopped = true }, monday.Add(-day), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := copier(t, func(u *archive.User) { u.Choice, u.Zone = archive.ChoicePaste, "" }, c.edit)
			u.Due = u.NextLook(c.noted, time.Time{})
			if got := takes(u, archive.DueQuery{Open: monday, Limit: 1}); got != c.want {
				t.Errorf("due at %s (%s): taken %t, want %t", u.Due.At, u.Due.Why, got, c.want)
			}
		})
	}
}

// What a run has noted of its own week stays, whatever week a clock that was ahead
// has begun before.
func TestBeginWeekEndsOnlyWeeksThatCannotBe(t *testing.T) {
	t.Parallel()
	now := archivetest.WeekTime()
	this := calendar.WeekOf(now)
	ahead := calendar.WeekOf(now.AddDate(0, 0, 28))
	u := copier(t, func(u *archive.User) {
		u.Choice = archive.ChoicePaste
		u.Weeks = []calendar.WeekTally{{Edition: ahead.Previous(), Songs: 3, Copied: 3}, {Edition: ahead, Songs: 5, Copied: 5}}
	})
	u = u.Believable(now)
	u.NoteEntry(ledger.Entry{Key: ledger.EntryKey{Edition: this, Source: ledger.SourcePaste}, Found: 2, Added: 2})
	u.BeginWeek(now)
	if diff := cmp.Diff([]calendar.WeekTally{{Edition: this, Songs: 2, Copied: 2}}, u.Weeks); diff != "" {
		t.Errorf("weeks (-want +got):\n%s", diff)
	}
}

// A clock that was ahead tells a week that others take for done as soon as it can be.
func TestWeekThatAClockAheadToldIsOpen(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	monday := archivetest.WeekTime().Truncate(day).Add(13 * time.Hour)
	next := calendar.WeekOf(monday).Next()
	for name, c := range map[string]struct {
		noted, now time.Time
		edition    calendar.Edition
		want       bool
	}{
		"this_week_noted_an_hour_ago":             {monday.Add(-time.Hour), monday, next.Previous(), false},
		"this_week_noted_two_minutes_ahead":       {monday.Add(2 * time.Minute), monday, next.Previous(), false},
		"this_week_noted_a_day_ahead":             {monday.Add(day), monday, next.Previous(), true},
		"next_week_on_the_sunday_when_it_shows":   {monday.Add(6*day - time.Hour), monday.Add(6 * day), next, false},
		"next_week_on_the_saturday_before":        {monday.Add(5*day - time.Hour), monday.Add(5 * day), next, true},
		"next_week_noted_nine_days_ahead":         {monday.Add(10 * day), monday.Add(day), next, true},
		"next_week_noted_nine_days_ahead_and_due": {monday.Add(10 * day), monday.Add(7 * day), next, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := copier(t, func(u *archive.User) {
				u.Choice, u.LastEdition, u.Discover.Done = archive.ChoiceDiscover, c.edition, c.edition
				u.Last.At, u.Due = c.noted, archive.Due{At: c.now.Add(day), Why: archive.DueMissed}
			})
			believed := u.Believable(c.now)
			for what, got := range map[string]bool{
				"week open":                        u.WeekOpen(c.now),
				"week open to a run":               believed.WeekOpen(c.now),
				"Discover Weekly not done":         believed.Discover.Done < c.edition,
				"taken by a look at everybody":     takes(u, archive.DueQuery{Everybody: true, Before: c.now, Limit: 1}),
				"taken by the weekly message then": takes(u, archive.DueQuery{Open: c.now, Limit: 1}),
			} {
				if got != c.want {
					t.Errorf("%s: got %t, want %t", what, got, c.want)
				}
			}
		})
	}
}

// A user whose runs fail is tried again after as long as they have failed, and at the
// daily look at the latest.
func TestNextLookWhileRunsFail(t *testing.T) {
	t.Parallel()
	now := archivetest.WeekTime().Truncate(24 * time.Hour).Add(19 * time.Hour)
	next := func(failing time.Duration) time.Duration {
		u := copier(t, func(u *archive.User) {
			u.Choice, u.Last = archive.ChoiceDiscover, outcome.Outcome{Kind: outcome.Unavailable, At: now}
			if failing > 0 {
				u.Failing = now.Add(-failing)
			}
		})
		return u.NextLook(now, time.Time{}).At.Sub(now)
	}
	daily := next(0)
	if daily < 18*time.Hour {
		t.Fatalf("the daily look is in %v, which is too soon to compare with", daily)
	}
	for failing, want := range map[time.Duration][2]time.Duration{
		time.Minute:         {30 * time.Minute, time.Hour},
		time.Hour:           {time.Hour, 2 * time.Hour},
		4 * time.Hour:       {4 * time.Hour, 5 * time.Hour},
		30 * 24 * time.Hour: {daily, daily},
	} {
		if got := next(failing); got < want[0] || got > want[1] {
			t.Errorf("failing for %v: got a look in %v, want %v to %v", failing, got, want[0], want[1])
		}
	}
}

func takes(u archive.User, q archive.DueQuery) bool {
	var page archive.DuePage
	page.Consider(u, q)
	return slices.Contains(page.Users, u.ID)
}
