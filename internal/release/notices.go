package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const noticesFile = "THIRD_PARTY_NOTICES.txt"

// licenceName matches the files whose text has to go along with a copy.
var licenceName = regexp.MustCompile(`(?i)licen[cs]e|^(?:copying|notice|patents)`)

// notices returns the licences of everything that is linked on any target: of
// the modules and of Go itself.
func (r *release) notices(ctx context.Context) ([]byte, error) {
	folders := map[string]string{}
	for _, t := range targets {
		if err := r.linked(ctx, t, folders); err != nil {
			return nil, err
		}
	}
	goRoot, err := r.command(ctx, nil, "go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	folders["Go and its standard library"] = strings.TrimSpace(string(goRoot))
	return collect(folders)
}

// linked adds the modules that the program links on a target, and where their
// source is.
func (r *release) linked(ctx context.Context, t target, folders map[string]string) error {
	list, err := r.command(ctx, t.environ(), "go", "list", "-deps", "-json=Module", "./functions/local")
	if err != nil {
		return err
	}
	for decoder := json.NewDecoder(bytes.NewReader(list)); ; {
		var p struct {
			Module *struct {
				Path, Version, Dir string
				Main               bool
			}
		}
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading go list: %w", err)
		}
		if p.Module != nil && !p.Module.Main {
			folders[p.Module.Path+" "+p.Module.Version] = p.Module.Dir
		}
	}
}

// collect puts the licences of the named folders into one text. A folder
// without any is an error: it could not be passed on.
func collect(folders map[string]string) ([]byte, error) {
	var text bytes.Buffer
	text.WriteString("Weekly Archive contains the work of others, under these terms.\n")
	for _, what := range slices.Sorted(maps.Keys(folders)) {
		files, err := os.ReadDir(folders[what])
		if err != nil {
			return nil, fmt.Errorf("looking for the licence of %s: %w", what, err)
		}
		found := false
		for _, file := range files {
			if file.IsDir() || strings.HasSuffix(file.Name(), ".go") || !licenceName.MatchString(file.Name()) {
				continue
			}
			content, err := os.ReadFile(filepath.Join(folders[what], file.Name()))
			if err != nil {
				return nil, fmt.Errorf("reading the licence of %s: %w", what, err)
			}
			found = true
			_, _ = fmt.Fprintf(&text, "\n%s\n%s: %s\n\n%s\n", strings.Repeat("=", 80), what, file.Name(), bytes.TrimSpace(content)) // a buffer takes everything
		}
		if !found {
			return nil, fmt.Errorf("%s has no licence in its folder", what)
		}
	}
	return text.Bytes(), nil
}
