package ledger_test

import (
	"errors"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

func TestSeenKnowsIDsAndRecordings(t *testing.T) {
	t.Parallel()
	var s ledger.Seen
	if s.Has(ledger.Track{ID: "a", ISRC: "X"}) {
		t.Error("the empty set has a song")
	}
	song := ledger.Track{ID: "a", ISRC: "QZES50000001", Length: 200_400}
	s.Add(song, ledger.Track{ID: "b"}, ledger.Track{}, ledger.Track{ID: "c", ISRC: "QZES50000002"})
	ids, recordings := s.Pack()
	unpacked, err := ledger.UnpackSeen(ids, recordings)
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		track ledger.Track
		want  bool
	}{
		"the_song":                       {song, true},
		"the_id_alone":                   {ledger.Track{ID: "a"}, true},
		"another_id_of_the_recording":    {ledger.Track{ID: "x", ISRC: song.ISRC, Length: song.Length}, true},
		"half_a_second_longer":           {ledger.Track{ID: "x", ISRC: song.ISRC, Length: song.Length + 500}, true},
		"another_length_of_the_isrc":     {ledger.Track{ID: "x", ISRC: song.ISRC, Length: song.Length + 3000}, false},
		"the_isrc_without_a_length":      {ledger.Track{ID: "x", ISRC: song.ISRC}, false},
		"the_isrc_of_one_without_length": {ledger.Track{ID: "x", ISRC: "QZES50000002", Length: 1000}, false},
		"nothing_in_common":              {ledger.Track{ID: "x"}, false},
	} {
		for where, set := range map[string]*ledger.Seen{"itself": &s, "unpacked": &unpacked} {
			if got := set.Has(row.track); got != row.want || set.Len() != 3 {
				t.Errorf("%s, %s: got %t and %d songs, want %t and 3", name, where, got, set.Len(), row.want)
			}
		}
	}
	if _, err := ledger.UnpackSeen(ids[1:], recordings); !errors.Is(err, fault.ErrMalformed) {
		t.Errorf("got error %v for half a hash, want malformed", err)
	}
}
