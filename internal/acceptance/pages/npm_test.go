package pages_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/weeklyarchive/weeklyarchive/internal/archivetest"
)

// Tests that run side by side want the same folder: one of them fills it.
var installing sync.Mutex

// modules installs what package.json names, unless it is there already, and
// returns the folder that has node_modules. It lies outside of the sources.
func modules(t *testing.T, options ...string) string {
	t.Helper()
	if _, err := exec.LookPath("npm"); err != nil {
		archivetest.Lacks(t, "no npm")
	}
	folder, err := filepath.Abs(filepath.Join(append([]string{root, ".cache", "pages", "modules"}, options...)...))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, name := range []string{"package.json", "package-lock.json"} {
		if files[name], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	installing.Lock()
	defer installing.Unlock()
	// A mark that is written last: with it the folder is whole.
	mark, want := filepath.Join(folder, "installed"), bytes.Join([][]byte{files["package.json"], files["package-lock.json"]}, nil)
	if have, err := os.ReadFile(mark); err == nil && bytes.Equal(have, want) {
		return folder
	}
	err = errors.Join(os.RemoveAll(folder), os.MkdirAll(folder, 0o700))
	for name, content := range files {
		err = errors.Join(err, os.WriteFile(filepath.Join(folder, name), content, 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", append([]string{"ci", "--no-audit", "--no-fund"}, options...)...)
	npm.Dir = folder
	if out, err := npm.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	if err := os.WriteFile(mark, want, 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}
