package pages_test

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/web/pagetest"
)

// TestHTML has the markup of every page in every state checked against the
// standard.
func TestHTML(t *testing.T) {
	t.Parallel()
	tool := filepath.Join(modules(t, "--omit=dev"), "node_modules", ".bin", "html-validate")
	folder := t.TempDir()
	for _, page := range shown(t) {
		file := filepath.Join(folder, page.Name+"."+page.Language+".html")
		if err := os.WriteFile(file, source(t, page), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config, err := filepath.Abs("htmlvalidate.json")
	if err != nil {
		t.Fatal(err)
	}
	validate := exec.CommandContext(t.Context(), tool, "--config", config, "--formatter", "text", folder)
	if out, err := validate.CombinedOutput(); err != nil {
		t.Errorf("html-validate: %v\n%s", err, strings.ReplaceAll(string(out), folder+"/", ""))
	}
}

// source returns the page as it comes over the wire.
func source(t *testing.T, page pagetest.Page) []byte {
	t.Helper()
	host, path, _ := strings.Cut(strings.TrimPrefix(page.Address, "http://"), "/")
	_, port, _ := strings.Cut(host, ":")
	ask, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:"+port+"/"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	ask.Host = host
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != page.Status {
		t.Errorf("%s: got status %d, want %d", page.Name, answer.StatusCode, page.Status)
	}
	return body
}
