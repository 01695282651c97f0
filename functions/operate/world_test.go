package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
	"github.com/weeklyarchive/weeklyarchive/internal/event"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/dial"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/firestorestore"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/gcptest"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/kmsseal"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
	"github.com/weeklyarchive/weeklyarchive/internal/operate/probe"
	"github.com/weeklyarchive/weeklyarchive/internal/pkce"
	"github.com/weeklyarchive/weeklyarchive/internal/secret"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

var emulators gcptest.Emulators

func TestMain(m *testing.M) { os.Exit(emulators.Run(m)) }

const (
	keyName     = "projects/p/locations/l/keyRings/r/cryptoKeys/grants"
	secretName  = "projects/p/secrets/spotify-client-secret"
	redirectURI = "/callback"
)

// viewer is what a person with the role Viewer may do with keys and secrets.
var viewer = []gcptest.Permission{gcptest.ViewKey, gcptest.ViewKeyVersion, gcptest.ViewVersion}

// deployment is what terraform makes, on this machine.
type deployment struct {
	environ map[string]string
	project string
	store   *records.Store
	pubsub  *pubsub.Client
	kms     *gcptest.KMS
	secrets *gcptest.Secrets
	spotify *fakespotify.Server
	sealer  archive.Sealer
}

// deploy makes everything, for an operator with these permissions.
func deploy(t *testing.T, permissions ...gcptest.Permission) *deployment {
	t.Helper()
	d := &deployment{project: gcptest.Project(t), kms: gcptest.NewKMS(), secrets: gcptest.NewSecrets()}
	firestoreHost, pubsubHost := emulators.FirestoreHost(t), emulators.PubSubHost(t)
	pages := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(pages.Close)
	d.spotify = fakespotify.Start(t, fakespotify.Config{RedirectURIs: []string{pages.URL + redirectURI}})
	d.kms.Rotate(keyName)
	d.secrets.Add(secretName, fakespotify.DemoClientSecret().Reveal())
	kmsHost, stopKMS, err := d.kms.Serve(t.Context(), permissions...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stopKMS)
	secretsHost, stopSecrets, err := d.secrets.Serve(t.Context(), permissions...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stopSecrets)
	d.environ = map[string]string{
		"BASE_URL": pages.URL, "GOOGLE_CLOUD_PROJECT": d.project, "KMS_KEY": keyName,
		"ARCHIVE_TOPIC": "archive", "WEEKLY_TOPIC": "weekly",
		"SPOTIFY_CLIENT_ID": fakespotify.DemoClientID, "SPOTIFY_CLIENT_SECRET_NAME": secretName + "/versions/latest",
		"SPOTIFY_ACCOUNTS_URL": d.spotify.URL, "SPOTIFY_API_URL": d.spotify.URL + "/v1",
		dial.FirestoreEmulator: firestoreHost, dial.PubSubEmulator: pubsubHost,
		dial.KMSEmulator: kmsHost, dial.SecretManagerEmulator: secretsHost,
	}
	database, err := firestorestore.Open(t.Context(), firestoreHost)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = database.Close() })
	d.store = records.New(firestorestore.New(database, firestorestore.Database(d.project, "(default)"), time.Now))
	d.sealer = kmsseal.NewSealer(d.kms.Client(t, gcptest.UseToEncrypt), keyName)
	if d.pubsub, err = pubsub.NewClient(t.Context(), d.project, gcptest.Dialing(pubsubHost)...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.pubsub.Close() })
	for _, topic := range []string{"archive", "weekly"} {
		d.topic(t, topic, topic+"-push")
		d.topic(t, topic+"-dead", topic+"-dead")
	}
	if err := d.store.NoteRun(t.Context(), app.Run{Kind: app.RunWeekly, At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *deployment) topic(t *testing.T, topic, subscription string) {
	t.Helper()
	name := "projects/" + d.project + "/topics/" + topic
	if _, err := d.pubsub.TopicAdminClient.CreateTopic(t.Context(), &pubsubpb.Topic{Name: name}); err != nil {
		t.Fatal(err)
	}
	_, err := d.pubsub.SubscriptionAdminClient.CreateSubscription(t.Context(), &pubsubpb.Subscription{
		Name: d.subscription(subscription), Topic: name, AckDeadlineSeconds: 60,
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (d *deployment) subscription(id string) string {
	return "projects/" + d.project + "/subscriptions/" + id
}

// user stores somebody whose grant the key seals.
func (d *deployment) user(t *testing.T, name string, edits ...func(*archive.User)) archive.User {
	t.Helper()
	u := archivetest.NewUser(t, name, edits...)
	sealed, err := d.sealer.Seal(t.Context(), secret.New("a refresh token"), archive.GrantContext(u.ID))
	if err != nil {
		t.Fatal(err)
	}
	u.Grant.Sealed = sealed
	return archivetest.MustPut(t, d.store, u)
}

// publish puts a message into a topic and returns its id.
func (d *deployment) publish(t *testing.T, topic string, data []byte, attributes map[string]string) string {
	t.Helper()
	publisher := d.pubsub.Publisher(topic)
	defer publisher.Stop()
	id, err := publisher.Publish(t.Context(), &pubsub.Message{Data: data, Attributes: attributes}).Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// next takes the next message of a subscription.
func (d *deployment) next(t *testing.T, subscription string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		answer, err := d.pubsub.SubscriptionAdminClient.Pull(ctx, &pubsubpb.PullRequest{Subscription: d.subscription(subscription), MaxMessages: 1})
		if err != nil {
			t.Fatalf("waiting for a message of %s: %v", subscription, err)
		}
		for _, m := range answer.GetReceivedMessages() {
			err := d.pubsub.SubscriptionAdminClient.Acknowledge(ctx, &pubsubpb.AcknowledgeRequest{
				Subscription: d.subscription(subscription), AckIds: []string{m.GetAckId()},
			})
			if err != nil {
				t.Fatal(err)
			}
			return m.GetMessage().GetData()
		}
	}
}

// command runs a command and returns its exit code and what it printed.
func (d *deployment) command(t *testing.T, args ...string) (code int, out, said string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), args, d.environ, &stdout, &stderr)
	if err != nil {
		fmt.Fprintln(&stderr, err)
	}
	return operate.ExitCode(err), stdout.String(), stderr.String()
}

// must runs a command that has to succeed, and decodes its JSON.
func (d *deployment) must(t *testing.T, answer any, args ...string) {
	t.Helper()
	code, out, said := d.command(t, append(args, "--json")...)
	if code != operate.ExitOK {
		t.Fatalf("%s: got exit code %d: %s\n%s", strings.Join(args, " "), code, said, out)
	}
	if err := json.Unmarshal([]byte(out), answer); err != nil {
		t.Fatalf("%s: %v in %s", strings.Join(args, " "), err, out)
	}
}

// client is how ArchiveUser is known to Spotify.
func (d *deployment) client(t *testing.T) *spotify.Client {
	t.Helper()
	client, err := spotify.New(spotify.Config{
		ClientID:     fakespotify.DemoClientID,
		ClientSecret: func(context.Context) (secret.Text, error) { return fakespotify.DemoClientSecret(), nil },
		RedirectURI:  d.environ["BASE_URL"] + redirectURI, AccountsURL: d.spotify.URL, APIURL: d.spotify.URL + "/v1", Clock: d.spotify.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// consent has a person agree at Spotify, and stores them with what it gave.
func (d *deployment) consent(t *testing.T, account string) archive.User {
	t.Helper()
	client, verifier := d.client(t), pkce.NewVerifier()
	target, err := url.Parse(client.AuthorizeURL("state", pkce.Challenge(verifier), webapi.Scopes(false), false))
	if err != nil {
		t.Fatal(err)
	}
	form := target.Query()
	form.Set("account", account)
	form.Set("decision", "agree")
	target.RawQuery = ""
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target.String(), strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	back, err := answer.Location()
	if err != nil {
		t.Fatalf("consenting: status %d: %v", answer.StatusCode, err)
	}
	token, err := client.Exchange(t.Context(), secret.New(back.Query().Get("code")), verifier)
	if err != nil {
		t.Fatal(err)
	}
	u := archivetest.NewUser(t, account)
	if u.Grant.Sealed, err = d.sealer.Seal(t.Context(), token.Refresh, archive.GrantContext(u.ID)); err != nil {
		t.Fatal(err)
	}
	return archivetest.MustPut(t, d.store, u)
}

// archiveUser is what answers probes there, which may open grants.
func (d *deployment) archiveUser(t *testing.T) *probe.Responder {
	t.Helper()
	return &probe.Responder{Reports: d.store, Prober: &probe.Prober{
		Users: d.store, Sealer: d.sealer, Opener: kmsseal.NewOpener(d.kms.Client(t, gcptest.UseToDecrypt), keyName),
		Spotify: d.client(t), APIURL: d.spotify.URL + "/v1", Program: "v1.2.3", Clock: time.Now,
	}}
}

// envelope is how Pub/Sub brings a message.
func envelope(t *testing.T, data []byte) event.Envelope {
	t.Helper()
	text, err := json.Marshal(map[string]any{"message": map[string]any{"data": data, "messageId": "1"}})
	if err != nil {
		t.Fatal(err)
	}
	return event.Envelope{Type: event.MessagePublished, ID: "1", Time: time.Now(), Data: text}
}
