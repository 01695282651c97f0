package archive

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// remind puts the end of the consent into the description of the user's
// archive, the one place in Spotify that they see, and takes it out again.
// In an ordinary week that is no request. What Spotify has against it stops
// nothing, unless it asks us to wait.
func (r *run) remind(ctx context.Context) error {
	want := ""
	if _, soon := r.user.Grant.EndsSoon(r.Clock.now()); soon && r.BaseURL != "" {
		want = r.Words.Reminder(r.user.Language, r.user.Grant.EndsAt(), r.BaseURL)
	}
	current := r.user.Shape.shelfKey(DueEdition(r.Clock.now()))
	for _, key := range slices.Sorted(maps.Keys(r.user.Shelves)) {
		shelf := r.user.Shelves[key]
		text := ""
		if key == current {
			text = want
		}
		if shelf.PlaylistID == "" || shelf.Reminder == text || isCopyKey(key) {
			continue
		}
		err := r.describe(ctx, key, shelf, text)
		if paused, ok := errors.AsType[*PausedError](err); ok {
			return paused
		}
		if err != nil {
			r.Log.WarnContext(ctx, "reminder not placed", "user_id", r.user.ID, "shelf", key, "error", err)
		}
	}
	return nil
}

func (r *run) describe(ctx context.Context, key string, shelf Shelf, text string) error {
	_, usual := r.Words.Archive(r.user.Language, key, shelf.Part)
	description := strings.TrimPrefix(text+reminderEnd+usual, reminderEnd) + " " + markerFor(key, shelf.Part)
	if err := r.library.Describe(ctx, shelf.PlaylistID, description); err != nil {
		return fmt.Errorf("describing the shelf %s: %w", key, err)
	}
	return r.write(ctx, Changes{}, func(u *User) {
		s := u.Shelves[key]
		s.Reminder = text
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
