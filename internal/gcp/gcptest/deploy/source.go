// Package deploy does on this machine what a deployment does: it packs the
// source that terraform/source.tf uploads, builds it as Google's Go buildpack
// builds it, and runs the functions as processes.
package deploy

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Source is what terraform/source.tf says about the zip.
type Source struct {
	Folders  []string
	LeftOut  *regexp.Regexp
	RootFile string // name of the generated file
	RootText string // its content
}

// The lines of terraform/source.tf from which Source is read. Terraform's own
// tests cannot build Go, so the one text serves both.
var (
	foldersLine  = regexp.MustCompile(`(?s)source_folders\s*=\s*\[(.*?)\]`)
	quoted       = regexp.MustCompile(`"([^"]+)"`)
	leftOutLine  = regexp.MustCompile(`source_left_out\s*=\s*"(.*)"`)
	rootFileLine = regexp.MustCompile(`source_root_file\s*=\s*"([^"]+)"`)
	rootTextPart = regexp.MustCompile(`(?s)source_root_package\s*=\s*<<-EOT\n(.*?)\n\s*EOT\n`)
	moduleFiles  = regexp.MustCompile(`\["go\.mod", "go\.sum"\]`)
)

// ReadSource reads terraform/source.tf below the root of the repository.
func ReadSource(root string) (Source, error) {
	content, err := os.ReadFile(filepath.Join(root, "terraform", "source.tf"))
	if err != nil {
		return Source{}, fmt.Errorf("reading what is deployed: %w", err)
	}
	text := string(content)
	folders, leftOut := foldersLine.FindStringSubmatch(text), leftOutLine.FindStringSubmatch(text)
	rootFile, rootText := rootFileLine.FindStringSubmatch(text), rootTextPart.FindStringSubmatch(text)
	if folders == nil || leftOut == nil || rootFile == nil || rootText == nil || !moduleFiles.MatchString(text) {
		return Source{}, errors.New("terraform/source.tf no longer has the form that this package reads")
	}
	s := Source{RootFile: rootFile[1], RootText: unindent(rootText[1]) + "\n"}
	for _, m := range quoted.FindAllStringSubmatch(folders[1], -1) {
		s.Folders = append(s.Folders, m[1])
	}
	// Inside quotes, Terraform writes a backslash twice.
	s.LeftOut, err = regexp.Compile(strings.ReplaceAll(leftOut[1], `\\`, `\`))
	if err != nil {
		return Source{}, fmt.Errorf("reading source_left_out: %w", err)
	}
	return s, nil
}

// unindent removes the indentation that all lines share, as <<- does.
func unindent(text string) string {
	lines := strings.Split(text, "\n")
	shared := -1
	for _, line := range lines {
		if trimmed := strings.TrimLeft(line, " "); trimmed != "" && (shared < 0 || len(line)-len(trimmed) < shared) {
			shared = len(line) - len(trimmed)
		}
	}
	for i, line := range lines {
		lines[i] = line[min(max(shared, 0), len(line)):]
	}
	return strings.Join(lines, "\n")
}

// Files returns the paths of the files below root that are packed, sorted.
func (s Source) Files(root string) ([]string, error) {
	files := []string{"go.mod", "go.sum"}
	for _, folder := range s.Folders {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			name, err := filepath.Rel(root, path)
			if name = filepath.ToSlash(name); err == nil && !s.LeftOut.MatchString(name) {
				files = append(files, name)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("listing %s: %w", folder, err)
		}
	}
	slices.Sort(files)
	return files, nil
}

// Zip packs the source.
func (s Source) Zip(root string) ([]byte, error) {
	files, err := s.Files(root)
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	for _, name := range files {
		content, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return nil, fmt.Errorf("packing %s: %w", name, err)
		}
		if !utf8.Valid(content) {
			return nil, fmt.Errorf("packing %s: Terraform's file function reads UTF-8 text only", name)
		}
		if err := add(w, name, content); err != nil {
			return nil, err
		}
	}
	if err := add(w, s.RootFile, []byte(s.RootText)); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("packing: %w", err)
	}
	return packed.Bytes(), nil
}

func add(w *zip.Writer, name string, content []byte) error {
	file, err := w.Create(name)
	if err == nil {
		_, err = file.Write(content)
	}
	if err != nil {
		return fmt.Errorf("packing %s: %w", name, err)
	}
	return nil
}
