package source

import (
	"context"
	"fmt"
	"slices"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/outcome"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/playlist"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// others returns every Discover Weekly that the list of playlists shows beside
// the one that is about to be archived. One that the person has begun to follow
// since it was the only one is on top of the list; where nothing has come, the
// entries that are read for the archive anyway tell so.
func (d discover) others(ctx context.Context, id string) ([]archive.Candidate, error) {
	list, err := d.Newest(ctx, d.User.Discover.Among, d.Stood())
	if err != nil {
		if outcome.OfOneRoute(err) || outcome.Barred(err) {
			return nil, nil // nothing is known of others
		}
		return nil, err
	}
	candidates := candidatesIn(list, "")
	if !slices.ContainsFunc(candidates, func(c archive.Candidate) bool { return c.PlaylistID == id }) {
		candidates = append(candidates, archive.Candidate{PlaylistID: id})
	}
	return candidates, nil
}

// hold keeps what every candidate shows waiting until the person has said
// which one is theirs: neither is archived without their word, and neither is
// lost. A candidate is read once an edition, so what waits is bounded by the
// life of the consent.
func (d discover) hold(ctx context.Context, candidates []archive.Candidate) (Reading, error) {
	due := calendar.DueEdition(d.Clock.Now())
	kept := make([]archive.Candidate, len(candidates))
	var held []ledger.Batch
	for i, c := range candidates {
		kept[i] = c
		if c.Held >= due {
			continue
		}
		list, _, err := playlist.FirstItems(ctx, d.Library, c.PlaylistID, discoverMost)
		if err != nil {
			if outcome.OfOneRoute(err) {
				continue
			}
			return Reading{}, err
		}
		tracks := playlist.Usable(list)
		if len(tracks) == 0 {
			continue
		}
		edition := d.editionOf(list, 0)
		if len(tracks) == len(list) && len(list) >= calendar.DiscoverSongs {
			kept[i].Held = max(edition, c.Held)
		}
		waits := ledger.NewBatch(edition, ledger.SourceDiscover, tracks[:min(len(tracks), webapi.MaxAppend)])
		waits.ID = fmt.Sprintf("held-%s-%s-%d", c.PlaylistID, edition, len(tracks))
		waits.Held, waits.At = c.PlaylistID, d.Clock.Now()
		held = append(held, waits)
	}
	known, tried := d.User.Discover, d.User.Discover.PlaylistID
	if len(held) == 0 && !known.Chosen && slices.Equal(kept, known.Candidates) {
		return Reading{Kind: outcome.Choose}, nil
	}
	err := d.Write(ctx, archive.Changes{AddPending: held}, func(u *archive.User) {
		// A word of the person's that led nowhere is asked for again.
		if u.Discover.PlaylistID == tried {
			u.Discover.Candidates, u.Discover.Chosen = kept, false
		}
	})
	return Reading{Kind: outcome.Choose}, err
}
