package archive_test

import (
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
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
