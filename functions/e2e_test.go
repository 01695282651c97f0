package functions_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/gcptest"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/gcptest/cloud"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

var emulators gcptest.Emulators

func TestMain(m *testing.M) { os.Exit(emulators.Run(m)) }

const (
	users     = 200
	lateUsers = 60 // sign up after the first week
	patience  = 2 * time.Minute
)

// The whole service as processes: sign-up through the browser's way, a week
// for 200 users, the same week again, and a week in which a process dies.
func TestWeekInTheCloud(t *testing.T) {
	t.Parallel()
	w := startWorld(t)

	// The first runs that sign-up asks for are lost, as a message may be: the
	// weekly run must not need them.
	w.signUp(t, w.accounts[:users])
	w.must(t, w.cloud.SubscribeArchive(t.Context()))
	w.must(t, w.cloud.Run(t.Context(), app.RunWeekly))
	w.awaitWeek(t, w.accounts[:users])
	w.wantOneInvocationEach(t)

	// The same week again, by the scheduler and by doubled jobs, between
	// messages that are not ours.
	w.cloud.Balancer.Forget()
	w.must(t, w.cloud.Run(t.Context(), app.RunWeekly))
	for _, a := range w.accounts[:users] {
		w.must(t, w.cloud.Publish(t.Context(), jobOf(a)))
	}
	stranger := archive.NewUserID(webapi.Profile{ID: "nobody"})
	w.must(t, w.cloud.Publish(t.Context(), archive.ArchiveJob{User: stranger, Run: jobOf(w.accounts[0]).Run}))
	for _, garbage := range []string{"hello", `{"v":7}`, "\x00"} {
		w.must(t, w.cloud.PublishArchive(t.Context(), []byte(garbage)))
	}
	w.await(t, "every doubled job", func() bool { return len(w.cloud.Balancer.Invocations()) >= users+4 })
	w.await(t, "the second fan-out", func() bool { return strings.Count(w.log.String(), `"message":"fanned out"`) >= 2 })
	for _, i := range w.cloud.Balancer.Invocations() {
		if i.Status >= 300 {
			t.Errorf("job %+v: got status %d, want it acknowledged", i.Job, i.Status)
		}
	}
	if got := strings.Count(w.log.String(), `"message":"malformed message"`); got != 3 {
		t.Errorf("got %d lines about malformed messages, want 3", got)
	}
	w.wantWeek(t, w.accounts[:users])

	w.loseAProcess(t)
	w.wantWeek(t, w.accounts)
	if problems := w.cloud.Spotify.Problems(); len(problems) > 0 {
		t.Errorf("requests that Spotify does not know: %v", problems)
	}
	w.wantNoSecrets(t)
}

// loseAProcess kills a process of ArchiveUser while Spotify has taken songs
// from it and not answered yet.
func (w *world) loseAProcess(t *testing.T) {
	t.Helper()
	late := w.accounts[users:]
	w.must(t, w.cloud.UnsubscribeArchive(t.Context()))
	w.signUp(t, late)
	w.must(t, w.cloud.SubscribeArchive(t.Context()))
	w.cloud.Balancer.Forget()
	w.must(t, w.cloud.Spotify.Fault(fakespotify.Fault{
		Match: "POST /v1/playlists/{id}/items", Kind: fakespotify.FaultDelay, Delay: 3 * time.Second,
		AfterEffect: true, Skip: len(late) / 3, Times: -1,
	}))
	w.must(t, w.cloud.Run(t.Context(), app.RunWeekly))
	w.await(t, "appends that hang", func() bool { return w.filled(late) > len(late)/3+3 })
	w.cloud.Balancer.KillOne()
	w.must(t, w.cloud.Spotify.ClearFaults())
	w.must(t, w.cloud.AddArchiveUser(t.Context()))
	lost := 0
	for _, i := range w.cloud.Balancer.Invocations() {
		if i.Status >= 500 {
			lost++
		}
	}
	if lost == 0 {
		t.Error("no run died with its process: the test tests nothing")
	}
	w.expireLeases(t)
	w.await(t, "everybody's week after a process died", func() bool { return w.finished(t) == len(w.accounts) })
}

// expireLeases lets the ten minutes pass for which a dead process keeps its
// users.
func (w *world) expireLeases(t *testing.T) {
	t.Helper()
	snapshots, err := w.cloud.Firestore.Collection("users").Documents(t.Context()).GetAll()
	w.must(t, err)
	held := 0
	for _, s := range snapshots {
		if holder, err := s.DataAt("lease.holder"); err != nil || holder == "" {
			continue
		}
		held++
		changes := []firestore.Update{{Path: "lease.until", Value: time.Now().Add(-time.Second)}}
		if at, err := s.DataAt("open.at"); err == nil && at != nil {
			changes = append(changes, firestore.Update{Path: "open.at", Value: time.Now().Add(-archive.LeaseTime)})
		}
		// A run that lives may have ended meanwhile: its user is left as it is.
		_, err := s.Ref.Update(t.Context(), changes, firestore.LastUpdateTime(s.UpdateTime))
		if status.Code(err) != codes.FailedPrecondition {
			w.must(t, err)
		}
	}
	if held == 0 {
		t.Error("no lease was left behind: the test tests nothing")
	}
}

