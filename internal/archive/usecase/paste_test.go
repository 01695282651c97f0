package usecase_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
)

// What waits of one person has an end, however often they paste, and they are
// told what had no room.
func TestPastesWithoutEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	id := w.connect(account, archive.ChoicePaste)
	taken, refused := 0, 0
	for n := range 6 {
		var text strings.Builder
		for i := range usecase.MaxPaste {
			_, _ = fmt.Fprintf(&text, "spotify:track:%022d ", n*usecase.MaxPaste+i)
		}
		report, err := w.accounts.Paste(t.Context(), id, text.String())
		if err != nil {
			t.Fatal(err)
		}
		taken, refused = taken+report.New, refused+report.NoRoom
	}
	if taken != usecase.MaxWaiting || refused != 2*usecase.MaxPaste {
		t.Errorf("got %d songs taken and %d refused, want %d and %d", taken, refused, usecase.MaxWaiting, 2*usecase.MaxPaste)
	}
	pending, err := w.store.Pending(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	waiting := 0
	for _, b := range pending {
		waiting += len(b.Tracks)
	}
	if waiting != usecase.MaxWaiting {
		t.Errorf("got %d songs waiting, want %d", waiting, usecase.MaxWaiting)
	}
}

// A list that is longer than one paste takes is taken in parts by pasting the same
// again, whether the parts before wait yet or are archived.
func TestALongListIsTakenInParts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	id := w.connect(account, archive.ChoicePaste)
	const all = 2*usecase.MaxPaste + 10
	var text strings.Builder
	for i := range all {
		_, _ = fmt.Fprintf(&text, "spotify:track:%022d\n", i)
	}
	for i, want := range []usecase.PasteReport{
		{Understood: all, New: usecase.MaxPaste, TooMany: all - usecase.MaxPaste},
		{Understood: all, New: usecase.MaxPaste, Waiting: usecase.MaxPaste, TooMany: 10},
		{Understood: all, New: 10, Waiting: 2 * usecase.MaxPaste},
	} {
		got, err := w.accounts.Paste(t.Context(), id, text.String())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("paste %d, got -, want +:\n%s", i+1, diff)
		}
	}
}

// Songs that are archived already take no room of those that wait.
func TestKnownSongsNeedNoRoom(t *testing.T) {
	t.Parallel()
	w := newWorld(t, development())
	id := w.connect(account, archive.ChoicePaste)
	known := w.shown(account)[:3]
	w.paste(id, known)
	for n := range usecase.MaxWaiting / usecase.MaxPaste {
		var text strings.Builder
		for i := range usecase.MaxPaste {
			_, _ = fmt.Fprintf(&text, "spotify:track:%022d ", n*usecase.MaxPaste+i)
		}
		if _, err := w.accounts.Paste(t.Context(), id, text.String()); err != nil {
			t.Fatal(err)
		}
	}
	got, err := w.accounts.Paste(t.Context(), id, strings.Join(known, " "))
	if err != nil || got.Already != 3 || got.NoRoom != 0 || len(got.Known) != 3 {
		t.Errorf("got %+v (error %v), want three songs that were archived before", got, err)
	}
}
