package archtest_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/weeklyarchive/weeklyarchive/internal/gcp/gcptest/deploy"
)

// The zip that Terraform uploads is built as Google's buildpack builds it, and
// the program that comes out is every one of the functions.
func TestDeployableZip(t *testing.T) {
	t.Parallel()
	source, err := deploy.ReadSource(root)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := source.Zip(root)
	if err != nil {
		t.Fatal(err)
	}
	checkNames(t, packed)
	program, err := deploy.Build(t.Context(), packed, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	// Without a configuration every function answers, and says in its log
	// what is missing.
	cases := map[string]struct {
		missing string
		event   bool
	}{
		"SignUp":      {"SPOTIFY_CLIENT_SECRET_NAME: not set", false},
		"FanOut":      {"WEEKLY_TOPIC: not set", true},
		"ArchiveUser": {"KMS_KEY: not set", true},
	}
	for target, c := range cases {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			var log lockedBuffer
			process, err := deploy.Function{Program: program, Target: target, Log: &log}.Start(t.Context())
			if err != nil {
				t.Fatalf("%v\n%s", err, log.String())
			}
			t.Cleanup(process.Kill)
			for range 2 {
				if got, want := call(t, process.URL, c.event), http.StatusInternalServerError; got != want {
					t.Errorf("got status %d, want %d", got, want)
				}
			}
			if got := strings.Count(log.String(), c.missing); got != 1 {
				t.Errorf("got %d log lines with %q, want 1:\n%s", got, c.missing, log.String())
			}
		})
	}
}

// checkNames expects the packages of the functions in the zip, and no test.
func checkNames(t *testing.T, packed []byte) {
	t.Helper()
	reader, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range reader.File {
		names = append(names, file.Name)
		for _, part := range []string{"_test.go", "testdata", "archivetest/", "fakespotify/", "gcptest/", "internal/local", "terraform"} {
			if strings.Contains(file.Name, part) {
				t.Errorf("the zip holds %s", file.Name)
			}
		}
	}
	for _, name := range []string{
		"go.mod", "go.sum", "functions/signup/function.go", "functions/fanout/function.go",
		"functions/archiveuser/function.go", "internal/archive/ports.go",
	} {
		if !slices.Contains(names, name) {
			t.Errorf("the zip lacks %s", name)
		}
	}
}

// call sends a page request, or a message as Pub/Sub pushes it, and returns
// the status.
func call(t *testing.T, url string, event bool) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/", http.NoBody)
	if event {
		data := base64.StdEncoding.EncodeToString([]byte(`{"v":1,"kind":"weekly"}`))
		body := fmt.Sprintf(`{"message":{"data":%q,"messageId":"1","publishTime":"2026-11-16T13:00:00Z"},"subscription":"projects/p/subscriptions/s"}`, data)
		request, err = http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/projects/p/topics/t", strings.NewReader(body))
		request.Header.Set("Content-Type", "application/json")
	}
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode
}

func TestBuildpackWantsOnePackageAtTheRoot(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		files map[string]string
		ok    bool
	}{
		"one_package":      {map[string]string{"a.go": "package a", "b.go": "package a"}, true},
		"no_package":       {map[string]string{"go.mod": "module example.com/a"}, false},
		"two_packages":     {map[string]string{"a.go": "package a", "b.go": "package b"}, false},
		"external_test":    {map[string]string{"a.go": "package a", "a_test.go": "package a_test"}, false},
		"other_build_tags": {map[string]string{"a.go": "package a", "b.go": "//go:build ignore\n\npackage main"}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for file, content := range c.files {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(content+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := deploy.CheckRoot(dir); (err == nil) != c.ok {
				t.Errorf("got error %v, want none: %t", err, c.ok)
			}
		})
	}
}

// lockedBuffer is written by a process and read by a test.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
