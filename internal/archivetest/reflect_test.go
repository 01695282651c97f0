package archivetest

import (
	"reflect"
	"slices"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

func TestZeroFields(t *testing.T) {
	t.Parallel()
	user := archive.User{
		ID: "x", Revision: "1",
		Archives: map[string]archive.ArchivePlaylist{"main": {PlaylistID: "p", Part: 1, Total: 1}},
		Open:     &ledger.Batch{Tracks: []ledger.Track{{ID: "t"}}, Pending: []string{}},
	}
	got := zeroFields("User", reflect.ValueOf(user))
	for _, want := range []string{"User.Grant", "User.Archives[main].Reminder", "User.Open.Tracks[0].ISRC", "User.Open.Pending", "User.Lease"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing in %q", want, got)
		}
	}
	for _, set := range []string{"User.ID", "User.Archives", "User.Open"} {
		if slices.Contains(got, set) {
			t.Errorf("%s is set and in %q", set, got)
		}
	}
}
