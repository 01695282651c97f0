// Package signup is the function SignUp: the pages on which people connect
// their Spotify account and see their archive. It can seal a token and cannot
// open one.
package signup

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/app"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/messaging"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/config"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/dial"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/entry"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/firestorestore"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/kmsseal"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/lazy"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/pubsubjobs"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/secrets"
	"github.com/weeklyarchive/weeklyarchive/internal/links"
	"github.com/weeklyarchive/weeklyarchive/internal/notify/address"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify"
	"github.com/weeklyarchive/weeklyarchive/internal/web"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

func init() {
	entry.HTTP("SignUp", entry.Root[config.SignUp, http.Handler]{Load: config.LoadSignUp, Open: open})
}

func open(ctx context.Context, c config.SignUp, environ map[string]string, log *slog.Logger) (http.Handler, error) {
	firestore, err1 := firestorestore.Open(ctx, environ[dial.FirestoreEmulator])
	kms, err2 := kmsseal.Open(ctx, environ[dial.KMSEmulator])
	manager, err3 := secrets.Open(ctx, environ[dial.SecretManagerEmulator])
	pubsub, err4 := pubsubjobs.Open(ctx, c.Project)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return nil, err
	}
	store := records.New(firestorestore.New(firestore, firestorestore.Database(c.Project, c.FirestoreDatabase), time.Now))
	clientSecret := secrets.New(manager, c.ClientSecretName, time.Now)
	client, err := spotify.New(spotify.Config{
		ClientID: c.SpotifyClientID, ClientSecret: clientSecret.Get, RedirectURI: c.BaseURL + "/callback",
		AccountsURL: c.SpotifyAccountsURL, APIURL: c.SpotifyAPIURL, RepositoryURL: c.RepositoryURL, Version: c.Version,
		Traffic: store, DailyRequests: c.DailyRequests.Cap(), Log: log,
	})
	if err != nil {
		return nil, lazy.Permanent(err)
	}
	jobs := pubsubjobs.NewArchiveJobs(pubsub, c.ArchiveTopic)
	sealer := kmsseal.NewSealer(kms, c.KMSKey)
	pages, err := web.New(web.Config{
		BaseURL: c.BaseURL, SessionKey: clientSecret.Get, Authorizer: client, Clock: time.Now, Log: log,
		SignUp:     &usecase.SignUp{Users: store, Sealer: sealer, Jobs: jobs, Clock: time.Now, Log: log},
		Accounts:   &usecase.Accounts{Store: store, Jobs: jobs, Clock: time.Now, Log: log},
		LastWeekly: func(ctx context.Context) (time.Time, error) { return store.LastRun(ctx, app.RunWeekly) },

		RunningSince: c.RunningSince,
		Messages: &web.Messages{
			Channels: &messaging.Channels{Users: store, Sealer: sealer, Jobs: jobs, Clock: time.Now},
			Links:    &links.Links{Base: c.BaseURL, Key: clientSecret.Get, SearchName: words.DiscoverName},
			PushKey:  store.PushKey, NtfyServers: address.Servers(c.NtfyURL),
		},
		AppPause: store.Pause, Reach: store.Access, Contact: c.Contact, Version: c.Version,
		Forwarded: true,
	})
	return pages, lazy.Permanent(err)
}
