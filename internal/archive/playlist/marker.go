package playlist

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/webapi"
)

// InboxKey is the marker key of the inbox.
const InboxKey = "inbox"

// marker is how we recognise a playlist that we made when the database has
// forgotten it: "(wa 1)" at the end of its description, "(wa 2026 2)" for the
// second part of a year, "(wa inbox)". The first program wrote
// "[weekly-archive main 1]".
var (
	marker    = regexp.MustCompile(`\(wa(?: ([a-z]{2,30}|[0-9]{4}(?:-[0-9]{2}-[0-9]{2})?))?(?: ([0-9]{1,3}))?\)`)
	oldMarker = regexp.MustCompile(`\[weekly-archive ([0-9a-z-]+) ([0-9]{1,4})\]`)
)

func markerFor(key string, part int) string {
	switch key {
	case InboxKey:
		return "(wa inbox)"
	case archive.MainArchive:
		return fmt.Sprintf("(wa %d)", part)
	default:
		return fmt.Sprintf("(wa %s %d)", key, part)
	}
}

// parseMarker returns which part of which playlist of ours a description
// marks; part is zero where it marks none.
func parseMarker(description string) (key string, part int) {
	if m := oldMarker.FindStringSubmatch(description); m != nil {
		part, _ = strconv.Atoi(m[2])
		return m[1], part
	}
	m := marker.FindStringSubmatch(description)
	if m == nil {
		return "", 0
	}
	key, part = m[1], 1
	if key == "" {
		key = archive.MainArchive
	}
	if m[2] != "" {
		part, _ = strconv.Atoi(m[2])
	}
	return key, part
}

// Marked returns which part of which archive the playlist is; zero if it is not
// ours.
func (o *Ours) Marked(p webapi.Playlist) (key string, part int) {
	if p.OwnerID != o.User.SpotifyID {
		return "", 0
	}
	return parseMarker(p.Description)
}

// MarkedPart returns which part of the archive key the playlist is; zero if it
// is not ours.
func (o *Ours) MarkedPart(p webapi.Playlist, key string) int {
	if marked, part := o.Marked(p); marked == key {
		return part
	}
	return 0
}
