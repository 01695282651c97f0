package calendar

import (
	"fmt"
	"time"
)

// An Edition is one week of Discover Weekly, named by its Monday in the form
// "2026-11-16". Editions compare as strings in order of time; the zero Edition
// ("") comes before every other.
type Edition string

const (
	editionLayout = "2006-01-02"

	// Discover Weekly changes at the user's local Monday 00:00, which is
	// between Sunday 10:00 UTC (UTC+14) and Monday 12:00 UTC (UTC-12).
	earliestMonday = 14 * time.Hour

	// LatestMonday is how long after its midnight in UTC a Monday has begun everywhere.
	LatestMonday = 12 * time.Hour
)

// EditionOf names the edition of a Discover Weekly whose newest song was added
// at that time, wherever on earth the user lives.
func EditionOf(newestAdded time.Time) Edition { return WeekOf(newestAdded.Add(earliestMonday)) }

// DueEdition is the newest edition that is out in every time zone at now.
func DueEdition(now time.Time) Edition { return WeekOf(now.Add(-LatestMonday)) }

// WeekOf names the ISO week (Monday to Sunday, UTC) that contains t.
func WeekOf(t time.Time) Edition {
	t = t.UTC()
	sinceMonday := (int(t.Weekday()) + 6) % 7
	return Edition(t.AddDate(0, 0, -sinceMonday).Format(editionLayout))
}

// ParseEdition accepts the Monday of a week and nothing else.
func ParseEdition(s string) (Edition, error) {
	day, err := time.Parse(editionLayout, s)
	if err != nil {
		return "", fmt.Errorf("edition %q is no date of the form 2026-11-16", s)
	}
	if day.Weekday() != time.Monday {
		return "", fmt.Errorf("edition %q is a %s, not a Monday", s, day.Weekday())
	}
	return Edition(s), nil
}

// Previous is the edition of the week before.
func (e Edition) Previous() Edition { return WeekOf(e.Monday().AddDate(0, 0, -7)) }

// Next is the edition of the week after.
func (e Edition) Next() Edition { return WeekOf(e.Monday().AddDate(0, 0, 7)) }

// Monday returns the edition's day at 00:00 UTC; the zero time for no edition.
func (e Edition) Monday() time.Time {
	day, err := time.Parse(editionLayout, string(e))
	if err != nil {
		return time.Time{}
	}
	return day
}

// DiscoverSongs is how many songs a Discover Weekly has. One that shows fewer
// may not have shown everything.
const DiscoverSongs = 30

// Impossible reports whether the edition is later than any list on earth can
// show at now, on any machine's clock: a clock that was wrong has noted it.
func (e Edition) Impossible(now time.Time) bool { return e > EditionOf(now.Add(MaxSkew)) }
