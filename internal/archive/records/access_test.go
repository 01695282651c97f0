package records_test

import (
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
)

func TestAccessOfTheApp(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		users []archive.Access
		want  archive.Access
	}{
		{"nobody", nil, archive.AccessUnknown},
		{"nobody_has_tried", []archive.Access{archive.AccessUnknown}, archive.AccessUnknown},
		{"denied", []archive.Access{archive.AccessUnknown, archive.AccessDenied}, archive.AccessDenied},
		{"denied_to_one", []archive.Access{archive.AccessDenied, archive.AccessReadable}, archive.AccessReadable},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, store := open()
			for i, access := range test.users {
				u := archivetest.NewUser(t, string(rune('a'+i)))
				u.Discover.Access = access
				archivetest.MustPut(t, store, u)
			}
			if got, err := store.Access(t.Context()); err != nil || got != test.want {
				t.Errorf("got %q and error %v, want %q", got, err, test.want)
			}
		})
	}
}
