package calendar

import (
	"sync"
	"time"
	_ "time/tzdata" // a container, and Windows, have no zones of their own
)

// maxZone bounds a stored zone's name; the longest IANA name has 30
// characters (https://www.iana.org/time-zones).
const maxZone = 40

// offsetLayout is the form of a zone that was learned from dates: "+10:30".
const offsetLayout = "-07:00"

// ParseZone returns the zone of an IANA name, as a browser tells it, or of an
// offset from UTC such as "+10:30". ok is false for anything else, "Local"
// and the empty name included.
func ParseZone(name string) (zone *time.Location, ok bool) {
	if name == "" || name == "Local" || len(name) > maxZone {
		return nil, false
	}
	if t, err := time.Parse(offsetLayout, name); err == nil {
		_, seconds := t.Zone()
		return time.FixedZone(name, seconds), true
	}
	if known, ok := zones.Load(name); ok {
		return known.(*time.Location), true
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, false
	}
	zones.Store(name, zone)
	return zone, true
}

// zones are those that were asked for, by name: reading one takes longer than
// all that is done with it. There are some hundred.
var zones sync.Map

// ZoneOfMonday returns the offset of a person whose Discover Weekly carries
// this date: it changes at their Monday 00:00. ok is false for a date that is
// no whole quarter of an hour, as every offset is, or no Monday anywhere.
func ZoneOfMonday(added time.Time) (offset string, ok bool) {
	added = added.UTC()
	ahead := EditionOf(added).Monday().Sub(added)
	if ahead%(15*time.Minute) != 0 || ahead > earliestMonday || ahead < -LatestMonday {
		return "", false
	}
	return added.In(time.FixedZone("", int(ahead.Seconds()))).Format(offsetLayout), true
}
