package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func source(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(repository, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

var setting = regexp.MustCompile(`(?m)^      ([A-Z_]+):`)

// What compose.yaml says of the image is what the image is, and what it sets
// is read.
func TestComposeFitsTheImage(t *testing.T) {
	t.Parallel()
	image := testRelease(t).imageConfig()
	compose := source(t, "functions/local/compose.yaml")
	health := `["` + strings.Join(image.Healthcheck.Test, `", "`) + `"]`
	for _, want := range []string{"test: " + health, "UPSTREAM: weekly-archive:8080", "- data:" + image.WorkingDir, "read_only: true"} {
		if !strings.Contains(compose, want) {
			t.Errorf("compose.yaml lacks %q", want)
		}
	}
	service, _, _ := strings.Cut(compose, "\n  caddy:\n")
	_, read, _ := strings.Cut(source(t, "internal/config/config.go"), "type Local struct")
	settings := setting.FindAllStringSubmatch(service, -1)
	if len(settings) < 3 {
		t.Fatalf("got settings %q, want all of the service", settings)
	}
	for _, m := range settings {
		if !strings.Contains(read, `env:"`+m[1]+`"`) {
			t.Errorf("compose.yaml sets %s, which nothing reads", m[1])
		}
	}
}
