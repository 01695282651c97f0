package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

const (
	imageEnding = ".oci.tar"
	dataFolder  = "data"
	program     = "/" + name

	// nobody is a user who owns nothing else; the number that distroless
	// images took for theirs.
	nobody = 65532
)

// An entry is a file or, without content, a folder of an archive.
type entry struct {
	path    string
	content []byte
	mode    int64
	owner   int
}

// rootFolder is everything that the image holds: it begins from nothing. Roots
// of trust and time zones are in the program.
func rootFolder(program, notices []byte) []entry {
	return []entry{
		{path: "etc/", mode: 0o755},
		{path: "etc/passwd", content: fmt.Appendf(nil, "%[1]s:x:%[2]d:%[2]d::/%[3]s:/sbin/nologin\n", name, nobody, dataFolder), mode: 0o644},
		{path: "etc/group", content: fmt.Appendf(nil, "%s:x:%d:\n", name, nobody), mode: 0o644},
		{path: dataFolder + "/", mode: 0o700, owner: nobody},
		{path: noticesFile, content: notices, mode: 0o644},
		{path: name, content: program, mode: 0o755},
	}
}

// pack makes a tar of entries, the same for the same content.
func pack(w io.Writer, entries []entry, at time.Time) error {
	archive := tar.NewWriter(w)
	for _, e := range entries {
		header := &tar.Header{
			Name: e.path, Mode: e.mode, Size: int64(len(e.content)), ModTime: at,
			Uid: e.owner, Gid: e.owner, Typeflag: tar.TypeReg, Format: tar.FormatPAX,
		}
		if e.path[len(e.path)-1] == '/' {
			header.Typeflag = tar.TypeDir
		}
		if err := archive.WriteHeader(header); err != nil {
			return fmt.Errorf("packing %s: %w", e.path, err)
		}
		if _, err := archive.Write(e.content); err != nil {
			return fmt.Errorf("packing %s: %w", e.path, err)
		}
	}
	return archive.Close()
}

func (r *release) image(t target, program, notices []byte) (v1.Image, error) {
	var files bytes.Buffer
	if err := pack(&files, rootFolder(program, notices), r.at); err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(files.Bytes())), nil
	}, tarball.WithMediaType(types.OCILayer), tarball.WithCompressedCaching)
	if err != nil {
		return nil, fmt.Errorf("making the layer: %w", err)
	}
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err := mutate.Append(base, mutate.Addendum{Layer: layer, History: v1.History{Created: v1.Time{Time: r.at}, CreatedBy: "make image"}})
	if err != nil {
		return nil, fmt.Errorf("making the image: %w", err)
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("reading the image's configuration: %w", err)
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Created = t.os, t.arch, v1.Time{Time: r.at}
	config.Config = r.imageConfig()
	return mutate.ConfigFile(image, config)
}

// imageConfig says how the image is started. ADDR is every address, because
// a container has one of its own; BASE_URL is left to whoever starts it.
func (r *release) imageConfig() v1.Config {
	user := strconv.Itoa(nobody) + ":" + strconv.Itoa(nobody)
	labels := map[string]string{
		"org.opencontainers.image.title":       "Weekly Archive for Spotify",
		"org.opencontainers.image.description": "Saves the songs of your Discover Weekly, every week",
		"org.opencontainers.image.version":     r.version,
		"org.opencontainers.image.revision":    r.commit,
		"org.opencontainers.image.created":     r.at.Format(time.RFC3339),
	}
	if r.source != "" {
		labels["org.opencontainers.image.source"] = r.source
	}
	return v1.Config{
		User: user, Entrypoint: []string{program}, WorkingDir: "/" + dataFolder,
		Env:          []string{"ADDR=0.0.0.0", "PORT=8080", "DATA_DIR=/" + dataFolder},
		ExposedPorts: map[string]struct{}{"8080/tcp": {}},
		Volumes:      map[string]struct{}{"/" + dataFolder: {}},
		Labels:       labels,
		StopSignal:   "SIGTERM",
		Healthcheck: &v1.HealthConfig{
			Test: []string{"CMD", program, "health"}, Interval: time.Minute, Timeout: 10 * time.Second, StartPeriod: 30 * time.Second, Retries: 3,
		},
	}
}

// writeImage writes an OCI image layout as one file. The manifest of Docker's
// own form in it is for a Docker that does not know OCI's, before version 29.
func (r *release) writeImage(t target, program, notices []byte) (err error) {
	image, err := r.image(t, program, notices)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", name+"-")
	if err != nil {
		return fmt.Errorf("making a folder for the image: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	written, err := layout.Write(folder, empty.Index)
	if err != nil {
		return fmt.Errorf("writing the image: %w", err)
	}
	tag := name + ":" + r.version
	err = written.AppendImage(image, layout.WithPlatform(v1.Platform{OS: t.os, Architecture: t.arch}),
		layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": tag}))
	if err != nil {
		return fmt.Errorf("writing the image: %w", err)
	}
	manifest, err := dockerManifest(image, tag)
	if err != nil {
		return err
	}
	if err := written.WriteFile("manifest.json", manifest, 0o644); err != nil {
		return fmt.Errorf("writing the image: %w", err)
	}
	entries, err := readFolder(folder)
	if err != nil {
		return err
	}
	var packed bytes.Buffer
	if err := pack(&packed, entries, r.at); err != nil {
		return err
	}
	return r.write(r.file(t, imageEnding), packed.Bytes())
}

// dockerManifest is the manifest.json of `docker save`.
func dockerManifest(image v1.Image, tag string) ([]byte, error) {
	manifest, err := image.Manifest()
	if err != nil {
		return nil, fmt.Errorf("reading the image's manifest: %w", err)
	}
	blob := func(h v1.Hash) string { return "blobs/" + h.Algorithm + "/" + h.Hex }
	var layers []string
	for _, layer := range manifest.Layers {
		layers = append(layers, blob(layer.Digest))
	}
	return json.Marshal([]struct {
		Config   string
		RepoTags []string
		Layers   []string
	}{{blob(manifest.Config.Digest), []string{tag}, layers}})
}

// readFolder reads every file below a folder, sorted by path.
func readFolder(folder string) ([]entry, error) {
	var entries []entry
	files := os.DirFS(folder)
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, path)
		entries = append(entries, entry{path: path, content: content, mode: 0o644})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the image back: %w", err)
	}
	return entries, nil
}
