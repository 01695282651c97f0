package exactlyonce

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// A link tells an id and no more, and Spotify may show the song under another one.
// An append of such songs whose answer was lost has to be known again, also when the
// person has changed the archive before anybody looked.
func TestPastedSongsUnderOtherIDs(t *testing.T) {
	t.Parallel()
	sent := began.Add(40 * time.Second)
	items := func(at time.Time, songs ...int) (list []webapi.Item) {
		for _, n := range songs {
			list = append(list, webapi.Item{Track: song(n), Usable: true, AddedAt: at})
		}
		return list
	}
	old := items(began.AddDate(0, 0, -7), 1, 5, 6)
	const pasted = 4
	for name, c := range map[string]struct {
		now  []webapi.Item // the archive that held old when the songs were sent
		want int           // songs that are put now
	}{
		"all_at_the_end":                     {slices.Concat(old, items(sent, 12, 13, 14, 15)), 0},
		"an_older_one_taken_out":             {slices.Concat(old[1:], items(sent, 12, 13, 14, 15)), 0},
		"moved_to_the_front":                 {slices.Concat(items(sent, 12, 13, 14, 15), old), 0},
		"as_many_taken_out_as_were_sent":     {slices.Concat(old[2:], items(sent, 12, 13)), 0},
		"half_of_them_taken_out":             {slices.Concat(old, items(sent, 12, 13)), 0},
		"most_of_them_taken_out":             {slices.Concat(old, items(sent, 12)), pasted},
		"nothing_came":                       {old, pasted},
		"nothing_came_and_one_taken_out":     {old[1:], pasted},
		"others_by_hand_one_after_another":   {slices.Concat(old, items(sent, 12), items(sent.Add(20*time.Second), 13)), pasted},
		"others_by_hand_more_than_were_sent": {slices.Concat(old, items(sent, 12, 13, 14, 15, 16)), pasted},
		"others_by_hand_long_after":          {slices.Concat(old, items(sent.Add(time.Hour), 12, 13, 14, 15)), pasted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(&order{}, Next)
			w.gone = true
			w.items, w.changes = c.now, 1
			open := batch()
			open.Tracks = nil
			for _, id := range []string{"a", "b", "c", "d"} {
				open.Tracks = append(open.Tracks, ledger.Track{ID: id})
			}
			open.PlaylistID, open.TotalBefore, open.At = archiveID, len(old), began
			w.user.Open = &open
			w.now = began.Add(2 * time.Hour)
			w.deliver()
			if got := len(w.items) - len(c.now); got != c.want {
				t.Errorf("songs put: got %d, want %d", got, c.want)
			}
			if w.user.Open != nil {
				t.Error("the batch is still open")
			}
		})
	}
}

// A page may show an entry twice, and another one not at all. What is not on it is
// not missing.
func TestSongLeftOutOfASlippedPageIsNotMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(&order{}, Next)
	w.gone = true
	open := batch()
	open.Tracks = open.Tracks[:1]
	open.PlaylistID, open.TotalBefore, open.At = archiveID, 1, began
	w.user.Open = &open
	w.now = began.Add(10 * time.Second)
	w.put(open.Tracks)
	w.put([]ledger.Track{song(7)})
	honest := slices.Clone(w.items)
	w.items[1] = w.items[2] // which stands there twice now

	w.now = began.Add(2 * time.Hour)
	w.deliver()
	if got := len(w.items); got != len(honest) {
		t.Errorf("songs in the archive: got %d, want %d", got, len(honest))
	}

	w.items = slices.Clone(honest)
	w.now = began.Add(30 * time.Hour)
	w.deliver()
	if diff := cmp.Diff(honest, w.items); diff != "" || w.user.Open != nil {
		t.Errorf("the archive (-want +got), still open %t:\n%s", w.user.Open != nil, diff)
	}
}

// What a person put there by hand before the append is known since it was opened, and
// none of its songs, however near its date is.
func TestSongsPutByHandBeforeALostAppendAreNotItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(&order{}, Next)
	w.gone = true
	w.now = began.Add(-time.Minute)
	w.put([]ledger.Track{song(12), song(13), song(14)})
	w.seen.Add(song(12), song(13), song(14))
	open := batch()
	open.Tracks = []ledger.Track{{ID: "a"}, {ID: "b"}, {ID: "c"}}
	open.PlaylistID, open.TotalBefore, open.At = archiveID, len(w.items), began
	w.user.Open = &open
	before := len(w.items)
	w.now = began.Add(2 * time.Hour)
	w.deliver()
	if got := len(w.items) - before; got != len(open.Tracks) {
		t.Errorf("songs put: got %d, want %d", got, len(open.Tracks))
	}
}
