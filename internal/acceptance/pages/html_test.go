package pages_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/web/pagetest"
)

// maxWeight is what a page may weigh with everything of ours, in bytes as they
// come over the wire.
const maxWeight = 60_000

// part is a file that a page has loaded.
var part = regexp.MustCompile(`<(?:script|img)[^>]* src="(/[^"]+)"|<link rel="stylesheet" href="(/[^"]+)"`)

// TestWeight weighs every page with everything of ours.
func TestWeight(t *testing.T) {
	t.Parallel()
	files := map[string]int{}
	for _, page := range shown(t) {
		_, size := fetch(t, page, page.Address)
		for _, found := range part.FindAllStringSubmatch(string(source(t, page)), -1) {
			file := found[1] + found[2]
			if files[file] == 0 {
				_, files[file] = fetch(t, page, base(t, page)+file)
			}
			size += files[file]
		}
		if size > maxWeight || size < 2000 {
			t.Errorf("%s in %s weighs %d bytes, want at most %d", page.Name, page.Language, size, maxWeight)
		}
	}
	if len(files) < 3 {
		t.Errorf("got the files %v, want a stylesheet, a script and a picture at least", files)
	}
}

// base is where the site of a page is.
func base(t *testing.T, page pagetest.Page) string {
	t.Helper()
	address, err := url.Parse(page.Address)
	if err != nil {
		t.Fatal(err)
	}
	return address.Scheme + "://" + address.Host
}

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

// source returns the page as a browser reads it.
func source(t *testing.T, page pagetest.Page) []byte {
	t.Helper()
	answer, _ := fetch(t, page, page.Address)
	if answer.StatusCode != page.Status {
		t.Errorf("%s: got status %d, want %d", page.Name, answer.StatusCode, page.Status)
	}
	body := io.Reader(answer.Body)
	if answer.Header.Get("Content-Encoding") == "gzip" {
		var err error
		if body, err = gzip.NewReader(body); err != nil {
			t.Fatal(err)
		}
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// fetch gets something of a page's site as browsers ask for it; of so many
// bytes on the wire.
func fetch(t *testing.T, page pagetest.Page, address string) (answer *http.Response, size int) {
	t.Helper()
	ask, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	ask.Header.Set(pagetest.Asks, page.State())
	ask.Header.Set("Accept-Encoding", "gzip")
	if answer, err = http.DefaultClient.Do(ask); err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, len(body)
}
