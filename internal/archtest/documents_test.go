package archtest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var markdownLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)

func TestLinksInDocumentsLeadSomewhere(t *testing.T) {
	t.Parallel()
	documents := tracked(t, "*.md")
	if len(documents) < 5 {
		t.Fatalf("got %d documents, want the README and internal/docs", len(documents))
	}
	for _, document := range documents {
		for _, m := range markdownLink.FindAllStringSubmatch(read(t, document), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			path := filepath.Join(filepath.Dir(document), target)
			if target == "" {
				path = document
			}
			if _, err := os.Stat(filepath.Join(root, path)); err != nil {
				t.Errorf("%s: link to %s leads nowhere", document, m[1])
			} else if anchor != "" && strings.HasSuffix(path, ".md") && !slices.Contains(anchors(read(t, path)), anchor) {
				t.Errorf("%s: link to %s leads to no heading", document, m[1])
			}
		}
	}
}

var (
	heading   = regexp.MustCompile(`(?m)^#+ (.*)$`)
	codeBlock = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	notAnchor = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors are the names by which links reach the headings of a document: small
// letters, no signs, a hyphen for each blank.
func anchors(text string) []string {
	var list []string
	for _, m := range heading.FindAllStringSubmatch(codeBlock.ReplaceAllString(text, ""), -1) {
		list = append(list, strings.ReplaceAll(notAnchor.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return list
}

// The README begins with the three ways in: each a row of its first table, in
// the order of their sections, and who has to pay Spotify for it.
func TestREADMEBeginsWithThreeDoors(t *testing.T) {
	t.Parallel()
	before, _, _ := strings.Cut(read(t, "README.md"), "\n## ")
	doors := regexp.MustCompile(`(?m)^\| \[[^]]+\]\(#([a-z-]+)\) \|`).FindAllStringSubmatch(before, -1)
	if len(doors) != 3 {
		t.Fatalf("got %d doors before the first section, want 3", len(doors))
	}
	sections, at := anchors(read(t, "README.md")), 0
	for _, door := range doors {
		next := slices.Index(sections, door[1])
		if next < at {
			t.Errorf("the section %q is not there, or before the one of an earlier door", door[1])
		}
		at = next
	}
	if !strings.Contains(strings.Join(strings.Fields(before), " "), "Only the account that owns the app needs Spotify Premium; Spotify Free is enough for everybody else.") {
		t.Error("it does not say for whom Spotify Free is enough")
	}
}

var directRequire = regexp.MustCompile(`(?m)^(?:\t|require )([^\s/]+\.[^\s]+) v[^\s]+$`)

func TestEveryDependencyHasAReason(t *testing.T) {
	t.Parallel()
	reasons := read(t, "internal/docs/dependencies.md")
	for _, mod := range []string{"go.mod", "internal/acceptance/go.mod", "internal/release/go.mod"} {
		found := directRequire.FindAllStringSubmatch(read(t, mod), -1)
		if len(found) == 0 {
			t.Errorf("%s: no direct dependency found: the test checks nothing", mod)
		}
		for _, m := range found {
			if m[1] != module && !strings.Contains(reasons, "`"+m[1]+"`") {
				t.Errorf("%s: %s has no reason in internal/docs/dependencies.md", mod, m[1])
			}
		}
	}
}

var pinnedPackage = regexp.MustCompile(`(?m)^ {4}"([a-z-]+)": "(.*)"`)

func TestEveryPackageOfNpmIsPinnedAndHasAReason(t *testing.T) {
	t.Parallel()
	reasons := read(t, "internal/docs/dependencies.md")
	packages := pinnedPackage.FindAllStringSubmatch(read(t, npmPackages), -1)
	if len(packages) < 3 {
		t.Fatalf("got packages %v, want all", packages)
	}
	for _, m := range packages {
		if !strings.Contains(reasons, "`"+m[1]+"`") {
			t.Errorf("%s has no reason in internal/docs/dependencies.md", m[1])
		}
		if strings.Trim(m[2], "0123456789.") != "" {
			t.Errorf("%s: %q is not one version", m[1], m[2])
		}
	}
}

const npmPackages = "internal/acceptance/pages/package.json"

var reasonRow = regexp.MustCompile("(?m)^\\| `([^`]+)` \\|")

func TestEveryReasonHasADependency(t *testing.T) {
	t.Parallel()
	modules := read(t, "go.mod") + read(t, "internal/acceptance/go.mod") + read(t, "internal/release/go.mod")
	packages := read(t, npmPackages)
	for _, m := range reasonRow.FindAllStringSubmatch(read(t, "internal/docs/dependencies.md"), -1) {
		if strings.Contains(packages, `"`+m[1]+`": `) {
			continue
		}
		if !strings.Contains(modules, "\t"+m[1]+" v") && !strings.Contains(modules, "require "+m[1]+" v") {
			t.Errorf("internal/docs/dependencies.md: %s is no dependency any more", m[1])
		}
	}
}

func TestTopLevelStaysAsAgreed(t *testing.T) {
	t.Parallel()
	agreed := regexp.MustCompile(`^(functions/|internal/|terraform/|\.|go\.mod$|go\.sum$|Makefile$|README\.md$)`)
	for _, file := range tracked(t) {
		if !agreed.MatchString(file) {
			t.Errorf("%s lies outside the agreed top level", file)
		}
	}
}

var makeTarget = regexp.MustCompile("`make ([a-z-]+)")

func TestDocumentsNameOnlyTargetsThatExist(t *testing.T) {
	t.Parallel()
	makefile := read(t, "Makefile")
	named := 0
	for _, document := range tracked(t, "*.md") {
		for _, m := range makeTarget.FindAllStringSubmatch(read(t, document), -1) {
			named++
			if !strings.Contains(makefile, "\n"+m[1]+":") {
				t.Errorf("%s names `make %s`, which does not exist", document, m[1])
			}
		}
	}
	if named == 0 {
		t.Error("no document names a target: the test checks nothing")
	}
}

var envTag = regexp.MustCompile(`env:"([A-Z_]+)[,"]`)

func TestEveryLocalVariableIsInTheREADME(t *testing.T) {
	t.Parallel()
	readme := read(t, "README.md")
	source := read(t, "internal/config/config.go")
	start := strings.Index(source, "type Local struct")
	if start < 0 {
		t.Fatal("config.Local not found")
	}
	variables := envTag.FindAllStringSubmatch(source[start:], -1)
	if len(variables) < 5 {
		t.Fatalf("got %d variables of config.Local, want all", len(variables))
	}
	for _, m := range variables {
		if !strings.Contains(readme, "`"+m[1]+"`") {
			t.Errorf("README.md does not name %s", m[1])
		}
	}
}

var (
	namedTest = regexp.MustCompile("`(Test[A-Za-z0-9_]+|[a-z]+(?:_[a-z0-9]+){2,})`")
	goTest    = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	tfTest    = regexp.MustCompile(`(?m)^run "(\w+)"`)
)

// A threat that names a test which is gone is held by nothing.
func TestThreatsNameTestsThatExist(t *testing.T) {
	t.Parallel()
	exists := map[string]bool{}
	for pattern, form := range map[string]*regexp.Regexp{"*_test.go": goTest, "*.tftest.hcl": tfTest} {
		for _, file := range tracked(t, pattern) {
			for _, m := range form.FindAllStringSubmatch(read(t, file), -1) {
				exists[m[1]] = true
			}
		}
	}
	named := namedTest.FindAllStringSubmatch(read(t, "internal/docs/threats.md"), -1)
	if len(named) < 40 {
		t.Fatalf("got %d tests named, want those of every row", len(named))
	}
	for _, m := range named {
		if !exists[m[1]] {
			t.Errorf("internal/docs/threats.md: %s is no test", m[1])
		}
	}
}
