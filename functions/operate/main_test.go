package main

import (
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/kms/apiv1/kmspb"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/event"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/gcptest"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
	"github.com/weeklyarchive/weeklyarchive/internal/operate/probe"
)

func TestUsersInTheCloud(t *testing.T) {
	t.Parallel()
	d := deploy(t, viewer...)
	u := d.user(t, "ada")
	d.user(t, "bob")

	var list struct{ Users []operate.Person }
	if d.must(t, &list, "users", "list"); len(list.Users) != 2 {
		t.Fatalf("got %+v, want two users", list.Users)
	}
	var person operate.Person
	if d.must(t, &person, "users", "pause", "ada"); person.ID != u.ID || person.Status != archive.StatusPaused {
		t.Errorf("pause: got %+v", person)
	}
	d.must(t, &person, "users", "resume", "ada")
	d.must(t, &person, "users", "run", "ada")
	// Both ask for a run, and one that waits is enough.
	job, err := event.DecodeArchive(event.Message{Data: d.next(t, "archive-push"), PublishedAt: time.Now()})
	if err != nil || job.User != u.ID || job.Run.Kind != app.RunManual {
		t.Errorf("got job %+v, error %v, want a run of ada by hand", job, err)
	}
	var export operate.Export
	if d.must(t, &export, "users", "export", "ada"); export.User.SpotifyID != "ada" || len(export.User.Grant.Sealed.Ciphertext) > 0 {
		t.Errorf("export: got %+v, want everything but the sealed token", export.User)
	}
	d.must(t, &map[string]string{}, "users", "remove", "ada", "--yes")
	if _, err := d.store.User(t.Context(), u.ID); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("after remove: got error %v, want %v", err, fault.ErrNotFound)
	}
}

func TestWeekPauseAndKeysInTheCloud(t *testing.T) {
	t.Parallel()
	d := deploy(t, viewer...)
	d.user(t, "ada")
	d.kms.Rotate(keyName)
	d.user(t, "bob")

	var sent operate.Sent
	if d.must(t, &sent, "week"); sent.Open != 2 {
		t.Errorf("week: got %+v, want two open", sent)
	}
	job, err := event.DecodeFanOut(event.Message{Data: d.next(t, "weekly-push"), PublishedAt: time.Now()})
	if err != nil || job.Run.Kind != app.RunWeekly {
		t.Errorf("got %+v, error %v, want a weekly run", job, err)
	}
	if code, _, said := d.command(t, "week", "--wait", "1s"); code != operate.ExitUnfinished || !strings.Contains(said, "waiting for 2 of 2 runs") {
		t.Errorf("nobody works: got exit code %d: %s", code, said)
	}

	var pause app.Pause
	if d.must(t, &pause, "pause", "--for", "1h"); pause.Reason != app.PauseOperator {
		t.Errorf("pause: got %+v", pause)
	}
	var resumed struct{ Paused *bool }
	if d.must(t, &resumed, "resume"); resumed.Paused == nil || *resumed.Paused {
		t.Errorf("resume: got %+v, want that it is not paused", resumed)
	}
	if stored, err := d.store.Pause(t.Context()); err != nil || !stored.Current(time.Now()).Until.IsZero() {
		t.Errorf("resume: got %+v, error %v", stored, err)
	}

	var keys struct{ Keys []operate.KeyUse }
	d.must(t, &keys, "keys")
	want := []operate.KeyUse{
		{Version: keyName + "/cryptoKeyVersions/2", Grants: 1, Current: true},
		{Version: keyName + "/cryptoKeyVersions/1", Grants: 1},
	}
	if !slices.Equal(keys.Keys, want) {
		t.Errorf("keys: got %+v, want %+v", keys.Keys, want)
	}
}

