package archivetest

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

func roundTripChecks() []check[archive.Ledger] {
	return []check[archive.Ledger]{
		{"every_field_of_a_user_is_kept", func(t *testing.T, s archive.Ledger) {
			user := FullUser(t, "ada")
			user.Revision = "set for the next line only"
			for _, path := range zeroFields("User", reflect.ValueOf(user)) {
				t.Errorf("the fixture leaves %s zero, so nothing shows that it is stored: set it in FullUser", path)
			}
			user.Revision = ""
			wantKept(t, s, user)
		}},
		{"zero_user_is_kept", func(t *testing.T, s archive.Ledger) {
			wantKept(t, s, archive.User{ID: NewUser(t, "ada").ID})
		}},
		{"put_replaces_the_whole_user", func(t *testing.T, s archive.Ledger) {
			full := MustPut(t, s, FullUser(t, "ada"))
			wantKept(t, s, archive.User{ID: full.ID, Revision: full.Revision})
		}},
		{"awkward_strings_are_kept", func(t *testing.T, s archive.Ledger) {
			for i, name := range []string{
				"", " ", "'", `"`, `'; DROP TABLE users; --`, `\`, "%s %d", "<script>", "\t\r\n\x01\x1b\x7f",
				"\u2028\u2029\ufeff", "e\u0301 \u00e9", "👩‍👩‍👧‍👦🏳️‍🌈", "اختبار", "null", "{}", strings.Repeat("ü", 1000),
			} {
				user := NewUser(t, fmt.Sprint(i), func(u *archive.User) {
					u.DisplayName = name
					u.SpotifyID = name
					u.Grant.Scopes = []string{name}
					u.Archives = map[string]archive.ArchivePlaylist{archive.MainArchive: {PlaylistID: name, Reminder: name}}
				})
				wantKept(t, s, user)
			}
		}},
		{"every_byte_of_a_ciphertext_is_kept", func(t *testing.T, s archive.Ledger) {
			wantKept(t, s, NewUser(t, "ada", func(u *archive.User) {
				for b := range 256 {
					u.Grant.Sealed.Ciphertext = append(u.Grant.Sealed.Ciphertext, byte(b))
				}
			}))
		}},
		{"longest_intent_is_kept", func(t *testing.T, s archive.Ledger) {
			wantKept(t, s, NewUser(t, "ada", func(u *archive.User) {
				u.Open = &ledger.Batch{Tracks: Tracks(0, webapi.MaxAppend), At: WeekTime()}
				for i := range webapi.MaxAppend {
					u.Open.Pending = append(u.Open.Pending, fmt.Sprintf("paste-%d", i))
				}
			}))
		}},
		{"callers_and_store_share_no_memory", func(t *testing.T, s archive.Ledger) {
			user, changes := FullUser(t, "ada"), history()
			stored := MustCommit(t, s, user, changes)
			scribble(&user)
			changes.Entry.Found = -1
			changes.Seen.Add(Tracks(900, 1)...)
			changes.AddPending[0].Tracks[0] = ledger.Track{}
			returned := stored
			scribble(&returned)
			read, err := s.User(t.Context(), stored.ID)
			noError(t, "User", err)
			scribble(&read)

			want := FullUser(t, "ada")
			want.Revision = stored.Revision
			wantUser(t, s, want)
			wantEntries(t, s, want.ID, *history().Entry)
			wantSeen(t, s, want.ID, *history().Seen)
			pending, err := s.Pending(t.Context(), want.ID)
			noError(t, "Pending", err)
			for _, p := range pending {
				p.Tracks[0] = ledger.Track{}
			}
			wantPending(t, s, want.ID, history().AddPending...)
		}},
	}
}

// wantKept puts the user and expects Put and User to return it, with the new
// Revision.
func wantKept(t *testing.T, s archive.Users, user archive.User) {
	t.Helper()
	stored := MustPut(t, s, user)
	user.Revision = stored.Revision
	if d := diff(stored, user); d != "" {
		t.Errorf("Put returned another user (-got +want):\n%s", d)
	}
	wantUser(t, s, user)
}

// scribble overwrites everything that a copy of a user shares with it.
func scribble(u *archive.User) {
	u.Grant.Sealed.Ciphertext[0] ^= 0xff
	u.Grant.Scopes[0] = "scribble"
	u.Archives[archive.MainArchive] = archive.ArchivePlaylist{}
	clear(u.Batches)
	u.Open.TotalBefore = -5
	u.Open.Tracks[0] = ledger.Track{}
	u.Open.Pending[0] = "scribble"
}

// zeroFields returns the paths of all fields below v that are zero, looking
// into structs, pointers, and the elements of slices and maps.
func zeroFields(path string, v reflect.Value) []string {
	if v.IsZero() || (v.Kind() == reflect.Slice || v.Kind() == reflect.Map) && v.Len() == 0 {
		return []string{path}
	}
	var zero []string
	switch v.Kind() {
	case reflect.Pointer:
		return zeroFields(path, v.Elem())
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return nil
		}
		for i := range v.NumField() {
			zero = append(zero, zeroFields(path+"."+v.Type().Field(i).Name, v.Field(i))...)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return nil
		}
		for i := range v.Len() {
			zero = append(zero, zeroFields(fmt.Sprintf("%s[%d]", path, i), v.Index(i))...)
		}
	case reflect.Map:
		for iter := v.MapRange(); iter.Next(); {
			zero = append(zero, zeroFields(fmt.Sprintf("%s[%v]", path, iter.Key()), iter.Value())...)
		}
	}
	return zero
}
