package playlist

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// ReadArchives reads all that stands in the user's archives and in their earlier
// parts, so that Stands tells of every song whether it does; key is of the one
// into which songs are about to go. What two answers do not agree on is an error,
// because what does not stand there is appended. A playlist that the person
// deleted, and of which nobody has noticed it, counts as one that is there.
func (o *Ours) ReadArchives(ctx context.Context, key string) error {
	target, known := o.archives[key]
	if !known {
		var err error
		if target, err = o.open(ctx, key); err != nil {
			return fmt.Errorf("opening the archive %s of user %s: %w", key, o.User.ID, err)
		}
		o.Use(key, target)
	}
	for _, of := range slices.Sorted(maps.Keys(o.User.Archives)) {
		if archive.IsCopyKey(of) {
			continue
		}
		playlists := []string{o.User.Archives[of].PlaylistID}
		if of == key {
			playlists[0] = target.PlaylistID
		}
		for _, former := range o.User.Archives[of].Former {
			if !former.Gone {
				playlists = append(playlists, former.PlaylistID)
			}
		}
		for _, id := range playlists {
			if err := o.readStanding(ctx, of, id); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *Ours) readStanding(ctx context.Context, key, id string) error {
	if id == "" {
		return nil
	}
	list, total, err := Items(ctx, o.Library, id, 0)
	if err != nil {
		return err
	}
	witness, err := o.ByID(ctx, id)
	if err != nil {
		return err
	}
	if len(list) < total || witness.Total != total || Slipped(list) {
		return ErrContradicted
	}
	_, err = o.Learn(ctx, key, list)
	return err
}
