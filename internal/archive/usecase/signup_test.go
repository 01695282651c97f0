package usecase_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
)

func newSignUp() (*usecase.SignUp, *archivetest.Store, *archivetest.KeyRing, *archivetest.Queue) {
	store, keys, queue := archivetest.NewStore(archivetest.WeekTime), archivetest.NewKeyRing(), archivetest.NewQueue()
	return &usecase.SignUp{Users: store, Sealer: keys, Jobs: queue, Clock: archivetest.WeekTime, Log: slog.New(slog.DiscardHandler)}, store, keys, queue
}

func consent(refresh string, scopes ...string) webapi.Token {
	if scopes == nil {
		scopes = webapi.Scopes(false)
	}
	return webapi.Token{Access: secret.New("access"), Refresh: secret.New(refresh), Scopes: scopes}
}

var profile = webapi.Profile{AccountID: "account", ID: "spotify-id", DisplayName: "Demo"}

func TestSignUpSealsAndEnqueues(t *testing.T) {
	t.Parallel()
	signUp, store, keys, queue := newSignUp()
	user, err := signUp.Complete(t.Context(), profile, consent("refresh-1"), usecase.Wishes{})
	if err != nil {
		t.Fatal(err)
	}
	if user.Status != archive.StatusActive || user.Choice != archive.ChoiceAuto || user.SpotifyID != "spotify-id" {
		t.Errorf("got %+v, want an active user with choice auto", user)
	}
	stored, err := store.User(t.Context(), user.ID)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := keys.Open(t.Context(), stored.Grant.Sealed, archive.GrantContext(user.ID))
	if err != nil || opened.Reveal() != "refresh-1" {
		t.Errorf("got error %v, want the sealed refresh token", err)
	}
	if jobs := queue.Archive.TakeAll(); len(jobs) != 1 || jobs[0].User != user.ID || jobs[0].Run.Kind != app.RunSignUp {
		t.Errorf("got jobs %+v, want one first run", jobs)
	}
}

// Somebody who signs in over and over asks for no more runs than somebody who
// presses the button, and stays connected.
func TestSignInsOverAndOver(t *testing.T) {
	t.Parallel()
	signUp, store, keys, queue := newSignUp()
	for i := range 300 {
		user, err := signUp.Complete(t.Context(), profile, consent(fmt.Sprintf("refresh-%d", i)), usecase.Wishes{})
		if err != nil {
			t.Fatal(err)
		}
		stored, err := store.User(t.Context(), user.ID)
		if err != nil {
			t.Fatal(err)
		}
		if opened, err := keys.Open(t.Context(), stored.Grant.Sealed, archive.GrantContext(user.ID)); err != nil || opened.Reveal() != fmt.Sprintf("refresh-%d", i) {
			t.Fatalf("sign-in %d: the new consent is not stored (error %v)", i, err)
		}
	}
	if got, want := len(queue.Archive.TakeAll()), 1+10; got != want {
		t.Errorf("got %d runs, want %d", got, want)
	}
}

