package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

const sumsFile = "SHA256SUMS"

// homeFiles are what somebody at home needs beside the program, from
// functions/local.
var homeFiles = []string{"Caddyfile", "compose.yaml", "nginx.conf", "weekly-archive.service"}

// writeBundle writes the program and what belongs to it as one file: a zip for
// Windows, where there is no tar in everybody's hands.
func (r *release) writeBundle(t target, program, notices []byte) error {
	binary := name
	if t.os == "windows" {
		binary += ".exe"
	}
	entries := []entry{{path: binary, content: program, mode: 0o755}, {path: noticesFile, content: notices, mode: 0o644}}
	if t.os == "linux" {
		for _, file := range homeFiles {
			content, err := os.ReadFile(filepath.Join(r.root, "functions", "local", file))
			if err != nil {
				return fmt.Errorf("bundling: %w", err)
			}
			entries = append(entries, entry{path: file, content: content, mode: 0o644})
		}
	}
	folder := strings.Join([]string{name, r.version, t.os, t.arch}, "_")
	for i := range entries {
		entries[i].path = path.Join(folder, entries[i].path)
	}
	var packed bytes.Buffer
	if t.os == "windows" {
		if err := r.zip(&packed, entries); err != nil {
			return err
		}
		return r.write(r.file(t, ".zip"), packed.Bytes())
	}
	compressed := gzip.NewWriter(&packed)
	if err := pack(compressed, entries, r.at); err != nil {
		return err
	}
	if err := compressed.Close(); err != nil {
		return fmt.Errorf("compressing: %w", err)
	}
	return r.write(r.file(t, ".tar.gz"), packed.Bytes())
}

func (r *release) zip(w io.Writer, entries []entry) error {
	archive := zip.NewWriter(w)
	for _, e := range entries {
		header := &zip.FileHeader{Name: e.path, Method: zip.Deflate, Modified: r.at}
		header.SetMode(os.FileMode(e.mode)) //nolint:gosec // G115: the modes are our own
		file, err := archive.CreateHeader(header)
		if err != nil {
			return fmt.Errorf("packing %s: %w", e.path, err)
		}
		if _, err := file.Write(e.content); err != nil {
			return fmt.Errorf("packing %s: %w", e.path, err)
		}
	}
	return archive.Close()
}

// writeSums writes the checksums of every other file of this release, as
// `sha256sum -c` reads them.
func (r *release) writeSums() error {
	var sums bytes.Buffer
	for _, file := range slices.Sorted(slices.Values(r.written)) {
		if file == notesFile {
			continue
		}
		content, err := os.ReadFile(filepath.Join(r.out, file))
		if err != nil {
			return fmt.Errorf("summing: %w", err)
		}
		_, _ = fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(content), file) // a buffer takes everything
	}
	return r.write(filepath.Join(r.out, sumsFile), sums.Bytes())
}
