// Package place is Google Cloud as the operator's commands see it: with the
// rights of whoever runs them, and from their machine. Nothing of it is
// deployed.
package place

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	kms "cloud.google.com/go/kms/apiv1"
	"cloud.google.com/go/kms/apiv1/kmspb"
	"cloud.google.com/go/pubsub/v2"
	secretmanager "cloud.google.com/go/secretmanager/apiv1"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/config"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/dial"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/firestorestore"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/kmsseal"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/pubsubjobs"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/secrets"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
)

var _ operate.Store = (*records.Store)(nil)

// Place is a deployment that is open.
type Place struct {
	cfg     config.Operate
	kms     *kms.KeyManagementClient
	secrets *secretmanager.Client
	pubsub  *pubsub.Client
	store   *records.Store
	closing []func() error
}

// Open opens the clients of a deployment. environ names emulators, where
// there are any.
func Open(ctx context.Context, cfg config.Operate, environ map[string]string) (*Place, error) {
	p := &Place{cfg: cfg}
	database, err1 := firestorestore.Open(ctx, environ[dial.FirestoreEmulator])
	if err1 == nil {
		p.store = records.New(firestorestore.New(database, firestorestore.Database(cfg.Project, cfg.FirestoreDatabase), time.Now))
		p.closing = append(p.closing, database.Close)
	}
	var err2, err3, err4 error
	if p.kms, err2 = kmsseal.Open(ctx, environ[dial.KMSEmulator]); err2 == nil {
		p.closing = append(p.closing, p.kms.Close)
	}
	if p.secrets, err3 = secrets.Open(ctx, environ[dial.SecretManagerEmulator]); err3 == nil {
		p.closing = append(p.closing, p.secrets.Close)
	}
	if p.pubsub, err4 = openPubSub(ctx, cfg.Project, environ[dial.PubSubEmulator]); err4 == nil {
		p.closing = append(p.closing, p.pubsub.Close)
	}
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return nil, errors.Join(fmt.Errorf("%w; `gcloud auth application-default login` lets this machine in", err), p.Close())
	}
	return p, nil
}

func openPubSub(ctx context.Context, project, emulator string) (*pubsub.Client, error) {
	client, err := pubsub.NewClient(ctx, project, dial.Options(emulator)...)
	if err != nil {
		return nil, fmt.Errorf("opening Pub/Sub: %w", err)
	}
	return client, nil
}

// Close closes the clients.
func (p *Place) Close() error {
	var problems []error
	for _, shut := range p.closing {
		problems = append(problems, shut())
	}
	p.closing = nil
	return errors.Join(problems...)
}

// Service returns what the commands work on. Closing it closes the place.
func (p *Place) Service() *operate.Service {
	jobs := pubsubjobs.NewArchiveJobs(p.pubsub, p.cfg.ArchiveTopic)
	fanOut := pubsubjobs.NewFanOutJobs(p.pubsub, p.cfg.WeeklyTopic)
	return &operate.Service{
		Store: p.store, Jobs: jobs, FanOut: fanOut,
		Letters:    NewDeadLetters(p.pubsub, p.cfg.Project, p.cfg.ArchiveTopic, p.cfg.WeeklyTopic),
		CurrentKey: p.currentKey, Prober: &prober{jobs: jobs, reports: p.store},
		Clock: time.Now, Log: slog.New(slog.DiscardHandler),
		Close: func() error {
			jobs.Stop()
			fanOut.Stop()
			return p.Close()
		},
	}
}

// currentKey asks which version is primary. That shows no key and opens
// nothing.
func (p *Place) currentKey(ctx context.Context) (string, error) {
	key, err := p.kms.GetCryptoKey(ctx, &kmspb.GetCryptoKeyRequest{Name: p.cfg.KMSKey})
	if err != nil {
		return "", fmt.Errorf("asking Cloud KMS: %w", err)
	}
	return key.GetPrimary().GetName(), nil
}

// Doctor looks at the deployment: what Spotify says of it, what is stored, and
// whether every part is there and may be used. It opens no grant and reads no
// secret, so no alert about people fires.
func (p *Place) Doctor(ctx context.Context) []operate.Finding {
	findings := operate.CheckSpotify(ctx, operate.SpotifyChecks{
		ClientID: p.cfg.SpotifyClientID, RedirectURI: p.cfg.BaseURL + "/callback",
		AccountsURL: p.cfg.SpotifyAccountsURL, APIURL: p.cfg.SpotifyAPIURL,
		HTTP: &http.Client{Timeout: doctorTimeout}, Clock: time.Now,
	})
	findings = append(findings, p.checkPages(ctx), p.checkSecret(ctx))
	findings = append(findings, p.checkPubSub(ctx)...)
	findings = append(findings, operate.CheckService(ctx, p.Service())...)
	return append(findings, p.checkKey(ctx)...)
}

const doctorTimeout = 15 * time.Second