func TestDeadLettersInTheCloud(t *testing.T) {
	t.Parallel()
	d := deploy(t, viewer...)
	u := d.user(t, "ada")
	run := app.Run{Kind: app.RunWeekly, At: time.Now()}
	body := event.EncodeArchive(archive.ArchiveJob{User: u.ID, Run: run})
	ids := []string{
		d.publish(t, "archive-dead", body, map[string]string{"CloudPubSubDeadLetterSourceDeliveryCount": "100"}),
		d.publish(t, "weekly-dead", event.EncodeFanOut(archive.FanOutJob{Run: run}), nil),
		d.publish(t, "archive-dead", []byte("hello"), nil),
	}
	list := func() []operate.DeadLetter {
		t.Helper()
		var answer struct {
			DeadLetters []operate.DeadLetter `json:"dead_letters"`
		}
		d.must(t, &answer, "dead-letters", "list")
		return answer.DeadLetters
	}
	for range 2 { // looking takes nothing away
		letters := list()
		if len(letters) != 3 {
			t.Fatalf("got %+v, want three", letters)
		}
		i := slices.IndexFunc(letters, func(l operate.DeadLetter) bool { return l.ID == ids[0] })
		if i < 0 || letters[i].User != u.ID || letters[i].Attempts != 100 || letters[i].Queue != operate.QueueArchive || letters[i].Kind != app.RunWeekly {
			t.Errorf("got %+v, want ada's after 100 attempts", letters)
		}
	}
	var done map[string]int
	d.must(t, &done, "dead-letters", "retry", ids[0])
	if got := d.next(t, "archive-push"); string(got) != string(body) {
		t.Errorf("tried again: got %s, want %s", got, body)
	}
	d.must(t, &done, "dead-letters", "drop", ids[2])
	if left := list(); len(left) != 1 || left[0].ID != ids[1] || left[0].Queue != operate.QueueWeekly {
		t.Errorf("got %+v left, want the fan-out", left)
	}
	if code, _, _ := d.command(t, "dead-letters", "drop", ids[0]); code != operate.ExitNotFound {
		t.Errorf("one that is gone: got exit code %d, want %d", code, operate.ExitNotFound)
	}
}

func TestDoctorInTheCloud(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		permissions []gcptest.Permission
		plant       func(t *testing.T, d *deployment)
		checks      []string
	}{
		"nothing_wrong":      {viewer, func(*testing.T, *deployment) {}, nil},
		"wrong_setting":      {viewer, func(_ *testing.T, d *deployment) { delete(d.environ, "KMS_KEY") }, []string{"configuration"}},
		"wrong_redirect_uri": {viewer, func(_ *testing.T, d *deployment) { d.environ["SPOTIFY_CLIENT_ID"] = "another" }, []string{"client_id"}},
		"pages_away":         {viewer, func(_ *testing.T, d *deployment) { d.environ["BASE_URL"] = "http://127.0.0.1:1" }, []string{"redirect_uri", "pages"}},
		"no_secret": {viewer, func(_ *testing.T, d *deployment) {
			d.environ["SPOTIFY_CLIENT_SECRET_NAME"] = "projects/p/secrets/another/versions/latest"
		}, []string{"secret"}},
		"secret_disabled": {viewer, func(_ *testing.T, d *deployment) {
			d.secrets.SetState(secretName, 1, secretmanagerpb.SecretVersion_DISABLED)
		}, []string{"secret"}},
		"key_version_disabled": {viewer, func(_ *testing.T, d *deployment) {
			d.kms.Rotate(keyName)
			d.kms.SetState(keyName, 1, kmspb.CryptoKeyVersion_DISABLED)
		}, []string{"key"}},
		"no_rights": {nil, func(*testing.T, *deployment) {}, []string{"permissions", "permissions"}},
		"no_topic":  {viewer, func(_ *testing.T, d *deployment) { d.environ["WEEKLY_TOPIC"] = "another" }, []string{"pubsub", "dead_letters"}},
		"no_push": {viewer, func(t *testing.T, d *deployment) {
			err := d.pubsub.SubscriptionAdminClient.DeleteSubscription(t.Context(), &pubsubpb.DeleteSubscriptionRequest{Subscription: d.subscription("archive-push")})
			if err != nil {
				t.Fatal(err)
			}
		}, []string{"pubsub"}},
		"app_refused": {viewer, func(t *testing.T, d *deployment) {
			if err := d.store.SetPause(t.Context(), app.Pause{Until: time.Now().Add(time.Minute), Reason: app.PauseClient}); err != nil {
				t.Fatal(err)
			}
		}, []string{"pause"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := deploy(t, row.permissions...)
			d.user(t, "ada")
			row.plant(t, d)
			code, out, said := d.command(t, "doctor", "--json")
			var found struct{ Findings []operate.Finding }
			if err := json.Unmarshal([]byte(out), &found); err != nil {
				t.Fatalf("%v in %s%s", err, out, said)
			}
			var faults []string
			for _, f := range found.Findings {
				if f.State != operate.Fault {
					continue
				}
				faults = append(faults, f.Check)
				if f.Remedy == "" {
					t.Errorf("got %+v, want a remedy", f)
				}
			}
			if !slices.Equal(faults, row.checks) {
				t.Errorf("got faults %q, want %q\n%s", faults, row.checks, out)
			}
			if want := map[bool]int{true: operate.ExitOK, false: operate.ExitFault}[row.checks == nil]; code != want {
				t.Errorf("got exit code %d, want %d", code, want)
			}
			if got := d.secrets.Accesses(); got != 0 {
				t.Errorf("the secret was read %d times, want never", got)
			}
		})
	}
}

