package main

import (
	"context"
	"fmt"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/messaging"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/usecase"
	"github.com/weeklyarchive/weeklyarchive/internal/links"
	"github.com/weeklyarchive/weeklyarchive/internal/notify"
	"github.com/weeklyarchive/weeklyarchive/internal/notify/address"
	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// assembleMessages makes what archives a user and tells them about it. The key
// pair of pushes is made at the first start, before anybody can subscribe.
func (d *daemon) assembleMessages(ctx context.Context) error {
	keys := &messaging.PushKeys{Store: d.store, Sealer: d.key, Opener: d.key}
	if _, err := keys.Pair(ctx); err != nil {
		d.log.ErrorContext(ctx, "pushes cannot be signed: the key file is not the one that sealed their key", "error", err)
	}
	messenger, err := notify.New(notify.Config{
		Keys: keys.Pair, Contact: notify.Contact(d.cfg.Contact, d.base, d.cfg.RepositoryURL),
		NtfyServers: address.Servers(d.cfg.NtfyURL),
	})
	if err != nil {
		return fmt.Errorf("messages cannot be sent: %w", err)
	}
	d.links = &links.Links{Base: d.base, Key: d.key.Session, SearchName: words.DiscoverName}
	if d.standin != nil {
		d.links.PlaylistURL = d.standin.URL() + controlPath + "/playlists/"
	}
	d.teller = &messaging.Teller{
		Runner: &usecase.Archivist{
			Store: d.store, App: d.store, Sealer: d.key, Opener: d.key, Spotify: d.client,
			Clock: d.clock, Log: d.log, Words: words.Playlists(), BaseURL: d.base, Alone: true,
		},
		Users: d.store, Sealer: d.key, Opener: d.key, Keys: keys, Messenger: messenger, Words: words.Messages(!links.Reachable(d.base)),
		Links: d.links, Clock: d.clock, Log: d.log,
	}
	return nil
}
