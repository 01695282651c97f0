package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

const (
	notesFile     = "NOTES.md"
	changelogFile = ".github/CHANGELOG.md"
)

// tagged is the form of a version that is a release's tag.
var tagged = regexp.MustCompile(`^v\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$`)

// writeNotes writes what the changelog says of the version. A tag without
// words of its own is no release; a build between two needs none.
func (r *release) writeNotes() error {
	changelog, err := os.ReadFile(filepath.Join(r.root, changelogFile))
	if err != nil {
		return fmt.Errorf("reading the changelog: %w", err)
	}
	isTag := tagged.MatchString(r.version) && !between.MatchString(r.version)
	section := r.version
	if !isTag {
		section = "Unreleased"
	}
	notes := sectionOf(string(changelog), section)
	if notes == "" && isTag {
		return fmt.Errorf("%s has no section %q, or an empty one", changelogFile, "## "+section)
	}
	return r.write(filepath.Join(r.out, notesFile), []byte(notes+"\n"))
}

// between is what git describes a commit after a tag as, or a changed tree.
var between = regexp.MustCompile(`-\d+-g[0-9a-f]+(?:-dirty)?$|-dirty$`)

// sectionOf returns the text below a heading, which may go on with a date.
func sectionOf(changelog, heading string) string {
	var lines []string
	inside := false
	for line := range strings.Lines(changelog) {
		if title, is := strings.CutPrefix(line, "## "); is {
			first, _, _ := strings.Cut(strings.TrimSpace(title), " ")
			inside = first == heading
			continue
		}
		if inside {
			lines = append(lines, line)
		}
	}
	return strings.TrimSpace(strings.Join(lines, ""))
}
