package archivetest

import (
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/archive"
)

func TestStore_ledger(t *testing.T) {
	t.Parallel()
	Ledger(t, func(*testing.T) archive.Ledger { return NewStore(WeekTime) })
}
