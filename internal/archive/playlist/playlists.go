// Package playlist finds the playlists that we made in a user's library, and
// what others have done to them. It decides what is believed of Spotify's lists
// (internal/docs/decisions/0012-rules-of-evidence.md).
package playlist

import (
	"context"
	"log/slog"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/lease"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// Config is what the playlists of every user have in common.
type Config struct {
	Words   archive.PlaylistWords
	BaseURL string // where a person reconnects; goes into the archive's description
	Log     *slog.Logger
}

// Ours are a user's playlists as one run sees them: Spotify's list, read once
// and only as far as somebody asks, and the archives that were looked at.
type Ours struct {
	Config
	*lease.Held
	Library webapi.Library

	began     time.Time // of the run
	list      listing
	listed    *archive.Playlists                 // what the list looks like
	places    map[string]archive.ListPlace       // where playlists stand in it, by id
	confirmed bool                               // the list was believed when it did not show one of ours
	refusedAt time.Time                          // when Spotify refused to say whether the library holds a playlist
	archives  map[string]archive.ArchivePlaylist // looked at in this run
	replaced  bool                               // an archive was gone, so there is a new one
	put       map[calendar.Edition]int           // songs that the person put into the archive by hand
	twice     calendar.Edition                   // its songs stand in the archive twice
}

// New returns the playlists of a user who is leased.
func New(cfg Config, held *lease.Held, library webapi.Library) *Ours {
	return &Ours{Config: cfg, Held: held, Library: library, began: held.Clock.Now()}
}

// Replaced reports whether an archive was gone, and a new one was made.
func (o *Ours) Replaced() bool { return o.replaced }

// First returns the first page of the list of playlists.
func (o *Ours) First(ctx context.Context) ([]webapi.Playlist, error) {
	return o.list.first(ctx, o.Library)
}

// All returns the complete list of playlists, as it is told.
func (o *Ours) All(ctx context.Context) ([]webapi.Playlist, error) {
	return o.list.all(ctx, o.Library)
}

// Complete reports whether the complete list was read.
func (o *Ours) Complete() bool { return o.list.complete }

// Withholds reports whether the list counts more than it has shown: entries that came
// twice hid others. What it nulls is shown.
func (o *Ours) Withholds() bool {
	return o.list.complete && o.list.total-o.list.nulls > len(o.list.ids)
}

// Known returns what was read of the list so far.
func (o *Ours) Known() []webapi.Playlist { return o.list.known }

// Observed notes what was seen of Spotify's answers, however the run ends.
func (o *Ours) Observed(u *archive.User) {
	if o.listed != nil {
		refused := u.Playlists.RefusedAt
		u.Playlists = *o.listed
		u.Playlists.RefusedAt = refused
	}
	if !o.refusedAt.IsZero() {
		u.Playlists.RefusedAt = o.refusedAt
	}
	u.Twice = max(u.Twice, o.twice)
	o.placed(u)
}

// Copied notes the songs that the person put into the archive by hand.
func (o *Ours) Copied(u *archive.User) {
	for edition, songs := range o.put {
		u.NotePut(edition, songs)
	}
}
