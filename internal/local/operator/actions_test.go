package operator_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
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
	want := archive.ArchiveJob{User: id, Run: app.Run{Kind: app.RunManual, At: archivetest.WeekTime()}}
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

func TestPersonIsPausedResumedAndRemoved(t *testing.T) {
	t.Parallel()
	f := &world{users: []archive.User{archivetest.NewUser(t, "ada")}}
	id := f.users[0].ID
	status := func() archive.Status {
		u, err := f.store.User(t.Context(), id)
		if err != nil {
			return "gone"
		}
		return u.Status
	}
	sure := func(r *http.Request) {
		r.Body = io.NopCloser(strings.NewReader("sure=yes"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	nobody := "/local/people/pause?user=" + string(archivetest.NewUser(t, "nobody").ID)
	for _, step := range []struct {
		path  string
		edits []func(*http.Request)
		code  int
		want  archive.Status
	}{
		{"/local/people/pause?user=" + string(id), nil, http.StatusOK, archive.StatusPaused},
		{"/local/people/resume?user=" + string(id), nil, http.StatusOK, archive.StatusActive},
		{nobody, nil, http.StatusNotFound, archive.StatusActive},
		{"/local/people/pause?user=..", nil, http.StatusBadRequest, archive.StatusActive},
		{"/local/people/remove?user=" + string(id), nil, http.StatusBadRequest, archive.StatusActive},
		{"/local/people/remove?user=" + string(id), []func(*http.Request){sure}, http.StatusOK, "gone"},
	} {
		if answer := f.ask(http.MethodPost, step.path, step.edits...); answer.Code != step.code || status() != step.want {
			t.Errorf("%s: got status %d (%s) and %s, want %d and %s", step.path, answer.Code, answer.Body, status(), step.code, step.want)
		}
	}
	if len(f.jobs) != 1 {
		t.Errorf("got %d runs, want the one after resuming", len(f.jobs))
	}
}

func TestButtonsOfAPersonLeadBackToTheirPage(t *testing.T) {
	t.Parallel()
	f := &world{users: []archive.User{archivetest.NewUser(t, "ada")}}
	id := string(f.users[0].ID)
	for path, want := range map[string]string{
		"/local/run?user=" + id + "&wait=1s":                  "/local?done=run",
		"/local/run?user=" + id + "&back=person":              "/local?done=run&user=" + id,
		"/local/people/pause?user=" + id + "&back=person":     "/local?done=paused&user=" + id,
		"/local/people/resume?user=" + id + "&back=elsewhere": "/local?done=resumed",
	} {
		answer := f.ask(http.MethodPost, path, browser)
		if got := answer.Header().Get("Location"); answer.Code != http.StatusSeeOther || got != want {
			t.Errorf("%s: got %d to %q, want 303 to %q", path, answer.Code, got, want)
		}
	}
}

func TestPauseOfTheAppIsEnded(t *testing.T) {
	t.Parallel()
	f := &world{pause: app.Pause{Until: archivetest.WeekTime().Add(time.Hour), Reason: app.PauseOperator}}
	if got := f.ask(http.MethodPost, "/local/resume").Code; got != http.StatusOK {
		t.Errorf("got status %d, want 200", got)
	}
	if pause, err := f.store.Pause(t.Context()); err != nil || pause.Until.After(archivetest.WeekTime()) {
		t.Errorf("got the pause %+v (%v), want none", pause, err)
	}
}

func TestBackupIsMade(t *testing.T) {
	t.Parallel()
	f := &world{}
	if got := f.ask(http.MethodPost, "/local/backup").Code; got != http.StatusOK || len(f.backups) != 1 {
		t.Errorf("got status %d and %d copies, want 200 and one", got, len(f.backups))
	}
	f.sendErr = errors.New("disk full")
	answer := f.ask(http.MethodPost, "/local/backup", browser)
	if body := answer.Body.String(); answer.Code != http.StatusInternalServerError || strings.Contains(body, "disk") || !strings.Contains(body, "No copy was made") {
		t.Errorf("got %d %s, want 500 and a sentence", answer.Code, body)
	}
}

func TestAllDeadLettersAreRetried(t *testing.T) {
	t.Parallel()
	f := &world{dead: []memjobs.DeadLetter{{ID: "1"}, {ID: "2"}}}
	if got := f.ask(http.MethodPost, "/local/dead-letters/retry").Code; got != http.StatusOK || len(f.dead) != 0 {
		t.Errorf("got status %d and %d letters left, want 200 and none", got, len(f.dead))
	}
}