// Nor does somebody who leaves each time, of whom nothing is stored: a first run
// reads all of an archive.
func TestLeavingAndComingBackOverAndOver(t *testing.T) {
	t.Parallel()
	signUp, store, _, queue := newSignUp()
	for range 300 {
		user, err := signUp.Complete(t.Context(), profile, consent("refresh"), usecase.Wishes{})
		if err != nil {
			t.Fatal(err)
		}
		if user.Due.At.IsZero() {
			t.Fatal("the user is not due, and no run was asked for")
		}
		if err := store.Delete(t.Context(), user.ID); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(queue.Archive.TakeAll()); got != 10 {
		t.Errorf("got %d runs, want 10", got)
	}
	other := webapi.Profile{AccountID: "another", ID: "another"}
	if _, err := signUp.Complete(t.Context(), other, consent("refresh"), usecase.Wishes{}); err != nil {
		t.Fatal(err)
	}
	if got := len(queue.Archive.TakeAll()); got != 1 {
		t.Errorf("got %d runs of somebody else, want 1", got)
	}
}

func TestReconnectKeepsEverythingButTheGrant(t *testing.T) {
	t.Parallel()
	signUp, store, keys, _ := newSignUp()
	user, err := signUp.Complete(t.Context(), profile, consent("refresh-1"), usecase.Wishes{Choice: archive.ChoiceInbox})
	if err != nil {
		t.Fatal(err)
	}
	user.Status = archive.StatusReconnect
	user.Archives = map[string]archive.ArchivePlaylist{archive.MainArchive: {PlaylistID: "archive", Part: 2, Total: 7}}
	user.Grant.Refusals.Count = 3
	archivetest.MustPut(t, store, user)

	again, err := signUp.Complete(t.Context(), profile, consent("refresh-2"), usecase.Wishes{})
	if err != nil {
		t.Fatal(err)
	}
	if again.Status != archive.StatusActive || again.Choice != archive.ChoiceInbox || again.Archives[archive.MainArchive].Total != 7 || again.Grant.Refusals.Count != 0 {
		t.Errorf("got %+v, want the old settings and a new grant", again)
	}
	if opened, err := keys.Open(t.Context(), again.Grant.Sealed, archive.GrantContext(user.ID)); err != nil || opened.Reveal() != "refresh-2" {
		t.Errorf("got error %v, want the new refresh token", err)
	}
}

func TestSigningInDoesNotResume(t *testing.T) {
	t.Parallel()
	signUp, store, keys, queue := newSignUp()
	user, err := signUp.Complete(t.Context(), profile, consent("refresh-1"), usecase.Wishes{})
	if err != nil {
		t.Fatal(err)
	}
	accounts := &usecase.Accounts{Store: store, Jobs: queue, Clock: archivetest.WeekTime, Log: slog.New(slog.DiscardHandler)}
	if err := accounts.Pause(t.Context(), user.ID); err != nil {
		t.Fatal(err)
	}
	again, err := signUp.Complete(t.Context(), profile, consent("refresh-2"), usecase.Wishes{Choice: archive.ChoiceInbox})
	if err != nil {
		t.Fatal(err)
	}
	if again.Status != archive.StatusPaused || again.Choice != archive.ChoiceInbox {
		t.Errorf("got status %q and choice %q, want a paused user with the new choice", again.Status, again.Choice)
	}
	if opened, err := keys.Open(t.Context(), again.Grant.Sealed, archive.GrantContext(user.ID)); err != nil || opened.Reveal() != "refresh-2" {
		t.Errorf("got error %v, want the new refresh token", err)
	}
	if err := accounts.Resume(t.Context(), user.ID); err != nil {
		t.Fatal(err)
	}
	if stored, err := store.User(t.Context(), user.ID); err != nil || stored.Status != archive.StatusActive {
		t.Errorf("got status %q and error %v after resuming, want active", stored.Status, err)
	}
}

func TestSignUpAfterACutOffDisconnectStartsAnew(t *testing.T) {
	t.Parallel()
	signUp, store, _, _ := newSignUp()
	user, err := signUp.Complete(t.Context(), profile, consent("refresh-1"), usecase.Wishes{Choice: archive.ChoicePaste})
	if err != nil {
		t.Fatal(err)
	}
	user.Status = archive.StatusLeaving
	archivetest.MustCommit(t, store, user, archive.Changes{AddPending: []ledger.Batch{archivetest.NewPending("old", archivetest.WeekTime())}})

	again, err := signUp.Complete(t.Context(), profile, consent("refresh-2"), usecase.Wishes{})
	if err != nil {
		t.Fatal(err)
	}
	pending, err := store.Pending(t.Context(), again.ID)
	if err != nil || len(pending) != 0 || again.Choice != archive.ChoiceAuto {
		t.Errorf("got choice %q, %d pending batches and error %v, want nothing of the old user", again.Choice, len(pending), err)
	}
}

func TestSignUpRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		profile webapi.Profile
		token   webapi.Token
		want    error
	}{
		"no_account":       {webapi.Profile{}, consent("r"), fault.ErrMalformed},
		"no_refresh_token": {profile, consent(""), fault.ErrMalformed},
		"missing_scope":    {profile, consent("r", webapi.ScopeReadPrivate), fault.ErrScope},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			signUp, store, _, _ := newSignUp()
			if _, err := signUp.Complete(t.Context(), row.profile, row.token, usecase.Wishes{}); !errors.Is(err, row.want) {
				t.Errorf("got error %v, want %v", err, row.want)
			}
			if _, err := store.User(t.Context(), archive.NewUserID(row.profile)); !errors.Is(err, fault.ErrNotFound) {
				t.Errorf("got error %v, want nobody stored", err)
			}
		})
	}
}

func TestSignUpSurvivesAQueueThatIsDown(t *testing.T) {
	t.Parallel()
	signUp, store, _, queue := newSignUp()
	queue.Faults.Before = func(string) error { return errors.New("queue is down") }
	user, err := signUp.Complete(t.Context(), profile, consent("refresh-1"), usecase.Wishes{})
	if err != nil {
		t.Fatal(err)
	}
	page, err := store.DueUsers(context.Background(), archive.DueQuery{Before: archivetest.WeekTime().Add(28 * time.Hour), Limit: 10})
	if err != nil || len(page.Users) != 1 || page.Users[0] != user.ID {
		t.Errorf("got due users %v and error %v, want them due within the next day", page.Users, err)
	}
}

func TestChangesAreKeptWhenTheQueueIsDown(t *testing.T) {
	t.Parallel()
	signUp, store, _, queue := newSignUp()
	user, err := signUp.Complete(t.Context(), profile, consent("refresh-1"), usecase.Wishes{})
	if err != nil {
		t.Fatal(err)
	}
	queue.Faults.Before = func(string) error { return errors.New("queue is down") }
	accounts := &usecase.Accounts{Store: store, Jobs: queue, Clock: archivetest.WeekTime, Log: slog.New(slog.DiscardHandler)}
	if err := accounts.Choose(t.Context(), user.ID, archive.ChoiceInbox); err != nil {
		t.Errorf("got error %v from a stored choice, want none", err)
	}
	if report, err := accounts.Paste(t.Context(), user.ID, "spotify:track:"+trackA); err != nil || report.New != 1 {
		t.Errorf("got %+v and error %v from stored songs, want one new and none", report, err)
	}
	if err := accounts.RunNow(t.Context(), user.ID); err == nil {
		t.Error("got no error from a run that could not be asked for")
	}
}
