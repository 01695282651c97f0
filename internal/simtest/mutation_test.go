package simtest_test

import (
	"cmp"
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

	"github.com/weeklyarchive/weeklyarchive/internal/simtest"
)

var (
	until    = flag.Bool("until-caught", false, "TestProve stops at the first seed that fails, and says which")
	mutation = flag.String("mutants", cmp.Or(os.Getenv("MUTANTS"), "quick"), "which mutants TestMutations makes: quick, all, or a part of a name; default is $MUTANTS")
	reseed   = flag.Bool("reseed", false, "look for the first seed that catches a mutant, also where one is kept")
	patience = flag.Int("mutant-seeds", 2000, "within how many seeds a mutant has to be caught")
)

// caught is what TestProve prints with -until-caught.
var caught = regexp.MustCompile(`CAUGHT by seed (\d+): (.*)`)

// TestMutations proves that the simulation can fail: each deliberate mistake has
// to be caught. The package is built anew for each, with one file replaced by
// an overlay of the go command; the tree is not touched.
func TestMutations(t *testing.T) {
	rows := []string{"| mistake | seeds until caught | promise |", "|---|---:|---|"}
	for _, m := range mutants() {
		if !m.chosen() {
			continue
		}
		t.Run(strings.ReplaceAll(m.name, " ", "_"), func(t *testing.T) {
			seed, promise := m.hunt(t)
			rows = append(rows, fmt.Sprintf("| %s | %s | %s |", m.name, seed, promise))
		})
	}
	fmt.Println(strings.Join(rows, "\n"))
}

// TestMistakesCanBeMade shows, in no time, that the code still has the lines that
// the mistakes change.
func TestMistakesCanBeMade(t *testing.T) {
	t.Parallel()
	for _, m := range mutants() {
		for _, e := range m.edits() {
			code, err := os.ReadFile(filepath.Join("..", e.file))
			if err != nil {
				t.Errorf("%s: %v", m.name, err)
			}
			if n := strings.Count(string(code), e.old); n != 1 {
				t.Errorf("%s: %d places in %s have this text, want one: %q", m.name, n, e.file, e.old)
			}
		}
	}
}

// TestKeptSeeds replays the seeds that failed once. TestMutations shows that
// they still catch the mistake they caught then.
func TestKeptSeeds(t *testing.T) {
	t.Parallel()
	for _, m := range mutants() {
		if m.seed == 0 {
			continue
		}
		t.Run(strings.ReplaceAll(m.name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			if result := simtest.Live(t, m.seed, simtest.Cuts{}, false); result.Finding != nil {
				t.Errorf("seed %d broke promise %s: %s", m.seed, result.Finding.Promise, result.Finding.Words)
			}
		})
	}
}

// chosen reports whether the flag asks for this mutant.
func (m mutant) chosen() bool {
	switch *mutation {
	case "all":
		return true
	case "quick":
		return m.quick || m.seed != 0
	default:
		return strings.Contains(m.name, *mutation)
	}
}

// hunt builds the mutant and returns the seed and the promise that caught it.
func (m mutant) hunt(t *testing.T) (seed, promise string) {
	t.Helper()
	binary := m.build(t)
	if m.neighbours {
		said := judged(t, binary)
		if said == "" {
			t.Error("the neighbourhood did not catch it")
		}
		return "-", said
	}
	if m.rows != "" {
		row := inBook(t, binary, m.rows)
		if row == "" {
			t.Error("no row of the book catches it")
		}
		return "-", "the book of field cases: " + row
	}
	if m.seed != 0 && !*reseed {
		match, _, _ := prove(t, binary, m.seed, 1)
		if match == nil {
			t.Errorf("its seed %d does not catch it any more; find another", m.seed)
			return fmt.Sprint(m.seed), "none"
		}
		if *mutation == "quick" {
			return string(match[1]), string(match[2])
		}
	}
	match, out, err := prove(t, binary, 1, *patience)
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

// prove runs the simulation of a binary until something is caught.
func prove(t *testing.T, binary string, first uint64, seeds int) (match [][]byte, out []byte, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, binary, "-test.run=^TestProve$", "-test.timeout=20m", "-until-caught", "-shrink=0",
		fmt.Sprintf("-first=%d", first), fmt.Sprintf("-seeds=%d", seeds))
	run.Env = append(os.Environ(), "SEED=", "SEEDS=")
	out, err = run.CombinedOutput()
	return caught.FindSubmatch(out), out, err
}

func (m mutant) build(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	replace := make(map[string]string) // wrong files by the right ones
	for i, e := range m.edits() {
		path, err := filepath.Abs(filepath.Join("..", filepath.FromSlash(e.file)))
		if err != nil {
			t.Fatal(err)
		}
		source, err := os.ReadFile(cmp.Or(replace[path], path))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(source), e.old); n != 1 {
			t.Fatalf("%s: the text to replace is there %d times, not once; the mutant has to follow the code", e.file, n)
		}
		wrong := filepath.Join(dir, fmt.Sprintf("%d-%s", i, filepath.Base(path)))
		if err := os.WriteFile(wrong, []byte(strings.Replace(string(source), e.old, e.new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		replace[path] = wrong
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	overlayFile := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlayFile, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "mutant.test")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-overlay", overlayFile, "-o", binary, ".")
	switch {
	case m.neighbours:
		build.Dir = neighbourhood
	case m.rows != "":
		build.Dir = book
	}
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the mutant: %v\n%s", err, tail(out, 4000))
	}
	return binary
}

// book is where the field cases are.
const book = "../fieldcases"

var failedRow = regexp.MustCompile(`--- FAIL: TestFieldCases/(\S+)`)

// inBook runs rows of the book of a binary, and returns the first that fails; empty
// if none does.
func inBook(t *testing.T, binary, rows string) string {
	t.Helper()
	run := exec.CommandContext(t.Context(), binary, "-test.run=^TestFieldCases$/"+rows)
	run.Dir = book
	return complained(t, run, failedRow)
}

// complained runs the tests of a mutant, and returns what they complain of first,
// as a pattern finds it; empty if they find nothing wrong.
func complained(t *testing.T, run *exec.Cmd, of *regexp.Regexp) string {
	t.Helper()
	out, err := run.CombinedOutput()
	match := of.FindSubmatch(out)
	switch {
	case err == nil:
		return ""
	case match == nil:
		t.Fatalf("the mutant did not get as far as to be caught: %v\n%s", err, tail(out, 4000))
	}
	return string(match[1])
}

func tail(text []byte, n int) string { return string(text[max(0, len(text)-n):]) }
