package records_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/document"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
)

func TestPagesHoldEveryUserOnce(t *testing.T) {
	t.Parallel()
	w, store := open()
	var want []archive.UserID
	for i := range 7 {
		want = append(want, archivetest.MustPut(t, store, archivetest.NewUser(t, strconv.Itoa(i))).ID)
	}
	slices.Sort(want)
	if _, err := w.Documents.Commit(t.Context(), document.Write{
		Document: document.Document{Key: "users/" + string(archivetest.NewUser(t, "bad").ID), Body: []byte(`{"v":2}`)}, Expect: document.Absent,
	}); err != nil {
		t.Fatal(err)
	}
	var got []archive.UserID
	bad, pages := 0, 0
	for after := archive.UserID(""); ; pages++ {
		page, err := store.Page(t.Context(), after, 3)
		if err != nil {
			t.Fatal(err)
		}
		bad += page.Bad
		for _, u := range page.Users {
			got = append(got, u.ID)
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if !slices.Equal(got, want) || bad != 1 {
		t.Errorf("got users %v and %d bad, want %v and 1", got, bad, want)
	}
	if w.reads != pages+1 {
		t.Errorf("got %d questions for %d pages, want one each", w.reads, pages+1)
	}
}
