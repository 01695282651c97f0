package playlist

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/fault"
)

// Remind puts the end of the consent into the description of the user's
// archive, the one place in Spotify that they see, and takes it out again.
// In an ordinary week that is no request. What Spotify has against it stops
// nothing, unless it asks us to wait.
func (o *Ours) Remind(ctx context.Context) error {
	want := ""
	if _, soon := o.User.Grant.EndsSoon(o.Clock.Now()); soon && o.BaseURL != "" {
		want = o.Words.Reminder(o.User.Language, o.User.Grant.EndsAt().In(o.User.Location()), o.BaseURL)
	}
	current := o.User.Shape.ArchiveKey(calendar.DueEdition(o.Clock.Now()))
	for _, key := range slices.Sorted(maps.Keys(o.User.Archives)) {
		target := o.User.Archives[key]
		text := ""
		if key == current {
			text = want
		}
		if target.PlaylistID == "" || target.Theirs || target.Reminder == text || archive.IsCopyKey(key) {
			continue
		}
		err := o.describeOurs(ctx, key, target, text)
		if paused, ok := errors.AsType[*fault.PausedError](err); ok {
			return paused
		}
		if err != nil {
			o.Log.WarnContext(ctx, "reminder not placed", "user_id", o.User.ID, "archive", key, "error", err)
		}
	}
	return nil
}

// describeOurs changes a description that is still ours, as far as the list of
// playlists shows it. What the person wrote there stays.
func (o *Ours) describeOurs(ctx context.Context, key string, target archive.ArchivePlaylist, text string) error {
	p, found, err := o.find(ctx, target.PlaylistID, target.Place)
	switch {
	case err != nil:
		return err
	case !found:
		return nil
	case !o.isOurText(p.Description, key):
		return o.Write(ctx, archive.Changes{}, func(u *archive.User) {
			s := u.Archives[key]
			s.Reminder = text // said nowhere, and not to be asked again
			u.Archives[key] = s
		})
	}
	return o.describe(ctx, key, target, text)
}

// isOurText reports whether a description is one that we wrote, in any
// language, with or without a reminder, with a marker of any form.
func (o *Ours) isOurText(description, key string) bool {
	description = marker.ReplaceAllString(oldMarker.ReplaceAllString(description, ""), "")
	description = strings.TrimSpace(description)
	if m := reminder.FindString(description); m != "" {
		description = strings.TrimPrefix(description, m)
	}
	return o.Words.IsArchiveText(key, description)
}

func (o *Ours) describe(ctx context.Context, key string, target archive.ArchivePlaylist, text string) error {
	_, usual := o.Words.Archive(o.User.Language, key, target.Part)
	description := strings.TrimPrefix(text+reminderEnd+usual, reminderEnd) + " " + markerFor(key, target.Part)
	if err := o.Library.Describe(ctx, target.PlaylistID, description); err != nil {
		return fmt.Errorf("describing the archive %s: %w", key, err)
	}
	return o.Write(ctx, archive.Changes{}, func(u *archive.User) {
		s := u.Archives[key]
		s.Reminder = text
		s.Snapshot = "" // the edit made a new one, and told none
		u.Archives[key] = s
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
