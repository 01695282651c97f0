package archive_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

func TestNewUserIDIsOpaqueAndStable(t *testing.T) {
	t.Parallel()
	id := archive.NewUserID(webapi.Profile{AccountID: "account", ID: "name"})
	if !id.Valid() {
		t.Errorf("got %q, which is not valid", id)
	}
	if other := archive.NewUserID(webapi.Profile{AccountID: "account", ID: "renamed"}); other != id {
		t.Errorf("got %q for the same account_id, want %q", other, id)
	}
	if other := archive.NewUserID(webapi.Profile{ID: "account"}); other != id {
		t.Errorf("got %q where account_id is missing, want the id to stand in", other)
	}
	for _, bad := range []archive.UserID{"", "short", id + "a", archive.UserID("../" + string(id)[3:]), archive.UserID("A" + string(id)[1:])} {
		if bad.Valid() {
			t.Errorf("got valid for %q, want invalid", bad)
		}
	}
}

// A week's playlist of its own adds little to a document that every run writes
// several times; that of the newest weeks is kept with all that is known of it.
func TestOldCopiesTakeLittleRoom(t *testing.T) {
	t.Parallel()
	const most = 100 // bytes a week
	var u archive.User
	now := time.Date(2021, 11, 16, 13, 0, 0, 0, time.UTC)
	size := func() int {
		text, err := json.Marshal(u.Archives)
		if err != nil {
			t.Fatal(err)
		}
		return len(text)
	}
	full := archive.ArchivePlaylist{
		PlaylistID: "weekFixture00000000000", Part: 1, Total: 30, Snapshot: strings.Repeat("A", 64), MadeAt: now, ReadAt: now,
		Place: archive.ListPlace{Offset: 12, Of: 400},
	}
	edition, before := calendar.DueEdition(now), 0
	for week := range 260 {
		if week == 10 {
			before = size()
		}
		u.SetArchive(string(edition), full)
		edition = edition.Next()
	}
	if grown := (size() - before) / 250; grown > most {
		t.Errorf("got %d bytes more with each week, want at most %d", grown, most)
	}
	if got := u.Archives[string(edition.Previous())]; !reflect.DeepEqual(got, full) {
		t.Errorf("got %+v of the newest week, want all of it", got)
	}
	if got := u.Archives["2021-11-15"]; got.PlaylistID != full.PlaylistID || got.Total != full.Total || got.Part != 1 {
		t.Errorf("got %+v of the first week, want where it is and what it holds", got)
	}
}
