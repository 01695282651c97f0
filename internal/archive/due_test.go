package archive_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
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
			var page archive.DuePage
			page.Consider(u, archive.DueQuery{Open: monday, Limit: 1})
			if got := slices.Contains(page.Users, u.ID); got != c.want {
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
