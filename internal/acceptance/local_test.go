package acceptance_test

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

var (
	printedSite    = regexp.MustCompile(`Open\s+(http://[0-9.:]+)`)
	printedStandin = regexp.MustCompile(`(http://[0-9.:]+/standin)`)
)

// startLocal builds and starts the one-process service on a free port, with a
// stand-in for Spotify in that mode.
func startLocal(t *testing.T, data, mode string) (site, standin string) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "weekly-archive")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./functions/local")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	program := exec.CommandContext(t.Context(), binary)
	program.Env = []string{"PORT=0", "DATA_DIR=" + data, "SPOTIFY_MODE=" + mode, "HOME=" + t.TempDir()}
	program.Cancel = func() error { return program.Process.Signal(os.Interrupt) }
	program.WaitDelay = 20 * time.Second
	stdout, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = program.Wait() })
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if m := printedSite.FindStringSubmatch(lines.Text()); m != nil {
			site = m[1]
		}
		if m := printedStandin.FindStringSubmatch(lines.Text()); m != nil {
			go func() { _, _ = io.Copy(io.Discard, stdout) }()
			return site, m[1]
		}
	}
	t.Fatal("the service printed no address")
	return "", ""
}

func get(t *testing.T, address string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
