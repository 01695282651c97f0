package archivetest

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

// Dump returns everything that is stored as JSON, for a test that looks for
// what must not be in there.
func (s *Store) Dump() ([]byte, error) {
	type document struct {
		User     archive.User
		Revision string
		Seen     [2][]byte
		Entries  []archive.Entry
		Pending  map[string]archive.Pending
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	users := make(map[archive.UserID]document, len(s.users))
	for id, r := range s.users {
		entries := slices.Collect(maps.Values(r.entries))
		users[id] = document{r.user, r.user.Revision, r.seen, entries, r.pending}
	}
	return json.Marshal(struct {
		Users   map[archive.UserID]document
		Pause   archive.Pause
		Sizes   map[string]int
		Refused map[string]map[archive.UserID]struct{}
		Last    map[archive.RunKind]time.Time
		Wave    time.Time
	}{users, s.app.pause, s.app.sizes, s.app.refused, s.app.last, s.app.wave})
}
