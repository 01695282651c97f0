package archive

import (
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/calendar"
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

// Inbox is the playlist into which the user copies. Snapshot, Total and Newest are those
// of the last reading that showed all that had changed; Confirmed, that it surely
// did: its songs explain the total, or it came late enough after the id was first
// seen. Unexplained: songs were moved or taken out of a long one, and new ones may
// stand where none were looked for.
type Inbox struct {
	PlaylistID  string               `json:"playlist_id"` // kept while the inbox is gone: it is read again when it shows
	Snapshot    string               `json:"snapshot"`
	SnapshotAt  time.Time            `json:"snapshot_at"` // when it was first seen
	Total       int                  `json:"total"`       // if ReadAt is not zero
	Newest      time.Time            `json:"newest"`      // date of an item, by Spotify's clock; zero: not known
	Confirmed   bool                 `json:"settled"`
	ReadAt      time.Time            `json:"read_at"` // when all of it was last read
	Unexplained bool                 `json:"unexplained"`
	Unread      bool                 `json:"unread"`    // the last run could not read it, or put it off
	CopiedAt    time.Time            `json:"copied_at"` // when the newest of its songs was put there
	Week        calendar.Edition     `json:"week"`      // the person's week that Songs counts
	Songs       int                  `json:"songs"`     // of that week that it has shown
	Gone        bool                 `json:"gone"`      // not in the library; not made again unless the person asks for it
	Declined    bool                 `json:"declined"`  // what an earlier program wrote for Gone
	MadeAt      time.Time            `json:"made_at"`
	Absence     Absence              `json:"absence"`
	Place       ListPlace            `json:"place"`                  // of one that is gone: the top, and how many there were without it
	SoughtAt    time.Time            `json:"sought_at,omitzero"`     // when all of the list was last searched for one that does not show
	Others      map[string]string    `json:"others"`                 // further playlists that are marked as an inbox, and their snapshot ids
	OtherPlaces map[string]ListPlace `json:"other_places,omitempty"` // where these stood; none: not in the list
}

// NoteShown notes how many songs of a week the inbox shows.
func (i *Inbox) NoteShown(week calendar.Edition, songs int) {
	switch {
	case week > i.Week:
		i.Week, i.Songs = week, songs
	case week == i.Week:
		i.Songs = max(i.Songs, songs)
	}
}

// awaitsInbox reports whether the person's inbox was not read, though another source
// may have ended the week.
func (u User) awaitsInbox() bool {
	return u.Inbox.Unread && (u.Choice == ChoiceAuto || u.Choice.Has(ledger.SourceInbox))
}

// OnlyInbox reports whether a run by the clock has nothing to do but to read the
// person's inbox, which an earlier run of the week could not.
func (u User) OnlyInbox(now time.Time) bool {
	return u.awaitsInbox() && u.weekDone(now) && !u.Waiting && u.Open == nil
}
