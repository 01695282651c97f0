package archive

import (
	"github.com/weeklyarchive/weeklyarchive/internal/archive/ledger"
)

// batchesKept bounds User.Batches: older editions no longer get batches.
const batchesKept = 40

// NextBatch gives the next free batch of the entry's edition and source, and
// notes it.
func (u *User) NextBatch(key ledger.EntryKey) ledger.EntryKey {
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
