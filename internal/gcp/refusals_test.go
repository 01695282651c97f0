// Package gcp_test holds what is true of Google's adapters together with the
// core.
package gcp_test

import (
	"bytes"
	"encoding/base64"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/kms/apiv1/kmspb"
	"cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/event"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/firestorestore"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/gcptest"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/kmsseal"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/pubsubjobs"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/secrets"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

var emulators gcptest.Emulators

func TestMain(m *testing.M) { os.Exit(emulators.Run(m)) }

const (
	keyName    = "projects/p/locations/l/keyRings/r/cryptoKeys/k"
	secretName = "projects/p/secrets/s"
	token      = "AQD-refresh-token-that-must-not-show"
)

// world is ArchiveUser on Google's parts, and one user.
type world struct {
	db      gcptest.Database
	kms     *gcptest.KMS
	secrets *gcptest.Secrets
	opener  []gcptest.Permission
	reader  []gcptest.Permission
	user    archive.User
}

// Every refusal of Google's is acknowledged or retried as the table of
// outcomes says, and what goes to the framework and the log holds no secret.
func TestRefusals(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		spoil   func(t *testing.T, w *world)
		outcome outcome.Kind
	}{
		"unknown_user": {func(t *testing.T, w *world) {
			w.user.ID = archivetest.NewUser(t, "stranger").ID
		}, outcome.UnknownUser},
		"document_with_missing_fields": {func(t *testing.T, w *world) {
			w.update(t, firestore.Update{Path: "grant", Value: firestore.Delete})
		}, outcome.Malformed},
		"document_with_wrong_types": {func(t *testing.T, w *world) {
			w.update(t, firestore.Update{Path: "grant", Value: token})
		}, outcome.Malformed},
		"ciphertext_of_another_user": {func(t *testing.T, w *world) {
			w.update(t, firestore.Update{Path: "grant.sealed.ciphertext", Value: w.seal(t, "other").Ciphertext})
		}, outcome.Key},
		"disabled_key_version": {func(_ *testing.T, w *world) {
			w.kms.SetState(keyName, 1, kmspb.CryptoKeyVersion_DISABLED)
		}, outcome.Key},
		"destroyed_key_version": {func(_ *testing.T, w *world) {
			w.kms.SetState(keyName, 1, kmspb.CryptoKeyVersion_DESTROYED)
		}, outcome.Key},
		"may_not_decrypt": {func(_ *testing.T, w *world) { w.opener = nil }, outcome.Internal},
		"destroyed_secret_version": {func(_ *testing.T, w *world) {
			w.secrets.SetState(secretName, 1, secretmanagerpb.SecretVersion_DESTROYED)
		}, outcome.App},
		"may_not_read_the_secret": {func(_ *testing.T, w *world) { w.reader = nil }, outcome.App},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.spoil(t, w)
			var log bytes.Buffer
			err := event.HandleArchive(t.Context(), slog.New(slog.NewJSONHandler(&log, nil)),
				message(event.EncodeArchive(archive.ArchiveJob{User: w.user.ID, Run: weekly()})), w.archivist(t))
			if got, want := err != nil, c.outcome.Verdict().Disposition == outcome.Retry; got != want {
				t.Errorf("got error %v, want one: %t (%s)", err, want, c.outcome.Verdict().Reason)
			}
			if !strings.Contains(log.String(), `"outcome":"`+string(c.outcome)+`"`) {
				t.Errorf("got log %s, want outcome %s", log.String(), c.outcome)
			}
			if err != nil && (strings.Contains(err.Error(), "AQD") || strings.Contains(err.Error(), "%")) {
				t.Errorf("the framework would print %v", err)
			}
			if strings.Contains(log.String(), "AQD") || strings.Contains(log.String(), `"panic"`) {
				t.Errorf("the log shows a token or a panic: %s", log.String())
			}
		})
	}
}

func TestFanOutToATopicThatDoesNotExist(t *testing.T) {
	t.Parallel()
	store := in(emulators.Firestore(t), archivetest.WeekTime)
	archivetest.MustPut(t, store, archivetest.NewUser(t, "ada"))
	jobs := pubsubjobs.NewArchiveJobs(emulators.PubSub(t), "nowhere")
	t.Cleanup(jobs.Stop)
	fanOut := &usecase.FanOut{
		Users: store, App: store, Jobs: jobs, Clock: archivetest.WeekTime, Log: slog.New(slog.DiscardHandler),
	}
	err := event.HandleFanOut(t.Context(), slog.New(slog.DiscardHandler),
		message([]byte(`{"v":1,"kind":"weekly"}`)), fanOut)
	if err == nil {
		t.Error("got no error: the week would be lost")
	}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		db: emulators.Firestore(t), kms: gcptest.NewKMS(), secrets: gcptest.NewSecrets(),
		opener: []gcptest.Permission{gcptest.UseToDecrypt}, reader: []gcptest.Permission{gcptest.AccessVersion},
	}
	w.kms.Rotate(keyName)
	w.secrets.Add(secretName, fakespotify.DemoClientSecret().Reveal())
	w.user = archivetest.NewUser(t, "ada")
	w.user.Grant.Sealed = w.seal(t, w.user.ID)
	w.user.Grant.AuthorizedAt = time.Now()
	archivetest.MustPut(t, in(w.db, time.Now), w.user)
	return w
}

func in(db gcptest.Database, clock archive.Clock) *records.Store {
	return records.New(firestorestore.New(db.API, db.Name, clock))
}

func (w *world) seal(t *testing.T, id archive.UserID) secret.Sealed {
	t.Helper()
	sealer := kmsseal.NewSealer(w.kms.Client(t, gcptest.UseToEncrypt), keyName)
	sealed, err := sealer.Seal(t.Context(), secret.New(token), archive.GrantContext(id))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func (w *world) update(t *testing.T, u firestore.Update) {
	t.Helper()
	if _, err := w.db.Client.Collection("users").Doc(string(w.user.ID)).Update(t.Context(), []firestore.Update{u}); err != nil {
		t.Fatal(err)
	}
}

func (w *world) archivist(t *testing.T) *usecase.Archivist {
	t.Helper()
	standin := fakespotify.Start(t, fakespotify.Config{})
	client, err := spotify.New(spotify.Config{
		ClientID: fakespotify.DemoClientID, AccountsURL: standin.URL, APIURL: standin.URL + "/v1",
		ClientSecret: secrets.New(w.secrets.Client(t, w.reader...), secretName+"/versions/1", time.Now).Get,
	})
	if err != nil {
		t.Fatal(err)
	}
	store := in(w.db, time.Now)
	return &usecase.Archivist{
		Store: store, App: store, Spotify: client, Clock: time.Now, Log: slog.New(slog.DiscardHandler),
		Sealer:  kmsseal.NewSealer(w.kms.Client(t, gcptest.UseToEncrypt), keyName),
		Opener:  kmsseal.NewOpener(w.kms.Client(t, w.opener...), keyName),
		Words:   words.Playlists(),
		BaseURL: "https://archive.example",
	}
}

func weekly() app.Run { return app.Run{Kind: app.RunWeekly, At: time.Now()} }

// message is the event in which Pub/Sub delivers a body.
func message(body []byte) event.Envelope {
	data := base64.StdEncoding.EncodeToString(body)
	return event.Envelope{
		Type: event.MessagePublished, ID: "1", Time: time.Now(),
		Data: []byte(`{"message":{"data":"` + data + `","messageId":"1","publishTime":"2026-11-16T13:00:00Z"}}`),
	}
}
