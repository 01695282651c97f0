package ledger

import (
	"fmt"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
)

// Track is what the core keeps of a song: its Spotify id (22 characters of
// base62) and, where Spotify told them, its ISRC and its length. No title,
// artist or artwork.
type Track struct {
	ID     string `json:"id"`
	ISRC   string `json:"isrc,omitempty"`   // ISO 3901, 12 characters, upper case, no hyphens; empty for a placeholder
	Length int    `json:"length,omitempty"` // milliseconds; 0 where it is not known
}

// URI returns "spotify:track:" and the id.
func (t Track) URI() string { return "spotify:track:" + t.ID }

// EntryKey names one batch of the ledger. Batches of one edition and source
// count from 1.
type EntryKey struct {
	Edition calendar.Edition `json:"edition"`
	Source  SourceName       `json:"source"`
	Batch   int              `json:"batch"`
}

// String returns "2026-11-16-inbox-2": a document name, ordered by edition.
func (k EntryKey) String() string { return fmt.Sprintf("%s-%s-%d", k.Edition, k.Source, k.Batch) }

// An Entry is the ledger's record of a finished batch. Entries are kept for
// EntryLife and hold no song.
type Entry struct {
	Key      EntryKey  `json:"key"`
	Found    int       `json:"found"`    // songs that the source showed
	Added    int       `json:"added"`    // songs of it that are new in the archive
	Already  int       `json:"already"`  // songs of it that were in the archive, or had been
	Unusable int       `json:"unusable"` // items that no app can add: removed songs, local files, episodes
	Queued   int       `json:"queued"`   // songs of Added that came from the player's queue, not from a play
	DoneAt   time.Time `json:"done_at"`
}

// EntryLife is how long history is kept.
const EntryLife = 2 * 365 * 24 * time.Hour

// A Batch is songs of one edition and source on their way into an archive
// playlist. One type goes the whole way: what a source shows; what waits in the
// store under an ID, pasted, heard, or put off; what is about to be appended, at
// most webapi.MaxAppend songs, which is stored as archive.User.Open before it is sent, so a user
// has at most one batch in doubt, and whoever finds one knows exactly what was
// meant; and, in the end, its Entry.
type Batch struct {
	ID      string    `json:"id,omitempty"`      // of one that waits: unique within the user; putting the same id again changes nothing
	Entry   Entry     `json:"entry"`             // as it will be recorded, as far as it is known; Queued counts the last of Tracks
	Tracks  []Track   `json:"tracks"`            // in order
	At      time.Time `json:"at"`                // when it was put, or last sent
	Held    string    `json:"held,omitempty"`    // the candidate whose songs these are: they wait for the person's word
	Pending []string  `json:"pending,omitempty"` // waiting batches that are done with this one
	Counted bool      `json:"counted,omitempty"` // an earlier entry counts its songs: without anything new it leaves none

	// Of one that is open.
	ArchivePlaylist string `json:"shelf,omitempty"`        // the key of its archive
	PlaylistID      string `json:"playlist_id,omitempty"`  // where it is sent
	TotalBefore     int    `json:"total_before,omitempty"` // items in the playlist before the append
	CopyID          string `json:"copy_id,omitempty"`      // of archive.ShapeEdition: the playlist that gets a copy afterwards
	Copy            bool   `json:"copy,omitempty"`         // this is that copy: recorded nowhere
	Unsent          bool   `json:"unsent,omitempty"`       // the append is known to have had no effect
	GivenUp         bool   `json:"given_up,omitempty"`     // Spotify does not take the one song left: recorded, not appended
}

// TakesBack reports whether the batch is of songs that were archived once, and that
// the person wants back: each is appended where it stands in no archive any more.
func (b Batch) TakesBack() bool { return b.Entry.Key.Source == SourceBack }

// Holds reports whether the song is one of the batch's.
func (b Batch) Holds(t Track) bool {
	return slices.ContainsFunc(b.Tracks, func(own Track) bool { return SameSong(t, own) })
}

// NewBatch is a batch of songs that a source has shown.
func NewBatch(edition calendar.Edition, source SourceName, tracks []Track) Batch {
	return Batch{Entry: Entry{Key: EntryKey{Edition: edition, Source: source}, Found: len(tracks)}, Tracks: tracks}
}

// Name names the batches of the entry's edition and source.
func (k EntryKey) Name() string { return string(k.Edition) + "-" + string(k.Source) }
