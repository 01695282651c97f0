package usecase_test

import (
	"fmt"
	"strings"
	"testing"

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
