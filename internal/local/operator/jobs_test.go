package operator_test

import (
	"net/http"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/local/memjobs"
)

func TestRunOfOneUser(t *testing.T) {
	t.Parallel()
	f := busyWorld(t)
	id := f.users[0].ID
	if got := f.ask(http.MethodPost, "/local/run?user="+string(id)).Code; got != http.StatusOK {
		t.Errorf("got status %d, want 200", got)
	}
	want := archive.ArchiveJob{User: id, Run: archive.Run{Kind: archive.RunManual, At: archivetest.WeekTime()}}
	if len(f.jobs) != 1 || f.jobs[0] != want {
		t.Errorf("got jobs %+v, want %+v", f.jobs, want)
	}
	if got := f.ask(http.MethodPost, "/local/run?user=../..").Code; got != http.StatusBadRequest || len(f.jobs) != 1 {
		t.Errorf("of an impossible user: got status %d and %d jobs, want 400 and no more", got, len(f.jobs))
	}
}

func TestDeadLettersAreRetriedAndDropped(t *testing.T) {
	t.Parallel()
	f := busyWorld(t)
	f.dead = []memjobs.DeadLetter{{ID: "1"}, {ID: "2"}}
	for _, step := range []struct {
		path string
		want int
	}{
		{"/local/dead-letters/1/retry", http.StatusOK},
		{"/local/dead-letters/1/retry", http.StatusNotFound},
		{"/local/dead-letters/2/drop", http.StatusOK},
		{"/local/dead-letters/3/drop", http.StatusNotFound},
	} {
		if got := f.ask(http.MethodPost, step.path).Code; got != step.want {
			t.Errorf("%s: got status %d, want %d", step.path, got, step.want)
		}
	}
	if len(f.dead) != 0 || len(f.retried) != 2 {
		t.Errorf("got %d letters left and %d tries, want none and 2", len(f.dead), len(f.retried))
	}
}
