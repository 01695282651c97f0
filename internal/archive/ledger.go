package archive

import (
	"fmt"
	"time"
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
	Edition Edition    `json:"edition"`
	Source  SourceName `json:"source"`
	Batch   int        `json:"batch"`
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

// An Intent is a batch that we are about to append. It is stored with the user
// before the append and removed with the same write that records its result,
// so a user has at most one batch in doubt, and whoever finds one knows
// exactly what was meant.
type Intent struct {
	Entry       Entry     `json:"entry"` // as it will be recorded
	Shelf       string    `json:"shelf"`
	PlaylistID  string    `json:"playlist_id"`
	TotalBefore int       `json:"total_before"` // items in the playlist before the append
	Tracks      []Track   `json:"tracks"`       // in order, at most MaxAppend
	At          time.Time `json:"at"`
	Pending     []string  `json:"pending,omitempty"`  // pending batches that are done with this one
	CopyID      string    `json:"copy_id,omitempty"`  // of ShapeEdition: the playlist that gets a copy afterwards
	Copy        bool      `json:"copy,omitempty"`     // this is that copy: recorded nowhere
	Unsent      bool      `json:"unsent,omitempty"`   // the append is known to have had no effect
	GivenUp     bool      `json:"given_up,omitempty"` // Spotify does not take the one song left: recorded, not appended
}

// MaxAppend is how many songs Spotify takes in one request
// (https://developer.spotify.com/documentation/web-api/reference/add-items-to-playlist).
const MaxAppend = 100

// A Pending is a batch of songs that wait for the next run: pasted, or heard.
type Pending struct {
	ID      string     `json:"id"` // unique within the user; putting the same id again changes nothing
	Source  SourceName `json:"source"`
	Edition Edition    `json:"edition"`
	Tracks  []Track    `json:"tracks"`
	Queued  int        `json:"queued"` // how many of them came from the queue and not from a play
	At      time.Time  `json:"at"`
	Held    string     `json:"held,omitempty"` // the candidate whose songs these are: they wait for the person's word
}

// batchesKept bounds User.Batches: older editions no longer get batches.
const batchesKept = 40

// batches names the batches of the entry's edition and source.
func (k EntryKey) Name() string { return string(k.Edition) + "-" + string(k.Source) }

// number gives the next free batch of the entry's edition and source, and
// notes it.
func (u *User) NextBatch(key EntryKey) EntryKey {
	if u.Batches == nil {
		u.Batches = make(map[string]int)
	}
	name := key.Name()
	u.Batches[name]++
	key.Batch = u.Batches[name]
	for len(u.Batches) > batchesKept {
		oldest := name
		for other := range u.Batches {
			oldest = min(oldest, other)
		}
		if oldest == name {
			break
		}
		delete(u.Batches, oldest)
	}
	return key
}
