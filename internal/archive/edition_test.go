package archive_test

import (
	"errors"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
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
		want  archive.Edition
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
			if got := archive.EditionOf(at(t, row.added)); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

func TestDueEdition(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		now  string
		want archive.Edition
	}{
		"before_the_last_time_zone_has_monday": {"2026-11-16T11:59:59Z", "2026-11-09"},
		"when_every_time_zone_has_monday":      {"2026-11-16T12:00:00Z", "2026-11-16"},
		"sunday_evening":                       {"2026-11-22T23:59:59Z", "2026-11-16"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := archive.DueEdition(at(t, row.now)); got != row.want {
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
		got, err := archive.ParseEdition(text)
		if (err == nil) != ok {
			t.Errorf("%q: got edition %q and error %v, want accepted %t", text, got, err, ok)
		}
	}
	if got := archive.Edition("rubbish").Monday(); !got.IsZero() {
		t.Errorf("got Monday %s of no edition, want the zero time", got)
	}
}

func TestNewUserIDIsOpaqueAndStable(t *testing.T) {
	t.Parallel()
	id := archive.NewUserID(archive.Profile{AccountID: "account", ID: "name"})
	if !id.Valid() {
		t.Errorf("got %q, which is not valid", id)
	}
	if other := archive.NewUserID(archive.Profile{AccountID: "account", ID: "renamed"}); other != id {
		t.Errorf("got %q for the same account_id, want %q", other, id)
	}
	if other := archive.NewUserID(archive.Profile{ID: "account"}); other != id {
		t.Errorf("got %q where account_id is missing, want the id to stand in", other)
	}
	for _, bad := range []archive.UserID{"", "short", id + "a", archive.UserID("../" + string(id)[3:]), archive.UserID("A" + string(id)[1:])} {
		if bad.Valid() {
			t.Errorf("got valid for %q, want invalid", bad)
		}
	}
}

func TestSeenKnowsIDsAndRecordings(t *testing.T) {
	t.Parallel()
	var s archive.Seen
	if s.Has(archive.Track{ID: "a", ISRC: "X"}) {
		t.Error("the empty set has a song")
	}
	song := archive.Track{ID: "a", ISRC: "QZES50000001", Length: 200_400}
	s.Add(song, archive.Track{ID: "b"}, archive.Track{}, archive.Track{ID: "c", ISRC: "QZES50000002"})
	ids, recordings := s.Pack()
	unpacked, err := archive.UnpackSeen(ids, recordings)
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		track archive.Track
		want  bool
	}{
		"the_song":                       {song, true},
		"the_id_alone":                   {archive.Track{ID: "a"}, true},
		"another_id_of_the_recording":    {archive.Track{ID: "x", ISRC: song.ISRC, Length: song.Length}, true},
		"half_a_second_longer":           {archive.Track{ID: "x", ISRC: song.ISRC, Length: song.Length + 500}, true},
		"another_length_of_the_isrc":     {archive.Track{ID: "x", ISRC: song.ISRC, Length: song.Length + 3000}, false},
		"the_isrc_without_a_length":      {archive.Track{ID: "x", ISRC: song.ISRC}, false},
		"the_isrc_of_one_without_length": {archive.Track{ID: "x", ISRC: "QZES50000002", Length: 1000}, false},
		"nothing_in_common":              {archive.Track{ID: "x"}, false},
	} {
		for where, set := range map[string]*archive.Seen{"itself": &s, "unpacked": &unpacked} {
			if got := set.Has(row.track); got != row.want || set.Len() != 3 {
				t.Errorf("%s, %s: got %t and %d songs, want %t and 3", name, where, got, set.Len(), row.want)
			}
		}
	}
	if _, err := archive.UnpackSeen(ids[1:], recordings); !errors.Is(err, archive.ErrMalformed) {
		t.Errorf("got error %v for half a hash, want malformed", err)
	}
}
