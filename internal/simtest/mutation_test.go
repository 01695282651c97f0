package simtest_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var (
	until    = flag.Bool("until-caught", false, "TestProve stops at the first seed that fails, and says which")
	mutation = flag.String("mutants", "quick", "which mutants TestMutants makes: quick, all, or a part of a name")
	patience = flag.Int("mutant-seeds", 2000, "within how many seeds a mutant has to be caught")
)

// caught is what TestProve prints with -until-caught.
var caught = regexp.MustCompile(`CAUGHT by seed (\d+): (.*)`)

// TestMutants proves that the simulation can fail: each deliberate mistake has
// to be caught. The package is built anew for each, with one file replaced by
// an overlay of the go command; the tree is not touched.
func TestMutants(t *testing.T) {
	if *until {
		t.Skip("this is the mutant")
	}
	rows := []string{"| mistake | seeds until caught | promise |", "|---|---:|---|"}
	for _, m := range mutants() {
		if !(*mutation == "all" || *mutation == "quick" && m.quick || strings.Contains(m.name, *mutation)) {
			continue
		}
		t.Run(strings.ReplaceAll(m.name, " ", "_"), func(t *testing.T) {
			seed, promise := m.hunt(t)
			rows = append(rows, fmt.Sprintf("| %s | %s | %s |", m.name, seed, promise))
		})
	}
	fmt.Println(strings.Join(rows, "\n"))
}

// hunt builds the mutant and returns the seed and the promise that caught it.
func (m mutant) hunt(t *testing.T) (seed, promise string) {
	t.Helper()
	binary := m.build(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, binary, "-test.run=^TestProve$", "-test.timeout=20m", "-until-caught", "-shrink=0", fmt.Sprintf("-seeds=%d", *patience)) //nolint:gosec // G204: our own binary
	out, err := run.CombinedOutput()
	match := caught.FindSubmatch(out)
	switch {
	case err == nil:
		t.Errorf("%d seeds did not catch it", *patience)
		return "never", ""
	case match == nil:
		t.Fatalf("the mutant did not get as far as to be caught: %v\n%s", err, tail(out, 4000))
	}
	t.Logf("caught by seed %s: %s", match[1], match[2])
	return string(match[1]), string(match[2])
}

func (m mutant) build(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", filepath.FromSlash(m.file)))
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(path) //nolint:gosec // G304: a file of this module
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(source), m.old); n != 1 {
		t.Fatalf("%s: the text to replace is there %d times, not once; the mutant has to follow the code", m.file, n)
	}
	dir := t.TempDir()
	wrong := filepath.Join(dir, filepath.Base(path))
	if err := os.WriteFile(wrong, []byte(strings.Replace(string(source), m.old, m.new, 1)+m.more), 0o600); err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {path: wrong}})
	if err != nil {
		t.Fatal(err)
	}
	overlayFile := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlayFile, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "mutant.test")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-overlay", overlayFile, "-o", binary, ".") //nolint:gosec // G204: fixed words and temporary files
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the mutant: %v\n%s", err, tail(out, 4000))
	}
	return binary
}

func tail(text []byte, n int) string { return string(text[max(0, len(text)-n):]) }
