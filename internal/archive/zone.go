package archive

import (
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
)

// Location is where the person's Mondays begin; UTC while it is not known.
func (u User) Location() *time.Location {
	if zone, ok := calendar.ParseZone(u.Zone); ok {
		return zone
	}
	return time.UTC
}

// WeekOf names the person's own week that contains t.
func (u User) WeekOf(t time.Time) calendar.Edition {
	local := t.In(u.Location())
	return calendar.WeekOf(time.Date(local.Year(), local.Month(), local.Day(), 12, 0, 0, 0, time.UTC))
}
