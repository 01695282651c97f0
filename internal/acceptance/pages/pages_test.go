// Package pages_test looks at every page in every state with a browser. What the
// pages are is not known here: the tests that bring them into their states
// serve them (internal/web/pagetest).
package pages_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/web/pagetest"
)

// root is the repository's, seen from this folder.
const root = "../../.."

// sources are the packages whose TestStates shows pages.
var sources = []string{"internal/web", "internal/local/operator", "internal/spotify/fakespotify"}

func TestMain(m *testing.M) {
	status := m.Run()
	server.stop()
	os.Exit(status)
}

var server programs

// programs are the tests that serve pages.
type programs struct {
	once  sync.Once
	pages []pagetest.Page
	err   error
	ends  []func()
}

// shown returns all pages. They are served until the tests are over.
func shown(t *testing.T) []pagetest.Page {
	t.Helper()
	server.once.Do(server.start)
	if server.err != nil {
		t.Fatal(server.err)
	}
	return server.pages
}

func (p *programs) start() {
	for _, source := range sources {
		pages, err := p.serve(source)
		if err == nil && len(pages) == 0 {
			err = errors.New("no page")
		}
		if err != nil {
			p.err = fmt.Errorf("showing the pages of %s: %w", source, err)
			return
		}
		p.pages = append(p.pages, pages...)
	}
}

func (p *programs) stop() {
	for _, end := range p.ends {
		end()
	}
}

// serve starts the test of one package as a web server.
func (p *programs) serve(source string) ([]pagetest.Page, error) {
	folder, err := os.MkdirTemp("", "pages-")
	if err != nil {
		return nil, err
	}
	p.ends = append(p.ends, func() { _ = os.RemoveAll(folder) })
	binary := filepath.Join(folder, "states.test")
	build := exec.Command("go", "test", "-c", "-o", binary, "./"+source)
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building: %w\n%s", err, out)
	}
	run := exec.Command(binary, "-test.run=^TestStates$", "-serve-pages")
	run.Dir = filepath.Join(root, source)
	run.Stderr = os.Stderr
	stdin, err := run.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := run.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := run.Start(); err != nil {
		return nil, err
	}
	p.ends = append(p.ends, func() { _ = stdin.Close(); _ = run.Wait() })
	said := ""
	for lines := bufio.NewScanner(stdout); lines.Scan(); said += lines.Text() + "\n" {
		if address, ok := strings.CutPrefix(lines.Text(), pagetest.Ready); ok {
			go func() { _, _ = io.Copy(io.Discard, stdout) }()
			return list(address)
		}
	}
	return nil, fmt.Errorf("it ended, and said:\n%s", said)
}

func list(address string) ([]pagetest.Page, error) {
	answer, err := http.Get(address)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	var pages []pagetest.Page
	return pages, json.NewDecoder(answer.Body).Decode(&pages)
}
