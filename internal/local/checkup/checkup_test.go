package checkup_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/local/checkup"
	"github.com/weeklyarchive/weeklyarchive/internal/operate"
)

func states(findings []operate.Finding) map[string]operate.State {
	of := map[string]operate.State{}
	for _, f := range findings {
		of[f.Check] = f.State
	}
	return of
}

// Where nothing can be written, nothing is said of the database, which SQLite
// would call damaged.
func TestDiskThatTakesNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(dir, nil, 0o600); err != nil { // no directory, whoever asks
		t.Fatal(err)
	}
	found, usable := checkup.Check(t.Context(), checkup.Files{Dir: dir, Database: "db", Key: "key"})
	if got := states(found); got["disk"] != operate.Fault || got["database"] != "" || usable {
		t.Errorf("got %+v, usable %v, want one fault of the disk", found, usable)
	}
}

// The file that is written for trial is gone afterwards.
func TestCheckLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	found, _ := checkup.Check(t.Context(), checkup.Files{Dir: dir, Database: "db", Key: "key"})
	left, err := os.ReadDir(dir)
	if got := states(found); err != nil || len(left) > 0 || got["disk"] != "" || got["database"] != operate.Warning {
		t.Errorf("got %+v, error %v, and left %v", found, err, left)
	}
}
