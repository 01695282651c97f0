// Package cloud runs the whole service on one machine as it runs in the cloud:
// the functions as processes built from the deployed zip, the Firestore and
// Pub/Sub emulators, push subscriptions between them, stand-ins for Cloud KMS
// and Secret Manager that enforce each function's permissions, and the Spotify
// stand-in.
package cloud

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"strings"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/pubsub/v2"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/event"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/dial"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/gcptest"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/gcptest/deploy"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

// Config says what to run.
type Config struct {
	Root         string             // of the repository
	Firestore    string             // host of the emulator
	PubSub       string             // host of the emulator
	Spotify      fakespotify.Config // of the stand-in
	SpotifyPort  int                // 0 takes a free one
	PagesPort    int                // 0 takes a free one
	ArchiveUsers int                // processes of ArchiveUser
	Log          io.Writer          // of all functions
}

// Cloud is the running service.
type Cloud struct {
	Pages      string // address of the sign-up page
	SpotifyURL string
	Spotify    *fakespotify.Server
	Firestore  *firestore.Client
	Balancer   *Balancer // in front of the processes of ArchiveUser

	config  Config
	project string
	program string
	pubsub  *pubsub.Client
	kms     *gcptest.KMS
	secrets *gcptest.Secrets
	closing []func() error // in reverse
}

// The resources.
const (
	weeklyTopic  = "weekly"
	archiveTopic = "archive"
	keyName      = "projects/p/locations/l/keyRings/r/cryptoKeys/grants"
	secretName   = "projects/p/secrets/spotify-client-secret" //nolint:gosec // G101: a name
)

// Start builds and starts everything but the archive subscription: jobs that
// are enqueued before SubscribeArchive go nowhere.
func Start(ctx context.Context, config Config) (*Cloud, error) {
	c := &Cloud{
		config: config, project: "local-" + strings.ToLower(rand.Text()[:12]),
		kms: gcptest.NewKMS(), secrets: gcptest.NewSecrets(), Balancer: newBalancer(),
	}
	for _, step := range []func(context.Context) error{
		c.build, c.startSpotify, c.openClients, c.startPages, c.startFanOut, c.startArchiveUsers,
	} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	return c, nil
}

// Close stops everything.
func (c *Cloud) Close() error {
	var errs []error
	for i := len(c.closing) - 1; i >= 0; i-- {
		errs = append(errs, c.closing[i]())
	}
	c.closing = nil
	return errors.Join(errs...)
}

// Run publishes what the scheduler publishes: a message without a time.
func (c *Cloud) Run(ctx context.Context, kind app.RunKind) error {
	publisher := c.pubsub.Publisher(weeklyTopic)
	defer publisher.Stop()
	message := &pubsub.Message{Data: fmt.Appendf(nil, `{"v":1,"kind":%q}`, kind)}
	if _, err := publisher.Publish(ctx, message).Get(ctx); err != nil {
		return fmt.Errorf("publishing the %s message: %w", kind, err)
	}
	return nil
}

// Publish publishes a job as fan-out does.
func (c *Cloud) Publish(ctx context.Context, job archive.ArchiveJob) error {
	return c.PublishArchive(ctx, event.EncodeArchive(job))
}

// PublishArchive publishes any bytes to the topic of ArchiveUser.
func (c *Cloud) PublishArchive(ctx context.Context, data []byte) error {
	publisher := c.pubsub.Publisher(archiveTopic)
	defer publisher.Stop()
	if _, err := publisher.Publish(ctx, &pubsub.Message{Data: data}).Get(ctx); err != nil {
		return fmt.Errorf("publishing a job: %w", err)
	}
	return nil
}

func (c *Cloud) build(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "cloud")
	if err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	c.closing = append(c.closing, func() error { return os.RemoveAll(folder) })
	source, err := deploy.ReadSource(c.config.Root)
	if err != nil {
		return err
	}
	packed, err := source.Zip(c.config.Root)
	if err != nil {
		return err
	}
	c.program, err = deploy.Build(ctx, packed, folder)
	return err
}

func (c *Cloud) openClients(ctx context.Context) error {
	var err error
	c.Firestore, err = firestore.NewClient(ctx, c.project, gcptest.Dialing(c.config.Firestore)...)
	if err != nil {
		return fmt.Errorf("opening Firestore: %w", err)
	}
	c.closing = append(c.closing, c.Firestore.Close)
	c.pubsub, err = pubsub.NewClient(ctx, c.project, gcptest.Dialing(c.config.PubSub)...)
	if err != nil {
		return fmt.Errorf("opening Pub/Sub: %w", err)
	}
	c.closing = append(c.closing, c.pubsub.Close)
	return errors.Join(c.createTopic(ctx, weeklyTopic), c.createTopic(ctx, archiveTopic))
}

