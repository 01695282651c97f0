// Package playbooks holds what to do about each alert, for a program that sends
// them itself. A cloud's alerts carry the same files.
package playbooks

import (
	"embed"
	"strings"
)

//go:embed *.md
var files embed.FS

// Playbook is what whoever runs a copy at home has to know of an alert.
type Playbook struct {
	Title  string // one line
	AtHome string // what to do: Markdown without headings
}

const atHome = "\n## At home\n"

// Of returns the playbook of an alert; found is false for one that cannot ring
// at home.
func Of(alert string) (p Playbook, found bool) {
	text, err := files.ReadFile(alert + ".md")
	if err != nil {
		return Playbook{}, false
	}
	heading, _, _ := strings.Cut(string(text), "\n")
	_, p.Title, _ = strings.Cut(heading, ": ")
	_, rest, found := strings.Cut(string(text), atHome)
	rest, _, _ = strings.Cut(rest, "\n## ")
	p.AtHome = strings.TrimSpace(rest)
	return p, found
}
