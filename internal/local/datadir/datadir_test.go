package datadir_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/local/datadir"
)

func TestOpenMakesAPrivateDirectory(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a", "b")
	dir, err := datadir.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dir.Close() })
	for name, want := range map[string]os.FileMode{path: 0o700, dir.File("lock"): 0o600} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s: got mode %o, want %o", name, got, want)
		}
	}
	if !dir.Has("lock") || dir.Has("x") {
		t.Error("it does not know which files it has")
	}
	if got, want := dir.File("x"), filepath.Join(path, "x"); got != want {
		t.Errorf("got file %s, want %s", got, want)
	}
}

func TestOpenKeepsTheSecondOut(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	first, err := datadir.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := datadir.Open(path); !errors.Is(err, datadir.ErrInUse) {
		t.Errorf("second: got error %v, want %v", err, datadir.ErrInUse)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	third, err := datadir.Open(path)
	if err != nil {
		t.Fatalf("after the first closed: %v", err)
	}
	if err := third.Close(); err != nil {
		t.Error(err)
	}
}

func TestOpenRefusesAFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if dir, err := datadir.Open(path); err == nil {
		t.Errorf("got %v, want an error for a file in the directory's place", dir)
	}
}