// Whoever may look may not decrypt: ArchiveUser does, and leaves a report that
// holds nothing personal.
func TestProbeInTheCloud(t *testing.T) {
	t.Parallel()
	d := deploy(t, viewer...)
	u := d.consent(t, "demo1")
	responder := d.archiveUser(t)
	answered := make(chan error, 1)
	go func() {
		message := d.next(t, "archive-push")
		mine, err := event.HandleProbe(t.Context(), slog.New(slog.DiscardHandler), envelope(t, message), responder)
		if !mine {
			err = errors.New("the message is no probe")
		}
		answered <- err
	}()
	code, out, said := d.command(t, "doctor", "--probe", "demo1")
	if err := <-answered; err != nil {
		t.Fatal(err)
	}
	var report probe.Report
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != operate.ExitOK {
		t.Fatalf("got exit code %d, %v: %s%s", code, err, out, said)
	}
	if len(report.Answers) < 5 || report.Stopped != "" || report.Program != "v1.2.3" || strings.Contains(out, "demo1") || strings.Contains(out, string(u.ID)) {
		t.Errorf("got %s, want what Spotify answers and nothing personal", out)
	}
	if asked, _, err := d.store.Probe(t.Context(), u.ID); err != nil || time.Since(asked) > time.Minute {
		t.Errorf("got an answer of %v, error %v, want today's", asked, err)
	}
	d.must(t, &map[string]string{}, "users", "remove", "demo1", "--yes")
	if _, _, err := d.store.Probe(t.Context(), u.ID); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("after remove: got error %v for the report, want %v", err, fault.ErrNotFound)
	}
}

func TestProbeThatCannotBeAnswered(t *testing.T) {
	t.Parallel()
	d := deploy(t, viewer...)
	u := d.user(t, "ada")
	u.Grant.Sealed.Ciphertext[0] ^= 1
	archivetest.MustPut(t, d.store, u)
	responder := d.archiveUser(t)
	answered := make(chan error, 1)
	go func() {
		_, err := event.HandleProbe(t.Context(), slog.New(slog.DiscardHandler), envelope(t, d.next(t, "archive-push")), responder)
		answered <- err
	}()
	code, _, said := d.command(t, "doctor", "--probe", "ada")
	if err := <-answered; err != nil {
		t.Fatal(err)
	}
	if code != operate.ExitFailed || !strings.Contains(said, "could not ask: opening the grant") {
		t.Errorf("got exit code %d: %s", code, said)
	}
}

func TestThereAreNoBackups(t *testing.T) {
	t.Parallel()
	d := deploy(t, viewer...)
	if code, _, said := d.command(t, "backup"); code != operate.ExitUsage || !strings.Contains(said, "no copies, on purpose") {
		t.Errorf("backup: got exit code %d: %s", code, said)
	}
}
