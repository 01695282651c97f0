// Package archiveuser is the function ArchiveUser: one run of one user per
// message.
package archiveuser

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/messaging"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/records"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/config"
	"github.com/weeklyarchive/weeklyarchive/internal/event"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/dial"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/entry"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/firestorestore"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/kmsseal"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/lazy"
	"github.com/weeklyarchive/weeklyarchive/internal/gcp/secrets"
	"github.com/weeklyarchive/weeklyarchive/internal/links"
	"github.com/weeklyarchive/weeklyarchive/internal/notify"
	"github.com/weeklyarchive/weeklyarchive/internal/notify/address"
	"github.com/weeklyarchive/weeklyarchive/internal/operate/probe"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

func init() {
	entry.Event("ArchiveUser", entry.Root[config.ArchiveUser, *function]{Load: config.LoadArchiveUser, Open: open}, handle)
}

func handle(ctx context.Context, log *slog.Logger, e event.Envelope, f *function) error {
	if mine, err := event.HandleProbe(ctx, log, e, f.responder); mine {
		return err
	}
	return event.HandleArchive(ctx, log, e, f.teller)
}

// function is what one instance does.
type function struct {
	teller    *messaging.Teller // runs a user, and tells them
	responder *probe.Responder
}

func open(ctx context.Context, c config.ArchiveUser, environ map[string]string, log *slog.Logger) (*function, error) {
	firestore, err1 := firestorestore.Open(ctx, environ[dial.FirestoreEmulator])
	kms, err2 := kmsseal.Open(ctx, environ[dial.KMSEmulator])
	manager, err3 := secrets.Open(ctx, environ[dial.SecretManagerEmulator])
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	store := records.New(firestorestore.New(firestore, firestorestore.Database(c.Project, c.FirestoreDatabase), time.Now))
	clientSecret := secrets.New(manager, c.ClientSecretName, time.Now)
	client, err := spotify.New(spotify.Config{
		ClientID: c.SpotifyClientID, ClientSecret: clientSecret.Get,
		AccountsURL: c.SpotifyAccountsURL, APIURL: c.SpotifyAPIURL, RepositoryURL: c.RepositoryURL, Version: c.Version,
		Traffic: store, DailyRequests: c.DailyRequests.Cap(), Log: log,
	})
	if err != nil {
		return nil, lazy.Permanent(err)
	}
	sealer, opener := kmsseal.NewSealer(kms, c.KMSKey), kmsseal.NewOpener(kms, c.KMSKey)
	keys := &messaging.PushKeys{Store: store, Sealer: sealer, Opener: opener}
	messenger, err := notify.New(notify.Config{
		Keys: keys.Pair, Contact: notify.Contact(c.Contact, c.BaseURL, c.RepositoryURL), NtfyServers: address.Servers(c.NtfyURL),
	})
	if err != nil {
		return nil, lazy.Permanent(err)
	}
	return &function{
		teller: &messaging.Teller{
			Runner: &usecase.Archivist{
				Store: store, App: store, Spotify: client, Clock: time.Now, Log: log, Words: words.Playlists(), BaseURL: c.BaseURL,
				Sealer: sealer, Opener: opener,
			},
			Users: store, Sealer: sealer, Opener: opener, Keys: keys, Messenger: messenger, Clock: time.Now, Log: log,
			Words: words.Messages(!links.Reachable(c.BaseURL)),
			Links: &links.Links{Base: c.BaseURL, Key: clientSecret.Get, SearchName: words.DiscoverName},
		},
		responder: &probe.Responder{Reports: store, Prober: &probe.Prober{
			Users: store, Sealer: sealer, Opener: opener, Spotify: client, APIURL: c.SpotifyAPIURL, Program: c.Version, Clock: time.Now,
		}},
	}, nil
}
