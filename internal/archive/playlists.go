package archive

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
)

// Shape says into which playlists songs go. Changing it moves nothing.
type Shape string

// The shapes.
const (
	ShapeSingle  Shape = "single"  // one archive
	ShapeYearly  Shape = "yearly"  // one archive per calendar year of the edition
	ShapeEdition Shape = "edition" // the one archive, and one playlist per edition in addition
)

// Shapes lists every shape in the order in which a page shows them.
func Shapes() []Shape { return []Shape{ShapeSingle, ShapeYearly, ShapeEdition} }

// A ArchivePlaylist is an archive playlist. It is as we left it if it has Total items
// and the snapshot id Snapshot.
type ArchivePlaylist struct {
	PlaylistID  string    `json:"playlist_id"`
	Theirs      bool      `json:"theirs,omitzero"` // the person made it, and named it as the archive: its name and description are theirs
	Part        int       `json:"part"`            // 1, and one more after each roll-over
	Total       int       `json:"total"`
	Snapshot    string    `json:"snapshot,omitzero"`     // that our last append returned; empty: the tail has to be looked at
	Unlearned   int       `json:"unlearned,omitzero"`    // so many of the last songs are known by their id alone
	Reminder    string    `json:"reminder,omitzero"`     // what its description adds to the usual text; usually nothing
	MadeAt      time.Time `json:"made_at,omitzero"`      // zero for one that was found
	ReadAt      time.Time `json:"read_at,omitzero"`      // when all of it was last read
	UnreadSince time.Time `json:"unread_since,omitzero"` // since when a change of it cannot be looked at
	Absence     Absence   `json:"absence,omitzero"`
	Place       ListPlace `json:"place,omitzero"`
	Former      []Former  `json:"former,omitempty"` // its earlier playlists, newest last
}

// A Former is a playlist that was the archive once. One that is gone, and
// shows again, is read: the person may have put songs into it.
type Former struct {
	PlaylistID string `json:"playlist_id"`
	Gone       bool   `json:"gone"`
}

// UnknownTotal marks an archive whose content has to be read before it is trusted.
const UnknownTotal = -1

// MainArchive is the key of the one archive; a year ("2026") and an edition
// ("2026-11-16") are the keys of the others.
const MainArchive = "main"

// DiscoverWeekly is the id of the person's Discover Weekly, as the list of playlists,
// a link of theirs, or else what they play has shown it; empty: none has.
func (u User) DiscoverWeekly() string { return cmp.Or(u.Discover.PlaylistID, u.Listening.Of) }

// ArchiveKey says into which archive the songs of an edition go.
func (s Shape) ArchiveKey(e calendar.Edition) string {
	if s == ShapeYearly && !e.Monday().IsZero() {
		return strconv.Itoa(e.Monday().Year())
	}
	return MainArchive
}

// SetArchive notes where an archive is and how full. What its description says is
// noted by remind alone. The map is the user's own.
func (u *User) SetArchive(key string, target ArchivePlaylist) {
	if u.Archives == nil {
		u.Archives = make(map[string]ArchivePlaylist)
	}
	if old := u.Archives[key]; old.PlaylistID == target.PlaylistID {
		target.Reminder = old.Reminder
	}
	u.Archives[key] = target
	if IsCopyKey(key) {
		u.thinCopies()
	}
}

// copiesKept is of how many of the newest copies everything is kept: a batch of
// an earlier edition is rare, and its copy is looked for in the whole list then.
const copiesKept = 4

// thinCopies forgets of the older copies what only looking at them needs. There is one
// more each week, in a document that every run writes several times.
func (u *User) thinCopies() {
	copies := slices.DeleteFunc(slices.Sorted(maps.Keys(u.Archives)), func(key string) bool { return !IsCopyKey(key) })
	for _, key := range copies[:max(0, len(copies)-copiesKept)] {
		old := u.Archives[key]
		u.Archives[key] = ArchivePlaylist{
			PlaylistID: old.PlaylistID, Theirs: old.Theirs, Part: old.Part, Total: old.Total, Absence: old.Absence, Former: old.Former,
		}
	}
}

// formersKept bounds ArchivePlaylist.Former.
const formersKept = 20

// Formerly is the archive's earlier playlists when it gets another one.
func (s ArchivePlaylist) Formerly(gone bool) []Former {
	formers := slices.Clone(s.Former)
	if s.PlaylistID != "" {
		formers = append(formers, Former{PlaylistID: s.PlaylistID, Gone: gone})
	}
	return formers[max(0, len(formers)-formersKept):]
}

// IsCopyKey tells the archives of single editions, which only hold copies.
func IsCopyKey(key string) bool { return !calendar.Edition(key).Monday().IsZero() }

// MaxPlaylistItems is where an archive is full. Spotify documents no limit any more;
// playlists beyond 10,000 items have been refused.
const MaxPlaylistItems = 10_000

// Absence is what speaks for a playlist of ours being gone. Since is the first
// of the complete lists in which it did not show and that nothing
// contradicted; zero: nothing speaks for it. Doubted is the first of those that
// something did contradict.
type Absence struct {
	Since   time.Time `json:"since"`
	Doubted time.Time `json:"doubted"`
}

// ListPlace is where a playlist stood in the user's list when it last showed: at
// Offset, among Of entries. The zero one is not known.
type ListPlace struct {
	Offset int `json:"offset"`
	Of     int `json:"of"`
}

// Playlists is what the user's list of playlists looked like when it last
// showed what we looked for, or was last looked through in vain. A list that
// tells much less proves nothing.
type Playlists struct {
	Total     int       `json:"total"`
	Holes     int       `json:"holes"`      // entries that Spotify nulled or left out, if Complete
	Complete  bool      `json:"complete"`   // the whole list was read, at some time
	Since     time.Time `json:"since"`      // since when it looks like that
	RefusedAt time.Time `json:"refused_at"` // when Spotify last refused to say whether the library holds a playlist
}
