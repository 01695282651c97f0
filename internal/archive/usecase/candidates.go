package usecase

import (
	"context"
	"fmt"
	"slices"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// others returns every Discover Weekly that the list of playlists shows beside
// the one that is about to be archived. The page is the one that is read for
// the archive anyway.
func (r *run) others(ctx context.Context, id string) ([]archive.Candidate, error) {
	list, err := r.playlists.first(ctx, r.library)
	if err != nil {
		if archive.OfOneRoute(err) {
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
func (r *run) hold(ctx context.Context, candidates []archive.Candidate) (reading, error) {
	due := archive.DueEdition(r.Clock.Now())
	kept := make([]archive.Candidate, len(candidates))
	var held []archive.Pending
	for i, c := range candidates {
		kept[i] = c
		if c.Held >= due {
			continue
		}
		list, _, err := items(ctx, r.library, c.PlaylistID, 0)
		if err != nil {
			if archive.OfOneRoute(err) {
				continue
			}
			return reading{}, err
		}
		tracks := usable(list)
		if len(tracks) == 0 {
			continue
		}
		edition := r.editionOf(list, 0)
		if len(tracks) == len(list) && len(list) >= archive.DiscoverSongs {
			kept[i].Held = max(edition, c.Held)
		}
		held = append(held, archive.Pending{
			ID: fmt.Sprintf("held-%s-%s-%d", c.PlaylistID, edition, len(tracks)), Source: archive.SourceDiscover, Edition: edition,
			Tracks: tracks[:min(len(tracks), archive.MaxAppend)], Held: c.PlaylistID, At: r.Clock.Now(),
		})
	}
	tried := r.user.Discover.PlaylistID
	err := r.write(ctx, archive.Changes{AddPending: held}, func(u *archive.User) {
		// A word of the person's that led nowhere is asked for again.
		if u.Discover.PlaylistID == tried {
			u.Discover.Candidates, u.Discover.Chosen = kept, false
		}
	})
	return reading{kind: archive.OutcomeChoose, learned: func(*archive.User) {}}, err
}
