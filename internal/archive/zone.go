package archive

import (
	"strings"
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

// EnterZone takes the zone that a person enters, which no browser of theirs
// changes; an empty one leaves it to the browser again. False for what is none.
func (u *User) EnterZone(name string) bool {
	name = strings.TrimSpace(name)
	if name == "" || name == u.Zone {
		u.OwnZone = u.OwnZone && name != ""
		return true
	}
	if _, ok := calendar.ParseZone(name); !ok {
		return false
	}
	u.Zone, u.OwnZone = name, true
	return true
}

// WeekOf names the person's own week that contains t.
func (u User) WeekOf(t time.Time) calendar.Edition {
	local := t.In(u.Location())
	return calendar.WeekOf(time.Date(local.Year(), local.Month(), local.Day(), 12, 0, 0, 0, time.UTC))
}
