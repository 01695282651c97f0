package archivetest

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

func TestCloneUser_sharesNoMemory(t *testing.T) {
	t.Parallel()
	user := FullUser(t, "ada")
	for _, path := range shared("User", reflect.ValueOf(user), reflect.ValueOf(cloneUser(user))) {
		t.Errorf("the copy shares %s", path)
	}
	if got := shared("User", reflect.ValueOf(user), reflect.ValueOf(user)); !slices.Contains(got, "User.Grant.Scopes") {
		t.Errorf("got %q as what a user shares with itself, want the scopes among them", got)
	}
}

// shared returns the paths of slices, maps and pointers that a and b have in common.
func shared(path string, a, b reflect.Value) []string {
	switch a.Kind() {
	case reflect.Slice, reflect.Map:
		if a.Pointer() == b.Pointer() && a.Len() > 0 {
			return []string{path}
		}
	case reflect.Pointer:
		if a.Pointer() == b.Pointer() {
			return []string{path}
		}
		return shared(path, a.Elem(), b.Elem())
	case reflect.Struct:
		if a.Type() == reflect.TypeFor[time.Time]() {
			return nil
		}
		var paths []string
		for i := range a.NumField() {
			paths = append(paths, shared(path+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i))...)
		}
		return paths
	}
	return nil
}

func TestZeroFields(t *testing.T) {
	t.Parallel()
	user := archive.User{
		ID: "x", Revision: "1",
		Shelves: map[string]archive.Shelf{"main": {PlaylistID: "p", Part: 1, Total: 1}},
		Open:    &archive.Intent{Tracks: []archive.Track{{ID: "t"}}, Pending: []string{}},
	}
	got := zeroFields("User", reflect.ValueOf(user))
	for _, want := range []string{"User.Grant", "User.Shelves[main].Reminder", "User.Open.Tracks[0].ISRC", "User.Open.Pending", "User.Lease"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing in %q", want, got)
		}
	}
	for _, set := range []string{"User.ID", "User.Shelves", "User.Open"} {
		if slices.Contains(got, set) {
			t.Errorf("%s is set and in %q", set, got)
		}
	}
}