// finished counts the users whose edition is done and recorded.
func (w *world) finished(t *testing.T) int {
	t.Helper()
	snapshots, err := w.cloud.Firestore.Collection("users").Select("last_edition", "open").Documents(t.Context()).GetAll()
	w.must(t, err)
	done := 0
	for _, s := range snapshots {
		fields := s.Data()
		if fields["last_edition"] != "" && fields["open"] == nil {
			done++
		}
	}
	return done
}

type world struct {
	cloud    *cloud.Cloud
	accounts []fakespotify.Account
	log      lockedBuffer
}

func startWorld(t *testing.T) *world {
	t.Helper()
	w := &world{}
	for i := range users + lateUsers {
		key := fmt.Sprintf("person%03d", i)
		w.accounts = append(w.accounts, fakespotify.Account{Key: key, ID: key, AccountID: "account-" + key})
	}
	var err error
	w.cloud, err = cloud.Start(t.Context(), cloud.Config{
		Root: "..", Firestore: emulators.FirestoreHost(t), PubSub: emulators.PubSubHost(t), ArchiveUsers: 3, Log: &w.log,
		Spotify: fakespotify.Config{Mode: fakespotify.Extended, Accounts: w.accounts, Rotate: true},
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, w.log.String())
	}
	t.Cleanup(func() {
		w.must(t, w.cloud.Close())
		if t.Failed() {
			t.Logf("log of the functions:\n%s", w.log.String())
		}
	})
	return w
}

func (w *world) signUp(t *testing.T, accounts []fakespotify.Account) {
	t.Helper()
	slots := make(chan struct{}, 8)
	var wg sync.WaitGroup
	for _, a := range accounts {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if err := w.cloud.SignUp(t.Context(), a.Key); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

func jobOf(a fakespotify.Account) archive.ArchiveJob {
	return archive.ArchiveJob{
		User: archive.NewUserID(webapi.Profile{AccountID: a.AccountID, ID: a.ID}),
		Run:  app.Run{Kind: app.RunWeekly, At: time.Now()},
	}
}

// awaitWeek waits until every archive is full, and every run answered.
func (w *world) awaitWeek(t *testing.T, accounts []fakespotify.Account) {
	t.Helper()
	w.await(t, "everybody's week", func() bool {
		return w.filled(accounts) == len(accounts) && len(w.cloud.Balancer.Invocations()) >= len(accounts)
	})
	w.wantWeek(t, accounts)
}

// filled counts the accounts whose archive holds songs.
func (w *world) filled(accounts []fakespotify.Account) int {
	n := 0
	for _, a := range accounts {
		if archives := w.archives(a); len(archives) == 1 && archives[0].Total > 0 {
			n++
		}
	}
	return n
}

// archives returns the playlists that the service made for an account.
func (w *world) archives(a fakespotify.Account) []fakespotify.Playlist {
	var own []fakespotify.Playlist
	for _, p := range w.cloud.Spotify.Playlists(a.Key) {
		if p.Owner == a.Key {
			own = append(own, p)
		}
	}
	return own
}

// wantWeek expects one archive per account, with this week's songs in order,
// once.
func (w *world) wantWeek(t *testing.T, accounts []fakespotify.Account) {
	t.Helper()
	for _, a := range accounts {
		archives := w.archives(a)
		if len(archives) != 1 {
			t.Errorf("%s: got %d archives, want 1", a.Key, len(archives))
			continue
		}
		want := w.cloud.Spotify.URIs(w.cloud.Spotify.DiscoverID(a.Key))
		if diff := cmp.Diff(w.cloud.Spotify.URIs(archives[0].ID), want); diff != "" {
			t.Errorf("%s: archive (-), Discover Weekly (+):\n%s", a.Key, diff)
		}
	}
}

func (w *world) wantOneInvocationEach(t *testing.T) {
	t.Helper()
	times := map[archive.UserID]int{}
	for _, i := range w.cloud.Balancer.Invocations() {
		times[i.Job.User]++
		if i.Status >= 300 || i.Job.Run.Kind != app.RunWeekly {
			t.Errorf("got a %s run with status %d, want a weekly one that is acknowledged", i.Job.Run.Kind, i.Status)
		}
	}
	for user, n := range times {
		if n != 1 {
			t.Errorf("user %s: got %d invocations, want 1", user, n)
		}
	}
	if len(times) != users {
		t.Errorf("got invocations of %d users, want %d", len(times), users)
	}
}

// wantNoSecrets looks for the stand-in's tokens and codes, which begin with
// two letters and are long, in everything that the functions wrote.
func (w *world) wantNoSecrets(t *testing.T) {
	t.Helper()
	log := w.log.String()
	if strings.Contains(log, fakespotify.DemoClientSecret().Reveal()) {
		t.Error("the log shows the client secret")
	}
	for _, mark := range []string{"Bearer ", "refresh_token=", "code=AQ", "Authorization"} {
		if strings.Contains(log, mark) {
			t.Errorf("the log shows %q", mark)
		}
	}
}

func (w *world) must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// await looks ten times a second: processes cannot wait on a virtual clock.
func (w *world) await(t *testing.T, what string, done func() bool) {
	t.Helper()
	started := time.Now()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for !done() {
		select {
		case <-ticker.C:
		case <-t.Context().Done():
			t.Fatalf("waiting for %s: %v", what, t.Context().Err())
		}
		if time.Since(started) > patience {
			t.Fatalf("waited %s for %s", patience, what)
		}
	}
	t.Logf("%s after %s", what, time.Since(started).Round(time.Millisecond))
}

// lockedBuffer is written by processes and read by a test.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
