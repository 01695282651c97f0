package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// repository is this one's root.
const repository = "../.."

// testRelease is a release of programs that are only their targets' names.
func testRelease(t *testing.T) *release {
	t.Helper()
	return &release{
		root: repository, out: t.TempDir(), version: "v1.2.3-4-g0123abc", commit: "0123abc", log: io.Discard,
		at: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC),
		build: func(_ context.Context, target target, path string) error {
			return os.WriteFile(path, []byte("program for "+target.String()), 0o700)
		},
	}
}

func files(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	contents := map[string][]byte{}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		contents[e.Name()] = content
	}
	return contents
}

func TestEverythingOfARelease(t *testing.T) {
	t.Parallel()
	r := testRelease(t)
	const older = "weekly-archive_v1.0.0_linux_amd64.tar.gz"
	if err := os.WriteFile(filepath.Join(r.out, older), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.all(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := files(t, r.out)
	delete(got, older)
	want := []string{noticesFile, notesFile, sumsFile}
	for _, system := range []string{"darwin_amd64.tar.gz", "darwin_arm64.tar.gz", "linux_amd64.oci.tar", "linux_amd64.tar.gz",
		"linux_arm64.oci.tar", "linux_arm64.tar.gz", "windows_amd64.zip", "windows_arm64.zip"} {
		want = append(want, "weekly-archive_v1.2.3-4-g0123abc_"+system)
	}
	slices.Sort(want)
	if names := slices.Sorted(maps.Keys(got)); !slices.Equal(names, want) {
		t.Errorf("got files\n%s\nwant\n%s", strings.Join(names, "\n"), strings.Join(want, "\n"))
	}
	sums := string(got[sumsFile])
	if strings.Contains(sums, older) {
		t.Errorf("the checksums name a file of another release:\n%s", sums)
	}
	for name, content := range got {
		line := fmt.Sprintf("%x  %s\n", sha256.Sum256(content), name)
		if has, public := strings.Contains(sums, line), name != sumsFile && name != notesFile; has != public {
			t.Errorf("checksum of %s: got %t, want %t", name, has, public)
		}
	}

	again := testRelease(t)
	if err := again.all(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, content := range files(t, again.out) {
		if !bytes.Equal(got[name], content) {
			t.Errorf("%s: the same source makes another file", name)
		}
	}
}

func TestBundles(t *testing.T) {
	t.Parallel()
	common := []string{noticesFile}
	for name, tc := range map[string]struct {
		target target
		want   []string
	}{
		"linux":   {target{"linux", "arm64"}, append(slices.Concat(common, homeFiles), "weekly-archive")},
		"darwin":  {target{"darwin", "amd64"}, append(common, "weekly-archive")},
		"windows": {target{"windows", "amd64"}, append(common, "weekly-archive.exe")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := testRelease(t)
			if err := r.writeBundle(tc.target, []byte("program"), []byte("notices")); err != nil {
				t.Fatal(err)
			}
			for file, packed := range files(t, r.out) {
				modes := unbundle(t, file, packed)
				folder := strings.TrimSuffix(strings.TrimSuffix(file, ".zip"), ".tar.gz") + "/"
				var got []string
				for path, mode := range modes {
					short := strings.TrimPrefix(path, folder)
					got = append(got, short)
					if executable := mode&0o100 != 0; executable != (short == tc.want[len(tc.want)-1]) {
						t.Errorf("%s: got mode %o", path, mode)
					}
				}
				slices.Sort(got)
				if want := slices.Sorted(slices.Values(tc.want)); !slices.Equal(got, want) {
					t.Errorf("%s: got %v, want %v", file, got, want)
				}
			}
		})
	}
}

// unbundle returns the paths in a zip or tar.gz, with their modes.
func unbundle(t *testing.T, file string, packed []byte) map[string]os.FileMode {
	t.Helper()
	modes := map[string]os.FileMode{}
	if strings.HasSuffix(file, ".zip") {
		reader, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range reader.File {
			modes[f.Name] = f.Mode()
		}
		return modes
	}
	plain, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	for reader := tar.NewReader(plain); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return modes
		}
		if err != nil {
			t.Fatal(err)
		}
		modes[header.Name] = header.FileInfo().Mode()
	}
}

func TestNotices(t *testing.T) {
	t.Parallel()
	notices, err := testRelease(t).notices(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"\nGo and its standard library: LICENSE\n", "\nmodernc.org/sqlite v", "\ngithub.com/tink-crypto/tink-go/v2 v",
		"\ngolang.org/x/crypto/x509roots/fallback v", "Apache License", "Redistribution and use",
	} {
		if !bytes.Contains(notices, []byte(want)) {
			t.Errorf("the notices lack %q", want)
		}
	}
	if bytes.Contains(notices, []byte("\ncloud.google.com/")) {
		t.Error("the notices name what the local service does not link")
	}
}

func TestNoLicenceIsAnError(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, file := range []string{"README.md", "licence.go"} {
		if err := os.WriteFile(filepath.Join(folder, file), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := collect(map[string]string{"example.com/module v1": folder}); err == nil || !strings.Contains(err.Error(), "example.com/module") {
		t.Errorf("got error %v, want one that names the module", err)
	}
}

func TestNotes(t *testing.T) {
	t.Parallel()
	const changelog = "# Changelog\n\n## Unreleased\n\nSoon.\n\n## v1.10.0 (2026-11-23)\n\n- Ten.\n\n### Details\n\n- More.\n\n## v1.1.0\n\n## v1.0.0\n\nOne.\n"
	for name, tc := range map[string]struct {
		version string
		want    string // empty: an error
	}{
		"tag":                 {"v1.10.0", "- Ten.\n\n### Details\n\n- More.\n"},
		"oldest":              {"v1.0.0", "One.\n"},
		"empty_section":       {"v1.1.0", ""},
		"no_section":          {"v1.2.0", ""},
		"prefix_of_another":   {"v1.1", "Soon.\n"},
		"candidate":           {"v1.11.0-rc.1", ""},
		"commit_after_a_tag":  {"v1.10.0-3-g0123abc", "Soon.\n"},
		"changed_tree":        {"v1.10.0-dirty", "Soon.\n"},
		"commit_before_a_tag": {"0123abc", "Soon.\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := testRelease(t)
			r.root, r.version = t.TempDir(), tc.version
			if err := os.Mkdir(filepath.Join(r.root, ".github"), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(r.root, changelogFile), []byte(changelog), 0o600); err != nil {
				t.Fatal(err)
			}
			err := r.writeNotes()
			if got := string(files(t, r.out)[notesFile]); got != tc.want || (err != nil) != (tc.want == "") {
				t.Errorf("got %q and error %v, want %q", got, err, tc.want)
			}
		})
	}
}

func TestRunRefuses(t *testing.T) {
	t.Parallel()
	out := "-out=" + t.TempDir()
	for name, tc := range map[string]struct {
		args []string
		says string
	}{
		"no_folder":     {[]string{"image"}, "-out"},
		"no_word":       {[]string{out}, "want image"},
		"unknown_word":  {[]string{out, "publish"}, "want image"},
		"push_nowhere":  {[]string{out, "push"}, "want image"},
		"wrong_version": {[]string{out, "-version=v1/2", "image"}, "version"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := run(t.Context(), append([]string{"-root=" + repository}, tc.args...), func(string) string { return "" }, io.Discard)
			if err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("got error %v, want one with %q", err, tc.says)
			}
		})
	}
}