func (c *Cloud) startPages(ctx context.Context) error {
	port, err := deploy.FreePort(ctx, c.config.PagesPort)
	if err != nil {
		return err
	}
	c.Pages = fmt.Sprintf("http://127.0.0.1:%d", port)
	environment, err := c.environment(ctx, gcptest.UseToEncrypt)
	if err != nil {
		return err
	}
	_, err = c.startFunction(ctx, "SignUp", port, environment)
	return err
}

func (c *Cloud) startFanOut(ctx context.Context) error {
	environment := c.googleEnvironment()
	environment["WEEKLY_TOPIC"] = weeklyTopic
	process, err := c.startFunction(ctx, "FanOut", 0, environment)
	if err != nil {
		return err
	}
	return c.subscribe(ctx, weeklyTopic, process.URL)
}

func (c *Cloud) startArchiveUsers(ctx context.Context) error {
	for range max(c.config.ArchiveUsers, 1) {
		if err := c.AddArchiveUser(ctx); err != nil {
			return err
		}
	}
	url, stop, err := serveHTTP(ctx, 0, c.Balancer)
	if err != nil {
		return err
	}
	c.Balancer.url = url
	c.closing = append(c.closing, stop)
	return nil
}

// AddArchiveUser starts one more process of ArchiveUser.
func (c *Cloud) AddArchiveUser(ctx context.Context) error {
	environment, err := c.environment(ctx, gcptest.UseToEncrypt, gcptest.UseToDecrypt)
	if err != nil {
		return err
	}
	process, err := c.startFunction(ctx, "ArchiveUser", 0, environment)
	if err != nil {
		return err
	}
	c.Balancer.add(process)
	return nil
}

func (c *Cloud) startFunction(ctx context.Context, target string, port int, environment map[string]string) (*deploy.Process, error) {
	process, err := deploy.Function{
		Program: c.program, Target: target, Environment: environment, Port: port, Log: c.config.Log,
	}.Start(ctx)
	if err != nil {
		return nil, err
	}
	c.closing = append(c.closing, func() error { process.Kill(); return nil })
	return process, nil
}

// googleEnvironment is what every function is told.
func (c *Cloud) googleEnvironment() map[string]string {
	return map[string]string{
		"ENVIRONMENT": "local", "GOOGLE_CLOUD_PROJECT": c.project, "ARCHIVE_TOPIC": archiveTopic,
		gcptest.FirestoreVariable: c.config.Firestore, gcptest.PubSubVariable: c.config.PubSub,
	}
}

// environment is what a function is told that may use the key in these ways
// and read the client secret: it is a caller of its own.
func (c *Cloud) environment(ctx context.Context, permissions ...gcptest.Permission) (map[string]string, error) {
	kmsHost, stopKMS, err := c.kms.Serve(ctx, permissions...)
	if err != nil {
		return nil, err
	}
	secretsHost, stopSecrets, err := c.secrets.Serve(ctx, gcptest.AccessVersion)
	if err != nil {
		stopKMS()
		return nil, err
	}
	c.closing = append(c.closing, func() error { stopKMS(); stopSecrets(); return nil })
	environment := c.googleEnvironment()
	maps.Copy(environment, map[string]string{
		"BASE_URL": c.Pages, "KMS_KEY": keyName, "SPOTIFY_CLIENT_SECRET_NAME": secretName + "/versions/latest",
		"SPOTIFY_CLIENT_ID":    fakespotify.DemoClientID,
		"SPOTIFY_ACCOUNTS_URL": c.SpotifyURL, "SPOTIFY_API_URL": c.SpotifyURL + "/v1",
		dial.KMSEmulator: kmsHost, dial.SecretManagerEmulator: secretsHost,
	})
	return environment, nil
}

func (c *Cloud) startSpotify(ctx context.Context) error {
	c.kms.Rotate(keyName)
	c.secrets.Add(secretName, fakespotify.DemoClientSecret().Reveal())
	server, err := fakespotify.New(c.config.Spotify)
	if err != nil {
		return err
	}
	c.Spotify = server
	c.closing = append(c.closing, server.Close)
	url, stop, err := serveHTTP(ctx, c.config.SpotifyPort, server.Handler())
	if err != nil {
		return err
	}
	c.SpotifyURL = url
	c.closing = append(c.closing, stop)
	return nil
}
