package simtest

import (
	"strings"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
	"github.com/weeklyarchive/weeklyarchive/internal/spotify/fakespotify"
)

const trackPrefix = "spotify:track:"

// fate is what became of a song in a person's archives, in this life of
// theirs: from the sign-up to the disconnect.
type fate struct {
	id, isrc string
	playlist string
	entry    ledger.EntryKey // of the batch that put it; none if a person did
	byHand   bool
	swapped  bool // by hand, for another song: the total stayed as it was
	hidden   bool // an append came so soon after that swap that the total and the snapshot id tell nothing of it
	shown    bool // an answer to the service has held it
	pasted   bool // known by its id alone: a link tells no ISRC
	at       time.Time
	due      time.Time // of the effect
}

// fates is the songs of a person by id and by recording.
type fates struct {
	ids   map[string]*fate
	isrcs map[string]*fate
}

func newFates() fates { return fates{ids: make(map[string]*fate), isrcs: make(map[string]*fate)} }

func (f fates) put(one *fate) {
	f.ids[one.id] = one
	f.isrcs[one.isrc] = one
}

// find returns the fate of a song under this id, or of a double of it. Who
// pastes a link is known to have meant that very id.
func (f fates) find(id, isrc string, pasted bool) *fate {
	if one := f.ids[id]; one != nil {
		return one
	}
	if one := f.isrcs[isrc]; one != nil && !pasted && !one.pasted {
		return one
	}
	return nil
}

// show notes what an archive has shown to the service.
func (f fates) show(ids []string) {
	for _, id := range ids {
		if one := f.ids[id]; one != nil {
			one.shown = true
		}
	}
}

// hide notes an append to an archive: what was swapped just before stays unknown.
func (f fates) hide(playlist string, within time.Duration) {
	for _, one := range f.ids {
		if one.swapped && one.playlist == playlist && time.Since(one.at) < within {
			one.hidden = true
		}
	}
}

func (f fates) held(id string) bool {
	return f.ids[id] != nil || f.isrcs[isrcOf(id)] != nil
}

func isrcOf(id string) string { return fakespotify.SongOf(trackPrefix + id).ISRC }

func lengthOf(id string) time.Duration { return fakespotify.SongOf(trackPrefix + id).Length }

// usableIDs returns the ids of the songs that an app can add.
func usableIDs(songs []fakespotify.Song) []string {
	var ids []string
	for _, s := range songs {
		if s.Addable() {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

func idsOf(uris []string) []string {
	var ids []string
	for _, uri := range uris {
		if id, ok := strings.CutPrefix(uri, trackPrefix); ok && !strings.HasPrefix(id, fakespotify.MissingPrefix) {
			ids = append(ids, id)
		}
	}
	return ids
}
