package calendar_test

import (
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
)

func at(t *testing.T, s string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestEditionOf(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		added string
		want  calendar.Edition
	}{
		"monday_midnight_utc":            {"2026-11-16T00:00:00Z", "2026-11-16"},
		"monday_midnight_at_utc_plus_1":  {"2026-11-15T23:00:00Z", "2026-11-16"},
		"monday_midnight_at_utc_plus_14": {"2026-11-15T10:00:00Z", "2026-11-16"},
		"monday_midnight_at_utc_less_12": {"2026-11-16T12:00:00Z", "2026-11-16"},
		"changed_in_the_middle_of_week":  {"2026-11-19T08:00:00Z", "2026-11-16"},
		"first_monday_of_a_year":         {"2027-01-03T12:00:00Z", "2027-01-04"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := calendar.EditionOf(at(t, row.added)); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

func TestDueEdition(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		now  string
		want calendar.Edition
	}{
		"before_the_last_time_zone_has_monday": {"2026-11-16T11:59:59Z", "2026-11-09"},
		"when_every_time_zone_has_monday":      {"2026-11-16T12:00:00Z", "2026-11-16"},
		"sunday_evening":                       {"2026-11-22T23:59:59Z", "2026-11-16"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := calendar.DueEdition(at(t, row.now)); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

func TestParseEdition(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{
		"2026-11-16": true, "2026-11-17": false, "2026-13-01": false, "": false, "20261116": false, "2026-11-16T00": false,
	} {
		got, err := calendar.ParseEdition(text)
		if (err == nil) != ok {
			t.Errorf("%q: got edition %q and error %v, want accepted %t", text, got, err, ok)
		}
	}
	if got := calendar.Edition("rubbish").Monday(); !got.IsZero() {
		t.Errorf("got Monday %s of no edition, want the zero time", got)
	}
}
