package archive_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// whoCopies is a person who copies, has been with us for long, and has copied last
// at that time; whatever they bring is read.
func whoCopies(id int, copied time.Time) archive.User {
	began := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	return archive.User{
		ID: archive.NewUserID(webapi.Profile{ID: fmt.Sprint("copier", id)}), Status: archive.StatusActive,
		Choice: archive.ChoiceInbox, CreatedAt: began, Grant: archive.Grant{AuthorizedAt: began},
		Inbox: archive.Inbox{PlaylistID: "inbox", Confirmed: true, CopiedAt: copied},
		Last:  outcome.Outcome{Kind: outcome.NothingNew, At: began},
	}
}

// looks are the times of a week, from the weekly message on, at which somebody
// looks at the user, if each look changes nothing.
func looks(u archive.User, weekly time.Time) []time.Time {
	list := []time.Time{weekly}
	end := weekly.AddDate(0, 0, 7)
	for {
		next := u.NextLook(list[len(list)-1].Add(time.Minute), time.Time{}).At
		if !next.Before(end) {
			return list
		}
		list = append(list, next)
	}
}

// A person who copies is looked at four times a week, Monday included, whatever
// their day is. A copy on their day is found on the next one at the latest, and none
// waits for more than three.
func TestLooksAtAnInbox(t *testing.T) {
	t.Parallel()
	weekly := time.Date(2026, 11, 16, 13, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	for id := range 50 {
		for hours := -1; hours < 7*24; hours++ {
			usual := time.Duration(hours) * time.Hour
			u := whoCopies(id, time.Time{})
			longest := 2*day + 4*time.Hour
			if hours >= 0 {
				u.Inbox.CopiedAt = weekly.AddDate(0, 0, -7).Add(usual)
				longest = 3*day + 4*time.Hour
			}
			list := append(looks(u, weekly), weekly.AddDate(0, 0, 7))
			if len(list) != 5 {
				t.Fatalf("user %d, usual hour %d: got %d looks a week, want 4: %v", id, hours, len(list)-1, list)
			}
			found := time.Duration(-1)
			for i, at := range list[1:] {
				if gap := at.Sub(list[i]); gap > longest {
					t.Errorf("user %d, usual hour %d: got %s between two looks, want at most %s", id, hours, gap, longest)
				}
				if wait := at.Sub(weekly.Add(usual)); wait > 0 && found < 0 {
					found = wait
				}
			}
			if hours >= 0 && found > day+4*time.Hour { // over which the users of a day are spread
				t.Errorf("user %d, usual hour %d: their copy is found after %s, want the next day at the latest", id, hours, found)
			}
		}
	}
}

// Looks go on daily where something is wrong, or new, and end once a whole list
// was copied.
func TestLooksAtAnInboxFollowTheWeek(t *testing.T) {
	t.Parallel()
	monday := time.Date(2026, 11, 16, 13, 5, 0, 0, time.UTC)
	for name, row := range map[string]struct {
		change func(u *archive.User)
		days   int
		why    archive.DueReason
	}{
		"nothing_copied":              {func(*archive.User) {}, 2, archive.DueWeek},
		"some_of_the_list_copied":     {func(u *archive.User) { u.Inbox.NoteShown("2026-11-16", 29) }, 2, archive.DueWeek},
		"the_whole_list_copied":       {func(u *archive.User) { u.Inbox.NoteShown("2026-11-16", 30) }, 8, archive.DueMissed},
		"the_list_before_copied":      {func(u *archive.User) { u.Inbox.NoteShown("2026-11-09", 30) }, 2, archive.DueWeek},
		"the_copy_is_not_sure":        {func(u *archive.User) { u.Inbox.Confirmed = false }, 1, archive.DueWeek},
		"the_inbox_does_not_show":     {func(u *archive.User) { u.Inbox.Absence.Since = monday }, 1, archive.DueWeek},
		"the_inbox_could_not_be_read": {func(u *archive.User) { u.TroubledAt = monday }, 1, archive.DueWeek},
		"songs_wait":                  {func(u *archive.User) { u.NoteWaiting(monday) }, 1, archive.DueWeek},
		"the_archive_is_missing":      {func(u *archive.User) { u.Last.Kind = outcome.Missing }, 1, archive.DueWeek},
		"somebody_is_new":             {func(u *archive.User) { u.CreatedAt = monday.AddDate(0, 0, -2) }, 1, archive.DueWeek},
		"discover_weekly_is_read_too": {func(u *archive.User) { u.Choice = "discover+inbox" }, 1, archive.DueWeek},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := whoCopies(1, time.Time{})
			row.change(&u)
			due := u.NextLook(monday, time.Time{})
			got := due.At.Sub(monday)
			least := time.Duration(row.days-1) * 24 * time.Hour
			if got < least || got > least+28*time.Hour || due.Why != row.why {
				t.Errorf("got a look after %s for %q, want one on day %d for %q", got, due.Why, row.days, row.why)
			}
		})
	}
}
