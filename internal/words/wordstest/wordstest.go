// Package wordstest checks language files, and makes one up that shows which
// words on a page come from no file.
package wordstest

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing/fstest"
	"text/template/parse"

	"github.com/weeklyarchive/weeklyarchive/internal/words"
)

// PseudoTag is the tag of the made-up language.
const PseudoTag = "en-XA"

const extension = ".html"

// WithPseudo returns the languages that we have and one more, which is English
// in letters that no keyboard has: on a page in it, an ASCII letter is a word
// that came from elsewhere.
func WithPseudo() (fs.FS, error) {
	all := fstest.MapFS{}
	names, err := fs.Glob(words.Files(), "*"+extension)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(words.Files(), name)
		if err != nil {
			return nil, err
		}
		all[name] = &fstest.MapFile{Data: text}
	}
	trees, err := trees(all, words.Fallback+extension)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(trees)) {
		if !isLayout(key) {
			(&disguise{}).list(trees[key].Root)
		}
		_, _ = fmt.Fprintf(&b, "{{define %q}}%s{{end}}\n", key, trees[key].Root)
	}
	all[PseudoTag+extension] = &fstest.MapFile{Data: []byte(b.String())}
	return all, nil
}

// isLayout tells the definitions that are for the program to read.
func isLayout(key string) bool { return key == "format.date" || key == "format.moment" }

// Disguise returns the text as the made-up language has it.
func Disguise(text string) string {
	const full = 'Ａ' - 'A'
	return strings.Map(func(c rune) rune {
		if 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' {
			return c + full
		}
		return c
	}, text)
}

// disguise goes through a definition in the order of its text.
type disguise struct{ inTag bool }

func (d *disguise) list(list *parse.ListNode) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		switch node := node.(type) {
		case *parse.TextNode:
			node.Text = []byte(d.text(string(node.Text)))
		case *parse.ActionNode:
			disguiseForms(node.Pipe)
		case *parse.IfNode:
			d.list(node.List)
			d.list(node.ElseList)
		case *parse.WithNode:
			d.list(node.List)
			d.list(node.ElseList)
		case *parse.RangeNode:
			d.list(node.List)
			d.list(node.ElseList)
		}
	}
}

// text disguises what is outside of tags.
func (d *disguise) text(text string) string {
	var b strings.Builder
	for text != "" {
		end := "<"
		if d.inTag {
			end = ">"
		}
		before, after, found := strings.Cut(text, end)
		if d.inTag {
			_, _ = b.WriteString(before)
		} else {
			_, _ = b.WriteString(Disguise(before))
		}
		if found {
			_, _ = b.WriteString(end)
			d.inTag = !d.inTag
		}
		text = after
	}
	return b.String()
}

// disguiseForms disguises the forms of a number.
func disguiseForms(pipe *parse.PipeNode) {
	for _, command := range pipe.Cmds {
		for i, form := range forms(command) {
			if i%2 == 1 {
				form.Text = Disguise(form.Text)
				form.Quoted = strconv.Quote(form.Text)
			}
		}
	}
}

// forms returns the pairs of category and text that a command picks from; nil
// for a command that picks nothing.
func forms(command *parse.CommandNode) []*parse.StringNode {
	name, ok := command.Args[0].(*parse.IdentifierNode)
	if !ok || name.Ident != "count" && name.Ident != "form" {
		return nil
	}
	var list []*parse.StringNode
	for _, arg := range command.Args[1:] {
		if text, ok := arg.(*parse.StringNode); ok {
			list = append(list, text)
		}
	}
	return list
}

// Faults compares every language of a file system with the fallback: each has
// to define the same keys, none of them empty, with the same arguments, and
// each choice by number needs a form for every other number.
func Faults(files fs.FS) ([]string, error) {
	want, err := trees(files, words.Fallback+extension)
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "*"+extension)
	if err != nil {
		return nil, err
	}
	var faults []string
	for _, name := range names {
		got, err := trees(files, name)
		if err != nil {
			return nil, err
		}
		for _, fault := range differences(want, got) {
			faults = append(faults, strings.TrimSuffix(path.Base(name), extension)+": "+fault)
		}
	}
	return faults, nil
}

func differences(want, got map[string]*parse.Tree) []string {
	var faults []string
	for _, key := range slices.Sorted(maps.Keys(want)) {
		tree, ok := got[key]
		if !ok {
			faults = append(faults, key+" is missing")
			continue
		}
		if strings.TrimSpace(tree.Root.String()) == "" {
			faults = append(faults, key+" is empty")
		}
		if w, g := arguments(want[key].Root), arguments(tree.Root); !maps.Equal(w, g) {
			faults = append(faults, fmt.Sprintf("%s uses %v, want %v", key, slices.Sorted(maps.Keys(g)), slices.Sorted(maps.Keys(w))))
		}
		if lacksOther(tree.Root) {
			faults = append(faults, key+` chooses by number without "other"`)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[key]; !ok {
			faults = append(faults, key+" is no key")
		}
	}
	return faults
}

// arguments returns what of its data a definition uses.
func arguments(root parse.Node) map[string]bool {
	used := map[string]bool{}
	walk(root, func(node parse.Node) {
		switch node := node.(type) {
		case *parse.FieldNode:
			used[node.String()] = true
		case *parse.DotNode:
			used["."] = true
		}
	})
	return used
}

func lacksOther(root parse.Node) bool {
	lacks := false
	walk(root, func(node parse.Node) {
		command, ok := node.(*parse.CommandNode)
		if !ok {
			return
		}
		pairs := forms(command)
		other := slices.ContainsFunc(pairs, func(s *parse.StringNode) bool { return s.Text == "other" })
		lacks = lacks || len(pairs) > 0 && !other
	})
	return lacks
}

// walk visits every node below one.
func walk(node parse.Node, visit func(parse.Node)) {
	visit(node)
	var below []parse.Node
	branch := func(b parse.BranchNode) {
		below = append(below, b.Pipe, b.List)
		if b.ElseList != nil {
			below = append(below, b.ElseList)
		}
	}
	switch node := node.(type) {
	case *parse.ListNode:
		below = node.Nodes
	case *parse.ActionNode:
		below = []parse.Node{node.Pipe}
	case *parse.IfNode:
		branch(node.BranchNode)
	case *parse.WithNode:
		branch(node.BranchNode)
	case *parse.RangeNode:
		branch(node.BranchNode)
	case *parse.PipeNode:
		for _, command := range node.Cmds {
			below = append(below, command)
		}
	case *parse.CommandNode:
		below = node.Args
	}
	for _, child := range below {
		walk(child, visit)
	}
}

// trees parses a language file into its definitions.
func trees(files fs.FS, name string) (map[string]*parse.Tree, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	all := map[string]*parse.Tree{}
	tree := parse.New(name)
	tree.Mode = parse.SkipFuncCheck
	if _, err := tree.Parse(string(text), "", "", all); err != nil {
		return nil, err
	}
	delete(all, name) // what stands between the definitions
	return all, nil
}
