package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

func writtenImage(t *testing.T, r *release) v1.Image {
	t.Helper()
	host := target{"linux", "arm64"}
	if err := r.writeImage(host, []byte("program"), []byte("notices")); err != nil {
		t.Fatal(err)
	}
	image, err := readImage(r.file(host, imageEnding), filepath.Join(t.TempDir(), "image"))
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Image(image); err != nil {
		t.Fatal(err)
	}
	return image
}

func configOf(t *testing.T, image v1.Image) *v1.ConfigFile {
	t.Helper()
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	return config
}

func TestImage(t *testing.T) {
	t.Parallel()
	image := writtenImage(t, testRelease(t))
	config := configOf(t, image)
	if got := config.OS + "/" + config.Architecture; got != "linux/arm64" {
		t.Errorf("got platform %s", got)
	}
	c := config.Config
	if c.User != "65532:65532" || len(c.Volumes) != 1 || c.Healthcheck == nil {
		t.Errorf("got user %q, volumes %v, health check %v", c.User, c.Volumes, c.Healthcheck)
	}
	if want := []string{"/weekly-archive"}; !slices.Equal(c.Entrypoint, want) || !slices.Equal(c.Healthcheck.Test, append([]string{"CMD"}, append(want, "health")...)) {
		t.Errorf("got entry point %q, health check %q", c.Entrypoint, c.Healthcheck.Test)
	}

	type file struct {
		mode  int64
		owner int
	}
	got := map[string]file{}
	content := mutate.Extract(image)
	defer func() { _ = content.Close() }()
	for reader := tar.NewReader(content); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got[header.Name] = file{header.Mode, header.Uid}
	}
	// Whoever runs in it can write to its data and to nothing else.
	want := map[string]file{
		"etc": {0o755, 0}, "etc/passwd": {0o644, 0}, "etc/group": {0o644, 0}, "data": {0o700, nobody},
		noticesFile: {0o644, 0}, "weekly-archive": {0o755, 0},
	}
	if !maps.Equal(got, want) {
		t.Errorf("got files %v, want %v", got, want)
	}
}

// Nothing leads to an address that nobody has set.
func TestLabels(t *testing.T) {
	t.Parallel()
	const label = "org.opencontainers.image.source"
	r := testRelease(t)
	labels := configOf(t, writtenImage(t, r)).Config.Labels
	if got, is := labels[label]; is {
		t.Errorf("got %s=%q without a setting", label, got)
	}
	for name, want := range map[string]string{"version": r.version, "revision": r.commit, "created": "2026-11-23T00:00:00Z"} {
		if got := labels["org.opencontainers.image."+name]; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	r.source = "https://code.example/me/weekly-archive"
	if got := configOf(t, writtenImage(t, r)).Config.Labels[label]; got != r.source {
		t.Errorf("got %s=%q, want %q", label, got, r.source)
	}
}

// An older Docker reads manifest.json and takes what it names.
func TestManifestForDocker(t *testing.T) {
	t.Parallel()
	r := testRelease(t)
	host := target{"linux", "amd64"}
	if err := r.writeImage(host, []byte("program"), nil); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := unpack(r.file(host, imageEnding), folder); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var manifests []struct {
		Config           string
		RepoTags, Layers []string
	}
	if err := json.NewDecoder(bytes.NewReader(content)).Decode(&manifests); err != nil {
		t.Fatal(err)
	}
	if len(manifests) != 1 || !slices.Equal(manifests[0].RepoTags, []string{"weekly-archive:" + r.version}) || len(manifests[0].Layers) != 1 {
		t.Fatalf("got %s", content)
	}
	for _, path := range append(manifests[0].Layers, manifests[0].Config) {
		if _, err := os.Stat(filepath.Join(folder, path)); err != nil {
			t.Error(err)
		}
	}
}
