package usecase

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// remind puts the end of the consent into the description of the user's
// archive, the one place in Spotify that they see, and takes it out again.
// In an ordinary week that is no request. What Spotify has against it stops
// nothing, unless it asks us to wait.
func (r *run) remind(ctx context.Context) error {
	want := ""
	if _, soon := r.user.Grant.EndsSoon(r.Clock.Now()); soon && r.BaseURL != "" {
		want = r.Words.Reminder(r.user.Language, r.user.Grant.EndsAt().In(r.user.Location()), r.BaseURL)
	}
	current := r.user.Shape.ShelfKey(archive.DueEdition(r.Clock.Now()))
	for _, key := range slices.Sorted(maps.Keys(r.user.Shelves)) {
		shelf := r.user.Shelves[key]
		text := ""
		if key == current {
			text = want
		}
		if shelf.PlaylistID == "" || shelf.Reminder == text || archive.IsCopyKey(key) {
			continue
		}
		err := r.describeOurs(ctx, key, shelf, text)
		if paused, ok := errors.AsType[*archive.PausedError](err); ok {
			return paused
		}
		if err != nil {
			r.Log.WarnContext(ctx, "reminder not placed", "user_id", r.user.ID, "shelf", key, "error", err)
		}
	}
	return nil
}

// describeOurs changes a description that is still ours, as far as the list of
// playlists shows it. What the person wrote there stays.
func (r *run) describeOurs(ctx context.Context, key string, shelf archive.Shelf, text string) error {
	p, found, err := r.playlists.find(ctx, r.library, func(p archive.Playlist) bool { return p.ID == shelf.PlaylistID })
	switch {
	case err != nil:
		return err
	case !found:
		return nil
	case !r.isOurText(p.Description, key):
		return r.write(ctx, archive.Changes{}, func(u *archive.User) {
			s := u.Shelves[key]
			s.Reminder = text // said nowhere, and not to be asked again
			u.Shelves[key] = s
		})
	}
	return r.describe(ctx, key, shelf, text)
}

// isOurText reports whether a description is one that we wrote, in any
// language, with or without a reminder, with a marker of any form.
func (r *run) isOurText(description, key string) bool {
	description = marker.ReplaceAllString(oldMarker.ReplaceAllString(description, ""), "")
	description = strings.TrimSpace(description)
	if m := reminder.FindString(description); m != "" {
		description = strings.TrimPrefix(description, m)
	}
	return r.Words.IsArchiveText(key, description)
}

func (r *run) describe(ctx context.Context, key string, shelf archive.Shelf, text string) error {
	_, usual := r.Words.Archive(r.user.Language, key, shelf.Part)
	description := strings.TrimPrefix(text+reminderEnd+usual, reminderEnd) + " " + markerFor(key, shelf.Part)
	if err := r.library.Describe(ctx, shelf.PlaylistID, description); err != nil {
		return fmt.Errorf("describing the shelf %s: %w", key, err)
	}
	return r.write(ctx, archive.Changes{}, func(u *archive.User) {
		s := u.Shelves[key]
		s.Reminder = text
		s.Snapshot = "" // the edit made a new one, and told none
		u.Shelves[key] = s
	})
}

// reminderEnd stands between a reminder and the usual text of a description.
const reminderEnd = " · "

// reminder is known by the address in it, in whatever language it is.
var reminder = regexp.MustCompile(`^(.*\bhttps?://.*)` + reminderEnd)

// reminderIn returns the reminder that a description of ours carries.
func reminderIn(description string) string {
	if m := reminder.FindStringSubmatch(description); m != nil {
		return m[1]
	}
	return ""
}
