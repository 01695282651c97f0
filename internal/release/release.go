package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// name is what the program, and every file of a release, is called.
const name = "weekly-archive"

// A target is a system that the program is built for.
type target struct{ os, arch string }

func (t target) String() string { return t.os + "/" + t.arch }

// targets are the systems that a release has programs for; those of Linux have
// images, too.
var targets = []target{
	{"linux", "amd64"},
	{"linux", "arm64"},
	{"darwin", "amd64"},
	{"darwin", "arm64"},
	{"windows", "amd64"},
	{"windows", "arm64"},
}

func imageTargets() []target {
	return slices.DeleteFunc(slices.Clone(targets), func(t target) bool { return t.os != "linux" })
}

// versionForm is what a file's name and an image's tag can hold.
var versionForm = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.-]{0,99}$`)

// release is one version, on its way into a folder.
type release struct {
	root    string // of the repository
	out     string
	version string // such as v1.2.3, or what git says of a commit between two
	commit  string
	at      time.Time // of the commit: the same source makes the same files
	source  string    // address, or empty
	log     io.Writer
	written []string // names of files, for their checksums

	// build writes the program for a target to a path.
	build func(ctx context.Context, t target, path string) error
}

func newRelease(ctx context.Context, root, out, version, source string) (*release, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("finding the repository: %w", err)
	}
	r := &release{root: root, out: out, version: version, source: source, log: io.Discard}
	r.build = r.goBuild
	if r.version == "" {
		if r.version, err = r.git(ctx, "describe", "--tags", "--match", "v*", "--always", "--dirty"); err != nil {
			return nil, err
		}
	}
	if !versionForm.MatchString(r.version) {
		return nil, fmt.Errorf("got version %q, want letters, digits, dots and hyphens, such as v1.2.3", r.version)
	}
	if r.commit, err = r.git(ctx, "rev-parse", "HEAD"); err != nil {
		return nil, err
	}
	text, err := r.git(ctx, "show", "-s", "--format=%ct", "HEAD")
	if err != nil {
		return nil, err
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("reading the time of the commit: %w", err)
	}
	r.at = time.Unix(seconds, 0).UTC()
	if err := os.MkdirAll(out, 0o750); err != nil {
		return nil, fmt.Errorf("making the folder of the release: %w", err)
	}
	return r, nil
}

func (r *release) git(ctx context.Context, args ...string) (string, error) {
	out, err := r.command(ctx, nil, "git", args...)
	return strings.TrimSpace(string(out)), err
}

// goBuild builds a program that needs no library of its system.
func (r *release) goBuild(ctx context.Context, t target, path string) error {
	const stamps = "github.com/weeklyarchive/weeklyarchive/internal/version"
	path, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("finding %s: %w", path, err)
	}
	_, err = r.command(ctx, t.environ(), "go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags=-s -w -X "+stamps+".number="+r.version+" -X "+stamps+".commit="+r.commit,
		"-o", path, "./functions/local")
	return err
}

// environ is what go builds for the target with.
func (t target) environ() []string {
	return []string{"CGO_ENABLED=0", "GOOS=" + t.os, "GOARCH=" + t.arch, "GOFLAGS=-mod=readonly", "GOWORK=off"}
}

func (r *release) command(ctx context.Context, environ []string, program string, args ...string) ([]byte, error) {
	var problem strings.Builder
	c := exec.CommandContext(ctx, program, args...) //nolint:gosec // G204: go and git, with the operator's own flags
	c.Dir, c.Env, c.Stderr = r.root, append(os.Environ(), environ...), &problem
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w\n%s", program, args[0], err, problem.String())
	}
	return out, nil
}

// file names a file of the release for a target.
func (r *release) file(t target, ending string) string {
	return filepath.Join(r.out, strings.Join([]string{name, r.version, t.os, t.arch}, "_")+ending)
}

func (r *release) say(path string) { _, _ = fmt.Fprintln(r.log, path) }

// images writes an image for each architecture.
func (r *release) images(ctx context.Context) error {
	notices, err := r.notices(ctx)
	if err != nil {
		return err
	}
	for _, t := range imageTargets() {
		err := r.withProgram(ctx, t, func(program []byte) error { return r.writeImage(t, program, notices) })
		if err != nil {
			return err
		}
	}
	return nil
}

// all writes everything that a release consists of.
func (r *release) all(ctx context.Context) error {
	if err := r.writeNotes(); err != nil {
		return err
	}
	notices, err := r.notices(ctx)
	if err != nil {
		return err
	}
	if err := r.write(filepath.Join(r.out, noticesFile), notices); err != nil {
		return err
	}
	for _, t := range targets {
		err := r.withProgram(ctx, t, func(program []byte) error {
			if err := r.writeBundle(t, program, notices); err != nil || t.os != "linux" {
				return err
			}
			return r.writeImage(t, program, notices)
		})
		if err != nil {
			return err
		}
	}
	return r.writeSums()
}

// withProgram builds the program for a target and hands its content over.
func (r *release) withProgram(ctx context.Context, t target, use func(program []byte) error) error {
	folder, err := os.MkdirTemp("", name+"-")
	if err != nil {
		return fmt.Errorf("making a folder to build in: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	path := filepath.Join(folder, name)
	if err := r.build(ctx, t, path); err != nil {
		return fmt.Errorf("building for %s: %w", t, err)
	}
	program, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading the program for %s: %w", t, err)
	}
	return use(program)
}

func (r *release) write(path string, content []byte) error {
	if err := os.WriteFile(path, content, 0o644); err != nil { //nolint:gosec // G306: to be published
		return fmt.Errorf("writing %s: %w", filepath.Base(path), err)
	}
	r.written = append(r.written, filepath.Base(path))
	r.say(path)
	return nil
}
