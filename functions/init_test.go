package functions_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// importCost is how many bytes a package of ours may allocate before main
// begins: a cold start of a function waits for it, whatever it then does.
const importCost = 80_000

// An init line of GODEBUG=inittrace=1 (https://pkg.go.dev/runtime).
var initLine = regexp.MustCompile(`(?m)^init ` + module + `/(\S+) .* (\d+) bytes`)

// The local service links every package that the functions share.
func TestImportingCostsLittle(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "local")
	if output, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./local").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	command := exec.CommandContext(t.Context(), program, "-no-such-flag") // ends at once
	command.Dir = t.TempDir()
	command.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	output, err := command.CombinedOutput()
	if err == nil {
		t.Fatal("the program did not refuse an unknown flag")
	}
	lines := initLine.FindAllStringSubmatch(string(output), -1)
	if len(lines) < 3 {
		t.Fatalf("got %d packages that are initialized, want several:\n%s", len(lines), output)
	}
	for _, line := range lines {
		if line[1] == "internal/spotify/fakespotify" {
			continue // the stand-in; no function links it
		}
		if bytes, err := strconv.Atoi(line[2]); err != nil || bytes > importCost {
			t.Errorf("importing %s allocates %s bytes, want at most %d", line[1], line[2], importCost)
		}
	}
}
